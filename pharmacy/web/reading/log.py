"""The signed logs of a cabinet, line by line; what contradicts them; and files for a verifier."""

from collections.abc import Iterator
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from cabinet.wire.body import open_body
from cabinet.wire.errors import WireError
from cabinet.wire.line import open_line
from pharmacy.db import (
    BodyRow,
    CabinetKeyRow,
    CabinetRow,
    DnLineRow,
    EvidenceRow,
    HeadRow,
    UpLineRow,
)
from pharmacy.services import Office
from pharmacy.services.text import clean

PAGE = 100
NAMING = frozenset({"patient", "staff"})
"""Types whose bodies hold names; of these only ids and states are shown or exported (T20)."""
SHOWN_OF_NAMING = frozenset({"patient", "actor", "status", "privileges", "revoked", "ward"})
FILES = ("up.jws", "dn.jws", "bodies.txt", "cabinet.pem", "pharmacy.pem")

Place = tuple[int, int]


class LogCabinet(msgspec.Struct, frozen=True, kw_only=True):
    """A cabinet and how far its logs are held."""

    cab: str
    ward: str
    hal: str
    seen_s: int | None
    quarantined_s: int | None
    up: int
    dn: int
    applied: int
    evidence: int


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line as the list shows it: ids only."""

    log: str
    ep: int
    seq: int
    type: str
    wall_s: int | None
    clock: str
    ids: tuple[tuple[str, str], ...]
    receipt: str
    receipt_s: int | None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A line that contradicts the one held at its place."""

    ep: int
    seq: int
    hash: str
    reason: str
    received_s: int
    raw: str


