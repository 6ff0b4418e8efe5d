"""What a log line is about goes with it as fields, for the machine's journal and for our own log."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chargepoint.core.facts import CablePlugged, StatusChanged, StopReason, TransactionEnded
from chargepoint.core.terms import ChargingState, Trigger
from chargepoint.logfields import about, about_fact, fields_of, journal_fields, unsaid
from chargepoint.records.logbook import KeptLines
from chargepoint.store.ring import Ring

TRANSACTION = "0d0f1c7a-1f2e-4a53-9a77-25a3f7f6c001"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def record(words: str, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("chargepoint.daemon", logging.INFO, "", 0, words, None, None)
    made.__dict__.update(fields)
    return made


def test_a_line_says_which_evse_and_transaction_it_is_about() -> None:
    told = record("started", **about(evse=1, transaction=TRANSACTION))
    assert journal_fields(told) == {"CHARGEPOINT_EVSE": "1", "CHARGEPOINT_TRANSACTION": TRANSACTION}


def test_what_a_line_is_not_about_is_no_field() -> None:
    assert fields_of(record("stopping", **about())) == {}
    assert journal_fields(record("of a library that knows nothing of it")) == {}
    assert fields_of(record("of a library that means something else", about="the weather")) == {}


def test_a_fact_says_what_it_is_about_by_itself() -> None:
    ended = TransactionEnded(
        2, TRANSACTION, "s-1", 3, Trigger.EV_DEPARTED, ChargingState.IDLE, StopReason.LOCAL, None, 10.0
    )
    assert fields_of(record("", **about_fact(ended))) == {"evse": "2", "session": "s-1", "transaction": TRANSACTION}
    assert fields_of(record("", **about_fact(CablePlugged(1)))) == {"evse": "1"}
    assert fields_of(record("", **about_fact(StatusChanged(0, None)))) == {}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "fields", "behind"),
    [
        ("evse=1 charging", about(evse=1), ""),
        ("meter of EVSE 1: no answer", about(driver="meter of EVSE 1"), ""),
        ("no link to the back office", about(csms="lost"), " {csms=lost}"),
        ("the bill is written", about(evse=2, transaction=TRANSACTION), " {evse=2, transaction=0d0f1c7a}"),
        ("transaction=0d0f1c7a ended", about(transaction=TRANSACTION), ""),
    ],
)
def test_our_own_log_tells_behind_a_line_what_its_words_do_not(
    words: str, fields: dict[str, object], behind: str
) -> None:
    assert unsaid(record(words, **fields), words) == behind


def test_a_kept_line_has_its_fields_before_its_traceback(tmp_path: Path) -> None:
    ring = Ring(tmp_path / "logs", "log")
    kept = KeptLines(ring, lambda: NOON)
    failed = record("the bill is not written", **about(evse=2))
    try:
        raise OSError("no room")
    except OSError as error:
        failed.exc_info = (OSError, error, error.__traceback__)
    kept.emit(failed)
    ((_, line),) = ring.lines()
    assert line.splitlines()[0].endswith("INFO    chargepoint.daemon: the bill is not written {evse=2}")
    assert line.splitlines()[-1].endswith("OSError: no room")
