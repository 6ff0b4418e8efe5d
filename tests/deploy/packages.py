"""The package that the tests install, built once, and the same as if of a later version."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from chargepoint.version import VERSION
from deploy.debian.package import build
from deploy.debian.releases import RELEASES, Target


@cache
def this(release: str, folder: Path) -> Path:
    return build(Target(RELEASES[release], "amd64"), folder, compression="none")


def later(package: Path, version: str = "9.9.9") -> Path:
    tree, made = package.with_suffix(".tree"), package.with_name("next.deb")
    subprocess.run(["dpkg-deb", "-R", str(package), str(tree)], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(control.read_text().replace(f"Version: {VERSION}", f"Version: {version}"))
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", str(tree), str(made)], check=True)
    return made
