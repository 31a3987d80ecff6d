"""What came by HL7, raw, with what became of it; and the items a person closes."""

import msgspec
from sqlalchemy import func, select

from pharmacy.db import AttentionRow, Hl7MessageRow, PatientRow
from pharmacy.services import Office
from pharmacy.web import words
from pharmacy.web.reading.attention import pockets_of

PAGE = 50
RAW_BYTES_MAX = 100_000
"""So much of a raw message is shown; the rest is kept and said to be there."""
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "message": ("Messages", ("message", "note", "patient")),
    "alarm": ("Alarms and faults", ("alarm",)),
    "discrepancy": ("Discrepancies", ("discrepancy",)),
    "closed": ("Closed lately", ()),
}
BY_HAND = frozenset({"message", "note", "patient", "alarm", "discrepancy"})
"""Kinds that a person closes; the others close themselves when what they wait for is done."""
STATUS = {
    "received": "received, being read",
    "applied": "applied",
    "waiting": "kept, not applied",
    "refused": "refused, kept",
    "duplicate": "a repetition, no effect",
    "failed": "kept, not applied",
}


class ItemView(msgspec.Struct, frozen=True, kw_only=True):
    """An item of attention."""

    id: int
    kind: str
    sentence: str
    times: int
    opened_s: int
    closed_s: int | None
    closed_by: str
    message: int | None
    pocket: str
    by_hand: bool


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """A message: `lines` are what came, with everything made visible."""

    id: int
    source: str
    control_id: str
    kind: str
    status: str
    plain_status: str
    reason: str
    received_s: int
    patient: str | None
    erased: bool
    size: int
    lines: tuple[str, ...]
    cut: bool
    ack: tuple[str, ...]
    again: bool


class MessageLine(msgspec.Struct, frozen=True, kw_only=True):
    """A message as the list shows it."""

    id: int
    source: str
    kind: str
    status: str
    reason: str
    received_s: int


class MessageList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of messages."""

    lines: tuple[MessageLine, ...]
    total: int
    page: int
    pages: int


def items(office: Office, kind: str) -> list[ItemView]:
    """Open items of a kind (a key of `KINDS`), newest first; or those closed last."""
    query = select(AttentionRow)
    if kind == "closed":
        query = query.where(AttentionRow.closed_s.is_not(None)).order_by(
            AttentionRow.closed_s.desc(), AttentionRow.id.desc()
        )
    else:
        query = query.where(
            AttentionRow.closed_s.is_(None), AttentionRow.kind.in_(KINDS[kind][1])
        ).order_by(AttentionRow.id.desc())
    with office.read() as session:
        rows = session.scalars(query.limit(200)).all()
        pockets = pockets_of(session, rows)
        return [_item(row, pockets) for row in rows]


def counts(office: Office) -> dict[str, int]:
    """How many open items of each key of `KINDS`."""
    with office.read() as session:
        rows = session.execute(
            select(AttentionRow.kind, func.count())
            .where(AttentionRow.closed_s.is_(None))
            .group_by(AttentionRow.kind)
        )
        by_kind = {kind: count for kind, count in rows}  # noqa: C416 - no pairs to the type checker
    return {
        key: sum(by_kind.get(kind, 0) for kind in kinds)
        for key, (_title, kinds) in KINDS.items()
        if kinds
    }


def item(office: Office, number: int) -> ItemView | None:
    """One item, open or closed."""
    with office.read() as session:
        row = session.get(AttentionRow, number)
        return None if row is None else _item(row, pockets_of(session, [row]))


def message(office: Office, number: int) -> MessageView | None:
    """One message as it came."""
    with office.read() as session:
        row = session.get(Hl7MessageRow, number)
        if row is None:
            return None
        forgotten = row.patient is not None and (
            session.scalar(select(PatientRow.forgotten_s).where(PatientRow.patient == row.patient))
            is not None
        )
        return MessageView(
            id=row.id,
            source=row.source,
            control_id=row.control_id,
            kind=row.kind or "kind not known",
            status=STATUS.get(row.status, row.status),
            plain_status=row.status,
            reason=row.reason,
            received_s=row.received_s,
            patient=None if forgotten else row.patient,
            erased=not row.raw and forgotten,
            size=len(row.raw),
            lines=tuple(words.visible(row.raw[:RAW_BYTES_MAX])),
            cut=len(row.raw) > RAW_BYTES_MAX,
            ack=tuple(words.visible(row.ack)) if row.ack else (),
            again=row.status in {"waiting", "failed", "refused"} and bool(row.raw),
        )


def listed(office: Office, status: str, page: int) -> MessageList:
    """Messages, newest first; `status` narrows, empty shows all."""
    where = [Hl7MessageRow.status == status] if status in STATUS else []
    with office.read() as session:
        total = session.scalar(select(func.count()).select_from(Hl7MessageRow).where(*where)) or 0
        pages = max(-(-total // PAGE), 1)
        page = min(max(page, 1), pages)
        rows = session.execute(
            select(
                Hl7MessageRow.id,
                Hl7MessageRow.source,
                Hl7MessageRow.kind,
                Hl7MessageRow.status,
                Hl7MessageRow.reason,
                Hl7MessageRow.received_s,
            )
            .where(*where)
            .order_by(Hl7MessageRow.id.desc())
            .offset((page - 1) * PAGE)
            .limit(PAGE)
        )
        found = tuple(
            MessageLine(
                id=number,
                source=source,
                kind=kind or "kind not known",
                status=STATUS.get(state, state),
                reason=reason,
                received_s=received_s,
            )
            for number, source, kind, state, reason, received_s in rows
        )
        return MessageList(lines=found, total=total, page=page, pages=pages)


def _item(row: AttentionRow, pockets: dict[int, str]) -> ItemView:
    return ItemView(
        id=row.id,
        kind=row.kind,
        sentence=row.sentence,
        times=row.times,
        opened_s=row.opened_s,
        closed_s=row.closed_s,
        closed_by=row.closed_by,
        message=row.message,
        pocket=pockets.get(row.id, ""),
        by_hand=row.kind in BY_HAND,
    )
