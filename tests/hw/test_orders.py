"""What may be ordered of an EVSE, and when: nothing that moves a plug or a pilot while mains may be on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from hw.guard.contactor import OFF_S
from hw.guard.steps import Step
from tests.hw.stand import CAPTIVE, SOCKET, TICK_S, Stand

CLOSED = "the contactor is closed"
SWITCHES_BY_ITSELF = replace(SOCKET, self_switching=True)
Order = Callable[[Stand], str]


def release(stand: Stand) -> str:
    return stand.rules.release_cable()


def begin_steps(stand: Stand) -> str:
    return stand.rules.begin_steps([Step("F", 3.0)], stand.now_s)


def prove(stand: Stand) -> str:
    return stand.rules.prove(stand.lease.allowance(stand.now_s), stand.now_s)


orders = pytest.mark.parametrize("order", [release, begin_steps])


@orders
def test_under_load_nothing_is_done(order: Order) -> None:
    assert order(Stand(SOCKET).charging()) == CLOSED


@orders
def test_a_contactor_that_was_told_to_close_and_has_not_yet_counts_as_closed(order: Order) -> None:
    stand = Stand(SOCKET).charging()
    stand.feedback = False
    stand.tick()

    assert order(stand) == CLOSED


@orders
def test_a_contactor_that_was_told_to_open_and_has_not_yet_counts_as_closed(order: Order) -> None:
    stand = Stand(SOCKET).charging()
    stand.feedback = True
    stand.letter = "B"
    stand.seconds_until(lambda out: not out.closed)

    assert order(stand) == CLOSED


@orders
def test_a_controller_may_wait_for_its_car_and_is_not_under_load(order: Order) -> None:
    stand = Stand(SWITCHES_BY_ITSELF).permit(16.0).plug("B").run(6.0)
    assert (stand.out.closed, stand.out.contactor) == (True, "open")

    assert order(stand) == ""


@orders
def test_a_controller_that_has_closed_is(order: Order) -> None:
    stand = Stand(SWITCHES_BY_ITSELF).permit(16.0).plug("B").run(6.0)
    stand.letter = "C"
    stand.run(1.0)

    assert order(stand) == CLOSED


def test_a_car_whose_plug_is_not_home_is_none_that_sleeps() -> None:
    stand = Stand(SOCKET).permit(16.0)
    stand.letter = "B"
    stand.run(2.0)

    assert stand.rules.wake(stand.now_s) == "there is no car that sleeps"


def test_no_click_before_the_contactor_is_proven_open() -> None:
    stand = Stand(CAPTIVE).permit(0.0).run(6.0)
    stand.feedback = True
    stand.tick()

    assert stand.names() == []
    assert prove(stand) == "the contactor has just been closed: try again in some seconds"


def test_a_click_waits_exactly_as_long_as_the_contactor_rests() -> None:
    stand = Stand(CAPTIVE).permit(0.0).run(6.0)
    prove(stand)
    stand.seconds_until(lambda out: not out.closed)

    stand.run(OFF_S - TICK_S)
    assert prove(stand) == "the contactor has just been closed: try again in some seconds"
    stand.tick()
    assert prove(stand) == ""


def test_a_loop_that_is_late_is_a_warning_from_that_moment() -> None:
    stand = Stand(CAPTIVE)
    told_s = stand.now_s
    stand.rules.late(True, told_s)
    stand.run(1.0)

    [fault] = stand.out.faults
    assert (fault.name, fault.since_s) == ("VendorWarning", told_s)
