"""Composition: one pharmacy from its settings.

`build` opens and migrates the database, finds or makes the keys, and joins services, live updates
and the web application. Nothing runs by itself afterwards: `serve` listens and ticks, the simulator
calls `services` and `tick()` in its own time.
"""

from pathlib import Path

import msgspec
from starlette.applications import Starlette

from pharmacy.clock import Clock, SystemClock
from pharmacy.db import Database
from pharmacy.db.engine import DatabaseError
from pharmacy.db.migrate import migrate
from pharmacy.keys import Keys, KeysError, load_or_make
from pharmacy.services import Office, Services


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a pharmacy is started with.

    Attributes:
        database_url: `sqlite:///path/to/file.db` or `postgresql://user@host/name`.
        keys: the folder of its keys; None: beside the SQLite file, `<file>.keys`.
        demo: takes simulated cabinets only, and cheap PINs; a real pharmacy takes neither.
        clock: wall time and randomness; the simulator passes its own.
    """

    database_url: str
    keys: Path | None = None
    demo: bool = False
    clock: Clock | None = None


class Pharmacy:
    """A pharmacy that is ready. Close it when done."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.services = Services(office)
        self.live = office.live
        self._client_certificates = False
        self._asgi: Starlette | None = None

    @property
    def asgi(self) -> Starlette:
        """The web application: the cabinets' door and the pages; made when first asked for."""
        if self._asgi is None:
            self._asgi = _asgi(self, client_certificates=self._client_certificates)
        return self._asgi

    def demand_client_certificates(self, *, demanded: bool) -> None:
        """Demand a client certificate at the cabinets' door; said before `asgi` is asked for."""
        self._client_certificates = demanded

    def tick(self) -> None:
        """Do what is due (heartbeats, windows, retention)."""
        self.services.tick()

    def close(self) -> None:
        """Close the database."""
        self.office.database.close()


def build(settings: Settings) -> Pharmacy:
    """Make a pharmacy.

    Raises:
        DatabaseError: the database cannot be used.
        KeysError: the keys cannot be used, or belong to another database.
    """
    clock = settings.clock or SystemClock()
    database = Database(settings.database_url)
    try:
        migrate(database)
        keys = load_or_make(key_folder(settings, database), clock)
        office = Office(database, clock, keys, demo=settings.demo)
        office.open_topics()
        _same_keys(office)
    except BaseException:
        database.close()
        raise
    return Pharmacy(office)


def key_folder(settings: Settings, database: Database) -> Path:
    """Return where the keys are.

    Raises:
        KeysError: no folder is named and there is no file to put one beside.
    """
    if settings.keys is not None:
        return settings.keys
    if database.kind == "sqlite" and database.url.database:
        return Path(f"{database.url.database}.keys")
    raise KeysError(
        "With PostgreSQL the folder of the keys must be named: --keys DIR. Every server on this "
        "database needs the same folder."
    )


def _same_keys(office: Office) -> None:
    """Refuse keys that are not those this database was first used with."""
    kid = office.signer.kid
    known = office.run(lambda unit: unit.first_fact("pharmacy_kid", kid))
    if known != kid:
        raise KeysError(
            "This database belongs to a pharmacy with another signing key. The server did not "
            "start: the cabinets would refuse everything it signs. Name the right key folder with "
            "--keys, or restore it from the backup."
        )


def _asgi(pharmacy: Pharmacy, *, client_certificates: bool) -> Starlette:
    from pharmacy import api, web

    services = pharmacy.services
    return Starlette(
        routes=[
            *api.routes(services, client_certificates=client_certificates),
            *web.routes(services),
        ],
        exception_handlers=web.missing_pages(services),
    )


__all__ = ["DatabaseError", "Keys", "KeysError", "Pharmacy", "Settings", "build"]
