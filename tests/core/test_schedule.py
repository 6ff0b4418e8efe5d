"""What several charging profiles allow together, worked out by hand."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.core.profile import Kind, Period, Profile, Purpose, Recurrence, Schedule, Unit
from chargepoint.core.schedule import Frame, composite, segments

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
HOUR = 3600.0


def profile(
    *periods: tuple[float, float], level: int = 0, purpose: Purpose = Purpose.TX_DEFAULT, **more: Any
) -> Profile:
    """Absolute from noon, in amperes, unless something else is said; `periods` are (start, limit)."""
    schedule = Schedule(
        unit=more.pop("unit", Unit.AMPERES),
        periods=tuple(Period(start_s, limit, more.get("number")) for start_s, limit in periods),
        start=more.pop("start", NOON),
        duration_s=more.pop("duration_s", None),
        min_rate=more.pop("min_rate", None),
    )
    more.pop("number", None)
    return Profile(
        id=more.pop("id", 1), evse=1, stack_level=level, purpose=purpose, kind=more.pop("kind", Kind.ABSOLUTE),
        schedule=schedule, **more,
    )  # fmt: skip


def told(*profiles: Profile, hours: float = 4, at: datetime = NOON, **frame: Any) -> list[tuple[float, float, float]]:
    """(from, until, amperes) in hours."""
    found = composite(profiles, Frame(at, hours * HOUR, **frame))
    return [(each.start_s / HOUR, each.end_s / HOUR, round(each.amps, 3)) for each in found.segments]


def test_one_profile_says_what_it_says() -> None:
    assert told(profile((0, 16), (HOUR, 10))) == [(0, 1, 16), (1, 4, 10)]


def test_nothing_is_said_before_its_start_and_after_its_duration() -> None:
    assert told(profile((0, 16), duration_s=HOUR), at=NOON - timedelta(hours=1)) == [(1, 2, 16)]


def test_nothing_is_said_outside_its_validity() -> None:
    limited = profile((0, 16), valid_from=NOON + timedelta(hours=1), valid_to=NOON + timedelta(hours=2))
    assert told(limited) == [(1, 2, 16)]


def test_the_period_that_runs_when_validity_begins_is_the_one_of_the_schedule() -> None:
    assert told(profile((0, 16), (HOUR, 10), valid_from=NOON + timedelta(minutes=90))) == [(1.5, 4, 10)]


def test_the_higher_level_decides_while_it_speaks() -> None:
    high = profile((0, 20), level=1, duration_s=2 * HOUR)
    assert told(profile((0, 8)), high) == [(0, 2, 20), (2, 4, 8)]


def test_a_higher_level_that_begins_later_takes_over_then() -> None:
    high = profile((0, 20), level=1, start=NOON + timedelta(hours=1), duration_s=HOUR)
    assert told(profile((0, 8), (1.5 * HOUR, 6)), high) == [(0, 1, 8), (1, 2, 20), (2, 4, 6)]


def test_the_profile_of_the_transaction_overrides_the_default_even_upwards() -> None:
    own = profile((0, 32), purpose=Purpose.TX, duration_s=HOUR)
    assert told(profile((0, 8), level=9), own) == [(0, 1, 32), (1, 4, 8)]


def test_the_least_of_the_purposes_counts() -> None:
    station = profile((0, 10), (2 * HOUR, 40), purpose=Purpose.STATION_MAX)
    own = profile((0, 16), (3 * HOUR, 6), purpose=Purpose.TX)
    assert told(station, own) == [(0, 2, 10), (2, 3, 16), (3, 4, 6)]


def test_where_only_one_purpose_speaks_it_counts_alone() -> None:
    station = profile((0, 10), purpose=Purpose.STATION_MAX, duration_s=HOUR)
    external = profile((0, 8), purpose=Purpose.EXTERNAL, start=NOON + timedelta(hours=2))
    assert told(station, external) == [(0, 1, 10), (2, 4, 8)]


def test_watts_are_of_all_phases_that_are_used() -> None:
    watts = profile((0, 6900), unit=Unit.WATTS)
    assert told(watts) == [(0, 4, 10)]
    assert told(watts, phases=1) == [(0, 4, 30)]


def test_a_limit_for_fewer_phases_is_shared_by_those() -> None:
    assert told(profile((0, 6900), unit=Unit.WATTS, number=1)) == [(0, 4, 30)]


@pytest.mark.parametrize("asked", [1, 2])
def test_where_no_fewer_phases_can_be_supplied_watts_are_spread_over_those_in_use(asked: int) -> None:
    assert told(profile((0, 6900), unit=Unit.WATTS, number=asked), switches=False) == [(0, 4, 10)]


def test_two_phases_cannot_be_had_by_switching() -> None:
    assert told(profile((0, 6900), unit=Unit.WATTS, number=2)) == [(0, 4, 10)]


def test_measured_volts_count_for_watts() -> None:
    assert told(profile((0, 7200), unit=Unit.WATTS), volts=240.0) == [(0, 4, 10)]


def test_amperes_and_watts_are_compared_as_amperes() -> None:
    watts = profile((0, 6900), unit=Unit.WATTS, purpose=Purpose.STATION_MAX)
    assert told(profile((0, 12)), watts) == [(0, 4, 10)]


def test_a_relative_profile_counts_from_the_start_of_the_transaction() -> None:
    relative = profile((0, 16), (2 * HOUR, 8), kind=Kind.RELATIVE, start=None, purpose=Purpose.TX)
    assert told(relative, began=NOON - timedelta(hours=1)) == [(0, 1, 16), (1, 4, 8)]
    assert told(relative) == [(0, 2, 16), (2, 4, 8)]


def daily(*periods: tuple[float, float], **more: Any) -> Profile:
    return profile(*periods, kind=Kind.RECURRING, recurrence=Recurrence.DAILY, **more)


def test_a_daily_profile_begins_anew_every_day() -> None:
    night = daily((0, 32), (8 * HOUR, 10), start=NOON - timedelta(hours=14))
    assert told(night, hours=36) == [(0, 10, 10), (10, 18, 32), (18, 34, 10), (34, 36, 32)]


def test_a_daily_profile_says_nothing_before_its_first_day() -> None:
    assert told(daily((0, 32), start=NOON + timedelta(hours=2))) == [(2, 4, 32)]


def test_a_daily_profile_with_a_duration_is_silent_in_between() -> None:
    assert told(daily((0, 32), duration_s=HOUR), hours=26) == [(0, 1, 32), (24, 25, 32)]


def test_a_weekly_profile_begins_anew_every_week() -> None:
    weekly = profile((0, 32), (24 * HOUR, 6), kind=Kind.RECURRING, recurrence=Recurrence.WEEKLY, start=NOON)
    friday = NOON + timedelta(days=4)
    assert told(weekly, at=friday, hours=120) == [(0, 72, 6), (72, 96, 32), (96, 120, 6)]


def test_what_starts_at_ten_in_the_evening_does_so_on_both_sides_of_a_change_of_the_clock() -> None:
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)  # summer time begins in the middle of Europe

    def local(at: datetime) -> timedelta:
        return timedelta(hours=2 if at >= change else 1)

    night = daily((0, 32), (8 * HOUR, 10), start=datetime(2026, 3, 1, 21, tzinfo=UTC))  # 22 h on the wall
    assert told(night, at=datetime(2026, 3, 28, 12, tzinfo=UTC), hours=36, local=local) == [
        (0, 9, 10), (9, 17, 32), (17, 32, 10), (32, 36, 32),
    ]  # fmt: skip


def test_a_recommended_least_rate_comes_with_the_segment() -> None:
    found = composite([profile((0, 6900), unit=Unit.WATTS, min_rate=4140.0)], Frame(NOON, HOUR))
    assert [each.min_a for each in found.segments] == [6.0]


def test_neighbours_that_say_the_same_are_one() -> None:
    assert told(profile((0, 16), (HOUR, 16), (2 * HOUR, 10))) == [(0, 2, 16), (2, 4, 10)]


def test_no_profile_says_nothing() -> None:
    assert told() == []


levels = st.lists(
    st.tuples(
        st.integers(0, 5), st.sampled_from(list(Purpose)), st.integers(-6, 6), st.integers(1, 6), st.integers(0, 32)
    ),
    max_size=8,
)


@given(levels)
def test_at_every_instant_the_rules_hold(rows: Sequence[tuple[int, Purpose, int, int, int]]) -> None:
    """The composite beside the definition, looked up minute by minute."""
    profiles = [
        profile(
            (0, amps), level=level, purpose=purpose, id=number, start=NOON + timedelta(hours=begin),
            duration_s=length * HOUR,
        )
        for number, (level, purpose, begin, length, amps) in enumerate(rows)
    ]  # fmt: skip
    frame = Frame(NOON, 6 * HOUR)
    found = composite(profiles, frame).segments
    assert all(one.end_s <= other.start_s for one, other in itertools.pairwise(found))
    for at_s in range(900, int(6 * HOUR), 1800):
        said = next((each.amps for each in found if each.start_s <= at_s < each.end_s), None)
        assert said == _by_definition(profiles, frame, at_s)


@given(levels, st.integers(1, 5))
def test_a_part_of_it_is_the_same_as_far_as_it_sees(
    rows: Sequence[tuple[int, Purpose, int, int, int]], most: int
) -> None:
    profiles = [
        profile(
            (0, amps), (HOUR, amps + 1), level=level, purpose=purpose, id=number,
            start=NOON + timedelta(hours=begin), duration_s=length * HOUR,
        )
        for number, (level, purpose, begin, length, amps) in enumerate(rows)
    ]  # fmt: skip
    frame = Frame(NOON, 6 * HOUR)
    whole, part = composite(profiles, frame), composite(profiles, replace(frame, most=most))
    assert 0 < part.until_s <= whole.until_s == 6 * HOUR
    for at_s in range(900, int(part.until_s), 1800):
        expected = next((each.amps for each in whole.segments if each.start_s <= at_s < each.end_s), None)
        assert next((e.amps for e in part.segments if e.start_s <= at_s < e.end_s), None) == expected


def test_of_very_many_periods_only_the_first_are_worked_out() -> None:
    daily = profile(*((60.0 * n, 6 + n % 3) for n in range(600)), kind=Kind.RECURRING, recurrence=Recurrence.DAILY)
    view = composite([daily], Frame(NOON, 7 * 24 * HOUR, most=50))
    assert (len(view.segments), view.until_s) == (50, 50 * 60.0)


def _by_definition(profiles: Sequence[Profile], frame: Frame, at_s: float) -> float | None:
    decided: dict[Purpose, float] = {}
    for each in sorted(profiles, key=lambda p: -p.stack_level):
        amps = next((s.amps for s in segments(each, frame) if s.start_s <= at_s < s.end_s), None)
        if amps is not None:
            decided.setdefault(each.purpose, amps)
    if Purpose.TX in decided:
        decided.pop(Purpose.TX_DEFAULT, None)
    return min(decided.values(), default=None)


WRONG = {
    "the first period does not start at 0": profile((1, 16)),
    "the periods are not in the order of their starts": profile((0, 16), (60, 10), (60, 8)),
    "a limit is negative": profile((0, -1)),
    "a number of phases is not 1 to 3": profile((0, 16), number=4),
    "the duration is negative": profile((0, 16), duration_s=-1.0),
    "a relative profile has a start": profile((0, 16), kind=Kind.RELATIVE),
    "a maximum of the station cannot be relative": profile(
        (0, 16), kind=Kind.RELATIVE, start=None, purpose=Purpose.STATION_MAX
    ),
    "an absolute or recurring profile has no start": profile((0, 16), start=None),
    "a recurring profile, and no other, says how it recurs": profile((0, 16), kind=Kind.RECURRING),
    "it ends before it begins": profile((0, 16), valid_from=NOON, valid_to=NOON),
    "only a profile for a transaction names one": profile((0, 16), transaction="4711"),
}


@pytest.mark.parametrize("sentence", WRONG)
def test_a_profile_that_contradicts_itself_is_told_so(sentence: str) -> None:
    assert WRONG[sentence].contradiction == sentence


def test_a_good_profile_is_not_complained_about() -> None:
    assert profile((0, 16), purpose=Purpose.TX, transaction="4711").contradiction == ""
    assert daily((0, 16)).contradiction == ""
