"""Wrong codes and passwords cost time, and never shut the owner out.

The first few are free, for fingers slip. After them each wrong one doubles the wait before the next is looked at, up to
a quarter of an hour; it is counted by where it came from, so that a program that guesses from one machine keeps nobody
at another from coming in. A wait always ends, a right one ends the counting, and nothing is kept over a restart: what
protects a setup code is its 55 bits; this protects the processor.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

FREE = 5
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 15 * 60.0

PLACES = 1024
"""Places that are remembered; the one that has been quiet longest is forgotten first."""


@dataclass(slots=True)
class _Tries:
    wrong: int = 0
    closed_until_s: float = 0.0


@dataclass(slots=True)
class Attempts:
    """`where` is an address, or a network of them. Times are monotonic seconds."""

    _places: OrderedDict[str, _Tries] = field(default_factory=OrderedDict)

    def wait_s(self, where: str, now_s: float) -> float:
        """How long nothing from there is looked at; 0: now."""
        tries = self._places.get(where)
        return max(0.0, tries.closed_until_s - now_s) if tries else 0.0

    def wrong(self, where: str, now_s: float) -> float:
        """One more; the wait before the next."""
        tries = self._places.setdefault(where, _Tries())
        self._places.move_to_end(where)
        if len(self._places) > PLACES:
            self._places.popitem(last=False)
        tries.wrong += 1
        if tries.wrong >= FREE:
            doublings = min(tries.wrong - FREE, 10)  # 1,024 s is longer than the longest
            tries.closed_until_s = now_s + min(FIRST_WAIT_S * 2**doublings, LONGEST_WAIT_S)
        return self.wait_s(where, now_s)

    def right(self, where: str) -> None:
        self._places.pop(where, None)
