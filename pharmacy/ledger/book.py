"""The book of a cabinet's pockets: the ward's own fold, kept in tables.

A batch of accepted lines is folded with `statemachine.ward.stock_fold`, the same function that runs
in the cabinet, over pockets loaded from the rows and written back when they changed. Directives
take effect where the cabinet's `directives.applied` says, not where they were signed; so an opening
stock is booked when the cabinet has it, and in the cabinet's own order of things (WIRE 1).
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from immutables import Map
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from cabinet.wire.body import open_body
from pharmacy.db import BodyRow, DnLineRow, PocketRow, PocketStockRow, StockChangeRow, UpLineRow
from pharmacy.db.upsert import insert_missing, insert_rows, rows_of
from pharmacy.ledger.schema import read_directive
from statemachine.ward.changes import changes
from statemachine.ward.drawers import (
    DrawerForced,
    Drawers,
    DrawerWrong,
    OpenIntent,
    ReleaseIndeterminate,
    ReleaseIntent,
)
from statemachine.ward.entry import Entry, Stamp
from statemachine.ward.house import DirectivesApplied
from statemachine.ward.orders import RemovalRecorded
from statemachine.ward.stamps import stamp_dn
from statemachine.ward.stock import (
    Change,
    CountAsked,
    CountRecorded,
    DiscrepancyOpened,
    KnownPocket,
    Stock,
)
from statemachine.ward.stock_fold import fold_stock

_MOVERS = (
    CountAsked,
    CountRecorded,
    DirectivesApplied,
    DiscrepancyOpened,
    DrawerForced,
    DrawerWrong,
    ReleaseIndeterminate,
    RemovalRecorded,
)

pockets = rows_of(PocketRow)
lots = rows_of(PocketStockRow)

_DIRECTED = ("pocket", "retire")
"""Directives that the book depends on."""


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted `up` entry, where it stands, and its line type."""

    entry: Entry
    stamp: Stamp


