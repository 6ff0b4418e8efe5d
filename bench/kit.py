"""What a bench works with: the office, how long to go on, and what the bare program measures on this machine."""

from __future__ import annotations

import itertools
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import TypeVar

from bench.budgets import with_answer_ms
from bench.calls import Burst, get_one
from bench.office import Office
from bench.stations import Bare, Booted, Ours, OursOnGpio, booted

T = TypeVar("T")

WARM_UP_ROUNDS = 1  # fills the file cache; not counted


@dataclass
class Kit:
    office: Office
    runs: int
    quick: bool = False  # a smoke test: figures mean nothing
    machine: dict[str, float] = field(default_factory=dict)  # what the bare program measures here, by anchor
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    def say(self, text: str) -> None:
        """Progress, for people; figures come at the end."""
        print(f"    {text}", file=sys.stderr, flush=True)

    def ours(self, version: str) -> Ours:
        return Ours(self.office, f"ours{next(self._numbers)}", version)

    def ours_on_gpio(self, version: str) -> OursOnGpio:
        return OursOnGpio(self.office, f"ours{next(self._numbers)}", version)

    def bare(self, version: str) -> Bare:
        return Bare(self.office, f"bare{next(self._numbers)}", version)

    def learn(self, **medians: float) -> None:
        self.machine = with_answer_ms(self.machine | medians)

    async def know_the_machine(self) -> None:
        """Measure the bare program's anchors unless a bench already has."""
        if not {"answers_per_s", "cpu_us"} <= self.machine.keys():
            bursts = await self.in_turn(lambda: self.burst_of(self.bare("1.6")))
            self.learn(answers_per_s=median([b.rate for b in bursts[0]]), cpu_us=median([b.cpu_us for b in bursts[0]]))
        if "start_ms" not in self.machine:
            starts = await self.in_turn(lambda: self.start_of(self.bare("1.6")))
            self.learn(start_ms=median(starts[0]))

    async def in_turn(self, *measures: Callable[[], Awaitable[T]]) -> list[list[T]]:
        """Every measure once a round, A B A B, so that a machine that changes its mind treats them alike."""
        taken: list[list[T]] = [[] for _ in measures]
        for turn in range(self.runs + (0 if self.quick else WARM_UP_ROUNDS)):
            for samples, measure in zip(taken, measures, strict=True):
                sample = await measure()
                if self.quick or turn >= WARM_UP_ROUNDS:
                    samples.append(sample)
        return taken

    async def start_of(self, contestant: Bare | Ours) -> float:
        async with up(contestant) as took:
            return took.to_boot_ms

    async def burst_of(self, contestant: Bare | Ours) -> Burst:
        async with up(contestant):
            return await get_one(contestant, self.size(600, 50))


@asynccontextmanager
async def up(contestant: Bare | Ours) -> AsyncIterator[Booted]:
    """Started, booted, every connector reported; stopped in the end."""
    try:
        yield await booted(contestant)
    finally:
        await contestant.stop()
