"""Peak hours by the clock on the wall, over midnight and the ends of summer time."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chargepoint.core.offpeak import DAYS, SOURCE, UK, OffPeak, PeakWindow, read, read_all, told

LONDON = ZoneInfo("Europe/London")


def ahead(at: datetime) -> timedelta:
    return at.astimezone(LONDON).utcoffset() or timedelta()


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (utc(2026, 11, 23, 7, 59), None),  # a Monday in winter
        (utc(2026, 11, 23, 8, 0), utc(2026, 11, 23, 11)),
        (utc(2026, 11, 23, 10, 59, 59), utc(2026, 11, 23, 11)),
        (utc(2026, 11, 23, 11, 0), None),
        (utc(2026, 11, 23, 16, 0), utc(2026, 11, 23, 22)),
        (utc(2026, 11, 23, 22, 0), None),
        (utc(2026, 11, 22, 9, 0), None),  # Sunday
        (utc(2026, 7, 6, 7, 0), utc(2026, 7, 6, 10)),  # a Monday in summer: 8 o'clock in London
        (utc(2026, 7, 6, 10, 0), None),
    ],
)
def test_the_hours_of_great_britain(at: datetime, until: datetime | None) -> None:
    assert OffPeak(UK, ahead).until(at) == until


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    night = OffPeak((PeakWindow(frozenset({4}), 22 * 60, 6 * 60),))  # Friday
    assert night.until(utc(2026, 11, 27, 23)) == utc(2026, 11, 28, 6)
    assert night.until(utc(2026, 11, 28, 5)) == utc(2026, 11, 28, 6)
    assert night.until(utc(2026, 11, 27, 5)) is None
    assert night.until(utc(2026, 11, 29, 5)) is None


def test_a_whole_day() -> None:
    assert OffPeak((PeakWindow(frozenset({6}), 0, 0),)).until(utc(2026, 11, 22, 13)) == utc(2026, 11, 23)


def test_the_owner_is_asked_until_he_has_chosen() -> None:
    off_peak = OffPeak(UK)
    assert off_peak.asks
    off_peak.choose(())
    assert (off_peak.asks, off_peak.windows, off_peak.until(utc(2026, 11, 23, 9))) == (False, (), None)
    assert not OffPeak().asks


def test_an_override_is_for_one_session() -> None:
    off_peak, at = OffPeak(UK), utc(2026, 11, 23, 9)
    off_peak.override(1, "a")
    assert off_peak.limit(1, "a", at, 3) is None
    for evse, session in ((1, "b"), (1, None), (2, "a")):
        limit = off_peak.limit(evse, session, at, 3)
        assert limit is not None
        assert (limit.source, limit.amps, limit.until) == (SOURCE, 0.0, utc(2026, 11, 23, 11))


def test_a_choice_is_kept() -> None:
    off_peak, again = OffPeak(UK), OffPeak(UK)
    again.load(off_peak.dump())
    assert again.asks
    off_peak.choose([PeakWindow(frozenset({0, 6}), 60, 1440)])
    off_peak.override(2, "s")
    again.load(off_peak.dump())
    assert (again.windows, again.overridden) == (off_peak.windows, {2: "s"})


@pytest.mark.parametrize("window", UK)
def test_a_window_is_read_as_it_is_told(window: PeakWindow) -> None:
    assert read(told(window)) == window


GOOD = {"days": ["mon"], "from": "08:00", "to": "24:00"}


@pytest.mark.parametrize(
    "wrong",
    [[], {}, {**GOOD, "more": 1}, {**GOOD, "days": []}, {**GOOD, "days": ["mo"]}, {**GOOD, "days": "mon"},
     {**GOOD, "from": "8"}, {**GOOD, "to": "24:01"}, {**GOOD, "to": 8}, {**GOOD, "from": "25:00"}],
)  # fmt: skip
def test_anything_else_is_no_window(wrong: Any) -> None:
    assert read(GOOD).days == {DAYS.index("mon")}
    with pytest.raises(ValueError, match=r"."):
        read(wrong)
    with pytest.raises(ValueError, match=r"."):
        read_all([GOOD] * 15)
