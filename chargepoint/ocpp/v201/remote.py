"""Start, stop and unlock from afar, in 2.x (F01, F02, F03, F05)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.services import Registration
from chargepoint.ocpp.v201.identity import read_token
from chargepoint.ocpp.v201.places import unknown
from chargepoint.ocpp.v201.remarks import Why, status

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Services


OUTCOMES: dict[str, Payload] = {
    "Unlocked": status("Unlocked"),
    "UnlockFailed": status("UnlockFailed", Why.UNLOCK_FAILED),
    "NotSupported": status("UnlockFailed", Why.NO_LOCK),  # 2.x has no other word for it
    "OngoingAuthorizedTransaction": status("OngoingAuthorizedTransaction", Why.TX_IN_PROGRESS),
}
"""What became of the lock -> the answer (UnlockStatusEnumType)."""


async def request_start(services: Services, payload: Payload) -> Payload:
    """A charging profile in it is ignored by a station without smart charging (F01.FR.12)."""
    evse, token, number = payload.get("evseId"), read_token(payload["idToken"]), payload["remoteStartId"]
    if services.registration is not Registration.ACCEPTED:  # B02.FR.05
        return status("Rejected", Why.NOT_ACCEPTED)
    if why := unknown(services.station, evse, None):
        return status("Rejected", why)
    start = services.act(lambda station, now: station.remote_start(evse, token, number, now))
    if not start.accepted:
        return status("Rejected", Why.NOT_POSSIBLE, start.why)
    return {**status("Accepted"), **({"transactionId": start.transaction} if start.transaction else {})}  # F01.FR.13


async def request_stop(services: Services, payload: Payload) -> Payload:
    transaction = payload["transactionId"]
    if services.registration is not Registration.ACCEPTED:  # B02.FR.05
        return status("Rejected", Why.NOT_ACCEPTED)
    stopped = services.act(lambda station, now: station.remote_stop(transaction, now))
    return status("Accepted") if stopped else status("Rejected", Why.TX_NOT_FOUND)  # F03.FR.07, F03.FR.08


async def unlock(services: Services, payload: Payload) -> Payload:
    """The answer carries what the lock did (F05.FR.01 to FR.04); a running transaction is left alone."""
    evse = payload["evseId"]
    if why := unknown(services.station, evse, payload["connectorId"]):
        return status("UnknownConnector", why)
    if not services.station.may_unlock(evse):  # F05.FR.02
        return status("OngoingAuthorizedTransaction", Why.TX_IN_PROGRESS)
    if services.station.evses[evse].spec.outlet == "cable":
        return status("UnlockFailed", Why.FIXED_CABLE)
    return OUTCOMES[await services.unlock(evse)]
