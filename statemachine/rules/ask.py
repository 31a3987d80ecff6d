"""A question to the rules: may this person remove this much of this, for this patient, now?

An ask is frozen and says what is wanted; what follows from it (the order, the dose's window, what
is left of the dose) is worked out once, lazily, and only by reading the ward. Every rule is a
function of an ask, total: what is not known is a refusal, never an exception.
"""

from collections.abc import Callable
from typing import Any, Generic, Literal, NamedTuple, TypeVar, overload

import msgspec

from statemachine.dose import dose_id
from statemachine.instant import Instant
from statemachine.refusals import Refusal
from statemachine.rules.chart import Chart, is_as_required, is_one_off, one_off_due_s, window_at
from statemachine.rules.shelf import Shelf
from statemachine.ward import Ward
from statemachine.ward.orders import Administration, FulfilmentSet, KnownOrder, Removed, Window
from statemachine.ward.stock import Product

About = Literal["person", "opening", "patient", "order", "dose", "amount", "product", "freshness"]


Fact = TypeVar("Fact")


class derived(Generic[Fact]):  # noqa: N801 # it is used as a decorator, like property
    """A fact that follows from the others: worked out at most once, then kept with them.

    `functools.cached_property` takes a lock each time (Python 3.11), which costs more than most of
    the rules that read the fact; an ask belongs to one turn and one thread.
    """

    def __init__(self, make: Callable[[Any], Fact]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, ask: None, owner: type) -> "derived[Fact]": ...
    @overload
    def __get__(self, ask: object, owner: type) -> Fact: ...
    def __get__(self, ask: object | None, owner: type) -> "derived[Fact] | Fact":
        """The fact; from the second time on the ask itself holds it and nobody comes here."""
        if ask is None:
            return self
        fact = ask.__dict__[self._name] = self._make(ask)
        return fact


