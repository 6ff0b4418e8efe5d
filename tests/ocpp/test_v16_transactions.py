"""How 1.6 tells of transactions, and what it makes of the answers."""

from datetime import timedelta

import pytest

from chargepoint.core.facts import (
    ChargingState,
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
from chargepoint.ocpp.dialect import NotYet
from chargepoint.ocpp.v16 import DIALECT
from chargepoint.ocpp.v16.transactions import REASONS
from tests.ocpp.rig import CARD, NOON, Rig

ENERGY = Quantity("Energy.Active.Import.Register", 1234.5, "Wh")
CURRENT = Quantity("Current.Import", 15.999, "A", "L1")
PERIODIC = Sample(NOON, "Sample.Periodic", (ENERGY, CURRENT))
BEGIN = Sample(NOON, "Transaction.Begin", (ENERGY,))
END = Sample(NOON + timedelta(hours=1), "Transaction.End", (ENERGY,))

ENERGY_16 = {
    "value": "1234.5", "measurand": "Energy.Active.Import.Register", "location": "Outlet", "unit": "Wh",
}  # fmt: skip
CURRENT_16 = {"value": "15.999", "measurand": "Current.Import", "phase": "L1", "location": "Outlet", "unit": "A"}


def started(**changed: object) -> TransactionStarted:
    fact: dict[str, object] = {
        "evse": 1, "transaction": "tx-1", "session": "s-1", "seq_no": 0, "trigger": Trigger.AUTHORIZED,
        "state": ChargingState.EV_CONNECTED, "token": CARD, "meter_wh": 1234.9,
    }  # fmt: skip
    return TransactionStarted(**{**fact, **changed})  # type: ignore[arg-type]


def updated(**changed: object) -> TransactionUpdated:
    fact: dict[str, object] = {
        "evse": 1, "transaction": "tx-1", "seq_no": 1, "trigger": Trigger.METER_VALUE_PERIODIC,
        "state": ChargingState.CHARGING, "samples": (PERIODIC,),
    }  # fmt: skip
    return TransactionUpdated(**{**fact, **changed})  # type: ignore[arg-type]


def ended(**changed: object) -> TransactionEnded:
    fact: dict[str, object] = {
        "evse": 1, "transaction": "tx-1", "session": "s-1", "seq_no": 2, "trigger": Trigger.STOP_AUTHORIZED,
        "state": ChargingState.EV_CONNECTED, "reason": StopReason.LOCAL, "token": CARD, "meter_wh": 4914.2,
    }  # fmt: skip
    return TransactionEnded(**{**fact, **changed})  # type: ignore[arg-type]


@pytest.fixture
def rig() -> Rig:
    rig = Rig(DIALECT)
    rig.journal.numbers["tx-1"] = 7
    return rig


# --- said -------------------------------------------------------------------------------------------------------------


def test_a_start_says_who_where_when_and_the_register_rounded_down(rig: Rig) -> None:
    assert rig.say(started()) == (
        "StartTransaction",
        {"connectorId": 1, "idTag": "04A1B2C3D4E5F6", "meterStart": 1234, "timestamp": "2026-11-22T12:00:00.000Z"},
    )


def test_a_start_that_uses_a_reservation_names_it(rig: Rig) -> None:
    said = rig.say(started(reservation_id=42))
    assert said is not None
    assert said[1]["reservationId"] == 42


def test_meter_values_belong_to_the_number_the_csms_gave(rig: Rig) -> None:
    values = [{"context": "Sample.Periodic", **value} for value in (ENERGY_16, CURRENT_16)]
    assert rig.say(updated()) == (
        "MeterValues",
        {
            "connectorId": 1,
            "transactionId": 7,
            "meterValue": [{"timestamp": "2026-11-22T12:00:00.000Z", "sampledValue": values}],
        },
    )


def test_a_change_of_state_without_samples_has_no_word(rig: Rig) -> None:
    assert rig.say(updated(samples=(), trigger=Trigger.CHARGING_STATE_CHANGED)) is None


def test_a_stop_says_the_register_the_reason_who_and_what_was_collected(rig: Rig) -> None:
    assert rig.say(ended(samples=(BEGIN, END))) == (
        "StopTransaction",
        {
            "transactionId": 7,
            "meterStop": 4914,
            "timestamp": "2026-11-22T12:00:00.000Z",
            "reason": "Local",
            "idTag": "04A1B2C3D4E5F6",
            "transactionData": [
                {
                    "timestamp": "2026-11-22T12:00:00.000Z",
                    "sampledValue": [{**ENERGY_16, "context": "Transaction.Begin"}],
                },
                {
                    "timestamp": "2026-11-22T13:00:00.000Z",
                    "sampledValue": [{**ENERGY_16, "context": "Transaction.End"}],
                },
            ],
        },
    )


def test_a_stop_that_nobody_identified_himself_for_names_nobody(rig: Rig) -> None:
    said = rig.say(ended(token=None, reason=StopReason.EV_DISCONNECTED))
    assert said == (
        "StopTransaction",
        {"transactionId": 7, "meterStop": 4914, "timestamp": "2026-11-22T12:00:00.000Z", "reason": "EVDisconnected"},
    )


@pytest.mark.parametrize("fact", [updated(), ended()])
def test_what_needs_the_number_waits_for_it(fact: TransactionUpdated | TransactionEnded) -> None:
    with pytest.raises(NotYet, match="tx-1"):
        Rig(DIALECT).say(fact)


def test_values_outside_a_transaction_name_no_transaction(rig: Rig) -> None:
    said = rig.say(MetersSampled(2, (Sample(NOON, "Sample.Clock", (ENERGY,)),)))
    assert said == (
        "MeterValues",
        {
            "connectorId": 2,
            "meterValue": [
                {
                    "timestamp": "2026-11-22T12:00:00.000Z",
                    "sampledValue": [{**ENERGY_16, "context": "Sample.Clock"}],
                }
            ],
        },
    )


def test_what_1_6_has_no_word_for_is_left_out(rig: Rig) -> None:
    unsayable = Quantity("Energy.Active.Net", 1.0, "Wh")
    assert rig.say(MetersSampled(1, (Sample(NOON, "Sample.Clock", (unsayable,)),))) is None
    frequency = rig.say(MetersSampled(1, (Sample(NOON, "Sample.Clock", (Quantity("Frequency", 50.0, "Hz"),)),)))
    assert frequency is not None
    assert frequency[1]["meterValue"][0]["sampledValue"] == [
        {"value": "50", "context": "Sample.Clock", "measurand": "Frequency", "location": "Outlet"}
    ]


@pytest.mark.parametrize("reason", StopReason)
def test_every_reason_for_a_stop_can_be_said(rig: Rig, reason: StopReason) -> None:
    said = rig.say(ended(reason=reason))
    assert said is not None
    assert said[1]["reason"] == REASONS[reason]


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (StopReason.IMMEDIATE_RESET, "SoftReset"),
        (StopReason.HARD_RESET, "HardReset"),
        (StopReason.DEAUTHORIZED, "DeAuthorized"),
        (StopReason.GROUND_FAULT, "Other"),
        (StopReason.UNLOCK_COMMAND, "UnlockCommand"),
    ],
)
def test_reasons_are_said_in_the_words_of_1_6(reason: StopReason, word: str) -> None:
    assert REASONS[reason] == word


