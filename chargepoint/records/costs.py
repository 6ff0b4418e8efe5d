"""What a session came to is kept with it: the back office's last word, or what the driver had read by then."""

from __future__ import annotations

from typing import Protocol

from chargepoint.core.facts import CostTold, Moment, Record, TransactionEnded
from chargepoint.core.station import Station


class Journal(Protocol):
    def note_cost(self, transaction: str, cost: str, *, final: bool) -> None: ...


class Clock(Protocol):
    def now(self) -> Moment: ...


def note_costs(station: Station, journal: Journal, clock: Clock, record: Record) -> None:
    """One write where a session has a price at all: at its end, and when the final cost comes."""
    match record.fact:
        case CostTold(evse, transaction, final=True):
            final = True
        case TransactionEnded(evse, transaction):
            final = False
        case _:
            return
    if evse not in station.evses:
        return
    cost = station.evses[evse].account.came_to(transaction, clock.now())
    if cost:
        journal.note_cost(transaction, cost, final=final)
