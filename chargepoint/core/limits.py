"""Everything that limits charging is one list; the least entry is what the EVSE may supply.

The list answers "why 6 A?" on the page and in the log, and tells a pause by the car from a pause by the station.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chargepoint.core import catalogue as known
from chargepoint.core.session import GRANTED, State
from chargepoint.core.transaction import Stage

if TYPE_CHECKING:
    from chargepoint.core.evse import Evse

MIN_A = 6.0
"""The control pilot cannot express less (IEC 61851-1 table A.8): a lower limit means no supply."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One reason for not supplying more than `amps`."""

    source: str  # configuration, cable, grid operator, local, charging profile N, peak hours, supply, fault NAME, ...
    amps: float  # per phase
    phases: int = 3
    until: datetime | None = None  # None: until something changes


def permit(limits: Iterable[Limit]) -> float:
    """Amperes per phase that may be supplied now; 0.0 where that is under 6."""
    amps = min((limit.amps for limit in limits), default=0.0)
    return amps if amps >= MIN_A else 0.0


def phases_wanted(limits: Iterable[Limit]) -> int:
    """How many phases to supply: the fewest that anything asks for."""
    return min((limit.phases for limit in limits), default=3)


def deciding(limits: Iterable[Limit]) -> Limit | None:
    """The limit that decides: the least, the first of several."""
    return min(limits, key=lambda limit: limit.amps, default=None)


def limits_of(evse: Evse) -> list[Limit]:
    """All limits of an EVSE now. Of two alike the first one decides: what is nearer to the cause."""
    limits = [*own_limits(evse), *evse.shared]
    if evse.supply_a is not None:
        limits.append(Limit("supply", evse.supply_a, evse.spec.phases))
    limits += [Limit(f"fault {fault.name}", 0.0, evse.spec.phases) for fault in evse.faults if fault.blocks]
    reason = _why_not(evse)
    if reason:
        limits.append(Limit(reason, 0.0, evse.spec.phases))
    return limits


def own_limits(evse: Evse) -> list[Limit]:
    """How much this EVSE may supply by itself, whatever the others do and whoever is here."""
    spec = evse.spec
    limits = [Limit("configuration", spec.max_current_a, spec.phases)]
    if evse.seen.cable_a is not None:
        limits.append(Limit("cable", evse.seen.cable_a, spec.phases))
    if evse.local_a is not None:
        limits.append(Limit("local", evse.local_a, spec.phases))
    limits += [limit for limit in (evse.grid_limit, evse.profile_limit, evse.delay_limit) if limit is not None]
    return limits


def _why_not(evse: Evse) -> str:
    """The first thing that is missing before power may flow; "" when nothing is."""
    session = evse.session
    if session is None or session.state not in GRANTED:
        return "no session"
    if session.state is not State.SUPPLYING:
        return "no vehicle"
    if session.allowance_wh is not None and evse.register_wh >= session.allowance_wh:
        return "back office"
    return _why_not_yet(evse)


def _why_not_yet(evse: Evse) -> str:
    """The gates of a transaction: begin value, journal; and its end."""
    tx = evse.transaction
    if tx is None:  # where it begins with the energy itself, power comes first
        return "journal" if "PowerPathClosed" in evse.around.settings[known.TX_START_POINT] else ""
    if tx.stage is Stage.OPENING:
        return "meter begin value"
    if not tx.open:
        return "transaction ending"
    return "" if tx.recorded else "journal"
