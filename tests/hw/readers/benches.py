"""Card readers on a bench: the driver, its simulated device, and a hand that lays cards on it and pulls the plug."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest

from hw.api import CardReader, CardSeen
from hw.discovery import Place, load
from hw.errors import DeviceLost
from hw.guard.config import GuardConfig
from hw.mock.server import Server
from hw.mock.simulator import Simulator
from tests.peers.memory_line import MemoryLine
from tests.peers.pn532 import Pn532Chip

WHERE = "card_reader.2"
NUMBER = 1


class Bench(Protocol):
    """One reader. It is not plugged in at first."""

    card: str  # two ids that it can read
    other: str

    def reader(self, **options: Any) -> CardReader: ...
    async def lay(self, uid: str) -> None: ...
    def take_away(self) -> None: ...
    def unplug(self) -> None: ...
    def plug(self) -> None: ...


def place(state: Path) -> Place:
    return Place(WHERE, state, number=NUMBER)


class SerialBench:
    """A reader on a serial line, the line in memory."""

    card, other = "04A1B2C3D4E5F6", "DEADBEEF"

    def __init__(self, state: Path, driver: str, hears: Callable[[bytes], bytes], patch: pytest.MonkeyPatch) -> None:
        self._state, self._driver, self._hears = state, driver, hears
        self.plugged = False
        self.lines: list[MemoryLine] = []
        patch.setattr(f"hw.readers.{driver}.open_line", self._open)

    def _open(self, path: str, baudrate: int, where: str) -> MemoryLine:
        if not self.plugged:
            raise DeviceLost(f'there is no port "{path}"', where=where, fix="Plug it in.")
        line = MemoryLine(self._hears, where)
        self.lines.append(line)
        return line

    def reader(self, **options: Any) -> CardReader:
        return load("card_reader", {"driver": self._driver, "port": "/dev/ttyUSB0", **options}, place(self._state))

    def unplug(self) -> None:
        self.plugged = False
        for line in self.lines:
            line.unplug()

    def plug(self) -> None:
        self.plugged = True


class Pn532Bench(SerialBench):
    def __init__(self, state: Path, patch: pytest.MonkeyPatch) -> None:
        self.chip = Pn532Chip()
        super().__init__(state, "pn532", lambda data: self.chip.hears(data), patch)

    async def lay(self, uid: str) -> None:
        self.chip.card = bytes.fromhex(uid)

    def take_away(self) -> None:
        self.chip.card = None

    def unplug(self) -> None:
        super().unplug()
        self.chip.power_cycle()


class MockBench:
    """The simulated reader and its process's server, in this loop."""

    card, other = "04A1B2C3D4E5F6", "DEADBEEF"

    def __init__(self, state: Path) -> None:
        self._state = state
        self._serving: asyncio.Task[None] | None = None

    def reader(self, **options: Any) -> CardReader:
        return load("card_reader", {"driver": "mock", **options}, place(self._state))

    async def lay(self, uid: str) -> None:
        await Simulator(self._state).card(uid, NUMBER)

    def take_away(self) -> None: ...

    def unplug(self) -> None:
        """The process dies, and its sockets with it."""
        for task in asyncio.all_tasks():
            if task is self._serving or getattr(task.get_coro(), "__qualname__", "") == "Server._talk":
                task.cancel()

    def plug(self) -> None:
        self._serving = asyncio.get_running_loop().create_task(Server(GuardConfig(()), self._state).run())


@dataclass
class Heard:
    """What came of listening to a reader."""

    cards: list[CardSeen] = field(default_factory=list)
    lost: DeviceLost | None = None

    @property
    def uids(self) -> list[str]:
        return [card.uid for card in self.cards]

    async def listen(self, reader: CardReader) -> None:
        try:
            async with reader as opened:
                async for card in opened.cards():
                    self.cards.append(card)
        except DeviceLost as lost:
            self.lost = lost


@asynccontextmanager
async def listening(reader: CardReader) -> AsyncIterator[Heard]:
    """What the reader tells while the block lasts."""
    heard = Heard()
    task = asyncio.get_running_loop().create_task(heard.listen(reader))
    try:
        await asyncio.sleep(0.1)  # until it is open
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    if not task.cancelled():
        task.result()


BENCHES: dict[str, Callable[[Path, pytest.MonkeyPatch], Bench]] = {
    "mock": lambda state, patch: MockBench(state),
    "pn532": Pn532Bench,
}
