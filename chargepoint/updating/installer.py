"""RAUC as the station's installer: a bundle goes into the other slot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chargepoint.installing import InstallFailed, InstallRefused
from chargepoint.updating.rauc import Bundle, NoSlots, Progress
from chargepoint.updating.slots import Slots
from chargepoint.updating.versions import is_older


class Machine(Protocol):
    """What the rest of the program needs of RAUC; `updating.rauc.Rauc` has it, and a machine that tests make up."""

    async def slots(self) -> Slots: ...
    async def bundle(self, file: Path) -> Bundle: ...
    async def install(self, file: Path, progress: Progress) -> None: ...
    async def mark_good(self) -> None: ...
    def image_version(self) -> str: ...


def _nobody(percent: int, doing: str) -> None:
    """Nobody looks at it while it goes on."""


@dataclass(slots=True)
class RaucInstaller:
    """`version`: of the system that runs. Nothing older is taken, whoever has signed it: old holes stay closed."""

    machine: Machine
    version: str
    told: Progress = _nobody
    checks_signatures: bool = True
    percent: int | None = None  # of an installation that is under way
    doing: str = ""

    async def check(self, payload: Path) -> None:
        """Is it a bundle for this station that may replace what runs? Raises InstallFailed."""
        await self._checked(payload)

    async def install(self, payload: Path) -> str:
        bundle = await self._checked(payload)
        try:
            await self.machine.install(payload, self._progressed)
        finally:
            self.percent, self.doing = None, ""
        return bundle.version

    async def _checked(self, payload: Path) -> Bundle:
        bundle = await self.machine.bundle(payload)
        if is_older(bundle.version, self.version):
            raise InstallRefused(f"it is older than what runs: {bundle.version}, and this is {self.version}")
        try:
            ours = (await self.machine.slots()).compatible
        except NoSlots as trouble:
            raise InstallFailed(trouble.what) from None
        if bundle.compatible != ours:
            raise InstallRefused(f"it is for other hardware ({bundle.compatible}), and this is {ours}")
        return bundle

    def _progressed(self, percent: int, doing: str) -> None:
        self.percent, self.doing = percent, doing
        self.told(percent, doing)
