"""What 2.0.1 lets the CSMS ask: literal requests, what stands behind them, literal answers."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chargepoint.core.facts import MetersSampled, StopReason, TransactionEnded, TransactionStarted, TransactionUpdated
from chargepoint.core.observation import Fault, Observation
from chargepoint.core.wishes import Restart
from chargepoint.ocpp.services import Registration
from chargepoint.ocpp.v201 import DIALECT
from tests.ocpp.rig import READING, SUPPLYING, Rig

Given = Callable[[Rig], Any]
ACCEPTED = {"status": "Accepted"}
TOKEN = {"idToken": "0BADCAFE", "type": "ISO14443"}


def no(word: str, code: str, sentence: str = "") -> dict[str, Any]:
    info = {"reasonCode": code, **({"additionalInfo": sentence} if sentence else {})}
    return {"status": word, "statusInfo": info}


def nothing(rig: Rig) -> None:
    """A quiet station."""


def pending(rig: Rig) -> None:
    rig.speaker.registration = Registration.PENDING


def charging(rig: Rig) -> None:
    rig.charge(1)


def faulted(rig: Rig) -> None:
    rig.guard(1, Observation(faults=(Fault("MREC2GroundFailure", "high", "Find the leak."),)))


def jammed(rig: Rig) -> None:
    rig.lock = "UnlockFailed"


def no_lock(rig: Rig) -> None:
    rig.lock = "NotSupported"


def busy_lock(rig: Rig) -> None:
    rig.lock = "OngoingAuthorizedTransaction"


def without_cache(rig: Rig) -> None:
    row = rig.services.settings.find("AuthorizationCacheEnabled")
    assert row is not None
    rig.services.settings.change(row, "false", "local")


def variable(component: str, name: str, **more: Any) -> dict[str, Any]:
    return {"component": {"name": component}, "variable": {"name": name}, **more}


INTERVAL = variable("OCPPCommCtrlr", "HeartbeatInterval")
NOT_IMPLEMENTED = no("NotImplemented", "UnsupportedRequest")

HASH_DATA = {
    "hashAlgorithm": "SHA256", "issuerNameHash": "00ff", "issuerKeyHash": "ff00", "serialNumber": "1a",
}  # fmt: skip

VECTORS: dict[str, list[tuple[Given, dict[str, Any], dict[str, Any]]]] = {
    "CertificateSigned": [  # nothing here keeps certificates
        (nothing, {"certificateChain": "PEM"}, {"status": "Rejected"}),
        (nothing, {"certificateChain": "PEM", "certificateType": "V2GCertificate"}, {"status": "Rejected"}),
    ],
    "DeleteCertificate": [(nothing, {"certificateHashData": HASH_DATA}, {"status": "NotFound"})],
    "GetInstalledCertificateIds": [
        (nothing, {}, {"status": "NotFound"}),
        (nothing, {"certificateType": ["V2GCertificateChain"]}, {"status": "NotFound"}),
    ],
    "InstallCertificate": [
        (nothing, {"certificateType": "CSMSRootCertificate", "certificate": "PEM"}, {"status": "Failed"}),
    ],
    "ChangeAvailability": [
        (nothing, {"operationalStatus": "Inoperative"}, ACCEPTED),
        (nothing, {"operationalStatus": "Operative"}, ACCEPTED),
        (nothing, {"operationalStatus": "Inoperative", "evse": {"id": 1}}, ACCEPTED),
        (nothing, {"operationalStatus": "Inoperative", "evse": {"id": 1, "connectorId": 1}}, ACCEPTED),
        (charging, {"operationalStatus": "Inoperative", "evse": {"id": 1}}, no("Scheduled", "TxInProgress")),
        (charging, {"operationalStatus": "Inoperative"}, no("Scheduled", "TxInProgress")),
        (charging, {"operationalStatus": "Inoperative", "evse": {"id": 2}}, ACCEPTED),
        (nothing, {"operationalStatus": "Inoperative", "evse": {"id": 3}}, no("Rejected", "UnknownEvse")),
        (nothing, {"operationalStatus": "Inoperative", "evse": {"id": 0}}, no("Rejected", "UnknownEvse")),
        (
            nothing,
            {"operationalStatus": "Inoperative", "evse": {"id": 1, "connectorId": 2}},
            no("Rejected", "UnknownConnectorId"),
        ),
    ],
    "ClearCache": [(nothing, {}, ACCEPTED), (without_cache, {}, no("Rejected", "NotEnabled"))],
    "DataTransfer": [
        (nothing, {"vendorId": "com.example", "data": {"a": [None]}}, {"status": "UnknownVendorId"}),
    ],
    "GetBaseReport": [
        (nothing, {"requestId": 1, "reportBase": "ConfigurationInventory"}, ACCEPTED),
        (nothing, {"requestId": 1, "reportBase": "FullInventory"}, ACCEPTED),
        (nothing, {"requestId": 1, "reportBase": "SummaryInventory"}, ACCEPTED),
    ],
    "GetReport": [
        (nothing, {"requestId": 1}, ACCEPTED),
        (nothing, {"requestId": 1, "componentVariable": [{"component": {"name": "EVSE"}}]}, ACCEPTED),
        (
            nothing,
            {"requestId": 1, "componentVariable": [{"component": {"name": "Colour"}}]},
            {"status": "EmptyResultSet"},
        ),
        (nothing, {"requestId": 1, "componentCriteria": ["Problem"]}, {"status": "EmptyResultSet"}),
    ],
    "GetTransactionStatus": [
        (nothing, {}, {"messagesInQueue": False}),
        (nothing, {"transactionId": "x"}, {"ongoingIndicator": False, "messagesInQueue": False}),
    ],
    "GetVariables": [
        (
            nothing,
            {"getVariableData": [INTERVAL]},
            {"getVariableResult": [{**INTERVAL, "attributeStatus": "Accepted", "attributeValue": "300"}]},
        ),
    ],
    "RequestStartTransaction": [
        (nothing, {"idToken": TOKEN, "remoteStartId": 1, "evseId": 1}, ACCEPTED),
        (nothing, {"idToken": TOKEN, "remoteStartId": 1}, ACCEPTED),
        (nothing, {"idToken": TOKEN, "remoteStartId": 1, "evseId": 3}, no("Rejected", "UnknownEvse")),
        (nothing, {"idToken": TOKEN, "remoteStartId": 1, "evseId": 0}, no("Rejected", "UnknownEvse")),
        (
            charging,
            {"idToken": TOKEN, "remoteStartId": 1, "evseId": 1},
            no("Rejected", "NotPossibleNow", "EVSE 1 is in use"),
        ),
        (
            faulted,
            {"idToken": TOKEN, "remoteStartId": 1, "evseId": 1},
            no("Rejected", "NotPossibleNow", "EVSE 1 has a fault: MREC2GroundFailure"),
        ),
        (pending, {"idToken": TOKEN, "remoteStartId": 1, "evseId": 1}, no("Rejected", "CSNotAccepted")),
    ],
    "RequestStopTransaction": [
        (nothing, {"transactionId": "x"}, no("Rejected", "TxNotFound")),
        (pending, {"transactionId": "x"}, no("Rejected", "CSNotAccepted")),
    ],
    "Reset": [
        (nothing, {"type": "Immediate"}, ACCEPTED),
        (nothing, {"type": "OnIdle"}, ACCEPTED),
        (nothing, {"type": "Immediate", "evseId": 1}, ACCEPTED),
        (charging, {"type": "Immediate"}, ACCEPTED),
        (charging, {"type": "OnIdle"}, no("Scheduled", "TxInProgress")),
        (charging, {"type": "OnIdle", "evseId": 1}, no("Scheduled", "TxInProgress")),
        (charging, {"type": "OnIdle", "evseId": 2}, ACCEPTED),
        (nothing, {"type": "OnIdle", "evseId": 3}, no("Rejected", "UnknownEvse")),
    ],
    "SetVariables": [
        (
            nothing,
            {"setVariableData": [{**INTERVAL, "attributeValue": "60"}]},
            {"setVariableResult": [{**INTERVAL, "attributeStatus": "Accepted"}]},
        ),
    ],
    "TriggerMessage": [
        (nothing, {"requestedMessage": "BootNotification"}, no("Rejected", "NotEnabled")),  # TC_F_26
        (pending, {"requestedMessage": "BootNotification"}, ACCEPTED),
        (nothing, {"requestedMessage": "Heartbeat"}, ACCEPTED),
        (nothing, {"requestedMessage": "SignChargingStationCertificate"}, no("Rejected", "NotEnabled")),
        (nothing, {"requestedMessage": "StatusNotification"}, no("Rejected", "MissingParam")),
        (nothing, {"requestedMessage": "StatusNotification", "evse": {"id": 1}}, no("Rejected", "MissingParam")),
        (nothing, {"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 1}}, ACCEPTED),
        (
            nothing,
            {"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 2}},
            no("Rejected", "UnknownConnectorId"),
        ),
        (charging, {"requestedMessage": "MeterValues"}, ACCEPTED),
        (charging, {"requestedMessage": "MeterValues", "evse": {"id": 1}}, ACCEPTED),
        (nothing, {"requestedMessage": "MeterValues"}, no("Rejected", "NoMeterValues")),
        (nothing, {"requestedMessage": "MeterValues", "evse": {"id": 3}}, no("Rejected", "UnknownEvse")),
        (nothing, {"requestedMessage": "TransactionEvent", "evse": {"id": 1}}, no("Rejected", "TxNotFound")),
        (charging, {"requestedMessage": "TransactionEvent", "evse": {"id": 1}}, ACCEPTED),
        (charging, {"requestedMessage": "TransactionEvent"}, ACCEPTED),
        (nothing, {"requestedMessage": "LogStatusNotification"}, NOT_IMPLEMENTED),
        (nothing, {"requestedMessage": "FirmwareStatusNotification"}, NOT_IMPLEMENTED),
        (nothing, {"requestedMessage": "SignV2GCertificate"}, NOT_IMPLEMENTED),
    ],
    "UnlockConnector": [
        (nothing, {"evseId": 1, "connectorId": 1}, {"status": "Unlocked"}),
        (nothing, {"evseId": 3, "connectorId": 1}, no("UnknownConnector", "UnknownEvse")),
        (nothing, {"evseId": 1, "connectorId": 2}, no("UnknownConnector", "UnknownConnectorId")),
        (charging, {"evseId": 1, "connectorId": 1}, no("OngoingAuthorizedTransaction", "TxInProgress")),
        (busy_lock, {"evseId": 1, "connectorId": 1}, no("OngoingAuthorizedTransaction", "TxInProgress")),
        (no_lock, {"evseId": 1, "connectorId": 1}, no("UnlockFailed", "NoLock")),
        (jammed, {"evseId": 1, "connectorId": 1}, no("UnlockFailed", "LockDoesNotMove")),
    ],
}
CASES = [
    pytest.param(action, *vector, id=f"{action}-{number}")
    for action, vectors in VECTORS.items()
    for number, vector in enumerate(vectors)
]


@pytest.mark.parametrize(("action", "given", "payload", "answer"), CASES)
async def test_a_request_gets_its_answer(
    action: str, given: Given, payload: dict[str, Any], answer: dict[str, Any]
) -> None:
    rig = Rig(DIALECT)
    given(rig)
    assert await rig.ask(action, payload) == answer


def test_every_request_of_the_table_is_tried() -> None:
    assert set(VECTORS) == set(DIALECT.requests)


# --- remote start and stop --------------------------------------------------------------------------------------------


async def test_a_remote_start_with_the_cable_in_names_its_transaction() -> None:
    rig = Rig(DIALECT)
    rig.act(lambda station, now: station.meter_read(1, READING, now))
    rig.guard(1, Observation("B2", ev_connected=True, cable_present=True))
    answer = await rig.ask("RequestStartTransaction", {"idToken": TOKEN, "remoteStartId": 17, "evseId": 1})
    [began] = rig.facts(TransactionStarted)
    assert began.remote_start_id == 17
    assert answer["status"] == "Accepted"


async def test_a_remote_stop_ends_the_transaction_with_the_reason_remote() -> None:
    rig = Rig(DIALECT)
    ours = rig.charge(1)
    assert await rig.ask("RequestStopTransaction", {"transactionId": ours}) == ACCEPTED
    rig.guard(1, replace(SUPPLYING, pilot="B2", contactor="open"))
    assert [fact.reason for fact in rig.facts(TransactionEnded)] == [StopReason.REMOTE]


# --- unlock -----------------------------------------------------------------------------------------------------------


async def test_a_running_transaction_is_not_disturbed_by_an_unlock() -> None:
    rig = Rig(DIALECT)
    ours = rig.charge(1)
    await rig.ask("UnlockConnector", {"evseId": 1, "connectorId": 1})
    assert rig.unlocked == []
    assert rig.station.find_transaction(ours) is not None


async def test_a_captive_cable_cannot_be_unlocked() -> None:
    rig = Rig(DIALECT, outlet="cable")
    answer = await rig.ask("UnlockConnector", {"evseId": 1, "connectorId": 1})
    assert answer == no("UnlockFailed", "FixedCable")
    assert rig.unlocked == []


# --- trigger ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "payload", "told"),
    [
        (nothing, {"requestedMessage": "BootNotification"}, []),
        (pending, {"requestedMessage": "BootNotification"}, ["boot"]),
        (nothing, {"requestedMessage": "Heartbeat"}, ["heartbeat"]),
        (nothing, {"requestedMessage": "StatusNotification", "evse": {"id": 2, "connectorId": 1}}, [2]),
        (nothing, {"requestedMessage": "StatusNotification"}, []),
    ],
)
async def test_what_was_triggered_is_said(given: Given, payload: dict[str, Any], told: list[Any]) -> None:
    rig = Rig(DIALECT)
    given(rig)
    await rig.ask("TriggerMessage", payload)
    assert rig.speaker.told == told


async def test_a_triggered_transaction_event_says_so() -> None:
    rig = Rig(DIALECT)
    rig.charge(1)
    await rig.ask("TriggerMessage", {"requestedMessage": "TransactionEvent"})
    assert rig.facts(TransactionUpdated)[-1].trigger == "Trigger"
    assert rig.facts(MetersSampled) == []


async def test_triggered_meter_values_come_by_themselves_even_in_a_transaction() -> None:
    rig = Rig(DIALECT)
    rig.charge(1)
    before = len(rig.facts(TransactionUpdated))
    await rig.ask("TriggerMessage", {"requestedMessage": "MeterValues", "evse": {"id": 1}})
    [values] = rig.facts(MetersSampled)
    assert {sample.context for sample in values.samples} == {"Trigger"}
    assert len(rig.facts(TransactionUpdated)) == before


async def test_a_transaction_without_a_meter_can_still_be_told_of() -> None:
    rig = Rig(DIALECT)
    rig.charge(1)
    rig.act(lambda station, now: station.meter_lost(1, "unplugged", now))
    assert await rig.ask("TriggerMessage", {"requestedMessage": "TransactionEvent"}) == ACCEPTED
    assert rig.facts(TransactionUpdated)[-1].samples == ()


# --- reset ------------------------------------------------------------------------------------------------------------


async def test_a_reset_on_idle_leaves_the_transaction_alone() -> None:
    rig = Rig(DIALECT)
    ours = rig.charge(1)
    await rig.ask("Reset", {"type": "OnIdle"})
    assert rig.station.find_transaction(ours) is not None


async def test_an_immediate_reset_ends_the_transaction() -> None:
    rig = Rig(DIALECT)
    rig.charge(1)
    await rig.ask("Reset", {"type": "Immediate"})
    rig.guard(1, replace(SUPPLYING, pilot="B2", contactor="open"))
    assert [fact.reason for fact in rig.facts(TransactionEnded)] == [StopReason.IMMEDIATE_RESET]


async def test_one_evse_is_reset_alone() -> None:
    rig = Rig(DIALECT)
    await rig.ask("Reset", {"type": "Immediate", "evseId": 2})
    assert [wish for wish in rig.wishes if isinstance(wish, Restart)] == [Restart(2, hard=False)]
