"""Waking a car that has fallen asleep before it was offered anything. Pure; off unless the configuration says so."""

from __future__ import annotations

from math import inf

from hw.guard.timer import ROUNDING_S

WAIT_S = 30.0  # in B2 (EVerest, SmartEVSE, Phoenix)
SETTLE_S = 30.0  # what a car that was plugged in again, or woken, is given (IEC 61851-1, A.5.3)


class WakeUp:
    """Once, for a car that has not asked for power since it was offered some; again only after it has asked.

    A car that is full rests in B2 too, but it has asked under the offer that stands.
    """

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted
        self._asked = False  # under the offer that stands
        self._tried = False
        self._offered = False
        self._since_s: float | None = None  # the car rests although it is offered current
        self._woken_s = -inf

    def forget(self) -> None:
        """The car is gone."""
        self._asked = self._tried = False

    def step(self, letter: str, offered: bool, now_s: float) -> bool:
        """Returns True when the car shall be woken now."""
        if offered and not self._offered and not self.settling(now_s):
            self._asked = False  # a new offer
        self._offered = offered
        if letter in "CD" and offered:
            self._asked, self._tried = True, False
        if not (self._wanted and letter == "B" and offered and not self._asked and not self._tried):
            self._since_s = None
            return False
        if self._since_s is None:
            self._since_s = now_s
        if now_s - self._since_s < WAIT_S - ROUNDING_S:
            return False
        self.woken(now_s)
        return True

    def woken(self, now_s: float) -> None:
        self._tried, self._since_s, self._woken_s = True, None, now_s

    def settling(self, now_s: float) -> bool:
        """Has it been woken so lately that it must be left alone?"""
        return now_s - self._woken_s < SETTLE_S - ROUNDING_S

    def due_s(self) -> float:
        return inf if self._since_s is None else self._since_s + WAIT_S
