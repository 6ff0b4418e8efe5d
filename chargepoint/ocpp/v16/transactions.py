"""Start, meter values and stop of a transaction in 1.6, and what the CSMS's answers mean.

The CSMS numbers the transaction: what belongs to it waits for the answer to StartTransaction (section 3.7).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chargepoint.core.facts import (
    BeginMetered,
    MetersSampled,
    Record,
    Sample,
    StopReason,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
)
from chargepoint.ocpp.dialect import NotYet, Payload, fact_of
from chargepoint.ocpp.instants import time_text
from chargepoint.ocpp.v16.identity import id_tag
from chargepoint.ocpp.v16.meter_values import meter_values
from chargepoint.ocpp.v16.phrases import Phrases

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Services

Said = tuple[str, Payload]

REASONS: dict[StopReason, str] = {  # section 7.36
    StopReason.LOCAL: "Local",
    StopReason.REMOTE: "Remote",
    StopReason.EV_DISCONNECTED: "EVDisconnected",
    StopReason.DEAUTHORIZED: "DeAuthorized",
    StopReason.EMERGENCY_STOP: "EmergencyStop",
    StopReason.GROUND_FAULT: "Other",
    StopReason.OVERCURRENT_FAULT: "Other",
    StopReason.IMMEDIATE_RESET: "SoftReset",
    StopReason.HARD_RESET: "HardReset",
    StopReason.POWER_LOSS: "PowerLoss",
    StopReason.REBOOT: "Reboot",
    StopReason.TIMEOUT: "Other",
    StopReason.UNLOCK_COMMAND: "UnlockCommand",
    StopReason.ENERGY_LIMIT_REACHED: "Other",
    StopReason.STOPPED_BY_EV: "Other",
    StopReason.OTHER: "Other",
}


def started(services: Services, record: Record) -> Said:
    fact = fact_of(record, TransactionStarted)
    said: Payload = {
        "connectorId": fact.evse,
        "idTag": id_tag(fact.token),
        "meterStart": register(fact.meter_wh),
        "timestamp": time_text(record.at),
    }
    if fact.reservation_id is not None:
        said["reservationId"] = fact.reservation_id
    return "StartTransaction", said


def begin_metered(services: Services, record: Record) -> Said | None:
    """StartTransaction has room for one whole number only ("Signed Meter Values in OCPP" 1.0, section 3.1.2)."""
    fact = fact_of(record, BeginMetered)
    return _metered(services, fact, fact.samples)


def updated(services: Services, record: Record) -> Said | None:
    """Only meter values have a word in 1.6: changes of state are told by StatusNotification."""
    fact = fact_of(record, TransactionUpdated)
    return _metered(services, fact, fact.samples)


def _metered(services: Services, fact: BeginMetered | TransactionUpdated, samples: Sequence[Sample]) -> Said | None:
    values = meter_values(samples)
    if not values:
        return None
    number = number_of(services, fact.transaction)
    return "MeterValues", {"connectorId": fact.evse, "transactionId": number, "meterValue": values}


def ended(services: Services, record: Record) -> Said:
    fact = fact_of(record, TransactionEnded)
    said: Payload = {
        "transactionId": number_of(services, fact.transaction),
        "meterStop": register(fact.meter_wh),
        "timestamp": time_text(record.at),
        "reason": REASONS[fact.reason],
    }
    if fact.token is not None:  # section 6.49: only where somebody identified himself to stop it
        said["idTag"] = id_tag(fact.token)
    if values := meter_values(fact.samples):
        said["transactionData"] = values
    return "StopTransaction", said


def sampled(services: Services, record: Record) -> Said | None:
    fact = fact_of(record, MetersSampled)
    values = meter_values(fact.samples)
    return ("MeterValues", {"connectorId": fact.evse, "meterValue": values}) if values else None


def register(meter_wh: float) -> int:
    """1.6 bills in whole watt-hours; rounding down at both ends never bills energy that has not flowed."""
    return math.floor(meter_wh)


def number_of(services: Services, transaction: str) -> int:
    """The CSMS's number of a transaction of ours.

    Raises:
        NotYet: the answer to StartTransaction has not come.
    """
    number = services.journal.csms_id(transaction)
    if number is None:
        raise NotYet(f"the CSMS has not numbered transaction {transaction} yet")
    return number


def transaction_numbered(services: Services, number: int) -> str | None:
    """Our own id of the transaction that the CSMS calls `number`. The journal knows it after a restart too."""
    for evse in services.station.evses.values():
        if evse.transaction is not None and services.journal.csms_id(evse.transaction.id) == number:
            return evse.transaction.id
    return None


async def start_answered(services: Services, record: Record, answer: Payload) -> None:
    """The number is kept before anything else can go wrong: without it the stop could never be said."""
    fact, number = record.fact, answer["transactionId"]
    if not isinstance(fact, TransactionStarted):
        return
    services.journal.learn_csms_id(fact.transaction, number)
    verdict = Phrases().read_verdict(answer)
    services.act(lambda station, now: station.transaction_answered(fact.transaction, fact.token, verdict, number, now))


async def stop_answered(services: Services, record: Record, answer: Payload) -> None:
    """The transaction is over; what is said about the card that stopped it goes into the cache (section 3.5.1)."""
    fact = record.fact
    if not isinstance(fact, TransactionEnded) or fact.token is None or "idTagInfo" not in answer:
        return
    token, verdict = fact.token, Phrases().read_verdict(answer)
    services.act(lambda station, now: services.cards.learn(token, verdict, now, services.settings))
