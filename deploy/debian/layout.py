"""Where everything of the package lies: one function for each kind of thing."""

from __future__ import annotations

import gzip
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from deploy.debian.control import maintainer
from deploy.debian.copyrights import copyright_file
from deploy.debian.documents import examples, pages
from deploy.debian.manual import manual
from deploy.debian.releases import Release
from deploy.debian.wheels import ROOT
from deploy.debian.wire import wire
from deploy.sbom import as_text, of_package

HERE = Path(__file__).parent
LIB = "usr/lib/chargepoint"
SITE = f"{LIB}/site-packages"
DOC = "usr/share/doc/chargepoint"

PYVENV = """\
home = /usr/bin
include-system-site-packages = true
"""

LAUNCHER = """\
#!/usr/lib/chargepoint/bin/python3 -I
import sys

from {module} import main

sys.exit(main())
"""

CHANGELOG = """\
chargepoint ({version}) stable; urgency=medium

  * See /usr/share/doc/chargepoint/CHANGELOG.md

 -- {maintainer}  {date}
"""

LAUNCHERS = {
    "usr/bin/chargepoint": "chargepoint.__main__",
    f"{LIB}/guard": "hw.guard.__main__",
    f"{LIB}/mock": "hw.mock.__main__",
}

FILES = {
    "chargepoint.toml": "etc/chargepoint/chargepoint.toml",
    "sysusers.conf": "usr/lib/sysusers.d/chargepoint.conf",
    "tmpfiles.conf": "usr/lib/tmpfiles.d/chargepoint.conf",
    "udev.rules": "usr/lib/udev/rules.d/70-chargepoint.rules",
    "lintian-overrides": "usr/share/lintian/overrides/chargepoint",
}

CONFFILES = ("/etc/chargepoint/chargepoint.toml",)


def lay_out(root: Path, release: Release, version: str, made_at: datetime) -> None:
    """Everything but the site-packages, which are there already. `version`: the package's."""
    _environment(root, release)
    _launchers(root)
    for source, target in FILES.items():
        _put(root / target, (HERE / source).read_bytes())
    for unit in sorted((*(ROOT / "deploy").glob("*.service"), *(ROOT / "deploy").glob("*.path"))):
        _put(root / "usr/lib/systemd/system" / unit.name, unit.read_bytes())
    _put(root / LIB / "guard-wire", wire().encode())
    _put_packed(root / "usr/share/man/man1/chargepoint.1.gz", manual(f"{made_at:%Y-%m-%d}").encode())
    _documents(root)
    bill = of_package(root / SITE, version, at=made_at)
    _put(root / DOC / "sbom.cdx.json", as_text(bill).encode())
    _put_packed(root / DOC / "changelog.gz", _changelog(version, made_at).encode())


def _environment(root: Path, release: Release) -> None:
    """A virtual environment without a copy of Python: what the launchers start finds our packages, and what that starts
    does too. Debian's own packages (python3-systemd) come after ours.
    """
    _put(root / LIB / "pyvenv.cfg", PYVENV.encode())
    _link(root / LIB / "bin/python3", f"../../../bin/python{release.python_version}")
    _link(root / LIB / f"lib/python{release.python_version}/site-packages", "../../site-packages")


def _launchers(root: Path) -> None:
    for path, module in LAUNCHERS.items():
        _put(root / path, LAUNCHER.format(module=module).encode())


def _documents(root: Path) -> None:
    documents = root / DOC
    for name, content in examples():
        _put(documents / "examples" / name, content)
    for name in ("CHANGELOG.md", "SECURITY.md"):
        _put(documents / name, (ROOT / name).read_bytes())
    _put(documents / "copyright", copyright_file(root / SITE).encode())
    for name, content in pages():
        _put(documents / "docs" / name, content)


def _changelog(version: str, made_at: datetime) -> str:
    """Debian's form of it: which version this is. What is new stands in CHANGELOG.md beside it."""
    return CHANGELOG.format(version=version, maintainer=maintainer(), date=format_datetime(made_at))


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o644)


def _put_packed(path: Path, content: bytes) -> None:
    _put(path, gzip.compress(content, 9, mtime=0))


def _link(path: Path, target: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def set_modes(root: Path) -> None:
    """Whatever mask the builder has, and whatever a wheel says: nothing but the launchers is to be run."""
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.relative_to(root).as_posix() in LAUNCHERS else 0o644)
