"""Simulated cars, cables and contactors obey the physics that real ones do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hw.errors import Refused
from hw.guard.pilot import duty_for
from hw.mock.bay import FAULTS, Bay, Drive

T0 = 1000.0
OFFER = Drive(duty=duty_for(16.0))
SUPPLY = Drive(duty=duty_for(16.0), coil=True)
CUT = Drive(duty=duty_for(16.0), cut=True)
LOCKED = Drive(lock=True)


def a_bay(outlet: str = "cable", **options: Any) -> Bay:
    """With a car plugged in at T0."""
    bay = Bay(outlet=outlet, now_s=T0)
    bay.plug(options, T0)
    return bay


def supplied(**options: Any) -> Bay:
    """A car that charges at T0 + 1."""
    bay = a_bay(**({"reaction_s": 0.0} | options))
    bay.drive(SUPPLY, T0)
    bay.advance(T0 + 1)
    return bay


def levels(bay: Bay) -> tuple[float, float | None]:
    seen = bay.levels()
    return seen.high_v, seen.low_v


# --- the pilot --------------------------------------------------------------------------------------------------------


def test_nothing_plugged_is_12_v() -> None:
    assert levels(Bay()) == (12.0, None)


def test_a_car_pulls_the_pilot_to_9_v_and_with_an_offer_to_6_v() -> None:
    bay = a_bay(reaction_s=0.5)
    assert levels(bay) == (9.0, None)

    bay.drive(OFFER, T0)
    assert levels(bay) == (9.0, -12.0)
    bay.advance(T0 + 0.49)
    assert levels(bay) == (9.0, -12.0)
    bay.advance(T0 + 0.5)
    assert levels(bay) == (6.0, -12.0)


@pytest.mark.parametrize(
    ("options", "seen"),
    [
        ({"ventilation": True}, (3.0, -12.0)),
        ({"asks_power": False}, (9.0, -12.0)),
        ({"sleeps": True}, (9.0, -12.0)),
        ({"diode": False}, (6.0, -6.0)),
        ({"battery_wh": 0.0}, (9.0, -12.0)),
    ],
)
def test_what_an_offer_makes_of_a_car(options: dict[str, Any], seen: tuple[float, float]) -> None:
    bay = a_bay(**options)
    bay.drive(OFFER, T0)
    bay.advance(T0 + 30)

    assert levels(bay) == seen


def test_state_f_hides_the_car_and_a_short_circuit_hides_everything() -> None:
    bay = a_bay()
    bay.drive(Drive(duty=0.0), T0)
    assert levels(bay) == (-12.0, None)

    bay.fault("pilot_shorted", True, T0)
    assert levels(bay) == (0.0, None)


def test_an_obedient_car_stops_within_three_seconds_of_the_offer_and_another_one_never() -> None:
    slow, stubborn = supplied(reaction_s=30.0), supplied(ignores_offer=True)
    slow.advance(T0 + 31)
    for bay in (slow, stubborn):
        bay.drive(Drive(coil=True), T0 + 40)
        bay.advance(T0 + 43)

    assert levels(slow) == (9.0, None)
    assert levels(stubborn) == (6.0, None)


def test_a_simplified_car_is_in_c_from_the_start_and_draws_ten_amperes() -> None:
    bay = a_bay(simplified=True)
    assert levels(bay) == (6.0, None)

    bay.drive(SUPPLY, T0)
    bay.advance(T0 + 1)
    assert bay.reading().current_a == (10.0, 10.0, 10.0)


def test_a_simplified_car_stays_in_c_and_draws_no_more_than_is_offered_whatever_becomes_of_the_offer() -> None:
    bay = a_bay(simplified=True)
    bay.drive(Drive(duty=duty_for(8.0), coil=True), T0)
    bay.advance(T0 + 10)
    assert bay.reading().current_a[0] == pytest.approx(8.0, abs=0.001)

    bay.drive(Drive(), T0 + 10)
    bay.advance(T0 + 60)
    assert levels(bay) == (6.0, None)
    bay.drive(CUT, T0 + 60)
    bay.drive(Drive(), T0 + 70)
    assert levels(bay) == (6.0, None)


def states(bay: Bay, until_s: float, step_s: float = 0.05) -> str:
    """Letters of the pilot as they follow each other."""
    letters = {12.0: "A", 9.0: "B", 6.0: "C", 3.0: "D"}
    course = ""
    while bay.now_s < until_s:
        bay.advance(bay.now_s + step_s)
        letter = letters[bay.levels().high_v]
        course += letter if not course.endswith(letter) else ""
    return course


def test_an_ix3_shows_a_short_pulse_before_it_asks_in_earnest() -> None:
    bay = a_bay(preset="ix3")
    bay.drive(OFFER, T0)
    assert levels(bay) == (6.0, -12.0)
    bay.advance(T0 + 0.25)
    assert levels(bay) == (9.0, -12.0)

    assert states(bay, T0 + 10) == "BC"


def test_a_zoe_pauses_to_cool_and_comes_back() -> None:
    bay = a_bay(preset="zoe")
    bay.drive(OFFER, T0)

    assert states(bay, T0 + 100, 0.25) == "BCBC"


def test_a_sleeping_car_wakes_from_three_seconds_of_f_and_one_that_dreads_f_sleeps_for_ever() -> None:
    sleeper, dreader = a_bay(sleeps=True), a_bay(locks_up_on_f=True)
    for bay in (sleeper, dreader):
        bay.drive(Drive(duty=0.0), T0)
        bay.drive(OFFER, T0 + 4)
        bay.advance(T0 + 10)

    assert levels(sleeper) == (6.0, -12.0)
    assert levels(dreader) == (9.0, -12.0)


# --- a pilot that can be cut ------------------------------------------------------------------------------------------


def test_at_the_evse_side_of_a_cut_nothing_is_plugged_in() -> None:
    bay = a_bay()
    bay.drive(CUT, T0)
    assert levels(bay) == (12.0, -12.0)

    bay.drive(Drive(cut=True), T0 + 1)
    assert levels(bay) == (12.0, None)
    bay.drive(OFFER, T0 + 2)
    assert levels(bay) == (9.0, -12.0)


def test_a_car_that_is_cut_off_stops_within_three_seconds_and_asks_again_when_it_is_back() -> None:
    bay = supplied(reaction_s=2.0)
    bay.advance(T0 + 10)
    bay.drive(replace(CUT, coil=True), T0 + 10)

    bay.advance(T0 + 11.9)
    assert bay.reading().current_a[0] > 0
    bay.advance(T0 + 12.0)
    assert bay.reading().current_a == (0.0, 0.0, 0.0)

    bay.drive(SUPPLY, T0 + 20)
    assert levels(bay) == (9.0, -12.0)
    bay.advance(T0 + 22)
    assert levels(bay) == (6.0, -12.0)


@pytest.mark.parametrize(("cut_s", "high_v"), [(3.4, 9.0), (3.5, 6.0)])
def test_a_sleeping_car_wakes_from_a_cut_of_three_and_a_half_seconds(cut_s: float, high_v: float) -> None:
    bay = a_bay(sleeps=True)
    bay.drive(CUT, T0)
    bay.drive(OFFER, T0 + cut_s)
    bay.advance(T0 + 10)

    assert levels(bay) == (high_v, -12.0)


def test_a_car_that_dreads_f_wakes_from_a_cut() -> None:
    bay = a_bay(sleeps=True, locks_up_on_f=True)
    bay.drive(CUT, T0)
    bay.drive(OFFER, T0 + 4)
    bay.advance(T0 + 10)

    assert levels(bay) == (6.0, -12.0)


# --- a contactor of L2 and L3, in series ------------------------------------------------------------------------------


def with_a_phase_contactor(coil: bool, phase_coil: bool, **options: Any) -> Bay:
    bay = Bay("cable", 3, T0, phase_contactor=True)
    bay.plug({"reaction_s": 0.0} | options, T0)
    bay.drive(replace(OFFER, coil=coil, phase_coil=phase_coil), T0)
    bay.advance(T0 + 1)
    return bay


@pytest.mark.parametrize(
    ("coil", "phase_coil", "options", "amps"),
    [
        (True, False, {}, (16.0, 0.0, 0.0)),
        (True, True, {}, (16.0, 16.0, 16.0)),
        (False, True, {}, (0.0, 0.0, 0.0)),
        (True, True, {"phases": 2}, (16.0, 16.0, 0.0)),
        (True, False, {"phases": 2}, (16.0, 0.0, 0.0)),
    ],
)
def test_l2_and_l3_carry_current_while_both_contactors_are_closed(
    coil: bool, phase_coil: bool, options: dict[str, Any], amps: tuple[float, ...]
) -> None:
    bay = with_a_phase_contactor(coil, phase_coil, **options)

    assert bay.reading().current_a == pytest.approx(amps, abs=0.001)
    assert bay.reading().power_w == pytest.approx(sum(amps) * 230, abs=1)


def test_without_a_phase_contactor_nothing_switches_l2_and_l3_by_themselves() -> None:
    bay = supplied()
    bay.drive(replace(SUPPLY, phase_coil=False), T0 + 1)
    bay.advance(T0 + 2)

    assert bay.reading().current_a == pytest.approx((16.0, 16.0, 16.0), abs=0.001)


def test_the_phase_contactor_travels_and_its_mirror_contact_with_it() -> None:
    bay = Bay("cable", 3, T0, phase_contactor=True)
    bay.drive(Drive(phase_coil=True), T0)
    assert (bay.phase_feedback(), bay.feedback()) == (False, False)
    bay.advance(T0 + 0.02)
    assert (bay.phase_feedback(), bay.feedback()) == (True, False)


@pytest.mark.parametrize(
    ("kind", "phase_coil", "amps"),
    [("phases_welded", False, (16.0, 16.0, 16.0)), ("phases_stuck_open", True, (16.0, 0.0, 0.0))],
)
def test_a_broken_phase_contactor_does_not_follow_its_coil(
    kind: str, phase_coil: bool, amps: tuple[float, ...]
) -> None:
    bay = with_a_phase_contactor(True, phase_coil)

    bay.fault(kind, True, T0 + 1)

    assert bay.phase_feedback() is not phase_coil
    assert bay.reading().current_a == pytest.approx(amps, abs=0.001)
    bay.fault(kind, False, T0 + 2)
    assert bay.phase_feedback() is phase_coil


# --- energy -----------------------------------------------------------------------------------------------------------


def test_an_hour_at_16_a_on_three_phases_is_eleven_kilowatt_hours_in_one_step() -> None:
    bay = supplied()
    before_wh = bay.energy_wh

    bay.advance(T0 + 3601)

    assert bay.energy_wh - before_wh == pytest.approx(16 * 230 * 3, abs=0.05)  # the duty cycle is rounded down
    assert bay.reading().power_w == pytest.approx(16 * 230 * 3, abs=0.05)


@pytest.mark.parametrize(
    ("phases", "options", "amps"),
    [
        (3, {}, (16.0, 16.0, 16.0)),
        (3, {"phases": 1}, (16.0, 0.0, 0.0)),
        (3, {"phases": 2}, (16.0, 16.0, 0.0)),
        (1, {}, (16.0,)),
        (3, {"draw_a": 9.0}, (9.0, 9.0, 9.0)),
        (3, {"draw_a": 32.0}, (16.0, 16.0, 16.0)),
        (3, {"draw_a": 32.0, "ignores_offer": True}, (32.0, 32.0, 32.0)),
        (3, {"over_draw": 1.4}, (22.4, 22.4, 22.4)),
    ],
)
def test_a_car_draws_on_the_phases_that_both_have_and_no_more_than_offered(
    phases: int, options: dict[str, Any], amps: tuple[float, ...]
) -> None:
    bay = Bay("cable", phases, T0)
    bay.plug({"reaction_s": 0.0} | options, T0)
    bay.drive(SUPPLY, T0)
    bay.advance(T0 + 1)

    assert bay.reading().current_a == pytest.approx(amps, abs=0.001)


def test_nothing_is_counted_while_the_main_contacts_are_open() -> None:
    bay = supplied()
    bay.drive(OFFER, T0 + 1)
    bay.advance(T0 + 2)
    before_wh = bay.energy_wh

    bay.advance(T0 + 3600)

    assert bay.energy_wh == before_wh


def test_a_car_follows_a_lower_offer_after_its_reaction_time() -> None:
    bay = supplied(reaction_s=2.0)
    bay.advance(T0 + 10)
    bay.drive(Drive(duty=duty_for(8.0), coil=True), T0 + 10)

    bay.advance(T0 + 11.9)
    assert bay.reading().current_a[0] == pytest.approx(16.0, abs=0.001)
    bay.advance(T0 + 12.0)
    assert bay.reading().current_a[0] == pytest.approx(8.0, abs=0.001)


def test_a_full_battery_stops_asking_and_has_taken_exactly_what_it_holds() -> None:
    bay = supplied(battery_wh=1000.0)
    bay.advance(T0 + 3600)

    assert bay.energy_wh == pytest.approx(1000.0, abs=0.01)
    assert levels(bay) == (9.0, -12.0)


def test_a_battery_that_is_nearly_full_takes_less_and_less() -> None:
    bay = supplied(battery_wh=3000.0, taper_wh=1000.0)
    drawn = []
    for second in range(2, 7200, 10):
        bay.advance(T0 + second)
        drawn.append(round(bay.reading().current_a[0], 2))

    assert drawn == sorted(drawn, reverse=True)
    assert len(set(drawn)) == 11  # ten steps, and nothing
    assert bay.energy_wh == pytest.approx(3000.0, abs=0.01)


def test_many_small_steps_count_the_same_energy_as_a_big_one() -> None:
    small, big = supplied(preset="zoe", reaction_s=0.7), supplied(preset="zoe", reaction_s=0.7)

    for step in range(1, 60_000):
        small.advance(T0 + 1 + step * 0.01)
    big.advance(small.now_s)

    assert small.energy_wh == pytest.approx(big.energy_wh, rel=1e-9)


# --- cable and lock ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cable_a", "ohm"), [(13, 1500.0), (20, 680.0), (32, 220.0), (63, 100.0), (None, 220.0)])
def test_a_cable_shows_its_rating(cable_a: int | None, ohm: float) -> None:
    bay = a_bay("socket", **({} if cable_a is None else {"cable_a": cable_a}))

    assert bay.levels().proximity_ohm == ohm


def test_a_half_inserted_plug_has_a_pilot_and_no_proximity() -> None:
    bay = a_bay("socket", inserted="half")

    assert (bay.levels().high_v, bay.levels().proximity_ohm) == (9.0, None)
    bay.unplug("both", T0)
    assert bay.cable_ohm is None


def test_a_locked_cable_stays_in_the_socket_until_the_lock_lets_go() -> None:
    bay = a_bay("socket")
    bay.drive(LOCKED, T0)
    bay.advance(T0 + 1)
    assert bay.locked() is True

    bay.unplug("both", T0 + 2)
    assert (bay.levels().high_v, bay.levels().proximity_ohm) == (12.0, 220.0)
    bay.drive(Drive(lock=False), T0 + 3)
    bay.advance(T0 + 4)
    assert (bay.locked(), bay.levels().proximity_ohm) == (False, None)


def test_a_cable_pulled_at_the_car_stays_in_the_socket_and_the_next_car_uses_it() -> None:
    bay = a_bay("socket", cable_a=20)
    bay.unplug("ev", T0)
    assert (bay.levels().high_v, bay.levels().proximity_ohm) == (12.0, 680.0)

    with pytest.raises(Refused, match="Another cable"):
        bay.plug({"cable_a": 32}, T0)
    bay.plug({}, T0)
    assert bay.levels().proximity_ohm == 680.0


def test_a_captive_cable_has_no_proximity_and_no_lock() -> None:
    bay = a_bay("cable")

    assert (bay.levels().proximity_ohm, bay.locked()) == (None, None)


# --- what breaks ------------------------------------------------------------------------------------------------------


def test_a_contactor_travels_and_its_mirror_contact_with_it() -> None:
    bay = a_bay()
    bay.drive(SUPPLY, T0)
    assert bay.feedback() is False
    bay.advance(T0 + 0.02)
    assert bay.feedback() is True


@pytest.mark.parametrize(
    ("kind", "coil", "closed"), [("contactor_welded", False, True), ("contactor_stuck_open", True, False)]
)
def test_a_broken_contactor_does_not_follow_its_coil(kind: str, coil: bool, closed: bool) -> None:
    bay = a_bay()
    bay.fault(kind, True, T0)
    bay.drive(Drive(coil=coil), T0)
    bay.advance(T0 + 1)

    assert bay.feedback() is closed
    bay.fault(kind, False, T0 + 2)
    assert bay.feedback() is coil


def test_a_jammed_lock_stays_where_it_is() -> None:
    bay = a_bay("socket")
    bay.fault("lock_jammed", True, T0)
    bay.drive(LOCKED, T0)
    bay.advance(T0 + 10)
    assert bay.locked() is False

    bay.fault("lock_jammed", False, T0 + 10)
    bay.advance(T0 + 11)
    assert bay.locked() is True


@pytest.mark.parametrize(("kind", "volts"), [("undervoltage", 180.0), ("overvoltage", 265.0)])
def test_a_wrong_mains_voltage_shows_on_the_meter(kind: str, volts: float) -> None:
    bay = supplied()
    bay.fault(kind, True, T0 + 1)

    assert bay.reading().voltage_v == (volts,) * 3


def test_an_over_current_is_more_than_was_offered() -> None:
    bay = supplied()
    bay.fault("overcurrent", True, T0 + 1)

    assert bay.reading().current_a[0] > (16 + 0.5) * 1.10


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("earth_leakage", "residual_current", True),
        ("emergency_stop", "emergency_stop", True),
        ("overtemperature", "temperature_degc", 80.0),
        ("earth_missing", "earth_missing", True),
        ("pen_fault", "pen_fault", True),
        ("enclosure_open", "enclosure_open", True),
        ("key_locked", "key_locked", True),
        ("limit_contact", "limit_contact", True),
    ],
)
def test_a_sensor_shows_what_is_wrong(kind: str, field: str, value: object) -> None:
    bay = Bay()
    assert getattr(bay.sensors(), field) != value
    bay.fault(kind, True, T0)
    assert getattr(bay.sensors(), field) == value


@pytest.mark.parametrize(("broken", "outcome"), [(False, True), (True, False)])
def test_a_self_test_has_its_outcome_after_a_while(broken: bool, outcome: bool) -> None:
    bay = Bay(now_s=T0)
    bay.fault("rcd_selftest", broken, T0)
    assert bay.sensors().rcd_selftest_ok is None

    bay.drive(Drive(selftests=1), T0)
    bay.advance(T0 + 0.7)
    assert bay.sensors().rcd_selftest_ok is None
    bay.advance(T0 + 0.8)
    assert bay.sensors().rcd_selftest_ok is outcome


# --- what cannot be done ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (lambda bay: bay.plug({}, T0), "A car is plugged in already."),
        (lambda bay: bay.unplug("left", T0), 'A cable is unplugged at "both" sides or at the "ev" side.'),
        (lambda bay: bay.fault("fire", True, T0), f'Nothing can break as "fire"; it can as {", ".join(FAULTS)}.'),
        (lambda bay: bay.change_car({"draw_a": -1}, T0), "draw_a = -1 is out of range. Allowed: 0 to 100."),
        (lambda bay: bay.change_car({"drawa": 1}, T0), '"drawa" is not an option here. Did you mean "draw_a"?'),
        (lambda bay: bay.change_car({"preset": "tank"}, T0), 'No car is called "tank"; there are zoe, ix3'),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(order: Any, sentence: str) -> None:
    bay = a_bay("socket")

    with pytest.raises(Refused) as refusal:
        order(bay)
    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"cable_a": 25}, "A cable is coded for 13, 20, 32 or 63 A."),
        ({"inserted": "quarter"}, 'A plug is inserted "full" or "half".'),
        ({"phases": 4}, "phases = 4 is out of range. Allowed: 1 to 3."),
    ],
)
def test_a_plug_that_does_not_exist_is_refused_and_nothing_is_plugged(options: dict[str, Any], sentence: str) -> None:
    bay = Bay()

    with pytest.raises(Refused, match=sentence.split(".")[0].replace("(", ".")):
        bay.plug(options, T0)
    assert (bay.car, bay.cable_ohm) == (None, None)


def test_nothing_to_unplug_and_nobody_to_tell() -> None:
    bay = Bay()

    with pytest.raises(Refused, match="Nothing is plugged in"):
        bay.unplug("both", T0)
    with pytest.raises(Refused, match="No car is plugged in"):
        bay.change_car({}, T0)
