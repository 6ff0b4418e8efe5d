"""The offer on the control pilot: which duty cycle, and when it may change. Pure."""

from __future__ import annotations

from hw.guard.pilot import FIRST_LINE_MAX_A, MAX_OFFER_A, MIN_OFFER_A, PERIOD_NS, SECOND_LINE_MIN_A, high_ns
from hw.guard.timer import ROUNDING_S

CHANGE_EVERY_S = 5.0  # a car has so long to follow a duty cycle; only less is told at once
F_PULSE_S = 0.300  # state F after a fault (EVerest)
STEADY_PLUS, STEADY_MINUS = 1.0, 0.0  # x1 and state F
DIGITAL = 0.05  # "ask me digitally" (ISO 15118)
_IMPOSED = {"F": STEADY_MINUS, "5%": DIGITAL}  # whatever else is imposed is x1


class Offer:
    def __init__(self, now_s: float) -> None:
        self.amps = 0.0  # offered now; 0 = none
        self._ns = 0
        self._changed_s = now_s - CHANGE_EVERY_S
        self._f_until_s = now_s
        self._signal = ""  # shown instead of an offer

    @property
    def duty(self) -> float:
        """What the pilot shall drive, 0 to 1."""
        if self._signal:
            return _IMPOSED.get(self._signal, STEADY_PLUS)
        return self._ns / PERIOD_NS if self._ns else STEADY_PLUS

    @property
    def pwm(self) -> bool:
        """Does PWM run (B2, C2, D2)?"""
        return STEADY_MINUS < self.duty < STEADY_PLUS

    @property
    def cut(self) -> bool:
        """Shall the pilot be cut (state E at the car)?"""
        return self._signal == "E"

    @property
    def rested_s(self) -> float:
        """When more may be offered again."""
        return self._changed_s + CHANGE_EVERY_S

    def show_f(self, now_s: float) -> None:
        """Tell the car of a fault."""
        self._f_until_s = now_s + F_PULSE_S

    def forget(self, now_s: float) -> None:
        """The car is gone; the next one need not wait for this one's sake."""
        self._changed_s = now_s - CHANGE_EVERY_S

    def make(self, target_a: float, signal: str, now_s: float) -> None:
        """Come as close to `target_a` as the rules allow. `signal` (of `hw.guard.steps`): that instead of an offer."""
        self._signal = "F" if now_s < self._f_until_s - ROUNDING_S else signal
        if self._signal:
            target_a = 0.0
        target_ns = high_ns(min(target_a, MAX_OFFER_A)) if target_a >= MIN_OFFER_A else 0
        rested = now_s >= self.rested_s - ROUNDING_S
        if target_ns < self._ns or (target_ns > self._ns and rested):
            self._change(target_ns, _expressed(target_a) if target_ns else 0.0, now_s)

    def _change(self, target_ns: int, amps: float, now_s: float) -> None:
        self._ns, self.amps, self._changed_s = target_ns, amps, now_s

    def settled(self, now_s: float) -> bool:
        return now_s >= self._f_until_s


def _expressed(amps: float) -> float:
    """What of it the pilot can say: 51 to 52.5 A is 51 A."""
    return FIRST_LINE_MAX_A if FIRST_LINE_MAX_A < amps <= SECOND_LINE_MIN_A else min(amps, MAX_OFFER_A)
