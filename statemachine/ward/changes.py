"""The arithmetic of stock: what each line adds to and takes from the book of a pocket.

The book of a pocket is the sum of signed changes, by product and lot, and is never edited (RULES 8,
I4). This file is the only place that says what a line changes; the ward's fold and the pharmacy's
ledger both ask here, so that they cannot disagree about arithmetic.

- A removal takes from the lot it names; what that lot does not hold, and every removal that names
  no lot, comes from the first-expiring known lot, then the next, and the rest from "lot unknown",
  which may go below zero. A book below zero is never left alone: the same visit ends with a
  discrepancy, hand minus book, which brings it to what the hand saw.
- A count changes nothing. The discrepancy it opens does.
- A pocket's opening stock counts once, when the pocket has no origin of stock yet.
- A pocket that is given to another product, or retired, takes its book down to nothing first: what
  was booked there has left by the pharmacist's word.

Everything a change depends on is the line and the pocket as it stood before it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from statemachine.ward.entry import Entry, Stamp
from statemachine.ward.orders import RemovalRecorded
from statemachine.ward.stock import Change, DiscrepancyOpened, KnownPocket, Lot, Pocket, Retire

LOTS_MAX = 60
"""Most lots told apart in one pocket; what comes beyond is booked as "lot unknown"."""

QUANTITY_MAX = 1_000_000
"""No single line moves more units of issue than this; beyond it the line is not believed."""


def changes(entry: Entry, stamp: Stamp, pockets: Mapping[str, KnownPocket]) -> tuple[Change, ...]:
    """The signed stock changes of one line, in order.

    Args:
        entry: the line's body.
        stamp: where and when the line stands; decides which lots had expired by then.
        pockets: pockets as they stood before the line; one not in it has no book yet.

    Returns:
        Changes whose sum is what the line did; empty for lines that move no stock.
    """
    how = _CHANGES.get(type(entry))
    return () if how is None else how(entry, stamp, pockets)


def change_pocket(known: KnownPocket, change: Change, stamp: Stamp) -> KnownPocket:
    """The pocket after one change. A positive change is an origin when there was none."""
    lots = _lots_after(known.lots, change)
    origin = known.origin
    if origin is None and change.quantity > 0:
        origin = stamp.line
    return replace(known, book=(known.book or 0) + change.quantity, lots=lots, origin=origin)


def lot_order(lot: Lot) -> tuple[bool, str, str]:
    """Sort key: first-expiring first, unknown expiry after known, unknown lot last."""
    return (not lot.lot, lot.expires or "9999-12-31", lot.lot)


def _lots_after(lots: tuple[Lot, ...], change: Change) -> tuple[Lot, ...]:
    name = change.lot
    if name and len(lots) >= LOTS_MAX and all(lot.lot != name for lot in lots):
        name = ""
    left: list[Lot] = []
    found = False
    for lot in lots:
        if lot.lot != name:
            left.append(lot)
            continue
        found = True
        quantity = lot.quantity + change.quantity
        if quantity != 0:
            expires = (change.expires or lot.expires) if name else ""
            left.append(Lot(lot=name, quantity=quantity, expires=expires))
    if not found and change.quantity != 0:
        left.append(Lot(lot=name, quantity=change.quantity, expires=change.expires if name else ""))
    return tuple(sorted(left, key=lot_order))


def _taken(
    known: KnownPocket | None, pocket: str, product: str, quantity: int, named: str
) -> list[Change]:
    """Take `quantity` from a pocket: the named lot, first-expiring known lots, then unknown."""
    held = known.lots if known is not None and known.pocket.product == product else ()
    lots = sorted(held, key=lambda lot: (lot.lot != named, *lot_order(lot)))
    took: list[Change] = []
    for lot in lots:
        if quantity == 0:
            break
        if lot.lot and lot.quantity > 0:
            some = min(quantity, lot.quantity)
            took.append(Change(pocket=pocket, product=product, quantity=-some, lot=lot.lot))
            quantity -= some
    if quantity:
        took.append(Change(pocket=pocket, product=product, quantity=-quantity))
    return took


def _removal(
    entry: RemovalRecorded, _stamp: Stamp, pockets: Mapping[str, KnownPocket]
) -> tuple[Change, ...]:
    if not 0 < entry.quantity <= QUANTITY_MAX:
        return ()
    known = pockets.get(entry.pocket)
    return tuple(_taken(known, entry.pocket, entry.product, entry.quantity, entry.lot))


def _discrepancy(
    entry: DiscrepancyOpened, _stamp: Stamp, pockets: Mapping[str, KnownPocket]
) -> tuple[Change, ...]:
    if entry.quantity == 0 or abs(entry.quantity) > QUANTITY_MAX:
        return ()
    if entry.quantity < 0:
        known = pockets.get(entry.pocket)
        return tuple(_taken(known, entry.pocket, entry.product, -entry.quantity, entry.lot))
    found = Change(
        pocket=entry.pocket, product=entry.product, quantity=entry.quantity, lot=entry.lot
    )
    return (found,)


def _emptied(known: KnownPocket) -> list[Change]:
    product = known.pocket.product or ""
    pocket = known.pocket.pocket
    return [
        Change(pocket=pocket, product=product, quantity=-lot.quantity, lot=lot.lot)
        for lot in known.lots
    ]


def _pocket(entry: Pocket, _stamp: Stamp, pockets: Mapping[str, KnownPocket]) -> tuple[Change, ...]:
    known = pockets.get(entry.pocket)
    moved: list[Change] = []
    if known is not None and known.pocket.product != entry.product:
        moved = _emptied(known)
        known = None
    if entry.product is not None and (known is None or known.origin is None):
        moved += [
            Change(
                pocket=entry.pocket,
                product=entry.product,
                quantity=opening.quantity,
                lot=opening.lot,
                expires=opening.expires if opening.lot else "",
            )
            for opening in entry.opening
            if 0 < opening.quantity <= QUANTITY_MAX
        ]
    return tuple(moved)


def _retire(entry: Retire, _stamp: Stamp, pockets: Mapping[str, KnownPocket]) -> tuple[Change, ...]:
    if entry.kind != "pocket":
        return ()
    gone = (pockets.get(pocket) for pocket in dict.fromkeys(entry.ids))
    return tuple(change for known in gone if known is not None for change in _emptied(known))


_CHANGES: Mapping[
    type[Entry], Callable[[Any, Stamp, Mapping[str, KnownPocket]], tuple[Change, ...]]
] = {
    RemovalRecorded: _removal,
    DiscrepancyOpened: _discrepancy,
    Pocket: _pocket,
    Retire: _retire,
}
