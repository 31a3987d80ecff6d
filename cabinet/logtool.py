"""`cabinet log`: verify and show signed logs, from files, a folder of them, or a journal.

Prints ids only. Names stand in bodies of `patient` and `staff`, and these are never printed.
"""

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from cabinet.journal import JournalFailed, keeping, reading
from cabinet.journal.lines import StoredLine
from cabinet.journal.schema import fetch, open_reader, place_of
from cabinet.logcheck import Bad, Checked, check_bodies, check_rows, read_key, read_rows_of
from cabinet.wire.accept import Log
from cabinet.wire.errors import WireError
from cabinet.wire.line import UpPayload

SQLITE: Final = b"SQLite format 3\x00"
LOGS: Final[tuple[Log, ...]] = ("dn", "up")
NAMING: Final = frozenset({"patient", "staff"})
"""Types whose bodies hold names: of these only ids and states are shown."""
SHOWN_OF_NAMING: Final = frozenset({"patient", "actor", "status", "privileges", "revoked", "ward"})


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One log to look at: its rows checked one by one, and bodies by digest."""

    name: str
    rows: Callable[[], Iterator[Checked]]
    bodies: dict[str, bytes]
    forgotten: frozenset[str] | None


@click.group()
def log() -> None:
    """Verify and show the signed logs of a cabinet."""


_target = click.argument("target", type=click.Path(exists=True, path_type=Path))
_keys = (
    click.option(
        "--cabinet",
        "cabinet_pem",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The cabinet's public key; default: cabinet.pem beside the file.",
    ),
    click.option(
        "--pharmacy",
        "pharmacy_pem",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The pharmacy's public key; default: pharmacy.pem beside the file.",
    ),
    click.option(
        "--bodies",
        "bodies_txt",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Body records; default: bodies.txt beside the file.",
    ),
)


def _with_keys(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_keys):
        command = option(command)
    return command


@log.command("verify")
@_target
@_with_keys
def verify_command(
    target: Path, cabinet_pem: Path | None, pharmacy_pem: Path | None, bodies_txt: Path | None
) -> None:
    """Verify TARGET: a .jws file, a folder of exported files, or a journal.

    Prints for each line who signed it and the hash that the next line names, exactly as
    vectors/verify.sh does with openssl alone, then what became of the bodies. Stops at the first
    line that does not hold, with a sentence and exit code 1.
    """
    with _sentences():
        lines = missing = 0
        for part in _parts(target, cabinet_pem, pharmacy_pem, bodies_txt):
            for checked in part.rows():
                click.echo(f"{checked.signer} {checked.hash}")
                if checked.line is None:
                    continue
                lines += 1
                digest = checked.line.payload.body
                if digest not in part.bodies:
                    missing += 1
                    if part.forgotten is not None and digest not in part.forgotten:
                        raise Bad(part.name, checked.row, "Its body is gone and nothing says why.")
        held = "bodies hold" if not missing else f"bodies hold, {missing} forgotten"
        click.echo(f"{lines} lines verified; {held}")


@log.command("show")
@_target
@_with_keys
@click.option("--log", "which", type=click.Choice(LOGS), help="Only this log.")
@click.option("--type", "kind", help="Only lines of this type, such as release.intent.")
@click.option(
    "--last", type=click.IntRange(1, 1_000_000), default=200, show_default=True, help="Lines shown."
)
def show_command(
    target: Path,
    cabinet_pem: Path | None,
    pharmacy_pem: Path | None,
    bodies_txt: Path | None,
    which: str | None,
    kind: str | None,
    last: int,
) -> None:
    """Show TARGET as a table, verified on the way: place, time, type, ids. Never a name."""
    with _sentences():
        for part in _parts(target, cabinet_pem, pharmacy_pem, bodies_txt):
            rows = [
                _row(checked, part.bodies)
                for checked in part.rows()
                if checked.line is not None
                and which in (None, checked.line.payload.log)
                and kind in (None, checked.line.payload.type)
            ]
            if len(rows) > last:
                click.echo(f"... {len(rows) - last} earlier lines of {part.name}")
            for row in rows[-last:]:
                click.echo(row)


class _sentences:  # noqa: N801 - reads as a word at its `with`
    """Turns what may be wrong with logs, keys and disks into one sentence and exit code 1."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        match error:
            case Bad(sentence=sentence) | WireError(sentence=sentence):
                said = sentence
            case JournalFailed():
                said = str(error)
            case OSError():
                said = f"{error.filename}: {error.strerror}."
            case _:
                return
        click.echo(said, err=True)
        sys.exit(1)


