"""The tables, as the numbered steps that make them. A step that has been released is never changed: add another.

A step only adds: tables, and columns that may be empty. So an older program can go on with a newer file, and it will
have to: a station that leaves a new system for the old one must not leave its bills there.

Money (`facts`) is readable with any SQLite tool. Periodic `samples` are packed and live in a table of their own: while
the station is online it holds a row or two in one page, so that a sample costs the storage card one page and no more.
Times are microseconds since 1970 (UTC) by the station's clock of that moment.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from chargepoint.errors import JournalError

Step = Sequence[str]

_FACT_COLUMNS = """
    id INTEGER PRIMARY KEY,                        -- its place in the journal, shared by facts and samples
    settled INTEGER NOT NULL,                      -- 1: the CSMS needs it no more; kept while the transaction runs
    tx INTEGER REFERENCES transactions,
    boot INTEGER NOT NULL REFERENCES boots,
    trusted INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    mono_s REAL NOT NULL,
    kind TEXT NOT NULL,
"""

MIGRATIONS: tuple[Step, ...] = (
    (
        """CREATE TABLE boots (
            num INTEGER PRIMARY KEY,
            boot TEXT NOT NULL UNIQUE,
            mono_s REAL,                           -- when the right time became known in this boot,
            true_us INTEGER                        -- and what it was
        ) STRICT""",
        """CREATE TABLE transactions (
            num INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            evse INTEGER NOT NULL,
            start_id INTEGER NOT NULL,
            bill TEXT NOT NULL,                    -- owed, delivered, buried, or none: there is no CSMS
            csms_id INTEGER,
            token TEXT,
            token_kind TEXT,
            started_us INTEGER NOT NULL,
            started_mono_s REAL NOT NULL,
            started_boot INTEGER REFERENCES boots, -- only where the clock was not to be trusted
            begin_wh REAL NOT NULL,
            ended_us INTEGER,                      -- NULL while it runs
            ended_mono_s REAL,
            ended_boot INTEGER REFERENCES boots,
            end_wh REAL,
            energy_wh REAL,
            reason TEXT
        ) STRICT""",
        f"CREATE TABLE facts ({_FACT_COLUMNS} body TEXT NOT NULL) STRICT",
        f"CREATE TABLE samples ({_FACT_COLUMNS} body BLOB NOT NULL) STRICT",
        """CREATE TABLE frozen (                     -- what was sent, and will be repeated to the letter
            record INTEGER PRIMARY KEY,
            message_id TEXT NOT NULL,
            subprotocol TEXT NOT NULL,
            action TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            text TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE messages (                   -- every id ever used for a fact that is still owed
            message_id TEXT PRIMARY KEY,
            record INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE dead_letters (
            num INTEGER PRIMARY KEY,
            record INTEGER NOT NULL,
            boot TEXT NOT NULL,
            trusted INTEGER NOT NULL,
            at_us INTEGER NOT NULL,
            mono_s REAL NOT NULL,
            kind TEXT NOT NULL,
            body ANY NOT NULL,                     -- packed where it was
            buried_us INTEGER NOT NULL,
            why TEXT NOT NULL,
            message_id TEXT,
            action TEXT,
            text TEXT
        ) STRICT""",
        """CREATE TABLE memory (
            space TEXT NOT NULL,
            key TEXT NOT NULL,
            value TEXT NOT NULL,                   -- JSON
            PRIMARY KEY (space, key)
        ) STRICT, WITHOUT ROWID""",
    ),
    (  # 2: what a bill came to and how it is proven; when the station was of no use, and why
        "ALTER TABLE transactions ADD COLUMN cost TEXT",  # decimal and currency, as the driver read it
        "ALTER TABLE transactions ADD COLUMN cost_final INTEGER",  # 1: the back office's last word
        """CREATE TABLE signed_values (              -- as the meter signed them (OCMF)
            tx INTEGER NOT NULL REFERENCES transactions ON DELETE CASCADE,
            context TEXT NOT NULL,                 -- Transaction.Begin or Transaction.End
            value TEXT NOT NULL,
            public_key TEXT NOT NULL,              -- hex; "" where the meter does not tell it
            PRIMARY KEY (tx, context)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE outages (
            num INTEGER PRIMARY KEY,
            place TEXT NOT NULL,                   -- station, csms, or an EVSE's number
            cause TEXT NOT NULL,
            detail TEXT NOT NULL,
            began_us INTEGER NOT NULL,
            began_mono_s REAL NOT NULL,
            began_boot INTEGER,                    -- only where the clock was not to be trusted. No reference: an older
            ended_us INTEGER,                      -- program forgets boots that it needs no more. NULL while it lasts
            ended_mono_s REAL,
            ended_boot INTEGER
        ) STRICT""",
    ),
)

READABLE_FROM = 1
"""Programs that know this many steps, or more, can read and write the file; it says so itself. As long as steps only
add, this stays. Were it to rise, a station that has gone back to an older program would have no file to use."""

_MARK = ("store", "readable_from")
"""Where the memory says so."""

APPLICATION_ID = 0x43505354
"""Tells `file` and others that the database is ours: "CPST"."""


def migrate(connection: sqlite3.Connection, where: str, steps: Sequence[Step] = MIGRATIONS) -> None:
    """Bring the tables up to date, all or nothing. What a newer version has added is left alone.

    Raises:
        JournalError: a newer version wrote the file, and not for this one; or a step failed. The file is as it was.
    """
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(steps) and not _is_for(connection, len(steps)):
        raise JournalError(
            f"a newer version of this program wrote the file (tables of version {version}, known here: {len(steps)})",
            where=where,
            fix="Install the newer version again. Or start afresh: move the file away; bills not sent yet stay in it.",
        )
    if version < len(steps):
        _climb(connection, where, version, steps)


def _is_for(connection: sqlite3.Connection, known: int) -> bool:
    """Does the newer version that wrote the file say that a program with so many steps can use it?"""
    try:
        found = connection.execute("SELECT value FROM memory WHERE space = ? AND key = ?", _MARK).fetchone()
    except sqlite3.OperationalError:  # it has not even that table
        return False
    return found is not None and found[0].isdigit() and int(found[0]) <= known


def _climb(connection: sqlite3.Connection, where: str, version: int, steps: Sequence[Step]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in (statement for step in steps[version:] for statement in step):
            connection.execute(statement)
        connection.execute("INSERT OR REPLACE INTO memory VALUES (?, ?, ?)", (*_MARK, str(READABLE_FROM)))
        connection.execute(f"PRAGMA user_version={len(steps)}")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise JournalError(
            f"the tables cannot be brought from version {version} to {len(steps)}: {error}",
            where=where,
            fix="Nothing was changed: install the previous version again, and report this with a copy of the file.",
        ) from error
