"""The grid's connection, in front of all EVSEs: the building's fuse and the balance of phases, as they are measured."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chargepoint.core.balance import Balance
from chargepoint.core.building import Building
from chargepoint.core.room import PHASES, ByPhase, Ceiling, by_phase

if TYPE_CHECKING:
    from chargepoint.core.evse import Evse


@dataclass(slots=True)
class Connection:
    """None: not declared."""

    building: Building | None = None
    balance: Balance | None = None

    def measured(self, main_a: Sequence[float], evses: Collection[Evse], now_s: float) -> None:
        """Amperes of each grid phase at the main meter; negative: the building gives."""
        if self.building is not None:
            self.building.measured(main_a, _drawn(evses, self.building.phases, certain=True), now_s)

    def ceilings(self, evses: Collection[Evse], now_s: float) -> Iterator[Ceiling]:
        if self.building is not None:
            yield self.building.ceiling(now_s)
        if self.balance is not None:
            yield self.balance.ceiling(_drawn(evses, PHASES, certain=False) or (0.0, 0.0, 0.0), now_s)


def _drawn(evses: Collection[Evse], supply_phases: int, *, certain: bool) -> ByPhase | None:
    """By all EVSEs, of each grid phase. One that is not known counts nothing; `certain`: then nothing is known."""
    each = [evse.drawn_a(supply_phases) for evse in evses]
    if certain and None in each:
        return None
    return by_phase(sum(drawn[place] for drawn in each if drawn is not None) for place in range(PHASES))
