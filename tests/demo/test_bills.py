"""The bill is computed from the frames the back office received, whatever order and however often they came."""

from datetime import UTC, datetime

import pytest

from chargepoint.demo.bills import Bill, bills, in_wh
from tests.demo.frames import CARD_201, OK_16, START_16, STOP_16, answered, asked, energy, event


def test_a_1_6_bill_is_stop_minus_start() -> None:
    frames = [
        asked("a", "StartTransaction", START_16),
        answered("a", OK_16),
        asked("b", "StopTransaction", STOP_16),
        answered("b", {}),
    ]
    assert bills(frames) == [
        Bill(
            transaction="7",
            token="04A1",
            start_wh=1000,
            stop_wh=1042,
            started_at=datetime(2026, 11, 22, 12, 0, 5, tzinfo=UTC),
            ended_at=datetime(2026, 11, 22, 12, 10, 5, tzinfo=UTC),
            reason="EVDisconnected",
        )
    ]
    assert bills(frames)[0].energy_wh == 42


def test_a_stop_that_was_never_answered_is_no_bill_yet() -> None:
    frames = [
        asked("a", "StartTransaction", START_16),
        answered("a", OK_16),
        asked("b", "StopTransaction", STOP_16),
    ]
    assert bills(frames) == []


def test_a_stop_told_twice_is_billed_once() -> None:
    start = [asked("a", "StartTransaction", START_16), answered("a", OK_16)]
    stop = [asked("b", "StopTransaction", STOP_16), answered("b", {})]
    assert len(bills(start + stop + stop)) == 1
    again = [asked("c", "StopTransaction", STOP_16), answered("c", {})]
    assert len(bills(start + stop + again)) == 1


def test_a_stop_of_an_unknown_transaction_is_not_billed() -> None:
    assert bills([asked("b", "StopTransaction", STOP_16), answered("b", {})]) == []


def _story_201() -> list[dict[str, object]]:
    return [
        event("Started", 0, energy(5000.25, "Transaction.Begin"), idToken=CARD_201),
        event("Updated", 1, energy(5010.0, "Sample.Periodic"), trigger="MeterValuePeriodic"),
        event(
            "Ended", 2, energy(5000.25, "Transaction.Begin"), energy(5031.5, "Transaction.End"),
            trigger="StopAuthorized", info={"stoppedReason": "Local"},
        ),
    ]  # fmt: skip


def test_a_2_0_1_bill_is_the_end_register_minus_the_begin_register() -> None:
    frames = [
        f for n, payload in enumerate(_story_201())
        for f in (asked(str(n), "TransactionEvent", payload), answered(str(n), {}))
    ]  # fmt: skip
    (bill,) = bills(frames)
    assert (bill.transaction, bill.token, bill.reason) == ("t-1", "04A1", "Local")
    assert (bill.start_wh, bill.stop_wh, bill.energy_wh) == (5000.25, 5031.5, 31.25)


def test_events_that_come_out_of_order_and_twice_make_the_same_bill() -> None:
    first, second, third = _story_201()
    order = [third, first, second, third]
    frames = [
        f for n, payload in enumerate(order)
        for f in (asked(str(n), "TransactionEvent", payload), answered(str(n), {}))
    ]  # fmt: skip
    (bill,) = bills(frames)
    assert bill.energy_wh == 31.25


def test_a_transaction_that_goes_on_has_no_bill() -> None:
    assert bills([asked("0", "TransactionEvent", _story_201()[0]), answered("0", {})]) == []


def test_an_end_without_an_end_register_is_an_error_and_not_a_guess() -> None:
    story = [event("Started", 0, energy(1.0, "Transaction.Begin")), event("Ended", 1)]
    frames = [f for n, p in enumerate(story) for f in (asked(str(n), "TransactionEvent", p), answered(str(n), {}))]
    with pytest.raises(ValueError, match=r"Transaction\.End"):
        bills(frames)


def test_two_stations_may_use_the_same_message_ids() -> None:
    other = {**START_16, "idTag": "FFFF"}
    frames = [
        asked("a", "StartTransaction", START_16),
        asked("a", "StartTransaction", other, station="CP2"),
        answered("a", OK_16),
        answered("a", {**OK_16, "transactionId": 8}, station="CP2"),
        asked("b", "StopTransaction", {**STOP_16, "transactionId": 8}, station="CP2"),
        answered("b", {}, station="CP2"),
    ]
    assert [bill.token for bill in bills(frames)] == ["FFFF"]


@pytest.mark.parametrize(
    ("value", "wh"),
    [
        ({"value": 12.5}, 12.5),
        ({"value": 12.5, "unitOfMeasure": {"unit": "Wh"}}, 12.5),
        ({"value": 12.5, "unitOfMeasure": {"unit": "kWh"}}, 12500.0),
        ({"value": 125, "unitOfMeasure": {"unit": "Wh", "multiplier": 2}}, 12500.0),
    ],
)
def test_energy_is_read_in_every_unit_the_standard_allows(value: dict[str, object], wh: float) -> None:
    assert in_wh(value) == wh
