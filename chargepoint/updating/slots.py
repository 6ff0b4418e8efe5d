"""The two slots of a machine, as RAUC tells of them, and how the one that runs stands. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Unreadable(ValueError):
    """RAUC's answer is not what its documentation says."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the two root file systems."""

    name: str  # as the boot loader knows it: A, B
    booted: bool
    good: bool  # it has proven itself
    version: str = ""  # of the bundle in it; "" where it came with the medium


class Standing(Enum):
    """How the system that runs stands."""

    SETTLED = "settled"  # it has proven itself, and nothing waits
    ON_TRIAL = "on trial"  # it was installed, and has to prove itself
    WAITING = "waiting"  # something has been installed into the other slot, and not been started yet


@dataclass(frozen=True, slots=True)
class Slots:
    compatible: str  # what bundles must be for
    all: tuple[Slot, ...]
    next: str  # the name of the slot that is started at the next restart

    @property
    def booted(self) -> Slot:
        return next(slot for slot in self.all if slot.booted)

    @property
    def standing(self) -> Standing:
        if not self.booted.good:
            return Standing.ON_TRIAL
        ahead = [slot for slot in self.all if slot.name == self.next and not slot.booted]
        return Standing.WAITING if any(not slot.good for slot in ahead) else Standing.SETTLED


def read_slots(text: str) -> Slots:
    """What `rauc status --detailed --output-format=json` prints. Raises Unreadable."""
    try:
        told = json.loads(text)
        named = {name: slot for entry in told["slots"] for name, slot in entry.items() if slot.get("bootname")}
        primary = told["boot_primary"]
        slots = Slots(
            told["compatible"],
            tuple(_slot(slot) for _, slot in sorted(named.items())),
            named[primary]["bootname"] if primary in named else "",
        )
        _ = slots.booted
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration, RuntimeError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from None
    return slots


def _slot(told: dict[str, Any]) -> Slot:
    bundle = (told.get("slot_status") or {}).get("bundle") or {}
    return Slot(
        str(told["bootname"]), told["state"] == "booted", told.get("boot_status") == "good", bundle.get("version") or ""
    )
