"""What needs a person now: one list for the home page, each item with its one next action."""

from collections.abc import Iterable
from urllib.parse import quote

import msgspec
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from cabinet.wire.body import open_body
from pharmacy.db import AttentionRow, BodyRow, CabinetRow, OrderRow, UpLineRow
from pharmacy.services import Office
from pharmacy.web.reading import stock
from statemachine.ward.stock import DiscrepancyOpened

SILENT_S = 15 * 60
"""A cabinet not heard from for so long is shown: it says something at least every minute."""
SHOWN = 5
"""So many items of one kind stand on the home page; the rest behind a link."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do: what it is, since when, how often it came, and where to do it."""

    sentence: str
    action: str
    href: str
    since_s: int | None = None
    times: int = 1


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Things of one kind. `more`: where those are that are not shown."""

    key: str
    title: str
    none: str
    count: int
    items: tuple[Item, ...]
    more: str
    urgent: bool = False


def groups(office: Office) -> list[Group]:
    """Everything that waits for a person, most pressing first."""
    now_s = office.clock.now_s()
    with office.read() as session:
        return [
            _alarms(session),
            _silent(session, now_s),
            _discrepancies(session),
            _unseen(session),
            _drugs(session),
            _frequencies(session),
            _waiting(session),
            _messages(session),
            *_pockets(session),
        ]


def open_count(session: Session, *kinds: str) -> int:
    """How many items of these kinds are open."""
    return (
        session.scalar(
            select(func.count())
            .select_from(AttentionRow)
            .where(AttentionRow.closed_s.is_(None), AttentionRow.kind.in_(kinds))
        )
        or 0
    )


def orders_by_key(session: Session, column: ColumnElement[str]) -> dict[str, int]:
    """How many orders wait, by a column's value."""
    rows = session.execute(
        select(column, func.count()).where(OrderRow.status == "waiting").group_by(column)
    )
    return {key: count for key, count in rows}  # noqa: C416 - rows are no pairs to the type checker


def _open(session: Session, *kinds: str, limit: int = SHOWN) -> list[AttentionRow]:
    return list(
        session.scalars(
            select(AttentionRow)
            .where(AttentionRow.closed_s.is_(None), AttentionRow.kind.in_(kinds))
            .order_by(AttentionRow.id.desc())
            .limit(limit)
        )
    )


def _group(
    key: str,
    title: str,
    none: str,
    count: int,
    items: Iterable[Item],
    more: str,
    *,
    urgent: bool = False,
) -> Group:
    return Group(
        key=key,
        title=title,
        none=none,
        count=count,
        items=tuple(items),
        more=more,
        urgent=urgent,
    )


def _alarms(session: Session) -> Group:
    rows = _open(session, "alarm")
    return _group(
        "alarms",
        "Alarms and faults",
        "alarms",
        open_count(session, "alarm"),
        (
            Item(
                sentence=row.sentence,
                action="Look and close it",
                href=f"/attention/{row.id}",
                since_s=row.opened_s,
                times=row.times,
            )
            for row in rows
        ),
        "/attention?kind=alarm",
        urgent=True,
    )


def _silent(session: Session, now_s: int) -> Group:
    rows = session.scalars(
        select(CabinetRow)
        .where(or_(CabinetRow.seen_s.is_(None), CabinetRow.seen_s < now_s - SILENT_S))
        .order_by(CabinetRow.cab)
    ).all()
    return _group(
        "silent",
        "Cabinets not heard from",
        "silent cabinets",
        len(rows),
        (
            Item(
                sentence=f"Cabinet {row.cab} on ward {row.ward} "
                + ("was never heard." if row.seen_s is None else "is silent. It works on alone.")
                + " Check its network.",
                action="See what it last said",
                href=f"/log/{quote(row.cab)}",
                since_s=row.seen_s or row.enrolled_s,
            )
            for row in rows[:SHOWN]
        ),
        "/log",
        urgent=True,
    )


def _discrepancies(session: Session) -> Group:
    rows = _open(session, "discrepancy")
    pockets = pockets_of(session, rows)
    return _group(
        "discrepancies",
        "Discrepancies between hand and book",
        "discrepancies",
        open_count(session, "discrepancy"),
        (
            Item(
                sentence=row.sentence,
                action="See the pocket's history",
                href=pockets.get(row.id, f"/attention/{row.id}"),
                since_s=row.opened_s,
            )
            for row in rows
        ),
        "/attention?kind=discrepancy",
        urgent=True,
    )


