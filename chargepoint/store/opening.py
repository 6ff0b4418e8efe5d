"""Opening the file: pragmas, the check for damage, moving a damaged file aside."""

from __future__ import annotations

import logging
import os
import sqlite3
from datetime import datetime
from pathlib import Path

from chargepoint.errors import JournalError
from chargepoint.store.schema import migrate

PAGE_SIZE = 512
"""Bytes. A commit writes whole pages, and a packed sample needs a third of one: the smallest wear the card least."""

BUSY_MS = 5000
"""Milliseconds to wait for somebody who looks into the file with another program."""

CHECKPOINT_PAGES = 400
"""Pages in the write-ahead log before they are moved into the file: 200 KiB."""

LOG_SIZE = 256 * 1024
"""Bytes of the write-ahead log that stay allocated: the next commits need no new room on a full disk."""

WRITER_CACHE_KIB, READER_CACHE_KIB = 512, 128

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PRIMARY = 0xFF  # SQLite's error code without its details

log = logging.getLogger(__name__)


class _Damaged(Exception):
    """The file is not a sound database."""


def open_writer(path: Path, now: datetime) -> tuple[sqlite3.Connection, str | None]:
    """The connection that writes, and where a damaged file was moved to, if there was one.

    Raises:
        JournalError: the file cannot be opened, or a newer version wrote it.
    """
    connection = _first_connection(path)
    try:
        _make_ready(connection, path)
    except _Damaged as damage:
        moved = _move_aside(path, now)
        log.error("%s is damaged (%s); it is now %s and the journal starts empty", path, damage, moved)
        connection.close()  # only now: closing would have deleted the write-ahead log
        connection = _first_connection(path)
        _make_ready(connection, path)
        return connection, str(moved)
    return connection, None


def open_reader(path: Path) -> sqlite3.Connection:
    """A second connection, for the event loop: it sees what is committed and never waits for a write."""
    connection = _connect(path)
    connection.execute("PRAGMA query_only=ON")
    connection.execute(f"PRAGMA cache_size=-{READER_CACHE_KIB}")
    return connection


def _first_connection(path: Path) -> sqlite3.Connection:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # the file names cards: others need not read it
        return _connect(path)
    except (sqlite3.Error, OSError) as error:
        raise _cannot_open(path, error) from error


def _make_ready(connection: sqlite3.Connection, path: Path) -> None:
    try:
        _check(connection)
        _prepare(connection)
        migrate(connection, str(path))
    except sqlite3.Error as error:
        if is_damage(error):
            raise _Damaged(str(error)) from error
        connection.close()
        raise _cannot_open(path, error) from error
    except JournalError:
        connection.close()
        raise


def is_damage(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY in _DAMAGE


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    return connection


def _check(connection: sqlite3.Connection) -> None:
    finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if finding != "ok":
        raise _Damaged(finding)


def _prepare(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA page_count").fetchone()[0] == 0:
        connection.execute(f"PRAGMA page_size={PAGE_SIZE}")
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "temp_store=MEMORY",  # thinning must work on a full disk
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        f"journal_size_limit={LOG_SIZE}",
        f"cache_size=-{WRITER_CACHE_KIB}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _move_aside(path: Path, now: datetime) -> Path:
    """File, write-ahead log and its index go together: a log must never meet another file."""
    moved = path.with_name(f"{path.name}.damaged-{now:%Y%m%dT%H%M%SZ}")
    number = 1
    while moved.exists():
        number += 1
        moved = path.with_name(f"{path.name}.damaged-{now:%Y%m%dT%H%M%SZ}-{number}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(moved.with_name(moved.name + suffix))
    _sync_folder(path.parent)
    return moved


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _cannot_open(path: Path, error: Exception) -> JournalError:
    return JournalError(
        f"the station's database cannot be opened: {error}",
        where=str(path),
        fix="Check that the folder exists, that the daemon's user may write in it, and that the disk is neither full "
        "nor mounted read-only.",
    )
