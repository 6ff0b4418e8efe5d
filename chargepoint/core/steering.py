"""What the installed charging profiles allow right now: a limit for each EVSE, and one for the whole station.

A composite schedule is worked out when something has changed, and looked up until it says something else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import inf
from typing import TYPE_CHECKING

from chargepoint.core import catalogue as known
from chargepoint.core.delay import SOURCE as DELAYED
from chargepoint.core.delay import Delay
from chargepoint.core.facts import Moment
from chargepoint.core.limits import MIN_A, Limit
from chargepoint.core.localtime import LocalTime
from chargepoint.core.offpeak import SOURCE as PEAK
from chargepoint.core.offpeak import OffPeak
from chargepoint.core.profile import NOMINAL_V, Kind, Period, Profile, Purpose, Schedule, Unit
from chargepoint.core.room import Ceiling, each
from chargepoint.core.schedule import Frame, Segment, View, composite
from chargepoint.core.session import State
from chargepoint.core.shelf import STATION, WHOLE, Shelf, Wanted

if TYPE_CHECKING:
    from chargepoint.core.evse import Evse
    from chargepoint.core.station import Station

AHEAD_S = 86_400.0
"""How far a schedule is worked out; what comes later is looked at when it is near."""

NEAR = 60
"""So many segments of a stack are worked out at most, for the same reason."""


@dataclass(slots=True)
class Outlook:
    """A composite schedule, and what it was worked out from."""

    basis: tuple[object, ...]
    start: datetime
    view: View

    def at(self, at: datetime) -> tuple[Segment | None, datetime]:
        """What it says at an instant, and until when."""
        seconds = (at - self.start).total_seconds()
        for segment in self.view.segments:
            if seconds < segment.start_s:
                return None, self.start + timedelta(seconds=segment.start_s)
            if seconds < segment.end_s:
                return segment, self.start + timedelta(seconds=segment.end_s)
        return None, self._end

    def covers(self, at: datetime) -> bool:
        return self.start <= at < self._end

    @property
    def _end(self) -> datetime:
        return self.start + timedelta(seconds=self.view.until_s)


@dataclass(slots=True)
class Steering:
    """Turns profiles into limits, by the clock on the wall."""

    wall: LocalTime
    shelf: Shelf = field(default_factory=Shelf)
    delay: Delay = field(default_factory=Delay)  # before the station's own profiles take their next step
    off_peak: OffPeak = field(default_factory=OffPeak)  # where no profile speaks
    _outlooks: dict[int, Outlook] = field(default_factory=dict)

    # --- installing ---------------------------------------------------------------------------------------------------

    def why_not(self, profile: Profile, station: Station, now: Moment) -> str:
        """What speaks against a profile whatever goes on; "" = nothing."""
        settings = station.settings
        if profile.contradiction:
            return profile.contradiction
        if profile.valid_to is not None and profile.valid_to <= now.at and station.around.clock_trusted:
            return "its time is over"
        if profile.evse != STATION and profile.evse not in station.evses:
            return f"there is no EVSE {profile.evse}"
        if profile.purpose is Purpose.STATION_MAX and profile.evse != STATION:
            return "a maximum of the station is set for the station"  # 1.6 section 3.13.1
        if not 0 <= profile.stack_level <= settings[known.CHARGE_PROFILE_MAX_STACK_LEVEL]:
            return f"stack level {profile.stack_level} is too high"
        if len(profile.schedule.periods) > settings[known.CHARGING_SCHEDULE_MAX_PERIODS]:
            return "it has too many periods"
        room = settings[known.MAX_CHARGING_PROFILES_INSTALLED] - len(self.shelf) + len(self.shelf.replaces(profile))
        return "" if room > 0 else "no more profiles can be kept"

    def without_transaction(self, profile: Profile, station: Station) -> str:
        """A profile for a transaction needs the one it is for (1.6 section 5.16, 2.0.1 K01.FR.03)."""
        if profile.purpose is not Purpose.TX:
            return ""
        evse = station.evses.get(profile.evse)
        tx = evse.transaction if evse is not None else None
        if tx is None or not tx.open:
            return f"no transaction runs at EVSE {profile.evse}"
        return "" if profile.transaction in (None, tx.id) else "another transaction runs there"

    # --- limits now ---------------------------------------------------------------------------------------------------

    def steer(self, station: Station, now: Moment) -> None:
        """Give each EVSE the limit its profiles set, and the supply the station's."""
        for evse in station.evses.values():
            evse.look(now)
            self._follow_transaction(evse)
        if station.around.clock_trusted:
            self.wall.follow(now.at)
            self.shelf.forget_expired(now.at)
        for evse in station.evses.values():
            self._bound(evse, now)
        station.sharing.profiles = self._bound_station(station, now)

    def hurry(self, station: Station, number: int, now: Moment) -> bool:
        """Somebody on site does not want to wait for a random delay, or the end of peak hours. Was there anything?"""
        evse = station.evses[number]
        peak = evse.session is not None and evse.profile_limit is not None and evse.profile_limit.source == PEAK
        if peak and evse.session is not None:
            self.off_peak.override(number, evse.session.id)
            self.steer(station, now)
        delays = [delay for delay in (station.evses[number].delay, self.delay) if delay.pending]
        for delay in delays:
            delay.hurry()
        station.tick(now)
        return peak or bool(delays)

    def _follow_transaction(self, evse: Evse) -> None:
        """A profile that came before its transaction gets its name; one whose transaction is over goes."""
        tx, session = evse.transaction, evse.session
        if tx is None:
            if evse.known:
                self.shelf.clear(Wanted(evse=evse.id, purpose=Purpose.TX))  # 1.6 section 3.13.1
        elif session is not None and session.profile is not None and session.id == tx.session:
            self.shelf.install(replace(session.profile, evse=evse.id, transaction=tx.id))  # 1.6 section 5.11
            session.profile = None

    def _bound(self, evse: Evse, now: Moment) -> None:
        """The EVSE's profiles; a change of what they say may have to wait."""
        segment, until = self._look_up(evse, now)
        evse.least_a = MIN_A if segment is None or segment.min_a is None else max(segment.min_a, MIN_A)
        limit = self._peak(evse, now) if segment is None else self._limit(segment, until, evse)
        evse.profile_limit = limit
        if evse.known:
            self._delay(evse, limit, now)

    def _peak(self, evse: Evse, now: Moment) -> Limit | None:
        """Where no profile speaks. Who does not know the time does not know that it is one of peak."""
        if not evse.around.clock_trusted:
            return None
        session = evse.session.id if evse.session is not None else None
        return self.off_peak.limit(evse.id, session, now.at, evse.spec.phases)

    def _delay(self, evse: Evse, limit: Limit | None, now: Moment) -> None:
        supplying = evse.session is not None and evse.session.state is State.SUPPLYING
        most_a = evse.spec.max_current_a
        wanted_a = (most_a if limit is None else min(limit.amps, most_a)) if supplying else 0.0
        span_s = evse.around.settings[known.RANDOM_DELAY]
        evse.delay.follow(wanted_a, span_s, now.mono_s, already=evse.seen.closed or evse.seen.offered_a > 0)
        evse.delay_limit = None
        if evse.delay.pending and evse.delay.allowed_a is not None:
            evse.delay_limit = Limit(DELAYED, evse.delay.allowed_a, evse.spec.phases, evse.delay.until(now))
            if wanted_a < evse.delay.allowed_a:
                evse.profile_limit = None  # its turn comes when the delay is over

    def _look_up(self, evse: Evse, now: Moment) -> tuple[Segment | None, datetime]:
        if not self.shelf:
            return None, now.at

        def own() -> list[Profile]:
            return [profile for profile in self.profiles_at(evse) if not is_shared(profile)]

        return self._look(evse.id, own, self.frame(evse, now), evse)

    def _limit(self, segment: Segment, until: datetime, evse: Evse) -> Limit:
        used = len(evse.phase_use.used)
        amps = segment.amps
        if segment.unit is Unit.WATTS and segment.phases < used:
            amps = amps * segment.phases / used  # the phases have not been switched yet
        phases = min(segment.asked or evse.spec.phases, evse.spec.phases)
        trusted = evse.around.clock_trusted
        return Limit(f"charging profile {segment.source}", amps, phases, until if trusted else None)

    def _bound_station(self, station: Station, now: Moment) -> list[Ceiling]:
        """What profiles leave to all EVSEs together; nothing where none limits the station."""
        segment, until = self._look_up_station(station, now)
        span_s = station.settings[known.RANDOM_DELAY]
        self.delay.follow(inf if segment is None else segment.amps, span_s, now.mono_s)
        held_a = self.delay.allowed_a
        if self.delay.pending and held_a is not None and held_a < inf:
            return [Ceiling(DELAYED, each(held_a), until=self.delay.until(now))]
        if segment is None or self.delay.pending:
            return []
        return [ceiling_of(segment, until if station.around.clock_trusted else None)]

    def _look_up_station(self, station: Station, now: Moment) -> tuple[Segment | None, datetime]:
        profiles = self.shelf.of_station()
        if not profiles:
            return None, now.at
        first, frame = next(iter(station.evses.values())), self.station_frame(station, now)

        def common() -> list[Profile]:
            return profiles if station.around.clock_trusted else _timeless(profiles, frame.phases)

        return self._look(STATION, common, frame, first)

    def profiles_at(self, evse: Evse) -> list[Profile]:
        """All that concern it now, those for the whole station too."""
        tx = evse.transaction
        profiles = self.shelf.at(evse.id, tx.id if tx is not None else None)
        return profiles if evse.around.clock_trusted else _timeless(profiles, len(evse.phase_use.used))

    def frame(self, evse: Evse, now: Moment, duration_s: float = AHEAD_S, most: int = NEAR) -> Frame:
        tx = evse.transaction
        began = tx.started_at if tx is not None else None
        phases, volts = len(evse.phase_use.used), _volts(evse)
        switches = evse.spec.phase_switching
        return Frame(now.at, duration_s, began, phases, volts, self.wall.ahead, switches=switches, most=most)

    def station_frame(self, station: Station, now: Moment, duration_s: float = AHEAD_S, most: int = NEAR) -> Frame:
        """Phases are not switched for all at once."""
        phases = station.sharing.supply.phases
        return Frame(now.at, duration_s, phases=phases, local=self.wall.ahead, switches=False, most=most)

    def _look(
        self, place: int, profiles: Callable[[], list[Profile]], frame: Frame, evse: Evse
    ) -> tuple[Segment | None, datetime]:
        frame_basis = (evse.around.clock_trusted, frame.began, frame.phases, frame.volts)
        basis = (self.shelf.version, *frame_basis, *self.wall.basis)
        outlook = self._outlooks.get(place)
        if outlook is None or outlook.basis != basis or not outlook.covers(frame.start):
            outlook = self._outlooks[place] = Outlook(basis, frame.start, composite(profiles(), frame))
        return outlook.at(frame.start)


