"""A station from the image in a virtual machine: its card seen from an installer's laptop, its network, its plug.

Nothing of a test is in the image. What a test must see inside it asks a root shell on the second serial line, which the
kernel's command line opens (`systemd.debug_shell`): whoever can write that holds the card in his hand anyway.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

MIB = 1024 * 1024
BOOT_AT = 1 * MIB  # where the boot partition begins; deploy/image/build.sh lays them out in this order
BOOT_S = 300  # an emulated processor that others want too
LOOK_AGAIN_S = 0.2
PAGE = 8080

OPTIONS = "panic=10 console=ttyS0,115200 loglevel=4 systemd.show_status=yes systemd.debug_shell=ttyS1"
FIRMWARE = Path("/usr/share/ovmf/OVMF.fd")
ACCELERATION = os.environ.get("CHARGEPOINT_VM_ACCEL", "tcg,thread=multi")  # "kvm", where it works


class Machine:
    """One station. Its disk outlives its power."""

    def __init__(self, image: Path, folder: Path, disk_gib: int = 4) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.disk = folder, folder / "disk.img"
        subprocess.run(["cp", "--sparse=always", "--reflink=auto", image, self.disk], check=True)
        os.truncate(self.disk, disk_gib * 1024 * MIB)
        self.page_port = _free_port()
        self.ssh_port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0

    # --- the card in a laptop -------------------------------------------------------------------------------------

    def put(self, name: str, content: str | bytes) -> None:
        """A file onto the boot partition."""
        source = self.folder / "put"
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        self._mtools("mcopy", "-o", str(source), f"::{name}")

    def remove(self, name: str) -> None:
        self._mtools("mdel", f"::{name}")

    def read(self, name: str) -> bytes:
        """A file of the boot partition."""
        return self._mtools("mtype", f"::{name}")

    def lies_on_boot(self, name: str) -> bool:
        return name.lower() in self._mtools("mdir", "-b", "::").decode().lower().replace("::/", "").split()

    def report(self) -> str:
        return self.read("chargepoint-report.txt").decode("utf-8-sig").replace("\r\n", "\n")

    def data(self, path: str) -> bytes:
        """A file of the data partition, empty where there is none; the station's own path below /data."""
        start, _ = self.partition("data")
        command = ["debugfs", "-R", f"cat {path}", f"{self.disk}?offset={start}"]
        return subprocess.run(command, capture_output=True, check=True).stdout

    def partition(self, name: str) -> tuple[int, int]:
        """First byte and size of the partition with that name."""
        table = subprocess.run(["sfdisk", "--dump", self.disk], capture_output=True, text=True, check=True).stdout
        row = next(line for line in table.splitlines() if f'name="{name}"' in line)
        start, size = (int(re.findall(rf"{key}=\s*(\d+)", row)[0]) * 512 for key in ("start", "size"))
        return start, size

    def _mtools(self, *command: str) -> bytes:
        words = [command[0], "-i", f"{self.disk}@@{BOOT_AT}", *command[1:]]
        return subprocess.run(
            words, capture_output=True, check=True, env={**os.environ, "MTOOLS_SKIP_CHECK": "1"}
        ).stdout

    # --- its power ------------------------------------------------------------------------------------------------

    def boot(
        self,
        *,
        by_firmware: bool = False,
        options: str = "",
        rtc: str = "utc",
        network: Sequence[str] = (),
        watch: bool = False,
    ) -> None:
        """Switch it on. `by_firmware`: as on a desk, by GRUB from the disk; else slot A's kernel at once, much sooner.

        `network`: other QEMU -netdevs than the usual one; that of the station has the id "net". `watch`: its hardware
        watchdog resets it.
        """
        assert self._process is None
        self._starts += 1
        self.console_file.unlink(missing_ok=True)
        start = ["-bios", str(FIRMWARE)] if by_firmware else self._kernel(options)
        usual = f"user,id=net,hostfwd=tcp:127.0.0.1:{self.page_port}-:{PAGE},hostfwd=tcp:127.0.0.1:{self.ssh_port}-:22"
        command = [
            "qemu-system-x86_64", "-M", "q35", "-accel", ACCELERATION, "-cpu", "max", "-smp", "2", "-m", "1024",
            *start, "-rtc", f"base={rtc}", "-nodefaults", "-display", "none",
            "-drive", f"file={self.disk},format=raw,if=virtio,cache=writeback",
            *(word for net in network or (usual,) for word in ("-netdev", net)), "-device", "virtio-net-pci,netdev=net",
            "-device", "i6300esb", "-action", f"watchdog={'reset' if watch else 'none'}",
            "-serial", f"file:{self.console_file}", "-serial", f"unix:{self.folder / 'shell'},server=on,wait=off",
            "-monitor", f"unix:{self.folder / 'monitor'},server=on,wait=off",
        ]  # fmt: skip
        with (self.folder / "qemu.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _kernel(self, options: str) -> list[str]:
        for name in ("vmlinuz", "initrd.img"):
            (self.folder / name).write_bytes(self.read(f"slot-a/{name}"))
        line = f"root=PARTLABEL=root-a rootfstype=squashfs ro rauc.slot=A {OPTIONS} {options}"
        return ["-kernel", str(self.folder / "vmlinuz"), "-initrd", str(self.folder / "initrd.img"), "-append", line]

    def cut_power(self) -> None:
        """What its kernel has not written is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def switch_off(self, timeout_s: float = 120) -> None:
        """In order, as its power button does."""
        assert self._process is not None
        self.shell("systemctl poweroff")
        try:
            self._process.wait(timeout_s)
        finally:
            self.cut_power()

    def monitor(self, command: str) -> str:
        """What QEMU's monitor answers."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(str(self.folder / "monitor"))
            _until(line, r"\(qemu\) $")
            line.sendall(command.encode() + b"\n")
            return _until(line, r"\(qemu\) $")

    # --- its console and its inside -------------------------------------------------------------------------------

    @property
    def console_file(self) -> Path:
        return self.folder / f"console-{self._starts}.log"

    @property
    def console(self) -> str:
        content = self.console_file.read_bytes() if self.console_file.exists() else b""
        return content.decode(errors="replace")

    def says(self, pattern: str, timeout_s: float = BOOT_S) -> str:
        """Wait until the console shows it; what was found."""
        return self.until(lambda: re.search(pattern, self.console), f"the console never said {pattern!r}", timeout_s)[0]

    def shell(self, command: str, timeout_s: float = BOOT_S) -> str:
        """What root would read on the station. Raises AssertionError where the command fails."""
        mark = secrets.token_hex(4)
        deadline_s = time.monotonic() + timeout_s
        while True:
            with suppress(OSError, TimeoutError):
                return self._ask(command, mark, max(2.0, min(60.0, deadline_s - time.monotonic())))
            assert time.monotonic() < deadline_s, f"no answer to {command!r}\n{self.console[-3000:]}"
            self._still_runs()
            time.sleep(LOOK_AGAIN_S)

    def _ask(self, command: str, mark: str, timeout_s: float) -> str:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.folder / "shell"))
            line.settimeout(20)  # while nobody listens there yet
            line.sendall(b"\nexec env TERM=dumb SYSTEMD_COLORS=0 SYSTEMD_PAGER=cat PS1= /bin/sh\n")
            line.sendall(f"stty -echo -onlcr; printf 'here-%s\\n' {mark}\n".encode())
            _until(line, rf"here-{mark}\n")
            line.settimeout(timeout_s)
            line.sendall(f"({command}) 2>&1; printf 'done-%s-%s\\n' {mark} $?\n".encode())
            answer = _until(line, rf"done-{mark}-(\d+)\n")
        text, _, status = answer.rpartition(f"done-{mark}-")
        assert status == "0\n", f"{command} ended with {status}:\n{text}"
        return text

    def until(self, look: Callable[[], T | None], failing: str, timeout_s: float = BOOT_S) -> T:
        """Ask again and again until something is found."""
        deadline_s = time.monotonic() + timeout_s
        while not (found := look()):
            self._still_runs()
            assert time.monotonic() < deadline_s, f"{failing}\n{self.console[-3000:]}"
            time.sleep(LOOK_AGAIN_S)
        return found

    def _still_runs(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            raise AssertionError(f"the machine has ended:\n{(self.folder / 'qemu.log').read_text()[-2000:]}")


def _until(line: socket.socket, end: str) -> str:
    """What comes in until `end` does, and that."""
    content = b""
    while not re.search(end, content.decode(errors="replace")):
        piece = line.recv(65536)
        if not piece:
            raise OSError("the line was closed")
        content += piece
    return content.decode(errors="replace")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def machine(image: Path, folder: Path) -> Iterator[Machine]:
    made = Machine(image, folder)
    try:
        yield made
    finally:
        made.cut_power()
        print(made.console[-4000:])
        made.disk.unlink()
