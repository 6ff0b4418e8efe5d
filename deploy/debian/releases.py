"""The Debian releases and machines a package is made for.

Extension modules fit one minor version of Python and one machine, hence one package for each pair.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Release:
    """A Debian release: its own Python and its own C library decide which wheels fit."""

    name: str
    number: int
    python: tuple[int, int]
    glibc: tuple[int, int]

    @property
    def python_version(self) -> str:
        return f"{self.python[0]}.{self.python[1]}"

    @property
    def next_python(self) -> str:
        return f"{self.python[0]}.{self.python[1] + 1}"

    @property
    def abi(self) -> str:
        return f"cp{self.python[0]}{self.python[1]}"

    def version_of(self, version: str) -> str:
        """The package's version: greater for a later Debian, so that an upgrade of the system takes it."""
        return f"{version}+deb{self.number}"


RELEASES = {
    "bookworm": Release("bookworm", 12, (3, 11), (2, 36)),
    "trixie": Release("trixie", 13, (3, 13), (2, 41)),
}

MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
"""Debian's word for a machine, and everybody else's."""


@dataclass(frozen=True, slots=True)
class Target:
    """What one package is for."""

    release: Release
    arch: str  # amd64 or arm64

    @property
    def machine(self) -> str:
        return MACHINES[self.arch]

    def platforms(self) -> list[str]:
        """Wheel platform tags that this release's C library carries (PEP 600), newest first."""
        major, newest = self.release.glibc
        tags = [f"manylinux_{major}_{minor}_{self.machine}" for minor in range(newest, 16, -1)]
        return [*tags, f"manylinux2014_{self.machine}"]


ALL = [Target(release, arch) for release in RELEASES.values() for arch in MACHINES]


def here() -> Target:
    """For this machine: its processor, and the newest release no newer than its own."""
    machine = platform.machine()
    arch = next((arch for arch, name in MACHINES.items() if name == machine), "amd64")
    return Target(RELEASES.get(_codename(), RELEASES["trixie"]), arch)


def _codename() -> str:
    try:
        return platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    except OSError:
        return ""
