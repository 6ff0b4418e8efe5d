"""Which EVSE and connector a request of 2.x means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.v201.phrases import CONNECTOR
from chargepoint.ocpp.v201.remarks import Why

if TYPE_CHECKING:
    from chargepoint.core.station import Station


def unknown(station: Station, evse: int | None, connector: int | None) -> Why | None:
    """What is wrong with this place; None where there is such an EVSE and connector, or none was named."""
    if evse is not None and evse not in station.evses:
        return Why.UNKNOWN_EVSE
    if connector is not None and connector != CONNECTOR:
        return Why.UNKNOWN_CONNECTOR
    return None


def read_place(said: Payload | None) -> tuple[int | None, int | None]:
    """EVSEType: EVSE and connector, None where not said."""
    return (None, None) if said is None else (said["id"], said.get("connectorId"))
