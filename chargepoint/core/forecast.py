"""The composite schedule as the back office is told it: what may be drawn from now on, as far as anybody knows.

Profiles say what they say for later too; every other limit is taken to stay as it is, until the time it names
(1.6 section 5.7: "all active schedules and possible local limits"; 2.0.1 K08).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from chargepoint.core.delay import SOURCE as DELAYED
from chargepoint.core.limits import Limit, own_limits
from chargepoint.core.room import PHASES, Room
from chargepoint.core.schedule import Frame, Layer, Segment, View, at, composite, cut, least_seen, merged
from chargepoint.core.shelf import STATION
from chargepoint.core.steering import ceiling_of, is_shared

if TYPE_CHECKING:
    from chargepoint.core.evse import Evse
    from chargepoint.core.facts import Moment
    from chargepoint.core.profile import Profile
    from chargepoint.core.station import Station


SPARE = 2
"""Neighbours that say the same become one: so much more is worked out of each stack than is told in the end."""


def forecast(station: Station, number: int, duration_s: float, now: Moment, most: int) -> View:
    """Of an EVSE, or of the grid's connection (0). Without gaps; no more than `most` segments, and until these end."""
    if number == STATION:
        layer, until_s = _connection(station, duration_s, now, most * SPARE)
    else:
        evse = station.evses[number]
        limits = [*own_limits(evse), *_shared(evse, station)]
        frame = station.steering.frame(evse, now, duration_s, most * SPARE)
        layer, until_s = _of_evse(station.steering.profiles_at(evse), limits, frame, evse)
    return cut(merged(layer), until_s, most)


def _of_evse(profiles: Iterable[Profile], limits: Iterable[Limit], frame: Frame, evse: Evse) -> View:
    """What its profiles and these limits leave."""
    steady = [_steady(limit, frame) for limit in limits if limit is not evse.profile_limit]
    return least_seen(composite(profiles, frame), *steady)


def _shared(evse: Evse, station: Station) -> Iterator[Limit]:
    """Its part of what bounds all of them. It will be another when the station's own profiles take their next step."""
    of_profiles = {ceiling.source for ceiling in station.sharing.profiles}
    yield from (limit for limit in evse.shared if limit.source not in of_profiles or limit.source == DELAYED)
    if evse.supply_a is not None:
        until = min((c.until for c in station.sharing.profiles if c.until is not None), default=None)
        yield Limit("supply", evse.supply_a, evse.spec.phases, until)


def _steady(limit: Limit, frame: Frame) -> View:
    until_s = frame.duration_s if limit.until is None else min(frame.seconds(limit.until), frame.duration_s)
    asked = 1 if limit.phases == 1 and frame.switches else None
    said = Segment(0.0, until_s, limit.amps, frame.supplied(asked), asked=asked, volts=frame.volts)
    return View((said,), frame.duration_s)


# --- the grid's connection --------------------------------------------------------------------------------------------


def _connection(station: Station, duration_s: float, now: Moment, most: int) -> View:
    """The EVSEs added up, within what bounds all of them."""
    evses, steering = list(station.evses.values()), station.steering
    frame = steering.station_frame(station, now, duration_s, most)
    views = [
        _of_evse(
            [profile for profile in steering.profiles_at(evse) if not is_shared(profile)],
            own_limits(evse), steering.frame(evse, now, duration_s, most), evse,
        )
        for evse in evses
    ]  # fmt: skip
    supply, profiles = station.sharing.supply, station.sharing.profiles
    waiting = [_steady(Limit(c.source, c.phase_a[0], until=c.until), frame) for c in profiles if c.source == DELAYED]
    views.append(least_seen(composite(steering.shelf.of_station(), frame), *waiting))
    until_s = min(view.until_s for view in views)
    room = Room.below(ceiling for ceiling in supply.ceilings if ceiling not in profiles) or Room()
    grids = [evse.used_grid if supply.phases > 1 else (0,) for evse in evses]
    moments = _moments([view.segments for view in views], until_s)
    return View([_together(moment, grids, room, frame) for moment in moments], until_s)


def _moments(layers: Sequence[Layer], until_s: float) -> Iterator[tuple[float, float, list[Segment | None]]]:
    """From when to when, and what each of the layers says then."""
    edges = sorted({min(edge, until_s) for layer in layers for segment in layer for edge in segment[:2]})
    starts = [[segment.start_s for segment in layer] for layer in layers]
    for start_s, end_s in pairwise(edges):
        yield start_s, end_s, [at(layer, begins, start_s) for layer, begins in zip(layers, starts, strict=True)]


def _together(
    moment: tuple[float, float, list[Segment | None]], grids: Sequence[tuple[int, ...]], room: Room, frame: Frame
) -> Segment:
    """The fullest phase in amperes, all phases in watts."""
    start_s, end_s, (*said, common) = moment
    wanted_a, wanted_w = [0.0] * PHASES, 0.0
    for segment, grid in zip(said, grids, strict=True):
        if segment is not None:
            wanted_w += segment.power_w
            for phase in grid[: segment.phases]:
                wanted_a[phase] += segment.amps
    ceiling = _least_room(room, common)
    bounded = [min(amps, most) for amps, most in zip(wanted_a, ceiling.phase_a, strict=True)]
    share = min(1.0, ceiling.sum_a / sum(bounded)) if sum(bounded) else 0.0
    power_w = wanted_w * share * sum(bounded) / sum(wanted_a) if sum(wanted_a) else 0.0
    phases = sum(amps > 0 for amps in bounded) or frame.phases
    return Segment(start_s, end_s, max(bounded) * share, phases, total_w=power_w)


def _least_room(room: Room, common: Segment | None) -> Room:
    return room if common is None else Room.below([room, ceiling_of(common)]) or room
