"""Making the projections again from the lines alone, equal to the live ones.

Whatever stands in `pocket_stock`, `stock_changes` and the `known` part of `pockets` can be thrown
away: the signed lines say all of it. `rebuild` is the proof, and the repair.
"""

from collections.abc import Iterator

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from cabinet.wire.body import open_body
from cabinet.wire.line import UpPayload, open_line
from pharmacy.db import (
    BodyRow,
    CabinetRow,
    HeadRow,
    PocketRow,
    PocketStockRow,
    StockChangeRow,
    UpLineRow,
)
from pharmacy.ledger.book import Book, Placed
from pharmacy.ledger.schema import up_schema
from pharmacy.ledger.up import placed
from statemachine.ward.entry import Entry

_CHUNK = 256


def rebuild(session: Session, cab: str) -> None:
    """Fold every stored line of a cabinet again, within the caller's transaction.

    Raises:
        LookupError: no such cabinet.
    """
    head = session.scalars(
        select(HeadRow).where(HeadRow.cab == cab, HeadRow.log == "up").with_for_update()
    ).one_or_none()
    if head is None:
        raise LookupError(cab)
    for table in (PocketStockRow, StockChangeRow):
        session.execute(delete(table).where(table.cab == cab))
    session.execute(delete(PocketRow).where(PocketRow.cab == cab, PocketRow.directed == ""))
    session.execute(update(PocketRow).where(PocketRow.cab == cab).values(known=""))
    book = Book(session, cab, (1, 0))
    for entry in _entries(session, cab):
        book.fold(entry)
    book.write()
    session.execute(
        update(CabinetRow)
        .where(CabinetRow.cab == cab)
        .values(applied_ep=book.applied[0], applied_seq=book.applied[1])
    )


def _entries(session: Session, cab: str) -> Iterator[Placed]:
    rows = session.execute(
        select(UpLineRow.raw, UpLineRow.type, BodyRow.record)
        .join(BodyRow, BodyRow.digest == UpLineRow.body)
        .where(UpLineRow.cab == cab)
        .order_by(UpLineRow.ep, UpLineRow.seq)
        .execution_options(yield_per=_CHUNK)
    )
    for raw, line_type, record in rows:
        read = up_schema(line_type)
        payload = open_line(raw).payload
        if read is None or record is None or not isinstance(payload, UpPayload):
            continue
        entry = read(open_body(record).data)
        if isinstance(entry, Entry):
            yield placed(entry, payload)
