"""An interpreter of a release's minor version, to make byte code with: byte code is the same for every machine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from deploy.debian.errors import BuildFailed
from deploy.debian.releases import Release


def interpreter_for(release: Release) -> list[str]:
    """A command that runs it: Debian's own before others that may be first on the path."""
    name = f"python{release.python_version}"
    for program in (f"/usr/bin/{name}", shutil.which(name)):
        if program and Path(program).exists() and _answers(program, release):
            return [program]
    raise BuildFailed(
        f"there is no {name} here, and the package for {release.name} carries byte code made by it.",
        fix=f"Install {name}, or choose another release: ./dev deb --release bookworm",
    )


def _answers(program: str, release: Release) -> bool:
    ask = "import sys; print(*sys.version_info[:2])"
    done = subprocess.run([program, "-I", "-c", ask], capture_output=True, text=True, check=False)
    return done.stdout.split() == [str(number) for number in release.python]
