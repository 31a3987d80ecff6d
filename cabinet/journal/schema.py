"""The tables of the journal, and how its file is opened.

Lines are append-only: triggers refuse every change, and refuse deletion unless the retention record
of the same transaction covers the line. A line's place is one integer, epoch * 2**40 + seq, so that
a look-up is one descent of one tree whether there are a thousand lines or a hundred thousand. The
view `line` shows both logs to anyone with an SQLite shell.

`latest` is written in the same transaction as the line it points to; the release gate asks it
whether the line an intent names is still the last word on its subject.
"""

from pathlib import Path
from typing import Any, Final

import apsw

from cabinet.journal.failure import JournalFailed, disk_faults

APPLICATION_ID: Final = 0x4F444331
"""`ODC1`: says that a file is a journal of this program."""

BUSY_MS: Final = 1_000

PLACE_BITS: Final = 40


def place_id(ep: int, seq: int) -> int:
    """The place of a line as one integer."""
    return (ep << PLACE_BITS) | seq


def place_of(number: int) -> tuple[int, int]:
    """(epoch, seq) of a place."""
    return (number >> PLACE_BITS, number & ((1 << PLACE_BITS) - 1))


_LOG_TABLES: Final = """
CREATE TABLE @_line (
    id INTEGER PRIMARY KEY, hash TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
    raw BLOB NOT NULL
);
CREATE TABLE @_body (id INTEGER PRIMARY KEY, salt BLOB NOT NULL, data BLOB NOT NULL);
CREATE TABLE @_forgotten (id INTEGER PRIMARY KEY, subject TEXT NOT NULL, at_up INTEGER);
CREATE TABLE @_dropped (id INTEGER PRIMARY KEY, hash TEXT NOT NULL);
CREATE TRIGGER @_line_stays BEFORE UPDATE ON @_line
BEGIN SELECT raise(ABORT, 'a line is never changed'); END;
CREATE TRIGGER @_line_kept BEFORE DELETE ON @_line
WHEN NOT EXISTS (SELECT 1 FROM @_dropped WHERE id >= old.id)
BEGIN SELECT raise(ABORT, 'a line is never deleted before its time'); END;
CREATE TRIGGER @_body_stays BEFORE UPDATE ON @_body
BEGIN SELECT raise(ABORT, 'a body is never changed'); END;
CREATE TRIGGER @_body_kept BEFORE DELETE ON @_body
WHEN NOT EXISTS (SELECT 1 FROM @_forgotten WHERE id = old.id)
    AND NOT EXISTS (SELECT 1 FROM @_dropped WHERE id >= old.id)
BEGIN SELECT raise(ABORT, 'a body is never deleted without a record of it'); END;
"""
"""The tables of one log; `@` stands for its name."""

_TABLES: Final = """
CREATE TABLE genesis (ep INTEGER PRIMARY KEY, hash TEXT NOT NULL, raw BLOB NOT NULL);
CREATE TABLE key (kid TEXT PRIMARY KEY, public BLOB NOT NULL, roles TEXT NOT NULL,
    cabinet TEXT, revoked INTEGER) WITHOUT ROWID;
CREATE TABLE latest (subject TEXT PRIMARY KEY, log TEXT NOT NULL, id INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE names (subject TEXT, id INTEGER, PRIMARY KEY (subject, id)) WITHOUT ROWID;
CREATE TABLE intent (id INTEGER PRIMARY KEY, drawer INTEGER NOT NULL, panel INTEGER NOT NULL,
    purpose TEXT NOT NULL, opened INTEGER NOT NULL DEFAULT 0, left INTEGER NOT NULL DEFAULT 0);
CREATE TABLE receipt (id INTEGER PRIMARY KEY, hash TEXT NOT NULL, dn INTEGER NOT NULL,
    iat INTEGER NOT NULL, raw BLOB NOT NULL);
CREATE TABLE quarantine (number INTEGER PRIMARY KEY, log TEXT NOT NULL, id INTEGER NOT NULL,
    reason TEXT NOT NULL, raw BLOB NOT NULL, UNIQUE (log, raw));
CREATE TABLE snapshot (id INTEGER PRIMARY KEY, digest TEXT NOT NULL, ward BLOB NOT NULL);
CREATE TABLE house (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER genesis_stays BEFORE UPDATE ON genesis
BEGIN SELECT raise(ABORT, 'a genesis is never changed'); END;
CREATE TRIGGER genesis_kept BEFORE DELETE ON genesis
BEGIN SELECT raise(ABORT, 'a genesis is never deleted'); END;
CREATE TRIGGER evidence_stays BEFORE UPDATE ON quarantine
BEGIN SELECT raise(ABORT, 'evidence is never changed'); END;
CREATE TRIGGER evidence_kept BEFORE DELETE ON quarantine
BEGIN SELECT raise(ABORT, 'evidence is never deleted'); END;
CREATE VIEW line AS
SELECT 'up' AS log, id >> 40 AS ep, id & 0xFFFFFFFFFF AS seq, type, hash,
    cast(raw AS TEXT) AS jws FROM up_line
UNION ALL
SELECT 'dn', id >> 40, id & 0xFFFFFFFFFF, type, hash, cast(raw AS TEXT)
    FROM dn_line;
"""

