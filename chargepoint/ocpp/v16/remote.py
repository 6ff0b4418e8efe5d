"""Start, stop and unlock from afar, in 1.6 (sections 5.11, 5.12 and 5.18)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from chargepoint.core.profile import Purpose
from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.services import Registration
from chargepoint.ocpp.v16.identity import read_tag
from chargepoint.ocpp.v16.smart_charging import read_profile
from chargepoint.ocpp.v16.transactions import transaction_numbered

if TYPE_CHECKING:
    from chargepoint.core.profile import Profile
    from chargepoint.ocpp.services import Services

log = logging.getLogger(__name__)

ACCEPTED, REJECTED = {"status": "Accepted"}, {"status": "Rejected"}


async def remote_start(services: Services, payload: Payload) -> Payload:
    """With a charging profile, for the transaction that comes of it (section 5.11)."""
    connector = payload.get("connectorId")
    if services.registration is not Registration.ACCEPTED:  # section 4.2: not allowed while Pending
        return {**REJECTED}
    if connector is not None and connector not in services.station.evses:  # 0 is no connector to charge at
        return {**REJECTED}
    token = read_tag(payload["idTag"])
    try:
        profile = _profile(services, connector or 0, payload.get("chargingProfile"))
    except ValueError as error:
        log.info("a remote start is refused for its charging profile: %s", error)
        return {**REJECTED}
    start = services.act(lambda station, now: station.remote_start(connector, token, None, now, profile))
    return {**(ACCEPTED if start.accepted else REJECTED)}


def _profile(services: Services, connector: int, told: Payload | None) -> Profile | None:
    """Raises ValueError where it is not for a transaction, or makes no sense."""
    if told is None:
        return None
    profile = read_profile(services, connector, told)
    if profile.purpose is not Purpose.TX or profile.transaction is not None:  # TC_060
        raise ValueError("it is not for the transaction that is to start")
    return profile


async def remote_stop(services: Services, payload: Payload) -> Payload:
    if services.registration is not Registration.ACCEPTED:  # section 4.2
        return {**REJECTED}
    transaction = transaction_numbered(services, payload["transactionId"])
    if transaction is None:
        return {**REJECTED}
    stopped = services.act(lambda station, now: station.remote_stop(transaction, now))
    return {**(ACCEPTED if stopped else REJECTED)}


async def unlock(services: Services, payload: Payload) -> Payload:
    """Ends the transaction first, then waits for the lock: 1.6 wants the outcome in the answer (section 5.18)."""
    connector = payload["connectorId"]
    evse = services.station.evses.get(connector)
    if evse is None or evse.spec.outlet == "cable" or not evse.spec.has_lock:
        return {"status": "NotSupported"}  # TC_031; TC_018_2: where nothing can be unlocked the session goes on
    services.act(lambda station, now: station.unlock_requested(connector, now))
    outcome = await services.unlock(connector)
    return {"status": outcome if outcome in ("Unlocked", "NotSupported") else "UnlockFailed"}
