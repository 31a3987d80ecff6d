"""Reading a journal: everything that is committed, through a connection that sees nothing else."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Final, Self

import apsw
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cabinet.journal.failure import disk_faults
from cabinet.journal.lines import (
    StoredLine,
    head_row,
    of_log,
    read_entry,
    read_latest,
    read_row,
    read_rows,
)
from cabinet.journal.schema import fetch, place_id, place_of
from cabinet.wire.accept import KeyRecord, Log
from cabinet.wire.file import BATCH_LINES_MAX, write_batch
from cabinet.wire.genesis import Genesis, open_genesis
from cabinet.wire.line import open_envelope, open_line
from statemachine.ward.entry import Directive, Entry, LineRef, Stamp
from statemachine.ward.stamps import stamp_dn

START: Final[LineRef] = (0, 0)
"""Before every line."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The pharmacy's word of what it holds of `up`; `dn` is the head of its own log then."""

    up: LineRef
    hash: str
    dn: LineRef
    iat_s: int
    raw: bytes


class Tip(msgspec.Struct, frozen=True, kw_only=True):
    """The head of one log: seq 0 and the genesis line's hash before its first line."""

    ep: int
    seq: int
    hash: str

    @property
    def ref(self) -> LineRef:
        """(epoch, seq)."""
        return (self.ep, self.seq)


class OpenedIntent(msgspec.Struct, frozen=True, kw_only=True):
    """An intent that has not ended: not refused, expired, jammed, closed or indeterminate.

    Attributes:
        opened: the drawer was seen open under it.
        left: the drawer was left open; it blocks only itself (I3).
    """

    ref: LineRef
    drawer: int
    panel: int
    purpose: str
    opened: bool
    left: bool


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A signed line that contradicts another signed line; kept, never believed."""

    log: Log
    ref: LineRef
    reason: str
    raw: bytes


class Committed:
    """Everything committed at one moment: within one `with`, every read sees the same rows."""

    def __init__(self, reader: apsw.Connection, lock: AbstractContextManager[object]) -> None:
        self._reader = reader
        self._lock = lock

    def __enter__(self) -> Self:
        self._lock.__enter__()
        try:
            with disk_faults():
                self._reader.execute("BEGIN")
        except BaseException as error:
            self._lock.__exit__(type(error), error, None)
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        try:
            with disk_faults():
                self._reader.execute("ROLLBACK")
        finally:
            self._lock.__exit__(None, None, None)

    def entry(self, log: Log, ref: LineRef) -> Entry | None:
        """What a line says, decoded anew; None when there is none, or nobody can read it.

        Raises:
            ValueError: the body is not the one its line names, or does not fit its schema.
        """
        with disk_faults():
            return read_entry(self._reader, log, ref)

    def latest(self, subject: str) -> tuple[LineRef, Entry] | None:
        """The last `dn` line on a subject (`journal.subjects`), and what it says.

        Raises:
            ValueError: as `entry`.
        """
        with disk_faults():
            return read_latest(self._reader, subject)

    def intents(self) -> list[OpenedIntent]:
        """Intents that have not ended, oldest first."""
        return open_intents(self._reader)


def line_at(reader: apsw.Connection, log: Log, ref: LineRef) -> StoredLine | None:
    """A committed line, or None."""
    with disk_faults():
        return read_row(reader, log, ref)


def lines_after(reader: apsw.Connection, log: Log, after: LineRef, limit: int) -> list[StoredLine]:
    """Committed lines behind a place, in order, at most `limit`."""
    with disk_faults():
        return list(read_rows(reader, log, after, limit))


def latest(reader: apsw.Connection, subject: str) -> tuple[Log, LineRef] | None:
    """The last line on a subject (`journal.subjects`)."""
    with disk_faults():
        row = reader.execute("SELECT log, id FROM latest WHERE subject = ?", (subject,)).get
    return (row[0], place_of(row[1])) if row is not None else None


def open_intents(reader: apsw.Connection) -> list[OpenedIntent]:
    """Intents that have not ended, oldest first."""
    with disk_faults():
        rows = fetch(
            reader, "SELECT id, drawer, panel, purpose, opened, left FROM intent ORDER BY id"
        )
    return [
        OpenedIntent(
            ref=place_of(number),
            drawer=drawer,
            panel=panel,
            purpose=purpose,
            opened=bool(opened),
            left=bool(left),
        )
        for number, drawer, panel, purpose, opened, left in rows
    ]


def receipt(reader: apsw.Connection) -> Receipt | None:
    """The newest receipt."""
    with disk_faults():
        row = reader.execute("SELECT id, hash, dn, iat, raw FROM receipt").get
    if row is None:
        return None
    number, line_hash, dn, iat_s, raw = row
    return Receipt(up=place_of(number), hash=line_hash, dn=place_of(dn), iat_s=iat_s, raw=raw)


def evidence(reader: apsw.Connection) -> list[Evidence]:
    """Everything quarantined, in the order it came."""
    with disk_faults():
        rows = reader.execute("SELECT log, id, reason, raw FROM quarantine ORDER BY number")
        return [
            Evidence(log=log, ref=place_of(number), reason=reason, raw=raw)
            for log, number, reason, raw in rows
        ]


def hash_at(reader: apsw.Connection, log: Log, ref: LineRef) -> str | None:
    """The hash of a held line, or of the genesis line at seq 0; None where nothing is held."""
    with disk_faults():
        if ref[1] == 0:
            found = reader.execute("SELECT hash FROM genesis WHERE ep = ?", (ref[0],)).get
            return str(found) if found is not None else None
        line = read_row(reader, log, ref)
        if line is not None:
            return line.hash
        # Of what retention dropped, the last hash is kept: the chain goes on from it.
        sql = of_log("SELECT hash FROM @_dropped WHERE id = ?", log)
        dropped = reader.execute(sql, (place_id(*ref),)).get
    return str(dropped) if dropped is not None else None


def keys(reader: apsw.Connection) -> dict[str, KeyRecord]:
    """Every believed key but the cabinet's own, by `kid`."""
    with disk_faults():
        rows = fetch(reader, "SELECT kid, public, roles, cabinet, revoked FROM key")
    return {
        kid: KeyRecord(
            kid=kid,
            key=Ed25519PublicKey.from_public_bytes(public),
            roles=frozenset(roles.split()),
            cabinet=cabinet,
            revoked_from=place_of(revoked) if revoked is not None else None,
        )
        for kid, public, roles, cabinet, revoked in rows
    }


