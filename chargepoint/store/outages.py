"""Outages as rows: begun, ended, told by the time as it is known by now. They change rarely: each is a commit."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from datetime import datetime

from chargepoint.core.uptime import Cause, Outage
from chargepoint.store.clocks import Clocks, Stamp
from chargepoint.store.database import Database, Row, Write
from chargepoint.store.rows import microseconds

log = logging.getLogger(__name__)

MOST = 5_000
"""Rows: a contact that bounces for a year must not fill the card."""


class Outages:
    def __init__(self, database: Database, clocks: Clocks) -> None:
        self._database = database
        self._clocks = clocks

    def begin(self, place: str, cause: Cause, detail: str, began: Stamp, ended: Stamp | None = None) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                _INSERT, (place, cause.value, detail, *_columns(connection, began), *_columns(connection, ended))
            )
            connection.execute(_BOUND, (MOST, Cause.INSTALLED.value))

        self._post(work)

    def end(self, place: str, ended: Stamp) -> None:
        """Whatever lasts there."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(_END, (*_columns(connection, ended), place))

        self._post(work)

    def explain(self, place: str, cause: Cause, detail: str) -> None:
        """More is known now of what lasts there."""
        self._post(lambda connection: connection.execute(_EXPLAIN, (cause.value, detail, place)))

    def all(self) -> list[Outage]:
        """Oldest first."""
        return [self._outage(row) for row in self._database.read(_ALL.format(where=""))]

    def lasting(self) -> list[Outage]:
        """Those without an end."""
        return [self._outage(row) for row in self._database.read(_ALL.format(where="WHERE ended_us IS NULL"))]

    @property
    def empty(self) -> bool:
        return not self._database.read("SELECT 1 FROM outages LIMIT 1")

    def _outage(self, row: Row) -> Outage:
        place, cause, detail, began, ended = row[0], row[1], row[2], row[3:6], row[6:9]
        try:
            known = Cause(cause)
        except ValueError:  # of a version that went on
            known, detail = Cause.FAULT, f"{cause} {detail}".strip()
        return Outage(
            place, known, detail, self._clocks.corrected_us(*began),
            None if ended[0] is None else self._clocks.corrected_us(*ended), self._clocks.standing(began[2], ended[2]),
        )  # fmt: skip

    def _post(self, work: Callable[[sqlite3.Connection], object]) -> None:
        self._database.post(Write(work, reserved=True), _log_failure)


def prune(connection: sqlite3.Connection, before: datetime) -> None:
    """Those of clocks that were wrong go by their number, with the others."""
    connection.execute(
        "DELETE FROM outages WHERE ended_us < ? AND began_boot IS NULL AND ended_boot IS NULL AND cause <> ?",
        (microseconds(before), Cause.INSTALLED.value),
    )


def _columns(connection: sqlite3.Connection, stamp: Stamp | None) -> tuple[int | None, float | None, int | None]:
    if stamp is None:
        return None, None, None
    number = None
    if stamp.boot is not None:
        connection.execute("INSERT OR IGNORE INTO boots (boot) VALUES (?)", (stamp.boot,))
        number = connection.execute("SELECT num FROM boots WHERE boot = ?", (stamp.boot,)).fetchone()[0]
    return microseconds(stamp.at), stamp.mono_s, number


def _log_failure(error: BaseException | None) -> None:
    if error is not None:
        log.error("an outage could not be recorded: %s", error)


_INSERT = """INSERT INTO outages (place, cause, detail, began_us, began_mono_s, began_boot,
    ended_us, ended_mono_s, ended_boot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""

_BOUND = "DELETE FROM outages WHERE num <= (SELECT max(num) FROM outages) - ? AND cause <> ?"

_END = "UPDATE outages SET ended_us = ?, ended_mono_s = ?, ended_boot = ? WHERE place = ? AND ended_us IS NULL"

_EXPLAIN = "UPDATE outages SET cause = ?, detail = ? WHERE place = ? AND ended_us IS NULL"

_ALL = """SELECT place, cause, detail, began_us, began_mono_s, b.boot, ended_us, ended_mono_s, e.boot
    FROM outages LEFT JOIN boots b ON b.num = began_boot LEFT JOIN boots e ON e.num = ended_boot {where}
    ORDER BY outages.num"""
