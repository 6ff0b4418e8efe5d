"""An interpreter of a release's minor version, to make byte code with: byte code is the same for every machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

from deploy.debian.errors import BuildFailed
from deploy.debian.fetched import fetched
from deploy.debian.releases import Release


def interpreter_for(release: Release) -> list[str]:
    """A command that runs it: this machine's, if it is Debian's own of that release, or the archive's."""
    installed = f"/usr/bin/python{release.python_version}"
    command = [installed] if Path(installed).exists() else fetched(release)
    if not _answers(command, release):
        raise BuildFailed(
            f"{command[-1]} does not run here, and the package for {release.name} carries byte code made by it.",
            fix=f"Install python{release.python_version}, or build for another release: --release.",
        )
    return command


def _answers(command: list[str], release: Release) -> bool:
    ask = "import sys; print(*sys.version_info[:2])"
    done = subprocess.run([*command, "-I", "-S", "-c", ask], capture_output=True, text=True, check=False)
    return done.stdout.split() == [str(number) for number in release.python]
