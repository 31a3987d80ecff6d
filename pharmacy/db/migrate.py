"""Bring a database to this version's tables; `serve` does it at start, `pharmacy migrate` alone.

On PostgreSQL an advisory lock lets several servers start at once: one migrates, the others wait and
find nothing left to do. A database newer than the program is refused, never guessed at (F30).
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import alembic.command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from pharmacy.db.engine import Database, DatabaseError

FOLDER = Path(__file__).parent / "migrations"
_LOCK = 7_230_117
"""Any fixed number; it names our advisory lock."""


def migrate(database: Database) -> str:
    """Apply what is missing and return the revision the database is at.

    Raises:
        DatabaseError: the database was written by a newer program.
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    script = ScriptDirectory.from_config(config)
    with database.engine.connect() as connection, _alone(connection):
        config.attributes["connection"] = connection
        known = {revision.revision for revision in script.walk_revisions()}
        at = MigrationContext.configure(connection).get_current_revision()
        if at is not None and at not in known:
            raise DatabaseError(
                f"This database was written by a newer pharmacy server (revision {at}). Nothing "
                "was changed. Start the newer program, or restore a backup of this version."
            )
        alembic.command.upgrade(config, "head")
        connection.commit()
    return str(script.get_current_head())


@contextlib.contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.exec_driver_sql(f"SELECT pg_advisory_lock({_LOCK})")
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_LOCK})")
        connection.commit()
