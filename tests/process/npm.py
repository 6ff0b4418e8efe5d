"""Packages of npm for tests, installed the first time they are wanted; the lock file beside says exactly which."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

BUILD = Path(__file__).parent.parent.parent / "build"
INSTALL_S = 120


def installed(source: Path, what: str) -> Path:
    """The folder with the packages that `source` names; skips the test where there is no node."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip(f"{what} needs node and npm (apt-get install nodejs npm)")
    wanted = [source / "package.json", source / "package-lock.json"]
    key = hashlib.sha256(b"".join(path.read_bytes() for path in wanted)).hexdigest()[:16]
    cache = BUILD / source.name.replace("_", "-")
    folder = cache / key
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test workers start at once
        if not (folder / "installed").exists():
            _install(folder, wanted, what)
    return folder


def _install(folder: Path, wanted: list[Path], what: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in wanted:
        shutil.copy(path, folder)
    done = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True, timeout=INSTALL_S
    )
    if done.returncode:
        pytest.fail(f"npm could not install what {what} needs:\n{done.stdout}{done.stderr}")
    (folder / "installed").touch()
