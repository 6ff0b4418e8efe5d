"""RAUC's real service on a bus of its own, with two slots that are files and the back-end of deploy/rauc."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chargepoint.updating.rauc import Rauc
from tests.process.boot_medium import RAUC, BootMedium

BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={place}/bus</listen>
  <servicedir>{place}/services</servicedir>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
  </policy>
</busconfig>
"""

ACTIVATED = """\
[D-BUS Service]
Name=de.pengutronix.rauc
Exec=/bin/sh {place}/service
"""

CONF = """\
[system]
compatible=acme-wall
bootloader=custom
mountprefix={place}/mnt
statusfile={place}/status.raucs

[keyring]
path={place}/maker.pem
use-bundle-signing-time=true

[handlers]
bootloader-custom-backend={place}/backend

[slot.rootfs.0]
device={place}/root-a
type=raw
bootname=A

[slot.rootfs.1]
device={place}/root-b
type=raw
bootname=B
"""

BACKEND = """\
#!/bin/sh
if [ -e {place}/cut ] && [ "$1" = set-primary ]; then
    rm {place}/cut
    kill -9 "$(cat {place}/service.pid)"
    exit 1
fi
BOOT={medium.boot} CMDLINE={medium.place}/cmdline exec {backend} "$@"
"""

CLIENT = """\
#!/bin/sh
DBUS_SYSTEM_BUS_ADDRESS=unix:path={place}/bus exec rauc --conf={place}/system.conf "$@"
"""

SERVICE = "echo $$ >{place}/service.pid; exec rauc --conf={place}/system.conf --override-boot-slot={slot} service\n"


class Machine:
    """What runs is slot A; RAUC's service is started when it is asked for the first time, as systemd does."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.medium = BootMedium(place / "medium")
        for name in ("mnt", "services"):
            (place / name).mkdir()
        for name in ("root-a", "root-b"):
            (place / name).write_bytes(b"old system".ljust(1 << 20, b"\0"))
        self._write("bus.conf", BUS)
        self._write("services/de.pengutronix.rauc.service", ACTIVATED)
        self._write("system.conf", CONF)
        self._write("backend", BACKEND.format(medium=self.medium, backend=RAUC / "by-file", place=place), program=True)
        self._write("client", CLIENT, program=True)
        self.keys("maker")
        self.boot_as("A")

    def _write(self, name: str, text: str, *, program: bool = False) -> None:
        (self.place / name).write_text(text.replace("{place}", str(self.place)))
        (self.place / name).chmod(0o755 if program else 0o644)

    @property
    def rauc(self) -> Rauc:
        return Rauc(str(self.place / "client"))

    def boot_as(self, slot: str) -> None:
        self.medium.boot_as(slot)
        self._write("service", SERVICE.replace("{slot}", slot))

    def restart(self) -> str:
        """Power off and on: the service is gone, the medium is as it was."""
        self.end_service()
        slot = self.medium.restart()
        self.boot_as(slot)
        return slot

    def end_service(self) -> None:
        file = self.place / "service.pid"
        if file.exists():
            pid = int(file.read_text())
            file.unlink()
            subprocess.run(["kill", str(pid)], check=False, capture_output=True)
            while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
                pass  # milliseconds

    def will_lose_power(self) -> None:
        """When the slot is written and nothing has been arranged yet."""
        (self.place / "cut").touch()

    # --- the maker ----------------------------------------------------------------------------------------------------

    def keys(self, name: str) -> None:
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        files = ["-keyout", self.place / f"{name}.key", "-out", self.place / f"{name}.pem", "-subj", f"/CN={name}"]
        subprocess.run([*command, *files], check=True, capture_output=True)

    def bundle(self, content: bytes, *, by: str = "maker", compatible: str = "acme-wall", version: str = "2.1.0",
               form: str = "plain") -> Path:  # fmt: skip
        """A plain one needs no device mapper, which not every machine that runs the tests has."""
        folder, file = self.place / "content", self.place / f"{by}-{compatible}-{version}.raucb"
        folder.mkdir(exist_ok=True)
        (folder / "rootfs.img").write_bytes(content)
        (folder / "manifest.raucm").write_text(
            f"[update]\ncompatible={compatible}\nversion={version}\n[bundle]\nformat={form}\n"
            "[image.rootfs]\nfilename=rootfs.img\n"
        )
        file.unlink(missing_ok=True)
        signer = [f"--cert={self.place / by}.pem", f"--key={self.place / by}.key"]
        subprocess.run(["rauc", *signer, "bundle", folder, file], check=True, capture_output=True)
        return file


@contextmanager
def a_machine(place: Path) -> Iterator[Machine]:
    machine = Machine(place)
    bus = subprocess.Popen(
        ["dbus-daemon", f"--config-file={place}/bus.conf", "--nofork", "--print-address"],
        stdout=subprocess.PIPE, env=os.environ, cwd=place,
    )  # fmt: skip
    assert bus.stdout is not None
    bus.stdout.readline()
    try:
        yield machine
    finally:
        machine.end_service()
        subprocess.run(["umount", "--quiet", "--recursive", place / "mnt/bundle"], check=False, capture_output=True)
        bus.terminate()
        bus.wait()
        bus.stdout.close()