def pockets_of(session: Session, rows: Iterable[AttentionRow]) -> dict[int, str]:
    """Where the history of each discrepancy's pocket is, by the item's id."""
    wanted = {row.key: row for row in rows if row.kind == "discrepancy"}
    if not wanted:
        return {}
    lines = session.execute(
        select(UpLineRow.cab, BodyRow.record)
        .join(BodyRow, BodyRow.digest == UpLineRow.body)
        .where(
            UpLineRow.type == DiscrepancyOpened.TYPE,
            UpLineRow.cab.in_({row.subject for row in wanted.values()}),
        )
        .order_by(UpLineRow.received_s.desc())
        .limit(1000)
    )
    found = {}
    for cab, record in lines:
        if record is None:
            continue
        entry = msgspec.json.decode(open_body(record).data, type=DiscrepancyOpened)
        row = wanted.get(f"discrepancy:{cab}:{entry.discrepancy}"[:250])
        if row is not None:
            found[row.id] = f"/stock/{quote(cab)}/{quote(entry.pocket)}"
    return found


def _unseen(session: Session) -> Group:
    count = session.scalar(
        select(func.count())
        .select_from(OrderRow)
        .where(OrderRow.status == "active", OrderRow.seen.is_(False))
    )
    items = []
    if count:
        says = "One order has" if count == 1 else f"{count:,} orders have"
        items.append(
            Item(
                sentence=f"{says} not been seen by a pharmacist. Nurses can take them, marked.",
                action="See the next one",
                href="/orders/next",
            )
        )
    return _group(
        "unseen", "Orders to look at", "orders to look at", count or 0, items, "/orders?show=unseen"
    )


def _drugs(session: Session) -> Group:
    rows = _open(session, "drug")
    return _group(
        "drugs",
        "Drug codes without a product",
        "drug codes to map",
        open_count(session, "drug"),
        (
            Item(
                sentence=row.sentence,
                action="Say which product it is",
                href="/tables/drugs",
                since_s=row.opened_s,
                times=row.times,
            )
            for row in rows
        ),
        "/tables/drugs",
    )


def _frequencies(session: Session) -> Group:
    rows = _open(session, "frequency")
    return _group(
        "frequencies",
        "Frequency texts without times",
        "frequencies to map",
        open_count(session, "frequency"),
        (
            Item(
                sentence=row.sentence,
                action="Say when to give it",
                href="/tables/frequencies",
                since_s=row.opened_s,
                times=row.times,
            )
            for row in rows
        ),
        "/tables/frequencies",
    )


def _waiting(session: Session) -> Group:
    rows = _open(session, "order")
    return _group(
        "waiting",
        "Orders that wait for an answer",
        "orders waiting",
        open_count(session, "order"),
        (
            Item(
                sentence=row.sentence,
                action="Answer it",
                href=f"/orders/{quote(row.subject)}",
                since_s=row.opened_s,
            )
            for row in rows
        ),
        "/orders?show=waiting",
    )


def _messages(session: Session) -> Group:
    kinds = ("message", "note", "patient")
    rows = _open(session, *kinds)
    return _group(
        "messages",
        "Messages to look at",
        "messages to look at",
        open_count(session, *kinds),
        (
            Item(
                sentence=row.sentence,
                action="Look and close it",
                href=f"/attention/{row.id}",
                since_s=row.opened_s,
                times=row.times,
            )
            for row in rows
        ),
        "/attention?kind=message",
    )


def _pockets(session: Session) -> list[Group]:
    cards = [card for wall in stock.walls(session) for card in wall.cards]
    counts = [card for card in cards if card.count_due]
    low = [card for card in cards if card.low]
    return [
        _group(
            "counts",
            "Counts due on the wards",
            "counts due",
            len(counts),
            (
                Item(
                    sentence=f"Cabinet {card.cab}, pocket {card.pocket}, {card.name}: "
                    f"{card.count_due}. Ask the ward to count it.",
                    action="See the pocket's history",
                    href=card.href,
                )
                for card in counts[:SHOWN]
            ),
            "/stock",
        ),
        _group(
            "low",
            "Stock running out",
            "pockets running out",
            len(low),
            (
                Item(
                    sentence=f"Cabinet {card.cab}, pocket {card.pocket}, {card.name}: "
                    f"{card.holds}. Send more.",
                    action="See the pocket's history",
                    href=card.href,
                )
                for card in low[:SHOWN]
            ),
            "/stock",
        ),
    ]
