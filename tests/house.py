"""The building around a station: what it draws, its main meter, and how its fuse fares."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from hw.api import Reading
from hw.errors import DeviceLost

Bays = Callable[[], list[tuple[float, ...]]]
"""What each EVSE draws of R, S, T at this moment."""


@dataclass
class House:
    """`load_a` is the building's own, of each grid phase; negative: its panels give."""

    bays: Bays
    load_a: tuple[float, float, float] = (0.0, 0.0, 0.0)
    silent: bool = False  # the main meter
    drawn: list[tuple[float, tuple[float, ...]]] = field(
        default_factory=list
    )  # at every reading: when, and of each phase

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None: ...

    async def read(self) -> Reading:
        total = self.total_a()
        self.drawn.append((asyncio.get_running_loop().time(), total))
        if self.silent:
            raise DeviceLost("no answer", where="[meter.1]", fix="Check its power.")
        now_s = asyncio.get_running_loop().time()
        power_w = tuple(230.0 * amps for amps in total)
        return Reading(1.0, sum(power_w), tuple(map(abs, total)), taken_s=now_s, phase_power_w=power_w)

    begin = end = read  # type: ignore[assignment]

    def total_a(self) -> tuple[float, ...]:
        return tuple(load + sum(bay[place] for bay in self.bays()) for place, load in enumerate(self.load_a))

    def longest_over_s(self, fuse_a: float) -> float:
        """How long the fuse carried more than it is made for, at a stretch."""
        longest_s = since_s = 0.0
        over = False
        for at_s, phases in self.drawn:
            if max(phases) > fuse_a + 0.2 and not over:
                over, since_s = True, at_s
            elif max(phases) <= fuse_a + 0.2:
                over = False
            longest_s = max(longest_s, at_s - since_s if over else 0.0)
        return longest_s
