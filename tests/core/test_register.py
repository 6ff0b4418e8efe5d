"""The register that is billed: whatever the meter says, no energy is invented and none is lost."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.core.metering import Reading, Register

POWER_W = 11_040.0  # 16 A, three phases: 3.07 Wh a second, 3.37 with the margin
NAN = float("nan")


def register(**more: float) -> Register:
    return Register(max_power_w=POWER_W, **more)


def followed(meter: Register, *counts_wh: float, start_s: float = 0.0, every_s: float = 1.0) -> list[float]:
    """The register after each of the meter's counts, read once a second."""
    return [
        meter.follow(Reading(count, taken_s=start_s + number * every_s)).energy_wh
        for number, count in enumerate(counts_wh)
    ]


def test_a_meter_that_counts_as_it_should_is_followed_exactly() -> None:
    assert followed(register(), 5000.0, 5003.0, 5003.0, 5006.5) == [5000.0, 5003.0, 5003.0, 5006.5]


def test_everything_else_in_the_reading_stays_as_it_is() -> None:
    reading = Reading(5000.0, 11_000.0, (16.0,), (230.0,), taken_s=7.0)
    assert register().follow(reading) == reading


@pytest.mark.parametrize("glitch", [NAN, math.inf, -1.0, 0.0, 4900.0, 50_000.0, 5_000_000.0, 2.0**32 - 1])
def test_a_glitch_is_never_billed(glitch: float) -> None:
    assert followed(register(), 5000.0, 5003.0, glitch, 5009.0) == [5000.0, 5003.0, 5003.0, 5009.0]


def test_two_glitches_in_a_row_are_held_back_too() -> None:
    meter = register()
    assert followed(meter, 5000.0, 5003.0, 0.0, 0.0)[-1] == 5003.0
    assert followed(meter, 5012.0, start_s=4.0) == [5012.0]


def test_a_small_slip_upwards_is_made_good_by_waiting() -> None:
    """5 Wh too much could have been true; the register waits until the meter has caught up."""
    assert followed(register(), 5000.0, 5001.0, 5009.0, 5004.0, 5007.0, 5010.0) == [
        5000.0, 5001.0, 5009.0, 5009.0, 5009.0, 5010.0,
    ]  # fmt: skip


def test_however_long_it_takes_the_meter_to_catch_up() -> None:
    counts = [5000.0, 5001.0, 5009.0, 5004.0, 5005.0, 5006.0, 5007.0, 5008.0, 5010.0]
    assert followed(register(), *counts) == [5000.0, 5001.0, *[5009.0] * 6, 5010.0]


@pytest.mark.parametrize("true_wh", [5003.0, 5103.0])
def test_a_count_that_ran_far_ahead_is_made_good_by_waiting_too(true_wh: float) -> None:
    """200 Wh in a minute could have been true."""
    meter = register()
    followed(meter, 5000.0, 5003.0)
    assert followed(meter, 5200.0, start_s=61.0) == [5200.0]
    assert set(followed(meter, *(true_wh + 3 * second for second in range(20)), start_s=62.0)) == {5200.0}


def test_what_follows_a_slip_is_judged_by_it() -> None:
    assert followed(register(), 5000.0, 5001.0, 5009.0, 5004.0, 5020.0)[-1] == 5009.0


@pytest.mark.parametrize(("fell_wh", "then_wh"), [(10.0, 5000.0), (10.5, 5003.0)])
def test_the_last_digit_is_ten_watt_hours(fell_wh: float, then_wh: float) -> None:
    after = [5000.0 - fell_wh + step for step in (0.0, 0.0, 0.0, 3.0)]
    assert followed(register(), 5000.0, 5000.0, *after)[-1] == then_wh


def test_a_trembling_last_digit_does_not_add_up() -> None:
    tremble = [5000.0, *[4999.9] * 4] * 100
    assert set(followed(register(), *tremble)) == {5000.0}


