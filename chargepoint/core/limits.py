"""Everything that limits charging is one list; the least entry is what the EVSE may supply.

The list answers "why 6 A?" on the page and in the log, and tells a pause by the car from a pause by the station.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

MIN_A = 6.0
"""The control pilot cannot express less (IEC 61851-1 table A.8): a lower limit means no supply."""


@dataclass(frozen=True, slots=True)
class Limit:
    source: str  # configuration, cable, supply, local, no session, meter, journal, fault NAME, ...
    amps: float  # per phase
    phases: int = 3
    until: datetime | None = None  # None: until something changes


def permit(limits: Iterable[Limit]) -> float:
    """Amperes per phase that may be supplied now; 0.0 where that is under 6."""
    amps = min((limit.amps for limit in limits), default=0.0)
    return amps if amps >= MIN_A else 0.0


def deciding(limits: Iterable[Limit]) -> Limit | None:
    """The limit that decides: the least, the first of several."""
    return min(limits, key=lambda limit: limit.amps, default=None)
