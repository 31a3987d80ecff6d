"""Rules about the product and where it lies: known, ordinary, here, in date, not recalled.

There is no rule that the book must hold enough. The book never refuses what the hand can see.
"""

from statemachine.refusals import Reason, Refusal
from statemachine.rules.ask import Ask
from statemachine.rules.time import TIME_UNKNOWN

CONTROLLED_FLAGS = frozenset({"custody", "witness", "count", "register", "destruction"})
"""Any of these makes a product a controlled drug here (RULES 7)."""


def the_product_is_known(ask: Ask) -> Refusal | None:
    """The product is in this cabinet's formulary."""
    for product, _ in ask.parts:
        if ask.chart.product(product) is None:
            return Refusal(reason=Reason.UNKNOWN_PRODUCT, product=product)
    return None


def it_is_no_controlled_drug(ask: Ask) -> Refusal | None:
    """It is no controlled drug: those need a witness, a count and a register."""
    for product in ask.products:
        if not CONTROLLED_FLAGS.isdisjoint(product.flags):
            return Refusal(reason=Reason.CONTROLLED, product=product.product)
    return None


def it_is_stocked_here(ask: Ask) -> Refusal | None:
    """A pocket of this cabinet is assigned to it, whatever its book says."""
    for product, shelf in ask.here:
        if not shelf.pockets:
            return Refusal(reason=Reason.NOT_STOCKED, product=product)
    return None


def some_of_it_is_not_recalled(ask: Ask) -> Refusal | None:
    """Some of it is under no recall; an unknown lot is held by any recall of its product."""
    for product, shelf in ask.here:
        if shelf.pocket is None and shelf.recalled:
            return Refusal(reason=Reason.RECALLED, product=product)
    return None


def some_of_it_is_in_date(ask: Ask) -> Refusal | None:
    """Some of it is in date, or of unknown date."""
    for product, shelf in ask.here:
        if shelf.pocket is None and shelf.expired:
            if shelf.undecided and not ask.now.decided:
                return TIME_UNKNOWN
            return Refusal(reason=Reason.EXPIRED, product=product)
    return None


def its_drawer_works(ask: Ask) -> Refusal | None:
    """At least one drawer that holds it is in use."""
    for product, shelf in ask.here:
        if shelf.pocket is None and shelf.faulty:
            return Refusal(reason=Reason.DRAWER_FAULT, product=product, note=shelf.fault)
    return None
