"""The clock on the wall: recurring profiles follow it, through clock changes and restarts."""

from datetime import UTC, datetime, timedelta

import pytest

from chargepoint.core import catalogue as known
from chargepoint.core.kinds import read_offset, write_offset
from chargepoint.core.localtime import CHANGES_KEPT, LocalTime
from chargepoint.core.profile import Kind, Period, Profile, Purpose, Recurrence, Schedule, Unit
from chargepoint.core.settings import Settings
from tests.core.site import NOON, Site

SPRING = datetime(2027, 3, 28, 1, tzinfo=UTC)
AUTUMN = datetime(2027, 10, 31, 1, tzinfo=UTC)
WINTER_H, SUMMER_H = timedelta(hours=1), timedelta(hours=2)


def told(settings: Settings, **keys: str) -> None:
    for name, text in keys.items():
        setting = settings.find(name)
        assert setting is not None
        assert settings.change(setting, text, "csms").accepted


def in_winter() -> tuple[Settings, LocalTime]:
    settings = Settings()
    told(settings, TimeOffset="+01:00", NextTimeOffsetTransitionDateTime="2027-03-28T01:00:00Z")
    told(settings, TimeOffsetNextTransition="+02:00")
    wall = LocalTime(settings)
    wall.follow(NOON)
    return settings, wall


@pytest.mark.parametrize(
    ("text", "minutes"), [("+00:00", 0), ("+01:00", 60), ("-05:30", -330), ("+14:00", 840), (" +12:45 ", 765)]
)
def test_an_offset_is_read(text: str, minutes: int) -> None:
    ahead = read_offset(text)
    assert ahead == timedelta(minutes=minutes)
    assert write_offset(ahead) == text.strip()


@pytest.mark.parametrize("text", ["1", "+1:00", "+01:60", "+14:01", "-15:00", "01:00", "+01:00:00", "Europe/Berlin"])
def test_what_is_no_offset_is_refused(text: str) -> None:
    settings = Settings()
    assert settings.change(known.TIME_OFFSET, text, "csms").status == "Rejected"
    assert settings.text(known.TIME_OFFSET) == ""


@pytest.mark.parametrize("text", ["soon", "2027-03-28", "2027-03-28T01:00:00"])
def test_a_change_without_a_time_and_its_zone_is_refused(text: str) -> None:
    change = Settings().change(known.NEXT_TIME_OFFSET_TRANSITION_DATE_TIME, text, "csms")
    assert change.status == "Rejected"


def test_where_nobody_has_said_anything_local_time_is_utc() -> None:
    assert LocalTime(Settings()).ahead(NOON) == timedelta()


def test_the_announced_change_counts_from_its_time_on() -> None:
    _, wall = in_winter()
    assert wall.ahead(SPRING - timedelta(seconds=1)) == WINTER_H
    assert wall.ahead(SPRING) == SUMMER_H


def test_a_change_that_has_come_to_pass_becomes_the_offset_and_the_past_stays_what_it_was() -> None:
    settings, wall = in_winter()
    wall.follow(SPRING + timedelta(minutes=1))
    assert settings.text(known.TIME_OFFSET) == "+02:00"
    assert settings.text(known.NEXT_TIME_OFFSET_TRANSITION_DATE_TIME) == ""
    assert settings.text(known.TIME_OFFSET_NEXT_TRANSITION) == ""
    assert (wall.ahead(SPRING - timedelta(days=1)), wall.ahead(SPRING)) == (WINTER_H, SUMMER_H)


def test_half_an_announcement_changes_nothing() -> None:
    settings = Settings()
    told(settings, TimeOffset="+01:00", NextTimeOffsetTransitionDateTime="2027-03-28T01:00:00Z")
    wall = LocalTime(settings)
    wall.follow(SPRING + timedelta(days=1))
    assert wall.ahead(SPRING + timedelta(days=1)) == WINTER_H


def test_an_offset_that_is_changed_without_notice_counts_from_then_on() -> None:
    settings, wall = in_winter()
    told(settings, NextTimeOffsetTransitionDateTime="", TimeOffset="+02:00")
    wall.follow(SPRING)
    assert (wall.ahead(SPRING - timedelta(days=1)), wall.ahead(SPRING)) == (WINTER_H, SUMMER_H)


def test_the_first_word_on_local_time_holds_for_the_past_too() -> None:
    settings = Settings()
    wall = LocalTime(settings)
    wall.follow(NOON)
    told(settings, TimeOffset="+01:00")
    wall.follow(NOON + timedelta(hours=1))
    assert wall.ahead(NOON - timedelta(days=1)) == WINTER_H


def test_it_survives_a_restart() -> None:
    settings, wall = in_winter()
    wall.follow(SPRING)
    after = LocalTime(settings)
    after.load(**wall.dump())  # type: ignore[arg-type]
    assert after.ahead(SPRING - timedelta(days=1)) == WINTER_H
    after.follow(SPRING + timedelta(days=1))
    assert after.dump() == wall.dump()


def test_changes_of_long_ago_are_forgotten() -> None:
    settings = Settings()
    wall = LocalTime(settings)
    for year in range(20):
        told(settings, TimeOffset="+01:00" if year % 2 else "+02:00")
        wall.follow(NOON + timedelta(days=365 * year))
    assert len(wall.dump()["past"]) == CHANGES_KEPT  # type: ignore[arg-type]


# --- at a station -----------------------------------------------------------------------------------------------------


def nightly(start: datetime) -> Profile:
    """From that time of day on 6 A for an hour, then 16 A."""
    schedule = Schedule(Unit.AMPERES, (Period(0, 6), Period(3600, 16)), start)
    return Profile(1, 1, 0, Purpose.TX_DEFAULT, Kind.RECURRING, schedule, Recurrence.DAILY)


def test_a_daily_profile_follows_the_clock_on_the_wall_over_a_clock_change() -> None:
    site = Site()
    told(site.settings, TimeOffset="+01:00", TimeOffsetNextTransition="+02:00")
    told(site.settings, NextTimeOffsetTransitionDateTime="2026-11-22T20:00:00Z")
    six_in_the_evening = datetime(2026, 11, 20, 17, tzinfo=UTC)  # 18:00 on the wall
    assert site.station.set_profile(nightly(six_in_the_evening), site.now) == ""
    limits = {}
    for hour in range(48):
        limit = site.evse().profile_limit
        assert limit is not None
        limits[hour] = limit.amps
        site.wait(3600, step_s=600)
    assert [12 + hour for hour, amps in limits.items() if amps == 6] == [17, 24 + 16]


def test_what_is_said_about_local_time_counts_although_the_day_was_planned_already() -> None:
    site = Site()
    told(site.settings, TimeOffset="+01:00")
    site.station.set_profile(nightly(datetime(2026, 11, 20, 17, tzinfo=UTC)), site.now)  # 18:00 on the wall
    site.wait(60)
    told(site.settings, TimeOffsetNextTransition="+02:00")
    told(site.settings, NextTimeOffsetTransitionDateTime="2026-11-22T15:00:00Z")
    site.wait(4.5 * 3600, step_s=300)  # half past four in UTC, half past six on the wall
    limit = site.evse().profile_limit
    assert limit is not None
    assert limit.amps == 6
