"""The grid's phases must be loaded alike: single-phase cars may not differ by more than so much.

VDE-AR-N 4100 allows 4.6 kVA, 20 A. What is drawn on the least loaded phase is what may be added on each of
the others: by the phases that cars were measured to draw on, not by those they are offered.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from chargepoint.core.calm import Calm
from chargepoint.core.room import ByPhase, Ceiling, each

RISE_S = 10.0
STEP_A = 0.5


@dataclass(slots=True)
class Balance:
    """`max_difference_a`: between two phases, of all EVSEs together."""

    max_difference_a: float
    _least: Calm = field(default_factory=lambda: Calm(0.0, 0.0, RISE_S, STEP_A))

    def ceiling(self, drawn_a: ByPhase, now_s: float) -> Ceiling:
        """`drawn_a`: by all EVSEs of each grid phase, as far as it is measured."""
        self._least.see(max(min(drawn_a), 0.0), now_s)
        return Ceiling("phase balance", each(self.max_difference_a + self._least.value))