class LogView(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a log, newest first; `older` is the place to go on from."""

    cabinet: LogCabinet
    lines: tuple[LineView, ...]
    types: tuple[str, ...]
    older: Place | None
    evidence: tuple[Evidence, ...]


class OneLine(msgspec.Struct, frozen=True, kw_only=True):
    """A single line with all that is signed in it."""

    line: LineView
    hash: str
    raw: str
    payload: str
    body: str
    names_hidden: bool


def cabinets(office: Office) -> list[LogCabinet]:
    """Every cabinet with the state of its logs."""
    with office.read() as session:
        rows = session.scalars(select(CabinetRow).order_by(CabinetRow.ward, CabinetRow.cab)).all()
        return [_cabinet(session, row) for row in rows]


def page(office: Office, cab: str, log: str, kind: str, before: Place | None) -> LogView | None:
    """A page of a cabinet's log; None where there is no such cabinet."""
    table: Any = UpLineRow if log == "up" else DnLineRow
    with office.read() as session:
        row = session.get(CabinetRow, cab)
        if row is None:
            return None
        query = select(table).where(table.cab == cab)
        if kind:
            query = query.where(table.type == kind)
        if before is not None:
            query = query.where(tuple_(table.ep, table.seq) < before)
        found = session.scalars(
            query.order_by(table.ep.desc(), table.seq.desc()).limit(PAGE + 1)
        ).all()
        bodies = _bodies(session, [line.body for line in found])
        applied = (row.applied_ep, row.applied_seq)
        lines = tuple(_line(log, line, bodies.get(line.body), applied) for line in found[:PAGE])
        last = found[PAGE - 1] if len(found) > PAGE else None
        types = session.scalars(select(table.type).where(table.cab == cab).distinct())
        return LogView(
            cabinet=_cabinet(session, row),
            lines=lines,
            types=tuple(sorted(types)),
            older=None if last is None else (last.ep, last.seq),
            evidence=tuple(
                Evidence(
                    ep=one.ep,
                    seq=one.seq,
                    hash=one.hash,
                    reason=one.reason,
                    received_s=one.received_s,
                    raw=one.raw.decode("ascii", "backslashreplace"),
                )
                for one in session.scalars(
                    select(EvidenceRow)
                    .where(EvidenceRow.cab == cab)
                    .order_by(EvidenceRow.id.desc())
                    .limit(50)
                )
            ),
        )


def one(office: Office, cab: str, log: str, place: Place) -> OneLine | None:
    """One line, or None."""
    table: Any = UpLineRow if log == "up" else DnLineRow
    with office.read() as session:
        cabinet = session.get(CabinetRow, cab)
        line = session.get(table, (cab, *place))
        if cabinet is None or line is None:
            return None
        record = _bodies(session, [line.body]).get(line.body)
        view = _line(log, line, record, (cabinet.applied_ep, cabinet.applied_seq))
        payload = open_line(line.raw).payload
        return OneLine(
            line=view,
            hash=line.hash,
            raw=line.raw.decode("ascii"),
            payload=_pretty(msgspec.to_builtins(payload)),
            body="" if record is None else _pretty(_shown(line.type, _members(record))),
            names_hidden=line.type in NAMING,
        )


def export(office: Office, cab: str, name: str) -> Iterator[bytes] | None:
    """The rows of one of `FILES`, for `cabinet log verify` and openssl; None without the cabinet.

    Bodies that hold names are left out: the logs verify without them, and a file on a desk is not
    forgotten after 72 hours (T20).
    """
    with office.read() as session:
        row = session.get(CabinetRow, cab)
        if row is None:
            return None
        if name == "pharmacy.pem":
            return iter([office.keys.public_pem])
        if name == "cabinet.pem":
            return iter(_cabinet_pem(session, cab))
        genesis = row.genesis
    if name == "bodies.txt":
        return _body_rows(office, cab)
    return _line_rows(office, cab, name.removesuffix(".jws"), genesis)


def _line_rows(office: Office, cab: str, log: str, genesis: bytes) -> Iterator[bytes]:
    """The genesis line, then every line of a log in its order, a stretch at a time."""
    table: Any = UpLineRow if log == "up" else DnLineRow
    yield genesis + b"\n"
    after: Place = (0, 0)
    while True:
        with office.read() as session:
            rows = session.execute(
                select(table.ep, table.seq, table.raw)
                .where(table.cab == cab, tuple_(table.ep, table.seq) > after)
                .order_by(table.ep, table.seq)
                .limit(500)
            ).all()
        if not rows:
            return
        yield b"".join(raw + b"\n" for _ep, _seq, raw in rows)
        after = (rows[-1][0], rows[-1][1])


def _body_rows(office: Office, cab: str) -> Iterator[bytes]:
    tables: tuple[Any, ...] = (DnLineRow, UpLineRow)
    for table in tables:
        after: Place = (0, 0)
        while True:
            with office.read() as session:
                rows = session.execute(
                    select(table.ep, table.seq, table.type, BodyRow.record)
                    .join(BodyRow, BodyRow.digest == table.body)
                    .where(table.cab == cab, tuple_(table.ep, table.seq) > after)
                    .order_by(table.ep, table.seq)
                    .limit(500)
                ).all()
            if not rows:
                break
            yield b"".join(
                record + b"\n"
                for _ep, _seq, kind, record in rows
                if record is not None and kind not in NAMING
            )
            after = (rows[-1][0], rows[-1][1])


def _cabinet_pem(session: Session, cab: str) -> list[bytes]:
    """The cabinet's present key: the one added last that is not revoked."""
    rows = session.scalars(
        select(CabinetKeyRow)
        .where(CabinetKeyRow.cab == cab)
        .order_by(CabinetKeyRow.revoked_ep.is_not(None), CabinetKeyRow.added_s.desc())
    ).all()
    return [
        Ed25519PublicKey.from_public_bytes(row.public).public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
        for row in rows[:1]
    ]


def _cabinet(session: Session, row: CabinetRow) -> LogCabinet:
    heads = {
        head.log: head.seq
        for head in session.scalars(select(HeadRow).where(HeadRow.cab == row.cab))
    }
    evidence = session.scalar(
        select(func.count()).select_from(EvidenceRow).where(EvidenceRow.cab == row.cab)
    )
    return LogCabinet(
        cab=row.cab,
        ward=row.ward,
        hal=row.hal,
        seen_s=row.seen_s,
        quarantined_s=row.quarantined_s,
        up=heads.get("up", 0),
        dn=heads.get("dn", 0),
        applied=row.applied_seq,
        evidence=evidence or 0,
    )


def _bodies(session: Session, digests: list[str]) -> dict[str, bytes]:
    rows = session.execute(
        select(BodyRow.digest, BodyRow.record).where(
            BodyRow.digest.in_(set(digests)), BodyRow.record.is_not(None)
        )
    )
    return {digest: record for digest, record in rows if record is not None}


def _line(log: str, row: Any, record: bytes | None, applied: Place) -> LineView:
    if log == "up":
        receipt, receipt_s, payload = "received", row.received_s, open_line(row.raw).payload
        clock = str(getattr(payload, "clk", ""))
    else:
        there = (row.ep, row.seq) <= applied
        receipt, receipt_s, clock = "applied" if there else "not applied yet", None, ""
    ids: tuple[tuple[str, str], ...] = (("body", "forgotten"),)
    if record is not None:
        ids = tuple(
            (name, _short(value))
            for name, value in sorted(_shown(row.type, _members(record)).items())
            if name in {"actor", "patient", "order", "product", "drawer", "pocket", "quantity",
                        "reason", "reasons", "to", "intent", "key", "badge", "fault", "dose",
                        "status"}
        )  # fmt: skip
    return LineView(
        log=log,
        ep=row.ep,
        seq=row.seq,
        type=row.type,
        wall_s=row.wall_s,
        clock=clock,
        ids=ids,
        receipt=receipt,
        receipt_s=receipt_s,
    )


def _members(record: bytes) -> dict[str, Any]:
    try:
        members = msgspec.json.decode(open_body(record).data)
    except (WireError, msgspec.DecodeError):
        return {}
    return members if isinstance(members, dict) else {}


def _shown(kind: str, members: dict[str, Any]) -> dict[str, Any]:
    if kind not in NAMING:
        return members
    return {name: value for name, value in members.items() if name in SHOWN_OF_NAMING}


def _short(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    text = clean(text)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _pretty(value: object) -> str:
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return "\n".join(clean_line(line) for line in text.splitlines())


def clean_line(line: str) -> str:
    """A line without anything invisible, its indentation kept."""
    indent = len(line) - len(line.lstrip(" "))
    return " " * indent + clean(line)
