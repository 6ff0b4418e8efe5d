"""What waits for the disk, and what does not: a power cut cannot be played here, but the orders given can be read."""

from pathlib import Path
from typing import TypeVar

from chargepoint.core.facts import Fact
from chargepoint.store.database import Database, Write
from chargepoint.store.journal import MAX_UNSYNCED, SYNC_S, Journal
from tests.store.given import BOOT, charging, ended, idle_sample, record, started, suspended

T = TypeVar("T")


class Watched(Database):
    """Notes of every commit whether it waited for the disk."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, inline=True)
        self.waited: list[bool] = []

    async def run(self, write: Write[T]) -> T:
        self.waited.append(write.durable)
        return await super().run(write)


class Station:
    def __init__(self, path: Path) -> None:
        self.database = Watched(path)
        self.journal = Journal(self.database, boot=BOOT)

    async def waits_for_the_disk(self, *facts: Fact, after_s: float = 0.0) -> bool:
        await self.journal.append([record(fact, after_s) for fact in facts])
        return self.database.waited[-1]


async def test_starts_ends_and_changes_are_on_the_disk_before_anything_acts_on_them(path: Path) -> None:
    station = Station(path)
    for fact in (started("a"), suspended("a", 1), ended("a", 2)):
        assert await station.waits_for_the_disk(fact)
    assert await station.waits_for_the_disk(started("b"), charging("b", 1))


async def test_samples_do_not_wait_for_the_disk(path: Path) -> None:
    station = Station(path)
    await station.waits_for_the_disk(started("a"))
    assert not await station.waits_for_the_disk(charging("a", 1), after_s=10.0)
    assert not await station.waits_for_the_disk(idle_sample(), after_s=20.0)


async def test_a_sample_takes_the_others_to_the_disk_once_a_minute(path: Path) -> None:
    station = Station(path)
    await station.waits_for_the_disk(started("a"))
    waited = [await station.waits_for_the_disk(charging("a", n), after_s=10.0 * n) for n in range(1, 25)]
    assert [n * 10 for n, one in enumerate(waited, start=1) if one] == [60, 120, 180, 240]
    assert await station.waits_for_the_disk(charging("a", 99), after_s=240.0 + SYNC_S)


async def test_a_power_cut_takes_no_more_samples_than_are_skipped_afterwards(path: Path) -> None:
    station = Station(path)
    await station.waits_for_the_disk(started("a"))
    lost = longest = 0
    for n in range(1, 100):
        lost = 0 if await station.waits_for_the_disk(charging("a", n), after_s=n / 10) else lost + 1
        longest = max(longest, lost)
    assert longest == MAX_UNSYNCED


async def test_the_first_sample_of_a_life_goes_to_the_disk(path: Path) -> None:
    """Nothing is known of what was written before."""
    assert await Station(path).waits_for_the_disk(idle_sample())


async def test_what_was_sent_for_a_start_and_the_number_it_got_are_on_the_disk(path: Path) -> None:
    """Otherwise a power cut would have a second transaction opened. The number takes no commit of its own."""
    station = Station(path)
    await station.waits_for_the_disk(started("a"))
    station.database.waited.clear()

    await station.journal.freeze(1, "m", "ocpp1.6", "StartTransaction", "{}")
    station.journal.learn_csms_id("a", 5)
    await station.journal.deliver(1)

    assert station.database.waited == [True, True]
    assert station.journal.csms_id("a") == 5


async def test_that_an_end_was_answered_may_be_forgotten_by_a_power_cut(path: Path) -> None:
    """The CSMS then hears the same end once more."""
    station = Station(path)
    await station.waits_for_the_disk(started("a"))
    await station.waits_for_the_disk(ended("a", 1))
    station.database.waited.clear()
    await station.journal.deliver(2)
    assert station.database.waited == [False]
