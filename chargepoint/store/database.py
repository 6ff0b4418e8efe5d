"""The station's database: one writer thread, one connection for reading on the event loop.

A commit may take long on a storage card, so that it happens in a thread of its own. In virtual time there is none: the
same work is done at once (`inline`), because threads and a clock that jumps do not mix.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from chargepoint.errors import JournalError, JournalFull
from chargepoint.store.opening import PAGE_SIZE, is_damage, open_reader, open_writer
from chargepoint.store.reserve import Reserve
from chargepoint.store.writer import Writer

T = TypeVar("T")
Row = tuple[Any, ...]

LIMIT_BYTES = 64 * 1024 * 1024
"""How large the file may grow: 300,000 samples, or a month of charging without a line."""

KEPT_FOR_ENDS = 1 / 16
"""Share of the limit into which only the ends of transactions, and the clearing up, may write."""


def _nothing(_: object) -> None:
    pass


class Write(NamedTuple, Generic[T]):
    """One transaction on the database."""

    work: Callable[[sqlite3.Connection], T]
    durable: bool = True  # survives a power cut once committed; otherwise only the death of the program
    reserved: bool = False  # may use the room that is kept for ends
    committed: Callable[[T], None] = _nothing  # called in the writer's thread, in the order of the commits


class Database:
    def __init__(
        self,
        path: Path,
        *,
        inline: bool = False,
        limit_bytes: int = LIMIT_BYTES,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Open, check and migrate. Raises JournalError; a damaged file is moved aside, see `damaged`."""
        self.path = path
        self.now = now
        self._writer, self.damaged = open_writer(path, now())
        self._reader = open_reader(path)
        self._reserve = Reserve(path.with_name(path.name + "-reserve"))
        self._reserve.refill()
        self._limit_pages = limit_bytes // PAGE_SIZE
        self._keep_room(True)
        self._durable: bool | None = None
        self._thread = None if inline else Writer()
        self.commits = 0

    async def run(self, write: Write[T]) -> T:
        """Commit, then return what the work returned. Cancelling gives up the waiting, not the write.

        Raises:
            JournalError: nothing was written.
        """
        if self._thread is None:
            return self._commit(write)
        return await self._thread.run(lambda: self._commit(write))

    def post(self, write: Write[T], told: Callable[[BaseException | None], None]) -> None:
        """Commit soon, in turn; for callers that cannot wait. `told`, in the writer's thread, whether it failed."""
        if self._thread is not None:
            self._thread.post(lambda: self._commit(write), lambda _, error: told(error))
            return
        error: JournalError | None = None
        try:
            self._commit(write)
        except JournalError as failure:
            error = failure
        told(error)

    def aside(self, work: Callable[[], None]) -> None:
        """Have it done in the writer's thread, in turn. It must not raise."""
        if self._thread is None:
            work()
        else:
            self._thread.post(work, lambda _, error: None)

    def read(self, sql: str, *values: object) -> list[Row]:
        """What is committed now. Quick, on the event loop."""
        try:
            return self._reader.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._explained(error) from error

    async def close(self) -> None:
        """Wait for the writes that were posted, then close."""
        if self._thread is not None:
            await self._thread.run(lambda: None)
        self.abandon()

    def abandon(self) -> None:
        """Close without an event loop. Twice does no harm."""
        if self._thread is not None:
            self._thread.close()
        self._reader.close()
        self._writer.close()  # last to close: SQLite empties the write-ahead log

    # --- in the writer's thread ---------------------------------------------------------------------------------------

    def _commit(self, write: Write[T]) -> T:
        if not write.reserved:
            if not self._reserve.refill():
                raise self._full()
            return self._attempt(write)
        try:
            return self._attempt(write)
        except JournalFull:
            return self._commit_with_reserve(write)

    def _commit_with_reserve(self, write: Write[T]) -> T:
        """First the pages kept in the file, then the room kept on the disk."""
        self._keep_room(False)
        try:
            return self._attempt(write)
        except JournalFull:
            if not self._reserve.release():
                raise
            return self._attempt(write)
        finally:
            self._keep_room(True)

    def _attempt(self, write: Write[T]) -> T:
        try:
            self._set_durability(write.durable)
            self._writer.execute("BEGIN IMMEDIATE")
            result = write.work(self._writer)
            self._writer.execute("COMMIT")
            self.commits += 1
        except sqlite3.Error as error:
            self._roll_back()
            raise self._explained(error) from error
        except BaseException:
            self._roll_back()
            raise
        write.committed(result)
        return result

    def _set_durability(self, durable: bool) -> None:
        if durable is not self._durable:
            self._writer.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._durable = durable

    def _keep_room(self, keep: bool) -> None:
        pages = int(self._limit_pages * (1 - KEPT_FOR_ENDS)) if keep else self._limit_pages
        self._writer.execute(f"PRAGMA max_page_count={pages}")

    def _roll_back(self) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    def _explained(self, error: sqlite3.Error) -> Exception:
        """A disk's fault as one an installer can mend; a fault of ours as it is."""
        where = str(self.path)
        if is_damage(error):
            return JournalError(
                f"the station's database is damaged: {error}",
                where=where,
                fix="Restart the daemon: it moves the file aside. Then replace the storage card.",
            )
        if not isinstance(error, sqlite3.OperationalError):
            return error
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
            return self._full()
        return JournalError(
            f"the station's database cannot be written: {error}",
            where=where,
            fix="Check the storage card (dmesg), and that the disk is not mounted read-only.",
        )

    def _full(self) -> JournalFull:
        return JournalFull(
            "no room for more facts",
            where=str(self.path),
            fix="Make room on the disk, or let the station reach its CSMS so that it can deliver.",
        )
