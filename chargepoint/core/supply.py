"""One fuse, several EVSEs: who may take how much of it.

Never under 6 A each: where the supply is too small for all, fewer charge at a time and take turns. Amounts are counted
in tenths of an ampere per grid phase and rounded down, so that their sum never exceeds the fuse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chargepoint.core.limits import MIN_A
from chargepoint.core.metering import grid_phases

TURN_S = 900.0
"""How long an EVSE charges before another one that waits takes its place."""
STEP_A = 0.1
_MIN = round(MIN_A / STEP_A)


@dataclass(frozen=True, slots=True)
class Demand:
    """An EVSE that wants current now. `max_a`: amperes per phase it can use at most."""

    evse: int
    max_a: float
    phases: int = 3
    rotation: str = "RST"  # which grid phase (R, S, T) each of its phases is
    turn_began_s: float | None = None  # monotonic; None: it waits
    waiting_since_s: float = 0.0  # monotonic
    charged_s: float = 0.0  # in all its turns so far

    @property
    def steps(self) -> int:
        return _steps(self.max_a)

    def grid(self, supply_phases: int) -> tuple[int, ...]:
        return grid_phases(self.rotation, self.phases) if supply_phases > 1 else (0,)


def _steps(amps: float) -> int:
    """Whole tenths, rounded down; a tenth lost to binary fractions (6.3 = 62.99…) is given back."""
    return int(amps / STEP_A + 1e-6)


def share(
    total_a: float | None, demands: Sequence[Demand], now_s: float, *, phases: int = 3, turn_s: float = TURN_S
) -> dict[int, float]:
    """Amperes per phase for each EVSE; 0.0 for one that has to wait; empty where `total_a` is None: no limit is set.

    `total_a` is the fuse of each of the supply's `phases`.
    """
    if total_a is None:
        return {}
    room = [_steps(total_a)] * 3
    given = _serve(_in_order(demands, now_s, turn_s), room, phases)
    _fill(given, room, phases)
    return {demand.evse: given.get(demand, 0) / 10 for demand in demands}


def _in_order(demands: Iterable[Demand], now_s: float, turn_s: float) -> list[Demand]:
    """Whoever is in his turn goes on; then those who wait, the longest first; then those whose turn is over.

    Among equals, who has charged least comes first.
    """

    def rank(demand: Demand) -> tuple[int, float, float, int]:
        if demand.turn_began_s is None:
            return 1, demand.waiting_since_s, demand.charged_s, demand.evse
        if now_s - demand.turn_began_s < turn_s:
            return 0, demand.turn_began_s, demand.charged_s, demand.evse
        return 2, demand.charged_s, 0.0, demand.evse

    return sorted(demands, key=rank)


def _serve(demands: Iterable[Demand], room: list[int], phases: int) -> dict[Demand, int]:
    """Six amperes each, as far as they go."""
    given: dict[Demand, int] = {}
    for demand in demands:
        grid = demand.grid(phases)
        if demand.steps >= _MIN and all(room[phase] >= _MIN for phase in grid):
            given[demand] = _MIN
            _take(room, grid, _MIN)
    return given


def _take(room: list[int], grid: Iterable[int], steps: int) -> None:
    for phase in grid:
        room[phase] -= steps


def _fill(given: dict[Demand, int], room: list[int], phases: int) -> None:
    """Raise all of them together until each is satisfied or one of its phases is full."""
    rising = list(given)
    while rising:
        users = [sum(phase in demand.grid(phases) for demand in rising) for phase in range(3)]
        free = [room[phase] // users[phase] if users[phase] else room[phase] for phase in range(3)]
        step = min(min(free[phase] for phase in demand.grid(phases)) for demand in rising)
        step = min(step, *(demand.steps - given[demand] for demand in rising))
        for demand in rising if step else ():
            given[demand] += step
            _take(room, demand.grid(phases), step)
        rising = [demand for demand in rising if _can_rise(demand, given, free, step, phases)]


def _can_rise(demand: Demand, given: Mapping[Demand, int], free: Sequence[int], step: int, phases: int) -> bool:
    return given[demand] < demand.steps and all(free[phase] > step for phase in demand.grid(phases))


@dataclass(slots=True)
class Supply:
    """The supply over time: remembers who waits since when, and whose turn it is."""

    max_current_a: float = 0.0  # of the fuse, per phase; 0: no limit is set
    phases: int = 3
    ceiling_a: float | None = None  # what charging profiles leave to the station; None: they say nothing
    turn_s: float = TURN_S
    _turn_began: dict[int, float] = field(default_factory=dict)
    _waiting_since: dict[int, float] = field(default_factory=dict)
    _charged: dict[int, float] = field(default_factory=dict)
    _looked_s: float = 0.0

    @property
    def total_a(self) -> float | None:
        """Amperes per phase for all together; None: nothing limits them."""
        fuse_a = self.max_current_a if self.max_current_a > 0 else None
        return min((amps for amps in (fuse_a, self.ceiling_a) if amps is not None), default=None)

    def share(self, demands: Sequence[Demand], now_s: float) -> dict[int, float]:
        """What each may take from now on. Call it whenever a demand changes, and regularly for the turns."""
        self._count(demands, now_s)
        shares = share(
            self.total_a,
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
