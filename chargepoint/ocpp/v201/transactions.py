"""TransactionEvent and MeterValues in 2.x, what the answers mean, and what is still owed (blocks E and J)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from chargepoint.core.facts import (
    MetersSampled,
    Record,
    StopReason,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
)
from chargepoint.ocpp.dialect import Payload, fact_of
from chargepoint.ocpp.instants import time_text
from chargepoint.ocpp.v201.identity import id_token
from chargepoint.ocpp.v201.meter_values import meter_values, phases_used
from chargepoint.ocpp.v201.phrases import CONNECTOR, Phrases

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Services

Said = tuple[str, Payload]
Event = TransactionStarted | TransactionUpdated | TransactionEnded

REASONS: dict[StopReason, str] = {  # ReasonEnumType
    **{reason: str(reason) for reason in StopReason},
    StopReason.HARD_RESET: "ImmediateReset",  # 2.x does not tell hard from soft
    StopReason.UNLOCK_COMMAND: "Other",  # 2.x does not unlock in a transaction: it happened on site
}

LOOKED_THROUGH = 10_000
"""Queued facts that are searched for one transaction. With more than that waiting, "yes" is the safe answer."""


def started(services: Services, record: Record) -> Said:
    """The EVSE is named once, here: it does not change (E01.FR.16 allows that)."""
    fact = fact_of(record, TransactionStarted)
    said = _event("Started", services, record, fact)
    said["evse"] = {"id": fact.evse, "connectorId": CONNECTOR}
    if fact.cable_a is not None:
        said["cableMaxCurrent"] = math.floor(fact.cable_a)
    if fact.reservation_id is not None:
        said["reservationId"] = fact.reservation_id
    return _with_remote_start("TransactionEvent", said, fact.remote_start_id)


def begin_metered(services: Services, record: Record) -> None:
    """Begin values travel with the start."""


def unplugged(services: Services, record: Record) -> None:
    """A transaction tells its own end, however late that is (TxStopPoint)."""


def updated(services: Services, record: Record) -> Said:
    fact = fact_of(record, TransactionUpdated)
    said = _event("Updated", services, record, fact)
    return _with_remote_start("TransactionEvent", said, fact.remote_start_id)


def ended(services: Services, record: Record) -> Said:
    fact = fact_of(record, TransactionEnded)
    said = _event("Ended", services, record, fact)
    said["transactionInfo"]["stoppedReason"] = REASONS[fact.reason]
    return "TransactionEvent", said


def sampled(services: Services, record: Record) -> Said | None:
    """Outside transactions only: within one the values travel in TransactionEvent (J01.FR.22)."""
    fact = fact_of(record, MetersSampled)
    values = meter_values(fact.samples)
    return ("MeterValues", {"evseId": fact.evse, "meterValue": values}) if values else None


def _event(kind: str, services: Services, record: Record, fact: Event) -> dict[str, Any]:
    said: dict[str, Any] = {
        "eventType": kind,
        "timestamp": time_text(record.at),
        "triggerReason": str(fact.trigger),
        "seqNo": fact.seq_no,
        "transactionInfo": {"transactionId": fact.transaction, "chargingState": str(fact.state)},
    }
    if fact.offline:  # E04.FR.03
        said["offline"] = True
    if fact.token is not None:
        said["idToken"] = id_token(fact.token)
    if values := meter_values(fact.samples):
        said["meterValue"] = values
    if phases := phases_used(fact.samples):
        said["numberOfPhasesUsed"] = phases
    return said


def _with_remote_start(action: str, said: dict[str, Any], remote_start_id: int | None) -> Said:
    """F01.FR.25: the first event after a remote start names it."""
    if remote_start_id is not None:
        said["transactionInfo"]["remoteStartId"] = remote_start_id
    return action, said


async def event_answered(services: Services, record: Record, answer: Payload) -> None:
    """Cost and messages for a display have nobody here to read them; the verdict on the token counts."""
    fact = record.fact
    if not isinstance(fact, Event) or fact.token is None or "idTokenInfo" not in answer:
        return
    token, verdict = fact.token, Phrases().read_verdict(answer)
    if isinstance(fact, TransactionEnded):  # C10.FR.04: what is said of the token that ended it is worth remembering
        services.act(lambda station, now: services.cards.learn(token, verdict, now, services.settings))
    else:
        services.act(
            lambda station, now: station.transaction_answered(fact.transaction, fact.token, verdict, None, now)
        )


async def get_transaction_status(services: Services, payload: Payload) -> Payload:
    transaction = payload.get("transactionId")
    if transaction is None:  # E14.FR.06 to FR.08
        return {"messagesInQueue": _queued(services, None)}
    ongoing = services.station.find_transaction(transaction) is not None  # E14.FR.01 to FR.05
    return {"ongoingIndicator": ongoing, "messagesInQueue": _queued(services, transaction)}


def _queued(services: Services, transaction: str | None) -> bool:
    """Is an event of this transaction (None: of any) still owed to the CSMS?"""
    waiting = (record.fact for record in services.journal.undelivered(LOOKED_THROUGH))
    owed = (fact for fact in waiting if isinstance(fact, Event))
    if any(transaction is None or fact.transaction == transaction for fact in owed):
        return True
    return services.journal.undelivered_count() > LOOKED_THROUGH
