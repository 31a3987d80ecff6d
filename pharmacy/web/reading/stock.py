"""Stock as a wall: cabinets, drawers, pockets with their levels; and one pocket over time."""

from urllib.parse import quote

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cabinet.wire.body import open_body
from pharmacy.db import BodyRow, CabinetRow, PocketRow, StockChangeRow, UpLineRow
from pharmacy.ledger.book import read_known
from pharmacy.services import Office
from pharmacy.web import words
from pharmacy.web.reading import names
from statemachine.ward.stock import Product

LOW_PARTS = 5
"""A pocket is low at a fifth of its maximum or less."""
ENTRIES_MAX = 500

WHAT = {
    "removal.recorded": "removed for a patient",
    "discrepancy.opened": "hand and book differed",
    "pocket": "opening stock",
    "retire": "pocket taken out of use",
}


class LotView(msgspec.Struct, frozen=True, kw_only=True):
    """Stock of one lot, as shown."""

    lot: str
    quantity: int
    expires: str


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One pocket of the wall.

    Attributes:
        quantity: the book; None: no origin yet.
        holds: `14 tablets`, `empty`, `not counted yet`.
        level: of 100, how much of its maximum (or of what it held most) is there.
        low: at a fifth of its maximum or less.
    """

    cab: str
    pocket: str
    drawer: int
    name: str
    quantity: int | None
    maximum: int | None
    unit: str
    holds: str
    level: int
    low: bool
    retired: bool
    count_due: str
    lots: tuple[LotView, ...]
    href: str

    @property
    def state(self) -> str:
        """One word beside the bar, so that colour is never needed."""
        if self.retired:
            return "taken out of use"
        if self.quantity is None:
            return ""
        if self.quantity < 0:
            return "below zero"
        if self.quantity == 0:
            return "empty"
        return "low" if self.low else ""


class Drawer(msgspec.Struct, frozen=True, kw_only=True):
    """A drawer and its pockets."""

    number: int
    cards: tuple[Card, ...]


class Wall(msgspec.Struct, frozen=True, kw_only=True):
    """One cabinet: where it stands, when it was heard, its drawers."""

    cab: str
    ward: str
    hal: str
    seen_s: int | None
    quarantined_s: int | None
    drawers: tuple[Drawer, ...]

    @property
    def cards(self) -> list[Card]:
        """Every pocket in use."""
        return [card for drawer in self.drawers for card in drawer.cards]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a pocket's book, with the book after it."""

    ep: int
    seq: int
    wall_s: int | None
    what: str
    quantity: int
    after: int
    lot: str
    expires: str
    who: str
    product: str


class History(msgspec.Struct, frozen=True, kw_only=True):
    """A pocket over time, newest step first; `earlier` is the book before the oldest shown."""

    wall: Wall
    card: Card
    steps: tuple[Step, ...]
    earlier: int
    cut: bool


def walls(session: Session, cab: str | None = None) -> list[Wall]:
    """Every cabinet (or one) with its pockets."""
    known = names.products(session)
    cabinets = select(CabinetRow).order_by(CabinetRow.ward, CabinetRow.cab)
    pockets = select(PocketRow).order_by(PocketRow.drawer, PocketRow.pocket)
    if cab is not None:
        cabinets = cabinets.where(CabinetRow.cab == cab)
        pockets = pockets.where(PocketRow.cab == cab)
    cards: dict[str, dict[int, list[Card]]] = {}
    for row in session.scalars(pockets):
        card = _card(row, known)
        if not card.retired or card.quantity:
            cards.setdefault(row.cab, {}).setdefault(row.drawer, []).append(card)
    return [
        Wall(
            cab=row.cab,
            ward=row.ward,
            hal=row.hal,
            seen_s=row.seen_s,
            quarantined_s=row.quarantined_s,
            drawers=tuple(
                Drawer(number=number, cards=tuple(sorted(drawer, key=_by_pocket)))
                for number, drawer in sorted(cards.get(row.cab, {}).items())
            ),
        )
        for row in session.scalars(cabinets)
    ]


