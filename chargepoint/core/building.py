"""The building's own fuse: the charge point gets what everything else behind the main meter leaves.

The main meter measures the EVSEs too, so what they draw is taken off first. What is left to them falls once it has been
less for 3 s, and rises after a calm minute. While the main meter, or the meter of an EVSE that supplies, is silent,
a declared current holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite

from chargepoint.core.calm import Calm
from chargepoint.core.room import OPEN, PHASES, ByPhase, Ceiling, by_phase

FALL_S = 3.0
"""Fuses and breakers carry half as much again for minutes; the two meters are read up to a second apart."""
RISE_S = 60.0
RESUME_S = 300.0
"""A car that had to pause is not started again for every gap between two kettles."""
STEP_A = 1.0
STALE_S = 5.0
"""An older value says nothing about now."""


@dataclass(slots=True)
class Building:
    """`max_current_a`: of the fuse at the main meter, per phase. `fallback_a`: for all EVSEs, while it is silent."""

    max_current_a: float
    fallback_a: float
    phases: int = PHASES
    _left: list[Calm] = field(default_factory=list)
    _heard_s: float | None = None

    def __post_init__(self) -> None:
        self._left = [Calm(self.fallback_a, FALL_S, RISE_S, STEP_A, RESUME_S) for _ in range(self.phases)]

    def measured(self, main_a: Sequence[float], evses_a: ByPhase | None, now_s: float) -> None:
        """Amperes of each grid phase at the main meter, and what the EVSEs draw of them; None: nobody knows.

        Negative: the building gives. That much is not counted upon: a cloud may take it away.
        """
        if evses_a is None or len(main_a) < self.phases or not all(map(isfinite, main_a)):
            return
        self._heard_s = now_s
        for place, left in enumerate(self._left):
            others_a = max(main_a[place] - evses_a[place], 0.0)
            left.see(max(self.max_current_a - others_a, 0.0), now_s)

    def ceiling(self, now_s: float) -> Ceiling:
        """Of all EVSEs together. Call it often: it is here that silence is noticed."""
        if self._heard_s is not None and now_s - self._heard_s > STALE_S:
            self._heard_s = None
            for left in self._left:
                left.fall_back(self.fallback_a)
        source = "building" if self._heard_s is not None else "building: no measurement"
        return Ceiling(source, by_phase([left.value for left in self._left] + [*OPEN][self.phases :]))
