"""The journal: facts that matter for money are in it before anything acts on them, and owed until the CSMS answers.

How safe a fact is once `append` has returned:
- starts, ends and changes of a transaction: on the disk. A power cut does not take them.
- periodic samples: the death of the program does not take them; a power cut may take the last `MAX_UNSYNCED`, none
  older than `SYNC_S`. Each commit wears the storage card; one that waits for the disk wears it three times as much.
Likewise deliveries: those of samples are written with the next commit, so that after a kill a sample may be sent twice.
Facts that nobody is owed (a fault, a plug) are not stored: they go to those who listen, and to the log.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from chargepoint.core.facts import Record, SecurityEvent, TransactionEnded, TransactionStarted
from chargepoint.errors import JournalFull
from chargepoint.store import history
from chargepoint.store.clocks import Clocks, Stamp, Timeline
from chargepoint.store.database import LIMIT_BYTES, Database
from chargepoint.store.frozen import Frozen, Pending, store
from chargepoint.store.history import History
from chargepoint.store.ledger import Ledger, Outcome
from chargepoint.store.letters import DeadLetter, Letters
from chargepoint.store.outages import Outages
from chargepoint.store.outages import prune as prune_outages
from chargepoint.store.queue import Queue
from chargepoint.store.rows import is_owed, is_sample
from chargepoint.store.scribe import Scribe

SYNC_S = 60.0
"""After this many seconds a sample takes all before it to the disk."""

MAX_UNSYNCED = 8
"""Samples that a power cut may take. More than SYNC_S needs at one every 10 s."""

SETTLE_COUNT = 16
"""Or until there are so many."""

KEPT_FOR = timedelta(days=366)
"""The history of transactions, dead letters excepted: these stay until somebody has looked at them."""

OUTAGES_KEPT_FOR = timedelta(days=400)
"""A year of months."""

_ROUNDS, _ENOUGH_PAGES = 3, 64
"""Thinning: a page is free only when most rows of it are gone, so that one round may free none."""


class Journal:
    def __init__(self, database: Database, *, boot: str, has_csms: bool = True) -> None:
        """`boot`: the kernel's boot id. Without a CSMS, facts serve recovery and history only, and none is owed."""
        self.database = database
        self.damaged = database.damaged
        self._boot = boot
        self._ledger = Ledger(database, has_csms)
        self._pending = Pending()
        self._scribe = Scribe(database, self._ledger, self._pending)
        self._queue = Queue(database, self._ledger, self._pending, self._give_up)
        self._clocks = Clocks(database)
        self._timeline = Timeline(database, self._clocks)
        self._history = History(database, self._clocks)
        self._letters = Letters(database)
        self.outages = Outages(database, self._clocks)
        self._next_id = 1 + max(number or 0 for (number,) in database.read(_LAST_IDS))
        self._unsynced, self._synced_s = 0, float("-inf")
        self._written_s = float("-inf")

    @classmethod
    def open(cls, path: Path, *, boot: str, inline: bool = False, has_csms: bool = True,
             limit_bytes: int = LIMIT_BYTES) -> Self:  # fmt: skip
        """Raises JournalError. A damaged file is moved aside: `damaged` says where to."""
        return cls(Database(path, inline=inline, limit_bytes=limit_bytes), boot=boot, has_csms=has_csms)

    async def close(self) -> None:
        """Write what waits. Open sessions stay open in the journal."""
        await self._scribe.close()
        await self.database.close()

    # --- facts in -----------------------------------------------------------------------------------------------------

    async def append(self, records: Sequence[Record]) -> list[Record]:
        """Commit facts, all or none, and return them with their ids. Facts that nobody is owed pass through with id 0.

        Raises:
            JournalFull: no room. Samples and starts are refused while there is still room for ends.
            JournalError: not written.
        """
        numbered = [self._numbered(record) for record in records]
        entries = [record for record in numbered if record.id]
        if entries:
            try:
                await self._enter(entries)
            except JournalFull:
                if not (await self._thin() or await self._forget(history.EVER)):
                    raise
                await self._enter(entries)
        return numbered

    def _numbered(self, record: Record) -> Record:
        if not is_owed(record):
            return record
        self._next_id += 1
        return replace(record, id=self._next_id - 1)

    async def _enter(self, entries: Sequence[Record]) -> None:
        def work(connection: sqlite3.Connection, outcome: Outcome) -> None:
            for record in entries:
                self._ledger.enter(connection, outcome, record)

        self._unsynced += len(entries)
        now_s = self._written_s = max(record.mono_s for record in entries)
        durable = (
            not all(is_sample(record.fact) for record in entries)
            or self._unsynced > MAX_UNSYNCED
            or not 0 <= now_s - self._synced_s < SYNC_S
        )
        await self._scribe.write(work, durable=durable, reserved=_closes_bills(entries))
        if durable:
            self._unsynced, self._synced_s = 0, now_s

    async def _thin(self) -> int:
        """Make room at the cost of samples that wait. Returns how many went."""
        total = 0
        for _ in range(_ROUNDS):
            dropped, free_pages = await self._scribe.write(self._ledger.thin, durable=False, reserved=False)
            total += dropped
            if not dropped or free_pages >= _ENOUGH_PAGES:
                break
        return total

    # --- facts out ----------------------------------------------------------------------------------------------------

    def undelivered(self, limit: int = 64) -> list[Record]:
        """The oldest facts that the CSMS has not answered, in order."""
        return self._queue.next(limit)

    def undelivered_count(self) -> int:
        return self._scribe.owed()

    @property
    def open_business(self) -> bool:
        """Does a transaction or an undelivered fact exist? Then the OCPP version must not change.

        Security events are no business: each start makes one, and every version has words for it.
        """
        return bool(self._ledger.runs) or (self.undelivered_count() > 0 and self._queue.owes_other_than(SecurityEvent))

    def frozen(self, record_id: int) -> Frozen | None:
        """The message last sent for a fact."""
        return self._queue.frozen(record_id)

    def record_of_message(self, message_id: str) -> Record | None:
        """The fact for which this message id was used once, while it is owed."""
        return self._queue.record_of_message(message_id)

    async def freeze(self, record_id: int, message_id: str, subprotocol: str, action: str, text: str) -> None:
        """Before a message is sent for the first time: from now on a retry repeats it. The count of attempts stays."""
        known = self.frozen(record_id)
        attempts = known.attempts if known else 0
        await self._freeze(Frozen(record_id, message_id, subprotocol, action, text, attempts), durable=True)

    async def attempts(self, record_id: int, n: int) -> None:
        """The message has been sent `n` times."""
        known = self.frozen(record_id)
        if known is not None and known.attempts != n:
            await self._freeze(known._replace(attempts=n), durable=False)

    async def _freeze(self, frozen: Frozen, *, durable: bool) -> None:
        if self._queue.has_sample(frozen.record_id):
            self._pending.freeze(frozen)
            self._scribe.write_soon()
        else:
            await self._scribe.write(lambda connection, into: store(connection, [frozen], into.stored), durable=durable)

    async def deliver(self, record_id: int) -> None:
        """The CSMS has answered: the fact is settled. Once more does no harm.

        A power cut may forget it, and the message is repeated; but not that of a 1.6 start, which would open a second
        transaction.
        """
        if self._queue.has_sample(record_id):
            self._pending.deliver(record_id)
            self._scribe.write_soon()
            if len(self._pending.delivered) >= SETTLE_COUNT:
                await self._scribe.flush()
            return
        await self._scribe.write(
            lambda connection, outcome: self._ledger.settle_fact(connection, outcome, record_id),
            durable=bool(self._pending.numbers),
        )

    async def bury(self, record_id: int, why: str) -> list[int]:
        """Give a fact up, as the standard demands. With a start goes everything of its transaction, now and later.

        Returns the ids of all that went.
        """
        buried = await self._scribe.write(lambda connection, into: self._ledger.bury(connection, into, record_id, why))
        for number in buried:
            self._pending.forget(number)
        return buried

    def _give_up(self, record_id: int, why: str) -> None:
        """Nobody can send it, so that it must not hold up the others."""
        self._scribe.post(lambda connection, into: self._ledger.bury(connection, into, record_id, why))

    def dead_letters(self) -> list[DeadLetter]:
        """What was given up, the latest first. Cheap to ask for."""
        return self._letters.all(self._ledger.letters)

    # --- transactions -------------------------------------------------------------------------------------------------

    def open_transactions(self) -> list[list[Record]]:
        """For recovery: the facts of every transaction that has begun and not ended, in order.

        Of the periodic samples there are the latest and those still owed; the others went when the CSMS had them.
        """
        return [records for records in self._queue.running() if records]

    def wrote_within(self, seconds: float, now_s: float) -> bool:
        """Has a transaction that runs been written to so lately? Then `last_signs` tells when we last lived."""
        return bool(self._ledger.runs) and 0 <= now_s - self._written_s < seconds

    def last_signs(self) -> list[Stamp]:
        """Of life, as far as transactions tell: the latest record of each that runs, and the end of the latest."""
        latest = [records[-1] for records in self.open_transactions()]
        signs = [Stamp(each.at, each.mono_s, None if each.trusted else each.boot) for each in latest]
        return signs + self._history.last_end()

    def samples_possibly_lost(self, transaction: str) -> int:
        """How many facts of an open transaction may have been sent, then lost to a power cut: skip so many numbers."""
        boots = self.database.read(_LAST_BOOT, transaction)
        return MAX_UNSYNCED if boots and boots[0][0] != self._boot else 0

    def csms_id(self, transaction: str) -> int | None:
        known = self._pending.numbers.get(transaction)
        return self._history.csms_id(transaction) if known is None else known

    def learn_csms_id(self, transaction: str, csms_id: int) -> None:
        """Written with the next commit: that is the delivery of the start, whose answer brought the number."""
        self._pending.numbers[transaction] = csms_id
        self._scribe.write_soon()

    def sessions(
        self, limit: int, offset: int = 0, since: datetime | None = None, until: datetime | None = None
    ) -> list[dict[str, Any]]:
        """Transactions that began in [since, until), newest first; `token` is whole, the caller masks it.

        `delivered` is None without a CSMS; `clock`: how good the times are (`store.clocks`).
        """
        return self._history.sessions(limit, offset, since, until)

    def session(self, transaction: str) -> dict[str, Any] | None:
        """One of them, or None."""
        return self._history.session(transaction)

    def signed_values(self, transaction: str) -> dict[str, tuple[str, str]]:
        """Begin and end as the meter signed them: context -> (OCMF, public key in hex or "")."""
        return self._history.signed(transaction)

    def note_cost(self, transaction: str, cost: str, *, final: bool) -> None:
        """What a transaction came to, as the driver read it; written soon."""
        self._scribe.post(lambda connection, _: history.costs(connection, transaction, cost, final), durable=final)

    async def prune(self, now: datetime) -> int:
        """Forget what ended more than a year ago. Once a day, when the clock is known to be right."""
        total = 0
        while forgotten := await self._forget(now - KEPT_FOR):
            total += forgotten
        await self._scribe.write(
            lambda connection, _: prune_outages(connection, now - OUTAGES_KEPT_FOR), durable=False, reserved=False
        )
        return total

    async def _forget(self, before: datetime) -> int:
        """Some of the oldest settled transactions that ended before. Returns how many: 0 when none is left."""
        return await self._scribe.write(
            lambda connection, _: history.prune(connection, before, self._boot), durable=False, reserved=False
        )

    # --- clocks -------------------------------------------------------------------------------------------------------

    async def note_clock(self, mono_s: float, at: datetime, boot: str | None = None) -> None:
        """It is known now that it was `at` when this boot's monotonic clock showed `mono_s`."""
        await self._clocks.note(boot or self._boot, mono_s, at)

    def corrected_time(self, record: Record) -> datetime:
        """When it happened, as well as can be told by now; never before an earlier fact of its transaction."""
        return self._timeline.time_of(record)


def _closes_bills(entries: Sequence[Record]) -> bool:
    """May these use the room kept for ends? Not where a start would slip in with them."""
    kinds = {type(record.fact) for record in entries}
    return TransactionEnded in kinds and TransactionStarted not in kinds


_LAST_IDS = """SELECT max(id) FROM facts UNION ALL SELECT max(id) FROM samples
    UNION ALL SELECT max(record) FROM dead_letters UNION ALL SELECT max(start_id) FROM transactions"""

_LAST_BOOT = """SELECT boots.boot FROM boots JOIN (
        SELECT facts.id, facts.boot FROM facts JOIN transactions ON num = tx
            WHERE transactions.id = ?1 AND facts.id >= start_id
        UNION ALL SELECT samples.id, samples.boot FROM samples JOIN transactions ON num = tx
            WHERE transactions.id = ?1 AND samples.id >= start_id
        ORDER BY 1 DESC LIMIT 1) AS last ON boots.num = last.boot"""
