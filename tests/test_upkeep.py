"""What is done now and then, and not by a clock that may be wrong."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from chargepoint.errors import JournalError
from chargepoint.tasks.upkeep import keep_up
from chargepoint.timing import NOT_BEFORE, Clock, floor

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class FakeJournal:
    def __init__(self, broken: bool = False) -> None:
        self.pruned: list[datetime] = []
        self.broken = broken

    async def prune(self, now: datetime, /) -> int:
        self.pruned.append(now)
        if self.broken:
            raise JournalError("no", where="cp.db", fix="Mend it.")
        return 1


class FakeMemory:
    def __init__(self) -> None:
        self.notes: list[Any] = []

    def get(self, space: str, key: str, /) -> Any:
        return self.notes[-1] if self.notes and (space, key) == ("clock", "last") else None

    def put(self, space: str, key: str, value: Any, /) -> None:
        assert (space, key) == ("clock", "last")
        self.notes.append(value)


async def kept_up(clock: Clock, journal: FakeJournal, days: float, memory: FakeMemory | None = None) -> None:
    task = asyncio.create_task(keep_up(clock, journal, memory or FakeMemory(), lambda: None))
    await asyncio.sleep(days * 86_400)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_history_is_tidied_once_a_day() -> None:
    journal = FakeJournal()
    await kept_up(Clock(asyncio.get_running_loop().time, "boot", lambda: NOON, lambda: True), journal, days=2.5)
    assert len(journal.pruned) == 3


async def test_a_clock_nobody_vouches_for_makes_nothing_old() -> None:
    journal = FakeJournal()
    await kept_up(Clock(asyncio.get_running_loop().time, "boot", lambda: NOON, lambda: False), journal, days=2.5)
    assert journal.pruned == []


async def test_a_journal_that_cannot_be_tidied_ends_nothing() -> None:
    journal = FakeJournal(broken=True)
    await kept_up(Clock(asyncio.get_running_loop().time, "boot", lambda: NOON, lambda: True), journal, days=1.5)
    assert len(journal.pruned) == 2


def clock_at(at: datetime, *, ntp: bool = False) -> Clock:
    return Clock(asyncio.get_running_loop().time, "boot", lambda: at, lambda: ntp)


async def test_the_time_is_noted_once_an_hour_and_is_the_floor_of_the_next_start() -> None:
    memory, later = FakeMemory(), NOON + timedelta(days=300)
    await kept_up(clock_at(later, ntp=True), FakeJournal(), days=2.5 / 24, memory=memory)
    assert len(memory.notes) == 3
    assert floor(clock_at(datetime(1970, 1, 1, tzinfo=UTC)), memory) == later


async def test_a_time_that_nobody_vouches_for_is_not_noted() -> None:
    memory = FakeMemory()
    await kept_up(clock_at(NOON), FakeJournal(), days=1.0, memory=memory)
    assert memory.notes == []
    assert floor(clock_at(NOON), memory) == NOT_BEFORE


async def test_a_note_does_not_make_ntp_wrong() -> None:
    memory = FakeMemory()
    memory.notes.append("2099-01-01T00:00:00+00:00")
    clock = clock_at(NOON, ntp=True)
    clock.look()
    assert floor(clock, memory) == NOT_BEFORE


async def test_a_note_from_before_this_program_was_built_says_nothing() -> None:
    memory = FakeMemory()
    memory.notes.append("2001-01-01T00:00:00+00:00")
    assert floor(clock_at(NOON), memory) == NOT_BEFORE
