"""What holds while a transaction runs, which of its samples are kept, and what the journal knows of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chargepoint.core.circumstances import Circumstances
from chargepoint.core.facts import (
    ChargingState,
    Record,
    Sample,
    Token,
    TransactionStarted,
    TransactionUpdated,
    Trigger,
)
from chargepoint.core.session import State
from chargepoint.core.settings import Settings
from chargepoint.core.transaction import Stage, Transaction, conditions, rebuild
from tests.core.site import NOON

S = State
CARD = Token("CARD1", "ISO14443")
START = TransactionStarted(
    2, "tx-1", "visit-1", 0, Trigger.CABLE_PLUGGED_IN, ChargingState.EV_CONNECTED, None, 4000.0, remote_start_id=77
)
CHARGES = TransactionUpdated(2, "tx-1", 4, Trigger.CHARGING_STATE_CHANGED, ChargingState.CHARGING, token=CARD)
PAUSES = TransactionUpdated(2, "tx-1", 3, Trigger.CHARGING_STATE_CHANGED, ChargingState.SUSPENDED_EV)


@pytest.mark.parametrize(
    ("state", "connected", "transferring", "held"),
    [
        (None, True, True, ""),
        (S.PLUGGED, True, False, "EVConnected"),
        (S.AUTHORIZED, False, False, "Authorized"),
        (S.AUTHORIZED, True, False, "Authorized"),
        (S.SUPPLYING, True, False, "EVConnected Authorized PowerPathClosed"),
        (S.SUPPLYING, True, True, "EVConnected Authorized PowerPathClosed EnergyTransfer"),
        (S.INTERRUPTED, False, False, "EVConnected Authorized PowerPathClosed"),
        (S.FINISHING, True, True, "EVConnected"),
        (S.FINISHING, False, False, ""),
        (S.OVER, True, True, ""),
    ],
)
def test_what_holds_in_each_state(state: State | None, connected: bool, transferring: bool, held: str) -> None:
    """An interruption that is forgiven takes nothing back; PowerPathClosed is not the relay."""
    assert conditions(state, connected, transferring) == frozenset(held.split())


def a_transaction() -> Transaction:
    return Transaction("tx-1", "visit-1", 1, CARD, Trigger.AUTHORIZED)


def test_what_the_end_has_no_room_for_is_left_out_evenly_and_the_first_stays() -> None:
    """1.6 errata 3.89; the end value is the hundredth."""
    tx = a_transaction()
    samples = [Sample(NOON + timedelta(seconds=number), "Sample.Periodic", ()) for number in range(100)]
    for sample in samples[:99]:
        tx.collect(sample, most=100)
    assert tx.collected == samples[:99]
    tx.collect(samples[99], most=100)
    assert tx.collected == [samples[0], *samples[2:99:2], samples[99]]


def test_a_transaction_is_open_until_its_end_is_decided() -> None:
    tx = a_transaction()
    held = {stage: replace(tx, stage=stage).open for stage in Stage}
    assert held == {Stage.OPENING: True, Stage.RUNNING: True, Stage.CLOSING: False, Stage.METERING: False}


def records(*facts: TransactionStarted | TransactionUpdated) -> list[Record]:
    return [Record(fact, NOON + timedelta(seconds=number), float(number)) for number, fact in enumerate(facts)]


def test_the_journal_knows_a_transaction_by_its_own_facts() -> None:
    tx = rebuild(records(START, CHARGES, PAUSES))
    assert (tx.id, tx.session, tx.evse, tx.token) == ("tx-1", "visit-1", 2, CARD)
    assert (tx.trigger, tx.remote_start_id) == (Trigger.CABLE_PLUGGED_IN, 77)
    assert (tx.stage, tx.recorded, tx.begin_wh, tx.started_at) == (Stage.RUNNING, True, 4000.0, NOON)
    assert (tx.seq_no, tx.state, tx.charged) == (5, ChargingState.SUSPENDED_EV, True)


def test_the_token_of_the_start_is_the_transactions() -> None:
    tx = rebuild(records(replace(START, token=Token("FIRST")), CHARGES))
    assert tx.token == Token("FIRST")


def test_a_transaction_that_never_charged_is_not_said_to_have() -> None:
    assert not rebuild(records(START, PAUSES)).charged


def test_a_transaction_begins_with_its_start() -> None:
    with pytest.raises(ValueError, match="first fact is TransactionUpdated"):
        rebuild(records(CHARGES))


def test_at_first_nobody_is_online_and_everything_works() -> None:
    around = Circumstances(Settings())
    assert (around.online, around.unaccepted, around.clock_trusted, around.journal_fault) == (False, False, True, "")
    assert len({around.new_id() for _ in range(9)}) == 9
    assert len(around.new_id()) == 36
