"""How long something has been so. Pure."""

from __future__ import annotations

ROUNDING_S = 1e-6  # of sums of tick lengths


def reached(moment_s: float, now_s: float) -> bool:
    """Has it come? Sums of ticks miss a moment by less than `ROUNDING_S`."""
    return now_s >= moment_s - ROUNDING_S


class Timer:
    """Tells when a condition has held for `limit_s` without a break."""

    __slots__ = ("limit_s", "since_s")

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self.since_s: float | None = None

    def over(self, condition: bool, now_s: float) -> bool:
        """Call it at every tick: True from the moment at which the condition has held long enough."""
        if not condition:
            self.since_s = None
            return False
        if self.since_s is None:
            self.since_s = now_s
        return now_s - self.since_s >= self.limit_s - ROUNDING_S

    def running(self, now_s: float) -> bool:
        """Does the condition hold, but not long enough yet?"""
        return self.since_s is not None and now_s - self.since_s < self.limit_s - ROUNDING_S
