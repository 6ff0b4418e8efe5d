"""Windows of time as people write them, on a Sunday noon in Berlin and over the ends of summer time."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.timewindow import TimeWindow, end_of, first_instant, time_window

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)  # 12:30 on the wall


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-22 08:30", utc(2026, 11, 22, 7, 30)),
        ("2026-07-01T08:30:15", utc(2026, 7, 1, 6, 30, 15)),
        ("2026-11-22T08:30:00Z", utc(2026, 11, 22, 8, 30)),
        ("2026-11-22T08:30:00-05:00", utc(2026, 11, 22, 13, 30)),
        ("08:30", utc(2026, 11, 22, 7, 30)),
        ("now", NOW),
        ("90m", utc(2026, 11, 22, 10, 0)),
        ("2h", utc(2026, 11, 22, 9, 30)),
        ("7d", utc(2026, 11, 15, 11, 30)),
        ("4W", utc(2026, 10, 25, 11, 30)),
    ],
)
def test_an_instant(text: str, instant: datetime) -> None:
    assert first_instant(text, NOW, BERLIN) == instant
    assert end_of(text, NOW, BERLIN) == instant


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("today", utc(2026, 11, 21, 23), utc(2026, 11, 22, 23)),
        ("Yesterday", utc(2026, 11, 20, 23), utc(2026, 11, 21, 23)),
        ("2026-11-01", utc(2026, 10, 31, 23), utc(2026, 11, 1, 23)),
        ("2026-12", utc(2026, 11, 30, 23), utc(2026, 12, 31, 23)),
        ("2026-03-29", utc(2026, 3, 28, 23), utc(2026, 3, 29, 22)),  # 23 hours long
        ("2026-10", utc(2026, 9, 30, 22), utc(2026, 10, 31, 23)),
    ],
)
def test_a_day_or_month_belongs_to_the_window_that_it_ends(text: str, first: datetime, end: datetime) -> None:
    assert time_window(text, text, NOW, BERLIN) == TimeWindow(first, end)


def test_a_window_holds_its_beginning_and_not_its_end() -> None:
    window = TimeWindow(utc(2026, 11, 1), utc(2026, 11, 2))
    assert [window.holds(at) for at in (utc(2026, 10, 31), utc(2026, 11, 1), utc(2026, 11, 2))] == [False, True, False]
    assert TimeWindow().holds(NOW)


@pytest.mark.parametrize("text", ["", "soon", "2026-13", "2026-02-30", "25:00", "12", "--2h", "9999-12", "999999w"])
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a time such as|longer ago"):
        end_of(text, NOW, BERLIN)


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match=r"ends .* before it begins"):
        time_window("2026-11-02", "2026-11-01", NOW, BERLIN)


@given(st.text(max_size=30))
def test_anything_else_is_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert first_instant(text, NOW, BERLIN).tzinfo is UTC