def genesis(reader: apsw.Connection, believed: Mapping[str, KeyRecord]) -> Genesis | None:
    """The newest genesis line, verified; None when the cabinet is not enrolled."""
    with disk_faults():
        raw = reader.execute("SELECT raw FROM genesis ORDER BY ep DESC LIMIT 1").get
    if raw is None:
        return None
    return open_genesis(raw, believed[open_envelope(raw).kid].key)


def house(reader: apsw.Connection) -> dict[str, int]:
    """Numbers the cabinet remembers of itself: `boot`, `floor_s`, `up_ep`, `dn_ep`."""
    with disk_faults():
        return dict(fetch(reader, "SELECT name, value FROM house"))


def tip(reader: apsw.Connection, log: Log, ep: int, genesis_hash: str) -> Tip:
    """The head of one log in epoch `ep`."""
    with disk_faults():
        row = head_row(reader, log)
    if row is not None and row[0][0] == ep:
        return Tip(ep=ep, seq=row[0][1], hash=row[1])
    return Tip(ep=ep, seq=0, hash=genesis_hash)


def batch(reader: apsw.Connection, log: Log, after: LineRef) -> tuple[bytes, int]:
    """The lines behind a place with their bodies, as one batch: (bytes, lines)."""
    lines = lines_after(reader, log, after, BATCH_LINES_MAX)
    return write_batch((line.raw, line.record) for line in lines)


def directive(line: StoredLine) -> tuple[Stamp, Directive | None]:
    """A stored `dn` line as the machines take it: None for a type unknown here, or forgotten."""
    entry = line.entry()
    stamp = stamp_dn(line.ref, open_line(line.raw).payload.wall)
    return stamp, entry if isinstance(entry, Directive) else None
