"""The `pharmacy` command: the other end of the signed logs.

`serve` is the server; `migrate` brings a database up to date without serving; `enrol` answers a
cabinet's request with its genesis line; `key` prints the public key that cabinets are given. What
goes wrong is said in sentences; a traceback on this terminal is a defect.
"""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click

_P = ParamSpec("_P")


def _in_sentences(command: Callable[_P, None]) -> Callable[_P, None]:
    """Turn what this program raises on purpose into sentences and exit code 1."""

    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        from pharmacy.app import DatabaseError, KeysError
        from pharmacy.enrolment import EnrolmentError
        from pharmacy.serve import CannotServeError
        from pharmacy.services import ServiceError

        try:
            command(*args, **kwargs)
        except (
            CannotServeError,
            DatabaseError,
            EnrolmentError,
            KeysError,
            ServiceError,
        ) as answer:
            _stop(str(answer))
        except SQLAlchemyError as error:
            _stop(
                f"The database does not answer ({type(error).__name__}). Nothing was changed. "
                "Check its address, and that it is running and may be written to."
            )
        except OSError as error:
            _stop(f"{error.filename or 'The system'}: {error.strerror}. Nothing was changed.")

    return run


def _stop(sentence: str) -> None:
    click.echo(sentence, err=True)
    sys.exit(1)


def _database(command: Callable[_P, None]) -> Callable[_P, None]:
    keys = click.option(
        "--keys",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the pharmacy's keys, made at first start. Default for SQLite: beside the "
        "file, FILE.keys. Must be named for PostgreSQL, and be the same for all its servers.",
    )
    database = click.option(
        "--database",
        required=True,
        metavar="URL",
        help="sqlite:///path/to/file.db, or postgresql://user@host/name.",
    )
    return database(keys(command))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The pharmacy server of the open drug cabinet."""


@main.command()
@_database
@click.option(
    "--http",
    default="127.0.0.1:8081",
    show_default=True,
    metavar="HOST:PORT",
    help="Pages and cabinets. Plain HTTP on this machine only; elsewhere it must be TLS.",
)
@click.option(
    "--mllp",
    metavar="HOST:PORT",
    help="HL7 messages (ADT, RDE, OMP, ORM, RAS) over MLLP. Left out: no HL7.",
)
@click.option(
    "--tls-cert", type=click.Path(path_type=Path, dir_okay=False), help="Certificate chain, PEM."
)
@click.option(
    "--tls-key", type=click.Path(path_type=Path, dir_okay=False), help="Its private key, PEM."
)
@click.option(
    "--client-ca",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Authority that signed the cabinets' certificates, PEM. The common name of each is the "
    "cabinet's id.",
)
@click.option(
    "--mllp-plain",
    is_flag=True,
    help="Take plain MLLP from other machines: for an interface engine on a network of its own.",
)
@click.option(
    "--demo",
    is_flag=True,
    help="A demonstration: takes simulated cabinets only, and cheap PINs. Never for real stock.",
)
@_in_sentences
def serve(
    *,
    database: str,
    keys: Path | None,
    http: str,
    mllp: str | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    client_ca: Path | None,
    mllp_plain: bool,
    demo: bool,
) -> None:
    """Serve pages, cabinets and HL7 until stopped.

    Brings the database up to date first. At the first start a pharmacist is made with a random
    password, printed once: sign in with it and change it.
    """
    import asyncio

    from pharmacy.app import Settings, build
    from pharmacy.logs import quiet
    from pharmacy.serve import CannotServeError, Doors, Tls, check, read_address
    from pharmacy.serve import serve as serve_doors

    quiet()
    tls = None
    if tls_cert and tls_key and client_ca:
        tls = Tls(cert=tls_cert, key=tls_key, client_ca=client_ca)
    elif tls_cert or tls_key or client_ca:
        raise CannotServeError(
            "--tls-cert, --tls-key and --client-ca go together: the cabinets' door needs to know "
            "who knocks. The server did not start."
        )
    doors = Doors(
        http=read_address(http, "--http"),
        mllp=None if mllp is None else read_address(mllp, "--mllp"),
        tls=tls,
        mllp_plain=mllp_plain,
    )
    check(doors)
    pharmacy = build(Settings(database_url=database, keys=keys, demo=demo))
    try:
        first = pharmacy.services.first_user()
        if first is not None:
            click.echo(f"First sign-in, shown only now: user {first[0]}, password {first[1]}")
        asyncio.run(serve_doors(pharmacy, doors, _said_ready))
    finally:
        pharmacy.close()


def _said_ready(http: str, mllp: int | None) -> None:
    click.echo(f"The pharmacy is at {http}" + (f" and takes HL7 on port {mllp}" if mllp else ""))
    sys.stdout.flush()


@main.command()
@_database
@click.option("--ward", required=True, help="The ward where the cabinet stands.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the answer: genesis.jws and pharmacy.pem.",
)
@click.option(
    "--compared",
    is_flag=True,
    help="Do not ask: somebody has compared the words with the cabinet already.",
)
@click.argument("request", type=click.Path(path_type=Path))
@_in_sentences
def enrol(
    *, database: str, keys: Path | None, ward: str, out: Path, compared: bool, request: Path
) -> None:
    """Answer REQUEST, which `cabinet enrol` printed, with the cabinet's genesis line.

    Shows the fingerprint of the keys in it as eight words. Have the technician at the cabinet read
    theirs out, and say yes only when all eight are the same.
    """
    from pharmacy.app import Settings, build
    from pharmacy.enrolment import answer, read_request

    asked = read_request(request)
    click.echo(f"Cabinet {asked.cab}: {asked.words()}")
    if not compared and not click.confirm("Does the cabinet show these eight words?"):
        _stop("Nothing was enrolled.")
    pharmacy = build(Settings(database_url=database, keys=keys))
    try:
        genesis, key = answer(pharmacy, asked, ward, out)
    finally:
        pharmacy.close()
    click.echo(f"Take both to the cabinet: cabinet enrol --genesis {genesis} --pharmacy-key {key}")


@main.command()
@_database
@_in_sentences
def key(*, database: str, keys: Path | None) -> None:
    """Print this pharmacy's public key (PEM), which cabinets and auditors are given."""
    from pharmacy.app import Settings, build
    from pharmacy.enrolment import public_pem

    pharmacy = build(Settings(database_url=database, keys=keys))
    try:
        click.echo(public_pem(pharmacy).decode("ascii"), nl=False)
    finally:
        pharmacy.close()


@main.command()
@_database
@_in_sentences
def migrate(*, database: str, keys: Path | None) -> None:
    """Bring a database to this version's tables, and do nothing else."""
    del keys
    from pharmacy.db import Database
    from pharmacy.db.migrate import migrate as migrate_database

    opened = Database(database)
    try:
        revision = migrate_database(opened)
    finally:
        opened.close()
    click.echo(f"The database is at revision {revision}.")


if __name__ == "__main__":
    main()
