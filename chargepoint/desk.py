"""Everything that happens at this station passes over the desk: done to the station, journalled, then told.

The order is the promise: a fact that is owed is published only when it is in the journal, and in the order in which
things happened. A journal that takes nothing holds up the bills, lets nobody new start, and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from chargepoint.core.facts import (
    Billable,
    Fact,
    Moment,
    Owed,
    Record,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
)
from chargepoint.core.station import Station
from chargepoint.core.wishes import Wish
from chargepoint.errors import JournalError, JournalFull
from chargepoint.heartbeats import Heart
from chargepoint.timing import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")
RETRY_S = 10.0
"""Wait before the journal is tried again after it has failed (disk full, card gone)."""


class Recorder(Protocol):
    """The part of the journal that the desk uses."""

    async def append(self, records: Sequence[Record], /) -> list[Record]: ...


def _set_event() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


def _nobody(wish: Wish) -> None:
    """Nobody grants wishes yet."""


@dataclass(slots=True)
class Desk:
    """The one way to the station, and the one way out of it."""

    station: Station
    journal: Recorder
    clock: Clock
    grant: Callable[[Wish], None] = _nobody
    heart: Heart = field(default_factory=Heart)
    _inbox: list[Record] = field(default_factory=list)
    _held: list[Record] = field(default_factory=list)  # owed, and not in the journal yet
    _filled: asyncio.Event = field(default_factory=asyncio.Event)
    _idle: asyncio.Event = field(default_factory=_set_event)
    _listeners: list[Callable[[Record], None]] = field(default_factory=list)

    def act(self, deed: Callable[[Station, Moment], T], /) -> T:
        """Do something to the station; what it caused is journalled in order, then published."""
        now = self.clock.now()
        try:
            return deed(self.station, now)
        finally:
            self._collect(now)

    def subscribe(self, listener: Callable[[Record], None]) -> Callable[[], None]:
        """Hear of every fact once it is recorded. Returns how to stop that. Listeners must not raise or block."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def settled(self) -> None:
        """Wait until everything that has happened is recorded and told (or held up by the journal)."""
        await self._idle.wait()

    async def run(self) -> None:
        """Record and tell, for ever."""
        while True:
            await self._woken()
            while self._inbox or self._held:
                self.heart.beat()
                batch, self._inbox = self._inbox, []
                if not await self._record(batch):
                    break
            self.heart.rest()
            self._idle.set()

    async def _woken(self) -> None:
        try:
            async with asyncio.timeout(RETRY_S if self._held else None):
                await self._filled.wait()
        except TimeoutError:
            pass
        self._filled.clear()

    def _collect(self, now: Moment) -> None:
        for item, at in self.station.take():
            if isinstance(item, Wish):
                self.grant(item)
            else:
                self._inbox.append(self._stamp(item, at or now))
        if self._inbox:
            self._filled.set()
            self._idle.clear()

    def _stamp(self, fact: Fact, moment: Moment) -> Record:
        return Record(fact, moment.at, moment.mono_s, self.clock.boot, self.clock.trusted)

    async def _record(self, batch: list[Record]) -> bool:
        """Journal what is owed, then tell all of it in order. False: the journal does not take it now."""
        waited = len(self._held)
        self._held += [record for record in batch if isinstance(record.fact, Owed)]
        recorded = await self._journalled()
        for record in recorded[:waited]:
            self._publish(record)
        fresh = iter(recorded[waited:])
        for record in batch:
            if not isinstance(record.fact, Owed):
                self._publish(record)
            elif recorded:
                self._publish(next(fresh))
        return not self._held

    async def _journalled(self) -> list[Record]:
        """All that is held, committed; or nothing, and it goes on being held."""
        if not self._held:
            return []
        try:
            recorded = await self.journal.append(self._held)
        except JournalError as error:
            self._journal_fault(str(error))
            if isinstance(error, JournalFull):
                await self._make_do()
            return []
        self._journal_fault("")
        self._held.clear()
        return recorded

    async def _make_do(self) -> None:
        """There is room left for ends only: samples are given up, ends of what is recorded go first."""
        self._held = [record for record in self._held if not _is_sample(record.fact)]
        begun = {record.fact.transaction for record in self._held if isinstance(record.fact, TransactionStarted)}
        ends = [r for r in self._held if isinstance(r.fact, TransactionEnded) and r.fact.transaction not in begun]
        if not ends:
            return
        try:
            recorded = await self.journal.append(ends)
        except JournalError:
            return
        self._held = [record for record in self._held if record not in ends]
        for record in recorded:
            self._publish(record)

    def _journal_fault(self, why: str) -> None:
        """One line when the journal fails, one when it records again."""
        before = self.station.around.journal_fault
        if bool(why) == bool(before):
            return
        if why:
            log.error("the journal does not record: %s", why)
        else:
            log.info("the journal records again")
        self.act(lambda station, now: station.journal_failed(why, now))

    def _publish(self, record: Record) -> None:
        if isinstance(record.fact, TransactionStarted):
            transaction = record.fact.transaction
            self.act(lambda station, now: station.recorded(transaction, now))
        for listener in tuple(self._listeners):
            listener(record)


def _is_sample(fact: Fact) -> bool:
    """Values only: nothing that changes a bill."""
    return isinstance(fact, Billable) and not isinstance(fact, TransactionStarted | TransactionEnded) and (
        not isinstance(fact, TransactionUpdated) or bool(fact.samples)
    )  # fmt: skip
