"""A charging profile: a schedule of limits that somebody has set for a while. One model for every OCPP version.

Source: OCPP 1.6 section 3.13 and 7.8 to 7.14; OCPP 2.0.1 part 2, block K and section 2 of its data types.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from enum import StrEnum

NOMINAL_V = 230.0
"""Phase to neutral (IEC 60038): what a limit in watts is divided by where no meter tells the voltage."""

MIN_PHASES, MAX_PHASES = 1, 3
FIRST_YEAR, LAST_YEAR = MINYEAR, MAXYEAR  # in these there is no local time everywhere


class Purpose(StrEnum):
    """What a profile limits; 2.x's words, 1.6 knows the first three."""

    STATION_MAX = "ChargingStationMaxProfile"  # 1.6: ChargePointMaxProfile
    TX_DEFAULT = "TxDefaultProfile"
    TX = "TxProfile"
    EXTERNAL = "ChargingStationExternalConstraints"


class Kind(StrEnum):
    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"  # to the start of the transaction


class Recurrence(StrEnum):
    DAILY = "Daily"
    WEEKLY = "Weekly"


class Unit(StrEnum):
    AMPERES = "A"  # per phase
    WATTS = "W"  # of all phases


EVERY = {Recurrence.DAILY: timedelta(days=1), Recurrence.WEEKLY: timedelta(weeks=1)}


@dataclass(frozen=True, slots=True)
class Period:
    """From `start_s` after the start of its schedule until the next one."""

    start_s: float
    limit: float
    phases: int | None = None  # None: not said, hence three (1.6 section 7.14)


@dataclass(frozen=True, slots=True)
class Schedule:
    unit: Unit
    periods: tuple[Period, ...]  # in the order of their starts, the first at 0
    start: datetime | None = None
    duration_s: float | None = None  # None: for ever
    min_rate: float | None = None  # in `unit`: below it the car charges badly


@dataclass(frozen=True, slots=True)
class Profile:
    id: int
    evse: int  # 0: the station
    stack_level: int
    purpose: Purpose
    kind: Kind
    schedule: Schedule
    recurrence: Recurrence | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    transaction: str | None = None  # the only one it is meant for

    @property
    def contradiction(self) -> str:
        """What is wrong with it in itself; "" where nothing is."""
        return next(_contradictions(self), "")


def _contradictions(profile: Profile) -> Iterator[str]:
    schedule = profile.schedule
    starts = [period.start_s for period in schedule.periods]
    if not starts or starts[0] != 0:
        yield "the first period does not start at 0"
    if any(later <= earlier for earlier, later in itertools.pairwise(starts)):
        yield "the periods are not in the order of their starts"
    if any(period.limit < 0 for period in schedule.periods):
        yield "a limit is negative"
    if any(period.phases is not None and not MIN_PHASES <= period.phases <= MAX_PHASES for period in schedule.periods):
        yield "a number of phases is not 1 to 3"
    if schedule.duration_s is not None and schedule.duration_s < 0:
        yield "the duration is negative"
    if schedule.min_rate is not None and schedule.min_rate < 0:
        yield "the least rate is negative"
    yield from _contradictory_times(profile)


def _contradictory_times(profile: Profile) -> Iterator[str]:
    start, recurrence = profile.schedule.start, profile.recurrence
    if profile.kind is Kind.RELATIVE and start is not None:
        yield "a relative profile has a start"  # K01.FR.41 in 2.0.1
    if profile.kind is Kind.RELATIVE and profile.purpose is Purpose.STATION_MAX:
        yield "a maximum of the station cannot be relative"  # 1.6 section 3.13.1: no transaction to be relative to
    if start is not None and not FIRST_YEAR < start.year < LAST_YEAR:
        yield "it starts at no time that a clock ever shows"
    if profile.kind is not Kind.RELATIVE and start is None:
        yield "an absolute or recurring profile has no start"  # K01.FR.40
    if (profile.kind is Kind.RECURRING) != (recurrence is not None):
        yield "a recurring profile, and no other, says how it recurs"
    if profile.valid_from and profile.valid_to and profile.valid_to <= profile.valid_from:
        yield "it ends before it begins"
    if profile.transaction is not None and profile.purpose is not Purpose.TX:
        yield "only a profile for a transaction names one"  # 1.6 section 7.8
