"""What the grid operator's contact leaves to one outlet: a power, 4.2 kW in Germany (section 14a EnWG).

Three phases at 6 A are 4.14 kW at 230 V, and more than 4.2 kW from 234 V on: then one phase, where the phases can be
switched, else a pause. The phase stays one until the contact lets go, the pause until a lower voltage is measured:
nothing swings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chargepoint.core.limits import MIN_A, Limit
from chargepoint.core.profile import NOMINAL_V

if TYPE_CHECKING:
    from chargepoint.core.evse import Evse

SOURCE = "grid operator"
MARGIN = 1.01
"""By so much a voltage that was too high must have come down."""


@dataclass(slots=True)
class Dimming:
    """Of one EVSE, while the contact asks."""

    watts: float
    _too_much: bool = False  # six amperes on every phase were
    _one_phase: bool = False  # asked for since
    _phases: int = 0  # that were judged

    def look(self, evse: Evse) -> None:
        """Set what the contact leaves to the EVSE; None where it asks nothing."""
        if not evse.seen.grid_limited:
            self._too_much, self._one_phase, self._phases = False, False, 0
            evse.grid_limit = None
            return
        volts = _volts(evse)
        self._judge(volts, measured=bool(evse.measured_v))
        fits = not self._too_much
        if not fits and evse.spec.phase_switching:
            self._one_phase = True
        amps = int(self.watts / sum(volts) * 10 + 1e-6) / 10 if fits else 0.0
        evse.grid_limit = Limit(SOURCE, amps, 1 if self._one_phase else evse.spec.phases)

    def _judge(self, volts: list[float], *, measured: bool) -> None:
        """Would six amperes on each of these phases be too much?"""
        if len(volts) != self._phases:  # they were switched, or the car was found to use fewer
            self._phases, self._too_much = len(volts), False
        elif self._too_much and not measured:
            return
        self._too_much = self.watts < MIN_A * sum(volts) * (MARGIN if self._too_much else 1.0)


def _volts(evse: Evse) -> list[float]:
    """Phase to neutral, of each phase that the car uses; the nominal one where nobody measures."""
    measured = evse.measured_v
    return [measured[place] if place < len(measured) else NOMINAL_V for place in evse.phase_use.used]
