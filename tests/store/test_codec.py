"""Facts written and read again are the same, in this version and across versions."""

import json
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.core.facts import (
    ChargingState,
    Fact,
    FaultCleared,
    Sample,
    Token,
    TokenAccepted,
    TransactionStarted,
    TransactionUpdated,
    Trigger,
)
from chargepoint.store.codec import Undecodable, decode, encode, kinds
from chargepoint.store.packing import pack, unpack
from tests.store.given import charging, started, three_phases

st.register_type_strategy(float, st.floats(allow_nan=False))
st.register_type_strategy(str, st.text(max_size=50))
TIMES = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0))
SAMPLES = st.builds(Sample, at=TIMES)
KINDS = sorted(kinds().values(), key=lambda kind: kind.__name__)


def any_fact(kind: type[Fact]) -> st.SearchStrategy[Fact]:
    fields = {"samples": st.lists(SAMPLES, max_size=3).map(tuple), "started_at": st.none() | TIMES, "until": TIMES}
    return st.builds(kind, **{name: made for name, made in fields.items() if name in kind.__dataclass_fields__})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_fact_is_read_as_it_was_written(kind: type[Fact]) -> None:
    @settings(deadline=None)  # the first example pays for building the strategies
    @given(any_fact(kind))
    def whatever_is_in_it(fact: Fact) -> None:
        again = decode(kind.__name__, encode(fact))
        assert again == fact
        assert repr(again) == repr(fact)  # tokens equal others of their id: look closer

    whatever_is_in_it()


@given(st.text())
def test_what_is_packed_is_unpacked(text: str) -> None:
    assert unpack(pack(text)) == text


def test_a_sample_shrinks_to_a_quarter() -> None:
    text = encode(charging("0b9c4a9e-7c86-4ef0-bd4f-2c8b3f1c1f7a", 4321))
    assert len(text) > 400
    assert len(pack(text)) < len(text) / 3


@pytest.mark.parametrize("garbage", [b"", b"\x63abc", b"\x00\xff\xff\xff\xff"])
def test_bytes_that_were_not_packed_are_refused(garbage: bytes) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        unpack(garbage)


def test_fields_a_newer_version_added_are_ignored() -> None:
    stored = json.loads(encode(charging("a", 1)))
    stored["price"] = {"amount": 3}
    stored["samples"][0] += ["", "", "a new thing"]
    stored["samples"][0][2][0] += ["", "Outlet", "a new thing"]

    assert decode("TransactionUpdated", json.dumps(stored)) == charging("a", 1)


def test_fields_an_older_version_did_not_have_get_their_default() -> None:
    stored = '{"evse":1,"transaction":"a","seq_no":3,"trigger":"MeterValueClock","state":"Charging"}'

    assert decode("TransactionUpdated", stored) == TransactionUpdated(
        1, "a", 3, Trigger.METER_VALUE_CLOCK, ChargingState.CHARGING
    )


def test_what_equals_its_default_is_not_written() -> None:
    text = encode(started("a", token=None))
    assert "reservation_id" not in text
    assert "offline" not in text
    assert decode("TransactionStarted", text) == started("a", token=None)


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("TeaMade", "{}"),
        ("FaultCleared", "{}"),
        ("FaultCleared", "not JSON"),
        ("FaultCleared", "[]"),
        ("AvailabilityChanged", '"text"'),
        ("StatusChanged", '{"evse":1,"status":"asleep"}'),
        ("TransactionUpdated", '{"evse":1,"transaction":"a","seq_no":3,"trigger":"X","state":"Charging"}'),
    ],
)
def test_what_this_version_cannot_read_is_said_to_be_so(kind: str, stored: str) -> None:
    with pytest.raises(Undecodable, match=kind):
        decode(kind, stored)


def test_the_format_stays_as_it_is() -> None:
    """Files of installed stations look like this: a change here needs a migration."""
    token = Token("04A1B2C3", "ISO14443")
    fact = TransactionStarted(
        1, "tx", "session", 0, Trigger.AUTHORIZED, ChargingState.CHARGING, token, 10.5,
        (Sample(three_phases(0).at, "Transaction.Begin", three_phases(0).quantities[:1]),), cable_a=32.0,
    )  # fmt: skip
    assert json.loads(encode(fact)) == {
        "evse": 1,
        "transaction": "tx",
        "session": "session",
        "seq_no": 0,
        "trigger": "Authorized",
        "state": "Charging",
        "token": ["04A1B2C3", "ISO14443"],
        "meter_wh": 10.5,
        "samples": [
            ["2025-06-01T12:00:00+00:00", "Transaction.Begin", [["Energy.Active.Import.Register", 1234567.8, "Wh"]]]
        ],
        "cable_a": 32.0,
    }
    assert encode(TokenAccepted(2, "s", Token("ab"), "cache")) == '{"evse":2,"session":"s","token":["ab"],"by":"cache"}'
    assert encode(FaultCleared(0, "earth_leakage")) == '{"evse":0,"name":"earth_leakage"}'
