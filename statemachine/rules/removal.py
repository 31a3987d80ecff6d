"""Which doses may be removed: every rule of RULES 4 for ordinary medicines, in the order told.

A removal is allowed when every rule here is content. Each rule is a named sentence, stands in a
file of its theme, and can be imported alone. The order is the order in which reasons are told:
first whether there is anything to speak of, then who asks, then what the prescriber and the
pharmacist said, what has become of the dose, its time, its amount, the patient, the medicine on its
shelf, and at last what one key can settle.

What is *not* a rule: that the book holds enough (the hand sees), that a pharmacist has looked at
the order (marked, not refused), that the lot is known (marked).
"""

from collections.abc import Iterable

from statemachine.refusals import Refusal
from statemachine.rules import amount, as_required, dose, freshness, order, patient, person, product
from statemachine.rules.ask import About, Ask, Rule
from statemachine.rules.chart import Chart
from statemachine.rules.shelf import book_is_short

REMOVAL_RULES: tuple[Rule, ...] = (
    Rule("there is an order", "order", order.there_is_an_order),
    Rule("the order is this patient's", "order", order.the_order_is_this_patients),
    Rule("she is signed in here", "person", person.she_is_signed_in_here),
    Rule("her access is not revoked", "person", person.she_is_valid_and_not_revoked),
    Rule("she works on this ward", "person", person.she_works_on_this_ward),
    Rule("her privilege allows removing", "person", person.her_privilege_allows_removing),
    Rule("the patient is known", "patient", patient.the_patient_is_known),
    Rule("the patient is not discharged", "patient", patient.the_patient_is_not_discharged),
    Rule(
        "the patient is of this ward, or a reason is logged",
        "opening",
        patient.the_patient_is_of_this_ward_or_a_reason_is_logged,
    ),
    Rule("the order was not stopped", "order", order.the_order_was_not_stopped),
    Rule("no pharmacist rejected it", "order", order.no_pharmacist_rejected_it),
    Rule("no pharmacist queries it", "order", order.no_pharmacist_queries_it),
    Rule("it is kept in this cabinet", "order", order.it_is_kept_in_this_cabinet),
    Rule("it is what was ordered", "amount", amount.it_is_what_was_ordered),
    Rule("there is such a dose", "dose", dose.there_is_such_a_dose),
    Rule(
        "it is not recorded given, omitted or held",
        "dose",
        dose.it_is_not_recorded_given_omitted_or_held,
    ),
    Rule("nobody removed it already", "dose", dose.nobody_removed_it_already),
    Rule("no allergy speaks against it", "product", patient.no_allergy_speaks_against_it),
    Rule("it is no controlled drug", "product", product.it_is_no_controlled_drug),
    Rule("the order has started", "order", order.it_has_started),
    Rule("the order has not ended", "order", order.it_has_not_ended),
    Rule("its window is open", "dose", dose.its_window_is_open),
    Rule("it is not past its cut-off", "dose", dose.it_is_not_past_its_cut_off),
    Rule("it is not taken with its neighbour", "dose", dose.it_is_not_taken_with_its_neighbour),
    Rule("the least interval has passed", "amount", as_required.the_least_interval_has_passed),
    Rule("the most in 24 h is not reached", "amount", as_required.the_most_in_24_h_is_not_reached),
    Rule("it is no more than the dose", "amount", amount.it_is_no_more_than_the_dose),
    Rule("it is under the hard ceiling", "amount", amount.it_is_under_the_hard_ceiling),
    Rule(
        "it is verified where verification is demanded",
        "order",
        order.it_is_verified_where_verification_is_demanded,
    ),
    Rule("the product is known", "product", product.the_product_is_known),
    Rule("some of it is not recalled", "product", product.some_of_it_is_not_recalled),
    Rule("some of it is in date", "product", product.some_of_it_is_in_date),
    Rule("it is stocked here", "product", product.it_is_stocked_here),
    Rule("its drawer works", "product", product.its_drawer_works),
    Rule("the orders are not too old", "freshness", freshness.the_orders_are_not_too_old),
    Rule(
        "in downtime two people take a high-alert medicine",
        "product",
        freshness.in_downtime_two_people_take_a_high_alert_medicine,
    ),
    Rule(
        "the chart was checked where the orders are old",
        "opening",
        freshness.the_chart_was_checked_where_the_orders_are_old,
    ),
)
"""Every rule of a removal, in the order in which reasons are told."""


def check_removal(ask: Ask) -> tuple[Refusal, ...]:
    """Every reason why not, the most telling first; empty when the removal is allowed.

    The answer to "may this be removed?" is this and only this; it is asked when a dose is chosen
    and again when its drawer is about to be released.
    """
    return told(rule.check(ask) for rule in REMOVAL_RULES)


def told(found: Iterable[Refusal | None]) -> tuple[Refusal, ...]:
    """The refusals that were found, each once, in their order."""
    return tuple(dict.fromkeys(refusal for refusal in found if refusal is not None))


def rules_about(*themes: About) -> tuple[Rule, ...]:
    """The rules of these themes, in order."""
    return tuple(rule for rule in REMOVAL_RULES if rule.about in themes)


def removal_marks(ask: Ask) -> tuple[str, ...]:
    """What is noted with the removal, and shown on its line (`RemovalRecorded.marks`).

    `not yet seen`, `lot unknown`, `orders old` or `downtime`, `cannot see whether given`,
    `other cabinets not known` (as-required: their removals count too), `allergy reason`, `allergies
    not recorded`, `refused before`, `high-alert`.
    """
    marks: list[str] = []
    if ask.known is not None and not ask.known.order.seen and ask.known.order.verdict == "none":
        marks.append("not yet seen")
    if [1 for _, shelf in ask.shelves if shelf.pocket is not None and not shelf.lot]:
        marks.append("lot unknown")
    now_band = freshness.band_of(ask)
    if now_band != "normal":
        marks.append("downtime" if now_band == "downtime" else "orders old")
        marks.append("cannot see whether given")
    if ask.as_required and not freshness.other_cabinets_are_known(ask):
        marks.append("other cabinets not known")
    if [name for name, _ in ask.parts if ask.chart.conflict(name) is not None]:
        marks.append("allergy reason")
    if ask.chart.record is not None and not ask.chart.record.allergies_recorded:
        marks.append("allergies not recorded")
    if ask.outcome is not None and ask.outcome.outcome in ("refused", "not given"):
        marks.append("refused before")
    if [one for one in ask.products if freshness.HIGH_ALERT in one.flags]:
        marks.append("high-alert")
    return tuple(marks)


__all__ = [
    "REMOVAL_RULES",
    "Ask",
    "Chart",
    "Rule",
    "book_is_short",
    "check_removal",
    "removal_marks",
    "rules_about",
    "told",
]
