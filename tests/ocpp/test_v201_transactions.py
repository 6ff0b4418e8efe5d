"""How 2.0.1 tells of transactions, what it makes of the answers, and what it says is still owed."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest

from chargepoint.core.facts import (
    ChargingState,
    Fact,
    MetersSampled,
    Quantity,
    Record,
    Sample,
    StopReason,
    Token,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
    Trigger,
)
from chargepoint.core.observation import Observation
from chargepoint.ocpp.v201 import DIALECT
from chargepoint.ocpp.v201.transactions import LOOKED_THROUGH, REASONS
from tests.ocpp.rig import CARD, NOON, Rig

TX = "0f6b1c1e-7d0a-4f0e-9c66-2f1f6d1c0a11"
ENERGY = Quantity("Energy.Active.Import.Register", 1234.56789, "Wh")
ENERGY_201 = {
    "value": 1234.568, "measurand": "Energy.Active.Import.Register", "location": "Outlet",
    "unitOfMeasure": {"unit": "Wh"},
}  # fmt: skip


def started(**changed: object) -> TransactionStarted:
    fact: dict[str, object] = {
        "evse": 1, "transaction": TX, "session": "s-1", "seq_no": 0, "trigger": Trigger.AUTHORIZED,
        "state": ChargingState.EV_CONNECTED, "token": CARD, "meter_wh": 1234.9,
    }  # fmt: skip
    return TransactionStarted(**{**fact, **changed})  # type: ignore[arg-type]


def updated(**changed: object) -> TransactionUpdated:
    fact: dict[str, object] = {
        "evse": 1, "transaction": TX, "seq_no": 1, "trigger": Trigger.CHARGING_STATE_CHANGED,
        "state": ChargingState.CHARGING,
    }  # fmt: skip
    return TransactionUpdated(**{**fact, **changed})  # type: ignore[arg-type]


def ended(**changed: object) -> TransactionEnded:
    fact: dict[str, object] = {
        "evse": 1, "transaction": TX, "session": "s-1", "seq_no": 2, "trigger": Trigger.STOP_AUTHORIZED,
        "state": ChargingState.EV_CONNECTED, "reason": StopReason.LOCAL, "token": CARD, "meter_wh": 4914.2,
    }  # fmt: skip
    return TransactionEnded(**{**fact, **changed})  # type: ignore[arg-type]


@pytest.fixture
def rig() -> Rig:
    return Rig(DIALECT)


def said(rig: Rig, fact: Fact, **record: Any) -> dict[str, Any]:
    words = rig.say(fact, **record)
    assert words is not None
    assert words[0] == "TransactionEvent"
    return words[1]


# --- said -------------------------------------------------------------------------------------------------------------


def test_a_start_says_everything_that_is_known(rig: Rig) -> None:
    begin = Sample(NOON, "Transaction.Begin", (ENERGY,))
    fact = started(samples=(begin,), cable_a=32.9, remote_start_id=17, reservation_id=3, trigger=Trigger.REMOTE_START)
    assert said(rig, fact) == {
        "eventType": "Started",
        "timestamp": "2026-11-22T12:00:00.000Z",
        "triggerReason": "RemoteStart",
        "seqNo": 0,
        "transactionInfo": {"transactionId": TX, "chargingState": "EVConnected", "remoteStartId": 17},
        "idToken": {"idToken": "04A1B2C3D4E5F6", "type": "ISO14443"},
        "evse": {"id": 1, "connectorId": 1},
        "cableMaxCurrent": 32,
        "reservationId": 3,
        "meterValue": [
            {
                "timestamp": "2026-11-22T12:00:00.000Z",
                "sampledValue": [{**ENERGY_201, "context": "Transaction.Begin"}],
            }
        ],
    }


def test_what_the_meter_signed_is_said_with_the_register_only(rig: Rig) -> None:
    power = Quantity("Power.Active.Import", 7000.0, "W")
    begin = Sample(NOON, "Transaction.Begin", (ENERGY, power), "OCMF|{}|{}", "3059AB")
    values = said(rig, started(samples=(begin,)))["meterValue"][0]["sampledValue"]
    assert values[0]["signedMeterValue"] == {
        "signedMeterData": "T0NNRnx7fXx7fQ==",
        "signingMethod": "ECDSA-secp256r1-SHA256",  # the record names none, and OCMF then means this one
        "encodingMethod": "OCMF",
        "publicKey": b64encode(b"oca:base16:asn1:3059AB").decode(),
    }
    assert "signedMeterValue" not in values[1]


def test_a_record_too_long_for_the_message_is_left_out_and_a_strange_key_does_no_harm(rig: Rig) -> None:
    long = Sample(NOON, "Transaction.Begin", (ENERGY,), "x" * 1900, "3059AB")
    strange = Sample(NOON, "Transaction.Begin", (ENERGY,), "OCMF|{}|{}", "no hex")
    values = [value["sampledValue"][0] for value in said(rig, started(samples=(long, strange)))["meterValue"]]
    assert "signedMeterValue" not in values[0]
    assert values[1]["signedMeterValue"]["publicKey"] == "bm8gaGV4"


def test_a_start_says_nothing_that_is_not_known(rig: Rig) -> None:
    assert said(rig, started(token=None, trigger=Trigger.CABLE_PLUGGED_IN)) == {
        "eventType": "Started",
        "timestamp": "2026-11-22T12:00:00.000Z",
        "triggerReason": "CablePluggedIn",
        "seqNo": 0,
        "transactionInfo": {"transactionId": TX, "chargingState": "EVConnected"},
        "evse": {"id": 1, "connectorId": 1},
    }


def test_an_update_says_what_changed_and_whether_it_was_offline(rig: Rig) -> None:
    assert said(rig, updated(offline=True)) == {
        "eventType": "Updated",
        "timestamp": "2026-11-22T12:00:00.000Z",
        "triggerReason": "ChargingStateChanged",
        "seqNo": 1,
        "transactionInfo": {"transactionId": TX, "chargingState": "Charging"},
        "offline": True,
    }


def test_a_token_that_comes_later_is_told_when_it_is_news(rig: Rig) -> None:
    event = said(rig, updated(trigger=Trigger.AUTHORIZED, token=CARD, remote_start_id=5))
    assert event["idToken"] == {"idToken": "04A1B2C3D4E5F6", "type": "ISO14443"}
    assert event["transactionInfo"]["remoteStartId"] == 5


def test_an_end_says_why_and_who(rig: Rig) -> None:
    end = Sample(NOON + timedelta(hours=1), "Transaction.End", (ENERGY,))
    assert said(rig, ended(samples=(end,))) == {
        "eventType": "Ended",
        "timestamp": "2026-11-22T12:00:00.000Z",
        "triggerReason": "StopAuthorized",
        "seqNo": 2,
        "transactionInfo": {"transactionId": TX, "chargingState": "EVConnected", "stoppedReason": "Local"},
        "idToken": {"idToken": "04A1B2C3D4E5F6", "type": "ISO14443"},
        "meterValue": [
            {"timestamp": "2026-11-22T13:00:00.000Z", "sampledValue": [{**ENERGY_201, "context": "Transaction.End"}]}
        ],
    }


@pytest.mark.parametrize("trigger", Trigger)
@pytest.mark.parametrize("state", ChargingState)
def test_every_trigger_and_state_can_be_said(rig: Rig, trigger: Trigger, state: ChargingState) -> None:
    event = said(rig, updated(trigger=trigger, state=state))
    assert (event["triggerReason"], event["transactionInfo"]["chargingState"]) == (trigger, state)


@pytest.mark.parametrize("reason", StopReason)
def test_every_reason_for_a_stop_can_be_said(rig: Rig, reason: StopReason) -> None:
    assert said(rig, ended(reason=reason))["transactionInfo"]["stoppedReason"] == REASONS[reason]


def test_2_x_does_not_tell_a_hard_reset_from_a_soft_one() -> None:
    assert REASONS[StopReason.HARD_RESET] == REASONS[StopReason.IMMEDIATE_RESET] == "ImmediateReset"


def test_the_phases_that_carry_current_are_counted(rig: Rig) -> None:
    currents = tuple(
        Quantity("Current.Import", amps, "A", phase) for amps, phase in ((16, "L1"), (15.9, "L2"), (0.1, "L3"))
    )
    assert said(rig, updated(samples=(Sample(NOON, "Sample.Periodic", currents),)))["numberOfPhasesUsed"] == 2
    idle = (Quantity("Current.Import", 0.0, "A", "L1"),)
    assert "numberOfPhasesUsed" not in said(rig, updated(samples=(Sample(NOON, "Sample.Periodic", idle),)))


def test_phases_are_told_where_there_are_any(rig: Rig) -> None:
    voltage = Quantity("Voltage", 230.0, "V", "L1-N")
    event = said(rig, updated(samples=(Sample(NOON, "Sample.Periodic", (voltage,)),)))
    assert event["meterValue"][0]["sampledValue"][0]["phase"] == "L1-N"


def test_values_outside_a_transaction_are_meter_values(rig: Rig) -> None:
    assert rig.say(MetersSampled(2, (Sample(NOON, "Sample.Clock", (ENERGY,)),))) == (
        "MeterValues",
        {
            "evseId": 2,
            "meterValue": [
                {"timestamp": "2026-11-22T12:00:00.000Z", "sampledValue": [{**ENERGY_201, "context": "Sample.Clock"}]}
            ],
        },
    )


def test_what_2_0_1_has_no_word_for_is_left_out(rig: Rig) -> None:
    assert rig.say(MetersSampled(1, (Sample(NOON, "Sample.Clock", (Quantity("RPM", 1.0, ""),)),))) is None


@pytest.mark.parametrize(
    ("token", "words"),
    [
        (Token("04A1B2C3D4E5F6", "iso14443"), {"idToken": "04A1B2C3D4E5F6", "type": "ISO14443"}),
        (Token("DE8ACC12E46L89", "eMAID"), {"idToken": "DE8ACC12E46L89", "type": "eMAID"}),
        (Token("DEADBEEF"), {"idToken": "DEADBEEF", "type": "ISO14443"}),
        (Token("FLEET-1"), {"idToken": "FLEET-1", "type": "Local"}),
        (Token("", "NoAuthorization"), {"idToken": "", "type": "NoAuthorization"}),
    ],
)
def test_every_token_has_a_type(rig: Rig, token: Token, words: dict[str, str]) -> None:
    assert said(rig, started(token=token))["idToken"] == words


def test_a_token_too_long_to_be_said_is_not_cut_to_somebody_elses(rig: Rig) -> None:
    long = "X" * 36 + "Y"
    tag = said(rig, started(token=Token(long)))["idToken"]["idToken"]
    assert len(tag) == 36
    assert tag != long[:36]


# --- answered ---------------------------------------------------------------------------------------------------------


async def test_a_refusal_after_the_start_ends_the_transaction(rig: Rig) -> None:
    ours = rig.charge()
    refusal = {"idTokenInfo": {"status": "Blocked"}}
    await rig.settle("TransactionEvent", started(transaction=ours), refusal)
    rig.guard(1, Observation("B2", ev_connected=True, cable_present=True))
    assert [fact.reason for fact in rig.facts(TransactionEnded)] == [StopReason.DEAUTHORIZED]


async def test_an_answer_without_a_verdict_changes_nothing(rig: Rig) -> None:
    ours = rig.charge()
    await rig.settle("TransactionEvent", started(transaction=ours), {"totalCost": 1.5})
    await rig.settle("TransactionEvent", updated(transaction=ours), {"idTokenInfo": {"status": "Blocked"}})
    assert rig.station.find_transaction(ours) is not None
    assert rig.facts(TransactionEnded) == []


async def test_what_is_said_of_the_token_that_ended_it_is_remembered(rig: Rig) -> None:
    group = {"groupIdToken": {"idToken": "FLEET", "type": "Central"}, "cacheExpiryDateTime": "2027-01-01T00:00:00Z"}
    await rig.settle("TransactionEvent", ended(), {"idTokenInfo": {"status": "Accepted", **group}})
    card = rig.services.cards.find(CARD)
    assert card is not None
    assert card.group == Token("FLEET", "Central")


# --- what is still owed (TC_E_28 to TC_E_34) --------------------------------------------------------------------------


def owe(rig: Rig, *facts: Fact) -> None:
    rig.journal.owed += [Record(fact, NOON, 100.0, "boot") for fact in facts]


async def status(rig: Rig, transaction: str | None = None) -> dict[str, Any]:
    return await rig.ask("GetTransactionStatus", {"transactionId": transaction} if transaction else {})


async def test_an_unknown_transaction_is_neither_running_nor_waiting(rig: Rig) -> None:
    owe(rig, updated())
    assert await status(rig, "unknown") == {"ongoingIndicator": False, "messagesInQueue": False}


@pytest.mark.parametrize("waits", [True, False])
async def test_a_running_transaction_says_whether_messages_wait(rig: Rig, waits: bool) -> None:
    ours = rig.charge()
    owe(rig, *([updated(transaction=ours)] if waits else []))
    assert await status(rig, ours) == {"ongoingIndicator": True, "messagesInQueue": waits}


@pytest.mark.parametrize("waits", [True, False])
async def test_an_ended_transaction_says_whether_messages_wait(rig: Rig, waits: bool) -> None:
    owe(rig, *([ended()] if waits else []))
    assert await status(rig, TX) == {"ongoingIndicator": False, "messagesInQueue": waits}


@pytest.mark.parametrize("waits", [True, False])
async def test_without_an_id_only_the_queue_is_told(rig: Rig, waits: bool) -> None:
    rig.charge()
    owe(rig, *([ended()] if waits else [MetersSampled(1)]))
    assert await status(rig) == {"messagesInQueue": waits}


async def test_a_queue_too_long_to_search_is_said_to_hold_messages(rig: Rig) -> None:
    owe(rig, *[MetersSampled(1)] * (LOOKED_THROUGH + 1))
    assert await status(rig, "unknown") == {"ongoingIndicator": False, "messagesInQueue": True}
