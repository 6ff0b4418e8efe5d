"""How far firmware updates and log uploads are, and what security should hear of, in 2.x (L01, N01, A04)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.core.facts import FirmwareStatusChanged, LogStatusChanged, Record, SecurityEvent
from chargepoint.ocpp.dialect import Payload, fact_of
from chargepoint.ocpp.instants import time_text

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Services

Said = tuple[str, Payload]
LONGEST_INFO = 255  # SecurityEventNotificationRequest.techInfo


def firmware_status(services: Services, record: Record) -> Said:
    fact = fact_of(record, FirmwareStatusChanged)
    return "FirmwareStatusNotification", _numbered({"status": fact.status}, fact.request_id)


def log_status(services: Services, record: Record) -> Said:
    fact = fact_of(record, LogStatusChanged)
    return "LogStatusNotification", _numbered({"status": fact.status}, fact.request_id)


def security_event(services: Services, record: Record) -> Said:
    fact = fact_of(record, SecurityEvent)
    said: Payload = {"type": fact.event, "timestamp": time_text(record.at)}
    return "SecurityEventNotification", said | ({"techInfo": fact.info[:LONGEST_INFO]} if fact.info else {})


def _numbered(said: Payload, request_id: int | None) -> Payload:
    return said if request_id is None else said | {"requestId": request_id}
