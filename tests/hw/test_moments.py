"""Moments in which two things happen at once, and what each then may not do."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from hw.api import PilotLevels, Sensors
from hw.guard.rules import Rules
from hw.guard.signals import Output
from hw.guard.steps import Step
from tests.hw.stand import CAPTIVE, SOCKET, Stand


def with_a_device() -> Stand:
    """Whose residual-current device can test itself, and has done so."""
    stand = Stand(CAPTIVE, start_up=True)
    stand.sensors = Sensors(rcd_selftest_fitted=True)
    return stand.permit(0.0).run(6.0)


def drives_a_test(stand: Stand, seconds: float) -> bool:
    """Is a self-test of the residual-current device driven?"""
    return any(stand.tick().selftest for _ in range(round(seconds * 100)))


# --- the self-test ----------------------------------------------------------------------------------------------------


def test_no_self_test_under_load() -> None:
    stand = with_a_device().charging()
    stand.rules.selftest.ask()

    assert not drives_a_test(stand, 2.0)
    stand.letter = "B"
    assert drives_a_test(stand, 2.0)


def test_no_self_test_while_a_contactor_hangs() -> None:
    stand = with_a_device()
    stand.feedback = True
    stand.tick()
    stand.rules.selftest.ask()

    assert not drives_a_test(stand, 0.1)


def test_no_self_test_during_a_click() -> None:
    stand = with_a_device()
    assert stand.rules.prove(stand.lease.allowance(stand.now_s), stand.now_s) == ""
    stand.rules.selftest.ask()

    while stand.tick().closed or stand.rules.click.running:
        assert not stand.out.selftest
    assert drives_a_test(stand, 1.0)


# --- the pilot --------------------------------------------------------------------------------------------------------


def test_a_level_below_is_no_missing_diode_while_there_is_no_pwm() -> None:
    stand = Stand(CAPTIVE).permit(0.0).plug("B").run(1.0)
    stand.levels = PilotLevels(9.0, 9.0, None)

    assert stand.run(2.0).names() == []


@pytest.mark.parametrize(("letter", "shown"), [("A", "A"), ("E", "E")])
def test_pilot_letters_without_a_car_have_no_number(letter: str, shown: str) -> None:
    stand = Stand(CAPTIVE).permit(0.0)
    stand.letter = letter

    assert stand.run(1.0).out.pilot == shown


def test_the_next_car_need_not_wait_for_the_sake_of_the_one_that_has_gone() -> None:
    """A car that is told less is given five seconds; whoever comes after it has heard nothing yet."""
    stand = Stand(CAPTIVE).charging(16.0)
    stand.permit(0.0).run(2.0)
    stand.letter = "A"
    stand.run(0.1)
    stand.permit(16.0).plug("B")

    assert stand.seconds_until(lambda out: out.offered_a == 16.0) < 1.0


# --- what is told -----------------------------------------------------------------------------------------------------


def plug_as_told(out: Output) -> tuple[bool | None, float | None]:
    return out.cable_present, out.cable_a


def test_a_plug_is_told_of_a_socket_only() -> None:
    assert plug_as_told(Stand(SOCKET).run(1.0).out) == (False, None)
    assert plug_as_told(Stand(SOCKET).plug("B").run(1.0).out) == (True, 32.0)
    assert plug_as_told(Stand(CAPTIVE).plug("B").run(1.0).out) == (None, None)


def test_a_guard_that_cannot_read_its_pilot_says_so_until_it_can() -> None:
    stand = Stand(CAPTIVE, start_up=True)
    stand.unreadable = True
    assert [stand.run(1.0).out.known, stand.out.sighted] == [True, False]

    stand.unreadable = False
    assert stand.run(1.0).out.sighted


def test_a_car_that_came_after_the_last_permit_awaits_one() -> None:
    stand = Stand(CAPTIVE).permit(16.0).run(1.0)
    stand.permit(None)
    stand.plug("B").run(1.0)
    assert stand.rules.awaits_permit

    stand.permit(16.0).run(0.1)
    assert not stand.rules.awaits_permit


def test_nobody_awaits_a_permit_where_nobody_is() -> None:
    stand = Stand(CAPTIVE).permit(16.0).plug("B").run(1.0)
    stand.permit(None)
    stand.letter = "A"
    stand.run(1.0)

    assert not stand.rules.awaits_permit


def test_nothing_is_settled_while_a_click_runs() -> None:
    stand = Stand(CAPTIVE).permit(0.0).run(6.0)
    assert stand.out.settled
    stand.rules.prove(stand.lease.allowance(stand.now_s), stand.now_s)

    while stand.tick().closed or stand.rules.click.running:
        assert not stand.out.settled
    assert stand.run(6.0).out.settled


def test_nothing_is_settled_while_a_letter_is_not_believed_yet() -> None:
    stand = Stand(CAPTIVE).permit(0.0).plug("B").run(6.0)
    assert stand.out.settled
    stand.letter = "C"

    assert not stand.tick().settled


# --- the end of the guard ---------------------------------------------------------------------------------------------


def test_a_sequence_on_the_pilot_ends_with_the_guard() -> None:
    stand = Stand(replace(CAPTIVE, cuttable=True)).permit(0.0).plug("B").run(1.0)
    assert stand.rules.begin_steps([Step("E", 60.0)], stand.now_s) == ""
    assert stand.run(1.0).out.cut

    stand.rules.stop(stand.now_s)

    assert not stand.run(0.1).out.cut
    assert stand.rules.steps.outcome == "something has come up"


def test_an_outlet_out_of_service_shows_f_and_not_to_a_car_that_is_there() -> None:
    stand = Stand(CAPTIVE).permit(0.0, out_of_service=True)
    assert stand.run(1.0).out.duty == 0.0

    taken = Stand(CAPTIVE).permit(0.0).plug("B").run(1.0).permit(0.0, out_of_service=True)
    assert taken.run(1.0).out.duty == 1.0


# --- the lock ---------------------------------------------------------------------------------------------------------


def test_a_plug_stays_locked_as_long_as_the_contactor_is_not_proven_open_whatever_is_permitted() -> None:
    stand = Stand(SOCKET).charging()
    stand.feedback = True  # it hangs
    stand.permit(0.0, hold_lock=False)
    stand.letter = "B"
    stand.seconds_until(lambda out: not out.closed)

    assert stand.run(0.05).out.locked
    assert stand.names() == []
    stand.feedback = None
    assert stand.seconds_until(lambda out: out.locked is False) < 1.0


def test_a_plug_stays_locked_while_a_weld_stands_although_it_shows_no_more() -> None:
    stand = Stand(SOCKET).charging()
    stand.feedback = True
    stand.letter = "B"
    stand.permit(0.0, hold_lock=False).run(10.0)
    assert stand.names() == ["MREC17EVSEContactorFault"]

    stand.feedback = None
    assert stand.run(5.0).out.locked
    assert stand.out.duty == 1.0  # state F is for a contactor that is welded just now


def test_a_socket_that_was_never_used_is_not_locked_because_its_contactor_hangs() -> None:
    stand = Stand(SOCKET).permit(0.0).run(6.0)
    stand.feedback = True

    assert stand.run(1.0).out.locked is False


@pytest.mark.parametrize("what", ["a cable without a car", "a cable with a resistor of its own", "a guard that ends"])
def test_no_plug_is_taken_that_could_not_charge(what: str) -> None:
    stand = Stand(SOCKET).permit(16.0)
    if what == "a guard that ends":
        stand.rules.stop(stand.now_s)
    stand.plug("A" if what == "a cable without a car" else "B", ohm=40.0 if "resistor" in what else 220.0)

    assert stand.run(2.0).out.locked is False


# --- the edges --------------------------------------------------------------------------------------------------------


def test_six_amperes_are_an_offer_lock_the_plug_and_close() -> None:
    stand = Stand(SOCKET).permit(6.0).plug("B").run(1.0)
    assert [stand.out.locked, stand.out.offered_a] == [True, 6.0]

    stand.letter = "C"
    assert stand.seconds_until(lambda out: out.closed) < 1.0


def test_what_was_permitted_in_the_very_moment_a_car_came_was_not_for_it() -> None:
    stand = Stand(CAPTIVE).permit(16.0).plug("B")
    stand.seconds_until(lambda out: out.ev_connected)
    stand.permit(None).run(1.0)

    assert stand.out.offered_a == 0.0
    assert stand.rules.awaits_permit


def test_without_a_car_on_the_pilot_nothing_else_is_blamed_and_no_digital_offer_is_made() -> None:
    """A plug that is only half in: the car answers on the pilot, and is not there."""
    stand = Stand(SOCKET).permit(16.0)
    stand.letter = "B"
    assert stand.run(0.3).out.held == ""

    assert stand.rules.begin_steps([Step("5%", 60.0)], stand.now_s) == ""
    assert stand.run(0.1).out.duty == 1.0


def test_a_digital_offer_stops_with_the_car_and_its_letter() -> None:
    stand = Stand(CAPTIVE).permit(0.0).plug("B").run(1.0)
    assert stand.rules.begin_steps([Step("5%", 60.0)], stand.now_s) == ""
    assert stand.run(0.1).out.duty == 0.05

    stand.letter = "E"
    assert stand.seconds_until(lambda out: out.duty == 1.0) < 0.2


def test_a_guard_says_when_its_next_wait_ends_and_that_none_does() -> None:
    stand = Stand(CAPTIVE, start_up=True)
    assert stand.rules.due_s(stand.now_s) == 1005.0

    stand.run(60.0)
    assert stand.rules.due_s(stand.now_s) == inf


def test_nothing_is_settled_while_a_car_is_told_of_a_fault() -> None:
    stand = Stand(CAPTIVE).permit(16.0).plug("B").run(6.0)
    stand.sensors = Sensors(reported_faults=("MREC2GroundFailure",))

    told = [stand.tick() for _ in range(100)]

    assert any(out.duty == 0.0 for out in told)
    assert not any(out.settled for out in told if out.duty == 0.0)
    assert told[-1].settled


def test_a_socket_that_is_free_stays_open_whatever_is_said_of_holding() -> None:
    stand = Stand(SOCKET).permit(0.0, hold_lock=True)

    assert stand.run(2.0).out.locked is False


def test_a_guard_that_starts_with_a_contactor_that_hangs_locks_the_plug_that_is_in() -> None:
    stand = Stand(SOCKET).permit(0.0)
    stand.rules, stand.feedback = Rules(SOCKET, stand.now_s), True

    assert stand.plug("B").run(0.5).out.locked
