"""How firmware gets onto this machine: one small interface, so that a package or an A/B bundle can stand behind it.

Nothing from inside a payload is run before its signature has been checked; what installs it is the operator's program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from chargepoint.programs import KEPT_BYTES, Ended, run

PROGRAM_WITHIN_S = 1_800.0
"""An installation takes minutes on a slow card; after half an hour it will not end."""

NOT_FOR_US = 65
"""The program's exit status for a payload that it will not have: of another model, older, broken (EX_DATAERR of
sysexits.h). Whether an older version may replace a newer one is the program's to decide."""

_VERSION = re.compile(r"^version=(\S{1,50})\s*$", re.MULTILINE)


class InstallFailed(Exception):
    """Why the payload is not installed, in a sentence; what was there before still is."""


class InstallRefused(InstallFailed):
    """It is not for this station; nothing was changed."""


class Installer(Protocol):
    @property
    def checks_signatures(self) -> bool:
        """Does it know by itself whom to believe?"""
        ...

    async def check(self, payload: Path) -> None:
        """Could it be installed, as far as can be told without doing so? Raises InstallFailed."""
        ...

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
    checks_signatures: bool = False

    async def check(self, payload: Path) -> None:
        """It says so when it is run."""

    async def install(self, payload: Path) -> str:
        try:
            return self._meaning(await self._run(payload))
        except TimeoutError:
            raise InstallFailed(f"{self.program} did not end within {PROGRAM_WITHIN_S / 60:.0f} minutes") from None
        except OSError as error:
            raise InstallFailed(f"{self.program} cannot be run: {error.strerror}") from error

    async def _run(self, payload: Path) -> Ended:
        command = (str(self.program), str(payload))
        return await run(command, within_s=PROGRAM_WITHIN_S, environment=self.station, together=True)

    def _meaning(self, ended: Ended) -> str:
        if ended.status == 0:
            found = _VERSION.findall(ended.said)
            return str(found[-1]) if found else ""
        last = ended.said.strip().rpartition("\n")[2][:200]
        kind = InstallRefused if ended.status == NOT_FOR_US else InstallFailed
        raise kind(f"{self.program} ended with status {ended.status}{f': {last}' if last else ''}")


@dataclass(slots=True)
class MockInstaller:
    """For simulated hardware: takes what its first lines say to be for this model and not older than what runs.

    They may be "model: Wall 22" and "version: 2.1.0"; "broken" as the first word, or an empty file, is just that.
    """

    model: str = ""
    version: str = ""
    runs_next: Callable[[str], None] = lambda version: None
    installed: list[Path] = field(default_factory=list)
    checks_signatures: bool = False

    async def check(self, payload: Path) -> None:
        """What is simulated is looked at when it is installed."""

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
