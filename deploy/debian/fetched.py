"""Debian's own interpreter of another release, unpacked into the cache: it runs here on its own C library.

The packages come from where this machine's own come from (apt), and are checked as apt always does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from deploy.debian.errors import BuildFailed
from deploy.debian.releases import Release

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
LOADERS = {"amd64": "lib64/ld-linux-x86-64.so.2", "arm64": "lib/ld-linux-aarch64.so.1"}


def fetched(release: Release) -> list[str]:
    """A command that runs it. Raises BuildFailed."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chargepoint"
    root = home / f"python{release.python_version}-{release.name}"
    if not root.exists():
        fresh = root.with_name(f"{root.name}.{os.getpid()}")
        try:
            _unpack(release, fresh)
            with suppress(OSError):  # another build was quicker
                fresh.rename(root)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    libraries = next((root / "usr/lib").glob("*-linux-gnu"))
    loader = root / "usr" / LOADERS[_architecture()]
    return [str(loader), "--library-path", str(libraries), str(root / f"usr/bin/python{release.python_version}")]


def _unpack(release: Release, root: Path) -> None:
    work = root / "apt"
    for folder in ("lists/partial", "archives/partial", "packages"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()
    (work / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror()} {release.name} main\n")
    _apt(work, "update")
    _apt(work, "download", *_packages(release))
    for package in (work / "packages").glob("*.deb"):
        _run(["dpkg-deb", "-x", str(package), str(root)])
    shutil.rmtree(work)


def _packages(release: Release) -> list[str]:
    python = f"python{release.python_version}"
    return [f"{python}-minimal", f"lib{python}-minimal", f"lib{python}-stdlib", "libc6", "libexpat1", "zlib1g"]


def _apt(work: Path, *words: str) -> None:
    """apt-get with everything of its own below `work`."""
    places = {
        "Dir::State": work,
        "Dir::State::Lists": work / "lists",
        "Dir::State::status": work / "status",
        "Dir::Cache": work,
        "Dir::Etc::sourcelist": work / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "APT::Sandbox::User": "",  # root's folders are closed to the user that apt would otherwise fetch as
    }
    options = [word for key, value in places.items() for word in ("-o", f"{key}={value}")]
    _run(["apt-get", "-qq", *options, *words], work / "packages")


def mirror() -> str:
    """The archive that this machine installs from."""
    said = _run(["apt-get", "indextargets", "--format", "$(ORIGIN) $(COMPONENT) $(REPO_URI)"])
    for line in said.splitlines():
        origin, component, uri = line.split(" ", 2)
        if (origin, component) == ("Debian", "main") and "security" not in uri:
            return uri
    raise BuildFailed("apt knows no archive of Debian here.", fix="Run apt-get update, as root, and try again.")


def _architecture() -> str:
    return _run(["dpkg", "--print-architecture"]).strip()


def _run(command: list[str], folder: Path | None = None) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    except FileNotFoundError as missing:
        raise BuildFailed(f"there is no {missing.filename} here.", fix="Build on Debian.") from None
    if done.returncode:
        raise BuildFailed(f"{' '.join(command[:1])} failed:\n{done.stderr.strip()}", fix="Is the archive reachable?")
    return done.stdout
