"""Rules about the patient: known, here, not discharged, not allergic."""

from statemachine.refusals import Reason, Refusal
from statemachine.rules.ask import Ask
from statemachine.rules.person import may_be_second


def the_patient_is_known(ask: Ask) -> Refusal | None:
    """The patient is known here."""
    return None if ask.chart.record is not None else Refusal(reason=Reason.UNKNOWN_PATIENT)


def the_patient_is_not_discharged(ask: Ask) -> Refusal | None:
    """The patient is not discharged, nor was the admission cancelled."""
    record = ask.chart.record
    if record is None or record.status not in ("discharged", "cancelled"):
        return None
    return Refusal(
        reason=Reason.DISCHARGED,
        at_s=record.discharged_s,
        note="" if record.status == "discharged" else "admission cancelled",
    )


def the_patient_is_of_this_ward_or_a_reason_is_logged(ask: Ask) -> Refusal | None:
    """The patient is on this ward, or was opened by number or band with a reason logged."""
    record = ask.chart.record
    if record is None or record.ward == ask.ward.house.ward or ask.other_ward_reason:
        return None
    return Refusal(reason=Reason.OTHER_WARD, note=record.ward)


def no_allergy_speaks_against_it(ask: Ask) -> Refusal | None:
    """No recorded allergy speaks against it, or a reason is recorded.

    The prescriber's or pharmacist's reason stands in the order; a reason given here takes a second
    person. "Not recorded" is no refusal; it is shown and marked.
    """
    if ask.known is not None and ask.known.order.allergy_reason:
        return None
    if ask.allergy_reason and may_be_second(ask.ward, ask.now, ask.actor, ask.second):
        return None
    for product, _ in ask.parts:
        against = ask.chart.conflict(product)
        if against is not None:
            return Refusal(
                reason=Reason.ALLERGY,
                product=product,
                ingredient=against.allergy.ingredient,
                note="" if against.allergy.kind == "allergy" else against.allergy.kind,
            )
    return None
