"""Nothing that the `ocpp` package's receive loop could die on gets past the tape."""

import json
from typing import Any

import pytest

from chargepoint.demo.csms import password_in
from chargepoint.demo.ledger import Ledger
from chargepoint.demo.tape import read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "3",
        "[]",
        '[2,"1",["Heartbeat"],{}]',
        '[2,"1","Heartbeat"]',
        '[2,"1","Heartbeat",{},{}]',
        '[2,"1","Heartbeat",[]]',
        '[2,1,"Heartbeat",{}]',
        '["2","1","Heartbeat",{}]',
        "[true]",
        '[9,"1",{}]',
        "[" * 100_000,
        f'[2,"1","Heartbeat",{{"a":{"9" * 5000}}}]',
        '[4,"1","GenericError","",null]',
    ],
)
def test_odd_frames_are_dropped(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    "message",
    [[2, "1", "Heartbeat", {}], [3, "1", {"status": "Accepted"}], [4, "1", "GenericError", "", {}]],
)
def test_sound_frames_pass(message: list[Any]) -> None:
    assert read(json.dumps(message)) == tuple(message)


def test_the_password_of_a_basic_header_may_contain_colons() -> None:
    assert password_in("Basic Q1AxOmE6Yg==") == "a:b"
    assert password_in("Bearer x") is None
    assert password_in("Basic ???") is None


def test_the_same_start_told_twice_gets_the_same_number() -> None:
    ledger = Ledger({"04A1": "Ada"})
    first = ledger.transaction_number(("CP1", 1, "04A1", 1000, "12:00"))
    assert ledger.transaction_number(("CP1", 1, "04A1", 1042, "12:10")) != first
    assert ledger.transaction_number(("CP1", 1, "04A1", 1000, "12:00")) == first


def test_tokens_compare_without_case_and_strangers_are_refused() -> None:
    ledger = Ledger({"04A1": "Ada"})
    assert (ledger.verdict("04a1"), ledger.verdict("FFFF")) == ("Accepted", "Invalid")
