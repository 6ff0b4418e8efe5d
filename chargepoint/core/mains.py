"""A station behind a battery hears that the mains has failed before its own power goes: bills are closed in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.core.books import Cause
from chargepoint.core.facts import Moment, StopReason, Trigger

if TYPE_CHECKING:
    from chargepoint.core.station import Station

_LOST = Cause(Trigger.ABNORMAL_CONDITION, StopReason.POWER_LOSS)


def mains_failed(station: Station, now: Moment) -> None:
    """Every session ends, and nobody new begins until `mains_returned`, or the next start of the program."""
    station.around.mains_lost = True
    for evse in station.evses.values():
        evse.visit.release(_LOST, now)
    station.tick(now)


def mains_returned(station: Station, now: Moment) -> None:
    station.around.mains_lost = False
    station.tick(now)
