"""TriggerMessage in 2.x (F06): the answer goes out first (F06.FR.04), then what was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from chargepoint.core import catalogue as known
from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.services import Registration
from chargepoint.ocpp.v201.meter_values import meter_values
from chargepoint.ocpp.v201.places import read_place, unknown
from chargepoint.ocpp.v201.remarks import Why, status

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Services

Teller = Callable[["Services", int | None, int | None], Why | None]
"""Sees to it that the message is sent; a reason where it cannot be."""


async def trigger_message(services: Services, payload: Payload) -> Payload:
    tell = TELLERS.get(payload["requestedMessage"])
    if tell is None:  # F06.FR.08
        return status("NotImplemented", Why.UNSUPPORTED_REQUEST)
    evse, connector = read_place(payload.get("evse"))
    why = unknown(services.station, evse, connector) or tell(services, evse, connector)
    return status("Rejected", why) if why else status("Accepted")


def _boot(services: Services, evse: int | None, connector: int | None) -> Why | None:
    if services.registration is Registration.ACCEPTED:  # F06.FR.17
        return Why.NOT_ENABLED
    services.boot_again()
    return None


def _heartbeat(services: Services, evse: int | None, connector: int | None) -> Why | None:
    services.send_heartbeat()
    return None


def _status(services: Services, evse: int | None, connector: int | None) -> Why | None:
    """F06.FR.12: only of a connector, which must be named."""
    if evse is None or connector is None:
        return Why.MISSING_PARAM
    services.report_status(evse)
    return None


def _meter_values(services: Services, evse: int | None, connector: int | None) -> Why | None:
    if services.registration is Registration.PENDING:
        return _meter_values_at_once(services, evse or 0)
    told = services.act(lambda station, now: station.meter_now(evse or 0, now))  # F06.FR.06
    return None if told else Why.NO_VALUES


def _meter_values_at_once(services: Services, evse: int) -> Why | None:
    """What the journal keeps for the back office waits until that has accepted us; what it asks for does not."""
    which = known.METER_VALUES_ALIGNED_DATA
    samples = services.act(lambda station, now: station.look_at_meters(evse, now, which))
    for number, sample in samples:
        services.speaker.say("MeterValues", {"evseId": number, "meterValue": meter_values([sample])})
    return None if samples else Why.NO_VALUES


def _transaction(services: Services, evse: int | None, connector: int | None) -> Why | None:
    told = services.act(lambda station, now: station.tell_transaction(evse or 0, now))  # F06.FR.07
    return None if told else Why.TX_NOT_FOUND


def _sign_certificate(services: Services, evse: int | None, connector: int | None) -> Why | None:
    begun = services.certificates is not None and services.certificates.own.request()
    return None if begun else Why.NOT_ENABLED


TELLERS: dict[str, Teller] = {
    "BootNotification": _boot,
    "Heartbeat": _heartbeat,
    "StatusNotification": _status,
    "MeterValues": _meter_values,
    "SignChargingStationCertificate": _sign_certificate,
    "TransactionEvent": _transaction,
}
"""Logs and firmware, and certificates for vehicles, are not there yet: NotImplemented."""
