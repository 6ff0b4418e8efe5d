"""Every pilot, simulated, on the board's lines, or a controller on a serial line, does the same with one car."""

from __future__ import annotations

import asyncio
import errno
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from hw.api import Pilot, PilotLevels, SelfSwitching
from hw.discovery import Place
from hw.errors import DeviceLost
from hw.guard.pilot import diode_shows, duty_for, letter_of
from hw.mock.bay import Bay, Drive
from hw.mock.drivers import MockPilot, Nothing
from hw.mock.terminals import Terminals
from hw.mock.wires import open_wires
from hw.serial.dialogue import Dialogue
from hw.serial.rapi_pilot import RapiOptions, RapiPilot
from tests.hw.pilot_board import Board
from tests.hw.test_serial_guard import Talker
from tests.hw.test_simpleevse import bench as on_a_bus
from tests.peers.openevse import OpenEvse

X1 = 1.0
STEP_S = 0.005
SEEN_WITHIN_S = 2.0
LOST_WITHIN_S = 5.0
BACK_WITHIN_S = 15.0


class Stand(ABC):
    """A pilot, the bay it looks at, and time. `lose` is as if its wire were pulled."""

    pilot: Pilot
    bay: Bay
    now_s = 1000.0

    async def run(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            self.now_s = round(self.now_s + STEP_S, 6)
            self.step()
            self.look()

    @abstractmethod
    def step(self) -> None:
        """What the pilot drives reaches the bay, what the bay makes reaches the pilot."""

    def look(self) -> PilotLevels | None:
        """The guard does so at every tick."""
        try:
            return self.pilot.levels()
        except DeviceLost:
            return None

    @abstractmethod
    def lose(self, lost: bool) -> None: ...

    async def until(self, condition: Callable[[], bool], within_s: float) -> None:
        until_s = self.now_s + within_s
        while not condition():
            assert self.now_s < until_s, self.look()
            await self.run(STEP_S)

    async def shows(self, letter: str, *, pwm: bool) -> None:
        await self.until(lambda: self.seen() == (letter, pwm), SEEN_WITHIN_S)

    def seen(self) -> tuple[str, bool] | None:
        """The letter, and whether the low plateau of a PWM shows."""
        levels = self.look()
        return None if levels is None else (letter_of(levels.high_v), diode_shows(levels.low_v))

    def offer(self, amps: float) -> None:
        if isinstance(self.pilot, SelfSwitching):
            self.pilot.switch(True)  # type: ignore[attr-defined]
        self.pilot.offer(duty_for(amps))

    async def ready(self) -> None:
        """It has found what it talks to, if anything, and shows x1."""
        self.pilot.offer(X1)
        await self.until(lambda: self.seen() == ("A", False), BACK_WITHIN_S)

    def plug(self) -> None:
        self.bay.plug({"asks_power": False, "reaction_s": 0.1}, self.now_s)

    def ask(self) -> None:
        self.bay.change_car({"asks_power": True}, self.now_s)

    def unplug(self) -> None:
        self.bay.unplug("both", self.now_s)


class Simulated(Stand):
    def __init__(self, folder: Path) -> None:
        self.bay = Bay("cable", now_s=self.now_s)
        self._terminals = Terminals(open_wires(folder), 1)
        self.pilot = MockPilot(Nothing(), Place("evse.1.pilot", folder, 1))

    def step(self) -> None:
        self.bay.drive(self._terminals.drive(), self.now_s)
        self._terminals.show(self.bay)

    def lose(self, lost: bool) -> None:
        pytest.fail("a mapped file is never lost")


class OnTheBoard(Stand):
    """Hardware PWM and a converter."""

    def __init__(self, folder: Path) -> None:
        self._board = Board(folder)
        self.now_s = self._board.now_s
        self.bay = Bay("cable", now_s=self.now_s)
        self.pilot = self._board.driver()

    def step(self) -> None:
        self._board.wait(self.now_s - self._board.now_s)
        self.bay.drive(Drive(self._board.duty()), self.now_s)
        self._board.letter = letter_of(self.bay.levels().high_v)

    def lose(self, lost: bool) -> None:
        self._board.converter.fails = errno.ESHUTDOWN if lost else None


class OnRapi(Stand):
    """OpenEVSE; without the thread, which has tests of its own."""

    def __init__(self, folder: Path) -> None:
        self._controller = OpenEvse(self.now_s)
        self._talker, self._underway = Talker(), b""
        self.bay = self._controller.bay
        self.pilot = RapiPilot(RapiOptions(port=""), Place("evse.1.pilot", folder), talk=self._talk)

    def _talk(self, dialogue: Dialogue) -> Any:
        self._dialogue = dialogue
        dialogue.opened(self.now_s)
        return self._talker

    def step(self) -> None:
        said, arrived = self._controller.tick(self.now_s), self._underway
        if self._talker.lost:
            return
        if arrived:
            self._dialogue.received(arrived, self.now_s)
        request = self._dialogue.request(self.now_s)
        self._underway = said + (self._controller.feed(request, self.now_s) if request else b"")

    def lose(self, lost: bool) -> None:
        gone = DeviceLost("it has gone", where="[evse.1.pilot]", fix="Plug it in.")
        self._talker.lost, self._underway = gone if lost else None, b""
        if not lost:
            self._dialogue.opened(self.now_s)


class OnModbus(Stand):
    """SimpleEVSE, in the virtual time of the event loop."""

    def __init__(self, bench: Any) -> None:
        self._bench = bench
        self.bay, self.pilot = bench.board.bay, bench.pilot

    @property
    def now_s(self) -> float:  # type: ignore[override]
        return asyncio.get_running_loop().time()

    async def run(self, seconds: float) -> None:
        await self._bench.run(seconds)

    def step(self) -> None:
        """The bench does it."""

    def lose(self, lost: bool) -> None:
        self._bench.wire.gone = lost


@asynccontextmanager
async def a_stand(kind: str, folder: Path) -> AsyncIterator[Stand]:
    if kind == "simpleevse":
        async with on_a_bus() as bench:
            yield OnModbus(bench)
    else:
        yield {"mock": Simulated, "gpio": OnTheBoard, "rapi": OnRapi}[kind](folder)


ON_A_WIRE = ["gpio", "rapi", "simpleevse"]
EVERY = pytest.mark.parametrize("kind", ["mock", *ON_A_WIRE])


@EVERY
async def test_a_car_comes_is_offered_asks_and_leaves(kind: str, tmp_path: Path) -> None:
    async with a_stand(kind, tmp_path) as stand:
        await stand.ready()
        stand.plug()
        await stand.shows("B", pwm=False)

        stand.offer(16)
        await stand.shows("B", pwm=True)

        stand.ask()
        await stand.shows("C", pwm=True)

        stand.unplug()
        await stand.until(lambda: (stand.seen() or "?")[0] == "A", SEEN_WITHIN_S)


@EVERY
async def test_an_offer_that_is_withdrawn_is_x1_again(kind: str, tmp_path: Path) -> None:
    async with a_stand(kind, tmp_path) as stand:
        await stand.ready()
        stand.plug()
        stand.offer(16)
        await stand.shows("B", pwm=True)

        stand.pilot.offer(X1)
        await stand.shows("B", pwm=False)


@EVERY
async def test_levels_are_of_now_or_tell_when_they_were_taken(kind: str, tmp_path: Path) -> None:
    async with a_stand(kind, tmp_path) as stand:
        await stand.ready()
        for _ in range(5):
            await stand.run(0.73)
            taken_s = stand.pilot.levels().taken_s
            assert taken_s == 0.0 or 0.0 <= stand.now_s - taken_s <= 1.0  # 0: at the moment of asking


@pytest.mark.parametrize("kind", ON_A_WIRE)
async def test_a_lost_pilot_says_so_and_comes_back_with_what_is_there_then(kind: str, tmp_path: Path) -> None:
    async with a_stand(kind, tmp_path) as stand:
        await stand.ready()
        stand.lose(True)
        await stand.until(lambda: stand.look() is None, LOST_WITHIN_S)
        with pytest.raises(DeviceLost) as lost:
            stand.pilot.levels()
        assert (lost.value.where, lost.value.fix != "") == ("[evse.1.pilot]", True)

        stand.plug()
        stand.lose(False)
        await stand.until(lambda: stand.seen() == ("B", False), BACK_WITHIN_S)
