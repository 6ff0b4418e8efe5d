"""How much the station says and hears over its network, by day and by month: what a mobile plan is paid by.

Counted are the link to the back office, as TCP counts it, and files of firmware and logs. Days are of UTC. Written once
an hour and at the end: a power cut costs an hour's count and the storage card next to nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

SPACE = "data use"
DAYS, MONTHS = 62, 24
"""How many are kept."""

SAVE_EVERY_S = 3600.0

Spent = Callable[[int, int], None]
"""Told bytes sent and received since it was told last."""


class Memory(Protocol):
    def get(self, space: str, key: str, /) -> Any: ...
    def put(self, space: str, key: str, value: Any, /) -> None: ...


@dataclass(slots=True)
class Amount:
    """Bytes."""

    sent: int = 0
    received: int = 0

    def add(self, sent: int, received: int) -> None:
        self.sent += sent
        self.received += received


@dataclass(slots=True, eq=False)
class DataUse:
    memory: Memory
    today: Callable[[], date]
    since_start: Amount = field(default_factory=Amount)
    _days: dict[str, Amount] = field(init=False)  # "2026-11-23" -> that day's
    _months: dict[str, Amount] = field(init=False)  # "2026-11" -> that month's

    def __post_init__(self) -> None:
        self._days, self._months = self._kept("days"), self._kept("months")

    def spent(self, sent: int, received: int) -> None:
        day = self.today().isoformat()
        for amount in (self.since_start, self._of(self._days, day), self._of(self._months, day[:7])):
            amount.add(sent, received)

    @property
    def day(self) -> Amount:
        return self._days.get(self.today().isoformat(), Amount())

    @property
    def month(self) -> Amount:
        return self._months.get(self.today().isoformat()[:7], Amount())

    async def keep(self) -> None:
        """Save now and then, and in the end."""
        try:
            while True:
                await asyncio.sleep(SAVE_EVERY_S)
                self.save()
        finally:
            self.save()

    def save(self) -> None:
        self._save("days", self._days, DAYS)
        self._save("months", self._months, MONTHS)

    def _save(self, key: str, amounts: dict[str, Amount], most: int) -> None:
        for old in sorted(amounts)[:-most]:
            del amounts[old]
        self.memory.put(SPACE, key, {name: [amount.sent, amount.received] for name, amount in amounts.items()})

    def _kept(self, key: str) -> dict[str, Amount]:
        return {name: Amount(*numbers) for name, numbers in (self.memory.get(SPACE, key) or {}).items()}

    @staticmethod
    def _of(amounts: dict[str, Amount], name: str) -> Amount:
        return amounts.setdefault(name, Amount())
