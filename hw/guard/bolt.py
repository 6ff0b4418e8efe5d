"""The lock that holds the plug in a socket: when it shall hold, and whether it does. Pure."""

from __future__ import annotations

from hw.guard.timer import Timer

MOVES_WITHIN_S = 1.0  # longer is a fault (esp32-evse); a good one needs 75 ms
TRY_AGAIN_S = 3.0
ASSUMED_S = 0.500  # without a sense contact it counts as moved after so long
BOUNCE_S = 0.050  # of a sense contact


class Bolt:
    def __init__(self, now_s: float) -> None:
        self.wanted: bool | None = None  # None: leave it as it is
        self.locked: bool | None = None  # as sensed, or assumed
        self.released = False  # somebody asked for the cable: do not lock it again
        self.lost = False  # it has let go by itself
        self.caught = False  # it has locked by itself
        self._arrived = False  # it has been where it is wanted
        self._driven_s = now_s
        self._moved = Timer(BOUNCE_S)
        self._not_locked = Timer(MOVES_WITHIN_S)
        self._not_open = Timer(MOVES_WITHIN_S)

    def see(self, sense: bool | None, now_s: float) -> None:
        if sense is not None:
            self.locked = sense
        elif self.wanted is not None and now_s - self._driven_s >= ASSUMED_S:
            self.locked = self.wanted
        self._see_whether_it_stays(now_s)

    def _see_whether_it_stays(self, now_s: float) -> None:
        right = self.wanted is not None and self.locked == self.wanted
        self._arrived = self._arrived or right
        astray = self._moved.over(self._arrived and not right, now_s)
        self.lost = astray and self.wanted is True
        self.caught = astray and self.wanted is False

    @property
    def holds(self) -> bool:
        """Is the plug locked, confirmed, and meant to stay so?"""
        return self.wanted is True and self.locked is True and not self.released

    def want(self, locked: bool | None, now_s: float) -> bool | None:
        """Decide; the direction in which to drive it now, None = do not drive."""
        changed = locked is not None and locked != self.wanted
        if changed:
            self.wanted, self._arrived = locked, False
        wrong = self.wanted is not None and self.locked is not None and self.locked != self.wanted
        again = wrong and now_s - self._driven_s >= TRY_AGAIN_S
        if not changed and not again:
            return None
        self._driven_s = now_s
        return self.wanted

    def does_not_lock(self, now_s: float) -> bool:
        return self._not_locked.over(self.wanted is True and self.locked is False, now_s)

    def does_not_open(self, now_s: float) -> bool:
        return self._not_open.over(self.wanted is False and self.locked is True, now_s)

    def settled(self, now_s: float) -> bool:
        sure = self.wanted is None or self.locked is not None
        timers = (self._moved, self._not_locked, self._not_open)
        return sure and not any(timer.running(now_s) for timer in timers)
