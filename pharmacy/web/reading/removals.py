"""What was removed lately, read from the cabinets' own lines.

Bodies are sealed records that no index reaches, so they are read newest first and only as far back
as a ward looks: three days by when they came here, and a bounded number of lines.
"""

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from cabinet.wire.body import open_body
from pharmacy.db import BodyRow, UpLineRow
from statemachine.ward.orders import RemovalRecorded

BACK_S = 72 * 3600
LINES_MAX = 20_000


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    """One removal and where its line stands."""

    cab: str
    ep: int
    seq: int
    wall_s: int | None
    entry: RemovalRecorded


def removals(session: Session, now_s: int, *, patient: str = "", order: str = "") -> list[Removal]:
    """Removals for a patient (with those merged into them) or for an order, newest first."""
    rows = session.execute(
        select(UpLineRow.cab, UpLineRow.ep, UpLineRow.seq, UpLineRow.wall_s, BodyRow.record)
        .join(BodyRow, BodyRow.digest == UpLineRow.body)
        .where(UpLineRow.type == RemovalRecorded.TYPE, UpLineRow.received_s >= now_s - BACK_S)
        .order_by(UpLineRow.received_s.desc(), UpLineRow.seq.desc())
        .limit(LINES_MAX)
    )
    decode = msgspec.json.Decoder(RemovalRecorded).decode
    found = []
    for cab, ep, seq, wall_s, record in rows:
        if record is None:
            continue
        entry = decode(open_body(record).data)
        if (patient and entry.patient == patient) or (order and entry.order == order):
            found.append(Removal(cab=cab, ep=ep, seq=seq, wall_s=wall_s, entry=entry))
    return found
