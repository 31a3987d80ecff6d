"""A patient's chart as the rules read it: everything one patient's doses depend on, gathered once.

A dose list asks some thirty questions of every line. The answers rest on the same few facts: what
was removed, what was recorded, which ingredient was taken when, where a product lies. A chart
gathers each of them at most once, for one patient, one ward and one instant. It only reads.

Two things are decided here. **Which dose a record belongs to**: by the dose it names, else by the
order and the time, nearest the due time and within half the interval. **What counts as taken**, for
minimum intervals and 24 h maxima: what was given, plus what was removed and not resolved, less
returns, over all cabinets known; a removal and the record of its being given are one taking.
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, TypeVar

from statemachine.dose import dose_due_s, dose_id
from statemachine.instant import Instant
from statemachine.rules.allergy import Conflict, conflict, ingredients_of
from statemachine.rules.shelf import Shelf, find
from statemachine.ward import Ward
from statemachine.ward.orders import Administration, KnownOrder, Removed, Window
from statemachine.ward.patients_fold import resolve
from statemachine.ward.stock import Product

Fact = TypeVar("Fact")

LONE_INTERVAL_S = 24 * 3600
"""The interval of a dose that has no neighbour: a day, so that half of it is 12 h."""

SAME_TAKING_S = 240 * 60
"""A record "given" without a dose is about a removal of its order at most so long ago (RULES 1)."""

BEFORE_REMOVAL_S = 15 * 60
"""Clocks of ePMA and cabinet may differ: a record may seem so much earlier than its removal."""


class Taking(NamedTuple):
    """One dose that was taken, or may have been: when, of which order, with what inside."""

    at_lo_s: int
    at_hi_s: int
    order: str
    dose: str
    ingredients: frozenset[str]


def is_as_required(known: KnownOrder) -> bool:
    """Whether the order has no times: as-required, or a range or variable dose without windows."""
    order = known.order
    if order.kind == "as-required":
        return True
    unplanned = not known.windows and bool(order.interval_s or order.max_per_24h)
    return unplanned and order.kind in ("range", "variable")


def is_one_off(known: KnownOrder) -> bool:
    """Whether the order is one dose only: STAT, or a one-off authority."""
    return known.order.kind in ("stat", "authority")


def one_off_due_s(known: KnownOrder) -> int:
    """The instant that names the one dose of an order without windows, seconds since 1970."""
    return known.windows[0].due_s if known.windows else known.order.starts_s or 0


def window_at(known: KnownOrder, due_s: int) -> Window | None:
    """The scheduled dose due at this instant, or None."""
    at = bisect_left(known.windows, due_s, key=lambda window: window.due_s)
    if at < len(known.windows) and known.windows[at].due_s == due_s:
        return known.windows[at]
    return None


def half_interval_s(known: KnownOrder, due_s: int) -> int:
    """Half the distance from this dose to its nearest neighbour, in seconds."""
    windows = known.windows
    at = bisect_left(windows, due_s, key=lambda window: window.due_s)
    gaps = [due_s - windows[at - 1].due_s] if at > 0 else []
    after = at + 1 if at < len(windows) and windows[at].due_s == due_s else at
    if after < len(windows):
        gaps.append(windows[after].due_s - due_s)
    return min(gaps, default=LONE_INTERVAL_S) // 2


def belongs_to(known: KnownOrder, at_s: int) -> int | None:
    """The due time of the dose that a record of this order at `at_s` is about, or None.

    The nearest scheduled dose, if it is within half its interval.
    """
    windows = known.windows
    if not windows:
        return one_off_due_s(known) if is_one_off(known) else None
    at = bisect_left(windows, at_s, key=lambda window: window.due_s)
    near = [windows[here].due_s for here in (at - 1, at) if 0 <= here < len(windows)]
    due_s = min(near, key=lambda due: abs(due - at_s))
    if is_one_off(known) or abs(due_s - at_s) <= half_interval_s(known, due_s):
        return due_s
    return None


class Chart:
    """What the rules read about one patient at one instant. Build one for each list or question."""

    def __init__(self, ward: Ward, patient: str, now: Instant) -> None:
        self.ward = ward
        self.now = now
        self.asked_for = patient
        self.patient = resolve(ward.patients.merged, patient)
        known = ward.patients.known.get(self.patient)
        self.record = known.record if known is not None else None
        self._removed: dict[str, list[Removed]] = {}
        for removed in ward.orders.removed.get(self.patient, ()):
            self._removed.setdefault(removed.order, []).append(removed)
        self._administered: dict[str, list[Administration]] = {}
        for one in ward.orders.administered.get(self.patient, ()):
            self._administered.setdefault(one.order, []).append(one)
        self._last: dict[str, int] | None = None
        self._facts: dict[Hashable, Any] = {}
        self._takings: tuple[Taking, ...] | None = None
        self._shelves: dict[tuple[str, int], Shelf] = {}
        self._conflicts: dict[str, Conflict | None] = {}
        self._ingredients: dict[str, frozenset[str]] = {}
        self._taken: dict[str, list[tuple[int, int, int]]] = {}
        self._outcomes: dict[str, dict[str, Administration]] = {}

    def once(self, name: Hashable, make: Callable[[], Fact]) -> Fact:
        """A fact about the whole chart, worked out at most once."""
        if name not in self._facts:
            self._facts[name] = make()
        fact: Fact = self._facts[name]
        return fact

    def product(self, product: str) -> Product | None:
        """The product, or None when nobody here knows it."""
        return self.ward.stock.products.get(product)

    def shelf(self, product: str, quantity: int) -> Shelf:
        """Where so many of it can be had here."""
        found = self._shelves.get((product, quantity))
        if found is None:
            found = find(self.ward, self.now, product, quantity)
            self._shelves[product, quantity] = found
        return found

    def conflict(self, product: str) -> Conflict | None:
        """The recorded allergy that speaks against the product, or None."""
        if product not in self._conflicts:
            known = self.product(product)
            against = None
            if known is not None and self.record is not None and self.record.allergies:
                against = conflict(self.ward, self.record.allergies, known)
            self._conflicts[product] = against
        return self._conflicts[product]

    def removed(self, known: KnownOrder, dose: str) -> tuple[Removed, ...]:
        """What was removed for one dose and not replaced since, here and elsewhere."""
        if known.order.order not in self._removed:
            return ()
        return tuple(
            one
            for one in self._removed.get(known.order.order, ())
            if not one.replaced and self.dose_of(known, one.dose, one.at_lo_s) == dose
        )

    def last_taken_s(self, order: str) -> int | None:
        """When a dose of this order was last taken, or None; at the earliest."""
        if self._last is None:
            self._last = {taking.order: taking.at_lo_s for taking in self.takings()}
        return self._last.get(order)

    def taken_doses(self, known: KnownOrder) -> Sequence[tuple[int, int, int]]:
        """The scheduled doses of an order that were removed or given: (earliest, latest, due)."""
        order = known.order.order
        if order not in self._removed and order not in self._administered:
            return ()
        found = self._taken.get(order)
        if found is None:
            when = [
                (one.at_lo_s, one.at_hi_s, self.dose_of(known, one.dose, one.at_lo_s))
                for one in self._removed.get(order, ())
                if not one.replaced
            ]
            when += [
                (one.at_s, one.at_s, self.dose_of(known, one.dose, one.at_s))
                for one in self._administered.get(order, ())
                if one.outcome == "given"
            ]
            dues = ((lo_s, hi_s, dose_due_s(dose)) for lo_s, hi_s, dose in when)
            found = [(lo_s, hi_s, due_s) for lo_s, hi_s, due_s in dues if due_s is not None]
            self._taken[order] = found
        return found

    def dose_of(self, known: KnownOrder, dose: str, at_s: int) -> str:
        """The dose a record is about: the one it names, else the nearest in time; or empty."""
        if dose:
            return dose
        due_s = belongs_to(known, at_s)
        return "" if due_s is None else dose_id(known.order.order, due_s)

    def outcome(self, known: KnownOrder, dose: str) -> Administration | None:
        """What the ePMA recorded of one dose: "given" above all else, then the latest word."""
        order = known.order.order
        if order not in self._administered:
            return None
        found = self._outcomes.get(order)
        if found is None:
            found = {}
            for one in self._administered[order]:
                about = self.dose_of(known, one.dose, one.at_s)
                before = found.get(about)
                if before is None or before.outcome != "given":
                    found[about] = one
            self._outcomes[order] = found
        return found.get(dose)

    # --- what was taken ----------------------------------------------------------------------

    def takings(self) -> tuple[Taking, ...]:
        """Every dose taken, or perhaps taken, that is remembered; oldest first."""
        if self._takings is None:
            self._takings = self._gather()
        return self._takings

    def _gather(self) -> tuple[Taking, ...]:
        groups: dict[tuple[str, str], Taking] = {}
        for order, all_removed in self._removed.items():
            for at, one in enumerate(all_removed):
                if one.replaced or one.quantity <= 0:
                    continue
                key = (order, one.dose or f"#{at}")
                inside = self._inside(one.product)
                same = groups.get(key)
                if same is not None:
                    inside |= same.ingredients
                groups[key] = Taking(one.at_lo_s, one.at_hi_s, order, one.dose, inside)
        for order, records in self._administered.items():
            paired: set[tuple[str, str]] = set()
            for at, record in enumerate(records):
                if record.outcome == "given":
                    self._given(groups, paired, order, record, at)
        return tuple(sorted(groups.values(), key=lambda taking: taking.at_hi_s))

    def _given(
        self,
        groups: dict[tuple[str, str], Taking],
        paired: set[tuple[str, str]],
        order: str,
        record: Administration,
        at: int,
    ) -> None:
        key = self._pair(groups, paired, order, record)
        if key is None:
            inside = self._inside(record.product) if record.product else self._ordered(order)
            alone = (order, record.dose or f"@{at}")
            groups[alone] = Taking(record.at_s, record.at_s, order, record.dose, inside)
            # A second record of "given" is a second dose, never the proof of the first one.
            paired.add(alone)
            return
        paired.add(key)
        taking = groups[key]
        # The later of removal and record: the interval runs from when it can have been taken.
        groups[key] = taking._replace(
            at_lo_s=max(taking.at_lo_s, record.at_s), at_hi_s=max(taking.at_hi_s, record.at_s)
        )

    def _pair(
        self,
        groups: dict[tuple[str, str], Taking],
        paired: set[tuple[str, str]],
        order: str,
        record: Administration,
    ) -> tuple[str, str] | None:
        """The removal that this record of "given" is about, or None."""
        known = self.ward.orders.known.get(order)
        dose = self.dose_of(known, record.dose, record.at_s) if known is not None else record.dose
        if dose and (order, dose) in groups:
            return (order, dose)
        fitting = [
            (taking.at_hi_s, key)
            for key, taking in groups.items()
            if key[0] == order
            and key not in paired
            and taking.at_lo_s - BEFORE_REMOVAL_S <= record.at_s
            and record.at_s - taking.at_hi_s <= SAME_TAKING_S
            and (not record.dose or dose_due_s(taking.dose) is None or not taking.dose)
        ]
        return max(fitting)[1] if fitting else None

    def inside(self, product: Product) -> frozenset[str]:
        """The product's ingredients, in lower case."""
        found = self._ingredients.get(product.product)
        if found is None:
            found = self._ingredients[product.product] = ingredients_of(product)
        return found

    def _inside(self, product: str) -> frozenset[str]:
        known = self.product(product)
        return frozenset() if known is None else self.inside(known)

    def _ordered(self, order: str) -> frozenset[str]:
        """What an order's products hold, when a record names none of them."""
        known = self.ward.orders.known.get(order)
        if known is None:
            return frozenset()
        return frozenset().union(
            *(self._inside(product) for one_set in known.order.sets for product, _ in one_set)
        )
