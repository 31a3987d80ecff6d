"""How lines change the chapter of stock: products, pockets, the book, counts, recalls, lists.

The book moves only by `changes` (changes.py). A line that names a pocket nobody assigned still
moves a book: the pocket is then known by its id alone, because stock that moved must be accounted
for whatever else is missing.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from statemachine.ward.changes import change_pocket, changes
from statemachine.ward.drawers import (
    DrawerForced,
    Drawers,
    DrawerWrong,
    ReleaseIndeterminate,
)
from statemachine.ward.entry import Entry, Stamp
from statemachine.ward.maps import without
from statemachine.ward.orders import RemovalRecorded
from statemachine.ward.stock import (
    CountAsked,
    CountRecorded,
    DiscrepancyClosed,
    DiscrepancyOpened,
    Formulary,
    KnownPocket,
    OpenDiscrepancy,
    Pocket,
    Product,
    Recall,
    Retire,
    Setting,
    Stock,
    WardList,
)

SETTINGS_MAX = 1000
"""Most settings kept; a new key beyond it is passed over, a known key may still change."""

LISTS_MAX = 200
"""Most signed lists kept."""

COMMISSIONING = "commissioning"
"""The reason of a count, and of its discrepancy, that gives a pocket its first stock."""


def fold_stock(stock: Stock, drawers: Drawers, entry: Entry, stamp: Stamp) -> Stock:
    """The chapter after one line; the same chapter when the line is not about stock.

    `drawers` is the chapter of drawers before the line: it says which pocket an intent was for.
    """
    moved = changes(entry, stamp, stock.pockets)
    if moved:
        pockets = stock.pockets
        for change in moved:
            known = pockets.get(change.pocket) or _bare(entry, change.pocket, stamp)
            pockets = pockets.set(change.pocket, change_pocket(known, change, stamp))
        stock = replace(stock, pockets=pockets)
    how = _FOLDS.get(type(entry))
    if how is not None:
        return how(stock, entry, stamp)
    if isinstance(entry, ReleaseIndeterminate | DrawerForced | DrawerWrong):
        return _exposed(stock, drawers, entry)
    return stock


def _bare(entry: Entry, pocket: str, stamp: Stamp) -> KnownPocket:
    """A pocket known only because a line moved stock in it."""
    if isinstance(entry, Pocket):
        return KnownPocket(pocket=entry, line=stamp.line)
    drawer = entry.drawer if isinstance(entry, RemovalRecorded) else 0
    product = getattr(entry, "product", None)
    return KnownPocket(
        pocket=Pocket(pocket=pocket, drawer=drawer, product=product), line=stamp.line
    )


def _formulary(stock: Stock, entry: Formulary, _stamp: Stamp) -> Stock:
    products, by_code = stock.products, stock.by_code
    for product in entry.products:
        before = products.get(product.product)
        for code in _codes(before):
            if by_code.get(code) == product.product:
                by_code = by_code.delete(code)
        for code in _codes(product):
            by_code = by_code.set(code, product.product)
        products = products.set(product.product, product)
    return replace(stock, products=products, by_code=by_code)


def _codes(product: Product | None) -> tuple[str, ...]:
    return () if product is None else (*product.gtins, *product.codes)


def _pocket(stock: Stock, entry: Pocket, stamp: Stamp) -> Stock:
    known = stock.pockets.get(entry.pocket)
    before = known.pocket.product if known is not None else None
    if known is None:
        known = KnownPocket(pocket=entry, line=stamp.line)
    elif before != entry.product:
        known = replace(_reassigned(known, entry, stamp), pocket=entry, line=stamp.line)
    else:
        known = replace(known, pocket=entry, line=stamp.line)
    stock = replace(stock, pockets=stock.pockets.set(entry.pocket, known))
    return _stocked(stock, (before, entry.product))


def _reassigned(known: KnownPocket, entry: Pocket, stamp: Stamp) -> KnownPocket:
    """The pocket of another product: its book is the opening's, or nothing yet; count it."""
    if known.lots:
        return replace(known, origin=stamp.line, counted_s=None, count_due="product changed")
    return replace(
        known,
        book=None,
        origin=None,
        counted_s=None,
        count_due=None if entry.product is None else "product changed",
    )


def _stocked(stock: Stock, products: Iterable[str | None]) -> Stock:
    """Bring the look-up from product to pockets up to date, in the order of pocket ids."""
    by_product = stock.by_product
    for product in dict.fromkeys(products):
        if product is None:
            continue
        holding = sorted(
            pocket for pocket, known in stock.pockets.items() if known.pocket.product == product
        )
        by_product = (
            by_product.set(product, tuple(holding)) if holding else without(by_product, product)
        )
    return replace(stock, by_product=by_product)


