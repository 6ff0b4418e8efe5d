"""Availability, reset and the authorization cache, in 1.6 (sections 5.2, 5.4 and 5.14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.ocpp.dialect import Payload

if TYPE_CHECKING:
    from chargepoint.core.resets import ResetKind
    from chargepoint.ocpp.services import Services


async def change_availability(services: Services, payload: Payload) -> Payload:
    """Connector 0 is the station with all its connectors. Scheduled while a transaction runs."""
    connector, operative = payload["connectorId"], payload["type"] == "Operative"
    if connector != 0 and connector not in services.station.evses:
        return {"status": "Rejected"}
    return {"status": services.act(lambda station, now: station.change_availability(connector, operative, now))}


async def reset(services: Services, payload: Payload) -> Payload:
    """A reset that waits for transactions to end gracefully is accepted: 1.6 has no Scheduled."""
    kind: ResetKind = "hard" if payload["type"] == "Hard" else "soft"
    outcome = services.act(lambda station, now: station.request_reset(0, kind, now))
    return {"status": "Rejected" if outcome == "Rejected" else "Accepted"}


async def clear_cache(services: Services, payload: Payload) -> Payload:
    cleared = services.act(lambda station, now: station.clear_authorization_cache(now))
    return {"status": "Accepted" if cleared else "Rejected"}
