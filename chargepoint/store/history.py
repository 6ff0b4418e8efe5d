"""One row for every transaction: what it came to, whether its bill has been delivered, the number the CSMS gave it."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

from chargepoint.core.facts import Record, Token, TransactionEnded, TransactionStarted
from chargepoint.store.clocks import Clocks
from chargepoint.store.database import Database, Row
from chargepoint.store.rows import instant, microseconds

OWED, DELIVERED, BURIED, NONE = "owed", "delivered", "buried", "none"
"""What has become of the bill. NONE: there is no CSMS to send it to."""

PRUNED_AT_ONCE = 500
"""Rows removed in one commit: the writer's thread is needed for facts."""


def began(connection: sqlite3.Connection, record: Record, fact: TransactionStarted, bill: str) -> None:
    token = fact.token
    connection.execute(
        "INSERT INTO transactions (id, evse, start_id, bill, token, token_kind, started_us, started_mono_s,"
        " started_boot, begin_wh) VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT num FROM boots WHERE boot = ?), ?)",
        (
            fact.transaction,
            fact.evse,
            record.id,
            bill,
            token and token.value,
            token and token.kind,
            microseconds(record.at),
            record.mono_s,
            _doubtful_boot(record),
            fact.meter_wh,
        ),
    )


def identified(connection: sqlite3.Connection, transaction: str, token: Token) -> None:
    """The driver became known after the transaction began."""
    connection.execute(
        "UPDATE transactions SET token = ?, token_kind = ? WHERE id = ? AND token IS NULL",
        (token.value, token.kind, transaction),
    )


def ended(connection: sqlite3.Connection, record: Record, fact: TransactionEnded) -> None:
    connection.execute(
        "UPDATE transactions SET ended_us = ?, ended_mono_s = ?, ended_boot = (SELECT num FROM boots WHERE boot = ?),"
        " end_wh = ?, energy_wh = ?, reason = ? WHERE id = ?",
        (
            microseconds(record.at),
            record.mono_s,
            _doubtful_boot(record),
            fact.meter_wh,
            fact.energy_wh,
            fact.reason.value,
            fact.transaction,
        ),
    )


def settled(connection: sqlite3.Connection, transaction: str, bill: str) -> None:
    connection.execute("UPDATE transactions SET bill = ? WHERE id = ? AND bill = ?", (bill, transaction, OWED))


def prune(connection: sqlite3.Connection, before: datetime, boot: str) -> int:
    """Forget some transactions that ended earlier and owe nothing. Returns how many: zero when none is left.

    `boot` is the present one and stays known.
    """
    forgotten = connection.execute(
        "DELETE FROM transactions WHERE num IN (SELECT num FROM transactions WHERE ended_us < ?"
        " AND num NOT IN (SELECT tx FROM facts WHERE tx IS NOT NULL UNION SELECT tx FROM samples WHERE tx IS NOT NULL)"
        " ORDER BY num LIMIT ?)",
        (microseconds(before), PRUNED_AT_ONCE),
    ).rowcount
    connection.execute(
        "DELETE FROM boots WHERE num NOT IN (SELECT boot FROM facts UNION SELECT boot FROM samples"
        " UNION SELECT started_boot FROM transactions WHERE started_boot IS NOT NULL"
        " UNION SELECT ended_boot FROM transactions WHERE ended_boot IS NOT NULL)"
        " AND boot <> ?",
        (boot,),
    )
    return forgotten


class History:
    """Sessions for the local page, newest first."""

    def __init__(self, database: Database, clocks: Clocks) -> None:
        self._database = database
        self._clocks = clocks

    def csms_id(self, transaction: str) -> int | None:
        rows = self._database.read("SELECT csms_id FROM transactions WHERE id = ?", transaction)
        return rows[0][0] if rows else None

    def sessions(self, limit: int, offset: int) -> list[dict[str, Any]]:
        return [self._session(row) for row in self._database.read(_SESSIONS, limit, offset)]

    def _session(self, row: Row) -> dict[str, Any]:
        (name, evse, token, kind, begin_wh, end_wh, energy_wh, reason, bill) = row[:9]
        started, ended = row[9:12], row[12:15]
        return {
            "id": name,
            "evse": evse,
            "token": None if token is None else Token(token, kind),
            "started_at": self._time(*started),
            "ended_at": None if ended[0] is None else self._time(*ended),
            "energy_wh": energy_wh,
            "begin_wh": begin_wh,
            "end_wh": end_wh,
            "reason": reason,
            "delivered": None if bill == NONE else bill == DELIVERED,
        }

    def _time(self, us: int, mono_s: float, boot: str | None) -> datetime:
        return self._clocks.corrected(instant(us), mono_s, boot)


def _doubtful_boot(record: Record) -> str | None:
    return None if record.trusted else record.boot


_SESSIONS = """SELECT t.id, evse, token, token_kind, begin_wh, end_wh, energy_wh, reason, bill,
        started_us, started_mono_s, s.boot, ended_us, ended_mono_s, e.boot
    FROM transactions t LEFT JOIN boots s ON s.num = started_boot LEFT JOIN boots e ON e.num = ended_boot
    ORDER BY t.num DESC LIMIT ? OFFSET ?"""
