"""The composite schedule: what all charging profiles together allow, from now on.

Each purpose is a stack: at any instant the highest level that says something then decides. A transaction's own profile
overrides the default for transactions; of what remains the least counts (1.6 section 3.13.3; 2.0.1 K08).
Times are seconds from the start of the span that is asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, pairwise
from math import inf

from chargepoint.core.profile import EVERY, NOMINAL_V, Kind, Profile, Purpose, Unit

UNSAID_PHASES = 3

LocalOffset = Callable[[datetime], timedelta]
"""How far the clock on the wall is ahead of UTC at an instant."""


def utc(at: datetime) -> timedelta:
    """Where nobody has told the station of a local time."""
    return timedelta()


@dataclass(frozen=True, slots=True)
class Segment:
    """One limit from `start_s` to `end_s`."""

    start_s: float
    end_s: float
    amps: float  # per phase
    phases: int = UNSAID_PHASES
    source: int | None = None  # id of the profile that says so
    min_a: float | None = None  # the least rate that the profile recommends
    asked: int | None = None  # phases that the profile wants to be supplied; None: it does not say
    volts: float = NOMINAL_V  # that watts were turned into amperes by

    def watts(self, amps: float) -> float:
        """So many amperes per phase, in watts of all phases."""
        return amps * self.phases * self.volts

    def clipped(self, start_s: float, end_s: float) -> Segment:
        return replace(self, start_s=max(self.start_s, start_s), end_s=min(self.end_s, end_s))


@dataclass(frozen=True, slots=True)
class Frame:
    """For when and for whom a composite schedule is asked."""

    start: datetime
    duration_s: float
    began: datetime | None = None  # of the transaction; a relative profile counts from there, or from `start`
    phases: int = UNSAID_PHASES  # that the EVSE supplies, or the car really uses
    volts: float = NOMINAL_V
    local: LocalOffset = utc

    def seconds(self, at: datetime) -> float:
        return (at - self.start).total_seconds()


def composite(profiles: Iterable[Profile], frame: Frame) -> list[Segment]:
    """Segments without gaps that overlap nowhere; where no profile says anything there is none."""
    stacks: dict[Purpose, list[Profile]] = {}
    for profile in profiles:
        stacks.setdefault(profile.purpose, []).append(profile)
    painted = {purpose: paint(stack, frame) for purpose, stack in stacks.items()}
    own = painted.pop(Purpose.TX, [])
    default = painted.pop(Purpose.TX_DEFAULT, [])
    return merged(least(over(own, default, frame.duration_s), *painted.values()))


def paint(stack: Iterable[Profile], frame: Frame) -> list[Segment]:
    """What one stack says: the highest level first, the others where it is silent."""
    result: list[Segment] = []
    for profile in sorted(stack, key=lambda each: each.stack_level, reverse=True):
        result = over(result, list(segments(profile, frame)), frame.duration_s)
        if _covers(result, frame.duration_s):
            break
    return result


def over(upper: Sequence[Segment], lower: Sequence[Segment], duration_s: float) -> list[Segment]:
    """`upper`, and `lower` in its gaps."""
    if not upper or not lower:
        return list(upper or lower)
    filling = (part for gap in _gaps(upper, duration_s) for part in _within(lower, *gap))
    return sorted(chain(upper, filling), key=lambda segment: segment.start_s)


def least(*layers: Sequence[Segment]) -> list[Segment]:
    """At every instant the least of the layers that say something then."""
    spoken = [layer for layer in layers if layer]
    if len(spoken) < 2:
        return list(spoken[0]) if spoken else []
    edges = sorted({edge for layer in spoken for segment in layer for edge in (segment.start_s, segment.end_s)})
    starts = [[segment.start_s for segment in layer] for layer in spoken]
    result = []
    for start_s, end_s in pairwise(edges):
        said = [found for layer, begins in zip(spoken, starts, strict=True) if (found := _at(layer, begins, start_s))]
        if said:
            deciding = min(said, key=lambda segment: segment.amps)
            phases = min(segment.phases for segment in said)
            asked = min((segment.asked for segment in said if segment.asked is not None), default=None)
            result.append(replace(deciding, start_s=start_s, end_s=end_s, phases=phases, asked=asked))
    return result


def merged(layer: Iterable[Segment]) -> list[Segment]:
    """Neighbours that say the same are one."""
    result: list[Segment] = []
    for segment in layer:
        last = result[-1] if result else None
        if last and last.end_s == segment.start_s and _says(last) == _says(segment):
            result[-1] = replace(last, end_s=segment.end_s)
        else:
            result.append(segment)
    return result


def _says(segment: Segment) -> tuple[object, ...]:
    return segment.amps, segment.phases, segment.asked


def _at(layer: Sequence[Segment], starts: Sequence[float], at_s: float) -> Segment | None:
    place = bisect_right(starts, at_s) - 1
    return layer[place] if place >= 0 and layer[place].end_s > at_s else None


def _covers(layer: Sequence[Segment], duration_s: float) -> bool:
    return bool(layer) and next(_gaps(layer, duration_s), None) is None


def _gaps(layer: Iterable[Segment], duration_s: float) -> Iterator[tuple[float, float]]:
    at_s = 0.0
    for segment in layer:
        if segment.start_s > at_s:
            yield at_s, segment.start_s
        at_s = max(at_s, segment.end_s)
    if at_s < duration_s:
        yield at_s, duration_s


def _within(layer: Sequence[Segment], start_s: float, end_s: float) -> Iterator[Segment]:
    first = max(bisect_right(layer, start_s, key=lambda segment: segment.start_s) - 1, 0)
    for segment in layer[first:]:
        if segment.start_s >= end_s:
            return
        if segment.end_s > start_s:
            yield segment.clipped(start_s, end_s)


# --- one profile ------------------------------------------------------------------------------------------------------


def segments(profile: Profile, frame: Frame) -> Iterator[Segment]:
    """What one profile says within the frame, in order."""
    earliest_s = 0.0 if profile.valid_from is None else max(frame.seconds(profile.valid_from), 0.0)
    latest_s = frame.duration_s
    if profile.valid_to is not None:
        latest_s = min(frame.seconds(profile.valid_to), latest_s)
    if earliest_s >= latest_s:
        return
    for start_s, end_s in _runs(profile, frame, earliest_s, latest_s):
        yield from _run(profile, frame, start_s, max(earliest_s, start_s), min(latest_s, end_s))


def _runs(profile: Profile, frame: Frame, earliest_s: float, latest_s: float) -> Iterator[tuple[float, float]]:
    """When its schedule starts, and when that start's say ends."""
    duration_s = inf if profile.schedule.duration_s is None else profile.schedule.duration_s
    if profile.recurrence is None or profile.schedule.start is None:
        start = frame.began or frame.start if profile.kind is Kind.RELATIVE else profile.schedule.start or frame.start
        start_s = frame.seconds(start)
        yield start_s, start_s + duration_s
        return
    for begin, following in pairwise(_recurrences(profile, frame, earliest_s, latest_s)):
        start_s = frame.seconds(begin)
        yield start_s, min(start_s + duration_s, frame.seconds(following))