def ceiling_of(segment: Segment, until: datetime | None = None) -> Ceiling:
    """Amperes bound each phase, watts all of them added up."""
    source = f"charging profile {segment.source}"
    if segment.unit is Unit.AMPERES:
        return Ceiling(source, each(segment.amps), until=until)
    return Ceiling(source, sum_a=segment.amps * segment.phases, until=until)


def is_shared(profile: Profile) -> bool:
    """Does it bound all EVSEs together?"""
    return profile.evse == STATION and profile.purpose in WHOLE


def _volts(evse: Evse) -> float:
    """Phase to neutral, to ten volts: a schedule is not worked out anew for every flicker."""
    measured = evse.reading.voltage_v if evse.reading is not None and evse.seen.closed else ()
    volts = [each for each in measured if each > NOMINAL_V / 2]
    return round(sum(volts) / len(volts), -1) if volts else NOMINAL_V


Lowest = tuple[float, Period, Unit]
"""The least of a schedule in amperes, and the period that says so."""


def _timeless(profiles: list[Profile], phases: int) -> list[Profile]:
    """Who does not know the time keeps to the least that a schedule ever allows."""
    lowest = [(profile, _lowest(profile.schedule, phases)) for profile in profiles]
    return [_without_clock(profile, lowest) for profile in profiles]


