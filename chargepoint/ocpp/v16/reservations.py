"""Reservations in 1.6 (sections 5.2 and 5.13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.core.reservation import Reservation
from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.instants import read_time
from chargepoint.ocpp.v16.identity import read_tag

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Services


async def reserve_now(services: Services, payload: Payload) -> Payload:
    parent = payload.get("parentIdTag")
    wanted = Reservation(
        id=payload["reservationId"],
        evse=payload["connectorId"],
        token=read_tag(payload["idTag"]),
        expires_at=read_time(payload["expiryDate"]),
        group=read_tag(parent) if parent else None,
    )
    return {"status": services.act(lambda station, now: station.reserve(wanted, now))}


async def cancel_reservation(services: Services, payload: Payload) -> Payload:
    number = payload["reservationId"]
    cancelled = services.act(lambda station, now: station.cancel_reservation(number, now))
    return {"status": "Accepted" if cancelled else "Rejected"}
