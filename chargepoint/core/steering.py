"""What the installed charging profiles allow right now: a limit for each EVSE, and one for the whole station.

A composite schedule is worked out when something has changed, and looked up until it says something else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chargepoint.core import catalogue as known
from chargepoint.core.facts import Moment
from chargepoint.core.limits import Limit
from chargepoint.core.localtime import LocalTime
from chargepoint.core.profile import NOMINAL_V, Kind, Period, Profile, Purpose
from chargepoint.core.schedule import Frame, LocalOffset, Segment, composite, least, merged
from chargepoint.core.shelf import STATION, Shelf, Wanted

if TYPE_CHECKING:
    from chargepoint.core.evse import Evse
    from chargepoint.core.station import Station

AHEAD_S = 86_400.0
"""How far a schedule is worked out; what comes later is looked at when it is near."""

DRAWS_A = 1.0
"""A phase that carries less is one the car does not use."""

STEADY = frozenset({"configuration", "cable", "local"})
"""Limits that hold as far as anybody knows: they bound the composite schedule too."""


@dataclass(slots=True)
class Outlook:
    """A composite schedule, and what it was worked out from."""

    basis: tuple[object, ...]
    start: datetime
    segments: list[Segment]

    def at(self, at: datetime) -> tuple[Segment | None, datetime]:
        """What it says at an instant, and until when."""
        seconds = (at - self.start).total_seconds()
        for segment in self.segments:
            if seconds < segment.start_s:
                return None, self.start + timedelta(seconds=segment.start_s)
            if seconds < segment.end_s:
                return segment, self.start + timedelta(seconds=segment.end_s)
        return None, self.start + timedelta(seconds=AHEAD_S)

    def covers(self, at: datetime) -> bool:
        return self.start <= at < self.start + timedelta(seconds=AHEAD_S)


@dataclass(slots=True)
class Steering:
    """Turns profiles into limits, by the clock on the wall."""

    wall: LocalTime
    shelf: Shelf = field(default_factory=Shelf)
    _outlooks: dict[int, Outlook] = field(default_factory=dict)

    # --- installing ---------------------------------------------------------------------------------------------------

    def why_not(self, profile: Profile, station: Station) -> str:
        """What speaks against a profile whatever goes on; "" = nothing."""
        settings = station.settings
        if profile.contradiction:
            return profile.contradiction
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
            self._follow_transaction(evse)
        if station.around.clock_trusted:
            self.wall.follow(now.at)
            self.shelf.forget_expired(now.at)
        for evse in station.evses.values():
            evse.profile_limit = self._limit(evse, now)
        station.sharing.supply.ceiling_a = self._station_a(station, now)

    def _follow_transaction(self, evse: Evse) -> None:
        """A profile that came before its transaction gets its name; one whose transaction is over goes."""
        tx, session = evse.transaction, evse.session
        if tx is None:
            if evse.known:
                self.shelf.clear(Wanted(evse=evse.id, purpose=Purpose.TX))  # 1.6 section 3.13.1
        elif session is not None and session.profile is not None and session.id == tx.session:
            self.shelf.install(replace(session.profile, evse=evse.id, transaction=tx.id))  # 1.6 section 5.11
            session.profile = None

    def _limit(self, evse: Evse, now: Moment) -> Limit | None:
        if not self.shelf:
            return None
        segment, until = self._look(evse.id, self._profiles(evse), _frame(evse, now, self.wall.ahead), evse)
        if segment is None:
            return None
        until_known = until if evse.around.clock_trusted else None
        phases = min(segment.asked or evse.spec.phases, evse.spec.phases)
        return Limit(f"charging profile {segment.source}", segment.amps, phases, until_known)

    def _station_a(self, station: Station, now: Moment) -> float | None:
        """Amperes per phase for all EVSEs together; None: no profile limits the station."""
        profiles = self.shelf.of_station()
        if not profiles:
            return None
        frame = Frame(now.at, AHEAD_S, phases=station.sharing.supply.phases, local=self.wall.ahead, switches=False)
        first = next(iter(station.evses.values()))
        segment, _ = self._look(STATION, _timeless(profiles, first), frame, first)
        return None if segment is None else segment.amps

    def _profiles(self, evse: Evse) -> list[Profile]:
        tx = evse.transaction
        return _timeless(self.shelf.at(evse.id, tx.id if tx is not None else None), evse)

    def _look(self, place: int, profiles: list[Profile], frame: Frame, evse: Evse) -> tuple[Segment | None, datetime]:
        frame_basis = (evse.around.clock_trusted, frame.began, frame.phases, frame.volts)
        basis = (self.shelf.version, *frame_basis, *self.wall.basis)
        outlook = self._outlooks.get(place)
        if outlook is None or outlook.basis != basis or not outlook.covers(frame.start):
            outlook = self._outlooks[place] = Outlook(basis, frame.start, composite(profiles, frame))
        return outlook.at(frame.start)

    # --- limits to come -----------------------------------------------------------------------------------------------

    def schedule(self, station: Station, number: int, duration_s: float, now: Moment) -> list[Segment]:
        """The composite schedule of an EVSE, or of the whole station (0), without gaps."""
        supply = station.sharing.supply
        if number == STATION:
            frame = Frame(now.at, duration_s, phases=supply.phases, local=self.wall.ahead, switches=False)
            most_a = sum(evse.spec.max_current_a for evse in station.evses.values())
            profiles = self.shelf.of_station()
        else:
            evse = station.evses[number]
            frame = replace(_frame(evse, now, self.wall.ahead), duration_s=duration_s)
            most_a = min(limit.amps for limit in evse.limits() if limit.source in STEADY)
            profiles = self._profiles(evse)
        fuse_a = supply.max_current_a or most_a
        cap = Segment(0.0, duration_s, min(most_a, fuse_a), frame.phases, volts=frame.volts)
        return merged(least(composite(profiles, frame), [cap]))


def phases_used(evse: Evse) -> int:
    """Phases the car draws on, while it charges and the meter tells; else all that the EVSE has."""
    reading = evse.reading
    if reading is None or not evse.seen.closed:
        return evse.spec.phases
    drawn = sum(amps >= DRAWS_A for amps in reading.current_a[: evse.spec.phases])
    return drawn or evse.spec.phases


def _frame(evse: Evse, now: Moment, local: LocalOffset) -> Frame:
    tx = evse.transaction
    began = tx.started_at if tx is not None else None
    return Frame(
        now.at, AHEAD_S, began, phases_used(evse), _volts(evse), local, switches=evse.spec.phase_switching
    )  # fmt: skip


def _volts(evse: Evse) -> float:
    """Phase to neutral, to ten volts: a schedule is not worked out anew for every flicker."""
    measured = evse.reading.voltage_v if evse.reading is not None and evse.seen.closed else ()
    volts = [each for each in measured if each > NOMINAL_V / 2]
    return round(sum(volts) / len(volts), -1) if volts else NOMINAL_V


def _timeless(profiles: list[Profile], evse: Evse) -> list[Profile]:
    """Who does not know the time keeps to the least that a schedule ever allows."""
    return profiles if evse.around.clock_trusted else [_without_clock(profile) for profile in profiles]


def _without_clock(profile: Profile) -> Profile:
    if profile.kind is Kind.RELATIVE and profile.valid_from is None and profile.valid_to is None:
        return profile
    lowest = min(profile.schedule.periods, key=lambda period: period.limit)
    period = Period(0.0, lowest.limit, lowest.phases)
    schedule = replace(profile.schedule, periods=(period,), start=None, duration_s=None)
    return replace(profile, kind=Kind.RELATIVE, recurrence=None, valid_from=None, valid_to=None, schedule=schedule)
