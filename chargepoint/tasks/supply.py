"""Keeps the permits true: what each EVSE may supply now, said to the guard several times a second."""

from __future__ import annotations

import asyncio
from typing import Protocol

from chargepoint.core.evse import Evse
from chargepoint.core.facts import Moment, Status
from chargepoint.core.station import Station
from chargepoint.desk import Desk
from hw.api import Permit

PERIOD_S = 0.5
"""Between two permits when nothing changes; the guard's patience is 10 s."""

FRESH_S = 5.0
"""A meter reading older than this is not passed on to the guard."""


class Guard(Protocol):
    """The part of the guard client that is needed here."""

    @property
    def epoch(self) -> int: ...
    @property
    def alive(self) -> bool: ...
    def permit(self, permit: Permit, /) -> None: ...


async def keep_supplied(desk: Desk, guard: Guard) -> None:
    """Never returns. Whatever happens at the station changes the permits at once."""
    changed = asyncio.Event()
    unsubscribe = desk.subscribe(lambda record: changed.set())
    try:
        while True:
            changed.clear()
            desk.act(lambda station, now: station.tick(now))
            for permit in permits(desk.station, guard.epoch, desk.clock.now()):
                guard.permit(permit)
            try:
                async with asyncio.timeout(PERIOD_S):
                    await changed.wait()
            except TimeoutError:
                pass
    finally:
        unsubscribe()


def permits(station: Station, epoch: int, now: Moment) -> list[Permit]:
    """One for each EVSE, but for those the guard has not reported on: there its lease goes on untouched."""
    return [_permit(evse, epoch, now) for evse in station.evses.values() if evse.known]


def _permit(evse: Evse, epoch: int, now: Moment) -> Permit:
    reading = evse.reading
    fresh = reading is not None and now.mono_s - reading.taken_s <= FRESH_S
    return Permit(
        evse=evse.id,
        guard_epoch=epoch,
        limit_a=evse.permit_a(),
        phases=evse.spec.phases,
        fallback_a=evse.spec.fallback_a,
        hold_lock=evse.session is not None and evse.session.locked,
        out_of_service=evse.status is Status.UNAVAILABLE,
        measured_a=reading.current_a if reading and fresh else (),
        measured_v=reading.voltage_v if reading and fresh else (),
        measured_at_s=reading.taken_s if reading and fresh else None,
        sent_at_s=now.mono_s,
    )
