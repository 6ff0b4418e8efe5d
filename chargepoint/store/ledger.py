"""What the writer's thread does to the tables: entering facts, settling them, giving them up.

Everything here runs inside one transaction of the database, one after the other. What is remembered between them
belongs to that thread and changes only after a commit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chargepoint.core.facts import Record, TransactionEnded, TransactionStarted, TransactionUpdated
from chargepoint.store import history
from chargepoint.store.database import Database
from chargepoint.store.frozen import forget
from chargepoint.store.letters import lay_down
from chargepoint.store.rows import insert, is_sample, transaction_of


class Run(NamedTuple):
    """A transaction that has begun and not ended."""

    buried: bool = False  # its start was given up: nothing of it can be told to the CSMS any more
    newest: int = 0  # its latest sample, kept because it tells the last sequence number after a restart
    newest_settled: bool = False


class Outcome:
    """What one transaction of the database has changed beside the tables."""

    def __init__(self, runs: dict[str, Run], stored: set[int]) -> None:
        self.runs = runs
        self.stored = stored  # facts with a frozen message in the tables
        self.boots: set[str] = set()  # seen for the first time
        self.owed = 0  # facts entered that the CSMS must hear of
        self.settled = 0  # facts it need not hear of any more
        self.letters = 0  # dead letters laid down


class Ledger:
    """`has_csms`: somebody is owed the facts; without, they are kept for recovery and history only."""

    def __init__(self, database: Database, has_csms: bool) -> None:
        self.database = database
        self.has_csms = has_csms
        self.boots: set[str] = set()
        self.letters = 0  # laid down since the start
        self.stored = {record for (record,) in database.read("SELECT record FROM frozen")}
        self.owed: int = sum(count for (count,) in database.read(_COUNT_OWED))
        self.runs: dict[str, Run] = {}
        for name, bill, number, start_id in database.read(_RUNNING):
            newest, settled = next(iter(database.read(_NEWEST_SAMPLE, number, start_id)), (0, 0))
            self.runs[name] = Run(bill == history.BURIED, newest, bool(settled))

    def begin(self) -> Outcome:
        return Outcome(dict(self.runs), set(self.stored))

    def commit(self, outcome: Outcome) -> None:
        self.runs, self.stored = outcome.runs, outcome.stored
        self.boots |= outcome.boots
        self.owed += outcome.owed - outcome.settled
        self.letters += outcome.letters

    # --- entering -----------------------------------------------------------------------------------------------------

    def enter(self, connection: sqlite3.Connection, outcome: Outcome, record: Record) -> None:
        if record.boot not in self.boots:
            connection.execute("INSERT OR IGNORE INTO boots (boot) VALUES (?)", (record.boot,))
            outcome.boots.add(record.boot)
        match record.fact:
            case TransactionStarted() as fact:
                history.began(connection, record, fact, history.OWED if self.has_csms else history.NONE)
                outcome.runs[fact.transaction] = Run()
            case TransactionUpdated(token=token, transaction=transaction) if token is not None:
                history.identified(connection, transaction, token)
        owed = self._keep(connection, outcome, record)
        if isinstance(record.fact, TransactionEnded):
            history.ended(connection, record, record.fact)
            outcome.runs.pop(record.fact.transaction, None)
            if not owed:
                _sweep(connection, record.fact.transaction, record.id)

    def _keep(self, connection: sqlite3.Connection, outcome: Outcome, record: Record) -> bool:
        """Store it as owed, or only for recovery, or not at all."""
        name = transaction_of(record.fact) or ""
        run = outcome.runs.get(name)
        owed = self.has_csms and not (run and run.buried)
        if not owed and run is None:
            return False
        insert(connection, record, settled=not owed)
        outcome.owed += owed
        if run and is_sample(record.fact):
            _drop_newest(connection, run)
            outcome.runs[name] = run._replace(newest=record.id, newest_settled=not owed)
        elif run and run.buried:
            self._lay_down(connection, outcome, record.id, GONE_WITH_START)
        return owed

    # --- settling -----------------------------------------------------------------------------------------------------

    def settle_samples(self, connection: sqlite3.Connection, outcome: Outcome, ids: Iterable[int]) -> None:
        newest = {run.newest: name for name, run in outcome.runs.items()}
        for number in ids:
            forget(connection, number, outcome.stored)
            name = newest.get(number)
            sql = "DELETE FROM samples" if name is None else "UPDATE samples SET settled = 1"
            outcome.settled += connection.execute(f"{sql} WHERE id = ? AND settled = 0", (number,)).rowcount
            if name is not None:
                outcome.runs[name] = outcome.runs[name]._replace(newest_settled=True)

    def settle_fact(
        self, connection: sqlite3.Connection, outcome: Outcome, record_id: int, bill: str = history.DELIVERED
    ) -> bool:
        """False: it was not owed."""
        row = connection.execute(_OWED_FACT, (record_id,)).fetchone()
        if row is None:
            return False
        kind, transaction, kept = row
        sql = "UPDATE facts SET settled = 1" if kept else "DELETE FROM facts"
        connection.execute(f"{sql} WHERE id = ?", (record_id,))
        if kind == TransactionEnded.__name__ and transaction is not None:
            history.settled(connection, transaction, bill)
            _sweep(connection, transaction, record_id)
        forget(connection, record_id, outcome.stored)
        outcome.settled += 1
        return True

    # --- giving up ----------------------------------------------------------------------------------------------------

    def bury(self, connection: sqlite3.Connection, outcome: Outcome, record_id: int, why: str) -> list[int]:
        """Give a record up; with a start goes everything of its transaction, now and later."""
        buried = self._lay_to_rest(connection, outcome, [record_id], why)
        row = connection.execute(_STARTED_BY, (record_id,)).fetchone()
        if row is None or not buried:
            return buried
        number, name = row
        connection.execute("UPDATE transactions SET bill = ? WHERE num = ?", (history.BURIED, number))
        if name in outcome.runs:
            outcome.runs[name] = outcome.runs[name]._replace(buried=True)
        rest = [found for (found,) in connection.execute(_REST_OF, (number, record_id, number, record_id))]
        return buried + self._lay_to_rest(connection, outcome, rest, GONE_WITH_START)

    def _lay_to_rest(self, connection: sqlite3.Connection, outcome: Outcome, ids: Sequence[int], why: str) -> list[int]:
        owed = [number for number in ids if connection.execute(_IS_OWED, (number, number)).fetchone()]
        for number in owed:
            self._lay_down(connection, outcome, number, why)
            if not self.settle_fact(connection, outcome, number, history.BURIED):
                self.settle_samples(connection, outcome, [number])
        return owed

    def _lay_down(self, connection: sqlite3.Connection, outcome: Outcome, record_id: int, why: str) -> None:
        lay_down(connection, record_id, why, self.database.now())
        outcome.letters += 1

    # --- thinning -----------------------------------------------------------------------------------------------------

    def thin(self, connection: sqlite3.Connection, outcome: Outcome) -> tuple[int, int]:
        """Drop every other sample that waits, of each transaction. Returns how many, and the free pages then.

        OCPP 2.0.1 E04.FR.07, E11.FR.04, E12.FR.04: only Updated events, never the first or the last.
        """
        dropped = connection.execute(_THIN).rowcount
        outcome.settled += dropped
        return dropped, connection.execute("PRAGMA freelist_count").fetchone()[0]


GONE_WITH_START = "the start of its transaction was given up"


def _drop_newest(connection: sqlite3.Connection, run: Run) -> None:
    """Another has taken its place; while it is still owed it stays in the queue."""
    if run.newest_settled:
        connection.execute("DELETE FROM samples WHERE id = ?", (run.newest,))


def _sweep(connection: sqlite3.Connection, transaction: str, end_id: int) -> None:
    """The transaction is over and its bill settled: what was kept of it is not needed any more."""
    connection.execute(_SWEEP.format(table="facts"), (transaction, end_id))
    connection.execute(_SWEEP.format(table="samples"), (transaction, end_id))


_COUNT_OWED = "SELECT count(*) FROM facts WHERE settled = 0 UNION ALL SELECT count(*) FROM samples WHERE settled = 0"

_IS_OWED = (
    "SELECT 1 FROM facts WHERE id = ? AND settled = 0 UNION ALL SELECT 1 FROM samples WHERE id = ? AND settled = 0"
)

_RUNNING = "SELECT id, bill, num, start_id FROM transactions WHERE ended_us IS NULL"

_NEWEST_SAMPLE = "SELECT id, settled FROM samples WHERE tx = ? AND id >= ? ORDER BY id DESC LIMIT 1"

_OWED_FACT = """SELECT facts.kind, transactions.id, num IS NOT NULL AND (ended_us IS NULL OR bill = 'owed')
    FROM facts LEFT JOIN transactions ON num = tx WHERE facts.id = ? AND settled = 0"""

_SWEEP = """DELETE FROM {table} WHERE settled = 1 AND tx = (SELECT num FROM transactions WHERE id = ?1)
    AND id BETWEEN (SELECT start_id FROM transactions WHERE id = ?1) AND ?2"""

_STARTED_BY = "SELECT num, id FROM transactions WHERE start_id = ?"

_REST_OF = """SELECT id FROM facts WHERE tx = ? AND settled = 0 AND id > ?
    UNION ALL SELECT id FROM samples WHERE tx = ? AND settled = 0 AND id > ? ORDER BY id"""

_THIN = """DELETE FROM samples WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY tx ORDER BY id) AS place, max(id) OVER (PARTITION BY tx) AS newest
        FROM samples WHERE tx IS NOT NULL AND settled = 0)
    WHERE place % 2 = 0 AND id <> newest AND id NOT IN (SELECT record FROM frozen))"""
