"""Hands work to the database, and with every commit what has been waiting for one."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from chargepoint.store.database import Database, Write
from chargepoint.store.frozen import Pending, number, store
from chargepoint.store.ledger import Ledger, Outcome

log = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[sqlite3.Connection, Outcome], T]

SETTLE_S = 30.0
"""Deliveries of samples wait so long for another commit to go with."""


class Scribe:
    def __init__(self, database: Database, ledger: Ledger, pending: Pending) -> None:
        self._database = database
        self._ledger = ledger
        self._pending = pending
        self._lock = Lock()  # what the tables owe and what waits to be settled change together
        self._timer: asyncio.TimerHandle | None = None

    def owed(self) -> int:
        """How many facts the CSMS has not answered."""
        with self._lock:
            return self._ledger.owed - len(self._pending.delivered)

    async def write(self, work: Work[T], *, durable: bool = True, reserved: bool = True) -> T:
        """Commit the work and all that waits. Raises JournalError: then nothing was written, and it waits on."""
        result, _ = await self._database.run(self._with_pending(work, durable, reserved))
        return result

    def post(self, work: Work[object], *, durable: bool = True) -> None:
        """The same, without waiting. After a failure it goes with the next write."""
        self._database.post(self._with_pending(work, durable, reserved=True), _log_failure)

    async def flush(self) -> None:
        await self.write(_nothing_more, durable=False)

    def write_soon(self) -> None:
        """Something waits now: give it a commit of its own unless another comes along."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SETTLE_S, self._flush_now)

    async def close(self) -> None:
        if self._pending.waits:
            await self.flush()
        self._disarm()

    def _flush_now(self) -> None:
        self._timer = None
        self.post(_nothing_more, durable=False)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _with_pending(self, work: Work[T], durable: bool, reserved: bool) -> Write[tuple[T, Outcome]]:
        waiting = self._pending.snapshot()

        def job(connection: sqlite3.Connection) -> tuple[T, Outcome]:
            outcome = self._ledger.begin()
            store(connection, waiting.frozen, outcome.stored)
            number(connection, waiting.numbers)
            self._ledger.settle_samples(connection, outcome, waiting.delivered)
            return work(connection, outcome), outcome

        def committed(done: tuple[T, Outcome]) -> None:
            with self._lock:
                self._ledger.commit(done[1])
                self._pending.written(waiting)

        self._disarm()
        return Write(job, durable, reserved, committed)


def _log_failure(error: BaseException | None) -> None:
    if error is not None:
        log.error("what is known of samples could not be written: %s", error)


def _nothing_more(_: sqlite3.Connection, __: Outcome) -> None:
    pass
