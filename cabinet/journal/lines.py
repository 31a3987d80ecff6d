"""Rows of the journal: how a line and its body are written, and how they are read back."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import apsw
import msgspec

from cabinet.journal.schema import fetch, place_id, place_of
from cabinet.journal.subjects import named, subjects
from cabinet.wire.accept import Appended, Log
from cabinet.wire.body import body_digest, seal_body
from cabinet.wire.errors import WireError
from cabinet.wire.line import Signer, signing_hash
from cabinet.wire.strict import plain, strict_json
from statemachine.instant import Instant
from statemachine.ward.drawers import (
    DrawerClosed,
    DrawerLeftOpen,
    DrawerOpened,
    ReleaseExpired,
    ReleaseIndeterminate,
    ReleaseIntent,
    ReleaseJammed,
    ReleaseRefused,
)
from statemachine.ward.entry import Directive, Entry, LineRef
from statemachine.ward.fold import TYPES
from statemachine.ward.house import DirectivesApplied
from statemachine.ward.patients import PatientMerge
from statemachine.ward.stamps import said_time


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line about to be written, with everything its transaction needs."""

    ref: LineRef
    hash: str
    type: str
    digest: str
    raw: bytes
    salt: bytes
    data: bytes
    entry: Entry | None


class CommittedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `up` that is committed and was read back.

    Attributes:
        ref: (epoch, seq).
        hash: what the next line's `prev` names.
        raw: the line without its line feed.
    """

    ref: LineRef
    hash: str
    raw: bytes
    entry: Entry


class StoredLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it stands in the journal.

    Attributes:
        ref: (epoch, seq).
        hash: what the next line's `prev` names.
        type: the line's type.
        digest: the digest of its body.
        salt, data: the body; None when it was forgotten.
    """

    ref: LineRef
    hash: str
    type: str
    digest: str
    raw: bytes
    salt: bytes | None
    data: bytes | None

    @property
    def record(self) -> bytes | None:
        """The body record, or None when the body was forgotten."""
        if self.salt is None or self.data is None:
            return None
        return seal_body(self.data, self.salt)[1].encode()

    def entry(self) -> Entry | None:
        """What the line says, decoded anew; None when forgotten or of a type unknown here.

        Raises:
            ValueError: the body is not the one the line names, or does not fit its schema.
        """
        return _decode(self.ref, self.type, self.digest, self.salt, self.data)


DATA_BYTES_MAX = 32_768
"""JSON bytes of one body of ours; the record, a third longer, stays well below 64 KiB."""

_ENCODER = msgspec.json.Encoder(order="sorted")
# The open intent with a seq; after a rollback it may stand in the epoch before.
_OPENED = (
    "UPDATE intent SET opened = 1"
    " WHERE id = (SELECT max(id) FROM intent WHERE id & 0xFFFFFFFFFF = ?)"
)
_LEFT = (
    "UPDATE intent SET left = 1 WHERE id = (SELECT max(id) FROM intent WHERE id & 0xFFFFFFFFFF = ?)"
)
_ENDED = "DELETE FROM intent WHERE id = (SELECT max(id) FROM intent WHERE id & 0xFFFFFFFFFF = ?)"
_DECODERS = {kind: msgspec.json.Decoder(entry) for kind, entry in TYPES.items()}
_SELECT = (
    "SELECT l.id, l.hash, l.type, l.body, l.raw, b.salt, b.data"
    " FROM @_line l LEFT JOIN @_body b USING (id)"
)


def of_log(sql: str, log: Log) -> str:
    """A statement on the tables of one log; `@` stands for its name."""
    return sql.replace("@", log)


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """What every line of `up` is signed with: who, how, and the number of this boot."""

    cabinet: str
    signer: Signer
    salt: Callable[[], bytes]
    boot: int


