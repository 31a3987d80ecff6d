"""What pages and programs read. Reading changes nothing and waits for no writer."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from pharmacy.db import AttentionRow, CabinetRow, PocketRow, ProductRow
from pharmacy.ledger.book import read_known
from pharmacy.services.inputs import ServiceError, StockRow
from pharmacy.services.office import Office, Unit


def stock(office: Office, cab: str | None) -> list[StockRow]:
    """Return the stock by cabinet, pocket and lot; see `Services.stock`."""
    with office.read() as session:
        query = (
            select(PocketRow, CabinetRow.ward)
            .join(CabinetRow, CabinetRow.cab == PocketRow.cab)
            .order_by(PocketRow.cab, PocketRow.drawer, PocketRow.pocket)
        )
        if cab is not None:
            query = query.where(PocketRow.cab == cab)
        names = _names(session)
        return [
            row
            for pocket, ward in session.execute(query)
            for row in _pocket_rows(pocket, ward, names)
        ]


def close_attention(office: Office, item: int, by: str) -> None:
    """Close an attention item; see `Services.close_attention`."""

    def work(unit: Unit) -> None:
        row = unit.session.get(AttentionRow, item, with_for_update=True)
        if row is None:
            raise ServiceError("There is no such item. Nothing was changed.")
        if row.closed_s is None:
            row.open_key, row.closed_s, row.closed_by = None, unit.now_s, by[:250]
            if row.key == f"fork:{row.subject}":
                # Somebody went to the cabinet and looked; the evidence stays.
                unit.session.get_one(CabinetRow, row.subject).quarantined_s = None
            unit.touch("attention")

    office.run(work)


def product_name(row: ProductRow) -> str:
    """Return a product as people say it: `paracetamol 500 mg tablets`."""
    return " ".join(part for part in (row.generic, row.brand, row.strength, row.form) if part)


def _names(session: Session) -> dict[str, str]:
    return {row.product: product_name(row) for row in session.scalars(select(ProductRow))}


def _pocket_rows(pocket: PocketRow, ward: str, names: dict[str, str]) -> list[StockRow]:
    known = read_known(pocket.known) if pocket.known else None
    product = (known.pocket.product if known is not None else pocket.product) or ""
    if pocket.retired_s is not None and known is None:
        return []
    lots: list[tuple[str, int | None, str]] = (
        [(lot.lot, lot.quantity, lot.expires) for lot in known.lots] if known is not None else []
    )
    empty = None if known is None or known.book is None else 0
    return [
        StockRow(
            cab=pocket.cab,
            ward=ward,
            pocket=pocket.pocket,
            drawer=pocket.drawer,
            product=product,
            name=names.get(product, product),
            quantity=quantity,
            lot=lot,
            expires=expires,
            maximum=pocket.maximum,
            count_due=(known.count_due or "") if known is not None else "",
        )
        for lot, quantity, expires in lots or [("", empty, "")]
    ]
