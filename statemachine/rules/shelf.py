"""Which pocket a product is taken from: the lots in it, their dates, recalls, and the drawer.

First-expiring first. A lot that has expired or is recalled is not what a dose is taken from; while
any other lot of the product is left in a working drawer, that one is used. An unknown lot is
allowed and marked, because UK packs often carry none; any recall of its product holds it, because
it might be the recalled one (RULES 4).

**The book never refuses what the hand can see.** A book of none, below none or unknown is no reason
against a pocket here: such a pocket comes last among those that may be used, and the nurse is asked
"how many are left?" afterwards.
"""

from typing import NamedTuple

from statemachine.instant import Instant
from statemachine.rules.calendar import expires_s
from statemachine.ward import Ward
from statemachine.ward.stock import KnownPocket


class Shelf(NamedTuple):
    """Where a product can be had here.

    Attributes:
        pocket: the best pocket, or None.
        drawer: its drawer, or None.
        lot: the lot to take first; empty when it is not known.
        pockets: how many pockets hold the product at all.
        expired, recalled, faulty, undecided: why pockets were passed over.
        fault: a fault of a drawer passed over.
    """

    pocket: str | None = None
    drawer: int | None = None
    lot: str = ""
    pockets: int = 0
    expired: bool = False
    recalled: bool = False
    faulty: bool = False
    undecided: bool = False
    fault: str = ""


class _Stand(NamedTuple):
    """What can be said of the lots of one pocket."""

    usable: bool
    lot: str
    expires: str
    spoilt: bool
    expired: bool
    recalled: bool
    undecided: bool


def recalled_lots(ward: Ward, product: str) -> frozenset[str | None]:
    """Lots of the product under recall; None in it means all of them; empty means no recall."""
    return frozenset(
        recall.lot for recall in ward.stock.recalls.values() if recall.product == product
    )


def book_is_short(ward: Ward, pocket: str, quantity: int) -> bool:
    """Whether the book says less than `quantity`, or nothing at all; never a refusal by itself."""
    known = ward.stock.pockets.get(pocket)
    return known is None or known.book is None or known.book < quantity


def find(ward: Ward, now: Instant, product: str, quantity: int = 1) -> Shelf:
    """The pocket to take `quantity` of `product` from, or why there is none."""
    holding = ward.stock.by_product.get(product, ())
    recalls = recalled_lots(ward, product) if len(ward.stock.recalls) else frozenset()
    best: tuple[tuple[bool, bool, str, int, str], KnownPocket, str] | None = None
    expired = recalled = faulty = undecided = False
    fault = ""
    for pocket in holding:
        known = ward.stock.pockets.get(pocket)
        if known is None:
            continue
        drawer = ward.drawers.known.get(known.pocket.drawer)
        if drawer is not None and drawer.faults:
            faulty, fault = True, drawer.faults[0]
            continue
        stand = _judge(known, now, recalls)
        expired, recalled = expired or stand.expired, recalled or stand.recalled
        if not stand.usable:
            undecided = undecided or stand.undecided
            continue
        short = known.book is None or known.book < quantity
        key = (short, stand.spoilt, stand.expires or "9999", known.pocket.drawer, pocket)
        if best is None or key < best[0]:
            best = (key, known, stand.lot)
    if best is None:
        return Shelf(
            pockets=len(holding),
            expired=expired,
            recalled=recalled,
            faulty=faulty,
            undecided=undecided,
            fault=fault,
        )
    chosen = best[1].pocket
    return Shelf(pocket=chosen.pocket, drawer=chosen.drawer, lot=best[2], pockets=len(holding))


def _judge(known: KnownPocket, now: Instant, recalls: frozenset[str | None]) -> _Stand:
    expired = recalled = undecided = False
    good: tuple[str, str] | None = None
    unknown, unmarked = not known.lots, False
    for lot in known.lots:
        if not lot.lot:
            unknown, unmarked = True, lot.quantity > 0
        elif lot.quantity <= 0:
            continue
        elif lot.lot in recalls or None in recalls:
            recalled = True
        else:
            ends_s = expires_s(lot.expires) if lot.expires else None
            if ends_s is not None and now.hi_s >= ends_s:
                # "Not after" needs the upper end; what the interval cannot decide is asked.
                expired = True
                undecided = undecided or now.lo_s < ends_s
            elif good is None:
                good = (lot.lot, lot.expires)
    if unknown and recalls:
        recalled, unknown, unmarked = True, False, False
    spoilt = expired or recalled
    if good is not None:
        return _Stand(True, good[0], good[1], spoilt, expired, recalled, False)
    # No good lot is known. Stock of an unknown lot may lie here, or the book may know of none.
    usable = unmarked or (unknown and not expired and not recalled)
    return _Stand(usable, "", "", spoilt, expired, recalled, undecided)
