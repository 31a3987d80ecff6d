"""Orders as a pharmacist looks at them: a list by what they need, and one with all of it."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import Session

from pharmacy.db import AdministrationRow, OrderRow, PatientRow, WindowRow
from pharmacy.services import Office
from pharmacy.services.inputs import DrugCode, Frequency
from pharmacy.services.office import Unit
from pharmacy.services.resolving import NO_PRODUCT, NO_TIMES, codes, resolve
from pharmacy.services.text import clean
from pharmacy.web import words
from pharmacy.web.reading import names
from pharmacy.web.reading.names import Banner
from pharmacy.web.reading.removals import Removal, removals
from statemachine.dose import dose_id
from statemachine.ward.entry import Decimal10
from statemachine.ward.stock import Product

PAGE = 50

FILTERS: dict[str, str] = {
    "unseen": "Not yet seen",
    "waiting": "Waiting",
    "queried": "Queried",
    "rejected": "Rejected",
    "active": "Active",
    "stopped": "Ended",
    "all": "All",
}
TABLES = {
    NO_PRODUCT: ("/tables/drugs", "Say it once, for every order"),
    NO_TIMES: ("/tables/frequencies", "Say it once, for every order"),
}
"""What is missing that a table answers, and where."""
KINDS = {
    "regular": "regular",
    "as-required": "as required",
    "stat": "once, now",
    "variable": "variable dose",
    "range": "dose range",
    "continuous": "continuous",
    "authority": "one-off authority",
}


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """An order as a list shows it."""

    order: str
    patient: Banner | None
    drug: str
    dose: str
    route: str
    frequency: str
    kind: str
    state: str
    prescribed_s: int


class OrderList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the list; `counts` by filter."""

    show: str
    lines: tuple[OrderLine, ...]
    counts: dict[str, int]
    page: int
    pages: int


class DoseView(msgspec.Struct, frozen=True, kw_only=True):
    """One scheduled dose: its window, and what became of it."""

    due_s: int
    opens_s: int
    closes_s: int
    state: str


class RemovalView(msgspec.Struct, frozen=True, kw_only=True):
    """A removal as a page shows it."""

    cab: str
    ep: int
    seq: int
    wall_s: int | None
    what: str
    pocket: str
    who: str
    marks: str
    order: str


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """One order with all that is known of it.

    Attributes:
        tables: what is missing, and where one answer serves every order: (address, words).
        own: whether something is missing that no table can answer.
    """

    row: OrderRow
    line: OrderLine
    banner: Banner | None
    sets: tuple[str, ...]
    plan: str
    missing: tuple[str, ...]
    tables: dict[str, tuple[str, str]]
    own: bool
    doses: tuple[DoseView, ...]
    other: tuple[str, ...]
    removed: tuple[RemovalView, ...]
    codes: tuple[DrugCode, ...]
    products: tuple[tuple[str, str], ...]


def _where(show: str) -> ColumnElement[bool]:
    active = OrderRow.status == "active"
    return {
        "unseen": and_(active, OrderRow.seen.is_(False)),
        "waiting": OrderRow.status == "waiting",
        "queried": and_(OrderRow.status != "stopped", OrderRow.verdict == "queried"),
        "rejected": and_(OrderRow.status != "stopped", OrderRow.verdict == "rejected"),
        "active": active,
        "stopped": OrderRow.status == "stopped",
        "all": true(),
    }[show]


