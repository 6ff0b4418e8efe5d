"""One row for every transaction: what it came to, whether its bill has been delivered, the number the CSMS gave it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

from chargepoint.core.facts import Record, Token, TransactionEnded, TransactionStarted
from chargepoint.store.clocks import Clocks, Stamp
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

    keep_signed(connection, fact)


BEGIN, END = "Transaction.Begin", "Transaction.End"


def keep_signed(connection: sqlite3.Connection, fact: TransactionEnded) -> None:
    """What the meter signed of begin and end: whoever doubts the bill later can prove it."""
    for sample in fact.samples:
        if sample.signed and sample.context in (BEGIN, END):
            connection.execute(
                "INSERT OR REPLACE INTO signed_values (tx, context, value, public_key)"
                " SELECT num, ?, ?, ? FROM transactions WHERE id = ?",
                (sample.context, sample.signed, sample.public_key, fact.transaction),
            )


def costs(connection: sqlite3.Connection, transaction: str, cost: str, final: bool) -> None:
    """What it came to, as the driver read it. A last word is not changed by what is only known here."""
    connection.execute(
        "UPDATE transactions SET cost = ?, cost_final = ? WHERE id = ? AND (cost_final IS NOT 1 OR ?)",
        (cost, final, transaction, final),
    )


def settled(connection: sqlite3.Connection, transaction: str, bill: str) -> None:
    connection.execute("UPDATE transactions SET bill = ? WHERE id = ? AND bill = ?", (bill, transaction, OWED))


EVER = datetime.max.replace(tzinfo=UTC)

_PRUNE = """DELETE FROM transactions WHERE num IN (
    WITH aged AS (
        SELECT t.num, CASE WHEN ended_boot IS NULL THEN ended_us
            ELSE true_us + CAST((ended_mono_s - mono_s) * 1000000 AS INTEGER) END AS ended
        FROM transactions t LEFT JOIN boots ON boots.num = ended_boot WHERE ended_us IS NOT NULL)
    SELECT num FROM aged
    WHERE (:ever OR ended < :before OR (ended IS NULL AND num < (SELECT max(num) FROM aged WHERE ended < :before)))
        AND num NOT IN (SELECT tx FROM facts WHERE tx IS NOT NULL UNION SELECT tx FROM samples WHERE tx IS NOT NULL)
    ORDER BY num LIMIT :at_once)"""
"""By the time as it is known by now. One that nobody knows goes with the first later one that goes."""


def prune(connection: sqlite3.Connection, before: datetime, boot: str) -> int:
    """Forget some transactions that ended earlier and owe nothing. Returns how many: zero when none is left.

    `before`: EVER for any, when room is needed. `boot` is the present one and stays known.
    """
    limits = {"before": microseconds(before), "ever": before == EVER, "at_once": PRUNED_AT_ONCE}
    forgotten = connection.execute(_PRUNE, limits).rowcount
    connection.execute(
        "DELETE FROM boots WHERE num NOT IN (SELECT boot FROM facts UNION SELECT boot FROM samples"
        " UNION SELECT started_boot FROM transactions WHERE started_boot IS NOT NULL"
        " UNION SELECT ended_boot FROM transactions WHERE ended_boot IS NOT NULL"
        " UNION SELECT began_boot FROM outages WHERE began_boot IS NOT NULL"
        " UNION SELECT ended_boot FROM outages WHERE ended_boot IS NOT NULL)"
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

    def sessions(
        self, limit: int, offset: int, since: datetime | None = None, until: datetime | None = None
    ) -> list[dict[str, Any]]:
        """Those that began in [since, until), by the clock as it is known to have been by now."""
        found: list[dict[str, Any]] = []
        while True:
            rows = self._database.read(_SESSIONS, *_window(since, until), PAGE, offset)
            page = [self._session(row) for row in rows]
            found += [each for each in page if _within(each["started_at"], since, until)]
            if len(rows) < PAGE or len(found) >= limit:
                return found[:limit]
            offset += PAGE

    def session(self, transaction: str) -> dict[str, Any] | None:
        rows = self._database.read(_SESSION, transaction)
        return self._session(rows[0]) if rows else None

    def last_end(self) -> list[Stamp]:
        """Of the latest transaction, if it has ended."""
        rows = self._database.read(_LAST_END)
        return [Stamp(instant(us), mono_s, boot) for us, mono_s, boot in rows if us is not None]

    def signed(self, transaction: str) -> dict[str, tuple[str, str]]:
        """By context, what the meter signed, and its public key (hex, or "")."""
        rows = self._database.read(_SIGNED, transaction)
        return {context: (value, key) for context, value, key in rows}

    def _session(self, row: Row) -> dict[str, Any]:
        (name, evse, csms_id, token, kind, begin_wh, end_wh, energy_wh, reason, bill, cost, final, proofs) = row[:13]
        started, ended = row[13:16], row[16:19]
        return {
            "id": name,
            "evse": evse,
            "csms_id": csms_id,
            "token": None if token is None else Token(token, kind),
            "started_at": self._clocks.corrected_us(*started),
            "ended_at": None if ended[0] is None else self._clocks.corrected_us(*ended),
            "clock": self._clocks.standing(started[2], ended[2]),
            "energy_wh": energy_wh,
            "begin_wh": begin_wh,
            "end_wh": end_wh,
            "reason": reason,
            "cost": cost,
            "cost_final": bool(final),
            "signed": bool(proofs),
            "delivered": None if bill == NONE else bill == DELIVERED,
        }


def _window(since: datetime | None, until: datetime | None) -> tuple[int, int]:
    """In microseconds; `_within` has the last word, because a clock may have been wrong."""
    return (_FIRST if since is None else microseconds(since), _LAST if until is None else microseconds(until))


def _within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at >= since) and (until is None or at < until)


def _doubtful_boot(record: Record) -> str | None:
    return None if record.trusted else record.boot


_FIRST, _LAST = -(1 << 62), 1 << 62

PAGE = 200
"""Rows read at once."""

_COLUMNS = """SELECT t.id, evse, csms_id, token, token_kind, begin_wh, end_wh, energy_wh, reason, bill,
        cost, cost_final,
        EXISTS (SELECT 1 FROM signed_values v WHERE v.tx = t.num),
        started_us, started_mono_s, s.boot, ended_us, ended_mono_s, e.boot
    FROM transactions t LEFT JOIN boots s ON s.num = started_boot LEFT JOIN boots e ON e.num = ended_boot"""

_SESSIONS = f"""{_COLUMNS}
    WHERE started_boot IS NOT NULL OR (started_us >= ? AND started_us < ?)
    ORDER BY t.num DESC LIMIT ? OFFSET ?"""

_SESSION = f"{_COLUMNS} WHERE t.id = ?"

_LAST_END = """SELECT ended_us, ended_mono_s, boot FROM transactions LEFT JOIN boots ON boots.num = ended_boot
    ORDER BY transactions.num DESC LIMIT 1"""

_SIGNED = """SELECT context, value, public_key FROM signed_values JOIN transactions ON num = tx WHERE id = ?
    ORDER BY context"""
