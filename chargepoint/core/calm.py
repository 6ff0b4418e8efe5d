"""A measured allowance made calm: it falls soon and rises late, so that what follows it does not swing.

A car takes seconds to follow, and what is measured meanwhile is not what will be. A short peak (a motor that starts,
two meters that are read at different moments) is nothing that a fuse minds.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from chargepoint.core.limits import MIN_A


@dataclass(slots=True)
class Calm:
    """`value` is what may be relied on."""

    value: float
    fall_s: float  # less is believed when it has been less for so long
    rise_s: float  # more, when it has been more for so long,
    step: float  # and by at least this
    resume_s: float = 0.0  # the same, where it had fallen below what any car can use
    _seen: deque[tuple[float, float]] = field(default_factory=deque)  # when, and what was allowed
    _fallen: bool = False

    def see(self, allowed: float, now_s: float) -> None:
        """What would be right at this moment."""
        patience_s = max(self.rise_s, self.resume_s) if self._fallen else self.rise_s
        self._seen.append((now_s, allowed))
        self._forget(now_s - max(patience_s, self.fall_s))
        if (lately := self._since(now_s - self.fall_s)) and max(lately) < self.value:
            self.value = max(lately)
            self._fallen = self._fallen or self.value < MIN_A
        if (long := self._since(now_s - patience_s)) and min(long) >= self.value + self.step:
            self.value = min(long)
            self._fallen = self._fallen and self.value < MIN_A

    def fall_back(self, value: float) -> None:
        """Nothing is measured: this holds until something has been measured for some time."""
        self.value, self._fallen = value, False
        self._seen.clear()

    def _forget(self, before_s: float) -> None:
        """All but the last of what is older: it shows that there was no gap."""
        while len(self._seen) > 1 and self._seen[1][0] <= before_s:
            self._seen.popleft()

    def _since(self, at_s: float) -> list[float]:
        """What has been seen since; nothing where it has not been looked at for so long."""
        if self._seen[0][0] > at_s:
            return []
        return [allowed for seen_s, allowed in self._seen if seen_s >= at_s]
