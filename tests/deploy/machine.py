"""A Debian machine with the package installed: real systemd in a container (systemd-nspawn), started in two seconds.

It shares the network with whoever runs the tests, so that a back office on this side's loopback can be reached. A layer
over the common root takes what one machine writes; it is what a disk is: it survives the machine's end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

UP_S = 40.0
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
HOSTS = "127.0.0.1 localhost\n"


class Machine:
    """Over the root file system `below`, which it leaves alone."""

    def __init__(self, below: Path, folder: Path) -> None:
        self.folder, self.root = folder, folder / "root"
        self._container: subprocess.Popen[bytes] | None = None
        self._init = 0  # its process 1, as seen from here
        for name in ("root", "upper", "work"):
            (folder / name).mkdir()
            (folder / name).chmod(0o755)
        layers = f"lowerdir={below},upperdir={folder}/upper,workdir={folder}/work,volatile"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, str(self.root)], check=True)
        self.write("/etc/hosts", HOSTS)

    # --- power --------------------------------------------------------------------------------------------------------

    def boot(self) -> None:
        """Until systemd has started everything that it starts."""
        command = ["systemd-nspawn", "--register=no", "--keep-unit", "--quiet", "--boot", "--console=pipe"]
        # what a machine may that is no container: lock memory, and give a service a network of its own
        command += ["--rlimit=MEMLOCK=infinity", "--capability=CAP_NET_ADMIN"]
        with (self.folder / "console").open("ab") as console:
            self._container = subprocess.Popen(
                [*command, f"--directory={self.root}"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                env=os.environ | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )  # fmt: skip
        self._init = self._first_process(self._container)
        said = ""
        deadline_s = time.monotonic() + UP_S
        while said not in ("running", "degraded"):
            assert time.monotonic() < deadline_s, f"the machine does not come up: {said}"
            time.sleep(0.1)
            said = self.run("systemctl is-system-running", check=False).strip()

    def cut_power(self) -> None:
        """Everything in it ends at once; nothing is told, nothing is tidied up."""
        if self._container is not None:
            with suppress(ProcessLookupError):
                os.kill(self._init, signal.SIGKILL)
            self._container.wait(20)
            self._container = None

    def ended(self, within_s: float) -> int:
        """How its container has ended, by itself: 0 switched off, 133 restarted."""
        assert self._container is not None
        status = self._container.wait(within_s)
        self._container = None
        return status

    def remove(self) -> None:
        self.cut_power()
        subprocess.run(["umount", "--recursive", "--lazy", str(self.root)], check=True)

    def _first_process(self, container: subprocess.Popen[bytes]) -> int:
        children = Path(f"/proc/{container.pid}/task/{container.pid}/children")
        deadline_s = time.monotonic() + UP_S
        while time.monotonic() < deadline_s:
            if container.poll() is not None:
                break
            for child in map(int, children.read_text().split()):
                if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                    return child
            time.sleep(0.02)
        raise AssertionError(f"the container does not start: {(self.folder / 'console').read_text()}")

    # --- in it --------------------------------------------------------------------------------------------------------

    def run(self, command: str, *, check: bool = True) -> str:
        """What a shell in there says."""
        done = subprocess.run(
            [*self._enter(), "/bin/sh", "-c", command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            env=ENVIRONMENT,
        )  # fmt: skip
        if check and done.returncode:
            raise AssertionError(f"{command}: status {done.returncode}\n{done.stdout}")
        return done.stdout

    def status_of(self, command: str) -> tuple[int, str]:
        """Exit status and words."""
        said = self.run(f"{command}; echo $?", check=False).rstrip("\n").rpartition("\n")
        return int(said[2]), said[0]

    def _enter(self) -> Sequence[str]:
        return ["nsenter", "--target", str(self._init), "--mount", "--pid", "--uts", "--ipc", "--cgroup"]

    def path(self, inside: str) -> Path:
        """A file as the machine sees it, with all that it has mounted; while it is off, on its disk."""
        root = self.root if self._container is None else Path(f"/proc/{self._init}/root")
        return root / inside.lstrip("/")

    def write(self, inside: str, content: str) -> None:
        self.path(inside).write_text(content)

    # --- its services -------------------------------------------------------------------------------------------------

    def asked(self, unit: str, what: str) -> str:
        """A property of a unit."""
        return self.run(f"systemctl show --property={what} --value {unit}").strip()

    def pid(self, unit: str) -> int:
        """As the machine numbers its processes; 0 where none runs."""
        return int(self.asked(unit, "MainPID"))

    def send(self, unit: str, sign: signal.Signals) -> None:
        """To its main process."""
        self.run(f"kill -{sign.name.removeprefix('SIG')} {self.pid(unit)}")

    def journal(self, unit: str, options: str = "") -> str:
        return self.run(f"journalctl --no-pager --output=cat --unit={unit} {options}")
