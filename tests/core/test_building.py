"""What the rest of the building leaves of its fuse. Figures worked out by hand."""

import math

import pytest

from chargepoint.core.building import Building
from chargepoint.core.room import ByPhase

NOTHING: ByPhase = (0.0, 0.0, 0.0)


def settled(house_a: tuple[float, ...], evses_a: ByPhase = NOTHING, *, fuse_a: float = 35.0) -> Building:
    """Measured for more than a minute: the main meter shows the house and the EVSEs."""
    building = Building(fuse_a, 6.0)
    seconds(building, house_a, evses_a, 0, 62)
    return building


def seconds(building: Building, house_a: tuple[float, ...], evses_a: ByPhase, start_s: int, count: int) -> int:
    for second in range(start_s, start_s + count):
        building.measured([one + other for one, other in zip(house_a, evses_a, strict=True)], evses_a, second)
        building.ceiling(second)
    return start_s + count


def test_each_phase_has_what_the_house_leaves_of_it() -> None:
    assert settled((5.0, 20.0, 0.0)).ceiling(61).phase_a == (30.0, 15.0, 35.0)


def test_what_the_evses_draw_themselves_is_not_the_house_s() -> None:
    assert settled((5.0, 5.0, 5.0), (16.0, 16.0, 16.0)).ceiling(61).phase_a == (30.0, 30.0, 30.0)


def test_what_panels_feed_in_is_not_counted_upon() -> None:
    assert settled((-12.0, 3.0, 0.0)).ceiling(61).phase_a == (35.0, 32.0, 35.0)


def test_a_house_beyond_its_fuse_leaves_nothing() -> None:
    assert settled((40.0, 0.0, 0.0)).ceiling(61).phase_a == (0.0, 35.0, 35.0)


def test_from_the_start_the_declared_current_holds_for_a_minute() -> None:
    building = Building(35.0, 6.0)
    assert (building.ceiling(0).phase_a, building.ceiling(0).source) == ((6.0, 6.0, 6.0), "building: no measurement")
    seconds(building, (5.0, 5.0, 5.0), NOTHING, 0, 60)
    assert building.ceiling(59).phase_a == (6.0, 6.0, 6.0)
    seconds(building, (5.0, 5.0, 5.0), NOTHING, 60, 1)
    assert (building.ceiling(60).phase_a, building.ceiling(60).source) == ((30.0, 30.0, 30.0), "building")


def test_silence_of_the_main_meter_brings_the_declared_current_within_five_seconds() -> None:
    building = settled((5.0, 5.0, 5.0))
    assert building.ceiling(66.0).phase_a == (30.0, 30.0, 30.0)
    assert building.ceiling(66.1).phase_a == (6.0, 6.0, 6.0)
    assert building.ceiling(66.1).source == "building: no measurement"


def test_silence_of_an_evse_s_meter_is_silence_too() -> None:
    """Its car would pass for the house, and be throttled for its own sake."""
    building = settled((5.0, 5.0, 5.0))
    for second in range(62, 70):
        building.measured((21.0, 21.0, 21.0), None, second)
    assert building.ceiling(69).source == "building: no measurement"


@pytest.mark.parametrize("main_a", [(5.0,), (), (5.0, math.nan, 5.0), (5.0, math.inf, 5.0)])
def test_what_does_not_tell_every_phase_tells_nothing(main_a: tuple[float, ...]) -> None:
    building = settled((5.0, 5.0, 5.0))
    for second in range(62, 70):
        building.measured(main_a, NOTHING, second)
    assert building.ceiling(69).phase_a == (6.0, 6.0, 6.0)


def test_when_the_meter_is_back_a_calm_minute_is_waited_for() -> None:
    building = settled((5.0, 5.0, 5.0))
    building.ceiling(80)
    seconds(building, (5.0, 5.0, 5.0), NOTHING, 80, 60)
    assert building.ceiling(139).phase_a == (6.0, 6.0, 6.0)
    seconds(building, (5.0, 5.0, 5.0), NOTHING, 140, 1)
    assert building.ceiling(140).phase_a == (30.0, 30.0, 30.0)


def test_a_kettle_lowers_it_within_four_seconds_and_its_end_raises_it_a_minute_later() -> None:
    building = settled((20.0, 0.0, 0.0))
    at_s = seconds(building, (29.0, 0.0, 0.0), NOTHING, 62, 4)
    assert building.ceiling(at_s - 1).phase_a[0] == 6.0
    at_s = seconds(building, (20.0, 0.0, 0.0), NOTHING, at_s, 60)
    assert building.ceiling(at_s - 1).phase_a[0] == 6.0
    at_s = seconds(building, (20.0, 0.0, 0.0), NOTHING, at_s, 1)
    assert building.ceiling(at_s - 1).phase_a[0] == 15.0


def test_a_car_that_starts_between_two_readings_is_no_kettle() -> None:
    """The main meter sees it a second before the EVSE's own meter does."""
    building = settled((5.0, 5.0, 5.0))
    for second in range(62, 64):
        building.measured((21.0, 21.0, 21.0), NOTHING, second)
    building.measured((21.0, 21.0, 21.0), (16.0, 16.0, 16.0), 64)
    assert building.ceiling(64).phase_a == (30.0, 30.0, 30.0)


def test_on_a_single_phase_supply_there_is_one_phase() -> None:
    building = Building(40.0, 6.0, phases=1)
    for second in range(62):
        building.measured((8.0,), NOTHING, second)
    assert building.ceiling(61).phase_a == (32.0, math.inf, math.inf)
