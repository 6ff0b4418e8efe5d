"""What the daemon holds of the hardware: the guard, its meters and card readers, and the hand that simulates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from chargepoint.config import Config
from hw.api import CardReader, Meter
from hw.discovery import Place, load, simulator
from hw.guard.client import GuardLink

if TYPE_CHECKING:
    from chargepoint.web.controls import Simulator


@dataclass(slots=True)
class Hardware:
    """Everything the daemon may touch."""

    guard: GuardLink
    meters: Mapping[int, Meter] = field(default_factory=dict)  # EVSE -> its meter
    readers: Sequence[CardReader] = ()
    simulator: Simulator | None = None  # only while every pilot and contactor is simulated


def open_hardware(config: Config, guard: GuardLink, state_dir: Path) -> Hardware:
    """Build every driver the daemon owns. No device is touched yet.

    Raises:
        DriverMissing, OptionsWrong: the configuration names one that cannot be used.
    """
    meters = {
        evse.id: load("meter", evse.meter, Place(f"evse.{evse.id}.meter", state_dir, evse.id, phases=evse.phases))
        for evse in config.evses
        if evse.meter is not None
    }
    readers = [
        load("card_reader", table, Place(f"card_reader.{number + 1}", state_dir, number=number))
        for number, table in enumerate(config.card_readers)
    ]
    return Hardware(guard, meters, readers, simulator(state_dir) if config.mock else None)
