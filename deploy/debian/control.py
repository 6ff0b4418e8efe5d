"""DEBIAN/control."""

from __future__ import annotations

import os

from deploy.debian.releases import Target

TEMPLATE = """\
Package: chargepoint
Version: {version}
Architecture: {arch}
Maintainer: {maintainer}
Installed-Size: {size_kib}
Depends: {depends}
Recommends: systemd-timesyncd | time-daemon
Suggests: python3-pyscard, pcscd, modemmanager
Section: net
Priority: optional
Description: AC charge point for electric vehicles, with OCPP 1.6 and 2.0.1
 Makes a Raspberry Pi-class board an AC charge point: control pilot, contactor,
 plug lock, meters and card readers on one side, an OCPP back office on the
 other, and a page for the installer.
 .
 A guard process of its own watches pilot and contactor, whatever else the
 machine does. Every part can be simulated: as installed, the station is one.
"""


def control_file(target: Target, version: str, size_kib: int) -> str:
    release = target.release
    return TEMPLATE.format(
        version=release.version_of(version),
        arch=target.arch,
        maintainer=maintainer(),
        size_kib=size_kib,
        depends=", ".join(_depends(target)),
    )


def _depends(target: Target) -> list[str]:
    """The wheels bring their other libraries along."""
    release = target.release
    return [
        f"python3 (>= {release.python_version}~)",
        f"python3 (<< {release.next_python}~)",
        f"libc6 (>= {release.glibc[0]}.{release.glibc[1]})",
        "libgcc-s1",
        "python3-systemd",
        "systemd (>= 252)",
        "init-system-helpers (>= 1.65)",
        "ca-certificates",
        "tzdata",
    ]


def maintainer() -> str:
    """Whoever builds for others says so as with every Debian tool: DEBFULLNAME, DEBEMAIL."""
    name = os.environ.get("DEBFULLNAME", "chargepoint maintainers")
    return f"{name} <{os.environ.get('DEBEMAIL', 'maintainers@chargepoint.example')}>"
