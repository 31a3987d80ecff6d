"""Directives: the pharmacy's side of the `dn` logs.

What is said in one transaction is signed at its end: heads are taken FOR UPDATE in the order of
their ids, each line names the one before it, and the body is sealed once and shared by every
cabinet it is said to. A line says with `up_ack` how much of the cabinet's own log the pharmacy
held, so that each log bounds the other's time.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cabinet.wire.body import seal_body
from cabinet.wire.file import BATCH_LINES_MAX, write_batch
from cabinet.wire.head import make_head
from cabinet.wire.line import Signer, signing_hash
from pharmacy.clock import Clock
from pharmacy.db import BodyRow, DnLineRow, HeadRow
from pharmacy.db.upsert import insert_rows
from statemachine.ward.entry import Directive

HEAD_VALID_S = 3 * 24 * 3600
"""A head is news for three days; after that it still proves what was held, and nothing of now."""


class Desk(Protocol):
    """What signing needs of the office."""

    @property
    def clock(self) -> Clock:
        """Randomness for salts."""
        ...

    @property
    def signer(self) -> Signer:
        """The pharmacy's signing key."""
        ...


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A directive and the cabinets it is for; `patient`: whose name stands in the body."""

    entry: Directive
    cabs: tuple[str, ...]
    patient: str | None = None


def author(session: Session, desk: Desk, said: Sequence[Said], now_s: int) -> list[str]:
    """Sign and store everything said, in order; returns the cabinets that have new lines."""
    cabs = sorted({cab for item in said for cab in item.cabs})
    if not cabs:
        return []
    heads = _take_heads(session, cabs)
    bodies: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for item in said:
        data = msgspec.json.encode(item.entry, order="sorted")
        digest, record = seal_body(data, desk.clock.random_bytes(16))
        bodies.append(
            {
                "digest": digest,
                "record": record.encode(),
                "patient": item.patient,
                "forgotten_s": None,
            }
        )
        lines += [heads[cab].line(desk.signer, item.entry.TYPE, digest, now_s) for cab in item.cabs]
    insert_rows(session, BodyRow, bodies)
    insert_rows(session, DnLineRow, lines)
    for cab in cabs:
        head = heads[cab]
        session.execute(
            update(HeadRow)
            .where(HeadRow.cab == cab, HeadRow.log == "dn")
            .values(seq=head.seq, hash=head.hash)
        )
    return cabs


def dn_after(
    session: Session, desk: Desk, cab: str, *, after_seq: int, nonce: str | None, now_s: int
) -> bytes:
    """One batch of directives after `after_seq` of the present epoch, and a head at its end.

    A forgotten body does not come along; its line does, so that the chain holds.

    Raises:
        LookupError: no such cabinet.
    """
    head = head_line(session, desk, cab, nonce=nonce, now_s=now_s)
    epoch = session.execute(
        select(HeadRow.ep).where(HeadRow.cab == cab, HeadRow.log == "dn")
    ).scalar_one()
    rows = session.execute(
        select(DnLineRow.raw, BodyRow.record)
        .outerjoin(BodyRow, BodyRow.digest == DnLineRow.body)
        .where(DnLineRow.cab == cab, DnLineRow.ep == epoch, DnLineRow.seq > after_seq)
        .order_by(DnLineRow.seq)
        .limit(BATCH_LINES_MAX)
    )
    batch, _count = write_batch(((raw, record) for raw, record in rows), head)
    return batch


def head_line(session: Session, desk: Desk, cab: str, *, nonce: str | None, now_s: int) -> bytes:
    """Sign what is held of a cabinet's `up` log now: the receipt for it.

    Raises:
        LookupError: no such cabinet.
    """
    held = {row.log: row for row in session.scalars(select(HeadRow).where(HeadRow.cab == cab))}
    if not held:
        raise LookupError(cab)
    up, dn = held["up"], held["dn"]
    return make_head(
        desk.signer,
        cab=cab,
        ep=up.ep,
        seq=up.seq,
        head=up.hash,
        dn=(dn.ep, dn.seq, dn.hash),
        nonce=nonce,
        iat=now_s,
        exp=now_s + HEAD_VALID_S,
    )


class _Tip:
    """The end of one `dn` log while lines are being added to it."""

    def __init__(self, row: HeadRow, up_ack: list[int]) -> None:
        self.cab, self.ep, self.seq, self.hash = row.cab, row.ep, row.seq, row.hash
        self._up_ack = up_ack

    def line(self, signer: Signer, typ: str, digest: str, now_s: int) -> dict[str, Any]:
        """Sign the next line, move on, and return its row."""
        self.seq += 1
        raw = signer.sign(
            "adc-directive+jws",
            {
                "v": 1,
                "log": "dn",
                "cab": self.cab,
                "ep": self.ep,
                "seq": self.seq,
                "prev": self.hash,
                "type": typ,
                "body": digest,
                "wall": now_s,
                "up_ack": self._up_ack,
            },
        )
        self.hash = signing_hash(raw[: raw.rindex(b".")])
        return {
            "cab": self.cab,
            "ep": self.ep,
            "seq": self.seq,
            "hash": self.hash,
            "type": typ,
            "body": digest,
            "wall_s": now_s,
            "raw": raw,
        }


def _take_heads(session: Session, cabs: Sequence[str]) -> dict[str, _Tip]:
    acks = {
        cab: [ep, seq]
        for cab, ep, seq in session.execute(
            select(HeadRow.cab, HeadRow.ep, HeadRow.seq).where(
                HeadRow.cab.in_(cabs), HeadRow.log == "up"
            )
        )
    }
    rows = session.scalars(
        select(HeadRow)
        .where(HeadRow.cab.in_(cabs), HeadRow.log == "dn")
        .order_by(HeadRow.cab)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.cab: _Tip(row, acks[row.cab]) for row in rows}
