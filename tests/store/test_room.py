"""A full disk: no new session, thinner samples, and every bill recorded all the same."""

import sqlite3
from itertools import pairwise
from pathlib import Path

import pytest

from chargepoint.errors import JournalFull
from chargepoint.store.database import Database, Write
from chargepoint.store.journal import Journal
from chargepoint.store.reserve import RESERVED_BYTES, Reserve
from tests.store.given import BOOT, charging, ended, record, started, suspended

SMALL = 256 * 1024


def small(path: Path) -> Journal:
    return Journal.open(path, boot=BOOT, inline=True, limit_bytes=SMALL)


async def starts_until_full(journal: Journal) -> int:
    """Sessions begun until there is no room: nothing in them can be thinned."""
    for number in range(0, 10_000, 8):
        try:
            await journal.append([record(started(f"transaction {number + each}")) for each in range(8)])
        except JournalFull:
            return number
    raise AssertionError("it never was full")


async def test_when_full_no_session_starts_and_those_that_run_can_end(path: Path) -> None:
    journal = small(path)
    begun = await starts_until_full(journal)
    assert begun > 100

    for refused in (
        [started(f"one more {number}") for number in range(20)],
        [charging("transaction 1", 1, measured=100)],
        [suspended("transaction 1", number) for number in range(20)],
    ):
        with pytest.raises(JournalFull, match="no room"):
            await journal.append([record(fact) for fact in refused])
    for number in range(5):
        await journal.append([record(ended(f"transaction {number}"))])

    assert journal.undelivered_count() == begun + 5
    assert len(journal.open_transactions()) == begun - 5
    await journal.close()


async def test_a_start_does_not_slip_in_with_an_end(path: Path) -> None:
    journal = small(path)
    await starts_until_full(journal)
    batch = [ended("transaction 1"), *(started(f"one more {number}") for number in range(20))]

    with pytest.raises(JournalFull):
        await journal.append([record(fact) for fact in batch])
    await journal.close()


async def test_a_refused_fact_leaves_no_trace(path: Path) -> None:
    journal = small(path)
    begun = await starts_until_full(journal)

    with pytest.raises(JournalFull):
        await journal.append([record(started("half")), record(charging("half", 1, measured=1000))])

    assert journal.undelivered_count() == begun
    assert len(journal.sessions(100_000)) == begun
    await journal.close()


async def test_delivering_makes_room_again(path: Path) -> None:
    journal = small(path)
    await starts_until_full(journal)
    for number in range(20):
        await journal.append([record(ended(f"transaction {number}"))])
    while owed := journal.undelivered(1):
        await journal.freeze(owed[0].id, f"message {owed[0].id}", "ocpp1.6", "StartTransaction", "{}")
        await journal.deliver(owed[0].id)

    await journal.append([record(started("again"))])
    await journal.close()


async def test_before_a_sample_is_refused_older_ones_are_thinned(path: Path) -> None:
    journal = small(path)
    await journal.append([record(started("a")), record(started("b", evse=2))])
    seq_no = 0
    while journal.undelivered_count() == 2 + 2 * seq_no:
        seq_no += 1
        await journal.append([record(charging("a", seq_no)), record(charging("b", seq_no, evse=2))])
    assert seq_no > 300

    left = journal.undelivered(100_000)
    for name in ("a", "b"):
        numbers = [found.fact.seq_no for found in left if found.fact.transaction == name]  # type: ignore[attr-defined]
        assert numbers[:2] == [0, 1]
        assert numbers[-2:] == [seq_no - 1, seq_no]
        assert max(after - before for before, after in pairwise(numbers)) <= 8
    assert journal.undelivered_count() == len(left)
    await journal.append([record(ended("a", seq_no + 1)), record(ended("b", seq_no + 1, evse=2))])
    await journal.close()


async def test_a_sample_that_is_under_way_is_never_thinned(path: Path) -> None:
    journal = small(path)
    appended = await journal.append([record(started("a")), *(record(charging("a", n)) for n in range(1, 200))])
    sent = appended[2]  # the second sample: the first to go
    await journal.freeze(sent.id, "on its way", "ocpp1.6", "MeterValues", "{}")
    seq_no = 200
    while journal.undelivered_count() == seq_no:
        await journal.append([record(charging("a", seq_no))])
        seq_no += 1

    assert journal.record_of_message("on its way") == sent
    await journal.close()


def test_room_is_set_aside_on_the_disk_itself(path: Path) -> None:
    Database(path, inline=True).abandon()
    assert path.with_name("chargepoint.db-reserve").stat().st_blocks * 512 >= RESERVED_BYTES


async def test_when_others_have_filled_the_disk_the_room_set_aside_serves_an_end(path: Path) -> None:
    database = Database(path, inline=True)
    reserve = path.with_name("chargepoint.db-reserve")

    def needs_room(_: sqlite3.Connection) -> str:
        if reserve.exists():
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        return "written"

    with pytest.raises(JournalFull):
        await database.run(Write(needs_room))
    assert await database.run(Write(needs_room, reserved=True)) == "written"
    with pytest.raises(JournalFull):  # it has been set aside again
        await database.run(Write(needs_room))
    await database.close()


async def test_while_no_room_can_be_set_aside_no_session_starts(path: Path) -> None:
    path.with_name("chargepoint.db-reserve").mkdir()  # as good as a full disk
    journal = Journal.open(path, boot=BOOT, inline=True)

    with pytest.raises(JournalFull):
        await journal.append([record(started("a"))])
    assert await journal.append([record(ended("from before"))])
    await journal.close()


async def test_a_station_without_a_csms_forgets_old_sessions_rather_than_refuse_new_ones(path: Path) -> None:
    journal = Journal.open(path, boot=BOOT, inline=True, has_csms=False, limit_bytes=SMALL // 2)
    for first in range(0, 2000, 20):
        names = [str(first + each) for each in range(20)]
        await journal.append([record(made(name)) for name in names for made in (started, ended)])

    sessions = journal.sessions(10_000)
    assert 100 < len(sessions) < 2000
    assert sessions[0]["id"] == "1999"
    await journal.close()


def test_room_given_back_is_set_aside_again_at_the_next_start(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "reserve")
    reserve.refill()
    assert reserve.release()
    assert not reserve.release()
    reserve.refill()
    assert (tmp_path / "reserve").stat().st_size == RESERVED_BYTES