def history(office: Office, cab: str, pocket: str) -> History | None:
    """One pocket with every change of its book; None where there is no such pocket."""
    with office.read() as session:
        row = session.get(PocketRow, (cab, pocket))
        wall = next(iter(walls(session, cab)), None)
        if row is None or wall is None:
            return None
        known = names.products(session)
        changes = session.execute(
            select(StockChangeRow, BodyRow.record)
            .join(
                UpLineRow,
                (UpLineRow.cab == StockChangeRow.cab)
                & (UpLineRow.ep == StockChangeRow.ep)
                & (UpLineRow.seq == StockChangeRow.seq),
            )
            .join(BodyRow, BodyRow.digest == UpLineRow.body)
            .where(StockChangeRow.cab == cab, StockChangeRow.pocket == pocket)
            .order_by(
                StockChangeRow.ep.desc(), StockChangeRow.seq.desc(), StockChangeRow.part.desc()
            )
            .limit(ENTRIES_MAX)
        ).all()
        total = (
            session.scalar(
                select(func.sum(StockChangeRow.quantity)).where(
                    StockChangeRow.cab == cab, StockChangeRow.pocket == pocket
                )
            )
            or 0
        )
        staff = names.people(session)
        steps = []
        after = int(total)
        for change, record in changes:
            steps.append(
                Step(
                    ep=change.ep,
                    seq=change.seq,
                    wall_s=change.wall_s,
                    what=WHAT.get(change.type, change.type),
                    quantity=change.quantity,
                    after=after,
                    lot=change.lot,
                    expires=words.iso_day(change.expires) if change.expires else "",
                    who=_who(record, staff),
                    product=names.medicine(known, change.product),
                )
            )
            after -= change.quantity
        return History(
            wall=wall,
            card=_card(row, known),
            steps=tuple(steps),
            earlier=after,
            cut=len(changes) == ENTRIES_MAX,
        )


def _card(row: PocketRow, known: dict[str, Product]) -> Card:
    fold = read_known(row.known) if row.known else None
    product_id = (fold.pocket.product if fold is not None else row.product) or ""
    product = known.get(product_id)
    book = fold.book if fold is not None else None
    maximum = row.maximum or None
    return Card(
        cab=row.cab,
        pocket=row.pocket,
        drawer=row.drawer,
        name=names.medicine(known, product_id) if product_id else "nothing assigned",
        quantity=book,
        maximum=maximum,
        unit=words.unit_of_issue(2, product),
        holds=_holds(book, product, told=fold is not None),
        level=_level(book, maximum),
        low=book is not None and maximum is not None and book * LOW_PARTS <= maximum,
        retired=row.retired_s is not None,
        count_due=(fold.count_due or "") if fold is not None else "",
        lots=tuple(
            LotView(
                lot=lot.lot or "lot not known",
                quantity=lot.quantity,
                expires=words.iso_day(lot.expires) if lot.expires else "expiry not known",
            )
            for lot in (fold.lots if fold is not None else ())
        ),
        href=f"/stock/{quote(row.cab)}/{quote(row.pocket)}",
    )


def _holds(book: int | None, product: Product | None, *, told: bool) -> str:
    if book is not None:
        return words.count_of(book, product)
    return "not counted yet" if told else "the cabinet has not taken it up yet"


def _level(book: int | None, maximum: int | None) -> int:
    if book is None or book <= 0 or not maximum:
        return 0
    return min(max(book * 100 // maximum, 1), 100)


def _by_pocket(card: Card) -> tuple[int, str]:
    return len(card.pocket), card.pocket


def _who(record: bytes | None, staff: dict[str, str]) -> str:
    if record is None:
        return ""
    body = msgspec.json.decode(open_body(record).data)
    actor = body.get("actor", "") if isinstance(body, dict) else ""
    return staff.get(actor, actor) if isinstance(actor, str) else ""
