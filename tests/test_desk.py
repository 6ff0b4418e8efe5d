"""The desk: recorded first, told afterwards, in order; and what it does while the journal takes nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from chargepoint.core.evse import EvseSpec
from chargepoint.core.facts import (
    Fact,
    Moment,
    Owed,
    Record,
    Status,
    StatusChanged,
    Token,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
)
from chargepoint.core.wishes import Wish
from chargepoint.desk import RETRY_S, Desk
from chargepoint.errors import JournalError, JournalFull
from chargepoint.timing import Clock
from tests.core.site import PLUGGED, Site

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class FakeJournal:
    taken: list[Fact] = field(default_factory=list)
    broken: bool = False
    room_for: tuple[type[Fact], ...] = (Owed,)
    slow_s: float = 0.0

    async def append(self, records: Sequence[Record], /) -> list[Record]:
        await asyncio.sleep(self.slow_s)
        if self.broken:
            raise JournalError("the disk is gone", where="cp.db", fix="Put it back.")
        if not all(isinstance(record.fact, self.room_for) for record in records):
            raise JournalFull("no room", where="cp.db", fix="Make room.")
        self.taken += [record.fact for record in records]
        return [replace(record, id=len(self.taken)) for record in records]


class Bench:
    """A pure station on a desk, with a journal that can fail."""

    def __init__(self, evses: int = 1) -> None:
        self.site = Site(*(EvseSpec(n) for n in range(1, evses + 1)))
        self.journal = FakeJournal()
        loop = asyncio.get_running_loop()
        self.desk = Desk(self.site.station, self.journal, Clock(loop.time, "boot", lambda: NOON), self.grant)
        self.told: list[Fact] = []
        self.desk.subscribe(lambda record: self.told.append(record.fact))
        self.running = asyncio.create_task(self.desk.run())

    def grant(self, wish: Wish) -> None:
        self.site.wishes.append(wish)
        asyncio.get_running_loop().call_soon(lambda: self.desk.act(lambda station, now: self._answer(wish)))

    def _answer(self, wish: Wish) -> None:
        self.site.grant(wish)

    def plug(self, evse: int = 1) -> None:
        self.desk.act(lambda station, now: station.guard_reported(evse, PLUGGED, now))

    def card(self, uid: str) -> None:
        self.desk.act(lambda station, now: station.card_presented(Token(uid), now))

    async def wait(self, seconds: float = 1.0) -> None:
        await asyncio.sleep(seconds)

    async def end(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)

    def kinds(self) -> list[type[Fact]]:
        return [type(fact) for fact in self.told]


async def test_power_is_permitted_only_after_the_start_is_in_the_journal() -> None:
    bench = Bench()
    bench.journal.slow_s = 0.5
    bench.plug()
    bench.card("CARD1")
    await bench.wait(0.4)
    assert bench.site.permit_a() == 0.0
    assert TransactionStarted not in bench.kinds()
    await bench.wait(0.2)
    assert bench.site.permit_a() == 16.0
    assert TransactionStarted in bench.kinds()
    await bench.end()


async def test_a_broken_journal_lets_nobody_start_and_hides_nothing_else() -> None:
    bench = Bench()
    bench.journal.broken = True
    bench.plug()
    bench.card("CARD1")
    await bench.wait(5)
    assert bench.site.permit_a() == 0.0
    assert bench.site.why() == ["journal"]
    assert StatusChanged(1, Status.PREPARING, occupied=True) in bench.told
    assert "the disk is gone" in bench.site.evse().unfit()
    await bench.end()


async def test_a_journal_that_comes_back_takes_what_was_held_in_order() -> None:
    bench = Bench()
    bench.journal.broken = True
    bench.plug()
    bench.card("CARD1")
    await bench.wait(3)
    bench.journal.broken = False
    await bench.wait(RETRY_S)
    assert [type(fact) for fact in bench.journal.taken] == [TransactionStarted]
    assert bench.site.permit_a() == 16.0
    assert bench.site.evse().unfit() == ""
    await bench.end()


async def test_a_full_journal_keeps_its_room_for_ends() -> None:
    bench = Bench(evses=2)
    bench.plug(1)
    bench.card("CARD1")
    await bench.wait()
    bench.journal.room_for = (TransactionEnded,)
    bench.desk.act(lambda station, now: station.sample_now(1, now))
    bench.plug(2)
    await bench.wait(3)
    bench.desk.act(lambda station, now: station.stop(1, now))
    bench.desk.act(lambda station, now: station.guard_reported(1, replace(PLUGGED, contactor="open"), now))
    await bench.wait(3)
    assert [type(fact) for fact in bench.journal.taken] == [TransactionStarted, TransactionEnded]
    assert TransactionUpdated not in bench.kinds()  # the sample was given up
    bench.card("CARD2")
    await bench.wait(3)
    assert (bench.site.permit_a(2), bench.site.why(2)) == (0.0, ["journal"])
    await bench.end()


async def test_settled_waits_until_everything_is_told() -> None:
    bench = Bench()
    bench.journal.slow_s = 2.0
    bench.plug()
    bench.card("CARD1")
    await bench.wait(0.1)
    await bench.desk.settled()
    assert TransactionStarted in bench.kinds()
    await bench.end()


async def test_who_does_not_listen_any_more_hears_nothing() -> None:
    bench = Bench()
    heard: list[Record] = []
    forget = bench.desk.subscribe(heard.append)
    forget()
    bench.plug()
    await bench.wait()
    assert heard == []
    assert bench.told
    await bench.end()


def test_moments_come_from_the_desk_s_clock() -> None:
    assert Clock(lambda: 5.0, "boot", lambda: NOON).now() == Moment(5.0, NOON)