def _recurrences(profile: Profile, frame: Frame, earliest_s: float, latest_s: float) -> Iterator[datetime]:
    """Its starts by the clock on the wall, from the last one before the span to the first one after it.

    A day on which the clock is changed has 23 or 25 hours, and what starts at six starts at six.
    """
    first, local = profile.schedule.start, frame.local
    if first is None or profile.recurrence is None:
        return
    every = EVERY[profile.recurrence]
    wall = first + local(first)
    begin = frame.start + timedelta(seconds=earliest_s)
    count = (begin + local(begin) - wall) // every - 1
    while True:
        at = wall + max(count, 0) * every
        start = at - local(at - local(first))
        yield start
        if frame.seconds(start) >= latest_s:
            return
        count = max(count, 0) + 1


def _run(profile: Profile, frame: Frame, start_s: float, from_s: float, until_s: float) -> Iterator[Segment]:
    periods = profile.schedule.periods
    ends = [start_s + period.start_s for period in periods[1:]] + [inf]
    for period, end_s in zip(periods, ends, strict=True):
        begin_s, stop_s = max(start_s + period.start_s, from_s), min(end_s, until_s)
        if begin_s < stop_s:
            phases = min(period.phases or UNSAID_PHASES, frame.phases)
            amps = _amps(period.limit, profile.schedule.unit, phases, frame.volts)
            least_a = profile.schedule.min_rate
            min_a = None if least_a is None else _amps(least_a, profile.schedule.unit, phases, frame.volts)
            yield Segment(begin_s, stop_s, amps, phases, profile.id, min_a, period.phases, frame.volts)


def _amps(limit: float, unit: Unit, phases: int, volts: float) -> float:
    """Amperes per phase; watts are those of all phases together (1.6 section 7.13)."""
    return limit if unit is Unit.AMPERES else limit / (phases * volts)
