"""What a car may still be following: the highest offer of the last seconds. Pure."""

from __future__ import annotations

from collections import deque

from hw.guard.timer import ROUNDING_S

FOLLOW_S = 5.0  # a car has so long to follow a lower duty cycle (IEC 61851-1 table A.6)


class Offers:
    """Remembers offers that have been lowered, highest and oldest first, for as long as each of them counts."""

    def __init__(self) -> None:
        self._now_a = 0.0
        self._past: deque[tuple[float, float]] = deque()  # (amperes, until when they count)

    def highest(self, offered_a: float, now_s: float) -> float:
        """Of the last FOLLOW_S; call it at every step with what is offered now."""
        past = self._past
        if offered_a < self._now_a:
            while past and past[-1][0] <= self._now_a:
                past.pop()
            past.append((self._now_a, now_s + FOLLOW_S))
        self._now_a = offered_a
        while past and now_s >= past[0][1] - ROUNDING_S:
            past.popleft()
        return max(offered_a, past[0][0]) if past else offered_a
