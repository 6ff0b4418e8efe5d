"""The store as it runs for real: a writer's thread, and reading on the event loop meanwhile."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from chargepoint.errors import JournalError
from chargepoint.store.database import Database, Write
from chargepoint.store.journal import Journal
from chargepoint.store.memory import Memory
from tests.store.given import BOOT, charging, ended, record, started


async def test_reading_while_others_write_sees_whole_commits_in_order(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "chargepoint.db", boot=BOOT)
    sessions, writers = 15, 4
    finished = asyncio.Event()

    async def write(writer: int) -> None:
        for number in range(sessions):
            name = f"{writer}-{number}"
            await journal.append([record(started(name))])
            await journal.append([record(charging(name, n)) for n in range(1, 4)])
            await journal.append([record(ended(name, 4))])

    async def read() -> int:
        reads = 0
        while not finished.is_set():
            found = journal.undelivered(10_000)
            assert [one.id for one in found] == sorted(one.id for one in found)
            samples = [one for one in found if type(one.fact).__name__ == "TransactionUpdated"]
            assert len(samples) % 3 == 0, "half a commit was seen"
            reads += 1
            await asyncio.sleep(0)
        return reads

    async with asyncio.TaskGroup() as tasks:
        reader = tasks.create_task(read())
        async with asyncio.TaskGroup() as writing:
            for writer in range(writers):
                writing.create_task(write(writer))
        finished.set()

    assert reader.result() > 10
    assert len(journal.undelivered(10_000)) == journal.undelivered_count() == 5 * sessions * writers
    assert journal.open_transactions() == []
    await journal.close()


async def test_delivering_while_others_append_loses_and_repeats_nothing(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "chargepoint.db", boot=BOOT)
    sessions = 40
    delivered: list[int] = []

    async def deliver() -> None:
        while len(delivered) < sessions * 5:
            for owed in journal.undelivered(7):
                await journal.freeze(owed.id, f"message {owed.id}", "ocpp1.6", "X", "{}")
                assert journal.record_of_message(f"message {owed.id}") == owed
                await journal.deliver(owed.id)
                delivered.append(owed.id)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(deliver())
        for number in range(sessions):
            facts = [started(f"{number}"), *(charging(f"{number}", n) for n in range(1, 4)), ended(f"{number}", 4)]
            for fact in facts:
                await journal.append([record(fact)])

    assert delivered == list(range(1, sessions * 5 + 1))
    assert (journal.undelivered_count(), journal.undelivered()) == (0, [])
    await journal.close()
    counts = "SELECT (SELECT count(*) FROM facts), (SELECT count(*) FROM samples), (SELECT count(*) FROM messages)"
    assert sqlite3.connect(tmp_path / "chargepoint.db").execute(counts).fetchone() == (0, 0, 0)


async def test_an_append_that_nobody_waits_for_any_more_is_done_all_the_same(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "chargepoint.db", boot=BOOT)
    task = asyncio.ensure_future(journal.append([record(started("a"))]))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    await journal.append([record(ended("a"))])

    assert [type(found.fact).__name__ for found in journal.undelivered()] == ["TransactionStarted", "TransactionEnded"]
    await journal.close()


async def test_memory_written_from_the_loop_is_on_the_disk_when_flushed(tmp_path: Path) -> None:
    database = Database(tmp_path / "chargepoint.db")
    memory = Memory(database)
    for number in range(2000):
        memory.put("list", str(number % 500), number)
        if number % 400 == 0:
            await memory.flushed()
    await memory.flushed()

    second = Database(tmp_path / "chargepoint.db", inline=True)
    assert Memory(second).items("list") == memory.items("list")
    assert len(memory.items("list")) == 500
    await second.close()
    await database.close()


async def test_what_memory_could_not_write_is_told_and_written_later(tmp_path: Path) -> None:
    database = Database(tmp_path / "chargepoint.db")
    memory = Memory(database)
    await database.run(Write(lambda connection: connection.execute("ALTER TABLE memory RENAME TO hidden")))
    memory.put("evse", "1", "unavailable")
    with pytest.raises(JournalError):
        await memory.flushed()

    await database.run(Write(lambda connection: connection.execute("ALTER TABLE hidden RENAME TO memory")))
    memory.put("evse", "2", "available")
    await memory.flushed()

    kept = database.read("SELECT key, value FROM memory WHERE key IN ('1', '2') ORDER BY key")
    assert kept == [("1", '"unavailable"'), ("2", '"available"')]
    await database.close()


async def test_a_fault_of_ours_reaches_whoever_asked_and_the_writer_lives_on(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "chargepoint.db", boot=BOOT)
    await journal.append([record(started("a"))])
    with pytest.raises(sqlite3.IntegrityError):
        await journal.append([record(started("a"))])

    await journal.append([record(ended("a"))])
    assert journal.undelivered_count() == 2
    await journal.close()
