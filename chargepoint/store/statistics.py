"""What is in a station's database, for support: counts, sizes, cards to be masked. Nothing is changed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chargepoint.store.opening import open_reader

TABLES = ("transactions", "facts", "samples", "frozen", "messages", "dead_letters", "memory", "boots")
SESSIONS, LETTERS = 200, 200
"""The latest that are told."""


class Statistics:
    """Of one database; empty where there is none, or none that can be read, and `trouble` says why."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.trouble = ""
        self.numbers: dict[str, Any] = {}
        self.sessions: list[dict[str, Any]] = []
        self.letters: list[dict[str, Any]] = []
        self.memory: dict[str, Any] = {}  # "space/key" -> value; secrets and cards as they are
        self.tokens: set[str] = set()
        try:
            self._read()
        except (sqlite3.Error, OSError, ValueError) as error:
            self.trouble = str(error) or type(error).__name__

    def _read(self) -> None:
        if not self._path.exists():
            self.trouble = f"there is no {self._path.name}"
            return
        connection = open_reader(self._path)
        try:
            self.numbers = self._numbers(connection)
            self.memory = dict(_memory(connection))
            self.sessions = _rows(connection, _SESSIONS, SESSIONS)
            self.letters = _rows(connection, _LETTERS, LETTERS)
            self.tokens = {row[0] for row in connection.execute(_TOKENS)} | set(_tokens_in(self.memory))
        finally:
            connection.close()

    def _numbers(self, connection: sqlite3.Connection) -> dict[str, Any]:
        sizes = {path.name: path.stat().st_size for path in self._path.parent.glob(f"{self._path.name}*")}
        pragmas = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("user_version", "page_size", "page_count", "freelist_count", "journal_mode")
        }
        rows = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
        owed = connection.execute("SELECT count(*) FROM facts WHERE settled = 0").fetchone()[0]
        check = connection.execute("PRAGMA quick_check(5)").fetchall()
        return {
            "files": sizes, **pragmas, "rows": rows, "facts_owed": owed, "check": [row[0] for row in check],
            "sqlite": sqlite3.sqlite_version,
        }  # fmt: skip


def _memory(connection: sqlite3.Connection) -> Iterator[tuple[str, Any]]:
    for space, key, value in connection.execute("SELECT space, key, value FROM memory"):
        try:
            yield f"{space}/{key}", json.loads(value)
        except ValueError:
            yield f"{space}/{key}", "(cannot be read)"


def _rows(connection: sqlite3.Connection, sql: str, limit: int) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, (limit,))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


CARD_SPACES = ("cards", "session", "reservations", "account")
CARD_KEYS = ("id", "token", "group", "value", "idTag", "idToken", "parent")


def _tokens_in(memory: dict[str, Any]) -> Iterator[str]:
    for place, value in memory.items():
        if place.partition("/")[0] in CARD_SPACES:
            yield from _texts(value)


def _texts(value: Any, key: str = "") -> Iterator[str]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _texts(inner, name)
        case list():
            for inner in value:
                yield from _texts(inner, key)
        case str() if key in CARD_KEYS and value:
            yield value


_SESSIONS = """SELECT id, evse, csms_id, bill, token, started_us, ended_us, begin_wh, end_wh, energy_wh, reason
    FROM transactions ORDER BY num DESC LIMIT ?"""
_LETTERS = """SELECT record, at_us, buried_us, kind, why, message_id, action, text
    FROM dead_letters ORDER BY num DESC LIMIT ?"""
_TOKENS = "SELECT DISTINCT token FROM transactions WHERE token IS NOT NULL"
