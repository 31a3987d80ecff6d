"""Rules about one dose: recorded, removed, in its window, and never beside its neighbour."""

from statemachine.refusals import Reason, Refusal
from statemachine.rules.ask import Ask
from statemachine.rules.chart import is_as_required, is_one_off, one_off_due_s
from statemachine.rules.time import not_after, not_before

_RECORDED = {
    "given": Reason.GIVEN,
    "omitted": Reason.OMITTED,
    "held": Reason.HELD,
}
"""Outcomes after which a dose is not removed. "Refused" and "not given" are not among them: the
patient may think again, and the ePMA then records again."""


def there_is_such_a_dose(ask: Ask) -> Refusal | None:
    """The dose asked for is one that the pharmacy planned (I5, R13).

    A STAT without times is its order's one dose; as-required doses are not planned.
    """
    known = ask.known
    if known is None or is_as_required(known) or ask.window is not None:
        return None
    if is_one_off(known) and not known.windows and ask.due_s in (None, one_off_due_s(known)):
        return None
    return Refusal(reason=Reason.NO_SUCH_DOSE, product=ask.first_product, at_s=ask.due_s)


def it_is_not_recorded_given_omitted_or_held(ask: Ask) -> Refusal | None:
    """The ePMA has not recorded this dose given, omitted or held."""
    outcome = ask.outcome
    reason = None if outcome is None else _RECORDED.get(outcome.outcome)
    if outcome is None or reason is None:
        return None
    return Refusal(reason=reason, product=ask.first_product, at_s=outcome.at_s)


def nobody_removed_it_already(ask: Ask) -> Refusal | None:
    """Nobody removed all of this dose already, here or elsewhere, unless it is replaced.

    A part still missing may be taken; what is over is the rule of amounts.
    """
    if not ask.removed or ask.replacement:
        return None
    product = ask.product
    needed = ask.left
    if needed and (product is None or any(p == product for one in needed for p, _ in one)):
        return None
    last = ask.removed[-1]
    return Refusal(
        reason=Reason.REMOVED,
        product=ask.product or last.product,
        at_s=last.at_lo_s,
        actor=last.actor,
        amount=sum(one.quantity for one in ask.removed),
    )


def its_window_is_open(ask: Ask) -> Refusal | None:
    """It is not too early for it: its window has certainly opened."""
    window = ask.window
    if window is None or ask.now.lo_s >= window.opens_s:
        return None
    early = Refusal(reason=Reason.TOO_EARLY, product=ask.first_product, until_s=window.opens_s)
    return not_before(ask.now, window.opens_s, early)


def it_is_not_past_its_cut_off(ask: Ask) -> Refusal | None:
    """It is not past its cut-off: its window has certainly not closed."""
    window = ask.window
    if window is None or ask.now.hi_s <= window.closes_s:
        return None
    late = Refusal(reason=Reason.PAST_CUTOFF, product=ask.first_product, at_s=window.closes_s)
    return not_after(ask.now, window.last_s, late)


def it_is_not_taken_with_its_neighbour(ask: Ask) -> Refusal | None:
    """The late and the next dose are never taken together.

    Another dose of the same order that was removed or given less than half of the time between the
    two ago stands in the way, whichever of them is the late one.
    """
    known, window = ask.known, ask.window
    if known is None or window is None:
        return None
    latest: Refusal | None = None
    for at_lo_s, at_hi_s, due_s in ask.chart.taken_doses(known):
        if due_s == window.due_s:
            continue
        half_s = abs(window.due_s - due_s) // 2
        until_s = min(at_hi_s, ask.now.hi_s) + half_s
        refusal = not_before(
            ask.now,
            until_s,
            Refusal(
                reason=Reason.LATE_WITH_NEXT,
                product=ask.first_product,
                at_s=at_lo_s,
                until_s=until_s,
            ),
        )
        if refusal is not None and (
            latest is None or (refusal.until_s or 0) > (latest.until_s or 0)
        ):
            latest = refusal
    return latest
