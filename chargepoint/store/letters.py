"""Messages given up as the standard demands: kept for people, nothing is thrown away silently."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import NamedTuple

from chargepoint.core.facts import Record
from chargepoint.store.codec import Undecodable
from chargepoint.store.database import Database, Row
from chargepoint.store.rows import fact_of, instant, microseconds


class DeadLetter(NamedTuple):
    """A fact that the CSMS will not hear of, and what was sent for it last, if anything was."""

    record: Record | None  # None: this version cannot read the fact
    kind: str
    why: str
    at: datetime  # when it was given up
    message_id: str | None = None
    action: str | None = None
    text: str | None = None


def lay_down(connection: sqlite3.Connection, record_id: int, why: str, at: datetime) -> None:
    """Copy a record, from whichever table has it, with the message last sent for it."""
    for table in ("facts", "samples"):
        connection.execute(
            f"""INSERT INTO dead_letters
                (record, boot, trusted, at_us, mono_s, kind, body, buried_us, why, message_id, action, text)
            SELECT f.id, boots.boot, trusted, at_us, f.mono_s, kind, body, ?, ?, message_id, action, text
            FROM {table} f JOIN boots ON boots.num = f.boot LEFT JOIN frozen ON record = f.id WHERE f.id = ?""",
            (microseconds(at), why, record_id),
        )


class Letters:
    """The dead letters, read once: they are few, and asked for every second."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: list[DeadLetter] = []
        self._version = -1

    def all(self, version: int) -> list[DeadLetter]:
        """The latest first. `version` changes whenever one is laid down."""
        if version != self._version:
            self._version = version
            self._read = [_letter(row) for row in self._database.read(_ALL, SHOWN)]
        return self._read


SHOWN = 1000
"""How many are read: a CSMS that refuses everything must not fill the memory."""

_ALL = """SELECT record, boot, trusted, at_us, mono_s, kind, body, buried_us, why, message_id, action, text
    FROM dead_letters ORDER BY num DESC LIMIT ?"""


def _letter(row: Row) -> DeadLetter:
    number, boot, trusted, at_us, mono_s, kind, body, buried_us, why, message_id, action, text = row
    record: Record | None = None
    try:
        record = Record(fact_of(kind, body), instant(at_us), mono_s, boot, bool(trusted), number)
    except Undecodable:
        why = f"{why} (this version cannot read it)"
    return DeadLetter(record, kind, why, instant(buried_us), message_id, action, text)
