"""Which loops go on: each reports, and what is silent for too long is named. On a clock that a test turns."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chargepoint.heartbeats import Heart, Heartbeats


class Scene:
    def __init__(self) -> None:
        self.now_s = 0.0
        self.beats = Heartbeats(lambda: self.now_s)


@pytest.fixture
def scene() -> Scene:
    return Scene()


class FakeTask:
    ended = False

    def done(self) -> bool:
        return self.ended


def test_a_loop_that_reports_every_turn_is_never_named(scene: Scene) -> None:
    heart = scene.beats.expect("supply", 10.0)
    for _ in range(100):
        scene.now_s += 10.0
        assert scene.beats.look() == []
        heart.beat()


def test_a_loop_that_never_has_its_first_turn_is_named(scene: Scene) -> None:
    scene.beats.expect("supply", 10.0)
    scene.now_s = 10.1
    assert scene.beats.look() == ["supply has been silent for 10 s"]


def test_of_several_only_the_silent_one_is_named_until_it_goes_on(scene: Scene) -> None:
    silent, going = scene.beats.expect("supply", 10.0), scene.beats.expect("meter of EVSE 1", 120.0)
    scene.now_s = 60.0
    going.beat()
    assert scene.beats.look() == ["supply has been silent for 60 s"]
    silent.beat()
    assert scene.beats.look() == []


def test_who_waits_for_work_may_wait_for_ever_and_who_works_may_not(scene: Scene) -> None:
    desk = scene.beats.expect("desk", 60.0, resting=True)
    scene.now_s = 1e6
    assert scene.beats.look() == []
    desk.beat()
    scene.now_s += 61.0
    assert scene.beats.look() == ["desk has been silent for 61 s"]
    desk.rest()
    assert scene.beats.look() == []


def test_a_thread_that_does_its_piece_of_work_goes_on_and_one_that_does_not_hangs(scene: Scene) -> None:
    given: list[Callable[[], None]] = []
    scene.beats.probe("store", 60.0, given.append)
    for _ in range(3):
        assert scene.beats.look() == []
        given.pop()()  # in the thread
        scene.now_s += 100.0  # between two looks
    assert scene.beats.look() == []
    scene.now_s += 61.0
    assert scene.beats.look() == ["store has been silent for 61 s"]
    assert len(given) == 1  # a thread that hangs gets no more to do
    given.pop()()
    assert scene.beats.look() == []


def test_somebody_else_s_work_is_watched_from_outside(scene: Scene) -> None:
    last_s = 0.0
    scene.beats.watch("guard link", 10.0, lambda: last_s)
    scene.now_s = 11.0
    assert scene.beats.look() == ["guard link has been silent for 11 s"]
    last_s = 11.0
    assert scene.beats.look() == []


def test_a_task_that_has_ended_is_named(scene: Scene) -> None:
    task = FakeTask()
    scene.beats.expect_task("back office", task)
    assert scene.beats.look() == []
    task.ended = True
    assert scene.beats.look() == ["back office has ended"]


def test_a_heart_that_nobody_listens_to_may_beat_all_the_same() -> None:
    heart = Heart()
    heart.beat()
    heart.rest()
    assert heart.heard_s is None
