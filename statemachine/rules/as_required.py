"""Rules about as-required doses: a least interval and a most in 24 h, by ingredient.

Counted is every dose that was given, or removed and not resolved, of any order of this patient
whose product holds the same ingredient, regular ones too, here and in every other cabinet known:
paracetamol in co-codamol counts (RULES 4). What has been replaced because it was dropped or broken
does not; what was vomited does.
"""

from statemachine.refusals import Reason, Refusal
from statemachine.rules.allergy import ingredients_of
from statemachine.rules.ask import Ask
from statemachine.rules.chart import Taking
from statemachine.rules.time import not_before
from statemachine.ward.orders_fold import TAKEN_BUT_LOST

DAY_S = 24 * 3600


def the_least_interval_has_passed(ask: Ask) -> Refusal | None:
    """Since the last dose with any of its ingredients the least interval has passed."""
    known = ask.known
    if known is None or not ask.as_required or not known.order.interval_s:
        return None
    worst: Refusal | None = None
    for ingredient in _ingredients(ask):
        for taking in counted(ask, ingredient):
            until_s = _latest_s(ask, taking) + known.order.interval_s
            if worst is None or until_s > (worst.until_s or 0):
                worst = Refusal(
                    reason=Reason.INTERVAL,
                    product=ask.first_product,
                    ingredient=ingredient,
                    at_s=taking.at_lo_s,
                    until_s=until_s,
                )
    if worst is None or worst.until_s is None:
        return None
    return not_before(ask.now, worst.until_s, worst)


def the_most_in_24_h_is_not_reached(ask: Ask) -> Refusal | None:
    """In the last 24 h fewer doses than the maximum held any of its ingredients."""
    known = ask.known
    most = known.order.max_per_24h if known is not None else None
    if most is None or not ask.as_required:
        return None
    worst: Refusal | None = None
    for ingredient in _ingredients(ask):
        taken = counted(ask, ingredient)
        until_s = _possible_from_s(ask, taken, most)
        if until_s is not None and (worst is None or until_s > (worst.until_s or 0)):
            worst = Refusal(
                reason=Reason.MAX_24H,
                product=ask.first_product,
                ingredient=ingredient,
                until_s=until_s,
                amount=most,
            )
    if worst is None or worst.until_s is None:
        return None
    return not_before(ask.now, worst.until_s, worst)


def counted(ask: Ask, ingredient: str) -> list[Taking]:
    """The doses that count for this ingredient, oldest first, without the dose asked for itself."""
    alike = [
        taking
        for taking in ask.chart.takings()
        if ingredient in taking.ingredients or taking.order == ask.order
    ]
    lost = bool(ask.replacement) and ask.replacement not in TAKEN_BUT_LOST
    if ask.replacement and not lost:
        return alike
    taken = [taking for taking in alike if taking.dose != ask.dose]
    if lost and len(taken) == len(alike):
        # The dose that is replaced never reached the patient.
        mine = [at for at, taking in enumerate(taken) if taking.order == ask.order]
        if mine:
            del taken[mine[-1]]
    return taken


def next_possible_s(ask: Ask) -> int | None:
    """From when the next as-required dose is possible, seconds since 1970; None: from now."""
    known = ask.known
    if known is None or not ask.as_required:
        return None
    possible: list[int] = []
    for ingredient in _ingredients(ask):
        taken = counted(ask, ingredient)
        if known.order.interval_s and taken:
            possible.append(_latest_s(ask, taken[-1]) + known.order.interval_s)
        if known.order.max_per_24h is not None:
            until_s = _possible_from_s(ask, taken, known.order.max_per_24h)
            possible += [] if until_s is None else [until_s]
    later = [until_s for until_s in possible if until_s > ask.now.lo_s]
    return max(later) if later else None


def _ingredients(ask: Ask) -> list[str]:
    names = {name for product in ask.products for name in ingredients_of(product)}
    # An order whose product nobody knows is still limited by itself.
    return sorted(names) or [""]


def _latest_s(ask: Ask, taking: Taking) -> int:
    """When it was taken at the latest: it cannot have been later than now."""
    return min(taking.at_hi_s, ask.now.hi_s)


def _possible_from_s(ask: Ask, taken: list[Taking], most: int) -> int | None:
    """When so few of the takings are left in the last 24 h that one more is possible."""
    if most <= 0:
        return ask.now.hi_s + DAY_S
    latest = sorted(_latest_s(ask, taking) for taking in taken)
    return latest[-most] + DAY_S if len(latest) >= most else None
