"""TriggerMessage in 1.6 (section 5.17): the answer goes out first, then what was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.services import Registration
from chargepoint.ocpp.v16.maintenance import DIAGNOSTICS, unsigned
from chargepoint.ocpp.v16.meter_values import meter_values

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Services

Teller = Callable[["Services", list[int]], bool]
"""Sees to it that the message is sent; False where there is nothing to say."""


async def trigger_message(services: Services, payload: Payload) -> Payload:
    return _triggered(services, payload, TELLERS.get(payload["requestedMessage"]))


async def extended_trigger_message(services: Services, payload: Payload) -> Payload:
    """Of the security extension: it asks for the messages that this has brought (security whitepaper)."""
    return _triggered(services, payload, EXTENDED.get(payload["requestedMessage"]))


def _triggered(services: Services, payload: Payload, tell: Teller | None) -> Payload:
    if tell is None:
        return {"status": "NotImplemented"}
    connectors = _connectors(services, payload.get("connectorId"))
    told = bool(connectors) and tell(services, connectors)  # TC_055: a connector that is not there
    return {"status": "Accepted" if told else "Rejected"}


def _connectors(services: Services, asked: int | None) -> list[int]:
    """Those meant by connectorId; none where it is unknown. Left out means all of them."""
    known = [0, *sorted(services.station.evses)]
    return [connector for connector in known if asked is None or connector == asked]


def _boot(services: Services, connectors: list[int]) -> bool:
    services.boot_again()
    return True


def _heartbeat(services: Services, connectors: list[int]) -> bool:
    services.send_heartbeat()
    return True


def _statuses(services: Services, connectors: list[int]) -> bool:
    for connector in connectors:
        services.report_status(connector)
    return True


def _meter_values(services: Services, connectors: list[int]) -> bool:
    """Connector 0 has no meter of its own: asking for it asks for all, as does asking for none in particular."""
    if services.registration is Registration.PENDING:
        return _meter_values_at_once(services, connectors[0])
    return services.act(lambda station, now: station.sample_now(connectors[0], now))


def _meter_values_at_once(services: Services, connector: int) -> bool:
    """What the journal keeps for the back office waits until that has accepted us; what it asks for does not."""
    samples = services.act(lambda station, now: station.look_at_meters(connector, now))
    for evse, sample in samples:
        said: Payload = {"connectorId": evse, "meterValue": meter_values([sample])}
        transaction = services.station.evses[evse].transaction
        number = services.journal.csms_id(transaction.id) if transaction is not None else None
        services.speaker.say("MeterValues", said | ({} if number is None else {"transactionId": number}))
    return bool(samples)


def _firmware(services: Services, connectors: list[int]) -> bool:
    """Idle where nothing is under way (section 7.25)."""
    status = services.firmware.status if services.firmware is not None else "Idle"
    services.speaker.say("FirmwareStatusNotification", {"status": unsigned(status)})
    return True


def _diagnostics(services: Services, connectors: list[int]) -> bool:
    status = services.uploads.status if services.uploads is not None else "Idle"
    services.speaker.say("DiagnosticsStatusNotification", {"status": DIAGNOSTICS.get(status, "Idle")})
    return True


def _signed_firmware(services: Services, connectors: list[int]) -> bool:
    keeper = services.firmware
    under_way = keeper is not None and keeper.request_id is not None and keeper.status not in OVER
    said = {"status": keeper.status, "requestId": keeper.request_id} if keeper and under_way else {"status": "Idle"}
    services.speaker.say("SignedFirmwareStatusNotification", said)
    return True


def _log(services: Services, connectors: list[int]) -> bool:
    uploads = services.uploads
    under_way = uploads is not None and uploads.request_id is not None and uploads.status == "Uploading"
    said = {"status": "Uploading", "requestId": uploads.request_id} if uploads and under_way else {"status": "Idle"}
    services.speaker.say("LogStatusNotification", said)
    return True


def _sign_certificate(services: Services, connectors: list[int]) -> bool:
    return services.certificates is not None and services.certificates.own.request()


OVER = ("Idle", "Installed")
"""Nothing is under way (2.0.1 L01.FR.25; the whitepaper follows it)."""

TELLERS: dict[str, Teller] = {
    "DiagnosticsStatusNotification": _diagnostics,
    "FirmwareStatusNotification": _firmware,
    "BootNotification": _boot,
    "Heartbeat": _heartbeat,
    "StatusNotification": _statuses,
    "MeterValues": _meter_values,
}
EXTENDED: dict[str, Teller] = {
    "BootNotification": _boot,
    "FirmwareStatusNotification": _signed_firmware,
    "Heartbeat": _heartbeat,
    "LogStatusNotification": _log,
    "MeterValues": _meter_values,
    "SignChargePointCertificate": _sign_certificate,
    "StatusNotification": _statuses,
}
