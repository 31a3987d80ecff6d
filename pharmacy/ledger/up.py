"""Accepting what cabinets say: at least once on the way, exactly once in effect (WIRE 1).

One transaction for a batch. The cabinet's head row is taken FOR UPDATE first, so that several
server processes accept one after the other; every line is judged by `cabinet.wire.accept` against
the head as it stands after the line before; appended lines, their bodies, the new head and the
stock they move are written together or not at all.

- A duplicate is acknowledged by the head and has no effect.
- A fork is kept as evidence, the cabinet is quarantined, a person is alarmed, and the line we hold
  stays. Lines that continue what we hold are still taken: dropping them would lose what happened.
- A gap or a refused line ends the batch: what came before it is kept, and the head we answer says
  where to go on. A line whose signature holds but whose content does not is told to a person,
  because the cabinet cannot get past it by itself.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from cabinet.wire.accept import (
    Appended,
    Duplicate,
    Fork,
    Gap,
    Held,
    KeyRecord,
    Refused,
    accept,
)
from cabinet.wire.errors import WireError
from cabinet.wire.file import read_batch
from cabinet.wire.line import UpPayload
from pharmacy.db import (
    BodyRow,
    CabinetKeyRow,
    CabinetRow,
    EvidenceRow,
    HeadRow,
    UpLineRow,
)
from pharmacy.db.upsert import insert_missing, insert_new, insert_rows, rows_of
from pharmacy.ledger.book import Book, Placed
from pharmacy.ledger.schema import up_schema
from statemachine.ward import Ward
from statemachine.ward.entry import Entry
from statemachine.ward.stamps import stamp_up

EVIDENCE_MAX = 1000
"""Most forked lines kept for one cabinet; the first ones say it all, and disks are finite."""

_HASHES_AHEAD = 256

cabinets = rows_of(CabinetRow)
heads = rows_of(HeadRow)

_NOTHING_KNOWN = Ward()
"""Stamps are read without a ward: a book asks where a line stands, and no more of its time."""

SIGNED_BUT_WRONG = frozenset(
    {"json", "schema", "cabinet", "epoch", "revoked"}
    | {"body missing", "body digest", "body json", "body schema"}
)
"""Refusals of lines whose signature held: a person must look, the cabinet is stuck on them."""


class BatchError(Exception):
    """Nothing of a batch was kept.

    Attributes:
        code: `batch`, `cabinet`, or the code of the wire's refusal.
        sentence: for a person; what happened, what is safe, what to do next.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch.

    Attributes:
        entries: what was appended, in order, for what follows from it.
        unknown: line types nobody here knows, as (seq, type).
        need: the seq to go on from, after a gap.
        stopped: why the rest of the batch was not looked at.
        stock: whether a book changed.
        beyond: the last directive the cabinet says it applied, when we never said it.
    """

    appended: int
    duplicates: int
    forks: tuple[Fork, ...]
    entries: tuple[Placed, ...]
    unknown: tuple[tuple[int, str], ...]
    need: int | None
    stopped: Refused | None
    stock: bool
    beyond: tuple[int, int] | None = None

    @property
    def refused(self) -> bool:
        """Nothing at all could be made of the batch."""
        return self.stopped is not None and not (self.appended or self.duplicates or self.forks)


def accept_up(session: Session, cab: str, data: bytes, now_s: int) -> Accepted:
    """Accept a batch of a cabinet's `up` lines within the caller's transaction.

    Raises:
        BatchError: the batch has no shape, or there is no such cabinet.
    """
    try:
        batch = read_batch(data)
    except WireError as error:
        raise BatchError(error.code, f"{error.sentence} Nothing of it was kept.") from error
    head = session.scalars(
        select(HeadRow).where(HeadRow.cab == cab, HeadRow.log == "up").with_for_update()
    ).one_or_none()
    if head is None:
        raise BatchError(
            "cabinet", "No cabinet of this name is enrolled here. Nothing was kept; enrol it first."
        )
    intake = _Intake(session, cab, head, now_s)
    for raw in batch.lines:
        if not intake.take(raw, batch.bodies):
            break
    return intake.finish()


class _Intake:
    """A batch on its way in."""

    def __init__(self, session: Session, cab: str, head: HeadRow, now_s: int) -> None:
        self._session = session
        self._cab = cab
        self._head = head
        self._ep, self._seq, self._hash = head.ep, head.seq, head.hash
        self._now_s = now_s
        self._keys = _keys(session, cab)
        self._hash_at = _hash_reader(session, cab)
        self._fresh: dict[int, str] = {}
        self._lines: list[dict[str, Any]] = []
        self._bodies: dict[str, dict[str, Any]] = {}
        self._entries: list[Placed] = []
        self._unknown: list[tuple[int, str]] = []
        self._forks: list[Fork] = []
        self._duplicates = 0
        self._ack = (0, 0)
        self._need: int | None = None
        self._stopped: Refused | None = None

    def take(self, raw: bytes, bodies: dict[str, bytes]) -> bool:
        """Judge one line and remember what to write; False ends the batch."""
        held = Held(
            log="up",
            cab=self._cab,
            ep=self._ep,
            seq=self._seq,
            hash=self._hash,
            hash_at=self._known_hash,
        )
        verdict = accept(raw, held=held, key_of=self._keys.get, bodies=bodies, schema=up_schema)
        match verdict:
            case Appended():
                self._append(verdict)
            case Duplicate():
                self._duplicates += 1
            case Fork():
                self._forks.append(verdict)
            case Gap(need=need):
                self._need = need
                return False
            case Refused():
                self._stopped = verdict
                return False
        return True

    def _append(self, verdict: Appended) -> None:
        line, payload = verdict.line, verdict.line.payload
        self._ep, self._seq, self._hash = payload.ep, payload.seq, line.hash
        self._fresh[payload.seq] = line.hash
        self._lines.append(
            {
                "cab": self._cab,
                "ep": payload.ep,
                "seq": payload.seq,
                "hash": line.hash,
                "type": payload.type,
                "body": payload.body,
                "wall_s": payload.wall,
                "received_s": self._now_s,
                "raw": line.raw,
            }
        )
        self._bodies[payload.body] = {
            "digest": payload.body,
            "record": verdict.record,
            "patient": None,
            "forgotten_s": None,
        }
        if isinstance(verdict.entry, Entry) and isinstance(payload, UpPayload):
            self._entries.append(placed(verdict.entry, payload))
            self._ack = max(self._ack, payload.ack)
        else:
            self._unknown.append((payload.seq, payload.type))

    def _known_hash(self, ep: int, seq: int) -> str | None:
        if ep == self._ep and seq in self._fresh:
            return self._fresh[seq]
        return self._hash_at(ep, seq)

    def finish(self) -> Accepted:
        """Write everything and say what became of the batch."""
        stock, applied = False, None
        if self._lines:
            insert_new(self._session, BodyRow, "digest", list(self._bodies.values()))
            insert_rows(self._session, UpLineRow, self._lines)
            self._head.ep, self._head.seq, self._head.hash = self._ep, self._seq, self._hash
            applied, stock = self._fold()
        if self._forks:
            keep_evidence(self._session, self._cab, self._forks, self._now_s)
        self._seen(applied)
        return Accepted(
            appended=len(self._lines),
            duplicates=self._duplicates,
            forks=tuple(self._forks),
            entries=tuple(self._entries),
            unknown=tuple(self._unknown),
            need=self._need,
            stopped=self._stopped,
            stock=stock,
            beyond=self._beyond(),
        )

    def _beyond(self) -> tuple[int, int] | None:
        """Return what the cabinet applied that this server never said: an old backup runs here."""
        said = self._session.execute(
            select(heads.c.ep, heads.c.seq).where(heads.c.cab == self._cab, heads.c.log == "dn")
        ).one()
        return self._ack if self._ack > (said[0], said[1]) else None

    def _fold(self) -> tuple[tuple[int, int], bool]:
        """Fold what was appended; returns the last directive applied, and whether a book moved."""
        row = self._session.execute(
            select(cabinets.c.applied_ep, cabinets.c.applied_seq).where(cabinets.c.cab == self._cab)
        ).one()
        book = Book(self._session, self._cab, (row[0], row[1]))
        for entry in self._entries:
            book.fold(entry)
        return book.applied, book.write()

    def _seen(self, applied: tuple[int, int] | None) -> None:
        values: dict[str, Any] = {"seen_s": self._now_s}
        if applied is not None:
            values |= {"applied_ep": applied[0], "applied_seq": applied[1]}
        self._session.execute(cabinets.update().where(cabinets.c.cab == self._cab).values(values))


def placed(entry: Entry, payload: UpPayload) -> Placed:
    """Say where an entry stands, as its line says it."""
    stamp = stamp_up(
        _NOTHING_KNOWN,
        (payload.ep, payload.seq),
        wall=payload.wall,
        clk=payload.clk,
        mono_ms=payload.mono,
        boot=payload.boot,
    )
    return Placed(entry=entry, stamp=stamp)


def keep_evidence(session: Session, cab: str, forks: list[Fork], now_s: int) -> None:
    """Keep forked lines beside those we hold, each once, and quarantine the cabinet."""
    kept = session.scalar(
        select(func.count()).select_from(EvidenceRow).where(EvidenceRow.cab == cab)
    )
    room = max(EVIDENCE_MAX - (kept or 0), 0)
    insert_missing(
        session,
        EvidenceRow,
        [
            {
                "cab": cab,
                "ep": fork.line.payload.ep,
                "seq": fork.line.payload.seq,
                "hash": fork.line.hash,
                "reason": f"we hold {fork.held_hash} where this line would stand or follow",
                "received_s": now_s,
                "raw": fork.line.raw,
            }
            for fork in forks[:room]
        ],
    )
    session.execute(
        update(CabinetRow)
        .where(CabinetRow.cab == cab, CabinetRow.quarantined_s.is_(None))
        .values(quarantined_s=now_s)
    )


def _keys(session: Session, cab: str) -> dict[str, KeyRecord]:
    keys = {}
    for row in session.scalars(select(CabinetKeyRow).where(CabinetKeyRow.cab == cab)):
        revoked = (
            None
            if row.revoked_ep is None or row.revoked_seq is None
            else (row.revoked_ep, row.revoked_seq)
        )
        keys[row.kid] = KeyRecord(
            kid=row.kid,
            key=Ed25519PublicKey.from_public_bytes(row.public),
            roles=frozenset({"cabinet"}),
            cabinet=cab,
            revoked_from=revoked,
        )
    return keys


def _hash_reader(session: Session, cab: str) -> Callable[[int, int], str | None]:
    """Read hashes of held lines, a stretch at a time: a repeated batch costs one query."""
    cache: dict[tuple[int, int], str] = {}
    read_to: dict[int, tuple[int, int]] = {}

    def hash_at(ep: int, seq: int) -> str | None:
        low, high = read_to.get(ep, (0, -1))
        if not low <= seq <= high:
            rows = session.execute(
                select(UpLineRow.seq, UpLineRow.hash).where(
                    UpLineRow.cab == cab,
                    UpLineRow.ep == ep,
                    UpLineRow.seq >= seq,
                    UpLineRow.seq < seq + _HASHES_AHEAD,
                )
            )
            cache.update({(ep, at): line_hash for at, line_hash in rows})
            read_to[ep] = (seq, seq + _HASHES_AHEAD - 1)
        return cache.get((ep, seq))

    return hash_at