def test_a_fall_by_more_than_the_last_digit_is_another_count() -> None:
    """A meter set back by 40 Wh: what it counts from there is energy."""
    meter = register()
    followed(meter, 5000.0, 5000.0)
    assert followed(meter, 4960.0, 4960.0, 4963.0, 4966.0, start_s=2.0) == [5000.0, 5000.0, 5003.0, 5006.0]


def test_falling_back_towards_the_count_of_a_former_meter_is_no_slip() -> None:
    meter = register()
    followed(meter, 5000.0, 5003.0)
    followed(meter, 90_000.0, 90_003.0, 90_006.0, start_s=2.0)
    assert followed(meter, 50_000.0, 90_012.0, start_s=5.0) == [5009.0, 5015.0]


def test_counting_below_zero_is_no_counting() -> None:
    meter = register()
    followed(meter, 5000.0, 5003.0)
    assert set(followed(meter, -12.0, -9.0, -6.0, -3.0, start_s=2.0)) == {5003.0}


def test_more_than_the_time_allows_is_not_billed_even_when_it_stays() -> None:
    """Ten minutes at 11.04 kW and a tenth more are 2 024 Wh; a step of the display may come on top, not 200 Wh."""
    meter = register()
    followed(meter, 5000.0, 5003.0, start_s=1000.0)
    assert followed(meter, 7250.0, 7253.0, 7256.0, start_s=1601.0) == [5003.0, 5003.0, 5009.0]


def test_energy_counted_while_nobody_could_read_the_meter_is_billed() -> None:
    """Ten minutes without an answer at 11 kW: 1 840 Wh are possible, so they are true."""
    meter = register()
    followed(meter, 5000.0, 5003.0)
    assert followed(meter, 6800.0, start_s=601.0) == [6800.0]


def test_a_meter_that_starts_again_from_zero_goes_on_counting() -> None:
    meter = register()
    followed(meter, 5000.0, 5003.0)
    assert followed(meter, 0.0, 3.0, 6.0, 9.0, 12.0, start_s=2.0) == [5003.0, 5003.0, 5009.0, 5012.0, 5015.0]


def test_a_meter_replaced_by_one_with_a_higher_count_goes_on_counting() -> None:
    meter = register()
    followed(meter, 5000.0, 5003.0)
    assert followed(meter, 90_000.0, 90_003.0, 90_006.0, 90_009.0, start_s=2.0)[-2:] == [5009.0, 5012.0]


def test_a_meter_that_shows_zeros_while_it_boots_has_lost_nothing() -> None:
    meter = register()
    followed(meter, 5000.0, 5003.0)
    assert set(followed(meter, *[0.0] * 20, start_s=2.0)) == {5003.0}
    assert followed(meter, 5066.0, 5069.0, start_s=22.0) == [5066.0, 5069.0]


@pytest.mark.parametrize(("back_s", "billed_wh"), [(1601.0, 6500.0), (1601.5, 5003.0)])
def test_a_meter_may_be_gone_for_ten_minutes(back_s: float, billed_wh: float) -> None:
    meter = register()
    followed(meter, 5000.0, 5003.0, start_s=1000.0)
    followed(meter, *[0.0] * 4, start_s=1002.0)
    assert followed(meter, 6500.0, start_s=back_s) == [billed_wh]


def test_a_meter_long_gone_does_not_come_back_by_chance() -> None:
    meter = register()
    followed(meter, 5000.0, 5003.0)
    followed(meter, *[0.0] * 4, start_s=2.0)
    followed(meter, 0.0, start_s=700.0)
    assert followed(meter, 5500.0, start_s=701.0) == [5003.0]


def test_a_display_of_tenths_of_a_kilowatt_hour_is_billed_a_moment_later() -> None:
    """The step is larger than any second can supply, but it stays: three readings, then it counts."""
    assert followed(register(), 5000.0, 5000.0, 5100.0, 5100.0, 5100.0, 5100.0) == [
        5000.0, 5000.0, 5000.0, 5000.0, 5100.0, 5100.0,
    ]  # fmt: skip


