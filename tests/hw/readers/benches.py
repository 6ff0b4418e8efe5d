"""Card readers on a bench: the driver, its simulated device, and a hand that lays cards on it and pulls the plug."""

from __future__ import annotations

import asyncio
import os
import sys
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
from tests.peers.keyboard import key_events
from tests.peers.memory_line import MemoryLine
from tests.peers.mfrc522 import Mfrc522Chip
from tests.peers.pn532 import Pn532Chip
from tests.peers.rdm6300 import rdm6300_frame
from tests.peers.smartcard_service import SmartCardService
from tests.peers.type_a_card import TypeACard

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


class Rdm6300Bench(SerialBench):
    """It says the id of the card that lies there every 60 ms."""

    card, other = "100086F444", "010063E9AE"

    def __init__(self, state: Path, patch: pytest.MonkeyPatch) -> None:
        self._saying: asyncio.Task[None] | None = None
        super().__init__(state, "rdm6300", lambda data: b"", patch)

    async def lay(self, uid: str) -> None:
        self.take_away()
        self._saying = asyncio.get_running_loop().create_task(self._say(bytes.fromhex(uid)))

    def take_away(self) -> None:
        if self._saying is not None:
            self._saying.cancel()

    def unplug(self) -> None:
        self.take_away()
        super().unplug()

    async def _say(self, uid: bytes) -> None:
        while True:
            self.lines[-1].says(rdm6300_frame(uid))
            await asyncio.sleep(0.06)


class Rc522Bench:
    """The bus is always there: a reader that is not reads as zeros."""

    card, other = "04A1B2C3D4E5F6", "DEADBEEF"

    def __init__(self, state: Path, patch: pytest.MonkeyPatch) -> None:
        self._state = state
        self.chip = Mfrc522Chip()
        self.chip.powered = False
        patch.setattr("hw.readers.rc522.open_spi", self._open)

    def _open(self, path: str, where: str) -> Mfrc522Chip:
        self.chip.closed = False
        return self.chip

    def reader(self, **options: Any) -> CardReader:
        return load("card_reader", {"driver": "rc522", "port": "/dev/spidev0.0", **options}, place(self._state))

    async def lay(self, *uids: str) -> None:
        self.chip.cards = [TypeACard(uid) for uid in uids]

    def take_away(self) -> None:
        self.chip.cards = []

    def unplug(self) -> None:
        self.chip.powered = False
        self.chip.power_cycle()

    def plug(self) -> None:
        self.chip.powered = True


class EvdevBench:
    """A keyboard's events come through a pipe; only the kernel's input devices can be grabbed."""

    card, other = "04A1B2C3D4E5F6", "DEADBEEF"

    def __init__(self, state: Path, patch: pytest.MonkeyPatch) -> None:
        self._state, self._link, self._fd = state, state / "event-kbd", -1
        self.grabbed: list[int] = []
        patch.setattr("hw.readers.evdev.grab", self.grabbed.append)

    def reader(self, **options: Any) -> CardReader:
        return load("card_reader", {"driver": "evdev", "port": str(self._link), **options}, place(self._state))

    async def lay(self, uid: str) -> None:
        self.type(uid)

    def type(self, digits: str, *, enter: bool = True) -> None:
        os.write(self._fd, b"".join(map(key_events, digits)) + (key_events("\n") if enter else b""))

    def take_away(self) -> None: ...

    def unplug(self) -> None:
        os.close(self._fd)
        self._link.unlink()

    def plug(self) -> None:
        os.mkfifo(self._link)
        self._fd = os.open(self._link, os.O_RDWR | os.O_NONBLOCK)


class PcscBench:
    """The service pcscd, and a card on its reader."""

    card, other = "04A1B2C3D4E5F6", "DEADBEEF"

    def __init__(self, state: Path, patch: pytest.MonkeyPatch) -> None:
        self._state = state
        self.service = SmartCardService()
        for name, module in self.service.modules().items():
            patch.setitem(sys.modules, name, module)
        patch.setattr("asyncio.to_thread", _at_once)  # threads and a clock that jumps do not mix

    def reader(self, **options: Any) -> CardReader:
        return load("card_reader", {"driver": "pcsc", **options}, place(self._state))

    async def lay(self, uid: str) -> None:
        self.service.card = bytes.fromhex(uid)

    def take_away(self) -> None:
        self.service.card = None

    def unplug(self) -> None:
        self.service.readers.clear()

    def plug(self) -> None:
        self.service.readers.append("ACS ACR122U PICC Interface 00 00")


async def _at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


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
    "rdm6300": Rdm6300Bench,
    "rc522": Rc522Bench,
    "evdev": EvdevBench,
    "pcsc": PcscBench,
}
