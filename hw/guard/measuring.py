"""What is known of a car's current and voltage: by the daemon's meter, by one the guard hosts, by its own transformers.
Pure.

A value older than STALE_S says nothing. What is no number says nothing either: the other phases of that source are
watched on, but it does not count as a measurement. Where something has measured before and nothing has for LOST_S,
over-current cannot be watched any more: what is left is the fallback current, as if the daemon had fallen silent. Where
nothing has ever measured, the fuses are all there is, and nothing is limited; but a meter that is known to be there and
has never said anything is a loss from the start.
"""

from __future__ import annotations

from itertools import zip_longest
from math import isfinite

from hw.api import Reading, Sensors
from hw.guard.lease import Allowance

STALE_S = 5.0
LOST_S = 10.0
FUTURE_S = 0.5  # a value may be newer than the tick that looks at it, but not by more


class Measuring:
    def __init__(self, expected_s: float | None = None) -> None:
        """`expected_s`: since when a meter is expected to say something; None: there is none that we know of."""
        self.current_a: tuple[float, ...] = ()  # per phase, the most that any source says; empty: not known now
        self.voltage_v: tuple[float, ...] = ()
        self.whole = True  # no phase of any source is missing
        self._taken_s: float | None = None  # when the latest current that counted was measured

        self._expected_s = expected_s
        self._currentless = False  # a meter that tells no current, so that none is expected of it

    def see(self, wanted: Allowance, sensors: Sensors, reading: Reading | None, now_s: float) -> None:
        told = [
            (amps, taken_s)
            for amps, taken_s in (
                (wanted.measured_a, wanted.measured_at_s),
                (sensors.current_a, sensors.current_taken_s),
                (reading.current_a, reading.taken_s) if reading is not None else ((), None),
            )
            if amps and taken_s is not None and _fresh(taken_s, now_s)
        ]
        self.current_a = _numbers(told[0][0]) if len(told) == 1 else _most([_numbers(amps) for amps, _ in told])
        whole = [taken_s for amps, taken_s in told if all(map(isfinite, amps))]
        self.whole = len(whole) == len(told)
        if whole:
            self._taken_s = max(whole)
        hosted = reading is not None and _fresh(reading.taken_s, now_s)
        daemons = wanted.measured_v if _fresh(wanted.measured_at_s, now_s) else ()
        currentless = hosted and reading is not None and not reading.current_a
        currentless = currentless or (_fresh(wanted.measured_at_s, now_s) and not wanted.measured_a)
        self._currentless = self._currentless or currentless
        if wanted.metered and self._expected_s is None:
            self._expected_s = now_s
        self.voltage_v = _numbers(
            reading.voltage_v if reading is not None and hosted and reading.voltage_v else daemons
        )

    @property
    def most_a(self) -> float | None:
        """On any phase; None: not known now."""
        return max(self.current_a, default=None)

    def lost(self, now_s: float) -> bool:
        """Has something measured, or should it have, and does nothing any more?"""
        since_s = self._taken_s
        if since_s is None and not self._currentless:
            since_s = self._expected_s
        return since_s is not None and now_s - since_s >= LOST_S


def _numbers(values: tuple[float, ...]) -> tuple[float, ...]:
    """Without those that are no number. They cannot stand for a phase that draws nothing: see `_taken_s`."""
    return values if all(map(isfinite, values)) else tuple(value for value in values if isfinite(value))


def _fresh(taken_s: float | None, now_s: float) -> bool:
    return taken_s is not None and -FUTURE_S <= now_s - taken_s <= STALE_S


def _most(currents: list[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(max(phase) for phase in zip_longest(*currents, fillvalue=0.0))
