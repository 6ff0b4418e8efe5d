"""Signals on the pilot that are no offer: orders for them, and waking a car that sleeps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hw.guard.signals import Output
from hw.guard.steps import Step, Steps, parse
from tests.hw.stand import CAPTIVE, SOCKET, Stand

CUTTABLE = replace(CAPTIVE, cuttable=True)
WAKING = replace(CUTTABLE, wake_up=True)


def shows(output: Output) -> str:
    """What the car sees."""
    if output.cut:
        return "E"
    return {0.0: "F", 0.05: "5%", 1.0: "x1"}.get(output.duty, "PWM")


def course(stand: Stand, seconds: float) -> list[tuple[str, float]]:
    """What the car sees, one after the other, and for how long each."""
    shown: list[tuple[str, float]] = []
    for _ in range(round(seconds * 100)):
        what = shows(stand.tick())
        if shown and shown[-1][0] == what:
            shown[-1] = what, shown[-1][1] + 0.01
        else:
            shown.append((what, 0.01))
    return [(what, pytest.approx(seconds, abs=0.021)) for what, seconds in shown]


# --- words ------------------------------------------------------------------------------------------------------------


def test_steps_are_read_as_they_are_ordered() -> None:
    assert parse("E 4, x1 0.75") == (Step("E", 4.0), Step("x1", 0.75))
    assert parse("5% 10") == (Step("5%", 10.0),)
    assert parse(" F   3 ") == (Step("F", 3.0),)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", '"" is none of x1, E, F, 5%'),
        ("G 3", '"G" is none of x1, E, F, 5%'),
        ("x1", '"x1" does not say how many seconds'),
        ("x1 soon", '"x1 soon" does not say how many seconds'),
        ("x1 0", "a step lasts 60 s at most"),
        ("x1 61", "a step lasts 60 s at most"),
        ("x1 nan", "a step lasts 60 s at most"),
        ("x1 -1", "a step lasts 60 s at most"),
        (", ".join(["x1 1"] * 9), "more than 8 steps"),
    ],
)
def test_what_makes_no_sense_is_named(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("%", "%")):
        parse(text)


# --- by order ---------------------------------------------------------------------------------------------------------


def test_steps_follow_each_other_and_then_the_rules_go_on() -> None:
    stand = Stand(CUTTABLE).permit(16.0).plug("B").run(10.0)

    assert stand.rules.begin_steps(parse("E 4, x1 0.75, 5% 2"), stand.now_s) == ""

    assert course(stand, 12.0) == [("E", 4.0), ("x1", 0.75), ("5%", 2.0), ("PWM", 5.25)]
    assert stand.rules.steps.outcome == ""
    assert stand.out.ev_connected


def test_a_pilot_that_cannot_be_cut_shows_f_instead_of_e() -> None:
    stand = Stand(CAPTIVE).permit(16.0).plug("B").run(10.0)

    stand.rules.begin_steps(parse("E 4"), stand.now_s)

    assert course(stand, 5.0)[0] == ("F", 4.0)
    assert stand.out.ev_connected


def test_under_five_percent_nothing_closes() -> None:
    stand = Stand(CUTTABLE).permit(16.0).plug("B").run(10.0)
    stand.rules.begin_steps(parse("5% 20"), stand.now_s)
    stand.run(1.0)
    stand.letter = "C"

    for _ in range(1500):
        assert not stand.tick().closed
    assert (stand.out.offered_a, stand.out.pilot) == (0.0, "C2")


def test_five_percent_is_for_a_car_that_is_there() -> None:
    stand = Stand(CUTTABLE).permit(16.0).run(1.0)
    stand.rules.begin_steps(parse("5% 20"), stand.now_s)

    assert course(stand, 1.0) == [("x1", 1.0)]
    stand.plug("B")
    assert course(stand, 1.0)[-1][0] == "5%"
    stand.letter = "A"
    assert course(stand, 1.0)[-1][0] == "x1"


def test_a_car_that_leaves_while_the_pilot_is_cut_is_missed_as_soon_as_the_pilot_is_back() -> None:
    stand = Stand(CUTTABLE).permit(16.0).plug("B").run(10.0)
    stand.rules.begin_steps(parse("E 4"), stand.now_s)
    stand.run(1.0)
    stand.letter = "A"

    stand.run(2.9)
    assert stand.out.ev_connected
    stand.run(0.25)
    assert not stand.out.ev_connected


def test_no_car_seems_to_leave_because_its_pilot_is_cut() -> None:
    stand = Stand(replace(SOCKET, cuttable=True)).permit(16.0).plug("B").run(10.0)
    stand.rules.begin_steps(parse("E 30"), stand.now_s)

    for _ in range(3500):
        assert stand.tick().ev_connected
        assert stand.names() == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (lambda: Stand(CUTTABLE).charging(), "the contactor is closed"),
        (lambda: _faulted(Stand(CUTTABLE).permit(16.0).plug("B").run(1.0)), "something is wrong"),
        (lambda: _stepping(Stand(CUTTABLE).permit(16.0).plug("B").run(1.0)), "another sequence is under way"),
        (lambda: _stopping(Stand(CUTTABLE).permit(16.0).plug("B").run(1.0)), "something is wrong"),
    ],
)
def test_there_are_times_for_no_steps(given, why: str) -> None:  # type: ignore[no-untyped-def]
    stand = given()

    assert stand.rules.begin_steps(parse("F 3"), stand.now_s) == why


def _faulted(stand: Stand) -> Stand:
    stand.sensors = replace(stand.sensors, emergency_stop=True)
    return stand.run(1.0)


def _stepping(stand: Stand) -> Stand:
    stand.rules.begin_steps(parse("F 3"), stand.now_s)
    return stand.run(0.5)


def _stopping(stand: Stand) -> Stand:
    stand.rules.stop(stand.now_s)
    return stand.run(0.5)


def test_a_fault_ends_the_steps() -> None:
    stand = _stepping(Stand(CUTTABLE).permit(16.0).plug("B").run(1.0))

    _faulted(stand)

    assert (shows(stand.out), stand.rules.steps.outcome) == ("x1", "something has come up")


def test_a_sequence_that_nobody_has_begun_imposes_nothing() -> None:
    steps = Steps(0.0, cuttable=True)
    steps.step(100.0)

    assert (steps.signal, steps.outcome, steps.blind(100.0)) == ("", "", False)


# --- waking -----------------------------------------------------------------------------------------------------------


def test_a_car_that_sleeps_through_its_offer_is_woken_once() -> None:
    """30 s in B2, 4 s of E, a moment of x1, then PWM again (EVerest, Tinkerforge)."""
    stand = Stand(WAKING).permit(16.0).plug("B").run(1.0)

    assert course(stand, 200.0) == [("PWM", 29.26), ("E", 4.0), ("x1", 1.0), ("PWM", 165.74)]  # 5 s between offers


def test_without_a_relay_in_the_pilot_state_f_wakes() -> None:
    stand = Stand(replace(CAPTIVE, wake_up=True)).permit(16.0).plug("B").run(1.0)

    assert [what for what, _ in course(stand, 60.0)] == ["PWM", "F", "x1", "PWM"]


def test_waking_is_off_unless_the_installer_has_switched_it_on() -> None:
    stand = Stand(CUTTABLE).permit(16.0).plug("B").run(1.0)

    assert [what for what, _ in course(stand, 100.0)] == ["PWM"]


def test_a_car_that_has_charged_and_rests_is_full_and_left_alone() -> None:
    stand = Stand(WAKING).charging()
    stand.letter = "B"

    assert [what for what, _ in course(stand, 100.0)] == ["PWM"]


def test_a_car_that_does_not_come_back_after_the_stations_pause_is_woken_again() -> None:
    stand = Stand(WAKING).charging().permit(0.0)
    stand.letter = "B"
    stand.run(60.0)

    stand.permit(16.0)

    assert [what for what, _ in course(stand, 100.0)] == ["PWM", "E", "x1", "PWM"]


def test_a_car_that_was_woken_in_vain_is_not_woken_after_every_pause() -> None:
    stand = Stand(WAKING).permit(16.0).plug("B").run(60.0)

    for _ in range(3):
        stand.permit(0.0).run(60.0).permit(16.0)
        assert "E" not in [what for what, _ in course(stand, 60.0)]


def test_the_next_car_is_woken_too() -> None:
    stand = Stand(WAKING).permit(16.0).plug("B").run(60.0)
    stand.letter = "A"
    stand.run(1.0)
    stand.letter = "B"

    assert "E" in [what for what, _ in course(stand, 60.0)]


def test_a_car_without_an_offer_is_not_woken() -> None:
    stand = Stand(WAKING).permit(0.0).plug("B").run(1.0)

    assert [what for what, _ in course(stand, 60.0)] == ["x1"]


def test_a_car_is_woken_by_order_even_where_it_is_not_done_by_itself() -> None:
    stand = Stand(CUTTABLE).permit(16.0).plug("B").run(1.0)

    assert stand.rules.wake(stand.now_s) == ""

    assert [what for what, _ in course(stand, 10.0)] == ["E", "x1", "PWM"]
    assert stand.rules.wake(stand.now_s) == "the car has just been woken"
    stand.run(30.0)
    assert stand.rules.wake(stand.now_s) == ""


@pytest.mark.parametrize("letter", ["A", "C"])
def test_only_a_car_that_rests_can_be_woken(letter: str) -> None:
    stand = Stand(CUTTABLE).permit(0.0).plug(letter).run(1.0)

    assert stand.rules.wake(stand.now_s) == "there is no car that sleeps"
