"""How much all EVSEs together may take: several ceilings, each with its reason, and the room that they leave.

A fuse bounds each grid phase by itself, a limit in watts all of them added up. Everything is told in amperes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import inf

PHASES = 3
ByPhase = tuple[float, float, float]
"""Of the grid: R, S, T. On a single-phase supply only the first counts."""

OPEN: ByPhase = (inf, inf, inf)


def each(amps: float) -> ByPhase:
    """The same on every phase."""
    return amps, amps, amps


def by_phase(amps: Iterable[float]) -> ByPhase:
    r, s, t = amps
    return r, s, t


@dataclass(frozen=True, slots=True)
class Ceiling:
    """One reason why all EVSEs together may take no more."""

    source: str  # as in the list of limits: supply, building, phase balance, charging profile N, random delay
    phase_a: ByPhase = OPEN
    sum_a: float = inf  # of all phases added up: what a limit in watts comes to
    until: datetime | None = None  # None: until something changes

    def allows_a(self, grid: tuple[int, ...]) -> float:
        """Amperes per phase that one EVSE on these phases could take if it were alone."""
        return min(self.sum_a / len(grid), *(self.phase_a[phase] for phase in grid))


@dataclass(frozen=True, slots=True)
class Room:
    """What all ceilings together leave."""

    phase_a: ByPhase = OPEN
    sum_a: float = inf

    @classmethod
    def below(cls, ceilings: Iterable[Ceiling | Room]) -> Room | None:
        """None: there are no ceilings, and nothing has to be shared."""
        rows = [(ceiling.phase_a, ceiling.sum_a) for ceiling in ceilings]
        if not rows:
            return None
        least = by_phase(min(phases[place] for phases, _ in rows) for place in range(PHASES))
        return cls(least, min(total for _, total in rows))