_VERSION_1: Final = _LOG_TABLES.replace("@", "up") + _LOG_TABLES.replace("@", "dn") + _TABLES

MIGRATIONS: Final[tuple[str, ...]] = (_VERSION_1,)
"""Script n takes a journal from version n to n + 1. Never changed once released, only added to."""


def fetch(connection: apsw.Connection, sql: str, values: tuple[object, ...] = ()) -> list[Any]:
    """All rows of a statement; their columns have the types that the tables above say."""
    return connection.execute(sql, values).fetchall()


def open_writer(path: Path, vfs: str | None = None) -> apsw.Connection:
    """Open or create a journal for writing, with its pragmas set and read back, and migrate it.

    Raises:
        JournalFailed: `version` for a newer journal, `damaged` for a file that is none.
        apsw.Error: the disk.
    """
    connection = apsw.Connection(str(path), vfs=vfs)
    try:
        _set(connection, "journal_mode", "wal")
        _set(connection, "synchronous", 2)
        _set(connection, "secure_delete", 1)
        _set(connection, "trusted_schema", 0)
        _set(connection, "cell_size_check", 1)
        _set(connection, "wal_autocheckpoint", 0)  # the medium folds in, at its own time
        connection.set_busy_timeout(BUSY_MS)
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path, vfs: str | None = None) -> apsw.Connection:
    """Open a journal for reading only: what this connection sees is committed.

    Raises:
        JournalFailed: the disk, `damaged` for a file that is no journal, `version`.
    """
    with disk_faults():
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY, vfs=vfs)
        try:
            connection.set_busy_timeout(BUSY_MS)
            _demand_journal(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _demand_journal(connection: apsw.Connection) -> None:
    if _number(connection, "application_id") != APPLICATION_ID:
        raise JournalFailed("damaged", "not a journal")
    if _number(connection, "user_version") > len(MIGRATIONS):
        raise JournalFailed("version")


def _migrate(connection: apsw.Connection) -> None:
    version = _number(connection, "user_version")
    if version > 0:
        _demand_journal(connection)
    for number in range(version, len(MIGRATIONS)):
        with connection:
            # apsw runs a script lazily, up to the first row: take everything it gives.
            list(connection.execute(MIGRATIONS[number]))
            list(connection.execute(f"PRAGMA user_version = {number + 1}"))
            list(connection.execute(f"PRAGMA application_id = {APPLICATION_ID}"))


def _set(connection: apsw.Connection, name: str, value: str | int) -> None:
    list(connection.execute(f"PRAGMA {name} = {value}"))
    found = connection.execute(f"PRAGMA {name}").get
    if found != value:
        raise JournalFailed("disk", f"{name} is {found}, not {value}")


def _number(connection: apsw.Connection, name: str) -> int:
    value = connection.execute(f"PRAGMA {name}").get
    assert isinstance(value, int)
    return value
