"""A random delay before a change that many stations make at once, so that the grid sees a ramp and not a step.

Great Britain demands it of every start and every change of the rate (Electric Vehicles (Smart Charge Points)
Regulations 2021, regulation 11): up to 600 s, up to 1800 s on demand, and the user may cancel it. It never holds up a
stop, and knows nothing of what protects people or the supply: those limits do not come this way.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from chargepoint.core.facts import Moment
from chargepoint.core.limits import MIN_A

SOURCE = "random delay"

Draw = Callable[[int], float]
"""Seconds, for a span."""


def evenly(span_s: int) -> float:
    """Any whole second of it is as likely as any other."""
    return float(random.randint(0, span_s))


@dataclass(slots=True)
class Delay:
    """Holds `allowed_a` until the time has come for what is `wanted_a`."""

    draw: Draw = evenly
    allowed_a: float | None = None  # per phase; inf: nothing limits it; None: we have just started
    until_s: float | None = None  # monotonic; None: no change is pending

    @property
    def pending(self) -> bool:
        return self.until_s is not None

    def follow(self, wanted_a: float, span_s: int, now_s: float, *, already: bool = True) -> None:
        """What a schedule or a start asks for now. A change that waits is made as it is wanted when its time comes.

        `already`: where we have just started, it has been so before.
        """
        if self.allowed_a is None:
            self.allowed_a = wanted_a if already else 0.0
        if wanted_a == self.allowed_a:
            self.until_s = None
        elif span_s <= 0 or wanted_a < MIN_A:
            self.set(wanted_a)
        elif self.until_s is None:
            self.until_s = now_s + self.draw(span_s)
        if self.until_s is not None and now_s >= self.until_s:
            self.set(wanted_a)

    def hurry(self) -> None:
        """The user does not want to wait."""
        if self.until_s is not None:
            self.until_s = -inf

    def set(self, wanted_a: float) -> None:
        """At once."""
        self.allowed_a, self.until_s = wanted_a, None

    def until(self, now: Moment) -> datetime | None:
        return None if self.until_s is None else now.at + timedelta(seconds=self.until_s - now.mono_s)