class Ask(msgspec.Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """What is wanted, by whom, for whom, now.

    Attributes:
        ward: the known world.
        now: the present, as an interval.
        actor: who is signed in.
        panel: where.
        patient: whose dose; a merged id is led on.
        order: the order.
        due_s: which scheduled dose, seconds since 1970. For a STAT without times and for
        as-required
            None; for a further part of an as-required dose the instant in that dose's id.
        product: which product of the dose; None asks for all that is left of it.
        quantity: how many units of issue; None asks for all that is left.
        replacement: `dropped`, `vomited`, `broken`, `lost line` ...; empty: not a replacement.
        chart_checked: the nurse confirmed for this patient that the chart was checked.
        second: another person who signed for this, or None.
        allergy_reason: the reason given here, with a second person, to give in spite of an allergy.
        other_ward_reason: the reason logged for opening a patient of another ward.
        shared: the patient's chart, when the caller asks many questions at once; one of another
            patient, ward or moment is not used.
    """

    ward: Ward
    now: Instant
    actor: str
    patient: str
    order: str
    panel: int = 1
    due_s: int | None = None
    product: str | None = None
    quantity: int | None = None
    replacement: str = ""
    chart_checked: bool = False
    second: str | None = None
    allergy_reason: str = ""
    other_ward_reason: str = ""
    shared: Chart | None = None

    @derived
    def chart(self) -> Chart:
        """The patient's chart: the shared one if it is of this patient, ward and moment."""
        shared = self.shared
        if (
            shared is not None
            and shared.ward is self.ward
            and shared.now is self.now
            and shared.asked_for == self.patient
        ):
            return shared
        return Chart(self.ward, self.patient, self.now)

    @derived
    def known(self) -> KnownOrder | None:
        """The order, or None."""
        return self.ward.orders.known.get(self.order)

    @derived
    def window(self) -> Window | None:
        """The window of the scheduled dose that is asked for, or None."""
        known = self.known
        if known is None:
            return None
        if self.due_s is not None:
            return window_at(known, self.due_s)
        return known.windows[0] if known.windows and is_one_off(known) else None

    @derived
    def dose(self) -> str:
        """The id of the dose that is asked for."""
        known, due_s = self.known, self.due_s
        if due_s is None and known is not None and is_one_off(known):
            due_s = one_off_due_s(known)
        return dose_id(self.order, self.now.lo_s if due_s is None else due_s)

    @derived
    def as_required(self) -> bool:
        """Whether this is an as-required dose."""
        return self.known is not None and is_as_required(self.known)

    @derived
    def removed(self) -> tuple[Removed, ...]:
        """What was already removed for this very dose and not replaced."""
        return () if self.known is None else self.chart.removed(self.known, self.dose)

    @derived
    def outcome(self) -> Administration | None:
        """What the ePMA recorded of this very dose, or None."""
        return None if self.known is None else self.chart.outcome(self.known, self.dose)

    @derived
    def complete(self) -> bool:
        """Whether everything of the dose was removed already (and this is no replacement)."""
        if self.replacement or not self.removed or self.known is None:
            return False
        return not self.left

    @derived
    def left(self) -> tuple[FulfilmentSet, ...]:
        """What would still make the dose, alternatives best first; empty when nothing is left.

        A dose begun with one alternative is finished with it: 50 + 25 micrograms begun with the 50
        is not finished with a 75.
        """
        if self.known is None:
            return ()
        sets = self.known.order.sets
        if self.replacement or not self.removed:
            return sets
        taken: dict[str, int] = {}
        for one in self.removed:
            taken[one.product] = taken.get(one.product, 0) + one.quantity
        left: list[FulfilmentSet] = []
        for one_set in sets:
            if not taken.keys() <= {product for product, _ in one_set}:
                continue
            rest = tuple(
                (product, quantity - taken.get(product, 0))
                for product, quantity in one_set
                if quantity > taken.get(product, 0)
            )
            if not rest:
                # One alternative is complete; the larger one of a range is not added to it.
                return ()
            left.append(rest)
        return tuple(left)

    @derived
    def chosen(self) -> FulfilmentSet:
        """The alternative this ask is about: one that can be had here, else the first."""
        if self.product is None and self.known is not None and not self.removed:
            # Of a dose that nothing was removed of, every dose of the order asks for the same.
            return self.chart.once(("chosen", self.order), self._choose)
        return self._choose()

    def _choose(self) -> FulfilmentSet:
        sets = self.left or (self.known.order.sets if self.known is not None else ())
        if self.product is not None:
            wanted = self.quantity or 0
            sets = tuple(
                one_set
                for one_set in sets
                if any(product == self.product for product, _ in one_set)
            )
            enough = [one_set for one_set in sets if dict(one_set).get(self.product, 0) >= wanted]
            sets = tuple(enough) or sets
        for one_set in sets:
            if all(
                self.chart.shelf(product, quantity).pocket is not None
                for product, quantity in one_set
            ):
                return one_set
        return sets[0] if sets else ()

    @derived
    def parts(self) -> tuple[tuple[str, int], ...]:
        """What is asked for, in full: ((product, quantity), ...)."""
        if self.product is None:
            return self.chosen
        allowed = dict(self.chosen).get(self.product, 0)
        return ((self.product, allowed if self.quantity is None else self.quantity),)

    @derived
    def products(self) -> tuple[Product, ...]:
        """The products asked for that are known here."""
        found = [self.chart.product(product) for product, _ in self.parts]
        return tuple([product for product in found if product is not None])

    @derived
    def shelves(self) -> tuple[tuple[str, Shelf], ...]:
        """Where each thing asked for lies in this cabinet."""
        shelf = self.chart.shelf
        return tuple([(product, shelf(product, quantity)) for product, quantity in self.parts])

    @derived
    def here(self) -> tuple[tuple[str, Shelf], ...]:
        """The same, of a dose that comes from this cabinet at all; else empty."""
        return () if self.known is None or self.known.order.elsewhere else self.shelves

    @property
    def first_product(self) -> str:
        """The product a sentence names: the first one asked for, or empty."""
        return self.parts[0][0] if self.parts else self.product or ""


class Rule(NamedTuple):
    """One rule: a sentence, what it is about, and the check.

    Attributes:
        name: the sentence that holds when `check` finds nothing.
        about: its theme. `person`, `opening` (how the patient's list was opened), `patient` and
            `freshness` are the same for every line of a list; the others are about its dose.
        check: a refusal, or None when the rule is content.
    """

    name: str
    about: About
    check: Callable[[Ask], Refusal | None]
