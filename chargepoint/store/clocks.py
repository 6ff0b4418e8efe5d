"""When a fact really happened: clocks that were wrong are corrected when the right time becomes known.

Source: monotonic and true time are noted together once per boot; a fact of that boot happened as long before as its
monotonic time is less. Times within one transaction never run backwards, whatever the corrections say.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from chargepoint.core.facts import Record
from chargepoint.store.database import Database, Row, Write
from chargepoint.store.rows import instant, microseconds, transaction_of

SAME = timedelta(milliseconds=100)
"""Two notes that agree so well are one: clocks are corrected often, and the card need not hear of it."""

RIGHT, CORRECTED, UNKNOWN = "right", "corrected", "unknown"
"""What can be said of a time: the clock was right, it was put right later, nobody knows."""

NEVER = datetime.min.replace(tzinfo=UTC)

REMEMBERED = 64
"""Transactions whose last time is in memory; of others it is read again."""


class Stamp(NamedTuple):
    """When, by which boot's clocks; `boot` None: the clock was right."""

    at: datetime
    mono_s: float
    boot: str | None = None


class Clocks:
    """The right time by boot, as far as it is known."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._zeros: dict[str, datetime] = {}  # true time at which the boot's monotonic clock stood at zero
        for boot, mono_s, true_us in database.read("SELECT boot, mono_s, true_us FROM boots WHERE true_us IS NOT NULL"):
            self._zeros[boot] = instant(true_us) - timedelta(seconds=mono_s)

    async def note(self, boot: str, mono_s: float, at: datetime) -> None:
        """In this boot it was `at` when the monotonic clock showed `mono_s`."""
        zero, known = at - timedelta(seconds=mono_s), self._zeros.get(boot)
        if known is not None and abs(zero - known) < SAME:
            return
        self._zeros[boot] = zero
        values = (boot, mono_s, microseconds(at))
        await self._database.run(Write(lambda connection: connection.execute(_NOTE, values), reserved=True))

    def corrected(self, at: datetime, mono_s: float, boot: str | None) -> datetime:
        """`boot` is None where the clock was right."""
        zero = self._zeros.get(boot) if boot is not None else None
        return at if zero is None else zero + timedelta(seconds=mono_s)

    def corrected_us(self, us: int, mono_s: float, boot: str | None) -> datetime:
        """Of a row, whose times are microseconds."""
        return self.corrected(instant(us), mono_s, boot)

    def standing(self, *boots: str | None) -> str:
        """How good the times are that were taken in these boots (None: by a clock that was right)."""
        doubtful = [boot for boot in boots if boot is not None]
        if not doubtful:
            return RIGHT
        return CORRECTED if all(boot in self._zeros for boot in doubtful) else UNKNOWN


class Timeline:
    """Corrected times of records, never backwards within a transaction."""

    def __init__(self, database: Database, clocks: Clocks) -> None:
        self._database = database
        self._clocks = clocks
        self._last: dict[str, tuple[int, datetime, datetime]] = {}  # by transaction: record, what came before, its time

    def time_of(self, record: Record) -> datetime:
        at = self._raw(record)
        transaction = transaction_of(record.fact)
        return at if transaction is None or not record.id else self._clamped(transaction, record, at)

    def _raw(self, record: Record) -> datetime:
        return self._clocks.corrected(record.at, record.mono_s, None if record.trusted else record.boot)

    def _clamped(self, transaction: str, record: Record, at: datetime) -> datetime:
        number, before, last = self._last.get(transaction) or self._stored(transaction, record)
        if record.id < number:  # somebody looks back
            return max(at, self._stored(transaction, record)[2])
        floor = before if record.id == number else last
        self._last[transaction] = (record.id, floor, max(at, floor))
        if len(self._last) > REMEMBERED:
            del self._last[next(iter(self._last))]
        return max(at, floor)

    def _stored(self, transaction: str, record: Record) -> tuple[int, datetime, datetime]:
        """The latest record before this one, as far as the journal still has it."""
        rows = self._database.read(_BEFORE, transaction, record.id)
        latest = max((self._row_time(row) for row in rows), default=NEVER)
        return 0, latest, latest

    def _row_time(self, row: Row) -> datetime:
        at_us, mono_s, boot, trusted = row
        return self._clocks.corrected(instant(at_us), mono_s, None if trusted else boot)


_NOTE = """INSERT INTO boots (boot, mono_s, true_us) VALUES (?, ?, ?)
    ON CONFLICT (boot) DO UPDATE SET mono_s = excluded.mono_s, true_us = excluded.true_us"""


def _before(table: str) -> str:
    """The last of the transaction in one table; its start bounds the search."""
    return f"""SELECT * FROM (
        SELECT {table}.at_us, {table}.mono_s, boots.boot, {table}.trusted
        FROM transactions JOIN {table} ON {table}.tx = transactions.num JOIN boots ON boots.num = {table}.boot
        WHERE transactions.id = ?1 AND {table}.id >= transactions.start_id AND {table}.id < ?2
        ORDER BY {table}.id DESC LIMIT 1)"""


_BEFORE = f"{_before('facts')} UNION ALL {_before('samples')}"
