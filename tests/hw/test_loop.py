"""The guard's loop: which of its ticks tell the drivers that the guard is well. On a clock that a test turns."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hw.api import Permit
from hw.guard.hardware import Hardware
from hw.guard.latches import Latches
from hw.guard.loop import ENDING_S, LATE_COUNT, LATE_S, TICK_S, Loop
from hw.guard.signals import Spec
from hw.guard.socket import Post
from hw.guard.station import Guard
from hw.mock.bay import Bay, Drive

T0 = 1000.0
EPOCH = 7


@dataclass
class Board:
    """Pilot and contactor of a bay, whose watchdog relay counts the pulses that it gets."""

    bay: Bay
    now_s: float = T0
    out: dict[str, Any] = field(default_factory=dict)
    beats: list[float] = field(default_factory=list)  # when they came

    def levels(self) -> Any:
        self.bay.advance(self.now_s)
        return self.bay.levels()

    def sensors(self) -> Any:
        return self.bay.sensors()

    def feedback(self) -> bool:
        return self.bay.feedback()

    def offer(self, duty: float) -> None:
        self._drive(duty=duty)

    def switch(self, closed: bool) -> None:
        self._drive(coil=closed)

    def test_residual_current(self) -> None:
        self._drive(selftests=self.out.get("selftests", 0) + 1)

    def beat(self) -> None:
        self.beats.append(self.now_s)

    def close(self) -> None: ...

    def _drive(self, **changes: Any) -> None:
        self.out |= changes
        self.bay.drive(Drive(**self.out), self.now_s)


class Run:
    """A loop and its board; nothing passes but what a test lets pass."""

    def __init__(self, folder: Path) -> None:
        self.board = Board(Bay("cable", now_s=T0))
        self.post = Post(folder, "guard.sock")
        self.guard = Guard([Hardware(Spec(1, socket=False, lock=False), self.board, self.board)], EPOCH, T0)
        self.slow_s = 0.0  # how much longer than asked for every sleep takes
        self.loop = Loop(
            self.guard, self.post, Latches(folder, [1]), parent=None, clock=lambda: self.board.now_s, sleep=self.sleep
        )
        self.due_s = T0

    def sleep(self, seconds: float) -> None:
        self.board.now_s += seconds + self.slow_s

    def turn(self, late_s: float = 0.0) -> None:
        """The next tick, so much after it was due."""
        self.due_s += TICK_S
        self.board.now_s = self.due_s + late_s
        self.guard.permit(Permit(1, EPOCH, 16.0, sent_at_s=self.board.now_s), self.board.now_s)
        self.due_s = self.loop.turn(self.due_s, self.board.now_s)

    def until(self, holds: Callable[[], bool], within_s: float = 20.0) -> None:
        while not holds():
            assert self.board.now_s < T0 + within_s, "it did not come true"
            self.turn()

    def charging(self) -> None:
        self.board.bay.plug({}, T0)
        self.until(self.board.feedback)

    def warned(self) -> bool:
        """Is it a fault that the loop runs late?"""
        self.turn()
        return any(fault.name == "VendorWarning" for fault in self.guard.outlets[1].rules.book.faults)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path)
    yield run
    run.post.close()


# --- heartbeats -------------------------------------------------------------------------------------------------------


def test_every_tick_in_time_gives_one_heartbeat(run: Run) -> None:
    for _ in range(100):
        run.turn()

    assert len(run.board.beats) == 100


@pytest.mark.parametrize(("late_s", "beats"), [(LATE_S - 0.001, 3), (LATE_S + 0.001, 2), (30.0, 2)])
def test_a_late_tick_gives_no_heartbeat_and_the_next_one_in_time_does(run: Run, late_s: float, beats: int) -> None:
    run.turn()
    run.turn(late_s)
    run.turn()

    assert len(run.board.beats) == beats


def test_a_late_tick_looks_and_decides_all_the_same(run: Run) -> None:
    run.charging()
    run.board.bay.change_car({"asks_power": False, "reaction_s": 0.0}, run.board.now_s)

    run.turn(0.5)  # the level is new
    run.turn(0.5)  # and is believed
    run.turn(0.5)

    assert not run.board.out["coil"]


def test_a_loop_that_never_keeps_its_time_gives_no_heartbeat_at_all(run: Run) -> None:
    for _ in range(50):
        run.turn(0.1)

    assert run.board.beats == []


# --- lateness ---------------------------------------------------------------------------------------------------------


def test_ticks_that_were_missed_are_gone(run: Run) -> None:
    run.turn(5.0)

    assert run.due_s == run.board.now_s


def test_a_tick_a_little_late_moves_no_other(run: Run) -> None:
    run.turn(0.030)

    assert run.due_s == pytest.approx(T0 + TICK_S)


def test_late_ticks_are_counted_and_the_worst_is_remembered(run: Run) -> None:
    for late_s in (0.0, LATE_S - 0.001, 0.3, LATE_S + 0.001, 0.0):
        run.turn(late_s)
    assert run.loop.late_ticks == 2
    assert run.loop.worst_delay_s == pytest.approx(0.3)


def test_ten_late_ticks_within_a_minute_are_a_warning_and_nine_are_none(run: Run) -> None:
    for _ in range(LATE_COUNT - 1):
        run.turn(0.1)
    assert not run.warned()

    run.turn(0.1)
    assert run.warned()


# --- the end ----------------------------------------------------------------------------------------------------------


def test_a_guard_that_ends_beats_until_its_contactors_are_open_and_not_once_more(run: Run) -> None:
    run.charging()
    run.board.beats.clear()
    began_s = run.board.now_s

    run.loop.open_everything()

    opened_s = max(run.board.beats)
    assert 0.5 <= opened_s - began_s < 1.0  # the car opens its S2 after 0.5 s: nothing was opened under load
    assert run.board.now_s - opened_s >= ENDING_S
    assert not run.board.feedback()


def test_a_guard_that_ends_with_every_contactor_open_does_not_beat(run: Run) -> None:
    run.turn()
    run.board.beats.clear()

    run.loop.open_everything()

    assert run.board.beats == []


def test_a_guard_that_ends_and_is_late_does_not_beat(run: Run) -> None:
    run.charging()
    run.turn()
    run.board.beats.clear()
    run.slow_s = 0.1

    run.loop.open_everything()

    assert len(run.board.beats) == 1  # the first tick was in time
    assert not run.board.feedback()


# --- making way for a new program ------------------------------------------------------------------------------------


def test_a_guard_that_is_to_make_way_ends_once_the_car_has_gone_and_not_before(run: Run) -> None:
    run.charging()
    run.loop._make_way(signal.SIGHUP, None)
    for _ in range(1000):
        run.turn()
    assert run.board.out["coil"]
    assert not run.loop.ending

    run.board.bay.unplug("both", run.board.now_s)
    run.until(lambda: run.loop.ending, within_s=60.0)
    assert not run.board.out["coil"]