def _lowest(schedule: Schedule, phases: int) -> Lowest:
    period = min(schedule.periods, key=lambda each: each.limit)
    return period.limit / (1 if schedule.unit is Unit.AMPERES else phases * NOMINAL_V), period, schedule.unit


def _without_clock(profile: Profile, lowest: list[tuple[Profile, Lowest]]) -> Profile:
    """Nor than what lies below it ever allows: it may not be its time."""
    if profile.kind is Kind.RELATIVE and profile.valid_from is None and profile.valid_to is None:
        return profile
    counting = [least for each, least in lowest if each is profile or _is_below(each, profile)]
    _, period, unit = min(counting, key=lambda least: least[0])
    min_rate = profile.schedule.min_rate if unit is profile.schedule.unit else None
    schedule = Schedule(unit, (Period(0.0, period.limit, period.phases),), min_rate=min_rate)
    return replace(profile, kind=Kind.RELATIVE, recurrence=None, valid_from=None, valid_to=None, schedule=schedule)


def _is_below(one: Profile, other: Profile) -> bool:
    """Does it speak where the other is silent?"""
    if one.purpose is other.purpose:
        return one.stack_level <= other.stack_level
    return (one.purpose, other.purpose) == (Purpose.TX_DEFAULT, Purpose.TX)