# --- tokens that do not fit -------------------------------------------------------------------------------------------


def test_a_token_too_long_for_1_6_becomes_one_that_no_card_carries(rig: Rig) -> None:
    long, longer = "DE8ACC12E46L89DE8ACC12", "DE8ACC12E46L89DE8ACC13"
    tags = [rig.say(started(token=Token(value)))[1]["idTag"] for value in (long, longer, long.lower())]  # type: ignore[index]
    assert all(len(tag) == 20 for tag in tags)
    assert tags[0] not in (long[:20], tags[1])
    assert tags[0].casefold() == tags[2].casefold()


@pytest.mark.parametrize("nobody", [None, Token("", "NoAuthorization")])
def test_free_charging_still_needs_an_id_tag(rig: Rig, nobody: Token | None) -> None:
    said = rig.say(started(token=nobody))
    assert said is not None
    assert said[1]["idTag"] == "NoAuthorization"


def test_times_of_an_earlier_boot_stay_as_they_are(rig: Rig) -> None:
    said = rig.say(started(), at=NOON.replace(year=1970), trusted=False, boot="the one before")
    assert said is not None
    assert said[1]["timestamp"] == "1970-11-22T12:00:00.000Z"


# --- answered ---------------------------------------------------------------------------------------------------------


async def test_the_answer_to_a_start_brings_the_number() -> None:
    rig = Rig(DIALECT)
    ours = rig.charge()
    rig.journal.numbers.clear()
    answer = {"transactionId": 99, "idTagInfo": {"status": "Accepted"}}
    await rig.settle("StartTransaction", started(transaction=ours), answer)
    assert rig.journal.numbers == {ours: 99}
    assert rig.station.find_transaction(99) is not None


async def test_a_start_that_is_refused_afterwards_ends_the_transaction() -> None:
    rig = Rig(DIALECT)
    ours = rig.charge()
    refusal = {"transactionId": 99, "idTagInfo": {"status": "Blocked"}}
    await rig.settle("StartTransaction", started(transaction=ours), refusal)
    rig.guard(1, Observation("B2", ev_connected=True, cable_present=True))
    assert [fact.reason for fact in rig.facts(TransactionEnded)] == [StopReason.DEAUTHORIZED]


async def test_the_number_survives_an_answer_whose_date_is_nonsense() -> None:
    rig = Rig(DIALECT)
    answer = {"transactionId": 99, "idTagInfo": {"status": "Accepted", "expiryDate": "soon"}}
    with pytest.raises(ValueError, match="soon"):
        await DIALECT.answers["StartTransaction"](rig.services, Record(started(), NOON, 1.0), answer)
    assert rig.journal.numbers == {"tx-1": 99}


async def test_what_is_said_of_the_card_that_stopped_is_remembered(rig: Rig) -> None:
    group = {"idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET", "expiryDate": "2027-01-01T00:00:00Z"}}
    await rig.settle("StopTransaction", ended(), group)
    card = rig.services.cards.find(CARD)
    assert card is not None
    assert (card.status, card.group) == ("Accepted", Token("FLEET"))
    assert card.expires_at is not None


async def test_an_answer_to_a_stop_may_say_nothing(rig: Rig) -> None:
    await rig.settle("StopTransaction", ended(), {})
    assert rig.services.cards.find(CARD) is None
