"""Minimal Debian root file systems to install the package in: made once by mmdebstrap (root), kept in the cache."""

import os
import shutil
import subprocess
from pathlib import Path

from deploy.debian.fetched import mirror

PACKAGES = "systemd-sysv,dbus,udev,python3,python3-systemd,iproute2,kmod,ca-certificates,tzdata"
"""What a Debian machine has that is no container, and what our package depends on: no network is needed then."""


def cached(release: str, arch: str = "amd64") -> Path:
    """The file system as a tar file."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chargepoint/roots"
    home.mkdir(parents=True, exist_ok=True)
    made = home / f"{release}-{arch}.tar"
    if not made.exists():
        unfinished = home / f"{release}-{arch}.{os.getpid()}.tar"
        command = ["mmdebstrap", "--variant=minbase", f"--architectures={arch}", f"--include={PACKAGES}", release]
        subprocess.run([*command, str(unfinished), mirror()], check=True, capture_output=True)
        unfinished.rename(made)
    return made


class Root:
    """A root file system in a folder of its own, and commands in it."""

    def __init__(self, folder: Path, release: str) -> None:
        self.folder = folder
        subprocess.run(["tar", "-xf", str(cached(release)), "-C", str(folder), "--exclude=./dev/*"], check=True)

    def put(self, file: Path, at: str) -> None:
        shutil.copy(file, self.folder / at.lstrip("/"))

    def run(self, command: str, *, check: bool = True) -> str:
        """What a shell in there says, with /proc and in a process space of its own; no init runs."""
        # "$0" is the folder, "$1" the command
        inside = 'mount -t proc proc "$0/proc" && exec chroot "$0" /bin/sh -c "$1"'
        done = subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "sh", "-c", inside, str(self.folder), command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
        )
        if check and done.returncode:
            raise AssertionError(f"{command}: status {done.returncode}\n{done.stdout}")
        return done.stdout

    def text(self, path: str) -> str:
        return (self.folder / path.lstrip("/")).read_text()

    def exists(self, path: str) -> bool:
        return os.path.lexists(self.folder / path.lstrip("/"))
