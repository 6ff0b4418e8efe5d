"""The simulated building around a station: what it draws besides, and its main meter. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from hw.api import Reading
from hw.errors import DeviceLost, Refused

PHASES = 3
MOST_A = 1000.0


@dataclass(slots=True)
class House:
    """`current_a`: what all but the charge point draws of each phase; negative: its panels give more."""

    current_a: tuple[float, ...] = (0.0,) * PHASES
    silent: bool = False  # the main meter

    def change(self, options: Mapping[str, Any]) -> None:
        """Raises Refused."""
        current_a, silent = options.get("current_a", self.current_a), options.get("silent", self.silent)
        numbers = [amps for amps in current_a if type(amps) in (int, float) and isfinite(amps) and abs(amps) <= MOST_A]
        if len(numbers) != PHASES or len(current_a) != PHASES or type(silent) is not bool:
            raise Refused("A house has a current for each of three phases, and a main meter that is silent or not.")
        self.current_a, self.silent = tuple(map(float, numbers)), silent

    def reading(self, evses: Sequence[Reading], volts: float, now_s: float) -> Reading:
        """Raises DeviceLost while the main meter is silent."""
        if self.silent:
            fix = "Let it speak: chargepoint sim house --speaks."
            raise DeviceLost("the simulated main meter is switched off", where="[meter.1]", fix=fix)
        flowing = [
            own + sum(evse.current_a[place] for evse in evses if place < len(evse.current_a))
            for place, own in enumerate(self.current_a)
        ]
        powers = tuple(amps * volts for amps in flowing)
        return Reading(
            sum(evse.energy_wh for evse in evses), sum(powers), tuple(map(abs, flowing)), (volts,) * PHASES, now_s,
            phase_power_w=powers,
        )  # fmt: skip
