"""A record as a row of the tables `facts` and `samples`, and back."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from chargepoint.core.facts import EPOCH, Fact, MetersSampled, Owed, Record, TransactionUpdated, Trigger
from chargepoint.store.codec import Undecodable, decode, encode
from chargepoint.store.database import Row
from chargepoint.store.packing import pack, unpack

PERIODIC = (Trigger.METER_VALUE_PERIODIC, Trigger.METER_VALUE_CLOCK)

COLUMNS = "id, kind, body, at_us, mono_s, boots.boot, trusted"
"""What `record_of` takes, from either table joined with boots."""

_MICROSECOND = timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    return (at - EPOCH) // _MICROSECOND


def instant(us: int) -> datetime:
    return EPOCH + timedelta(microseconds=us)


def is_owed(record: Record) -> bool:
    """Must the CSMS hear of it? All others are for those who listen now, and are not stored."""
    return isinstance(record.fact, Owed)


def is_sample(fact: Fact) -> bool:
    """One of many of its kind: a power cut may take the last few, and no bill suffers."""
    match fact:
        case TransactionUpdated(trigger=trigger, token=None):
            return trigger in PERIODIC
        case MetersSampled():
            return True
    return False


def transaction_of(fact: Fact) -> str | None:
    name: str | None = getattr(fact, "transaction", None)
    return name


def insert(connection: sqlite3.Connection, record: Record, *, settled: bool) -> None:
    """Write a record with its number. Its boot and, unless it is a stranger's, its transaction are known already."""
    sample = is_sample(record.fact)
    body = encode(record.fact)
    connection.execute(
        _INSERT_SAMPLE if sample else _INSERT_FACT,
        (
            record.id,
            settled,
            transaction_of(record.fact),
            record.boot,
            record.trusted,
            microseconds(record.at),
            record.mono_s,
            type(record.fact).__name__,
            pack(body) if sample else body,
        ),
    )


def record_of(row: Row) -> Record:
    """Raises Undecodable when this version does not know the fact."""
    number, kind, body, at_us, mono_s, boot, trusted = row
    return Record(fact_of(kind, body), instant(at_us), mono_s, boot, bool(trusted), number)


def fact_of(kind: str, body: str | bytes) -> Fact:
    """Raises Undecodable when this version does not know the fact."""
    try:
        text = unpack(body) if isinstance(body, bytes) else body
    except ValueError as error:
        raise Undecodable(f"{kind}: {error}") from error
    return decode(kind, text)


def _insertion(table: str) -> str:
    return (
        f"INSERT INTO {table} (id, settled, tx, boot, trusted, at_us, mono_s, kind, body) VALUES"
        " (?, ?, (SELECT num FROM transactions WHERE id = ?), (SELECT num FROM boots WHERE boot = ?), ?, ?, ?, ?, ?)"
    )


_INSERT_FACT, _INSERT_SAMPLE = _insertion("facts"), _insertion("samples")
