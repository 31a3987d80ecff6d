"""Patients: who is here, and one of them with orders and what was removed."""

import msgspec
from sqlalchemy import ColumnElement, func, or_, select

from pharmacy.db import AdministrationRow, OrderRow, PatientRow
from pharmacy.services import Office
from pharmacy.web import words
from pharmacy.web.reading import names
from pharmacy.web.reading.names import Banner
from pharmacy.web.reading.orders import OrderLine, RemovalView, lines, shown
from pharmacy.web.reading.removals import removals

PAGE = 100


class PatientLine(msgspec.Struct, frozen=True, kw_only=True):
    """A patient as the list shows them."""

    banner: Banner
    orders: int
    unseen: int


class PatientList(msgspec.Struct, frozen=True, kw_only=True):
    """Patients found; `cut` when there are more."""

    lines: tuple[PatientLine, ...]
    total: int
    cut: bool


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What the ePMA recorded."""

    at_s: int
    outcome: str
    what: str


class PatientView(msgspec.Struct, frozen=True, kw_only=True):
    """One patient."""

    banner: Banner
    merged_into: str | None
    current: tuple[OrderLine, ...]
    ended: tuple[OrderLine, ...]
    removed: tuple[RemovalView, ...]
    given: tuple[Given, ...]


def listed(office: Office, query: str, *, everyone: bool) -> PatientList:
    """Patients by ward, bed and name; `query` matches name, ward, NHS or hospital number."""
    here: list[ColumnElement[bool]] = [
        PatientRow.merged_into.is_(None),
        PatientRow.forgotten_s.is_(None),
    ]
    if not everyone:
        here.append(PatientRow.status.in_(("admitted", "expected", "on leave")))
    if query:
        like = f"%{_literal(query.lower())}%"
        number = query.replace(" ", "")
        here.append(
            or_(
                func.lower(PatientRow.family + ", " + PatientRow.given).like(like, escape="\\"),
                func.lower(PatientRow.family + " " + PatientRow.given).like(like, escape="\\"),
                func.lower(PatientRow.given + " " + PatientRow.family).like(like, escape="\\"),
                func.lower(PatientRow.ward) == query.lower(),
                PatientRow.nhs == number,
                PatientRow.mrn == query,
            )
        )
    with office.read() as session:
        total = session.scalar(select(func.count()).select_from(PatientRow).where(*here)) or 0
        rows = session.scalars(
            select(PatientRow)
            .where(*here)
            .order_by(
                PatientRow.ward,
                func.length(PatientRow.bed),
                PatientRow.bed,
                PatientRow.family,
                PatientRow.given,
            )
            .limit(PAGE)
        ).all()
        ids = [row.patient for row in rows]
        counts = {
            patient: (total_orders, seen)
            for patient, total_orders, seen in session.execute(
                select(
                    OrderRow.patient,
                    func.count(),
                    func.count().filter(OrderRow.seen.is_(True)),
                )
                .where(OrderRow.patient.in_(ids), OrderRow.status != "stopped")
                .group_by(OrderRow.patient)
            )
        }
        today = words.local(office.zone, office.clock.now_s()).date()
        found = []
        for row in rows:
            orders, seen = counts.get(row.patient, (0, 0))
            found.append(
                PatientLine(banner=names.banner(row, today), orders=orders, unseen=orders - seen)
            )
        return PatientList(lines=tuple(found), total=total, cut=total > PAGE)


def one(office: Office, patient: str) -> PatientView | None:
    """One patient, or None."""
    now_s = office.clock.now_s()
    with office.read() as session:
        row = session.get(PatientRow, patient)
        if row is None:
            return None
        today = words.local(office.zone, now_s).date()
        orders = session.scalars(
            select(OrderRow)
            .where(OrderRow.patient == patient)
            .order_by(OrderRow.prescribed_s.desc(), OrderRow.order)
            .limit(300)
        ).all()
        known = names.products(session)
        named = {order.order: order for order in orders}
        all_lines = lines(office, session, orders)
        texts = {line.order: line.drug for line in all_lines}
        given = session.scalars(
            select(AdministrationRow)
            .where(
                AdministrationRow.patient == patient,
                AdministrationRow.at_s >= now_s - 72 * 3600,
            )
            .order_by(AdministrationRow.at_s.desc())
            .limit(300)
        )
        return PatientView(
            banner=names.banner(row, today),
            merged_into=row.merged_into,
            current=tuple(line for line in all_lines if named[line.order].status != "stopped"),
            ended=tuple(line for line in all_lines if named[line.order].status == "stopped"),
            removed=tuple(
                shown(removals(session, now_s, patient=patient), known, names.people(session))
            ),
            given=tuple(
                Given(
                    at_s=said.at_s,
                    outcome=said.outcome,
                    what=texts.get(said.order)
                    or (names.medicine(known, said.product) if said.product else "no order named"),
                )
                for said in given
            ),
        )


def _literal(text: str) -> str:
    """The text with what LIKE would read as a wildcard taken literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