def _parts(
    target: Path, cabinet_pem: Path | None, pharmacy_pem: Path | None, bodies_txt: Path | None
) -> Iterator[Part]:
    if target.is_dir():
        files = [target / f"{name}.jws" for name in LOGS]
        missing = [path.name for path in files if not path.exists()]
        if missing:
            raise click.UsageError(f"{target} holds no {' and no '.join(missing)}.")
    elif _is_journal(target):
        yield from _journal_parts(target)
        return
    else:
        files = [target]
    folder = files[0].parent
    keys = {
        "cabinet": read_key(_beside(cabinet_pem, folder, "cabinet.pem", "--cabinet")),
        "pharmacy": read_key(_beside(pharmacy_pem, folder, "pharmacy.pem", "--pharmacy")),
    }
    records = bodies_txt or folder / "bodies.txt"
    bodies = check_bodies(records.name, read_rows_of(records)) if records.exists() else {}
    data = {digest: body.data for digest, body in bodies.items()}
    for path in files:

        def rows(path: Path = path) -> Iterator[Checked]:
            return check_rows(path.name, read_rows_of(path), keys)

        yield Part(name=path.name, rows=rows, bodies=data, forgotten=None)


def _journal_parts(path: Path) -> Iterator[Part]:
    reader = open_reader(path)
    try:
        believed = reading.keys(reader)
        genesis = reading.genesis(reader, believed)
        if genesis is None:
            raise click.UsageError(f"{path} is the journal of a cabinet that is not enrolled yet.")
        keys = {
            "cabinet": genesis.payload.key.public_key(),
            "pharmacy": believed[genesis.kid].key,
        }
        for name in LOGS:
            found = keeping.whole_log(reader, name)
            stored = [row for row in found if isinstance(row, StoredLine)]
            cut = fetch(reader, f"SELECT id, hash FROM {name}_dropped")  # noqa: S608 - one of two words
            after = (place_of(cut[0][0]), cut[0][1]) if cut else None
            gone = {place_of(row[0]) for row in fetch(reader, f"SELECT id FROM {name}_forgotten")}  # noqa: S608 - as above
            records = [record for line in stored if (record := line.record) is not None]
            label = f"{path.name} ({name})"
            bodies = check_bodies(f"the bodies of {label}", records)

            def rows(
                found: list[bytes | StoredLine] = found,
                after: tuple[tuple[int, int], str] | None = after,
                label: str = label,
            ) -> Iterator[Checked]:
                raw = (row if isinstance(row, bytes) else row.raw for row in found)
                return check_rows(label, raw, keys, after)

            yield Part(
                name=label,
                rows=rows,
                bodies={digest: body.data for digest, body in bodies.items()},
                forgotten=frozenset(line.digest for line in stored if line.ref in gone),
            )
    finally:
        reader.close()


def _is_journal(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(SQLITE)) == SQLITE


def _beside(given: Path | None, folder: Path, name: str, option: str) -> Path:
    path = given or folder / name
    if not path.exists():
        raise click.UsageError(f"There is no {name} in {folder}; say where it is with {option}.")
    return path


def _row(checked: Checked, bodies: dict[str, bytes]) -> str:
    assert checked.line is not None
    said = checked.line.payload
    clock = said.clk if isinstance(said, UpPayload) else ""
    place = f"{said.log} {said.ep}/{said.seq}"
    ids = _ids(said.type, bodies.get(said.body))
    return f"{place:12} {_time(said.wall):20} {clock:6} {said.type:22} {ids}"


def _time(wall_s: int | None) -> str:
    if wall_s is None:
        return "time not known"
    moment = dt.datetime.fromtimestamp(wall_s, dt.UTC)
    return f"{moment:%d-%b-%Y %H:%M:%S}"


def _ids(kind: str, data: bytes | None) -> str:
    if data is None:
        return "(body forgotten)"
    try:
        members: Any = msgspec.json.decode(data)
    except msgspec.DecodeError:
        return "(body unreadable)"
    if not isinstance(members, dict):
        return ""
    return " ".join(
        f"{name}={_plain(value)}"
        for name, value in sorted(members.items())
        if kind not in NAMING or name in SHOWN_OF_NAMING
    )


def _plain(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= 60 else f"{text[:57]}..."