def make_rows(
    signing: Signing,
    entries: Sequence[Entry],
    at: Instant,
    rel: Mapping[str, int],
    *,
    after: tuple[LineRef, str],
    applied: LineRef,
) -> list[Row]:
    """Sign and chain the lines of one turn behind `after` (place, hash). Nothing is written.

    Raises:
        WireError: an entry does not fit into a line or a body.
        ValueError: an entry of `dn`.
    """
    wall, clk = said_time(at)
    (ep, seq), prev = after
    rows: list[Row] = []
    for entry in entries:
        if entry.LOG != "up":
            raise ValueError(f"A cabinet does not write {entry.TYPE}.")
        if isinstance(entry, DirectivesApplied):
            applied = max(applied, entry.to)
        seq += 1
        data = _ENCODER.encode(entry)
        if not plain(data):
            strict_json(data)
        if len(data) > DATA_BYTES_MAX:
            raise WireError("size", f"The body of {entry.TYPE} is {len(data)} bytes long.")
        salt = signing.salt()
        digest = body_digest(salt, data)
        payload = {
            "v": 1,
            "log": "up",
            "cab": signing.cabinet,
            "ep": ep,
            "seq": seq,
            "prev": prev,
            "type": entry.TYPE,
            "body": digest,
            "wall": wall,
            "clk": clk,
            "boot": signing.boot,
            "mono": at.mono_ms,
            "ack": applied,
            "rel": {} if rows else dict(rel),
        }
        raw = signing.signer.sign_canonical("adc-event+jws", _ENCODER.encode(payload))
        prev = signing_hash(raw[: raw.rindex(b".")])
        rows.append(
            Row(
                ref=(ep, seq),
                hash=prev,
                type=entry.TYPE,
                digest=digest,
                raw=raw,
                salt=salt,
                data=data,
                entry=entry,
            )
        )
    return rows


def take_rows(accepted: Sequence[Appended], after: tuple[LineRef, str]) -> list[Row]:
    """Rows of accepted `dn` lines behind `after` (place, hash).

    Raises:
        ValueError: the lines do not continue what is held.
    """
    (ep, seq), prev = after
    rows = []
    for one in accepted:
        seq += 1
        if one.line.place != (ep, seq) or one.line.payload.prev != prev:
            raise ValueError(f"Line {one.line.place} does not continue line {seq - 1}.")
        prev = one.line.hash
        rows.append(
            Row(
                ref=(ep, seq),
                hash=prev,
                type=one.line.payload.type,
                digest=one.body.digest,
                raw=one.line.raw,
                salt=one.body.salt,
                data=one.body.data,
                entry=one.entry if isinstance(one.entry, Directive) else None,
            )
        )
    return rows


def write_rows(connection: apsw.Connection, log: Log, rows: Iterable[Row]) -> None:
    """Insert lines, bodies and what points to them, inside the caller's transaction."""
    for row in rows:
        number = place_id(*row.ref)
        connection.execute(
            of_log("INSERT INTO @_line VALUES (?, ?, ?, ?, ?)", log),
            (number, row.hash, row.type, row.digest, row.raw),
        )
        connection.execute(
            of_log("INSERT INTO @_body VALUES (?, ?, ?)", log),
            (number, row.salt, row.data),
        )
        for subject in subjects(row.entry):
            connection.execute(
                "INSERT INTO latest VALUES (?, ?, ?)"
                " ON CONFLICT (subject) DO UPDATE SET log = excluded.log, id = excluded.id",
                (subject, log, number),
            )
        name = named(row.entry)
        if name is not None:
            connection.execute("INSERT INTO names VALUES (?, ?)", (name, number))
        if isinstance(row.entry, PatientMerge):
            # Whoever is forgotten later takes along the names of the record merged into theirs.
            connection.execute(
                "INSERT OR IGNORE INTO names SELECT ?, id FROM names WHERE subject = ?",
                (f"patient:{row.entry.patient}", f"patient:{row.entry.merged}"),
            )
        if log == "up":
            _follow_intent(connection, row.entry, row.ref)


def read_rows(
    connection: apsw.Connection, log: Log, after: LineRef, limit: int
) -> Iterator[StoredLine]:
    """Lines behind a place, in order, at most `limit`."""
    sql = of_log(f"{_SELECT} WHERE l.id > ? ORDER BY l.id LIMIT ?", log)
    return _stored(connection, sql, (place_id(*after), limit))


# The gate and the read-back stand on the way to every lease. They look bodies up by sub-selects:
# SQLite prepares a join anew at each call here, which costs several times the look-up itself.


