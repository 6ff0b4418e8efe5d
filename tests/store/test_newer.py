"""A file that a newer program has written, in the hands of an older one: a station has gone back to its old system."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from chargepoint.store.journal import Journal
from chargepoint.store.memory import Memory
from chargepoint.store.schema import MIGRATIONS, READABLE_FROM, Step, migrate
from tests.store.given import BOOT, charging, ended, record, started

FUTURE: Step = (
    "ALTER TABLE transactions ADD COLUMN tip TEXT",
    "ALTER TABLE facts ADD COLUMN seal TEXT",
    "ALTER TABLE boots ADD COLUMN place TEXT",
    "CREATE TABLE parrots (num INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT",
    "CREATE INDEX facts_by_kind ON facts (kind)",
)
"""Such as may come."""


async def written_by_a_newer_program(path: Path) -> None:
    journal = Journal.open(path, boot=BOOT, inline=True)
    await journal.append([record(started("a")), record(charging("a", 1))])
    await journal.close()
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, str(path), (*MIGRATIONS, FUTURE))
    connection.execute("UPDATE transactions SET tip = '1.50 EUR'")
    connection.execute(
        "INSERT INTO facts (id, settled, boot, trusted, at_us, mono_s, kind, body) "
        "VALUES (3, 0, 1, 1, 0, 0.0, 'ParrotSquawked', '{}')"
    )
    connection.close()


async def test_the_older_one_goes_on_with_it(path: Path) -> None:
    await written_by_a_newer_program(path)
    journal = Journal.open(path, boot="after the way back", inline=True)
    memory = Memory(journal.database)
    memory.put("test", "key", "value")
    await memory.flushed()
    await journal.append([record(ended("a"))])
    assert [session["id"] for session in journal.sessions(10)] == ["a"]
    assert journal.damaged is None
    await journal.close()


async def test_and_the_newer_one_finds_everything_again(path: Path) -> None:
    await written_by_a_newer_program(path)
    journal = Journal.open(path, boot="after the way back", inline=True)
    await journal.append([record(ended("a"))])
    await journal.close()
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, str(path), (*MIGRATIONS, FUTURE))
    tip, ended_us = connection.execute("SELECT tip, ended_us FROM transactions").fetchone()
    connection.close()
    assert (tip, ended_us is not None) == ("1.50 EUR", True)


async def test_what_the_older_one_does_not_know_is_put_aside_and_not_in_the_way(path: Path) -> None:
    await written_by_a_newer_program(path)
    journal = Journal.open(path, boot="after the way back", inline=True)
    assert [type(each.fact).__name__ for each in journal.undelivered()] == ["TransactionStarted", "TransactionUpdated"]
    await journal.close()
    journal = Journal.open(path, boot="after the way back", inline=True)
    assert [letter.record for letter in journal.dead_letters()] == [None]
    await journal.close()


ADDS = (
    r"CREATE TABLE \w+ \(",
    r"CREATE INDEX ",
    r"ALTER TABLE (?!memory)\w+ ADD COLUMN \w+ (INTEGER|REAL|TEXT|BLOB|ANY)$",
)
"""`memory` is written without naming its columns."""


@pytest.mark.parametrize("number", range(2, len(MIGRATIONS) + 1))
def test_a_step_only_adds(number: int) -> None:
    """Whoever needs more must first think of the station that goes back: see the module's first lines."""
    for statement in MIGRATIONS[number - 1]:
        assert any(re.match(form, statement) for form in ADDS), statement
    assert READABLE_FROM == 1
