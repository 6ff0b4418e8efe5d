"""Times as people write them, for windows over logs and history: "yesterday", "2h" ago, 2026-11, 2026-11-22 08:30.

What names no zone is meant by the clock on the wall. A day or month that ends a window belongs to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

_AGO = re.compile(r"-?(\d{1,6})\s*([smhdw])(?: ago)?")
_AGO_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_MONTH = re.compile(r"(\d{4})-(\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?")

ALLOWED = 'a time such as "2026-11-22 08:30", 2026-11-22, 2026-11, 08:30, today, yesterday, or 30s, 30m, 2h, 7d, 4w ago'


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """From `since` on, before `until`; None: without end on that side. Both are UTC."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


def time_window(since: str | None, until: str | None, now: datetime, zone: tzinfo | None = None) -> TimeWindow:
    """`zone`: of the clock on the wall; None: the machine's.

    Raises:
        ValueError: that is no time, or the window ends before it begins; the text is a sentence's end.
    """
    window = TimeWindow(
        None if since is None else first_instant(since, now, zone),
        None if until is None else end_of(until, now, zone),
    )
    if window.since is not None and window.until is not None and window.until <= window.since:
        raise ValueError(f'the window ends ("{until}") before it begins ("{since}")')
    return window


def first_instant(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """The instant itself, or the first of the day or month."""
    return _span(text.strip(), now, zone)[0]


def end_of(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """The instant itself, or the first one after the day or month."""
    return _span(text.strip(), now, zone)[1]


def _span(text: str, now: datetime, zone: tzinfo | None) -> tuple[datetime, datetime]:
    word = text.casefold()
    if word == "now":
        return _instant(now)
    if ago := _AGO.fullmatch(word):
        try:
            return _instant(now - timedelta(**{_AGO_UNITS[ago[2]]: int(ago[1])}))
        except OverflowError:
            raise ValueError(f'"{text}" is longer ago than anything') from None
    try:
        return _of_calendar(word, text, now.astimezone(zone).replace(tzinfo=None), zone)
    except (ValueError, OverflowError):
        raise ValueError(f'"{text}" is not {ALLOWED}') from None


def _of_calendar(word: str, text: str, wall: datetime, zone: tzinfo | None) -> tuple[datetime, datetime]:
    """`wall`: what the clock on the wall shows now."""
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    if word in ("today", "yesterday"):
        return _day(midnight - timedelta(days=word == "yesterday"), zone)
    if month := _MONTH.fullmatch(word):
        first = datetime(int(month[1]), int(month[2]), 1)
        return _utc(first, zone), _utc((first + timedelta(days=31)).replace(day=1), zone)
    if _DAY.fullmatch(word):
        return _day(datetime.fromisoformat(word), zone)
    if _CLOCK.fullmatch(word):
        return _instant(_utc(datetime.fromisoformat(f"{midnight:%Y-%m-%d} {word}"), zone))
    at = datetime.fromisoformat(text)
    return _instant(at if at.tzinfo is not None else _utc(at, zone))


def _day(midnight: datetime, zone: tzinfo | None) -> tuple[datetime, datetime]:
    return _utc(midnight, zone), _utc(midnight + timedelta(days=1), zone)


def _instant(at: datetime) -> tuple[datetime, datetime]:
    return at.astimezone(UTC), at.astimezone(UTC)


def _utc(wall: datetime, zone: tzinfo | None) -> datetime:
    """What the clock on the wall shows, as the instant it is; without a zone the machine's rules hold."""
    return (wall if zone is None else wall.replace(tzinfo=zone)).astimezone(UTC)
