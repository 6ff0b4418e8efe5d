"""The contactor: what is commanded, and what the mirror contact says about it. Pure."""

from __future__ import annotations

from hw.guard.timer import ROUNDING_S, Timer

CLOSES_WITHIN_S = 0.250  # Phoenix; a contactor needs some 20 ms
OPENS_WITHIN_S = 0.200  # Phoenix, Tinkerforge: later it is welded
SLOW_S = 0.150  # it did move, but hardly in time for IEC 61851-1 table A.6, row 8.1
PROVEN_S = 0.100  # without a mirror contact the coil must have been off for so long
OFF_S = 5.0  # between opening and closing again (Tinkerforge)


class Contactor:
    """One whose coil is ours."""

    closes_within_s = CLOSES_WITHIN_S
    opens_within_s = OPENS_WITHIN_S

    def __init__(self, now_s: float) -> None:
        self.closed = False  # commanded
        self.welded = False  # just now: it should be open, and is not
        self.stuck = False  # just now: it should be closed, and is not
        self.slow = False  # it took its time at the latest move
        self.proven_open = False
        self.moved_s: float | None = None  # how long the latest move took; None: it has not moved yet
        self._feedback: bool | None = None
        self._watched = True  # its mirror contact could be read all the time since the command
        self._opened_s = now_s - OFF_S
        self._since_s = now_s  # of the command
        self._weld = Timer(self.opens_within_s)
        self._fail = Timer(self.closes_within_s)

    def see(self, feedback: bool | None, asked: bool, now_s: float) -> None:
        """`feedback`: True = main contacts closed; None = no mirror contact. `asked`: the car asked for power."""
        self._feedback = feedback
        shut = self._expected(asked)
        self.welded = self._weld.over(feedback is True and not shut, now_s)
        self.stuck = self._fail.over(feedback is False and shut, now_s)
        self._watched = self._watched and feedback is not None
        if feedback is shut and self.moved_s is None:
            self.moved_s = now_s - self._since_s
            self.slow = self._watched and self._took_too_long(self.moved_s)
        rested = not self.closed and now_s - self._since_s >= PROVEN_S - ROUNDING_S
        self.proven_open = rested if feedback is None else (not feedback and not self.closed)

    def close(self, now_s: float) -> None:
        if not self.closed:
            self.closed, self._since_s, self.moved_s, self._watched = True, now_s, None, True
            self.proven_open = False

    def open(self, now_s: float) -> None:
        if self.closed:
            self.closed, self._since_s, self.moved_s, self._watched = False, now_s, None, True
            self._opened_s = now_s

    @property
    def on(self) -> bool:
        """Is mains on the plug, as far as anybody can tell?"""
        return self.closed if self._feedback is None else self._feedback

    @property
    def mirrored(self) -> bool:
        """Is there a mirror contact?"""
        return self._feedback is not None

    @property
    def mirrors_open(self) -> bool:
        """Does a mirror contact say that the main contacts are open?"""
        return self._feedback is False

    @property
    def rested_s(self) -> float:
        """When it may close again."""
        return self._opened_s + OFF_S

    def state(self, welded: bool, stuck: bool) -> str:
        """open, closed, welded or stuck_open; the arguments are the faults that stand."""
        if self.on:
            return "welded" if welded else "closed"
        return "stuck_open" if stuck else "open"

    def settled(self, now_s: float) -> bool:
        return not self._weld.running(now_s) and not self._fail.running(now_s)

    def _expected(self, asked: bool) -> bool:
        """Should the main contacts be closed?"""
        return self.closed

    def _took_too_long(self, seconds: float) -> bool:
        return seconds > SLOW_S


class SelfSwitching(Contactor):
    """One whose coil is the pilot controller's: `closed` only allows it to close, while the car asks for power.

    It is asked a few times a second over a serial line, so that its word about car and contactor comes late.
    """

    closes_within_s = 5.0  # a controller may take 3 s (IEC 61851-1 table A.6, row 4), and then be asked
    opens_within_s = 3.0

    def __init__(self, now_s: float) -> None:
        super().__init__(now_s)
        self._heard: bool | None = None  # its last word

    def see(self, feedback: bool | None, asked: bool, now_s: float) -> None:
        """While its line is dead nobody can tell, and nobody can open it: what it said last is not taken back."""
        super().see(feedback, asked, now_s)
        self._heard = self._heard if feedback is None else feedback
        self.proven_open = self.proven_open and self._heard is False

    @property
    def on(self) -> bool:
        return self._heard is True or (self._heard is None and self.closed)

    def _expected(self, asked: bool) -> bool:
        return self.closed and asked

    def _took_too_long(self, seconds: float) -> bool:
        return False
