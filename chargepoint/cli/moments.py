"""Points in time as people type them: -1h, today, 10:30, 2026-11-23T10:00."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from datetime import datetime, time, timedelta

EXAMPLES = "-1h, -30m, today, yesterday, 10:30, 2026-11-23 or 2026-11-23T10:00"

_AGO = re.compile(r"-?((?:\d+[dhms])+)(?: ago)?")
_PART = re.compile(r"(\d+)([dhms])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def moment(text: str, now: datetime | None = None) -> datetime:
    """With a time zone: this machine's where none is written.

    Raises:
        ArgumentTypeError: that is no time.
    """
    here = now or datetime.now().astimezone()
    words = text.strip().lower()
    if words == "now":
        return here
    if words in ("today", "yesterday"):
        midnight = _local(datetime.combine(here.date(), time()))
        return midnight if words == "today" else _local(datetime.combine(here.date() - timedelta(days=1), time()))
    try:
        if found := _AGO.fullmatch(words):
            return here - timedelta(**_span(found[1]))
        if re.fullmatch(r"\d?\d:\d\d(:\d\d)?", words):
            return _local(
                datetime.combine(here.date(), time.fromisoformat(words.zfill(5 if words.count(":") < 2 else 8)))
            )
        return _local(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        raise ArgumentTypeError(f'"{text}" is no time; write {EXAMPLES}') from None


def _span(text: str) -> dict[str, float]:
    span: dict[str, float] = {}
    for number, unit in _PART.findall(text):
        span[_UNITS[unit]] = span.get(_UNITS[unit], 0.0) + float(number)
    return span


def _local(at: datetime) -> datetime:
    return at.astimezone()
