"""What is examined: a configuration, a state directory, and what runs there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chargepoint.config import Config
from hw.discovery import GUARD_PARTS, Group, Place, guard_ports, is_hosted

Json = Mapping[str, Any]
PARTS = (*GUARD_PARTS, "meter")


@dataclass(frozen=True, slots=True)
class Device:
    """A driver of the daemon's."""

    group: Group
    table: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, slots=True)
class Station:
    """`status`: what the daemon says of itself, None where none runs; `guard`: process number of the one that runs."""

    config: Config
    path: Path
    state: Path
    status: Json | None = None
    guard: int | None = None

    @property
    def tables(self) -> list[Mapping[str, Any]]:
        """Of every driver that the file names."""
        config = self.config
        found = [getattr(evse, part) for evse in config.evses for part in PARTS]
        found += [*config.card_readers, *config.displays, config.sensors, *(meter.table for meter in config.meters)]
        return [table for table in found if table is not None]

    @property
    def simulates(self) -> bool:
        """Is any driver a simulated one?"""
        return any(table.get("driver") == "mock" for table in self.tables)

    @property
    def is_simulated(self) -> bool:
        """Are all of them, so that no device of this computer is of any interest?"""
        return all(table.get("driver") == "mock" for table in self.tables)

    def devices(self) -> Iterator[Device]:
        """What the daemon opens."""
        evses = self.config.evses
        ports = guard_ports(
            ({part: getattr(evse, part) for part in GUARD_PARTS} for evse in evses), self.config.sensors
        )
        for evse in evses:
            if evse.meter is not None and not is_hosted(evse.meter, ports):
                place = Place(f"evse.{evse.id}.meter", self.state, evse.id, phases=evse.phases)
                yield Device("meter", evse.meter, place)
        for number, meter in enumerate(self.config.meters):
            place = Place(f"meter.{number + 1}", self.state, number=number, phases=self.config.supply.phases)
            yield Device("meter", meter.table, place)
        for number, table in enumerate(self.config.card_readers):
            yield Device("card_reader", table, Place(f"card_reader.{number + 1}", self.state, number=number))
        for number, table in enumerate(self.config.displays):
            yield Device("display", table, Place(f"display.{number + 1}", self.state, number=number))
