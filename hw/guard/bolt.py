"""The lock that holds the plug in a socket: when it shall hold, and whether it does. Pure."""

from __future__ import annotations

from hw.guard.timer import Timer

MOVES_WITHIN_S = 1.0  # longer is a fault (esp32-evse); a good one needs 75 ms
TRY_AGAIN_S = 3.0
ASSUMED_S = 0.500  # without a sense contact it counts as moved after so long


class Bolt:
    def __init__(self, now_s: float) -> None:
        self.wanted: bool | None = None  # None: leave it as it is
        self.locked: bool | None = None  # as sensed, or assumed
        self.released = False  # somebody asked for the cable: do not lock it again
        self._driven_s = now_s
        self._not_locked = Timer(MOVES_WITHIN_S)
        self._not_open = Timer(MOVES_WITHIN_S)

    def see(self, sense: bool | None, now_s: float) -> None:
        if sense is not None:
            self.locked = sense
        elif self.wanted is not None and now_s - self._driven_s >= ASSUMED_S:
            self.locked = self.wanted

    def want(self, locked: bool | None, now_s: float) -> bool | None:
        """Decide; the direction in which to drive it now, None = do not drive."""
        changed = locked is not None and locked != self.wanted
        if changed:
            self.wanted = locked
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
        return sure and not self._not_locked.running(now_s) and not self._not_open.running(now_s)