class Book:
    """The pockets of one cabinet within one transaction.

    Args:
        applied: (epoch, seq) of the last directive folded before.
    """

    def __init__(self, session: Session, cab: str, applied: tuple[int, int]) -> None:
        self._session = session
        self._cab = cab
        self.applied = applied
        self._stock: Stock | None = None
        self._before: Map[str, KnownPocket] = Map()
        self._changes: list[dict[str, Any]] = []
        self._intents: dict[int, ReleaseIntent] = {}

    def fold(self, placed: Placed) -> None:
        """Fold one entry; entries that do not concern pockets cost nothing."""
        entry, stamp = placed.entry, placed.stamp
        if isinstance(entry, ReleaseIntent):
            self._intents[stamp.line[1]] = entry
            return
        if not isinstance(entry, _MOVERS):
            return
        if isinstance(entry, DirectivesApplied):
            self._apply_directives(entry.to, stamp)
            return
        self._fold_one(entry, stamp, stamp, 0)

    def write(self) -> bool:
        """Write what changed; returns whether anything did."""
        if self._stock is None:
            return False
        now, before = self._stock.pockets, self._before
        changed = sorted(p for p in now if now[p] is not before.get(p))
        gone = sorted(p for p in before if p not in now)
        insert_rows(self._session, StockChangeRow, self._changes)
        if changed or gone:
            self._write_pockets({pocket: now.get(pocket) for pocket in (*changed, *gone)})
        return bool(changed or gone or self._changes)

    def _fold_one(self, entry: Entry, stamp: Stamp, by: Stamp, part: int) -> int:
        """Fold `entry`; its changes are booked to the `up` line of `by` from `part` on."""
        stock = self._loaded()
        for change in changes(entry, stamp, stock.pockets):
            self._changes.append(self._row(entry, change, by, part))
            part += 1
        self._stock = fold_stock(stock, self._drawers(entry), entry, stamp)
        return part

    def _apply_directives(self, to: tuple[int, int], by: Stamp) -> None:
        ep, seq = to
        if (ep, seq) <= self.applied:
            return
        after = self.applied[1] if self.applied[0] == ep else 0
        self.applied = (ep, seq)
        rows = self._session.execute(
            select(DnLineRow.seq, DnLineRow.type, DnLineRow.wall_s, BodyRow.record)
            .join(BodyRow, BodyRow.digest == DnLineRow.body)
            .where(
                DnLineRow.cab == self._cab,
                DnLineRow.ep == ep,
                DnLineRow.seq > after,
                DnLineRow.seq <= seq,
                DnLineRow.type.in_(_DIRECTED),
            )
            .order_by(DnLineRow.seq)
        ).all()
        part = 0
        for dn_seq, line_type, wall_s, record in rows:
            if record is not None:
                entry = read_directive(line_type, open_body(record).data)
                part = self._fold_one(entry, stamp_dn((ep, dn_seq), wall_s), by, part)

    def _loaded(self) -> Stock:
        if self._stock is None:
            rows = self._session.execute(
                select(PocketRow.pocket, PocketRow.known).where(
                    PocketRow.cab == self._cab, PocketRow.known != ""
                )
            )
            self._before = Map({pocket: read_known(known) for pocket, known in rows})
            self._stock = Stock(pockets=self._before)
        return self._stock

    def _drawers(self, entry: Entry) -> Drawers:
        """Return the chapter of drawers as far as this entry needs it: the intent it names."""
        if not isinstance(entry, ReleaseIndeterminate | DrawerWrong):
            return Drawers()
        intent = self._intents.get(entry.intent) or self._stored_intent(entry.intent)
        if intent is None:
            return Drawers()
        return Drawers(intents=Map({entry.intent: OpenIntent(intent=intent, line=(1, 0))}))

    def _stored_intent(self, seq: int) -> ReleaseIntent | None:
        record = self._session.scalars(
            select(BodyRow.record)
            .join(UpLineRow, UpLineRow.body == BodyRow.digest)
            .where(
                UpLineRow.cab == self._cab,
                UpLineRow.seq == seq,
                UpLineRow.type == ReleaseIntent.TYPE,
            )
            .order_by(UpLineRow.ep.desc())
        ).first()
        if record is None:
            return None
        return msgspec.json.decode(open_body(record).data, type=ReleaseIntent)

    def _row(self, entry: Entry, change: Change, by: Stamp, part: int) -> dict[str, Any]:
        return {
            "cab": self._cab,
            "ep": by.line[0],
            "seq": by.line[1],
            "part": part,
            "pocket": change.pocket,
            "product": change.product,
            "lot": change.lot,
            "expires": change.expires,
            "quantity": change.quantity,
            "type": entry.TYPE,
            "wall_s": by.wall_lo_s or None,
        }

    def _write_pockets(self, changed: Mapping[str, KnownPocket | None]) -> None:
        """Write pockets and their lots, a few statements for all of them."""
        new = [pocket for pocket in changed if pocket not in self._before]
        insert_missing(self._session, PocketRow, [_bare(self._cab, p, changed[p]) for p in new])
        self._session.execute(
            update(pockets)
            .where(pockets.c.cab == self._cab, pockets.c.pocket == bindparam("which"))
            .values(known=bindparam("now")),
            [
                {
                    "which": pocket,
                    "now": "" if known is None else msgspec.json.encode(known).decode(),
                }
                for pocket, known in changed.items()
            ],
        )
        self._session.execute(
            delete(lots).where(lots.c.cab == self._cab, lots.c.pocket.in_(list(changed)))
        )
        held = [
            row for pocket, known in changed.items() for row in lot_rows(self._cab, pocket, known)
        ]
        insert_rows(self._session, PocketStockRow, held)


def _bare(cab: str, pocket: str, known: KnownPocket | None) -> dict[str, Any]:
    """Return the row of a pocket that the log moved stock in before anybody assigned it."""
    return {
        "cab": cab,
        "pocket": pocket,
        "drawer": 0 if known is None else known.pocket.drawer,
        "product": None if known is None else known.pocket.product,
        "maximum": None,
        "directed": "",
        "known": "",
        "retired_s": None,
    }


def read_known(text: str) -> KnownPocket:
    """Read a `KnownPocket` kept as JSON."""
    return msgspec.json.decode(text, type=KnownPocket)


def lot_rows(cab: str, pocket: str, known: KnownPocket | None) -> list[dict[str, Any]]:
    """Return the rows of `pocket_stock` for a pocket: one a lot."""
    if known is None:
        return []
    return [
        {
            "cab": cab,
            "pocket": pocket,
            "product": known.pocket.product or "",
            "lot": lot.lot,
            "quantity": lot.quantity,
            "expires": lot.expires,
        }
        for lot in known.lots
    ]