def _list(stock: Stock, entry: WardList, _stamp: Stamp) -> Stock:
    if entry.name not in stock.lists and len(stock.lists) >= LISTS_MAX:
        return stock
    return replace(stock, lists=stock.lists.set(entry.name, entry))


def _setting(stock: Stock, entry: Setting, _stamp: Stamp) -> Stock:
    if entry.key not in stock.settings and len(stock.settings) >= SETTINGS_MAX:
        return stock
    return replace(stock, settings=stock.settings.set(entry.key, entry.value))


def _recall(stock: Stock, entry: Recall, _stamp: Stamp) -> Stock:
    if entry.lifted:
        return replace(stock, recalls=without(stock.recalls, entry.recall))
    return replace(stock, recalls=stock.recalls.set(entry.recall, entry))


def _retire(stock: Stock, entry: Retire, _stamp: Stamp) -> Stock:
    if entry.kind == "pocket":
        pockets = stock.pockets
        held = [pockets[pocket].pocket.product for pocket in entry.ids if pocket in pockets]
        for pocket in entry.ids:
            pockets = without(pockets, pocket)
        return _stocked(replace(stock, pockets=pockets), held)
    if entry.kind == "product":
        products, by_code = stock.products, stock.by_code
        for product in entry.ids:
            for code in _codes(products.get(product)):
                if by_code.get(code) == product:
                    by_code = by_code.delete(code)
            products = without(products, product)
        return replace(stock, products=products, by_code=by_code)
    return stock


def _count_asked(stock: Stock, entry: CountAsked, _stamp: Stamp) -> Stock:
    return _due(stock, (entry.pocket,), entry.reason)


def _due(stock: Stock, pockets: Iterable[str], reason: str) -> Stock:
    now = stock.pockets
    for pocket in pockets:
        known = now.get(pocket)
        if known is not None:
            now = now.set(pocket, replace(known, count_due=reason))
    return replace(stock, pockets=now)


def _counted(stock: Stock, entry: CountRecorded, stamp: Stamp) -> Stock:
    known = stock.pockets.get(entry.pocket)
    if known is None:
        return stock
    known = replace(known, count_due=None, counted_s=stamp.wall_lo_s)
    if entry.quantity == 0 and known.book is None:
        # An empty pocket, seen empty: nothing is a legal origin of nothing.
        known = replace(known, book=0, origin=stamp.line)
    return replace(stock, pockets=stock.pockets.set(entry.pocket, known))


def _discrepancy(stock: Stock, entry: DiscrepancyOpened, stamp: Stamp) -> Stock:
    if entry.reason == COMMISSIONING:
        # The first count of a pocket is its origin of stock. There is nothing to explain.
        return stock
    known = OpenDiscrepancy(opened=entry, line=stamp.line)
    return replace(stock, discrepancies=stock.discrepancies.set(entry.discrepancy, known))


def _discrepancy_closed(stock: Stock, entry: DiscrepancyClosed, _stamp: Stamp) -> Stock:
    return replace(stock, discrepancies=without(stock.discrepancies, entry.discrepancy))


def _exposed(
    stock: Stock, drawers: Drawers, entry: ReleaseIndeterminate | DrawerForced | DrawerWrong
) -> Stock:
    """Everything a hand could reach carries the doubt until it is counted (RULES 8, R12).

    A lidded pocket is out of reach of whoever opened the drawer for another one; a forced drawer
    had somebody in it who may have forced lids too.
    """
    intent = None if isinstance(entry, DrawerForced) else drawers.intents.get(entry.intent)
    meant = intent.intent.pocket if intent is not None else ""
    forced = isinstance(entry, DrawerForced)
    doubtful = sorted(
        pocket
        for pocket, known in stock.pockets.items()
        if known.pocket.drawer == entry.drawer
        and known.pocket.product is not None
        and (forced or not known.pocket.lidded or pocket == meant)
    )
    return _due(stock, doubtful, entry.TYPE)


_FOLDS: Mapping[type[Entry], Callable[[Stock, Any, Stamp], Stock]] = {
    Formulary: _formulary,
    Pocket: _pocket,
    WardList: _list,
    Setting: _setting,
    Recall: _recall,
    Retire: _retire,
    CountAsked: _count_asked,
    CountRecorded: _counted,
    DiscrepancyOpened: _discrepancy,
    DiscrepancyClosed: _discrepancy_closed,
}
