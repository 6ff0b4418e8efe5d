"""What is done now and then, and not by a clock that may be wrong."""

import asyncio
from datetime import UTC, datetime

from chargepoint.errors import JournalError
from chargepoint.tasks.upkeep import keep_up
from chargepoint.timing import Clock

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


async def kept_up(clock: Clock, journal: FakeJournal, days: float) -> None:
    task = asyncio.create_task(keep_up(clock, journal))
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
