"""Which phases a car really draws on. Many draw on one, whatever the EVSE offers, and only the meter can tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chargepoint.core.evse import Evse
    from chargepoint.core.register import Reading

DRAWS_A = 1.0
"""A phase that carries less is one the car does not use."""

CERTAIN_S = 30.0
"""A car that has drawn on no other phase for so long will not: some begin with one and take the others in later."""


ALL = (0, 1, 2)


@dataclass(slots=True)
class PhaseUse:
    """Of one EVSE. A phase on which anything flows counts at once, one on which nothing does only after a while."""

    _drawn: frozenset[int] = frozenset()  # phases of the EVSE, from 0
    _since_s: float = 0.0  # since when on no other
    _supplied: int = 3
    _last: Reading | None = field(default=None, repr=False)
    _used: tuple[int, ...] = ALL

    @property
    def used(self) -> tuple[int, ...]:
        """Phases of the EVSE, from 0; all that are supplied as long as nobody knows better."""
        return self._used

    def look(self, evse: Evse, now_s: float) -> None:
        """Again and again."""
        supplied = evse.supplied_phases
        if not evse.seen.ev_connected or supplied != self._supplied or evse.meter_lost:
            self._drawn, self._supplied = frozenset(), supplied
        fresh, self._last = evse.reading is not self._last, evse.reading
        if fresh and evse.seen.closed and evse.reading is not None:
            self._read(evse.reading, now_s)
        known = self._drawn and now_s - self._since_s >= CERTAIN_S
        self._used = tuple(sorted(self._drawn)) if known else ALL[:supplied]

    def _read(self, reading: Reading, now_s: float) -> None:
        drawn = {place for place, amps in enumerate(reading.current_a[: self._supplied]) if amps >= DRAWS_A}
        if not drawn <= self._drawn:
            self._drawn, self._since_s = self._drawn | drawn, now_s
