"""The composite schedule: what all charging profiles together allow, from now on.

Each purpose is a stack: at any instant the highest level that says something then decides. A transaction's own profile
overrides the default for transactions; of what remains the least counts (1.6 section 3.13.3; 2.0.1 K08).
Times are seconds from the start of the span that is asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice, pairwise
from math import inf
from typing import NamedTuple

from chargepoint.core.profile import EVERY, NOMINAL_V, Kind, Profile, Purpose, Unit

UNSAID_PHASES = 3

LocalOffset = Callable[[datetime], timedelta]
"""How far the clock on the wall is ahead of UTC at an instant."""


def utc(at: datetime) -> timedelta:
    """Where nobody has told the station of a local time."""
    return timedelta()


class Segment(NamedTuple):
    """One limit from `start_s` to `end_s`. A tuple: schedules have thousands, and those are quickly made."""

    start_s: float
    end_s: float
    amps: float  # per phase
    phases: int = UNSAID_PHASES
    source: int | None = None  # id of the profile that says so
    min_a: float | None = None  # the least rate that the profile recommends
    asked: int | None = None  # phases that the profile wants to be supplied; None: it does not say
    volts: float = NOMINAL_V  # that watts were turned into amperes by
    unit: Unit = Unit.AMPERES  # that the profile speaks of
    total_w: float | None = None  # of several EVSEs together; None: of one, on `phases`

    @property
    def power_w(self) -> float:
        return self.watts(self.amps) if self.total_w is None else self.total_w

    def watts(self, amps: float) -> float:
        """So many amperes per phase, in watts of all phases."""
        return amps * self.phases * self.volts

    def within(self, start_s: float, end_s: float) -> Segment:
        """The part of it between these two."""
        start_s, end_s = max(self.start_s, start_s), min(self.end_s, end_s)
        return self if (start_s, end_s) == self[:2] else Segment(start_s, end_s, *self[2:])


Layer = Sequence[Segment]
"""Segments in the order of time that overlap nowhere."""


class View(NamedTuple):
    """What is said from 0 to `until_s`. Further nobody has looked: it may be less than what was asked for."""

    segments: Layer
    until_s: float


@dataclass(frozen=True, slots=True)
class Frame:
    """For when and for whom a composite schedule is asked."""

    start: datetime
    duration_s: float
    began: datetime | None = None  # of the transaction; a relative profile counts from there, or from `start`
    phases: int = UNSAID_PHASES  # that the EVSE supplies, or the car really uses
    volts: float = NOMINAL_V
    local: LocalOffset = utc
    switches: bool = True  # one phase can be supplied where a profile asks for one
    most: int | None = None  # segments of one stack that are worked out: stored profiles may have very many

    def seconds(self, at: datetime) -> float:
        return (at - self.start).total_seconds()

    def supplied(self, asked: int | None) -> int:
        """The phases that watts are spread over: what a profile asks for counts only where it can be had."""
        return 1 if asked == 1 and self.switches else self.phases


def composite(profiles: Iterable[Profile], frame: Frame) -> View:
    """Segments without gaps that overlap nowhere; where no profile says anything there is none."""
    stacks: dict[Purpose, list[Profile]] = {}
    for profile in profiles:
        stacks.setdefault(profile.purpose, []).append(profile)
    own = paint(stacks.pop(Purpose.TX, []), frame)
    painted = paint(stacks.pop(Purpose.TX_DEFAULT, []), frame, upon=own)
    return least_seen(painted, *(paint(stack, frame) for stack in stacks.values()))


def paint(stack: Iterable[Profile], frame: Frame, upon: View | None = None) -> View:
    """What one stack says: the highest level first, the others where it is silent. `upon` stands above all of them."""
    result, until_s = upon or View((), frame.duration_s)
    for profile in sorted(stack, key=lambda each: each.stack_level, reverse=True):
        gaps = list(_gaps(result, until_s))
        if not gaps:
            break
        said = chain.from_iterable(segments(profile, frame, *gap) for gap in gaps)
        filling = list(said if frame.most is None else islice(said, frame.most + 1))
        result, until_s = cut(sorted([*result, *filling]) if result else filling, until_s, frame.most)
    return View(result, until_s)


def cut(layer: Layer, until_s: float, most: int | None) -> View:
    """The first so many of its segments. No more can be known of a layer that has been filled up no further."""
    return View(layer, until_s) if most is None or len(layer) <= most else View(layer[:most], layer[most].start_s)


def least_seen(*views: View) -> View:
    """The least of all, as far as all of them see."""
    until_s = min(view.until_s for view in views)
    layer = least(*(view.segments for view in views))
    return View(merged(each.within(0.0, until_s) for each in layer if each.start_s < until_s), until_s)


def least(*layers: Layer) -> Layer:
    """At every instant the least of the layers that say something then."""
    spoken = [layer for layer in layers if layer]
    if len(spoken) < 2:
        return spoken[0] if spoken else ()
    edges = sorted({edge for layer in spoken for segment in layer for edge in segment[:2]})
    starts = [[segment.start_s for segment in layer] for layer in spoken]
    result = []
    for start_s, end_s in pairwise(edges):
        said = [found for layer, begins in zip(spoken, starts, strict=True) if (found := at(layer, begins, start_s))]
        if said:
            result.append(_least_of(said).within(start_s, end_s))
    return result


def _least_of(said: Sequence[Segment]) -> Segment:
    """The one that decides how much; with the fewest phases that any of them asks for, and what is recommended."""
    deciding = min(said, key=lambda segment: segment.amps)
    phases = min(segment.phases for segment in said)
    asked = min((segment.asked for segment in said if segment.asked is not None), default=None)
    min_a = max((segment.min_a for segment in said if segment.min_a is not None), default=None)
    if (phases, asked, min_a) == (deciding.phases, deciding.asked, deciding.min_a):
        return deciding
    return deciding._replace(phases=phases, asked=asked, min_a=min_a)


def merged(layer: Iterable[Segment]) -> list[Segment]:
    """Neighbours that say the same are one."""
    result: list[Segment] = []
    for segment in layer:
        last = result[-1] if result else None
        if last and last.end_s == segment.start_s and _says(last) == _says(segment):
            result[-1] = last._replace(end_s=segment.end_s)
        else:
            result.append(segment)
    return result


def _says(segment: Segment) -> tuple[object, ...]:
    return segment.amps, segment.phases, segment.asked, segment.total_w


def at(layer: Layer, starts: Sequence[float], at_s: float) -> Segment | None:
    """What a layer says at an instant; `starts` of its segments."""
    place = bisect_right(starts, at_s) - 1
    return layer[place] if place >= 0 and layer[place].end_s > at_s else None


def _gaps(layer: Layer, duration_s: float) -> Iterator[tuple[float, float]]:
    at_s = 0.0
    for segment in layer:
        if segment.start_s > at_s:
            yield at_s, segment.start_s
        at_s = max(at_s, segment.end_s)
    if at_s < duration_s:
        yield at_s, duration_s


# --- one profile ------------------------------------------------------------------------------------------------------


def segments(profile: Profile, frame: Frame, earliest_s: float = 0.0, latest_s: float = inf) -> Iterator[Segment]:
    """What one profile says within the frame, in order; only what lies between these two."""
    latest_s = min(latest_s, frame.duration_s)
    if profile.valid_from is not None:
        earliest_s = max(frame.seconds(profile.valid_from), earliest_s)
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
    """One run of the schedule, which began at `start_s`, between the other two."""
    periods, unit, least_rate = profile.schedule.periods, profile.schedule.unit, profile.schedule.min_rate
    first = max(bisect_right(periods, from_s - start_s, key=lambda period: period.start_s) - 1, 0)
    for place in range(first, len(periods)):
        period = periods[place]
        begin_s = max(start_s + period.start_s, from_s)
        stop_s = min(start_s + periods[place + 1].start_s, until_s) if place + 1 < len(periods) else until_s
        if begin_s >= until_s:
            return
        if begin_s < stop_s:
            phases = frame.supplied(period.phases)
            divisor = 1.0 if unit is Unit.AMPERES else phases * frame.volts  # watts of all phases (1.6 section 7.13)
            min_a = None if least_rate is None else least_rate / divisor
            yield Segment(
                begin_s, stop_s, period.limit / divisor, phases, profile.id, min_a, period.phases, frame.volts, unit
            )
