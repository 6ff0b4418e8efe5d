"""When things happen, to the tick. Limits: IEC 61851-1 table A.6 and the practice of EVerest, Tinkerforge, OpenEVSE."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hw.api import Permit, PilotLevels
from hw.guard.pilot import duty_for
from hw.guard.signals import Spec
from tests.hw.stand import CAPTIVE, EPOCH, SOCKET, Stand

ONE_TICK_S = 0.01

# --- opening is fast --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", ["A", "B", "D", "E"])
def test_when_the_car_leaves_c_the_contactor_opens_within_two_readings(letter: str) -> None:
    stand = Stand().charging()

    stand.letter = letter

    assert stand.seconds_until(lambda out: not out.closed) == 2 * ONE_TICK_S


def test_a_single_odd_reading_opens_nothing() -> None:
    stand = Stand().charging()

    stand.letter = "A"
    stand.tick()
    stand.letter = "C"
    stand.run(1.0)

    assert stand.out.closed


def test_an_obedient_car_is_switched_off_without_load_and_a_disobedient_one_after_six_seconds() -> None:
    stand = Stand().charging().permit(0.0)
    assert stand.tick().duty == 1.0  # withdrawn at once

    assert stand.seconds_until(lambda out: not out.closed) == 6.0


def test_an_offer_renewed_in_time_keeps_the_contactor_closed() -> None:
    stand = Stand().charging().permit(0.0).run(4.0)

    stand.permit(16.0).run(10.0)

    assert stand.out.closed
    assert stand.out.offered_a == 16.0


def test_a_cable_pulled_out_of_its_socket_opens_the_contactor_even_if_the_pilot_hangs_on() -> None:
    stand = Stand(SOCKET).charging()

    stand.ohm = None

    assert stand.seconds_until(lambda out: not out.closed) == 2 * ONE_TICK_S


def test_a_guard_that_ends_gives_the_car_three_seconds() -> None:
    stand = Stand().charging()

    stand.rules.stop(stand.now_s)

    assert stand.tick().duty == 1.0
    assert stand.seconds_until(lambda out: not out.closed) == pytest.approx(3.0, abs=0.011)


# --- closing is slow --------------------------------------------------------------------------------------------------


def test_the_contactor_closes_after_half_a_second_of_steady_c() -> None:
    stand = Stand().permit(16.0).plug("B").run(1.0)

    stand.letter = "C"

    assert stand.seconds_until(lambda out: out.closed) == pytest.approx(0.5, abs=0.011)


def test_a_short_pulse_of_c_closes_nothing() -> None:
    """BMW iX3: 880 ohm for about 250 ms, then back to B."""
    stand = Stand().permit(16.0).plug("B").run(1.0)

    for _ in range(5):
        stand.letter = "C"
        stand.run(0.49)
        stand.letter = "B"
        stand.run(0.3)
        assert not stand.out.closed


def test_a_car_that_asks_at_once_is_switched_on_within_three_seconds_of_being_permitted() -> None:
    stand = Stand().plug("C").run(5.0).permit(16.0)

    assert stand.seconds_until(lambda out: out.closed) <= 3.0


def test_plugging_in_is_believed_after_a_quarter_of_a_second() -> None:
    stand = Stand().plug("B")

    assert stand.seconds_until(lambda out: out.ev_connected) == pytest.approx(0.25, abs=0.011)


def test_a_car_that_comes_back_to_c_is_switched_on_five_seconds_after_it_left() -> None:
    """Renault Zoe, cooling its battery."""
    stand = Stand().charging()
    stand.letter = "B"
    stand.seconds_until(lambda out: not out.closed)
    stand.letter = "C"

    assert stand.seconds_until(lambda out: out.closed) == pytest.approx(5.0, abs=0.011)
    assert stand.out.offered_a == 16.0


def test_the_offer_stays_while_the_car_pauses() -> None:
    stand = Stand().charging()

    stand.letter = "B"
    stand.run(60.0)

    assert (stand.out.pilot, stand.out.offered_a) == ("B2", 16.0)


def test_nothing_closes_while_the_mirror_contact_says_that_it_is_closed() -> None:
    stand = Stand().permit(16.0).plug("B").run(1.0)
    stand.letter = "C"
    stand.run(0.4)
    stand.feedback = True  # not long enough to be a weld

    for _ in range(15):
        assert not stand.tick().closed


def test_nothing_closes_while_the_cable_is_being_pulled_out() -> None:
    stand = Stand(SOCKET).permit(16.0).plug("B").run(1.0)
    stand.letter = "C"
    stand.run(0.4)
    stand.ohm = None

    for _ in range(20):
        assert not stand.tick().closed


def test_nothing_closes_before_the_diode_has_been_seen() -> None:
    stand = Stand().permit(16.0).plug("C")
    stand.levels = PilotLevels(6.0, None)  # a board that does not measure the low plateau

    stand.run(10.0)

    assert not stand.out.closed
    assert stand.names() == []


# --- the duty cycle ---------------------------------------------------------------------------------------------------


def test_less_is_told_at_once_and_more_after_five_seconds() -> None:
    stand = Stand().charging(16.0).run(6.0)

    assert stand.permit(10.0).tick().duty == duty_for(10.0)
    stand.permit(13.0)
    assert stand.seconds_until(lambda out: out.duty == duty_for(13.0)) == pytest.approx(5.0, abs=0.011)


def test_a_permit_that_wobbles_upwards_changes_the_duty_every_five_seconds_at_most() -> None:
    stand = Stand().charging(10.0).run(6.0)
    duties = set()

    for step in range(100):
        stand.permit(10.0 + step * 0.05).run(0.1)
        duties.add(stand.out.duty)

    assert len(duties) <= 4


def test_the_offer_never_exceeds_station_and_cable() -> None:
    stand = Stand(replace(SOCKET, max_current_a=32.0)).permit(63.0).plug("B", 680.0).run(2.0)
    assert stand.out.offered_a == 20.0
    assert stand.out.cable_a == 20.0

    stand = Stand(replace(SOCKET, max_current_a=16.0)).permit(63.0).plug("B", 220.0).run(2.0)
    assert stand.out.offered_a == 16.0


def test_less_than_six_amperes_is_no_offer() -> None:
    stand = Stand().permit(5.9).plug("C").run(3.0)

    assert (stand.out.duty, stand.out.offered_a, stand.out.pilot) == (1.0, 0.0, "C1")


def test_the_next_car_need_not_wait_for_the_last_one() -> None:
    stand = Stand().permit(16.0).plug("B").run(1.0)
    stand.letter = "A"
    stand.run(0.5)
    stand.letter = "B"

    assert stand.seconds_until(lambda out: out.offered_a == 16.0) == pytest.approx(0.25, abs=0.021)


# --- start ------------------------------------------------------------------------------------------------------------


def test_a_guard_that_starts_offers_nothing_for_five_seconds_and_then_goes_on() -> None:
    stand = Stand(start_up=True).permit(16.0).plug("C")

    assert stand.seconds_until(lambda out: out.offered_a > 0) == pytest.approx(5.0, abs=0.011)
    assert stand.seconds_until(lambda out: out.closed) < 1.0


def test_a_guard_that_starts_beside_a_car_knows_it_before_it_says_anything() -> None:
    stand = Stand(SOCKET, start_up=True).plug("B")

    while not stand.out.known:
        stand.tick()

    assert stand.now_s < 1000.1
    assert (stand.out.pilot, stand.out.ev_connected, stand.out.cable_a) == ("B1", True, 32.0)


def test_a_guard_says_how_long_it_will_wait() -> None:
    stand = Stand(start_up=True).run(2.0)
    assert stand.rules.ready_in_s(stand.now_s) == pytest.approx(3.0)

    stand.run(4.0)
    assert stand.rules.ready_in_s(stand.now_s) == 0.0


def test_a_contactor_found_closed_at_start_is_welded() -> None:
    stand = Stand(start_up=True)
    stand.feedback = True

    stand.permit(16.0).plug("C").run(8.0)

    assert (stand.out.contactor, stand.out.closed) == ("welded", False)
    assert stand.names() == ["MREC17EVSEContactorFault"]


# --- lease ------------------------------------------------------------------------------------------------------------


def test_silence_lowers_the_offer_after_ten_seconds_and_ends_it_after_two_minutes() -> None:
    stand = Stand().charging(16.0)
    stand.limit_a = None
    silent_since_s = stand.now_s

    stand.seconds_until(lambda out: out.offered_a == 6.0)
    assert stand.now_s - silent_since_s == pytest.approx(10.0, abs=0.02)
    stand.seconds_until(lambda out: out.offered_a == 0.0)
    assert stand.now_s - silent_since_s == pytest.approx(120.0, abs=0.02)
    stand.seconds_until(lambda out: not out.closed)
    assert stand.now_s - silent_since_s == pytest.approx(126.0, abs=0.02)


def test_where_every_watt_hour_must_be_paid_for_silence_ends_the_offer_after_ten_seconds() -> None:
    stand = Stand().permit(16.0, fallback_a=0.0).plug("C").run(4.0)
    stand.limit_a = None

    assert stand.seconds_until(lambda out: out.offered_a == 0.0) == pytest.approx(10.0, abs=0.02)


def another_car(stand: Stand, ohm: float | None = 220.0) -> Stand:
    """The car leaves, and another one comes that asks at once; nobody permits anything meanwhile."""
    stand.limit_a = None
    stand.letter, stand.ohm = "A", ohm
    stand.run(2.0)
    stand.plug("B").run(1.0)
    stand.letter = "C"
    return stand


CONTROLLER = Spec(1, socket=False, lock=False, self_switching=True)


@pytest.mark.parametrize("silent_s", [0.0, 5.0, 20.0])
@pytest.mark.parametrize(("spec", "ohm"), [(CAPTIVE, None), (SOCKET, 220.0), (SOCKET, None), (CONTROLLER, None)])
def test_an_authorization_does_not_outlive_the_plug(spec: Spec, ohm: float | None, silent_s: float) -> None:
    """Unplugged at the EV with the cable left in its socket, the plug pulled, a captive cable, a serial controller."""
    stand = Stand(spec).charging(16.0)
    stand.limit_a = None
    stand.run(silent_s)

    another_car(stand, ohm)
    for _ in range(1500):
        out = stand.tick()
        assert (out.closed, out.offered_a, out.locked is True and spec.lock) == (False, 0.0, False)

    stand.permit(16.0)
    assert stand.seconds_until(lambda out: out.contactor == "closed") < 6.0


def test_a_permit_of_the_moment_of_the_departure_is_none_for_the_next_car() -> None:
    stand = Stand(CAPTIVE).charging(16.0)
    stand.letter = "A"
    stand.seconds_until(lambda out: not out.ev_connected)
    departed_s = stand.now_s

    stand.lease.accept(Permit(1, EPOCH, 16.0, sent_at_s=departed_s), stand.now_s)
    another_car(stand).run(3.0)
    assert stand.out.offered_a == 0.0


def test_a_card_before_the_plug_counts_with_the_first_permit_after_it() -> None:
    stand = Stand(CAPTIVE).permit(16.0).run(5.0)
    stand.limit_a = None
    stand.plug("B").run(3.0)
    assert stand.out.offered_a == 0.0

    stand.limit_a = 16.0
    assert stand.seconds_until(lambda out: out.offered_a == 16.0) <= 0.02


def test_a_car_that_pauses_while_the_daemon_is_silent_is_switched_on_again() -> None:
    """It has not left: its authorization stands, at the fallback current, until the lease ends."""
    stand = Stand(CAPTIVE).charging(16.0)
    stand.limit_a = None
    stand.run(20.0)
    stand.letter = "B"
    stand.run(10.0)
    assert (stand.out.closed, stand.out.offered_a) == (False, 6.0)

    stand.letter = "C"
    assert stand.seconds_until(lambda out: out.closed) < 1.0
    stand.seconds_until(lambda out: not out.closed)
    stand.run(20.0)
    assert (stand.out.closed, stand.out.offered_a) == (False, 0.0)


# --- state F ----------------------------------------------------------------------------------------------------------


def test_out_of_service_shows_f_until_somebody_plugs_a_cable_in() -> None:
    stand = Stand(SOCKET).permit(0.0, out_of_service=True).run(1.0)
    assert (stand.out.pilot, stand.out.duty) == ("F", 0.0)

    stand.plug("B").run(1.0)

    assert (stand.out.pilot, stand.out.ev_connected) == ("B1", True)


def test_a_fault_shows_f_for_a_moment_and_the_car_is_not_taken_for_gone() -> None:
    stand = Stand().charging()
    stand.sensors = replace(stand.sensors, emergency_stop=True)

    stand.seconds_until(lambda out: out.duty == 0.0)
    shown_s = stand.seconds_until(lambda out: out.duty != 0.0)
    stand.run(1.0)

    assert shown_s == pytest.approx(0.3, abs=0.011)
    assert (stand.out.pilot, stand.out.ev_connected) == ("C1", True)


# --- the lock ---------------------------------------------------------------------------------------------------------


def test_the_plug_is_locked_before_anything_closes() -> None:
    stand = Stand(SOCKET).permit(16.0).plug("C")
    stand.sense = False  # the bolt does not move

    for _ in range(1000):
        assert not stand.tick().closed
    assert stand.names() == ["MREC1ConnectorLockFailure"]

    stand.sense = None  # somebody has pushed the plug home
    assert stand.seconds_until(lambda out: out.closed) < 10.0


def test_the_plug_is_let_go_only_when_the_contactor_is_proven_open() -> None:
    stand = Stand(SOCKET).charging()
    stand.feedback = True  # the mirror contact still says closed

    stand.permit(0.0)
    stand.letter = "A"
    stand.run(1.0)

    assert not stand.out.closed
    assert (stand.out.contactor, stand.out.locked) == ("welded", True)


def test_without_a_permit_and_without_load_the_plug_is_let_go() -> None:
    stand = Stand(SOCKET).charging().permit(0.0)
    stand.letter = "B"
    stand.run(1.0)

    assert stand.out.locked is False


def test_the_plug_is_held_as_long_as_the_daemon_wishes_even_when_the_car_has_gone() -> None:
    stand = Stand(SOCKET).charging().permit(0.0, hold_lock=True)
    stand.letter = "A"
    stand.run(10.0)
    assert stand.out.locked is True

    stand.permit(0.0, hold_lock=False).run(0.5)
    assert stand.out.locked is False


def test_a_guard_that_has_just_started_leaves_the_lock_as_it_is_until_it_is_told() -> None:
    stand = Stand(SOCKET, start_up=True)
    stand._bolt = True  # as the guard before it left it
    stand.plug("B").run(20.0)
    assert stand.out.locked is True

    stand.run(101.0)  # nobody has ever said anything
    assert stand.out.locked is False


def test_a_lock_without_a_sense_contact_counts_as_moved_after_half_a_second() -> None:
    stand = Stand(SOCKET)
    stand._sense = lambda: None  # type: ignore[method-assign]

    stand.permit(16.0).plug("C").run(3.0)

    assert (stand.out.locked, stand.out.closed) == (True, True)


def test_a_released_plug_is_not_locked_again_until_it_has_been_pulled() -> None:
    stand = Stand(SOCKET).permit(0.0, hold_lock=True).plug("B").run(1.0)
    assert stand.out.locked is True

    assert stand.rules.release_cable() == ""
    stand.run(1.0)
    assert stand.out.locked is False

    stand.permit(16.0, hold_lock=True).run(5.0)
    assert (stand.out.locked, stand.out.closed) == (False, False)
    stand.letter, stand.ohm = "A", None
    stand.run(1.0)
    stand.plug("B").run(2.0)
    assert stand.out.locked is True


def test_a_lock_that_does_not_let_go_is_tried_again_and_told() -> None:
    stand = Stand(SOCKET).permit(0.0, hold_lock=True).plug("B").run(1.0)
    stand.sense = True

    stand.permit(0.0)
    assert stand.seconds_until(lambda out: out.drive_lock is False) == ONE_TICK_S
    assert stand.seconds_until(lambda out: out.drive_lock is False) == pytest.approx(3.0, abs=0.011)
    assert stand.names() == ["FailedUnlock"]


@pytest.mark.parametrize(("spec", "why"), [(CAPTIVE, "there is no lock"), (SOCKET, "the contactor is closed")])
def test_a_plug_is_not_released_under_load(spec, why: str) -> None:  # type: ignore[no-untyped-def]
    assert Stand(spec).charging().rules.release_cable() == why
