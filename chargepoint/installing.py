"""How firmware gets onto this machine: one small interface, so that a package or an A/B bundle can stand behind it.

Nothing from inside a payload is run before its signature has been checked; what installs it is the operator's program.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

log = logging.getLogger(__name__)

PROGRAM_WITHIN_S = 1_800.0
"""An installation takes minutes on a slow card; after half an hour it will not end."""

LAST_WAIT_S = 60.0
"""For a program that is at work when this one is told to end: half an installation is worse than a late end."""

NOT_FOR_US = 65
"""The program's exit status for a payload that it will not have: of another model, older, broken (EX_DATAERR of
sysexits.h). Whether an older version may replace a newer one is the program's to decide."""

KEPT_BYTES = 4_096
"""Of what the program says: the last of it."""

_VERSION = re.compile(r"^version=(\S{1,50})\s*$", re.MULTILINE)


class InstallFailed(Exception):
    """Why the payload is not installed, in a sentence; what was there before still is."""


class InstallRefused(InstallFailed):
    """It is not for this station; nothing was changed."""


class Installer(Protocol):
    async def install(self, payload: Path) -> str:
        """Put it in place; it runs from the next restart on. Returns its version, "" where that is not known.

        Raises InstallFailed.
        """
        ...


@dataclass(slots=True)
class ProgramInstaller:
    """A local program that takes the payload's path as its only argument and says by exit status 0 that it is done.

    It may say `version=2.1.0` on a line of its own: what will run after the restart. `station`: what it gets to know
    of this one, as environment variables.
    """

    program: Path
    station: Mapping[str, str] = field(default_factory=dict)

    async def install(self, payload: Path) -> str:
        process = await self._begin(payload)
        try:
            async with asyncio.timeout(PROGRAM_WITHIN_S):
                said = await _last_words(process)
                status = await process.wait()
        except TimeoutError:
            raise InstallFailed(f"{self.program} did not end within {PROGRAM_WITHIN_S / 60:.0f} minutes") from None
        except asyncio.CancelledError:
            await _let_end(process)
            raise
        finally:
            await _end(process)
        return self._meaning(status, said)

    async def _begin(self, payload: Path) -> Process:
        try:
            return await asyncio.create_subprocess_exec(
                str(self.program), str(payload), stdin=DEVNULL, stdout=PIPE, stderr=STDOUT,
                start_new_session=True, cwd="/", env={**_plain_environment(), **self.station},
            )  # fmt: skip
        except OSError as error:
            raise InstallFailed(f"{self.program} cannot be run: {error.strerror}") from error

    def _meaning(self, status: int, said: str) -> str:
        if status == 0:
            found = _VERSION.findall(said)
            return str(found[-1]) if found else ""
        last = said.strip().rpartition("\n")[2][:200]
        kind = InstallRefused if status == NOT_FOR_US else InstallFailed
        raise kind(f"{self.program} ended with status {status}{f': {last}' if last else ''}")


def _plain_environment() -> dict[str, str]:
    """Without what the service manager, or whoever started us, has put there for us alone."""
    return {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "HOME", "TZ")}


async def _last_words(process: Process) -> str:
    said = b""
    while process.stdout is not None and (chunk := await process.stdout.read(KEPT_BYTES)):
        said = (said + chunk)[-KEPT_BYTES:]
    return said.decode(errors="replace")


async def _let_end(process: Process) -> None:
    log.warning("the program that installs firmware is at work: it gets %.0f s to end", LAST_WAIT_S)
    with suppress(TimeoutError):
        async with asyncio.timeout(LAST_WAIT_S):
            await _last_words(process)
            await process.wait()


async def _end(process: Process) -> None:
    """With all that it has started."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


@dataclass(slots=True)
class MockInstaller:
    """For simulated hardware: takes what its first lines say to be for this model and not older than what runs.

    They may be "model: Wall 22" and "version: 2.1.0"; "broken" as the first word, or an empty file, is just that.
    """

    model: str = ""
    version: str = ""
    runs_next: Callable[[str], None] = lambda version: None
    installed: list[Path] = field(default_factory=list)

    async def install(self, payload: Path) -> str:
        head = _head(payload)
        told = dict(re.findall(r"^(model|version): (.+?)\s*$", head, re.MULTILINE))
        if head.startswith("broken") or not head:
            raise InstallFailed("the simulated payload is broken")
        if told.get("model", self.model) != self.model:
            raise InstallRefused(f"the simulated payload is for {told['model']}")
        version: str = told.get("version", "")
        if version and _order(version) < _order(self.version):
            raise InstallRefused(f"the simulated payload is older: {version}")
        self.installed.append(payload)
        if version:
            self.runs_next(version)
        return version


def _head(payload: Path) -> str:
    with payload.open("rb") as file:
        return file.read(KEPT_BYTES).decode("ascii", errors="replace")


def _order(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]
