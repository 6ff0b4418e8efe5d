"""What a clock on the wall shows: by the zone that is asked for, by what the back office says, or by the machine."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from chargepoint.core import catalogue as known
from chargepoint.core.localtime import LocalTime

log = logging.getLogger(__name__)


def ahead_in(zone: str, wall: LocalTime) -> Callable[[datetime], timedelta]:
    """How far the wall is ahead of UTC at an instant. `zone`: its name (IANA); "": none is asked for."""
    if zone:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            there = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            log.warning("this system does not know the time in %s (tzdata): its own time holds", zone)
        else:
            return lambda at: at.astimezone(there).utcoffset() or timedelta()
    return lambda at: wall.ahead(at) if wall.settings[known.TIME_OFFSET] is not None else machine(at)


def machine(at: datetime) -> timedelta:
    return at.astimezone().utcoffset() or timedelta()