def read_written(connection: apsw.Connection, log: Log, first: LineRef) -> list[Any]:
    """(id, raw, salt, data) of every line from a place on: what was really written."""
    sql = of_log(
        "SELECT id, raw, (SELECT salt FROM @_body b WHERE b.id = l.id),"
        " (SELECT data FROM @_body b WHERE b.id = l.id) FROM @_line l WHERE id >= ? ORDER BY id",
        log,
    )
    return fetch(connection, sql, (place_id(*first),))


def read_entry(connection: apsw.Connection, log: Log, ref: LineRef) -> Entry | None:
    """What the committed line at a place says, decoded anew; None as `StoredLine.entry`."""
    sql = of_log(
        "SELECT type, body, (SELECT salt FROM @_body WHERE id = ?1),"
        " (SELECT data FROM @_body WHERE id = ?1) FROM @_line WHERE id = ?1",
        log,
    )
    rows = fetch(connection, sql, (place_id(*ref),))
    return _decode(ref, *rows[0]) if rows else None


def read_latest(connection: apsw.Connection, subject: str) -> tuple[LineRef, Entry] | None:
    """The last `dn` line on a subject: its place, and what it says, decoded anew."""
    rows = fetch(
        connection,
        "SELECT n.id, (SELECT type FROM dn_line WHERE id = n.id),"
        " (SELECT body FROM dn_line WHERE id = n.id), (SELECT salt FROM dn_body WHERE id = n.id),"
        " (SELECT data FROM dn_body WHERE id = n.id)"
        " FROM latest n WHERE n.subject = ? AND n.log = 'dn'",
        (subject,),
    )
    if not rows:
        return None
    ref = place_of(rows[0][0])
    entry = _decode(ref, *rows[0][1:])
    return (ref, entry) if entry is not None else None


def read_row(connection: apsw.Connection, log: Log, ref: LineRef) -> StoredLine | None:
    """The line at a place, or None."""
    rows = list(_stored(connection, of_log(f"{_SELECT} WHERE l.id = ?", log), (place_id(*ref),)))
    return rows[0] if rows else None


def head_row(connection: apsw.Connection, log: Log) -> tuple[LineRef, str] | None:
    """(place, hash) of the last line, even where retention dropped it; None in an empty log."""
    for sql in (
        "SELECT id, hash FROM @_line ORDER BY id DESC LIMIT 1",
        "SELECT id, hash FROM @_dropped ORDER BY id DESC LIMIT 1",
    ):
        row = connection.execute(of_log(sql, log)).get
        if row is not None:
            return place_of(row[0]), row[1]
    return None


def _decode(
    ref: LineRef, kind: str, digest: str, salt: bytes | None, data: bytes | None
) -> Entry | None:
    decoder = _DECODERS.get(kind)
    if decoder is None or salt is None or data is None:
        return None
    if body_digest(salt, data) != digest:
        raise ValueError(f"The body of line {ref} is not the one the line names.")
    try:
        return decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise ValueError(f"The body of line {ref} does not fit {kind}.") from error


def _stored(connection: apsw.Connection, sql: str, values: tuple[int, ...]) -> Iterator[StoredLine]:
    for number, line_hash, kind, digest, raw, salt, data in connection.execute(sql, values):
        yield StoredLine(
            ref=place_of(number),
            hash=line_hash,
            type=kind,
            digest=digest,
            raw=raw,
            salt=salt,
            data=data,
        )


def _follow_intent(connection: apsw.Connection, entry: Entry | None, ref: LineRef) -> None:
    """Keep the table of intents that have not ended; an outcome names its intent by seq."""
    match entry:
        case ReleaseIntent(drawer=drawer, panel=panel, purpose=purpose):
            connection.execute(
                "INSERT INTO intent (id, drawer, panel, purpose) VALUES (?, ?, ?, ?)",
                (place_id(*ref), drawer, panel, purpose),
            )
        case DrawerOpened(intent=int(seq)):
            connection.execute(_OPENED, (seq,))
        case DrawerLeftOpen(intent=int(seq)):
            connection.execute(_LEFT, (seq,))
        case (
            ReleaseRefused(intent=seq)
            | ReleaseExpired(intent=seq)
            | ReleaseJammed(intent=seq)
            | ReleaseIndeterminate(intent=seq)
            | DrawerClosed(intent=int(seq))
        ):
            connection.execute(_ENDED, (seq,))
        case _:
            pass
