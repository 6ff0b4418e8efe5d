"""Charging with one phase or three: the contactor of L2 and L3 never moves under load."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from hw.api import Reading
from hw.guard.signals import Output
from tests.hw.stand import CAPTIVE, Stand

FITTED = replace(CAPTIVE, phase_contactor=True)
SWITCHED = replace(FITTED, phase_switching=True)
WRONG = "MREC17EVSEContactorFault/Phases"


def charging(phases: int = 3, spec=SWITCHED) -> Stand:  # type: ignore[no-untyped-def]
    stand = Stand(spec).permit(16.0, phases=phases).run(1.0)
    return stand.charging_with(phases)


def obedient(stand: Stand) -> Callable[[Output], None]:
    """A car that leaves C a second after the offer is gone, and asks again when there is one."""
    gone_s = [0.0]

    def follow(out: Output) -> None:
        gone_s[0] = 0.0 if out.offered_a else gone_s[0] + 0.01
        stand.letter = "C" if out.offered_a else ("B" if gone_s[0] > 1.0 else stand.letter)

    return follow


def course(stand: Stand, seconds: float) -> list[tuple[float, bool, bool, int]]:
    """Offer, contactor, coil of the phase contactor, phases told: each change, with an obedient car."""
    follow = obedient(stand)
    seen: list[tuple[float, bool, bool, int]] = []
    for _ in range(round(seconds * 100)):
        out = stand.tick()
        follow(out)
        now = (out.offered_a, out.closed, out.phases_closed, out.phases)
        if not seen or seen[-1] != now:
            seen.append(now)
    return seen


# --- without switching ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phases", [1, 3])
def test_without_a_phase_contactor_the_phases_are_those_of_the_file(phases: int) -> None:
    stand = Stand(replace(CAPTIVE, phases=phases)).permit(16.0, phases=4 - phases).run(30.0)

    assert (stand.out.phases, stand.out.phases_closed) == (phases, False)


def test_a_phase_contactor_that_may_not_be_used_is_closed_for_good() -> None:
    stand = Stand(FITTED).permit(16.0, phases=1).run(1.0)
    assert (stand.out.phases, stand.out.phases_closed) == (3, True)

    stand.charging_with(1)
    assert (stand.out.phases, stand.out.offered_a) == (3, 16.0)


def test_at_start_it_is_open_and_moves_only_when_the_contactor_is_seen_open() -> None:
    stand = Stand(SWITCHED, start_up=True)
    stand.feedback = True  # welded, for all we know
    stand.permit(16.0, phases=3).run(5.0)
    assert (stand.out.phases_closed, stand.out.phases) == (False, 1)

    stand.feedback = None
    stand.run(0.5)
    assert (stand.out.phases_closed, stand.out.phases) == (True, 3)


def test_nothing_is_offered_before_it_has_moved_and_nobody_waits_for_a_pause() -> None:
    stand = Stand(SWITCHED).permit(16.0, phases=1).run(1.0).plug("B").run(0.1)

    stand.permit(16.0, phases=3)

    assert stand.seconds_until(lambda out: out.offered_a > 0) < 0.7


# --- switching --------------------------------------------------------------------------------------------------------


def test_from_three_phases_to_one_and_the_pauses_between() -> None:
    """Offer withdrawn, contactor opened, nothing flows, switched, pause, offered anew."""
    stand = charging(3)
    stand.permit(16.0, phases=1)

    assert course(stand, 30.0) == [
        (0.0, True, True, 3),  # x1; the car stops
        (0.0, False, True, 3),
        (0.0, False, False, 3),  # the coil is off; the contacts are on their way
        (0.0, False, False, 1),
        (16.0, False, False, 1),
        (16.0, True, False, 1),
    ]
    assert stand.names() == []


def test_and_back_again() -> None:
    stand = charging(1)
    stand.permit(6.0, phases=3)

    assert course(stand, 30.0)[-1] == (6.0, True, True, 3)


@pytest.mark.parametrize("pause_s", [10.0, 60.0])
def test_the_pause_is_as_long_as_the_installer_says(pause_s: float) -> None:
    stand = charging(3, replace(SWITCHED, phase_pause_s=pause_s))
    stand.permit(16.0, phases=1)
    follow = obedient(stand)
    stand.seconds_until(lambda out: bool(follow(out)) or not out.phases_closed)

    assert stand.seconds_until(lambda out: out.offered_a > 0) == pytest.approx(pause_s + 0.25, abs=0.03)


def test_a_disobedient_car_is_cut_off_first() -> None:
    stand = charging(3)
    stand.permit(16.0, phases=1)

    stand.seconds_until(lambda out: not out.closed)
    assert stand.out.phases_closed
    assert stand.seconds_until(lambda out: not out.phases_closed) == pytest.approx(0.12, abs=0.021)


def test_a_wish_that_is_taken_back_in_time_changes_nothing() -> None:
    stand = charging(3)
    stand.permit(16.0, phases=1).run(0.5)

    stand.permit(16.0, phases=3).run(30.0)

    assert (stand.out.phases_closed, stand.out.phases, stand.out.closed) == (True, 3, True)


def test_why_nothing_is_offered_is_told() -> None:
    stand = charging(3)
    stand.permit(16.0, phases=1).run(1.0)

    assert stand.out.held == "phases"


def test_a_daemon_that_falls_silent_leaves_the_phases_as_they_are() -> None:
    stand = charging(1)
    stand.limit_a = None
    stand.run(130.0)

    assert (stand.out.phases, stand.out.phases_closed) == (1, False)


@pytest.mark.parametrize("wanted", [0, 2, 7])
def test_other_numbers_of_phases_mean_nothing(wanted: int) -> None:
    stand = charging(3)
    stand.permit(16.0, phases=wanted).run(30.0)

    assert (stand.out.phases, stand.out.closed) == (3, True)


# --- the proof --------------------------------------------------------------------------------------------------------


def test_a_contactor_without_mirror_and_a_meter_that_measures_nothing_are_proof() -> None:
    stand = charging(3)
    stand.mirror = False
    measuring(stand, 0.4)
    stand.permit(16.0, phases=1)

    assert course(stand, 30.0)[-1] == (16.0, True, False, 1)


@pytest.mark.parametrize("phase", [0, 1, 2])
def test_a_phase_that_is_no_number_proves_nothing(phase: int) -> None:
    stand = charging(3)
    stand.mirror = False
    step = stand._step

    def with_measurement() -> Output:
        values = tuple(float("nan") if each == phase else 0.4 for each in range(3))
        stand.reading = Reading(0.0, current_a=values, taken_s=stand.now_s)
        return step()

    stand._step = with_measurement  # type: ignore[method-assign]
    stand.permit(16.0, phases=1)

    assert all(closed for _, _, closed, _ in course(stand, 30.0))


@pytest.mark.parametrize("mirror", [True, False])
def test_as_long_as_current_flows_nothing_moves_whatever_the_mirror_says(mirror: bool) -> None:
    stand = charging(3)
    stand.mirror = mirror
    measuring(stand, 0.6)
    stand.permit(16.0, phases=1)
    follow = obedient(stand)

    for _ in range(1900):
        follow(stand.tick())
        assert stand.out.phases_closed


def test_a_proof_that_never_comes_leaves_things_as_they_are_and_is_told() -> None:
    stand = charging(3)
    stand.mirror = False  # and no meter
    stand.permit(16.0, phases=1)

    assert course(stand, 40.0)[-1] == (16.0, True, True, 3)
    assert stand.names() == ["VendorWarning/PhaseSwitching"]

    stand.permit(16.0, phases=3).run(1.0)
    assert stand.names() == []


def test_a_moment_without_current_is_no_proof() -> None:
    stand = charging(3)
    stand.mirror = False
    stand.permit(0.0, phases=1)
    stand.letter = "B"
    stand.run(0.5)

    for tick in range(500):
        stand.reading = Reading(0.0, current_a=(0.0 if tick % 10 else 3.0,), taken_s=stand.now_s + 0.01)
        assert stand.tick().phases_closed


def measuring(stand: Stand, amps: float) -> None:
    step = stand._step

    def with_reading() -> Output:
        stand.reading = Reading(0.0, current_a=(amps, amps, amps), taken_s=stand.now_s)
        return step()

    stand._step = with_reading  # type: ignore[method-assign]


# --- its own mirror contact -------------------------------------------------------------------------------------------


def test_one_that_sticks_is_a_fault_and_what_is_connected_is_told() -> None:
    stand = charging(3)
    stand.phase_feedback = True  # welded
    stand.permit(16.0, phases=1)
    follow = obedient(stand)
    for _ in range(3000):
        follow(stand.tick())

    assert (stand.names(), stand.out.phases, stand.out.offered_a) == ([WRONG], 3, 0.0)


def test_one_that_drops_out_while_charging_stops_the_session_in_order() -> None:
    stand = charging(3)
    stand.phase_feedback = False

    assert stand.seconds_until(lambda out: not out.offered_a) == pytest.approx(0.26, abs=0.021)
    assert (stand.names(), stand.out.closed, stand.out.phases) == ([WRONG], True, 1)
    assert stand.seconds_until(lambda out: not out.closed) == pytest.approx(6.0, abs=0.021)


def test_one_without_a_mirror_contact_is_believed() -> None:
    stand = charging(3)
    stand.phase_mirror = False
    stand.permit(16.0, phases=1)

    assert course(stand, 30.0)[-1] == (16.0, True, False, 1)
    assert stand.names() == []


def test_a_car_that_goes_ends_the_pause() -> None:
    stand = charging(3)
    stand.permit(16.0, phases=1)
    follow = obedient(stand)
    stand.seconds_until(lambda out: bool(follow(out)) or out.phases == 1)
    stand.letter = "A"
    stand.run(0.5)

    stand.letter = "B"
    assert stand.seconds_until(lambda out: out.offered_a > 0) < 1.0
