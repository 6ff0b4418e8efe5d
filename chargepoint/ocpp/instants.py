"""Times and numbers as every OCPP version writes them, and when a fact really happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chargepoint.core.facts import Record
    from chargepoint.ocpp.services import Clock

DECIMALS = 3
"""Of measured values: a milliwatt-hour is below what any meter shows."""


def time_text(at: datetime) -> str:
    """RFC 3339 in UTC with Z, to the millisecond (1.6 errata section 3.14, OCPP 2.0.1 part 2 section 3.1)."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_time(text: str) -> datetime:
    """A date-time of the CSMS. Some leave the zone out: then it means UTC.

    The first and the last day of all, by which some programs say "never", stay what they are in any zone.

    Raises:
        ValueError: not a date-time.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        return at.replace(tzinfo=UTC)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return at.replace(tzinfo=UTC)


def optional_time(text: str | None) -> datetime | None:
    return None if text is None else read_time(text)


def number(value: float) -> float:
    """A measured value for JSON; never -0.0."""
    return round(value, DECIMALS) + 0.0


def number_text(value: float) -> str:
    """A measured value for 1.6, which sends numbers as text: no exponent, no trailing zeros."""
    return f"{number(value):.{DECIMALS}f}".rstrip("0").rstrip(".")


def shifted(record: Record, by: timedelta) -> Record:
    """The record with all of its times moved: its clock was wrong, and by how much is known now."""
    samples = getattr(record.fact, "samples", ())
    if not by:
        return record
    moved = tuple(replace(sample, at=sample.at + by) for sample in samples)
    fact = replace(record.fact, samples=moved) if moved else record.fact  # type: ignore[call-arg]
    return replace(record, at=record.at + by, fact=fact)


def lateness(clock: Clock, record: Record) -> timedelta:
    """What to add to a record's times: a clock that was wrong when it happened may be known by now.

    Only the boot in which it happened has a monotonic clock to count back on: times of an earlier boot stay.
    """
    if record.trusted or record.boot != clock.boot:
        return timedelta(0)
    now = clock.now()
    return now.at - timedelta(seconds=now.mono_s - record.mono_s) - record.at
