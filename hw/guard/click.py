"""The proving click: the contactor closed for a moment while nothing is plugged in, to prove its wires. Pure.

Somebody on site asks for it (`chargepoint doctor --click`); nothing else ever closes a contactor in state A.
"""

from __future__ import annotations

from hw.guard.contactor import OPENS_WITHIN_S, Contactor
from hw.guard.timer import ROUNDING_S

CLOSED_AT_MOST_S = 0.200
LISTEN_S = 0.100  # without a mirror contact: long enough to be heard


class Click:
    def __init__(self) -> None:
        self.running = False
        self.failure = ""  # of the latest; "" = it went well
        self.closes_s: float | None = None
        self.opens_s: float | None = None
        self._began_s = 0.0
        self._opened_s: float | None = None

    def begin(self, contactor: Contactor, now_s: float) -> None:
        self.running, self.failure, self.closes_s, self.opens_s = True, "", None, None
        self._began_s, self._opened_s = now_s, None
        contactor.close(now_s)

    def step(self, contactor: Contactor, allowed: bool, now_s: float) -> None:
        """`allowed`: nothing is plugged in and nothing is wrong."""
        if not allowed and contactor.closed:
            self.failure = "something has changed meanwhile"
            self._open(contactor, now_s)
        elif contactor.closed:
            self._close(contactor, now_s)
        else:
            self._await_open(contactor, now_s)

    def _close(self, contactor: Contactor, now_s: float) -> None:
        mirror = contactor.mirrored
        self.closes_s = contactor.moved_s
        age_s = now_s - self._began_s
        if self.closes_s is not None or age_s >= (CLOSED_AT_MOST_S if mirror else LISTEN_S) - ROUNDING_S:
            if mirror and self.closes_s is None:
                self.failure = "the mirror contact did not move when the contactor was to close"
            self._open(contactor, now_s)

    def _open(self, contactor: Contactor, now_s: float) -> None:
        contactor.open(now_s)
        self._opened_s = now_s

    def _await_open(self, contactor: Contactor, now_s: float) -> None:
        if contactor.mirrored and contactor.moved_s is None and self.closes_s is not None:
            if now_s - (self._opened_s or now_s) < OPENS_WITHIN_S - ROUNDING_S:
                return
            self.failure = "the mirror contact did not move when the contactor was to open"
        if self.closes_s is not None:
            self.opens_s = contactor.moved_s
        self.running = False

    def told(self) -> dict[str, str]:
        """How long the contactor took each way; nothing where no mirror contact could tell."""
        taken = {"closes_ms": self.closes_s, "opens_ms": self.opens_s}
        return {name: f"{seconds * 1000:.0f}" for name, seconds in taken.items() if seconds is not None}
