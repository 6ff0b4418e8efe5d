"""What is known of the car's current, from whom, and what is left when nobody knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hw.api import Reading, Sensors
from hw.guard.lease import Allowance, Stage
from hw.guard.measuring import Measuring
from hw.guard.signals import Output
from tests.hw.stand import CAPTIVE, Stand

OVER = "MREC4OverCurrentFailure"
UNWATCHED = "MREC4OverCurrentFailure/Unsupervised"
NOTHING = Allowance(Stage.FRESH)


def permit(amps: tuple[float, ...], taken_s: float | None, volts: tuple[float, ...] = ()) -> Allowance:
    return Allowance(Stage.FRESH, measured_a=amps, measured_v=volts, measured_at_s=taken_s)


# --- sources ----------------------------------------------------------------------------------------------------------


def test_the_most_that_any_source_says_counts_phase_by_phase() -> None:
    measured = Measuring()

    measured.see(
        permit((1.0, 20.0), 100.0),
        Sensors(current_a=(3.0, 2.0, 1.0), current_taken_s=100.0),
        Reading(0.0, current_a=(2.0, 2.0, 9.0), taken_s=100.0),
        100.0,
    )

    assert (measured.current_a, measured.most_a) == ((3.0, 20.0, 9.0), 20.0)


@pytest.mark.parametrize(("age_s", "counts"), [(0.0, True), (5.0, True), (5.1, False), (-0.4, True), (-0.6, False)])
def test_a_value_counts_while_it_is_fresh_and_not_from_the_future(age_s: float, counts: bool) -> None:
    for source in range(3):
        measured = Measuring()
        taken_s = 100.0 - age_s
        measured.see(
            permit((7.0,), taken_s) if source == 0 else NOTHING,
            Sensors(current_a=(7.0,), current_taken_s=taken_s) if source == 1 else Sensors(),
            Reading(0.0, current_a=(7.0,), taken_s=taken_s) if source == 2 else None,
            100.0,
        )
        assert measured.most_a == (7.0 if counts else None)


NAN = float("nan")


@pytest.mark.parametrize(
    ("amps", "most_a"),
    [
        ((NAN, 40.0, 5.0), 40.0),
        ((40.0, NAN, 5.0), 40.0),
        ((5.0, 40.0, NAN), 40.0),
        ((5.0, float("inf"), 1.0), 5.0),
        ((NAN, NAN, NAN), None),
    ],
)
@pytest.mark.parametrize("source", ["sensors", "meter", "both"])
def test_what_is_no_number_hides_no_current_of_another_phase(
    source: str, amps: tuple[float, ...], most_a: float | None
) -> None:
    measured = Measuring()
    sensors = Sensors(current_a=amps, current_taken_s=100.0) if source != "meter" else Sensors()
    reading = Reading(0.0, current_a=amps, voltage_v=(NAN, 231.0), taken_s=100.0) if source != "sensors" else None

    measured.see(NOTHING, sensors, reading, 100.0)

    assert measured.most_a == most_a
    assert measured.voltage_v == (() if reading is None else (231.0,))


@pytest.mark.parametrize("amps", [(NAN, 10.0, 10.0), (10.0, NAN, 10.0), (10.0, 10.0, NAN)])
def test_a_phase_that_is_no_number_is_not_measured_and_in_the_end_only_the_fallback_is_left(
    amps: tuple[float, ...],
) -> None:
    measured = Measuring()
    measured.see(NOTHING, Sensors(), Reading(0.0, current_a=(10.0, 10.0, 10.0), taken_s=100.0), 100.0)

    measured.see(NOTHING, Sensors(), Reading(0.0, current_a=amps, taken_s=110.0), 110.0)

    assert measured.lost(110.0)
    assert not measured.whole, "so that no_load() does not take it for proven that no current flows"


def test_a_source_that_does_not_say_when_it_measured_says_nothing() -> None:
    measured = Measuring()

    measured.see(permit((7.0,), None), Sensors(current_a=(7.0,)), Reading(0.0, current_a=(7.0,)), 100.0)

    assert measured.most_a is None


def test_voltages_come_from_the_hosted_meter_else_from_the_permit() -> None:
    measured = Measuring()
    hosted = Reading(0.0, voltage_v=(231.0, 232.0, 233.0), taken_s=100.0)

    measured.see(permit((), 100.0, (240.0,)), Sensors(), hosted, 100.0)
    assert measured.voltage_v == (231.0, 232.0, 233.0)

    measured.see(permit((), 100.0, (240.0,)), Sensors(), replace(hosted, taken_s=90.0), 100.0)
    assert measured.voltage_v == (240.0,)

    measured.see(permit((), 90.0, (240.0,)), Sensors(), None, 100.0)
    assert measured.voltage_v == ()


# --- over-current by each of them -------------------------------------------------------------------------------------


def measuring(stand: Stand, source: str, amps: float) -> Stand:
    """From now on that source measures so much, always fresh."""
    step = stand._step

    def with_measurement() -> Output:
        match source:
            case "permit":
                stand.permits |= {"measured_a": (amps,), "measured_at_s": stand.now_s}
            case "sensors":
                stand.sensors = Sensors(current_a=(amps,), current_taken_s=stand.now_s)
            case "meter":
                stand.reading = Reading(0.0, current_a=(amps,), taken_s=stand.now_s)
        return step()

    stand._step = with_measurement  # type: ignore[method-assign]
    return stand


SOURCES = ("permit", "sensors", "meter")


@pytest.mark.parametrize("source", SOURCES)
def test_a_car_that_draws_too_much_is_switched_off_whoever_measures_it(source: str) -> None:
    stand = measuring(Stand().charging(16.0).run(6.0), source, 18.2)

    assert stand.seconds_until(lambda out: not out.closed) == pytest.approx(7.0, abs=0.021)
    assert stand.names() == [OVER]


@pytest.mark.parametrize("source", SOURCES)
def test_a_car_that_draws_what_it_may_is_left_alone(source: str) -> None:
    stand = measuring(Stand().charging(16.0), source, 18.1).run(60.0)

    assert (stand.out.closed, stand.names()) == (True, [])


# --- nobody measures --------------------------------------------------------------------------------------------------


def silent(stand: Stand, source: str) -> Stand:
    """Nothing measures any more."""
    step = type(stand)._step

    def without() -> Output:
        match source:
            case "permit":
                stand.permits |= {"measured_a": (), "measured_at_s": None}
            case "sensors":
                pass  # the value stays, and grows old
            case "meter":
                pass
        return step(stand)

    stand._step = without  # type: ignore[method-assign]
    return stand


@pytest.mark.parametrize("source", SOURCES)
def test_where_the_current_was_measured_and_is_not_any_more_the_fallback_is_left(source: str) -> None:
    stand = measuring(Stand().charging(16.0), source, 16.0).run(10.0)
    silent(stand, source)

    assert stand.seconds_until(lambda out: out.offered_a == 6.0) == pytest.approx(10.0, abs=0.03)
    assert (stand.out.closed, stand.names(), stand.out.held) == (True, [UNWATCHED], "no current measurement")


def test_where_every_watt_hour_must_be_paid_for_that_ends_the_charging() -> None:
    stand = measuring(Stand().charging(16.0), "meter", 16.0).run(10.0)
    stand.permits["fallback_a"] = 0.0
    silent(stand, "meter")

    assert stand.seconds_until(lambda out: out.offered_a == 0.0) == pytest.approx(10.0, abs=0.03)
    stand.letter = "B"
    stand.run(60.0)
    assert stand.out.offered_a == 0.0


def test_it_ends_as_soon_as_somebody_measures_again() -> None:
    stand = measuring(Stand().charging(16.0), "meter", 16.0).run(10.0)
    silent(stand, "meter").run(30.0)
    assert stand.out.offered_a == 6.0

    measuring(stand, "permit", 6.0).run(6.0)

    assert (stand.out.offered_a, stand.names()) == (16.0, [])


def test_where_nothing_has_ever_measured_nothing_is_limited() -> None:
    stand = Stand().charging(16.0).run(60.0)

    assert (stand.out.offered_a, stand.names()) == (16.0, [])


METERED = replace(CAPTIVE, metered=True)


@pytest.mark.parametrize("told_by", ["configuration", "permit"])
def test_a_guard_that_starts_beside_a_dead_meter_leaves_the_fallback(told_by: str) -> None:
    """Hosted, or the daemon's: one that is there and says nothing is a loss, counted from the start."""
    stand = Stand(METERED if told_by == "configuration" else CAPTIVE, start_up=True)
    stand.permit(16.0, **({} if told_by == "configuration" else {"metered": True})).plug("B").run(1.0)
    stand.letter = "C"
    stand.run(30.0)

    assert (stand.out.closed, stand.out.offered_a, stand.names()) == (True, 6.0, [UNWATCHED])
    assert stand.out.held == "no current measurement"


