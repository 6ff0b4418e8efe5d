"""How firmware gets onto this machine: one small interface, so that a package or an A/B bundle can stand behind it.

Nothing from inside a payload is run before its signature has been checked; what installs it is the operator's program.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

log = logging.getLogger(__name__)

PROGRAM_WITHIN_S = 1_800.0
"""An installation takes minutes on a slow card; after half an hour it will not end."""


class InstallFailed(Exception):
    """Why the payload is not installed, in a sentence; what was there before still is."""


class Installer(Protocol):
    async def install(self, payload: Path) -> None:
        """Put it in place; it runs from the next restart on. Raises InstallFailed."""
        ...


@dataclass(slots=True)
class ProgramInstaller:
    """A local program that takes the payload's path as its only argument and says by exit status 0 that it is done."""

    program: Path

    async def install(self, payload: Path) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                str(self.program), str(payload), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise InstallFailed(f"{self.program} cannot be run: {error.strerror}") from error
        try:
            async with asyncio.timeout(PROGRAM_WITHIN_S):
                said, _ = await process.communicate()
        except TimeoutError:
            raise InstallFailed(f"{self.program} did not end within {PROGRAM_WITHIN_S / 60:.0f} minutes") from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode != 0:
            last = said.decode(errors="replace").strip().rpartition("\n")[2][:200]
            raise InstallFailed(f"{self.program} ended with status {process.returncode}{f': {last}' if last else ''}")


@dataclass(slots=True)
class MockInstaller:
    """For simulated hardware: takes any payload but an empty one, or one that begins with "broken"."""

    installed: list[Path] = field(default_factory=list)

    async def install(self, payload: Path) -> None:
        if _head(payload) in (b"", b"broken"):
            raise InstallFailed("the simulated payload is broken")
        self.installed.append(payload)


def _head(payload: Path) -> bytes:
    with payload.open("rb") as file:
        return file.read(len(b"broken"))
