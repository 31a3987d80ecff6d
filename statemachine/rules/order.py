"""Rules about the order: is there one, is it this patient's, does it hold?"""

from statemachine.refusals import Reason, Refusal
from statemachine.rules.ask import Ask
from statemachine.rules.chart import is_as_required, is_one_off
from statemachine.rules.time import not_after, not_before
from statemachine.ward.patients_fold import resolve

VERIFICATION_LIST = "verification"
"""The signed list of products that a pharmacist must verify before any removal."""


def there_is_an_order(ask: Ask) -> Refusal | None:
    """There is an order."""
    if ask.known is not None:
        return None
    return Refusal(reason=Reason.NO_ORDER, product=ask.product or "")


def the_order_is_this_patients(ask: Ask) -> Refusal | None:
    """The order is this patient's, also after a merge."""
    known = ask.known
    if known is None:
        return None
    whose = resolve(ask.ward.patients.merged, known.order.patient)
    return None if whose == ask.chart.patient else Refusal(reason=Reason.OTHER_PATIENT)


def the_order_was_not_stopped(ask: Ask) -> Refusal | None:
    """The order was not stopped."""
    known = ask.known
    if known is None or known.stopped is None:
        return None
    stop = known.stopped
    refusal = Refusal(
        reason=Reason.STOPPED, product=ask.first_product, at_s=stop.at_s, note=stop.reason
    )
    return refusal if stop.at_s is None else not_after(ask.now, stop.at_s - 1, refusal)


def no_pharmacist_rejected_it(ask: Ask) -> Refusal | None:
    """No pharmacist rejected it."""
    if ask.known is None or ask.known.order.verdict != "rejected":
        return None
    return Refusal(reason=Reason.REJECTED, product=ask.first_product)


def no_pharmacist_queries_it(ask: Ask) -> Refusal | None:
    """No pharmacist queries it."""
    if ask.known is None or ask.known.order.verdict != "queried":
        return None
    return Refusal(reason=Reason.QUERIED, product=ask.first_product)


def it_is_verified_where_verification_is_demanded(ask: Ask) -> Refusal | None:
    """A pharmacist verified it, where its product demands that.

    The product says so itself, or the signed list `verification` names the product, its generic
    name or an ingredient.
    """
    if ask.known is None or ask.known.order.verdict == "verified":
        return None
    listed = ask.ward.stock.lists.get(VERIFICATION_LIST)
    items = frozenset(listed.items) if listed is not None else frozenset()
    for product in ask.products:
        names = {product.product, product.generic, *(one.name for one in product.ingredients)}
        if product.verify_first or names & items:
            return Refusal(reason=Reason.NOT_VERIFIED, product=product.product)
    return None


def it_has_started(ask: Ask) -> Refusal | None:
    """The order has started: a planned dose by its due time, any other by now.

    A dose due at the start of its order may be removed early like every other, within its window.
    """
    known = ask.known
    if known is None or known.order.starts_s is None:
        return None
    starts_s = known.order.starts_s
    if ask.window is not None and ask.window.due_s >= starts_s:
        return None
    refusal = Refusal(reason=Reason.NOT_STARTED, product=ask.first_product, until_s=starts_s)
    if ask.window is not None:
        return refusal
    if is_as_required(known) or is_one_off(known):
        return not_before(ask.now, starts_s, refusal)
    return None


def it_has_not_ended(ask: Ask) -> Refusal | None:
    """The order has not ended, and does not end before the dose is due."""
    known = ask.known
    if known is None or known.order.ends_s is None:
        return None
    ends_s = known.order.ends_s
    refusal = Refusal(reason=Reason.ENDED, product=ask.first_product, at_s=ends_s)
    if ask.window is not None and ask.window.due_s > ends_s:
        return refusal
    return not_after(ask.now, ends_s, refusal)


def it_is_kept_in_this_cabinet(ask: Ask) -> Refusal | None:
    """The dose comes from this cabinet: not from an own locker, nor from a running infusion."""
    if ask.known is None or not ask.known.order.elsewhere:
        return None
    return Refusal(
        reason=Reason.ELSEWHERE, product=ask.first_product, note=ask.known.order.elsewhere
    )
