"""Gives the shares of the supply to the EVSEs, so that the fuse holds also while cars are still following.

A share falls at once. It rises only into what the others have really let go: a car has 5 s to follow a new duty cycle
(IEC 61851-1 table A.6), a contactor that is not proven open still supplies, and an EVSE the guard has not reported yet
may be drawing all it can.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from chargepoint.core.evse import Evse
from chargepoint.core.limits import MIN_A
from chargepoint.core.session import State
from chargepoint.core.supply import Demand, Supply

FOLLOW_S = 5.0
"""A car may draw by the duty cycle before for so long."""


@dataclass(slots=True)
class Sharing:
    """Who has which share, and who may still be drawing more."""

    supply: Supply
    _unlimited: bool = False  # nothing limited the station when we last looked
    _had: dict[int, tuple[float, float]] = field(default_factory=dict)  # EVSE -> a former share, and until when

    def share(self, evses: Collection[Evse], now_s: float) -> None:
        """Set `supply_a` of each."""
        if self.supply.total_a is None:
            self._free(evses)
            return
        for evse in evses if self._unlimited else ():
            evse.supply_a = evse.spec.max_current_a if _wants(evse) else None  # which it may have drawn until now
        self._unlimited = False
        ideal = self.supply.share([_demand(evse) for evse in evses if _wants(evse)], now_s)
        for evse in evses:
            self._lower(evse, ideal.get(evse.id), now_s)
        for evse in evses:
            self._raise(evse, ideal.get(evse.id), evses, now_s)

    def _free(self, evses: Collection[Evse]) -> None:
        """Nothing limits the station as a whole."""
        self._unlimited = True
        for evse in evses:
            evse.supply_a = None

    def _lower(self, evse: Evse, amps: float | None, now_s: float) -> None:
        before = _share_a(evse)
        if before and (amps is None or amps < before):
            had, until_s = self._had.get(evse.id, (before, now_s))
            self._had[evse.id] = max(before, had if now_s < until_s else before), now_s + FOLLOW_S
        evse.supply_a = None if amps is None else min(amps, before)

    def _raise(self, evse: Evse, amps: float | None, evses: Collection[Evse], now_s: float) -> None:
        if amps is None:
            return
        others = [(self._grid(other), self._may_draw_a(other, now_s)) for other in evses if other is not evse]
        used = max(sum(drawn for grid, drawn in others if phase in grid) for phase in self._grid(evse))
        amps = max(min(amps, (self.supply.total_a or 0.0) - used), _share_a(evse))
        evse.supply_a = amps if amps >= MIN_A else 0.0

    def _grid(self, evse: Evse) -> tuple[int, ...]:
        return _demand(evse).grid(self.supply.phases)

    def _may_draw_a(self, evse: Evse, now_s: float) -> float:
        """Amperes per phase, at most."""
        if not evse.known:
            return evse.spec.max_current_a
        share = _share_a(evse)
        if evse.seen.contactor == "open":
            return share
        had, until_s = self._had.get(evse.id, (evse.spec.max_current_a, now_s))
        return max(share, evse.seen.offered_a, had if now_s < until_s or not _wants(evse) else share)


def _share_a(evse: Evse) -> float:
    return evse.supply_a or 0.0


def _wants(evse: Evse) -> bool:
    return evse.session is not None and evse.session.state is State.SUPPLYING


def _demand(evse: Evse) -> Demand:
    return Demand(evse.id, evse.spec.max_current_a, evse.spec.phases, evse.rotation)
