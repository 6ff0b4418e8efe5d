"""An energy register made of an OpenEVSE controller's two counters. Pure.

It tells watt-seconds of the session (since a car was plugged in) and watt-hours of its life, and adds the former to
the latter only when the car has gone; the session's counter stays until the next car comes. So the sum counts only
while a car is connected, and whoever takes it a moment too late counts a session twice.
"""

from __future__ import annotations

WS_PER_WH = 3600.0
MOST_W = 80.0 * 250.0 * 3  # more than any station gives: a step beyond it is no energy
SLACK_WH = 5.0  # counters move in steps
FALL_WH = 1.0  # a session's fraction that is lost when its whole watt-hours are added
BELIEVED_AFTER = 3  # equal answers in a row that make a step real: somebody has set the counters


class Register:
    """Call `take` with every pair of counters; `energy_wh` only rises, unless the counters have been set anew."""

    def __init__(self) -> None:
        self.energy_wh: float | None = None
        self._taken_s = 0.0
        self._doubtful: float | None = None
        self._doubts = 0

    def take(self, session_ws: int, life_wh: int, connected: bool, now_s: float) -> bool:
        """Returns whether the counters are believed."""
        total_wh = life_wh + (session_ws / WS_PER_WH if connected else 0.0)
        if self.energy_wh is not None and not self._likely(total_wh, now_s):
            return False
        rounding = self.energy_wh is not None and 0.0 < self.energy_wh - total_wh <= FALL_WH
        self.energy_wh = self.energy_wh if rounding else total_wh
        self._taken_s, self._doubtful, self._doubts = now_s, None, 0
        return True

    def _likely(self, total_wh: float, now_s: float) -> bool:
        energy_wh = self.energy_wh or 0.0
        most_wh = energy_wh + SLACK_WH + MOST_W * (now_s - self._taken_s) / WS_PER_WH
        if energy_wh - FALL_WH <= total_wh <= most_wh:
            return True
        near = self._doubtful is not None and abs(total_wh - self._doubtful) <= SLACK_WH
        self._doubts = self._doubts + 1 if near else 1
        self._doubtful = total_wh
        return self._doubts >= BELIEVED_AFTER