def listed(office: Office, show: str, page: int) -> OrderList:
    """A page of orders, the newest first; `show` is one of `FILTERS`, or empty for the best one."""
    with office.read() as session:
        counts = {
            name: session.scalar(select(func.count()).select_from(OrderRow).where(_where(name)))
            or 0
            for name in FILTERS
        }
        if show not in FILTERS:
            show = next((name for name in ("unseen", "waiting") if counts[name]), "active")
        pages = max(-(-counts[show] // PAGE), 1)
        page = min(max(page, 1), pages)
        rows = session.scalars(
            select(OrderRow)
            .where(_where(show))
            .order_by(OrderRow.prescribed_s.desc(), OrderRow.order)
            .offset((page - 1) * PAGE)
            .limit(PAGE)
        ).all()
        return OrderList(
            show=show,
            lines=tuple(lines(office, session, rows)),
            counts=counts,
            page=page,
            pages=pages,
        )


def next_unseen(office: Office, after: str = "") -> str | None:
    """The oldest order that no pharmacist has seen, other than `after`."""
    with office.read() as session:
        return session.scalars(
            select(OrderRow.order)
            .where(_where("unseen"), OrderRow.order != after)
            .order_by(OrderRow.prescribed_s, OrderRow.order)
            .limit(1)
        ).first()


def lines(office: Office, session: Session, rows: Sequence[OrderRow]) -> list[OrderLine]:
    """Orders as lines, with their patients."""
    known = names.products(session)
    today = words.local(office.zone, office.clock.now_s()).date()
    banners = names.banners(session, (row.patient for row in rows), today)
    return [_line(row, banners.get(row.patient), known) for row in rows]


def one(office: Office, order: str) -> OrderView | None:
    """One order, or None where there is none of this id."""
    now_s = office.clock.now_s()
    with office.read() as session:
        row = session.get(OrderRow, order)
        if row is None:
            return None
        unit = Unit(office, session)
        resolved = resolve(unit, row)
        known = names.products(session)
        today = words.local(office.zone, now_s).date()
        patient = session.get(PatientRow, row.patient)
        banner = None if patient is None else names.banner(patient, today)
        removed = removals(session, now_s, order=order)
        doses, other = _doses(office, session, row, removed)
        missing = resolved.missing if row.status == "waiting" else ()
        listing = sorted((words.medicine(product), product.product) for product in known.values())
        return OrderView(
            row=row,
            line=_line(row, banner, known),
            banner=banner,
            sets=tuple(_set(one_set, known) for one_set in resolved.sets),
            plan=_plan(resolved.plan),
            missing=missing,
            tables=TABLES,
            own=any(sentence not in TABLES for sentence in missing),
            doses=doses,
            other=other,
            removed=tuple(shown(removed, known, names.people(session))),
            codes=tuple(codes(row)),
            products=tuple((product, name) for name, product in listing),
        )


def shown(
    found: list[Removal], known: dict[str, Product], staff: dict[str, str]
) -> list[RemovalView]:
    """Removals as rows of a table."""
    return [
        RemovalView(
            cab=one.cab,
            ep=one.ep,
            seq=one.seq,
            wall_s=one.wall_s,
            what=f"{words.count_of(one.entry.quantity, known.get(one.entry.product))} of "
            + names.medicine(known, one.entry.product),
            pocket=one.entry.pocket,
            who=staff.get(one.entry.actor, one.entry.actor),
            marks=", ".join(
                (*one.entry.marks, *([one.entry.replaces] if one.entry.replaces else []))
            ),
            order=one.entry.order,
        )
        for one in found
    ]


def state(row: OrderRow) -> str:
    """What an order is, in words."""
    if row.status == "stopped":
        return "ended"
    if row.status == "waiting":
        return "waits, not sent"
    if row.verdict in {"queried", "rejected"}:
        return f"{row.verdict}, refused at the cabinet"
    if row.verdict == "verified":
        return "verified"
    return "seen" if row.seen else "not yet seen"


def dose_text(row: OrderRow) -> str:
    """`500 mg`, or what the text says."""
    if row.dose_n is None:
        return ""
    return words.amount(Decimal10(n=row.dose_n, e=row.dose_e, unit=row.dose_unit))


def _line(row: OrderRow, banner: Banner | None, known: dict[str, Product]) -> OrderLine:
    drug = row.text or row.drug_text
    if row.product:
        drug = names.medicine(known, row.product)
    return OrderLine(
        order=row.order,
        patient=banner,
        drug=clean(drug) or row.drug_code or "drug not named",
        dose=dose_text(row),
        route=clean(row.route),
        frequency=clean(row.frequency),
        kind=KINDS.get(row.kind, row.kind),
        state=state(row),
        prescribed_s=row.prescribed_s,
    )


def _set(one_set: tuple[tuple[str, int], ...], known: dict[str, Product]) -> str:
    return " and ".join(
        f"{words.count_of(quantity, known.get(product))} of {names.medicine(known, product)}"
        for product, quantity in one_set
    )


def _plan(plan: Frequency | None) -> str:
    return "" if plan is None else frequency_words(plan)


def frequency_words(plan: Frequency) -> str:
    """What a frequency means, in words."""
    if plan.kind == "stat":
        return "once, now"
    if plan.kind == "as-required":
        text = "as required"
        if plan.interval_s is not None:
            text += f", at least {words.every(plan.interval_s)} apart"
        if plan.max_per_24h is not None:
            text += f", at most {plan.max_per_24h} doses in 24 h"
        return text
    on = ", ".join(words.DAYS[place - 1] for place in plan.days if 1 <= place <= 7)
    return f"at {', '.join(plan.times)}" + (f" on {on}" if on else " every day")


def _doses(
    office: Office, session: Session, row: OrderRow, removed: list[Removal]
) -> tuple[tuple[DoseView, ...], tuple[str, ...]]:
    """Scheduled doses with what became of each, and what belongs to none of them."""
    became: dict[str, list[str]] = {}
    for one in reversed(removed):
        at = words.clock(office.zone, one.wall_s, office.clock.now_s())
        became.setdefault(one.entry.dose, []).append(f"removed {at}")
    given = session.scalars(
        select(AdministrationRow)
        .where(AdministrationRow.order == row.order)
        .order_by(AdministrationRow.at_s)
        .limit(500)
    )
    for said in given:
        at = words.clock(office.zone, said.at_s, office.clock.now_s())
        became.setdefault(said.dose, []).append(f"{said.outcome} {at}")
    windows = session.scalars(
        select(WindowRow).where(WindowRow.order == row.order).order_by(WindowRow.due_s).limit(500)
    )
    now_s = office.clock.now_s()
    doses = []
    for window in windows:
        known = became.pop(dose_id(row.order, window.due_s), [])
        doses.append(
            DoseView(
                due_s=window.due_s,
                opens_s=window.opens_s,
                closes_s=window.closes_s,
                state=", ".join(known) or _when(window, now_s),
            )
        )
    return tuple(doses), tuple(text for said in became.values() for text in said)


def _when(window: WindowRow, now_s: int) -> str:
    if now_s < window.opens_s:
        return "to come"
    return "may be removed now" if now_s <= window.closes_s else "not recorded"
