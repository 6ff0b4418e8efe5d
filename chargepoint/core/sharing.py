"""Gives the shares of the supply to the EVSEs, so that the fuse holds also while cars are still following.

A share falls at once. It rises only into what the others have really let go: a car has 5 s to follow a new duty cycle
(IEC 61851-1 table A.6), also when it begins to draw only now; a contactor that is not proven open still supplies, and
an EVSE the guard has not reported yet may be drawing all it can.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf

from chargepoint.core.connection import Connection
from chargepoint.core.evse import Evse
from chargepoint.core.limits import MIN_A, Limit, own_limits
from chargepoint.core.room import Ceiling, Room
from chargepoint.core.session import State
from chargepoint.core.supply import Demand, Supply

FOLLOW_S = 5.0
"""A car may draw by the duty cycle before for so long."""

IDLE_S = 120.0
"""A car that has been offered current for so long, and does not ask for it, leaves its turn to one that waits."""


@dataclass(slots=True)
class Sharing:
    """Who has which share, and who may still be drawing more."""

    supply: Supply
    connection: Connection = field(default_factory=Connection)
    profiles: Sequence[Ceiling] = ()  # what charging profiles leave to the station
    _unlimited: bool = False  # nothing limited the station when we last looked
    _had: dict[int, tuple[float, float]] = field(default_factory=dict)  # EVSE -> a former share, and until when
    _unasked_s: dict[int, float] = field(default_factory=dict)  # EVSE -> since when its offer is not asked for

    def share(self, evses: Collection[Evse], now_s: float) -> None:
        """Set `supply_a` of each, and `shared`: why."""
        self.supply.others = [*self.profiles, *self.connection.ceilings(evses, now_s)]
        for evse in evses:
            evse.shared = tuple(self._told(evse)) if self.supply.others else ()
        room = self.supply.room
        if room is None:
            self._free(evses)
            return
        for evse in evses if self._unlimited else ():
            evse.supply_a = evse.spec.max_current_a if _wants(evse) else None  # which it may have drawn until now
        self._unlimited = False
        wanting = [evse for evse in evses if _wants(evse)]
        ideal = self.supply.share([self._demand(evse, len(wanting), now_s) for evse in wanting], now_s)
        for evse in evses:
            self._lower(evse, ideal.get(evse.id), now_s)
        for evse in evses:
            self._raise(evse, ideal.get(evse.id), room, evses, now_s)

    def _told(self, evse: Evse) -> Iterator[Limit]:
        """What bounds all of them, as the most that this one could have of it."""
        grid = self._grid(evse)
        for ceiling in self.supply.others:
            if (amps := ceiling.allows_a(grid)) < inf:
                yield Limit(ceiling.source, int(amps * 10 + 1e-6) / 10, evse.spec.phases, ceiling.until)

    def _free(self, evses: Collection[Evse]) -> None:
        """Nothing limits the station as a whole."""
        self._unlimited = True
        for evse in evses:
            evse.supply_a = None

    def _lower(self, evse: Evse, amps: float | None, now_s: float) -> None:
        before = _share_a(evse)
        if before and (amps is None or amps < before):
            told = min(before, evse.seen.offered_a) if evse.seen.contactor == "open" else before
            had, until_s = self._had.get(evse.id, (told, now_s))
            self._had[evse.id] = max(told, had if now_s < until_s else told), now_s + FOLLOW_S
        evse.supply_a = None if amps is None else min(amps, before)

    def _raise(self, evse: Evse, amps: float | None, room: Room, evses: Collection[Evse], now_s: float) -> None:
        if amps is None:
            return
        others = [(self._grid(other), self._may_draw_a(other, now_s)) for other in evses if other is not evse]
        amps = max(min(amps, _left_a(room, self._grid(evse), others)), _share_a(evse))
        evse.supply_a = amps if amps >= MIN_A else 0.0

    def _grid(self, evse: Evse) -> tuple[int, ...]:
        return evse.used_grid if self.supply.phases > 1 else (0,)

    def _may_draw_a(self, evse: Evse, now_s: float) -> float:
        """Amperes per phase, at most."""
        if not evse.known:
            return evse.spec.max_current_a
        share = _share_a(evse)
        if evse.seen.contactor == "open" and share < MIN_A:
            return share  # with more it may close at any time, and the car begin with what it was offered before
        had, until_s = self._had.get(evse.id, (evse.spec.max_current_a, now_s))
        return max(share, evse.seen.offered_a, had if now_s < until_s or not _wants(evse) else share)

    def _demand(self, evse: Evse, wanting: int, now_s: float) -> Demand:
        """Beside others an idle car keeps what it needs to begin again, and they have the rest."""
        idle = self._idle(evse, now_s) and wanting > 1
        return Demand(
            evse.id, MIN_A if idle else most_a(evse), evse.spec.phases, evse.rotation,
            used=evse.used_grid, min_a=evse.least_a, idle=idle,
        )  # fmt: skip

    def _idle(self, evse: Evse, now_s: float) -> bool:
        if evse.seen.asking or evse.seen.offered_a < MIN_A:
            self._unasked_s.pop(evse.id, None)
            return False
        return now_s - self._unasked_s.setdefault(evse.id, now_s) >= IDLE_S


def most_a(evse: Evse) -> float:
    """Amperes per phase that the EVSE could use if it were alone."""
    return min(limit.amps for limit in own_limits(evse))


def _left_a(room: Room, grid: tuple[int, ...], others: Sequence[tuple[tuple[int, ...], float]]) -> float:
    """Amperes per phase that are left on these phases beside what others may draw on theirs."""
    by_phase = (room.phase_a[phase] - sum(amps for phases, amps in others if phase in phases) for phase in grid)
    together = (room.sum_a - sum(amps * len(phases) for phases, amps in others)) / len(grid)
    return min(together, *by_phase)


def _share_a(evse: Evse) -> float:
    return evse.supply_a or 0.0


def _wants(evse: Evse) -> bool:
    """Is somebody here who could use current? Not where a profile or the grid operator has paused him anyway."""
    return evse.session is not None and evse.session.state is State.SUPPLYING and most_a(evse) >= MIN_A