def test_a_meter_that_dies_with_its_daemon_is_missed_by_the_guard_that_starts_then() -> None:
    stand = Stand(CAPTIVE, start_up=True).permit(16.0, metered=True, fallback_a=0.0).plug("B").run(1.0)
    stand.permits["metered"] = False
    stand.run(30.0)

    assert stand.out.offered_a == 0.0


@pytest.mark.parametrize("source", ["permit", "meter"])
def test_a_meter_that_answers_but_tells_no_current_is_not_missed(source: str) -> None:
    stand = Stand(METERED, start_up=True).permit(16.0)

    def without_current() -> Output:
        if source == "permit":
            stand.permits |= {"measured_a": (), "measured_at_s": stand.now_s}
        else:
            stand.reading = Reading(0.0, taken_s=stand.now_s)
        return type(stand)._step(stand)

    stand._step = without_current  # type: ignore[method-assign]
    stand.plug("B").run(30.0)

    assert (stand.out.offered_a, stand.names()) == (16.0, [])


def test_a_meter_that_begins_to_answer_ends_the_wait_for_it() -> None:
    stand = Stand(METERED, start_up=True).permit(16.0).plug("B").run(30.0)
    assert stand.out.offered_a == 6.0

    measuring(stand, "meter", 0.0).run(6.0)
    assert (stand.out.offered_a, stand.names()) == (16.0, [])


def test_one_of_two_sources_is_enough() -> None:
    stand = measuring(Stand().charging(16.0), "meter", 16.0)
    measuring(stand, "sensors", 16.0).run(10.0)
    silent(stand, "meter")
    measuring(stand, "sensors", 16.0).run(60.0)

    assert (stand.out.offered_a, stand.names()) == (16.0, [])


def test_an_empty_outlet_misses_no_measurement() -> None:
    stand = measuring(Stand(CAPTIVE).permit(0.0).run(1.0), "meter", 0.0).run(5.0)
    silent(stand, "meter").run(60.0)

    assert stand.names() == []
