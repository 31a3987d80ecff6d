"""Many rows in one go, past the mapper, on either kind of database.

A batch of a cabinet is hundreds of rows; building bound parameters for each through SQLAlchemy
costs more than the database itself. SQLite gets one prepared statement, PostgreSQL a COPY: both
within the session's own transaction.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pharmacy.db.base import Base

Rows = Sequence[dict[str, Any]]


def insert_missing(session: Session, table: type[Base], rows: Rows) -> None:
    """Insert `rows`; those whose key (or other unique value) is there already are left alone."""
    if not rows:
        return
    connection = session.connection()
    text, order = _statement(connection.dialect, table, tuple(rows[0]), missing=True)
    _execute(connection, text, order, rows)


def insert_new(session: Session, table: type[Base], key: str, rows: Rows) -> None:
    """Insert those of many `rows` whose `key` is not there yet, each key once.

    Two transactions that bring one key at the same moment: one is run again (`Database.run`).
    """
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        insert_missing(session, table, rows)
        return
    quote = connection.dialect.identifier_preparer.quote
    held = connection.exec_driver_sql(
        f"SELECT {quote(key)} FROM {quote(table.__tablename__)} "  # noqa: S608 # our own names
        f"WHERE {quote(key)} = ANY(%(keys)s)",
        {"keys": [row[key] for row in rows]},
    )
    known = set(held.scalars())
    insert_rows(session, table, [row for row in rows if row[key] not in known])


def insert_rows(session: Session, table: type[Base], rows: Rows) -> None:
    """Insert `rows`, all with the same columns; one that is there already fails the statement."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _copy(connection, table, rows)
        return
    text, order = _statement(connection.dialect, table, tuple(rows[0]), missing=False)
    _execute(connection, text, order, rows)


def rows_of(table: type[Base]) -> Table:
    """Return a model's plain table."""
    plain = table.__table__
    assert isinstance(plain, Table)
    return plain


def _copy(connection: Connection, table: type[Base], rows: Rows) -> None:
    """Stream rows into a table of PostgreSQL."""
    columns = tuple(rows[0])
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    text = f"COPY {quote(table.__tablename__)} ({names}) FROM STDIN"
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(text) as stream:
            for row in rows:
                stream.write_row([row[name] for name in columns])
    except driver_error(connection) as error:
        # As every other statement says it, so that `Database.run` knows what is worth a try.
        raise DBAPIError(text, None, error) from error


def driver_error(connection: Connection) -> type[Exception]:
    """Return what the driver beneath a connection raises."""
    raised: type[Exception] = connection.dialect.loaded_dbapi.Error
    return raised


def _execute(connection: Connection, text: str, order: tuple[str, ...], rows: Rows) -> None:
    if order:
        connection.exec_driver_sql(text, [tuple([row[name] for name in order]) for row in rows])
    else:
        connection.exec_driver_sql(text, list(rows))


@lru_cache(maxsize=100)
def _statement(
    dialect: Dialect, table: type[Base], columns: tuple[str, ...], *, missing: bool
) -> tuple[str, tuple[str, ...]]:
    """Return the statement, and the order of its parameters where they have no names."""
    insert: postgresql.Insert | sqlite.Insert
    if dialect.name == "postgresql":
        insert = postgresql.insert(rows_of(table))
    else:
        insert = sqlite.insert(rows_of(table))
    if missing:
        insert = insert.on_conflict_do_nothing()
    compiled = insert.compile(dialect=dialect, column_keys=list(columns))
    return str(compiled), tuple(compiled.positiontup or ())
