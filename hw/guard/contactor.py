"""The contactor: what is commanded, and what the mirror contact says about it. Pure."""

from __future__ import annotations

from hw.guard.timer import ROUNDING_S, Timer

CLOSES_WITHIN_S = 0.250  # Phoenix; a contactor needs some 20 ms
OPENS_WITHIN_S = 0.200  # Phoenix, Tinkerforge: later it is welded
PROVEN_S = 0.100  # without a mirror contact the coil must have been off for so long
OFF_S = 5.0  # between opening and closing again (Tinkerforge)


class Contactor:
    def __init__(self, now_s: float) -> None:
        self.closed = False  # commanded
        self.welded = False  # just now: it should be open, and is not
        self.stuck = False  # just now: it should be closed, and is not
        self.proven_open = False
        self._feedback: bool | None = None
        self._opened_s = now_s - OFF_S
        self._since_s = now_s  # of the command
        self._weld = Timer(OPENS_WITHIN_S)
        self._fail = Timer(CLOSES_WITHIN_S)

    def see(self, feedback: bool | None, now_s: float) -> None:
        """`feedback`: True = main contacts closed; None = there is no mirror contact."""
        self._feedback = feedback
        self.welded = self._weld.over(feedback is True and not self.closed, now_s)
        self.stuck = self._fail.over(feedback is False and self.closed, now_s)
        rested = not self.closed and now_s - self._since_s >= PROVEN_S - ROUNDING_S
        self.proven_open = rested if feedback is None else (not feedback and not self.closed)

    def close(self, now_s: float) -> None:
        if not self.closed:
            self.closed, self._since_s = True, now_s
            self.proven_open = False

    def open(self, now_s: float) -> None:
        if self.closed:
            self.closed, self._since_s, self._opened_s = False, now_s, now_s

    @property
    def rested_s(self) -> float:
        """When it may close again."""
        return self._opened_s + OFF_S

    def state(self, welded: bool, stuck: bool) -> str:
        """open, closed, welded or stuck_open; the arguments are the faults that stand."""
        shut = self.closed if self._feedback is None else self._feedback
        if welded and shut:
            return "welded"
        if shut:
            return "closed"
        return "stuck_open" if stuck else "open"

    def settled(self, now_s: float) -> bool:
        return not self._weld.running(now_s) and not self._fail.running(now_s)
