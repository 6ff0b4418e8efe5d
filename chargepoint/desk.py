"""Everything that happens at this station passes over the desk: done to the station, journalled, then told.

The order is the promise: a fact is published only when it is in the journal, and facts are published in the order in
which they happened. What cannot be recorded lets nobody start.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from chargepoint.core.facts import Billable, Fact, Moment, Record, TransactionStarted
from chargepoint.core.station import Station
from chargepoint.core.wishes import Wish
from chargepoint.errors import JournalError
from chargepoint.timing import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")
RETRY_S = 10.0
"""Wait before the journal is tried again after it has failed (disk full, card gone)."""


class Recorder(Protocol):
    """The part of the journal that the desk uses."""

    async def append(self, records: Sequence[Record], /) -> list[Record]: ...


@dataclass(slots=True)
class Desk:
    station: Station
    journal: Recorder
    clock: Clock
    _inbox: deque[Record] = field(default_factory=deque)
    _filled: asyncio.Event = field(default_factory=asyncio.Event)
    _settled: asyncio.Event = field(default_factory=asyncio.Event)
    _listeners: list[Callable[[Record], None]] = field(default_factory=list)
    _wish: Callable[[Wish], None] | None = None

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

    def grant(self, wish: Callable[[Wish], None]) -> None:
        """Who does what the core wishes."""
        self._wish = wish

    async def settled(self) -> None:
        """Wait until everything that has happened is recorded and told."""
        while self._inbox:
            self._settled.clear()
            await self._settled.wait()

    async def run(self) -> None:
        """Record and tell, for ever."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._inbox:
                await self._record(self._next_batch())
            self._settled.set()

    def _collect(self, now: Moment) -> None:
        for item, at in self.station.take():
            if isinstance(item, Wish):
                if self._wish is not None:
                    self._wish(item)
            else:
                self._inbox.append(self._stamp(item, at or now))
        if self._inbox:
            self._filled.set()

    def _stamp(self, fact: Fact, moment: Moment) -> Record:
        return Record(fact, moment.at, moment.mono_s, self.clock.boot, self.clock.trusted)

    def _next_batch(self) -> list[Record]:
        return list(self._inbox)

    async def _record(self, batch: list[Record]) -> None:
        """Billable facts must be on disk before anybody hears of them; the journal is tried until it takes them."""
        owed = [record for record in batch if isinstance(record.fact, Billable)]
        recorded = iter(await self._append(owed) if owed else [])
        for record in batch:
            self._inbox.popleft()
            self._publish(next(recorded) if isinstance(record.fact, Billable) else record)

    async def _append(self, records: list[Record]) -> list[Record]:
        while True:
            try:
                taken = await self.journal.append(records)
            except JournalError as error:
                self._journal_fault(str(error))
                await asyncio.sleep(RETRY_S)
            else:
                self._journal_fault("")
                return taken

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
