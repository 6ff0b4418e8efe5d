"""Each frame becomes one line that a person can read."""

from typing import Any

import pytest

from chargepoint.demo.bills import Bill
from chargepoint.demo.narrator import Narrator, invoice
from chargepoint.demo.tape import Frame
from tests.demo.frames import CARD_201, NOON, START_16, STOP_16, answered, asked, energy, event, frame

CUSTOMERS = {"04A1": "Ada"}


def told(*frames: Frame) -> str:
    """What is said of the last one."""
    narrator = Narrator(CUSTOMERS, NOON)
    return [narrator.tell(frame) for frame in frames][-1]


def test_a_line_says_when_who_what_and_its_meaning() -> None:
    line = told(asked("1", "Heartbeat", {}, after_s=12.34))
    assert line == "  12.3 s  station  Heartbeat               I am alive; what time is it?"


CALLS_16: list[tuple[str, dict[str, Any], str]] = [
    (
        "SecurityEventNotification",
        {"type": "StartupOfTheDevice", "timestamp": "2026-11-22T12:00:00Z", "techInfo": "PowerUp"},
        "for security: StartupOfTheDevice (PowerUp)",
    ),
    (
        "SecurityEventNotification",
        {"type": "InvalidMessages", "timestamp": "2026-11-22T12:00:00Z"},
        "for security: InvalidMessages",
    ),
    (
        "BootNotification",
        {"chargePointVendor": "Acme", "chargePointModel": "Wall 22", "chargePointSerialNumber": "A-1"},
        "this is Acme Wall 22, serial A-1, and it has started",
    ),
    (
        "StatusNotification",
        {"connectorId": 1, "errorCode": "NoError", "status": "SuspendedEV"},
        "connector 1 is ready, but the car takes nothing",
    ),
    (
        "StatusNotification",
        {"connectorId": 0, "errorCode": "GroundFailure", "status": "Faulted", "info": "earth"},
        "the station as a whole is faulted (GroundFailure: earth)",
    ),
    ("Authorize", {"idTag": "04a1"}, "may Ada's card 04a1 charge?"),
    ("Authorize", {"idTag": "FFFF"}, "may card FFFF charge?"),
    (
        "StartTransaction",
        START_16,
        "a transaction began on connector 1 for Ada's card 04A1; the register says 1,000 Wh",
    ),
    ("StopTransaction", STOP_16, "transaction 7 has ended (EVDisconnected); the register says 1,042 Wh"),
    (
        "MeterValues",
        {
            "connectorId": 1,
            "transactionId": 7,
            "meterValue": [
                {
                    "timestamp": "2026-11-22T12:00:00Z",
                    "sampledValue": [
                        {"value": "1012"},
                        {"value": "11040", "measurand": "Power.Active.Import", "unit": "W"},
                        {"value": "16.0", "measurand": "Current.Import", "unit": "A", "phase": "L1"},
                        {"value": "15.9", "measurand": "Current.Import", "unit": "A", "phase": "L2"},
                        {"value": "41", "measurand": "Temperature", "unit": "Celsius"},
                    ],
                }
            ],
        },
        "the meter of transaction 7: register 1,012 Wh, 11.0 kW, 16.0 / 15.9 A",
    ),
]


@pytest.mark.parametrize(("action", "payload", "meaning"), CALLS_16)
def test_what_a_1_6_station_says_in_plain_words(action: str, payload: dict[str, Any], meaning: str) -> None:
    assert told(asked("1", action, payload, ocpp="1.6")).endswith("  " + meaning)


CALLS_201: list[tuple[str, dict[str, Any], str]] = [
    (
        "BootNotification",
        {"reason": "PowerUp", "chargingStation": {"vendorName": "Acme", "model": "Wall 22"}},
        "this is Acme Wall 22, serial without a number, and it has started (PowerUp)",
    ),
    (
        "StatusNotification",
        {"evseId": 2, "connectorId": 1, "connectorStatus": "Occupied", "timestamp": "…"},
        "EVSE 2 is taken: a cable is in it, or somebody is about to charge",
    ),
    ("Authorize", {"idToken": CARD_201}, "may Ada's card 04A1 charge?"),
    (
        "TransactionEvent",
        event(
            "Started", 0, energy(5000.0, "Transaction.Begin"), idToken=CARD_201, info={"chargingState": "EVConnected"}
        ),
        "a transaction began (Authorized); Ada's card 04A1; the car is connected; register 5,000 Wh",
    ),
    (
        "TransactionEvent",
        event("Ended", 9, trigger="EVDeparted", info={"stoppedReason": "EVDisconnected"}, offline=True),
        "the transaction has ended (EVDeparted, EVDisconnected); told late: the line was down",
    ),
]


@pytest.mark.parametrize(("action", "payload", "meaning"), CALLS_201)
def test_what_a_2_0_1_station_says_in_plain_words(action: str, payload: dict[str, Any], meaning: str) -> None:
    assert told(asked("1", action, payload)).endswith("  " + meaning)


def test_an_answer_is_told_in_terms_of_its_question() -> None:
    question = asked("1", "Authorize", {"idTag": "04A1"}, ocpp="1.6")
    yes = answered("1", {"idTagInfo": {"status": "Accepted"}}, ocpp="1.6")
    no = answered("1", {"idTagInfo": {"status": "Blocked"}}, ocpp="1.6")
    assert told(question, yes).endswith("office     answer                this card may charge")
    assert told(question, no).endswith("this card may not charge")


def test_the_number_of_a_1_6_transaction_is_told() -> None:
    start = asked("1", "StartTransaction", START_16, ocpp="1.6")
    number = answered("1", {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}, ocpp="1.6")
    assert told(start, number).endswith("noted as transaction 7; this card may charge")


def test_both_sides_may_use_the_same_id_at_the_same_time() -> None:
    ours = asked("1", "Heartbeat", {})
    theirs = frame("out", 2, "1", "RequestStopTransaction", {"transactionId": "t-1"})
    assert told(ours, theirs, frame("in", 3, "1", {"status": "Accepted"})).endswith("accepted")
    assert told(ours, theirs, answered("1", {"currentTime": "12:00"})).endswith("it is 12:00")


def test_an_error_names_the_question_and_the_code() -> None:
    question = frame("out", 2, "1", "RequestStopTransaction", {"transactionId": "t-1"})
    error = frame("in", 4, "1", "NotSupported", "no such thing", {})
    assert told(question, error).endswith("cannot answer RequestStopTransaction: NotSupported no such thing")


def test_an_action_without_a_phrase_is_still_a_line() -> None:
    assert "NotifyMonitoringReport" in told(asked("1", "NotifyMonitoringReport", {"x": 1}))
    assert told(answered("1", {})).endswith("noted")


def test_the_bill_is_readable() -> None:
    bill = Bill("7", "04A1", 1000, 1042.5, NOON, NOON.replace(minute=1), "Local")
    assert invoice(bill, CUSTOMERS).splitlines() == [
        "    customer     Ada's card 04A1",
        "    transaction  7",
        "    from         2026-11-22 12:00:00 UTC",
        "    to           2026-11-22 12:01:00 UTC (60 s)",
        "    register     1,000 Wh to 1,042.5 Wh",
        "    energy       42.5 Wh (0.043 kWh)",
        "    ended        Local",
    ]
