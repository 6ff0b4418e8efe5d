"""Whatever may happen at a station, both dialects say it in a way that the standard's schemas allow."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from chargepoint.ocpp import v16, v201
from chargepoint.ocpp.dialect import Dialect
from chargepoint.ocpp.instants import lateness, number_text, read_time, shifted, time_text
from chargepoint.ocpp.tokens import shortened
from chargepoint.ocpp.v16.meter_values import MEASURANDS
from tests.ocpp.rig import NOON, FakeClock, Rig

TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
AMOUNTS = st.floats(-1e9, 1e9)
QUANTITIES = st.builds(
    Quantity,
    measurand=st.sampled_from(sorted(MEASURANDS | {"Energy.Active.Net"})),
    value=AMOUNTS,
    unit=st.sampled_from(["Wh", "A", "V", "W", "Hz", "Percent", ""]),
    phase=st.sampled_from(["", "L1", "L2", "L3", "L1-N"]),
)
CONTEXTS = st.sampled_from(["Transaction.Begin", "Sample.Periodic", "Sample.Clock", "Transaction.End", "Trigger"])
SAMPLES = st.lists(st.builds(Sample, TIMES, CONTEXTS, st.lists(QUANTITIES, max_size=3).map(tuple)), max_size=3).map(
    tuple
)
TOKENS = st.none() | st.builds(Token, st.text(max_size=60), st.sampled_from(["", "ISO14443", "emaid", "Other"]))
COMMON = {
    "evse": st.integers(1, 9), "transaction": st.just("tx-1"), "seq_no": st.integers(0, 9999),
    "trigger": st.sampled_from(Trigger), "state": st.sampled_from(ChargingState), "token": TOKENS,
    "samples": SAMPLES, "offline": st.booleans(),
}  # fmt: skip
REGISTER = {"session": st.just("s-1"), "meter_wh": st.floats(0, 1e9)}
FACTS: st.SearchStrategy[Fact] = st.one_of(
    st.builds(TransactionStarted, **COMMON, **REGISTER, cable_a=st.none() | st.floats(6, 80)),
    st.builds(TransactionUpdated, **COMMON),
    st.builds(TransactionEnded, **COMMON, **REGISTER, reason=st.sampled_from(StopReason)),
    st.builds(MetersSampled, st.integers(0, 9), SAMPLES),
)


@pytest.mark.parametrize("dialect", [v16.DIALECT, v201.DIALECT], ids=["1.6", "2.0.1"])
def test_every_fact_is_said_as_the_schemas_allow(dialect: Dialect) -> None:
    rig = Rig(dialect)
    rig.journal.numbers["tx-1"] = 7

    @settings(deadline=None, max_examples=200)
    @given(FACTS)
    def said(fact: Fact) -> None:
        rig.say(fact)

    said()


@given(TIMES)
def test_a_time_is_read_back_to_the_millisecond(at: datetime) -> None:
    text = time_text(at)
    assert text.endswith("Z")
    assert timedelta(0) <= at - read_time(text) < timedelta(milliseconds=1)


@given(AMOUNTS)
def test_a_number_is_written_plainly(value: float) -> None:
    text = number_text(value)
    assert set(text) <= set("-0123456789.")
    assert text != "-0"
    assert abs(float(text) - value) <= 0.0005 + abs(value) * 1e-12


@given(st.text(max_size=80), st.integers(10, 36))
def test_a_shortened_token_fits_and_is_never_the_beginning_of_the_long_one(value: str, longest: int) -> None:
    short = shortened(value, longest)
    assert len(short) <= longest
    assert short == value if len(value) <= longest else short != value[:longest]
    assert shortened(short, longest) == short


# --- a clock that was not trusted -------------------------------------------------------------------------------------

BORN = datetime(1970, 1, 1, tzinfo=UTC)
FACT = MetersSampled(1)


def test_a_trusted_time_is_left_alone() -> None:
    assert lateness(FakeClock(), Record(FACT, BORN, 40.0, "boot")) == timedelta(0)


def test_an_untrusted_time_of_this_boot_is_counted_back_from_now() -> None:
    clock = FakeClock(at=NOON, mono_s=100.0)
    record = Record(FACT, BORN, 40.0, "boot", trusted=False)
    assert record.at + lateness(clock, record) == NOON - timedelta(seconds=60)


def test_a_record_is_moved_with_all_its_samples() -> None:
    sample = Sample(BORN, "Sample.Clock", ())
    record = Record(MetersSampled(1, (sample,)), BORN, 40.0, "boot", trusted=False)
    moved = shifted(record, NOON - BORN)
    assert isinstance(moved.fact, MetersSampled)
    assert (moved.at, moved.fact.samples[0].at) == (NOON, NOON)
    assert shifted(record, timedelta(0)) is record


def test_nothing_can_be_said_of_another_boots_clock() -> None:
    assert lateness(FakeClock(), Record(FACT, BORN, 40.0, "another", trusted=False)) == timedelta(0)
