"""What the daemon holds of the hardware: the guard, its meters and card readers, and the hand that simulates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chargepoint.config import Config, EvseConfig
from chargepoint.hosted import HostedMeter
from chargepoint.texts import LANGUAGES, display_words
from hw.api import CardReader, Display, Meter, Report
from hw.discovery import GUARD_PARTS, Place, guard_ports, is_hosted, load, simulator
from hw.guard.client import GuardLink

if TYPE_CHECKING:
    from chargepoint.web.controls import Simulator


@dataclass(slots=True)
class Hardware:
    """Everything the daemon may touch."""

    guard: GuardLink
    meters: Mapping[int, Meter] = field(default_factory=dict)  # EVSE -> its meter
    readers: Sequence[CardReader] = ()
    displays: Sequence[Display] = ()
    station_meters: Sequence[tuple[str, Meter]] = ()  # role and meter
    simulator: Simulator | None = None  # only while every pilot and contactor is simulated

    def heard(self, report: Report) -> None:
        """A report of the guard: it may bring a reading of a meter that the guard hosts."""
        meter = self.meters.get(report.evse)
        if isinstance(meter, HostedMeter):
            meter.heard(report.reading)


def open_hardware(config: Config, guard: GuardLink, state_dir: Path) -> Hardware:
    """Build every driver the daemon owns. No device is touched yet.

    Raises:
        DriverMissing, OptionsWrong: the configuration names one that cannot be used.
    """
    readers = [
        load("card_reader", table, Place(f"card_reader.{number + 1}", state_dir, number=number))
        for number, table in enumerate(config.card_readers)
    ]
    displays = [
        load("display", table, Place(f"display.{number + 1}", state_dir, number=number, words=_words(config, table)))
        for number, table in enumerate(config.displays)
    ]
    station_meters = [
        (each.role, load("meter", each.table, Place(f"meter.{number + 1}", state_dir, number=number)))
        for number, each in enumerate(config.meters)
    ]
    hand = simulator(state_dir) if config.mock else None
    return Hardware(guard, meters_of(config, state_dir), readers, displays, station_meters, hand)


def _words(config: Config, table: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """A display speaks its own language, or the station's. A table that names one we do not know is refused by load."""
    language = table.get("language") or config.station.language
    return display_words(language) if language in LANGUAGES else {}


def meters_of(config: Config, state_dir: Path) -> dict[int, Meter]:
    """EVSE -> its meter. No device is touched yet."""
    ports = guard_ports(({part: getattr(evse, part) for part in GUARD_PARTS} for evse in config.evses), config.sensors)
    return {evse.id: _meter(evse, ports, state_dir) for evse in config.evses if evse.meter is not None}


def _meter(evse: EvseConfig, ports: frozenset[str], state_dir: Path) -> Meter:
    place = Place(f"evse.{evse.id}.meter", state_dir, evse.id, phases=evse.phases)
    if is_hosted(evse.meter, ports):
        return HostedMeter(f"[{place.where}]")
    return load("meter", evse.meter or {}, place)
