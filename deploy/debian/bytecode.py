"""Byte code for the release's own Python, made here: a Pi would need a minute, and a read-only root has no place.

The files carry a hash of their source that nobody checks (PEP 552): dpkg owns both, and no time of a file matters.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from deploy.debian.errors import BuildFailed
from deploy.debian.interpreters import interpreter_for
from deploy.debian.releases import Release

COMPILE = """
import compileall, py_compile, sys
site, installed_at = sys.argv[1:]
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
done = compileall.compile_dir(site, quiet=1, stripdir=site, prependdir=installed_at, invalidation_mode=mode)
sys.exit(not done)
"""


def compile_all(site: Path, release: Release, installed_at: str) -> None:
    """Write every `__pycache__`; tracebacks will name files where they are installed."""
    command = [*interpreter_for(release), "-I", "-S", "-c", COMPILE, str(site), installed_at]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONHASHSEED": "0"})
    if done.returncode:
        raise BuildFailed(
            f"not everything compiles:\n{done.stdout[-2000:]}{done.stderr[-2000:]}", fix="Mend that file."
        )
