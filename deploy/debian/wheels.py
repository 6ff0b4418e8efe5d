"""Brings this program and its dependencies into a folder, for a machine that need not be this one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.debian.errors import BuildFailed
from deploy.debian.releases import Target

ROOT = Path(__file__).resolve().parents[2]
LOCK = Path(__file__).with_name("requirements.lock")

SOURCES = ("chargepoint", "hw", "pyproject.toml", "README.md", "LICENSE", "NOTICE")
"""What the program's own wheel is made of."""

NOT_NEEDED = ("bin", "*.pyx", "*.pxd", "*.pyi", "*.c", "*.h", "RECORD", "REQUESTED", "INSTALLER", "direct_url.json")
"""Sources, types and pip's own notes: nobody reads them at a station, and the notes name the machine that built it."""


def fill(site: Path, target: Target, scratch: Path) -> None:
    """Everything a station imports, in `site`."""
    wheel = _own_wheel(scratch)
    _pip_install(site, target, ["--require-hashes", "-r", str(LOCK)])
    _pip_install(site, target, [str(wheel)])
    for pattern in NOT_NEEDED:
        for path in list(site.rglob(pattern) if "." in pattern or pattern.isupper() else site.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _own_wheel(scratch: Path) -> Path:
    """From a copy: setuptools leaves traces, and would take up those of former builds."""
    tree, made = scratch / "source", scratch / "wheel"
    for name in SOURCES:
        _copy(ROOT / name, tree / name)
    _run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(made),
            str(tree),
        ]
    )
    return next(made.glob("*.whl"))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy2(source, target)


def _pip_install(site: Path, target: Target, what: list[str]) -> None:
    platforms = [word for tag in target.platforms() for word in ("--platform", tag)]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--only-binary=:all:"]
    command += ["--target", str(site), "--python-version", target.release.python_version]
    command += ["--implementation", "cp", "--abi", target.release.abi, "--abi", "abi3", "--abi", "none"]
    _run([*command, *platforms, *what])


def _run(command: list[str]) -> None:
    environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise BuildFailed(
            f"pip failed:\n{done.stderr.strip()}", fix="Check the line, or the package index, and try again."
        )