@pytest.mark.parametrize(("count_wh", "billed_wh"), [(5100.0, 5100.0), (5100.5, 5000.0)])
def test_a_step_of_the_display_is_a_tenth_of_a_kilowatt_hour_and_no_more(count_wh: float, billed_wh: float) -> None:
    """Nothing is supplied here: only the display may have moved."""
    assert followed(Register(max_power_w=0.0), 5000.0, 5000.0, *[count_wh] * 3)[-1] == billed_wh


@pytest.mark.parametrize(("count_wh", "billed_wh"), [(5010.0, 5010.0), (5010.5, 5000.0)])
def test_the_step_of_an_ordinary_display_is_believed_at_once(count_wh: float, billed_wh: float) -> None:
    assert followed(Register(max_power_w=0.0), 5000.0, 5000.0, count_wh)[-1] == billed_wh


@pytest.mark.parametrize(("count_wh", "billed_wh"), [(8386.0, 8386.0), (8387.0, 5003.0)])
def test_what_can_be_supplied_is_reckoned_to_the_watt_hour(count_wh: float, billed_wh: float) -> None:
    """1000 s at 11.04 kW and a tenth more: 3373.3 Wh, and a step of the display."""
    meter = register()
    followed(meter, 5000.0, 5003.0)
    assert followed(meter, count_wh, start_s=1001.0) == [billed_wh]


def test_a_reading_that_is_no_later_than_the_one_before_leaves_no_time_to_supply() -> None:
    meter = register()
    followed(meter, 5000.0, 5003.0, start_s=9.0)
    assert [*followed(meter, 5015.0, start_s=10.0), *followed(meter, 5015.0, start_s=9.5)] == [5003.0, 5003.0]


def test_a_known_resolution_is_followed_at_once() -> None:
    assert followed(register(resolution_wh=100.0), 5000.0, 5100.0, 5100.0) == [5000.0, 5100.0, 5100.0]


