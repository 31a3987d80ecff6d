"""Rules about the amount: within the dose, and within a ceiling that stands in code."""

from statemachine.refusals import Reason, Refusal
from statemachine.rules.ask import Ask
from statemachine.rules.limits import REMOVAL_UNITS, UNITS_PER_DOSE, limit


def it_is_what_was_ordered(ask: Ask) -> Refusal | None:
    """The product is one of those that the pharmacy said make this dose."""
    known = ask.known
    if known is None or known.order.elsewhere:
        return None
    if not known.order.sets:
        # The order was never matched to products: a pharmacist has to do that first.
        return Refusal(reason=Reason.UNKNOWN_PRODUCT, product=ask.product or "")
    if ask.product is None:
        return None
    if any(product == ask.product for one_set in known.order.sets for product, _ in one_set):
        return None
    return Refusal(reason=Reason.NOT_IN_ORDER, product=ask.product)


def it_is_no_more_than_the_dose(ask: Ask) -> Refusal | None:
    """The quantity is at least one and at most what is left of the dose, for each product."""
    if ask.known is None or ask.quantity is None:
        return None
    product = ask.product
    if product is None:
        products = {product for one_set in ask.left for product, _ in one_set}
        if len(products) != 1:
            return None if ask.quantity > 0 else _too_much(ask, 0)
        (product,) = products
    allowed = max((dict(one_set).get(product, 0) for one_set in ask.left), default=0)
    return None if 0 < ask.quantity <= allowed else _too_much(ask, allowed)


def _too_much(ask: Ask, allowed: int) -> Refusal:
    return Refusal(reason=Reason.TOO_MUCH, product=ask.first_product, amount=allowed)


def it_is_under_the_hard_ceiling(ask: Ask) -> Refusal | None:
    """The quantity is under the hard ceiling, whatever is ordered."""
    site = ask.chart.once("removal units", lambda: limit(ask.ward.stock.settings, REMOVAL_UNITS))
    for product, quantity in ask.parts:
        known = ask.chart.product(product)
        own = known.removal_units_max if known is not None else None
        ceiling = site if own is None else min(site, own)
        if quantity > ceiling:
            return Refusal(reason=Reason.CEILING, product=product, amount=ceiling)
    return None


def many_units(ask: Ask) -> bool:
    """Whether making this dose takes so many units that the cabinet stops and asks (RULES 4)."""
    site = ask.chart.once("dose units", lambda: limit(ask.ward.stock.settings, UNITS_PER_DOSE))
    for product, quantity in ask.parts:
        known = ask.chart.product(product)
        own = known.units_per_dose_max if known is not None else None
        if own is None and known is not None and known.issue == "bottle":
            continue  # what is poured from a bottle is measured, not counted out
        if quantity > (site if own is None else own):
            return True
    return False
