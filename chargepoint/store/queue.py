"""Reading what is owed, in order and by the page: a hundred thousand facts need no more memory than ten."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from itertools import islice

from chargepoint.core.facts import Owed, Record
from chargepoint.store.codec import Undecodable
from chargepoint.store.database import Database, Row
from chargepoint.store.frozen import Frozen, Pending
from chargepoint.store.ledger import Ledger
from chargepoint.store.rows import COLUMNS, record_of

log = logging.getLogger(__name__)


class Queue:
    """What the tables owe, less what has been settled and is not written yet.

    `give_up` is called with a record that this version cannot read, and why.
    """

    def __init__(
        self, database: Database, ledger: Ledger, pending: Pending, give_up: Callable[[int, str], None]
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._pending = pending
        self._give_up = give_up
        self._head = 0  # nothing before this id is owed

    def next(self, limit: int) -> list[Record]:
        """The oldest facts owed, up to `limit`."""
        found: list[Record] = []
        after = self._head
        while len(found) < limit:
            settled = frozenset(self._pending.delivered)  # before reading: what is written meanwhile leaves this set
            asked = limit - len(found) + len(settled)
            rows = self._database.read(_OWED, after, asked)
            found += islice(self._readable(row for row in rows if row[0] not in settled), limit - len(found))
            if len(rows) < asked:
                break
            after = rows[-1][0] + 1
        if found:
            self._head = found[0].id
        return found

    def record(self, record_id: int) -> Record | None:
        """Any that is owed."""
        if record_id in self._pending.delivered:
            return None
        rows = self._database.read(_OWED, record_id, 1)
        return next(iter(self._readable(row for row in rows if row[0] == record_id)), None)

    def has_sample(self, record_id: int) -> bool:
        """Is it a sample that is still owed?"""
        if record_id in self._pending.delivered:
            return False
        return bool(self._database.read("SELECT 1 FROM samples WHERE id = ? AND settled = 0", record_id))

    def owes_other_than(self, kind: type[Owed]) -> bool:
        settled = frozenset(self._pending.delivered)
        rows = self._database.read(_OTHER_THAN, kind.__name__, len(settled) + 1)
        return any(row[0] not in settled for row in rows)

    def frozen(self, record_id: int) -> Frozen | None:
        known = self._pending.frozen.get(record_id)
        if known is not None or record_id not in self._ledger.stored or record_id in self._pending.delivered:
            return known
        rows = self._database.read(_FROZEN, record_id)
        return Frozen(*rows[0]) if rows else None

    def record_of_message(self, message_id: str) -> Record | None:
        number = self._pending.messages.get(message_id)
        if number is None:
            rows = self._database.read("SELECT record FROM messages WHERE message_id = ?", message_id)
            number = rows[0][0] if rows else None
        return None if number is None else self.record(number)

    def running(self) -> list[list[Record]]:
        """What is kept of each transaction that has not ended."""
        transactions = self._database.read("SELECT num, start_id FROM transactions WHERE ended_us IS NULL ORDER BY num")
        return [
            list(self._readable(self._database.read(_OF_TRANSACTION, number, start_id)))
            for number, start_id in transactions
        ]

    def _readable(self, rows: Iterable[Row]) -> Iterable[Record]:
        for row in rows:
            try:
                yield record_of(row)
            except Undecodable as error:
                log.error("record %d cannot be read and is given up: %s", row[0], error)
                self._give_up(row[0], str(error))


def _both(condition: str) -> str:
    return " UNION ALL ".join(
        f"SELECT {COLUMNS.replace('mono_s', f'{table}.mono_s')} FROM {table}"
        f" CROSS JOIN boots ON boots.num = {table}.boot WHERE {condition}"  # CROSS: the table leads, in order of id
        for table in ("facts", "samples")
    )


_OWED = f"{_both('settled = 0 AND id >= ?1')} ORDER BY id LIMIT ?2"

_OF_TRANSACTION = f"{_both('tx = ?1 AND id >= ?2')} ORDER BY id"

_OTHER_THAN = """SELECT id FROM facts WHERE settled = 0 AND kind <> ?1
    UNION ALL SELECT id FROM samples WHERE settled = 0 LIMIT ?2"""

_FROZEN = "SELECT record, message_id, subprotocol, action, text, attempts FROM frozen WHERE record = ?"
