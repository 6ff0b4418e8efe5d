"""Pins every dependency: `python -m deploy.debian.lock` writes requirements.lock anew from what pyproject.toml allows.

One version for all releases and machines, each file of it with its hash: what is built next year is what was tested,
and nothing that was changed on its way gets in.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from typing import Any

from deploy.debian.releases import ALL, Target
from deploy.debian.wheels import LOCK, ROOT

EXTRAS = ("gpio", "display", "sftp", "mqtt")
"""The others come from Debian: python3-systemd, python3-pyscard."""

LEFT_OUT = {"setuptools"}  # colorzero names it and does not import it

HEADER = """\
# What the Debian package carries beside the program itself. Written by: python -m deploy.debian.lock
"""


def main() -> int:
    wanted = _wanted()
    pins: dict[str, set[str]] = {}
    for target in ALL:
        for name, file_hash in _resolved(target, wanted):
            pins.setdefault(name, set()).add(file_hash)
    LOCK.write_text(HEADER + "".join(_entry(name, pins[name]) for name in sorted(pins)))
    names = [name.partition("==")[0] for name in pins]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        print(f"not the same version for all: {', '.join(sorted(twice))}", file=sys.stderr)
    return 1 if twice else 0


def _wanted() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(line for extra in EXTRAS if extra in extras for line in extras[extra])]


def _resolved(target: Target, wanted: list[str]) -> list[tuple[str, str]]:
    """Each package as "name==version", with the hash of the file for this target."""
    platforms = [word for tag in target.platforms() for word in ("--platform", tag)]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-"]
    command += ["--target", "/nonexistent", "--only-binary=:all:", "--implementation", "cp"]
    command += ["--python-version", target.release.python_version]
    command += ["--abi", target.release.abi, "--abi", "abi3", "--abi", "none", *platforms, *wanted]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return [_pin(item) for item in report["install"] if item["metadata"]["name"].lower() not in LEFT_OUT]


def _pin(item: dict[str, Any]) -> tuple[str, str]:
    metadata = item["metadata"]
    name = metadata["name"].lower().replace("_", "-")
    return f"{name}=={metadata['version']}", item["download_info"]["archive_info"]["hashes"]["sha256"]


def _entry(name: str, hashes: set[str]) -> str:
    return " \\\n".join([name, *(f"    --hash=sha256:{value}" for value in sorted(hashes))]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
