"""A copy of the station's database for another storage card: consistent while the daemon writes, and without secrets.

A copy that goes into use again is an older state of a station that has lived on. What it still owed then may have been
sent since, and its open session has been closed and billed: `put_to_rest` sees to it that neither is sent twice. Ids
of transactions and messages are random (UUIDs), so that what begins after a restore never meets what began before.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from chargepoint.core.facts import Record, TransactionStarted, TransactionUpdated
from chargepoint.core.metering import ENERGY
from chargepoint.errors import JournalError
from chargepoint.store.codec import Undecodable
from chargepoint.store.letters import lay_down
from chargepoint.store.rows import COLUMNS, microseconds, record_of
from chargepoint.store.schema import MIGRATIONS, migrate

TABLES_VERSION = len(MIGRATIONS)

OF_THE_MOMENT = ("start", "session", "account", "conversation", "reservations", "firmware", "uploads", "update",
                 "workshop")  # fmt: skip
"""Spaces of the memory that mean nothing to a later run: how the program ended, who stood there, what was under way."""

Secrets = dict[str, Any]
"""What was taken out of the memory, to be put back: "SPACE KEY" -> value."""


def snapshot(path: Path, secret_settings: frozenset[str]) -> tuple[bytes, Secrets]:
    """The database as it is now, without the secrets, and these.

    Raises:
        JournalError: it cannot be read.
    """
    try:
        with (
            closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(":memory:", isolation_level=None)) as copy,
        ):
            source.backup(copy)
            secrets = _without_secrets(copy, secret_settings)
            copy.execute("VACUUM")  # what was deleted is in no free page either
            return copy.serialize(), secrets
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error


def _without_secrets(copy: sqlite3.Connection, secret_settings: frozenset[str]) -> Secrets:
    secrets: Secrets = {}
    stored = _get(copy, "settings", "stored") or {}
    if hidden := {name: kept for name, kept in stored.items() if name in secret_settings}:
        secrets["settings stored"] = hidden
        _put(copy, "settings", "stored", {name: kept for name, kept in stored.items() if name not in hidden})
    if (network := _get(copy, "network", "trial")) is not None:
        secrets["network trial"] = network
        copy.execute("DELETE FROM memory WHERE space = 'network'")
    return secrets


def prepared(content: bytes, secrets: Secrets, made_at: str, at: datetime, *, goes_on: bool, work: Path) -> bytes:
    """The database that a station starts with after a restore.

    `goes_on`: the station has not run since it was made: what it owes is still to be sent. `work`: a file that does not
    exist yet, for the time of the work.

    Raises:
        JournalError: damaged, or of a newer version.
    """
    try:
        work.write_bytes(content)
        with closing(sqlite3.connect(work, isolation_level=None)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise JournalError("the database in it is damaged", where=str(work), fix="Take another backup.")
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("PRAGMA foreign_keys=ON")
            migrate(connection, "the backup")
            connection.execute("BEGIN IMMEDIATE")
            _merge(connection, secrets)
            _put(connection, "uptime", "restored", made_at)
            if not goes_on:
                put_to_rest(connection, f"restored from a backup of {made_at}: it may have been sent since", at)
            connection.execute("COMMIT")
        return work.read_bytes()
    except sqlite3.Error as error:
        raise _unreadable(work, error) from error
    finally:
        work.unlink(missing_ok=True)


def put_to_rest(connection: sqlite3.Connection, why: str, at: datetime) -> None:
    """Nothing is owed any more, and no session is open. What was owed is kept for people, as dead letters."""
    for number, name in connection.execute("SELECT num, id FROM transactions WHERE ended_us IS NULL").fetchall():
        _close(connection, number, name)
    for table in ("facts", "samples"):
        owed = connection.execute(f"SELECT id FROM {table} WHERE settled = 0 ORDER BY id").fetchall()
        for (record,) in owed:
            lay_down(connection, record, why, at)
        connection.execute(f"DELETE FROM {table}")
    connection.execute("DELETE FROM frozen")
    connection.execute("DELETE FROM messages")
    connection.execute("UPDATE transactions SET bill = 'buried' WHERE bill = 'owed'")
    marks = ",".join("?" * len(OF_THE_MOMENT))
    connection.execute(f"DELETE FROM memory WHERE space IN ({marks})", OF_THE_MOMENT)


def _close(connection: sqlite3.Connection, number: int, name: str) -> None:
    """With the last register that the copy knows; who was billed, and for how much, was settled elsewhere since."""
    rows = connection.execute(_RECORDS, {"number": number}).fetchall()
    records = [record for row in rows if (record := _readable(row)) is not None]
    last = records[-1] if records else None
    begin_wh: float = connection.execute("SELECT begin_wh FROM transactions WHERE num = ?", (number,)).fetchone()[0]
    end_wh = max((wh for record in records for wh in _registers(record)), default=begin_wh)
    connection.execute(
        """UPDATE transactions SET ended_us = coalesce(?, started_us), ended_mono_s = coalesce(?, started_mono_s),
            ended_boot = started_boot, end_wh = ?, energy_wh = ?, reason = 'Other', bill = 'buried' WHERE num = ?""",
        (last and microseconds(last.at), last and last.mono_s, end_wh, end_wh - begin_wh, number),
    )


def _readable(row: tuple[Any, ...]) -> Record | None:
    try:
        return record_of(row)
    except Undecodable:
        return None


def _registers(record: Record) -> list[float]:
    if not isinstance(record.fact, TransactionStarted | TransactionUpdated):
        return []
    quantities = [each for sample in record.fact.samples for each in sample.quantities]
    return [each.value for each in quantities if each.measurand == ENERGY and not each.phase]


def _merge(connection: sqlite3.Connection, secrets: Mapping[str, Any]) -> None:
    for place, value in secrets.items():
        space, _, key = place.partition(" ")
        known = _get(connection, space, key)
        _put(connection, space, key, {**known, **value} if isinstance(known, dict) else value)


def memory_of(content: bytes) -> dict[tuple[str, str], Any]:
    """All that the copy remembers. Raises JournalError."""
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.deserialize(content)
            rows = connection.execute("SELECT space, key, value FROM memory").fetchall()
        return {(space, key): json.loads(value) for space, key, value in rows}
    except (sqlite3.Error, ValueError) as error:
        raise _unreadable(Path("the backup"), error) from error


def open_sessions(path: Path) -> tuple[int, int]:
    """Of a database that nobody uses: transactions that run, and facts that are owed. Raises JournalError."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return tuple(connection.execute(_BUSINESS).fetchone())
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error


def _get(connection: sqlite3.Connection, space: str, key: str) -> Any:
    row = connection.execute("SELECT value FROM memory WHERE space = ? AND key = ?", (space, key)).fetchone()
    return None if row is None else json.loads(row[0])


def _put(connection: sqlite3.Connection, space: str, key: str, value: Any) -> None:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    connection.execute("INSERT OR REPLACE INTO memory VALUES (?, ?, ?)", (space, key, text))


def _unreadable(path: Path, error: Exception) -> JournalError:
    fix = "Check the storage card (dmesg), or take another backup."
    return JournalError(f"the database cannot be read: {error}", where=str(path), fix=fix)


_RECORDS = (
    " UNION ALL ".join(
        f"SELECT {COLUMNS.replace('mono_s', f'{table}.mono_s')} FROM {table} JOIN boots ON boots.num = {table}.boot"
        f" WHERE tx = :number"
        for table in ("facts", "samples")
    )
    + " ORDER BY id"
)

_BUSINESS = """SELECT (SELECT count(*) FROM transactions WHERE ended_us IS NULL),
    (SELECT count(*) FROM facts WHERE settled = 0) + (SELECT count(*) FROM samples WHERE settled = 0)"""
