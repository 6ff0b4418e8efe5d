"""Pilot controllers that close and open the contactor by themselves while an offer stands and the car asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hw.api import Sensors
from hw.guard.rules import Rules
from tests.hw.stand import CAPTIVE, SOCKET, Stand

ITSELF = replace(CAPTIVE, self_switching=True)
WITH_LOCK = replace(SOCKET, self_switching=True)
WELD = "MREC17EVSEContactorFault"
STUCK = "MREC17EVSEContactorFault/StuckOpen"


def test_it_is_allowed_to_close_when_the_offer_is_made_and_does_so_when_the_car_asks() -> None:
    stand = Stand(ITSELF).permit(16.0).plug("B").run(1.0)
    assert (stand.out.pilot, stand.out.closed, stand.out.contactor) == ("B2", True, "open")

    stand.letter = "C"
    stand.run(0.3)
    assert (stand.out.pilot, stand.out.contactor, stand.names()) == ("C2", "closed", [])


def test_a_car_that_rests_and_comes_back_keeps_its_offer() -> None:
    stand = Stand(ITSELF).charging()
    stand.letter = "B"
    stand.run(60.0)
    assert (stand.out.offered_a, stand.out.contactor, stand.out.closed) == (16.0, "open", True)

    stand.letter = "C"
    stand.run(0.1)
    assert stand.out.contactor == "closed"


def test_without_a_permit_it_is_neither_offered_nor_allowed_anything() -> None:
    stand = Stand(ITSELF).plug("C").run(10.0)

    assert (stand.out.offered_a, stand.out.closed, stand.out.contactor) == (0.0, False, "open")


@pytest.mark.parametrize("letter", ["B", "C"])
def test_nothing_is_offered_before_the_lock_is_confirmed(letter: str) -> None:
    stand = Stand(WITH_LOCK).permit(16.0).plug("B").run(0.3)
    stand.letter, stand.sense = letter, False  # the bolt does not move

    for _ in range(200):
        assert (stand.tick().offered_a, stand.out.closed) == (0.0, False)

    stand.sense = None
    assert stand.seconds_until(lambda out: out.offered_a == 16.0) < 8.0
    assert stand.out.locked is True


def test_nothing_is_offered_before_the_self_test_has_passed() -> None:
    stand = Stand(ITSELF)
    stand.sensors = Sensors(rcd_selftest_fitted=True)
    step = stand._step

    def without_outcome() -> object:
        output = step()
        stand.sensors = Sensors(rcd_selftest_fitted=True)
        return output

    stand._step = without_outcome  # type: ignore[method-assign,assignment]
    stand.permit(16.0).plug("B")

    for _ in range(180):
        assert (stand.tick().offered_a, stand.out.closed) == (0.0, False)


def test_why_nothing_is_offered_yet_is_told() -> None:
    stand = Stand(WITH_LOCK)
    stand.sense = False
    stand.permit(16.0).plug("B").run(0.5)

    assert stand.out.held == "not ready"


def test_an_offer_that_ends_lets_the_car_stop_and_then_forbids() -> None:
    stand = Stand(ITSELF).charging().permit(0.0)
    assert stand.tick().duty == 1.0
    assert stand.out.closed  # still allowed: the car may stop first

    stand.letter = "B"
    stand.run(0.1)
    assert (stand.out.closed, stand.out.contactor) == (False, "open")


def test_a_disobedient_car_is_cut_off_after_six_seconds() -> None:
    stand = Stand(ITSELF).charging()
    stand._controller_closes = lambda output: True  # type: ignore[method-assign]
    stand.permit(0.0)

    assert stand.seconds_until(lambda out: not out.closed) == pytest.approx(6.0, abs=0.021)


@pytest.mark.parametrize("what", ["residual_current", "emergency_stop", "earth_missing", "enclosure_open"])
def test_a_fault_forbids_at_once(what: str) -> None:
    stand = Stand(ITSELF).charging()
    stand.sensors = Sensors(**{what: True})  # type: ignore[arg-type]

    assert stand.seconds_until(lambda out: not out.closed) == 0.02
    assert stand.out.offered_a == 0.0


def test_closed_while_the_car_asks_under_an_offer_is_no_weld() -> None:
    stand = Stand(ITSELF).charging().run(60.0)

    assert stand.names() == []


@pytest.mark.parametrize("letter", ["A", "B"])
def test_closed_although_the_car_does_not_ask_is_a_weld(letter: str) -> None:
    stand = Stand(ITSELF).charging()
    stand.feedback = True
    stand.letter = letter

    assert stand.seconds_until(lambda out: WELD in [fault.name for fault in out.faults]) == pytest.approx(3.0, abs=0.03)
    stand.run(1.0)
    assert (stand.out.duty, stand.out.closed, stand.out.contactor) == (0.0, False, "welded")


def test_closed_without_an_offer_beyond_the_time_a_car_has_to_stop_is_a_weld() -> None:
    stand = Stand(ITSELF).charging().permit(0.0)
    stand.feedback = True

    assert stand.seconds_until(lambda out: WELD in [fault.name for fault in out.faults]) == pytest.approx(9.0, abs=0.05)


def test_a_controller_that_is_slow_to_open_is_none() -> None:
    stand = Stand(ITSELF).charging()
    stand.feedback = True
    stand.letter = "B"
    stand.run(2.5)
    stand.feedback = None
    stand.run(10.0)

    assert stand.names() == []


def test_one_that_does_not_close_within_five_seconds_is_stuck() -> None:
    stand = Stand(ITSELF).permit(16.0).plug("B").run(1.0)
    stand.feedback = False
    stand.letter = "C"

    assert stand.seconds_until(lambda out: bool(out.faults)) == pytest.approx(5.0, abs=0.03)
    assert (stand.names(), stand.out.contactor) == ([STUCK], "stuck_open")


def test_a_car_that_needs_air_gets_no_offer_for_the_controller_would_close() -> None:
    stand = Stand(ITSELF).permit(16.0).plug("B").run(1.0)
    stand.letter = "D"

    stand.run(0.5)

    assert (stand.out.offered_a, stand.out.contactor) == (0.0, "open")
    assert stand.names() == ["VentilationNotAvailable"]


def test_where_there_is_air_it_charges() -> None:
    stand = Stand(replace(ITSELF, ventilation=True)).permit(16.0).plug("B").run(1.0)
    stand.letter = "D"
    stand.run(0.5)

    assert (stand.out.offered_a, stand.out.contactor, stand.names()) == (16.0, "closed", [])


def test_a_daily_self_test_waits_for_a_pause_of_the_car_and_stops_nobody() -> None:
    stand = Stand(ITSELF)
    stand.sensors = Sensors(rcd_selftest_fitted=True, rcd_selftest_ok=True)
    stand.charging()
    stand.now_s += 25 * 3600
    stand.run(60.0)
    assert (stand.out.offered_a, stand.out.contactor) == (16.0, "closed")

    stand.letter = "B"
    tested = stand.seconds_until(lambda out: out.selftest)
    assert tested < 1.0


def test_the_plug_is_let_go_on_request_although_the_controller_was_allowed_to_close() -> None:
    stand = Stand(WITH_LOCK).permit(16.0).plug("B").run(2.0)
    assert (stand.out.closed, stand.out.locked) == (True, True)

    assert stand.rules.release_cable() == ""
    stand.run(1.0)

    assert (stand.out.closed, stand.out.locked, stand.out.offered_a) == (False, False, 0.0)


def test_and_not_under_load() -> None:
    assert Stand(WITH_LOCK).charging().rules.release_cable() == "the contactor is closed"


def test_a_meter_behind_an_open_contactor_sees_no_voltage_and_that_is_no_fault() -> None:
    stand = Stand(ITSELF).permit(16.0).plug("B").run(1.0)
    stand.permit(16.0, measured_v=(0.0, 0.0, 0.0))

    for _ in range(1000):
        stand.permits["measured_at_s"] = stand.now_s
        stand.tick()

    assert stand.names() == []


def test_its_contactor_cannot_be_clicked() -> None:
    stand = Stand(ITSELF).permit(0.0).run(1.0)

    why = stand.rules.prove(stand.lease.allowance(stand.now_s), stand.now_s)

    assert why == "the pilot's controller closes its contactor for a car only"


def test_nothing_is_offered_before_the_controller_has_said_that_its_contactor_is_open() -> None:
    stand = Stand(ITSELF)
    stand.rules, stand.mirror = Rules(ITSELF, stand.now_s), False  # a guard that has heard nothing of it yet
    stand.permit(16.0).plug("B").run(8.0)
    assert (stand.out.offered_a, stand.out.closed) == (0.0, False)

    stand.mirror = True
    assert stand.run(0.1).out.offered_a == 16.0
