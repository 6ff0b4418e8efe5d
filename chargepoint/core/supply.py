"""One fuse, several EVSEs: who may take how much of it.

Never under 6 A each: where the supply is too small for all, fewer charge at a time and take turns. Amounts are counted
in tenths of an ampere per grid phase, and of all phases added up, and rounded down, so that no sum exceeds its ceiling.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite

from chargepoint.core.limits import MIN_A
from chargepoint.core.metering import grid_phases
from chargepoint.core.room import PHASES, Ceiling, Room, each

TURN_S = 900.0
"""How long an EVSE charges before another one that waits takes its place."""
STEP_A = 0.1
_MIN = round(MIN_A / STEP_A)
Needs = list[tuple[int, int]]
"""Place and steps."""
_SUM = PHASES  # the place of all phases added up, behind those of each phase
_NO_END = 10**9  # steps where there is no ceiling


@dataclass(frozen=True, slots=True)
class Demand:
    """An EVSE that wants current now. `max_a`: amperes per phase it can use at most."""

    evse: int
    max_a: float
    phases: int = 3
    rotation: str = "RST"  # which grid phase (R, S, T) each of its phases is
    used: tuple[int, ...] | None = None  # grid phases the car was found to draw on; None: it may draw on all
    min_a: float = MIN_A  # it would rather wait than charge with less, while others can use it
    idle: bool = False  # it has had an offer for some time, and does not ask for it
    turn_began_s: float | None = None  # monotonic; None: it waits
    waiting_since_s: float = 0.0  # monotonic
    charged_s: float = 0.0  # in all its turns so far

    @property
    def steps(self) -> int:
        return _steps(self.max_a)

    @property
    def least(self) -> int:
        """Steps that it would rather have than none."""
        return max(_MIN, min(_steps(self.min_a), self.steps))

    def grid(self, supply_phases: int) -> tuple[int, ...]:
        if supply_phases == 1:
            return (0,)
        return self.used or grid_phases(self.rotation, self.phases)


def _steps(amps: float) -> int:
    """Whole tenths, rounded down; a tenth lost to binary fractions (6.3 = 62.99…) is given back."""
    return max(int(amps / STEP_A + 1e-6), 0) if isfinite(amps) else _NO_END


def share(
    room: Room | None, demands: Sequence[Demand], now_s: float, *, phases: int = 3, turn_s: float = TURN_S
) -> dict[int, float]:
    """Amperes per phase for each EVSE; 0.0 for one that has to wait; empty where `room` is None: no limit is set.

    `phases`: that the supply has.
    """
    if room is None:
        return {}
    left = [_steps(amps) for amps in (*room.phase_a, room.sum_a)]
    given = _serve(_in_order(demands, now_s, turn_s), left, phases)
    _fill(given, left, phases)
    return {demand.evse: given.get(demand, 0) / 10 for demand in demands}


def _in_order(demands: Iterable[Demand], now_s: float, turn_s: float) -> list[Demand]:
    """Whoever is in his turn goes on; then those who wait, the longest first; then those whose turn is over, or unused.

    Among equals, who has charged least comes first.
    """

    def rank(demand: Demand) -> tuple[int, float, float, int]:
        if demand.turn_began_s is None:
            return 1, demand.waiting_since_s, demand.charged_s, demand.evse
        if now_s - demand.turn_began_s < turn_s and not demand.idle:
            return 0, demand.turn_began_s, demand.charged_s, demand.evse
        return 2, demand.charged_s, 0.0, demand.evse

    return sorted(demands, key=rank)


def _serve(demands: Sequence[Demand], left: list[int], phases: int) -> dict[Demand, int]:
    """The least that each can do with, as far as it goes: first what they would like it to be, then six amperes."""
    given: dict[Demand, int] = {}
    for demand in demands:
        _give(demand, demand.least, given, left, phases)
    for demand in demands:
        if demand not in given:
            _give(demand, _MIN, given, left, phases)
    return given


def _give(demand: Demand, steps: int, given: dict[Demand, int], left: list[int], phases: int) -> None:
    needs = _needs(demand, steps, phases)
    if demand.steps >= _MIN and all(left[place] >= wanted for place, wanted in needs):
        given[demand] = steps
        _take(left, needs)


def _needs(demand: Demand, steps: int, phases: int) -> Needs:
    """What `steps` on each of its phases take, from where."""
    grid = demand.grid(phases)
    return [*((phase, steps) for phase in grid), (_SUM, steps * len(grid))]


def _take(left: list[int], needs: Needs, times: int = 1) -> None:
    for place, wanted in needs:
        left[place] -= wanted * times


def _fill(given: dict[Demand, int], left: list[int], phases: int) -> None:
    """Raise whoever has least, all of those together, until each is satisfied or one of its phases is full."""
    rising = {demand for demand in given if given[demand] < demand.steps}
    while rising:
        level = min(given[demand] for demand in rising)
        lowest = {demand: _needs(demand, 1, phases) for demand in rising if given[demand] == level}
        free = _free(lowest.values(), left)
        step = min(free[place] for needs in lowest.values() for place, _ in needs)
        step = min(step, *(demand.steps - level for demand in lowest))
        step = min([step, *(given[demand] - level for demand in rising if given[demand] > level)])
        for demand, needs in lowest.items() if step else ():
            given[demand] += step
            _take(left, needs, step)
        rising -= {demand for demand, needs in lowest.items() if any(free[place] <= step for place, _ in needs)}
        rising -= {demand for demand in lowest if given[demand] >= demand.steps}


def _free(rising: Iterable[Needs], left: Sequence[int]) -> list[int]:
    """By how many steps all of them together may rise, at each place."""
    users = [0] * len(left)
    for needs in rising:
        for place, wanted in needs:
            users[place] += wanted
    return [room // wanted if wanted else _NO_END for room, wanted in zip(left, users, strict=True)]


@dataclass(slots=True)
class Supply:
    """The supply over time: remembers who waits since when, and whose turn it is."""

    max_current_a: float = 0.0  # of the fuse, per phase; 0: no limit is set
    phases: int = 3
    others: Sequence[Ceiling] = ()  # beside the fuse: profiles, the building, the balance of phases
    turn_s: float = TURN_S
    _turn_began: dict[int, float] = field(default_factory=dict)
    _waiting_since: dict[int, float] = field(default_factory=dict)
    _charged: dict[int, float] = field(default_factory=dict)
    _looked_s: float = 0.0

    @property
    def ceilings(self) -> list[Ceiling]:
        """All that bounds the EVSEs together."""
        fuse = [Ceiling("supply", each(self.max_current_a))] if self.max_current_a > 0 else []
        return [*fuse, *self.others]

    @property
    def room(self) -> Room | None:
        """For all together; None: nothing limits them."""
        return Room.below(self.ceilings)

    def share(self, demands: Sequence[Demand], now_s: float) -> dict[int, float]:
        """What each may take from now on. Call it whenever a demand changes, and regularly for the turns."""
        self._count(demands, now_s)
        shares = share(
            self.room,
            [self._remembered(demand, now_s) for demand in demands],
            now_s,
            phases=self.phases,
            turn_s=self.turn_s,
        )
        self._remember(shares, now_s)
        return shares

    def _remembered(self, demand: Demand, now_s: float) -> Demand:
        return replace(
            demand,
            turn_began_s=self._turn_began.get(demand.evse),
            waiting_since_s=self._waiting_since.get(demand.evse, now_s),
            charged_s=self._charged[demand.evse],
        )

    def _count(self, demands: Iterable[Demand], now_s: float) -> None:
        """Who has charged for how long; those who left are forgotten."""
        passed_s, self._looked_s = now_s - self._looked_s, now_s
        self._charged = {
            demand.evse: self._charged.get(demand.evse, 0.0) + (passed_s if demand.evse in self._turn_began else 0.0)
            for demand in demands
        }

    def _remember(self, shares: Mapping[int, float], now_s: float) -> None:
        """Who charges on although his turn was over, for nobody waited, begins another one."""
        charging = {evse for evse, amps in shares.items() if amps > 0}
        began = {evse: self._turn_began.get(evse, now_s) for evse in charging}
        self._turn_began = {evse: at_s if now_s - at_s < self.turn_s else now_s for evse, at_s in began.items()}
        self._waiting_since = {evse: self._waiting_since.get(evse, now_s) for evse in shares.keys() - charging}