def test_a_coarse_display_loses_nothing_over_an_hour_of_charging() -> None:
    counts = [10_000.0 + second * 3.0 // 100 * 100 for second in range(3600)]
    assert followed(register(), *counts)[-1] == counts[-1]


def test_a_first_reading_that_was_the_glitch_is_forgotten() -> None:
    assert followed(register(), 9e9, 5000.0, 5003.0, 5006.0, 5009.0) == [9e9, 9e9, 9e9, 5006.0, 5009.0]


def test_after_a_glitch_at_the_start_a_step_is_a_step_again() -> None:
    meter = register()
    followed(meter, 9e9, 5000.0, 5003.0, 5006.0)
    assert followed(meter, 90_000.0, 90_003.0, 90_006.0, start_s=4.0)[-1] == 5012.0


def test_a_start_that_trembled_is_no_glitch() -> None:
    """5000, 4990: the last digit. 5012 fits the first of them, and three in a row say that it is true."""
    assert followed(register(), 5000.0, 4990.0, 5012.0, 5012.0, 5012.0)[-1] == 5012.0


@pytest.mark.parametrize("glitch", [NAN, math.inf, -1.0])
def test_before_the_first_reading_there_is_none(glitch: float) -> None:
    assert followed(register(), glitch, 5000.0, 5003.0) == [0.0, 5000.0, 5003.0]


def test_doubts_from_before_a_restart_do_not_count_after_it() -> None:
    """The meter may be read before the guard has spoken, and only then is it known what was open."""
    meter = register()
    followed(meter, 6000.0, 6003.0, 0.0, 0.0)
    meter.resume(5000.0, at_s=0.0)
    assert followed(meter, 0.0, 5013.0, start_s=4.0) == [5000.0, 5013.0]


def test_what_was_read_before_a_restart_is_known_does_not_vouch_for_the_meter() -> None:
    meter = register()
    followed(meter, 6000.0, 6003.0)
    meter.resume(5000.0, at_s=0.0)
    followed(meter, 40.0, 43.0, 46.0, start_s=4.0)
    assert meter.energy_wh == 5006.0


def test_after_a_restart_the_register_goes_on() -> None:
    meter = register()
    meter.resume(5000.0, at_s=100.0)
    assert meter.energy_wh == 5000.0
    assert followed(meter, 5200.0, 5203.0, start_s=400.0) == [5200.0, 5203.0]


def test_after_a_restart_with_a_meter_behind_the_journal_the_difference_is_kept() -> None:
    """The meter had been replaced in mid-session: its count is behind what has been reported already."""
    meter = register()
    meter.resume(5000.0, at_s=100.0)
    assert followed(meter, 40.0, 43.0, 46.0, 49.0, start_s=110.0) == [5000.0, 5000.0, 5006.0, 5009.0]


def test_after_a_restart_at_an_unknown_time_any_higher_count_is_believed() -> None:
    meter = register()
    meter.resume(5000.0)
    assert followed(meter, 8000.0, 8003.0) == [8000.0, 8003.0]


def test_after_a_restart_a_glitch_does_not_start_the_count() -> None:
    meter = register()
    meter.resume(5000.0, at_s=0.0)
    assert followed(meter, 5e8, 5013.0, 5016.0, start_s=3.0) == [5000.0, 5013.0, 5016.0]


# --- properties -------------------------------------------------------------------------------------------------------

STEPS = st.lists(st.floats(0.0, 3.0), min_size=2, max_size=60)
GLITCHES = st.sampled_from([NAN, math.inf, -math.inf, -5.0, 0.0, 20_000.0, 6_553_600.0, 4e9])


@st.composite
def noisy_days(draw: st.DrawFn) -> tuple[list[float], list[float]]:
    """A meter's true counts, and what is read: at most two glitches in a row, the first two and the last are true."""
    true, read, row = [1_000_000.0], [1_000_000.0], 0
    for number, step in enumerate(draw(STEPS)):
        true.append(true[-1] + step)
        glitched = number > 0 and row < 2 and draw(st.booleans())
        row = row + 1 if glitched else 0
        read.append(draw(GLITCHES) if glitched else true[-1])
    return [*true, true[-1]], [*read, true[-1]]


@given(noisy_days())
def test_the_register_ends_where_the_meter_ends_whatever_happens_between(day: tuple[list[float], list[float]]) -> None:
    true, read = day
    shown = followed(register(), *read)
    assert shown[-1] == true[-1]
    assert all(now <= honest for now, honest in zip(shown, true, strict=True))  # never ahead of the truth


@given(noisy_days(), st.lists(st.integers(0, 60), max_size=6))
def test_the_sessions_of_a_day_add_up_to_the_register(day: tuple[list[float], list[float]], cuts: list[int]) -> None:
    _, read = day
    shown = followed(register(), *read)
    ends = sorted({0, len(shown) - 1, *(cut % len(shown) for cut in cuts)})
    sessions = [shown[end] - shown[start] for start, end in pairwise(ends)]
    assert all(energy >= 0 for energy in sessions)
    assert sum(sessions) == pytest.approx(read[-1] - read[0], abs=1e-6)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=40))
def test_no_meter_however_mad_makes_the_register_fall_or_race(counts: list[float]) -> None:
    """From the second believed count on: never down, never up faster than supply and display allow."""
    meter = register()
    followed(meter, 1000.0, 1003.0)
    shown = [meter.energy_wh, *followed(meter, *counts, start_s=2.0)]
    possible = POWER_W * 1.1 / 3600.0
    assert all(before <= after for before, after in pairwise(shown))
    assert all(math.isfinite(value) for value in shown)
    assert shown[-1] - shown[0] <= len(shown) * (possible + 100.0)
