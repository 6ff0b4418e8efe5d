"""Availability, reset and the authorization cache, in 2.x (G03, G04, B11, B12, C11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.v201.places import read_place, unknown
from chargepoint.ocpp.v201.remarks import Why, status

if TYPE_CHECKING:
    from chargepoint.core.resets import ResetKind
    from chargepoint.ocpp.services import Services

RESETS: dict[str, ResetKind] = {"Immediate": "immediate", "OnIdle": "on_idle"}


async def change_availability(services: Services, payload: Payload) -> Payload:
    """Without `evse` the whole station. With one connector each, EVSE and connector are the same."""
    evse, connector = read_place(payload.get("evse"))
    if why := unknown(services.station, evse, connector):
        return status("Rejected", why)
    operative = payload["operationalStatus"] == "Operative"
    word = services.act(lambda station, now: station.change_availability(evse or 0, operative, now))
    return status(word, Why.TX_IN_PROGRESS if word == "Scheduled" else None)


async def reset(services: Services, payload: Payload) -> Payload:
    evse, kind = payload.get("evseId"), RESETS[payload["type"]]
    if why := unknown(services.station, evse, None):
        return status("Rejected", why)
    word = services.act(lambda station, now: station.request_reset(evse or 0, kind, now))
    return status(word, {"Scheduled": Why.TX_IN_PROGRESS, "Rejected": Why.NOT_POSSIBLE}.get(word))


async def clear_cache(services: Services, payload: Payload) -> Payload:
    cleared = services.act(lambda station, now: station.clear_authorization_cache(now))
    return status("Accepted") if cleared else status("Rejected", Why.NOT_ENABLED)  # C11.FR.04
