"""Keeps the permits true: what each EVSE may supply now, said to the guard several times a second."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from chargepoint.core import catalogue as known
from chargepoint.core.evse import Evse
from chargepoint.core.facts import Moment, Status
from chargepoint.core.station import Station
from chargepoint.desk import Desk
from chargepoint.heartbeats import Heart
from chargepoint.tasks.waiting import within
from hw.api import Permit

PERIOD_S = 0.6
"""Between two permits when nothing is heard. The guard reports twice a second, and each report renews its lease: one
wake-up for both. Its patience is 10 s."""

BURST_S = 0.2
"""Facts come in bursts: a permit that says nothing new is not said again within this time."""

FRESH_S = 5.0
"""A meter reading older than this is not passed on to the guard."""


class Guard(Protocol):
    """The part of the guard client that is needed here."""

    @property
    def epoch(self) -> int: ...
    @property
    def alive(self) -> bool: ...
    def permit(self, permit: Permit, /) -> None: ...


async def keep_supplied(
    desk: Desk,
    guard: Guard,
    changed: asyncio.Event,
    renewed: Callable[[float], None] = lambda now_s: None,
    heart: Heart | None = None,
) -> None:
    """Never returns. Whatever happens at the station changes the permits at once; so does whoever sets `changed`.

    `renewed` is told when all of them have been renewed.
    """
    unsubscribe = desk.subscribe(lambda record: changed.set())
    lease, heart = Lease(guard), heart or Heart()
    try:
        while True:
            heart.beat()
            changed.clear()
            desk.act(lambda station, now: station.tick(now))
            for permit in permits(desk.station, guard.epoch, desk.clock.now()):
                lease.renew(permit)
            renewed(desk.clock.now().mono_s)
            await within(changed, PERIOD_S)
    finally:
        unsubscribe()


@dataclass(slots=True)
class Lease:
    """Says a permit when it is news, and when BURST_S has passed since it was said."""

    guard: Guard
    _said: dict[int, Permit] = field(default_factory=dict)

    def renew(self, permit: Permit) -> None:
        last = self._said.get(permit.evse)
        if last is None or permit.sent_at_s - last.sent_at_s >= BURST_S or _essence(permit) != _essence(last):
            self._said[permit.evse] = permit
            self.guard.permit(permit)


def _essence(permit: Permit) -> tuple[object, ...]:
    """What the guard acts on at once; measured values only have to be fresh enough."""
    orders = permit.limit_a, permit.phases, permit.hold_lock, permit.out_of_service
    return permit.guard_epoch, *orders, permit.status, permit.blinks, permit.light


def permits(station: Station, epoch: int, now: Moment) -> list[Permit]:
    """One for each EVSE, but for those the guard has not reported on: there its lease goes on untouched."""
    return [_permit(evse, epoch, now) for evse in station.evses.values() if evse.known]


def _permit(evse: Evse, epoch: int, now: Moment) -> Permit:
    reading = evse.reading
    fresh = reading is not None and now.mono_s - reading.taken_s <= FRESH_S  # never true of NaN
    return Permit(
        evse=evse.id,
        guard_epoch=epoch,
        limit_a=evse.permit_a(),
        phases=evse.permit_phases(),
        fallback_a=evse.spec.fallback_a,
        hold_lock=evse.session is not None and evse.session.locked,
        out_of_service=evse.status is Status.UNAVAILABLE,
        measured_a=_measured(reading.current_a) if reading and fresh else (),
        measured_v=_measured(reading.voltage_v) if reading and fresh else (),
        measured_at_s=reading.taken_s if reading and fresh else None,
        sent_at_s=now.mono_s,
        status=evse.status.value,
        metered=evse.spec.has_meter,
        blinks=evse.around.settings[known.BLINK_REPEAT],
        light=evse.around.settings[known.LIGHT_INTENSITY],
    )


def _measured(phases: tuple[float, ...]) -> tuple[float, ...]:
    """Not measured, where one of them is no number: a permit cannot carry it, and the rest would pass for all."""
    return phases if all(map(math.isfinite, phases)) else ()
