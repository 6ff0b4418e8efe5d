"""Does the pilot's input show what its output drives? A broken board must not pass for a quiet car. Pure."""

from __future__ import annotations

from hw.api import PilotLevels
from hw.guard.timer import Timer

RAIL_V = 12.0
RAIL_TOLERANCE_V = 1.0  # of the generator, IEC 61851-1 table A.2
RAIL_S = 2.0
DUTY_TOLERANCE = 0.05  # some hundred samples of a second miss the duty cycle by no more
DUTY_SETTLES_S = 2.0  # a share of samples is an average of about a second
DUTY_S = 1.0
FROZEN_S = 5.0  # a controller on a slow line may need a second or two

Shown = tuple[float, float | None, float | None]  # high and low plateau, share of high samples


class Plausibility:
    def __init__(self, now_s: float) -> None:
        self.rails_off = False
        self.wrong = False  # it does not follow what is driven
        self._duty = 1.0
        self._driven_s = now_s  # since when this duty cycle is driven
        self._shown: Shown | None = None
        self._before: Shown | None = None  # shown before the kind of signal changed; None: it has changed since
        self._rails = Timer(RAIL_S)
        self._off = Timer(DUTY_S)
        self._same = Timer(FROZEN_S)

    def see(self, levels: PilotLevels | None, raw: str, duty: float, now_s: float) -> None:
        """A reading and its letter, taken while `duty` is driven."""
        if levels is None:
            return
        shown = levels.high_v, levels.low_v, levels.duty
        if duty != self._duty:
            if _kind(duty) != _kind(self._duty):
                self._before = self._shown
            self._duty, self._driven_s = duty, now_s
        self._shown = shown
        off = _rails_off(levels, raw, duty)
        if off is not None:  # else they do not show just now: what is known of them stands
            self.rails_off = self._rails.over(off, now_s)
        duty_off = self._off.over(self._misses_duty(levels, now_s), now_s)
        frozen = self._same.over(self._unchanged(shown, raw), now_s)
        self.wrong = duty_off or frozen

    def _misses_duty(self, levels: PilotLevels, now_s: float) -> bool:
        settled = now_s - self._driven_s >= DUTY_SETTLES_S
        return settled and levels.duty is not None and abs(levels.duty - self._duty) > DUTY_TOLERANCE

    def _unchanged(self, shown: Shown, raw: str) -> bool:
        """From x1 to PWM a low plateau appears, from PWM it goes, and in F everything is negative."""
        if shown != self._before:
            self._before = None
            return False
        cannot_show = _kind(self._duty) == "PWM" and shown[1] is None  # a board that never measures the low plateau
        return raw != "E" and not cannot_show

    def settled(self, now_s: float) -> bool:
        return not any(timer.running(now_s) for timer in (self._rails, self._off, self._same))


def _kind(duty: float) -> str:
    return "PWM" if 0.0 < duty < 1.0 else ("x1" if duty else "F")


def _rails_off(levels: PilotLevels, raw: str, duty: float) -> bool | None:
    """+12 V shows with nothing plugged in, -12 V below the PWM (less than that is a missing diode) and in F.

    None: neither shows.
    """
    if raw == "A" and duty == 1.0:
        return abs(levels.high_v - RAIL_V) > RAIL_TOLERANCE_V
    low_v = levels.high_v if duty == 0.0 else levels.low_v
    return None if low_v is None else low_v < -RAIL_V - RAIL_TOLERANCE_V
