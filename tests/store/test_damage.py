"""Files that are damaged, newer, older, or not to be had."""
# ruff: noqa: ASYNC240 - nothing else runs on these loops

import sqlite3
from pathlib import Path

import pytest

from chargepoint.errors import JournalError
from chargepoint.store.database import Database
from chargepoint.store.journal import Journal
from chargepoint.store.memory import Memory
from chargepoint.store.schema import MIGRATIONS, Step, migrate
from tests.store.given import BOOT, charging, record, started, suspended


async def fill(path: Path, count: int = 50) -> None:
    journal = Journal.open(path, boot=BOOT, inline=True)
    await journal.append([record(started("a"))] + [record(charging("a", n)) for n in range(1, count)])
    await journal.close()


async def opened_anew(path: Path) -> Journal:
    return Journal.open(path, boot=BOOT, inline=True)


async def test_a_sound_file_is_not_reported(path: Path) -> None:
    await fill(path)
    journal = await opened_anew(path)
    assert journal.damaged is None
    await journal.close()


@pytest.mark.parametrize("spoil", ["header", "middle", "text"])
async def test_a_damaged_file_is_moved_aside_and_the_station_starts_clean(path: Path, spoil: str) -> None:
    await fill(path)
    content = bytearray(path.read_bytes())
    match spoil:
        case "header":
            content[:100] = bytes(100)
        case "middle":
            content[512 * 8 :] = b"\xaa" * (len(content) - 512 * 8)
        case "text":
            content = bytearray(b"no database at all, but long enough to be taken for one\n" * 40)
    path.write_bytes(content)

    journal = await opened_anew(path)

    assert journal.damaged is not None
    assert Path(journal.damaged).read_bytes() == content
    assert journal.undelivered() == []
    assert await journal.append([record(started("b"))])
    await journal.close()


async def test_the_log_of_a_damaged_file_goes_with_it(path: Path) -> None:
    await fill(path)
    path.write_bytes(b"garbage" * 1000)
    path.with_name(path.name + "-wal").write_bytes(b"log of the old file")

    journal = await opened_anew(path)

    assert journal.damaged is not None
    assert Path(journal.damaged + "-wal").read_bytes() == b"log of the old file"
    await journal.close()


async def test_two_damaged_files_of_one_second_are_both_kept(path: Path) -> None:
    moved = set()
    for _ in range(2):
        path.write_bytes(b"garbage" * 1000)
        journal = await opened_anew(path)
        moved.add(journal.damaged)
        await journal.close()
    assert len(moved) == 2


async def test_an_empty_file_is_a_new_one(path: Path) -> None:
    path.touch()
    journal = await opened_anew(path)
    assert journal.damaged is None
    await journal.close()


async def test_a_newer_versions_file_is_refused_and_left_as_it_is(path: Path) -> None:
    await fill(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.execute("UPDATE memory SET value = '98' WHERE space = 'store'")
    connection.commit()
    connection.close()
    before = path.read_bytes()

    with pytest.raises(JournalError, match="newer version") as refused:
        Database(path, inline=True)

    assert "Install the newer version" in refused.value.fix
    assert path.read_bytes() == before


async def test_one_that_does_not_say_who_may_read_it_is_refused_too(path: Path) -> None:
    await fill(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.execute("DELETE FROM memory WHERE space = 'store'")
    connection.commit()
    connection.close()
    with pytest.raises(JournalError, match="newer version"):
        Database(path, inline=True)


def test_a_file_that_cannot_be_opened_says_what_to_check(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be opened") as refused:
        Database(tmp_path / "no such folder" / "chargepoint.db", inline=True)
    assert "folder exists" in refused.value.fix


def test_others_may_not_read_who_charged_here(path: Path) -> None:
    Database(path, inline=True).abandon()
    assert path.stat().st_mode & 0o077 == 0


NEXT: tuple[Step, ...] = (
    *MIGRATIONS,
    ("ALTER TABLE transactions ADD COLUMN tip REAL", "UPDATE transactions SET tip = 1.5"),
)
BROKEN: tuple[Step, ...] = (*NEXT, ("CREATE TABLE prices (id INTEGER)", "UPDATE no_such_table SET x = 1"))


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_every_version_since_the_first_is_brought_up_to_date(path: Path, version: int) -> None:
    new, old = connect(path.with_name("new.db")), connect(path)
    migrate(new, "here")
    migrate(old, "here", MIGRATIONS[:version])
    migrate(old, "here")

    tables = "SELECT name, sql FROM sqlite_master ORDER BY name"
    assert old.execute(tables).fetchall() == new.execute(tables).fetchall()
    assert old.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    old.close()
    new.close()


async def test_the_next_version_finds_todays_facts(path: Path) -> None:
    await fill(path)
    connection = connect(path)
    migrate(connection, "here", NEXT)
    assert connection.execute("SELECT id, tip FROM transactions").fetchall() == [("a", 1.5)]
    assert connection.execute("SELECT count(*) FROM samples").fetchone() == (49,)
    connection.close()


async def test_a_step_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    await fill(path)
    connection = connect(path)

    with pytest.raises(JournalError, match="cannot be brought from version 2 to 4") as failed:
        migrate(connection, str(path), BROKEN)
    connection.close()

    assert "Nothing was changed" in failed.value.fix
    journal = await opened_anew(path)
    assert (journal.damaged, journal.undelivered_count()) == (None, 50)
    assert journal.database.read("PRAGMA user_version") == [(len(MIGRATIONS),)]
    assert journal.database.read("SELECT name FROM sqlite_master WHERE name = 'prices'") == []
    await journal.close()


async def test_a_fact_of_an_unknown_kind_does_not_hold_up_the_queue(path: Path) -> None:
    """A downgrade to a version with the same tables and fewer kinds."""
    await fill(path, 2)
    journal = await opened_anew(path)
    await journal.append([record(charging("a", 2)), record(suspended("a", 3)), record(charging("a", 4))])
    await journal.deliver(1)
    await journal.close()
    connection = connect(path)
    connection.execute("UPDATE facts SET kind = 'TariffAgreed' WHERE settled = 0")
    connection.execute("UPDATE samples SET body = x'00ffffff' WHERE id = 3")
    connection.close()
    journal = await opened_anew(path)

    assert [found.fact for found in journal.undelivered(2)] == [charging("a", 2 - 1), charging("a", 4)]

    kinds = {letter.kind: letter for letter in journal.dead_letters()}
    assert kinds.keys() == {"TariffAgreed", "TransactionUpdated"}
    assert kinds["TariffAgreed"].record is None
    assert journal.undelivered_count() == 2
    await journal.close()


async def test_memory_and_journal_share_one_file(path: Path) -> None:
    journal = Journal.open(path, boot=BOOT, inline=True)
    Memory(journal.database).put("evse", "1", {"operative": False})
    await journal.append([record(started("a"))])
    await journal.close()

    again = Journal.open(path, boot=BOOT, inline=True)
    assert Memory(again.database).get("evse", "1") == {"operative": False}
    assert again.undelivered_count() == 1
    await again.close()
