"""Many rows in one statement, past the mapper, on either kind of database.

A batch of a cabinet is hundreds of rows; building bound parameters for each through SQLAlchemy
costs more than the database itself. The statement is still SQLAlchemy's, made once for each table.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

from pharmacy.db.base import Base


def insert_missing(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert `rows`; those whose key (or other unique value) is there already are left alone."""
    _insert(session, table, rows, missing=True)


def insert_rows(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert `rows`, all with the same columns; one that is there already fails the statement."""
    _insert(session, table, rows, missing=False)


def rows_of(table: type[Base]) -> Table:
    """Return a model's plain table."""
    plain = table.__table__
    assert isinstance(plain, Table)
    return plain


def _insert(
    session: Session, table: type[Base], rows: Sequence[dict[str, Any]], *, missing: bool
) -> None:
    if not rows:
        return
    connection = session.connection()
    text, order = _statement(connection.dialect, table, tuple(rows[0]), missing=missing)
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
