"""One database, two kinds: an SQLite file, or PostgreSQL by psycopg 3.

SQLite runs in WAL mode with foreign keys on and `synchronous=FULL`, so that an answered message is
on the disk. A writing transaction begins IMMEDIATE: a lock that is taken late, after reading, can
only fail, and a reader never waits for a writer in WAL. On PostgreSQL the head rows are taken FOR
UPDATE instead (SQLite leaves the words out, its one writer needs none).

A transaction that the database itself gave up (deadlock, serialisation, busy) is run again, a
bounded number of times; everything inside `run` must therefore happen in the transaction only.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

T = TypeVar("T")

TRIES = 5
"""How often a transaction is run before its failure is passed on."""

BUSY_TIMEOUT_S = 15
"""How long one process waits for another's transaction."""

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    # Digests are random, so their index is touched everywhere: keep 64 MiB of pages at hand, and
    # write the log back every 40 MiB instead of after every third batch of a cabinet.
    "cache_size=-65536",
    "wal_autocheckpoint=10000",
)

_RETRY_STATES = {"40001", "40P01", "23505"}
"""PostgreSQL: serialisation, deadlock, and a key that another transaction brought just now."""


class DatabaseError(Exception):
    """The database cannot be used; the text is a sentence for the person who starts the server."""


class Database:
    """Sessions on one database.

    Args:
        url: `sqlite:///path/to/file.db` or `postgresql://user@host/name` (psycopg is chosen).

    Raises:
        DatabaseError: the URL names no database we can use.
    """

    def __init__(self, url: str) -> None:
        self.url = normal_url(url)
        self.kind = self.url.get_backend_name()
        self.engine = _engine(self.url)

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one state of the database and must not write."""
        reading = self.engine.execution_options(adc_reading=True)
        with Session(reading) as session:
            yield session

    def run(self, work: Callable[[Session], T]) -> T:
        """Run `work` in one writing transaction; commit, or roll back and raise.

        `work` is run again when the database gave the transaction up through no fault of ours.
        """
        for remaining in reversed(range(TRIES)):
            try:
                with Session(self.engine, expire_on_commit=False) as session, session.begin():
                    return work(session)
            except DBAPIError as error:
                if remaining == 0 or not _worth_another_try(error):
                    raise
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def normal_url(url: str) -> URL:
    """Return `url` with the driver this project uses.

    Raises:
        DatabaseError: not a URL, or another kind of database.
    """
    try:
        parsed = make_url(url)
    except sqlalchemy.exc.ArgumentError:
        raise DatabaseError(
            "The database address cannot be read. Write sqlite:///path/to/file.db or "
            "postgresql://user@host/name."
        ) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise DatabaseError(
                "The pharmacy needs a file: sqlite:///path/to/file.db. A database in memory would "
                "forget what the cabinets were told is safe."
            )
        return parsed.set(drivername="sqlite+pysqlite")
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise DatabaseError(
        f"The pharmacy runs on SQLite or PostgreSQL, not on {backend}. Write "
        "sqlite:///path/to/file.db or postgresql://user@host/name."
    )


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return sqlalchemy.create_engine(
            url, pool_size=10, max_overflow=10, pool_pre_ping=True, pool_timeout=BUSY_TIMEOUT_S
        )
    engine = sqlalchemy.create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}
    )

    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()

    def on_begin(connection: sqlalchemy.Connection) -> None:
        reading = connection.get_execution_options().get("adc_reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    return engine


def _worth_another_try(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state in _RETRY_STATES or "database is locked" in str(error.orig)
