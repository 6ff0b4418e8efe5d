"""A machine with two systems, as RAUC and a boot loader would show it, for virtual time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chargepoint.updating.rauc import Bundle, NoSlots, Progress
from chargepoint.updating.refusals import meaning
from chargepoint.updating.slots import Slot, Slots


def a_bundle(version: str = "2.0.0", compatible: str = "acme-wall", says: str = "") -> bytes:
    """`says`: what RAUC will say against it."""
    return f"compatible: {compatible}\nversion: {version}\nsays: {says}\n".encode()


@dataclass
class TwoSystems:
    """Slot A runs, and came with the medium. `deaf`: RAUC's service does not answer."""

    versions: dict[str, str] = field(default_factory=lambda: {"A": "1.0.0", "B": ""})
    good: dict[str, bool] = field(default_factory=lambda: {"A": True, "B": False})
    booted: str = "A"
    primary: str = "A"
    tried: str = ""  # next time, once
    takes_s: float = 30.0
    deaf: bool = False
    boots: dict[str, bool] = field(default_factory=lambda: {"A": True, "B": True})
    half: Callable[[], None] = lambda: None  # called in the middle of an installation

    # --- as `updating.installer.Machine` ------------------------------------------------------------------------------

    async def slots(self) -> Slots:
        if self.deaf:
            raise NoSlots("the slots of this machine are not known", where="RAUC", fix="Ask it.")
        all_slots = tuple(
            Slot(name, name == self.booted, self.good[name], self.versions[name]) for name in sorted(self.versions)
        )
        return Slots("acme-wall", all_slots, self.tried or self.primary)

    async def bundle(self, file: Path) -> Bundle:
        told = _read(file)
        if told.get("says", "").startswith("Invalid") or "signature" in told.get("says", "") or "version" not in told:
            raise meaning(told.get("says") or "Invalid bundle format")
        return Bundle(told["compatible"], told["version"])

    async def install(self, file: Path, progress: Progress) -> None:
        told, other = _read(file), "B" if self.booted == "A" else "A"
        self.good[other], self.versions[other] = False, ""
        self.tried = "" if self.tried == other else self.tried
        progress(20, "Checking bundle")
        await asyncio.sleep(self.takes_s / 2)
        self.half()
        progress(80, "Copying image to rootfs.1")
        await asyncio.sleep(self.takes_s / 2)
        if told.get("says"):
            raise meaning(told["says"])
        self.versions[other], self.tried = told["version"], other

    async def mark_good(self) -> None:
        self.good[self.booted], self.primary, self.tried = True, self.booted, ""

    def image_version(self) -> str:
        return self.versions[self.booted]

    # --- the boot loader ----------------------------------------------------------------------------------------------

    def restart(self) -> None:
        """The one that is tried gets its chance; one that does not boot is followed by the other."""
        chosen, self.tried = self.tried or self.primary, ""
        self.booted = chosen if self.boots[chosen] else self.primary


def _read(file: Path) -> dict[str, str]:
    return dict(re.findall(r"^(\w+): (.*)$", file.read_text(errors="replace"), re.MULTILINE))
