"""When the station was of no use, why, and what that makes of a month: two public formulas and a plain one.

- NEVI (United States, 23 CFR 680.116(b)): of each port, (T - (T_outage - T_excluded)) / T, where T is 525,600 minutes
  for a year; more than 97 % are asked for. A port is up when hardware and software are online and it can be used.
- Public Charge Point Regulations 2023 (United Kingdom), regulation 7: the share of time in which the EVSE is neither
  inoperative nor out of order. A status that nobody can know (the station is off, its line is down) is not measured
  and counts as reliable. 99 % are asked of rapid charge points (50 kW and more), which these are not: for comparison.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

STATION, CSMS = "station", "csms"
"""Places beside the EVSEs, which go by their number."""


class Cause(StrEnum):
    INSTALLED = "installed"  # no outage: the records begin here
    POWER_LOSS = "power loss"
    REBOOT = "reboot by request"
    RESTART = "restart by request"
    STOPPED = "stopped on site"
    CRASH = "crash"
    WATCHDOG = "watchdog"
    UPDATE = "update"
    RESTORED = "restored from a backup"  # of when is the detail
    GUARD = "guard fault"
    FAULT = "hardware fault"  # its name is the detail
    PLANNED = "taken out of service"
    NETWORK = "network"
    REFUSED = "refused by the back office"


EXCLUDED = frozenset({Cause.POWER_LOSS, Cause.PLANNED, Cause.UPDATE})
"""T_excluded: interruptions of the electric utility and scheduled maintenance. Vehicles, vandalism and disasters are
not seen from here, and whether a power cut was the utility's is for the operator to show."""


@dataclass(frozen=True, slots=True)
class Outage:
    """`ended` None: it lasts. `clock`: right, corrected or unknown."""

    place: str
    cause: Cause
    detail: str
    began: datetime
    ended: datetime | None
    clock: str = "right"


Span = tuple[float, float]
"""Seconds since 1970, from and until."""


@dataclass(frozen=True, slots=True)
class PortFigures:
    """Of one EVSE. Shares are None where nothing was observed."""

    evse: int
    observed_s: float
    outage_s: float  # station, EVSE or line: T_outage
    excluded_s: float  # of that: T_excluded
    not_working_s: float  # inoperative or out of order, as far as anybody could know
    unusable_s: float  # station or EVSE, whatever the line does

    @property
    def nevi(self) -> float | None:
        return self._share(self.outage_s - self.excluded_s)

    @property
    def uk_reliability(self) -> float | None:
        return self._share(self.not_working_s)

    @property
    def availability(self) -> float | None:
        """A driver could charge."""
        return self._share(self.unusable_s)

    def _share(self, lost_s: float) -> float | None:
        return (self.observed_s - lost_s) / self.observed_s if self.observed_s > 0 else None


def figures(outages: Iterable[Outage], evse: int, since: datetime, until: datetime, now: datetime) -> PortFigures:
    """Of what is known between two times: before the records begin, and after now, nothing is."""
    outages = list(outages)
    first = min((each.began for each in outages if each.cause is Cause.INSTALLED), default=since)
    window = (max(since, first).timestamp(), min(until, now).timestamp())
    spans = {each: _span(each, window) for each in outages if each.cause is not Cause.INSTALLED}
    concern = {STATION, CSMS, str(evse)}
    ours = {each: span for each, span in spans.items() if span is not None and each.place in concern}
    whole = merged(ours.values())
    counted = merged(span for each, span in ours.items() if each.cause not in EXCLUDED)
    at_evse = merged(span for each, span in ours.items() if each.place == str(evse))
    unseen = merged(span for each, span in ours.items() if each.place in (STATION, CSMS))
    unusable = merged(span for each, span in ours.items() if each.place != CSMS)
    return PortFigures(
        evse,
        observed_s=max(window[1] - window[0], 0.0),
        outage_s=length(whole),
        excluded_s=length(whole) - length(counted),
        not_working_s=length(merged([*at_evse, *unseen])) - length(unseen),
        unusable_s=length(unusable),
    )


def seconds_of(outage: Outage, since: datetime, until: datetime, now: datetime) -> float:
    """How much of it lies between two times."""
    span = _span(outage, (since.timestamp(), min(until, now).timestamp()))
    return span[1] - span[0] if span is not None else 0.0


def _span(outage: Outage, window: Span) -> Span | None:
    """Its part of the window. By a wrong clock one may seem to end before it began: it has no length."""
    began_s = outage.began.timestamp()
    ended_s = window[1] if outage.ended is None else outage.ended.timestamp()
    began_s, ended_s = max(began_s, window[0]), min(ended_s, window[1])
    return (began_s, ended_s) if ended_s > began_s else None


def merged(spans: Iterable[Span]) -> Sequence[Span]:
    """The same time, each instant once."""
    result: list[Span] = []
    for began_s, ended_s in sorted(spans):
        if result and began_s <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], ended_s))
        else:
            result.append((began_s, ended_s))
    return result


def length(spans: Iterable[Span]) -> float:
    return sum(ended_s - began_s for began_s, ended_s in spans)
