"""Messages as they were sent: a retry repeats them to the letter, and every id ever used leads to its fact.

Those of facts are committed before they are sent. Those of periodic samples are remembered, and written with the next
commit if they have not been answered by then: a sample online costs one commit, not three.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple


class Frozen(NamedTuple):
    record_id: int
    message_id: str
    subprotocol: str
    action: str
    text: str
    attempts: int = 0


class Snapshot(NamedTuple):
    """What waited to be written when a commit was asked for."""

    delivered: frozenset[int]
    frozen: frozenset[Frozen]
    numbers: frozenset[tuple[str, int]]


class Pending:
    """What happened to samples and is not written yet, and the CSMS's numbers: they go with the delivery of the start.

    The event loop changes it; the writer's thread only takes out what it has written, one set operation at a time.
    """

    def __init__(self) -> None:
        self.delivered: set[int] = set()
        self.unwritten: set[Frozen] = set()
        self.frozen: dict[int, Frozen] = {}  # the last sent for each
        self.messages: dict[str, int] = {}  # every id used
        self.numbers: dict[str, int] = {}  # transaction -> the CSMS's number

    @property
    def waits(self) -> bool:
        return bool(self.delivered or self.unwritten or self.numbers)

    def freeze(self, frozen: Frozen) -> None:
        self._supersede(frozen.record_id)
        self.frozen[frozen.record_id] = frozen
        self.messages[frozen.message_id] = frozen.record_id
        self.unwritten.add(frozen)

    def deliver(self, record_id: int) -> None:
        self.forget(record_id)
        self.delivered.add(record_id)

    def forget(self, record_id: int) -> None:
        """Answered, or given up: what was sent for it is of no use any more."""
        self._supersede(record_id)
        self.frozen.pop(record_id, None)
        self.messages = {message: record for message, record in self.messages.items() if record != record_id}

    def snapshot(self) -> Snapshot:
        return Snapshot(frozenset(self.delivered), frozenset(self.unwritten), frozenset(self.numbers.items()))

    def written(self, snapshot: Snapshot) -> None:
        self.delivered.difference_update(snapshot.delivered)
        self.unwritten.difference_update(snapshot.frozen)
        for transaction, _ in snapshot.numbers:
            self.numbers.pop(transaction, None)

    def _supersede(self, record_id: int) -> None:
        old = self.frozen.get(record_id)
        if old is not None:
            self.unwritten.discard(old)


def store(connection: sqlite3.Connection, messages: Iterable[Frozen], stored: set[int]) -> None:
    """Write messages whose facts are still owed; `stored` gains these facts."""
    for frozen in messages:
        record = frozen.record_id
        values = (record, frozen.message_id, frozen.subprotocol, frozen.action, frozen.attempts, frozen.text)
        if connection.execute(_OWED, (record, record)).fetchone():
            connection.execute("INSERT OR REPLACE INTO frozen VALUES (?, ?, ?, ?, ?, ?)", values)
            connection.execute("INSERT OR REPLACE INTO messages VALUES (?, ?)", (frozen.message_id, record))
            stored.add(record)


def number(connection: sqlite3.Connection, numbers: Iterable[tuple[str, int]]) -> None:
    """Write the CSMS's numbers of transactions."""
    for transaction, csms_id in numbers:
        connection.execute("UPDATE transactions SET csms_id = ? WHERE id = ?", (csms_id, transaction))


def forget(connection: sqlite3.Connection, record_id: int, stored: set[int]) -> None:
    if record_id in stored:
        connection.execute("DELETE FROM frozen WHERE record = ?", (record_id,))
        connection.execute("DELETE FROM messages WHERE record = ?", (record_id,))
        stored.discard(record_id)


_OWED = "SELECT 1 FROM facts WHERE id = ? AND settled = 0 UNION ALL SELECT 1 FROM samples WHERE id = ? AND settled = 0"
