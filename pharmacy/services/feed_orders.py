"""Orders and administrations from messages, applied.

An order is known by the sender's number. A later message of that number changes it; the same again
changes nothing. An order for another patient under a known number is held: two systems that count
from one must not mix two people's medicines. What a message leaves open (a dose that is no whole
unit, a unit nobody knows) keeps that one order waiting, not the message.
"""

from pharmacy.db import OrderRow
from pharmacy.hl7.facts import GivenFacts, MessageFacts, OrderFacts
from pharmacy.hl7.matching import Asked, ask
from pharmacy.services import orders as office_orders
from pharmacy.services.feed_parts import HeldError
from pharmacy.services.feed_patients import person, unmoved
from pharmacy.services.inputs import DrugCode, Prescription
from pharmacy.services.maps import LOCAL
from pharmacy.services.office import Unit
from pharmacy.services.text import ID_MAX, clean
from statemachine.dose import dose_id
from statemachine.ward.orders import Administration

HELD = "held by the prescriber"
ORDERS_MAX = 500
"""Most orders of one message; a real one has a few."""


def orders(unit: Unit, facts: MessageFacts) -> str | None:
    """Apply an order message; returns the patient it is about.

    Raises:
        HeldError: only a person can decide it.
    """
    patient = _patient(unit, facts)
    if len(facts.orders) > ORDERS_MAX:
        raise HeldError(f"The message holds more than {ORDERS_MAX} orders.")
    for order in facts.orders:
        _one(unit, facts, order, patient)
    return patient


def given(unit: Unit, facts: MessageFacts) -> str | None:
    """Apply an administration message; returns the patient it is about.

    Raises:
        HeldError: only a person can decide it.
    """
    patient = _patient(unit, facts)
    for order, what in facts.administrations:
        _given(unit, order, what, patient)
    return patient


def dispensed(unit: Unit, facts: MessageFacts) -> str | None:
    """Note a dispensing elsewhere; nothing of a cabinet's stock moves by it."""
    return _patient(unit, facts)


def _patient(unit: Unit, facts: MessageFacts) -> str:
    if facts.patient is None or not facts.patient.identifiers:
        raise HeldError("The message names nobody by a number. Find out whom it is about.")
    return person(unit, facts, facts.patient, unmoved)


def _one(unit: Unit, facts: MessageFacts, order: OrderFacts, patient: str) -> None:
    row = _row(unit, order, patient)
    _notes(unit, facts, order)
    if order.action in {"new", "change"} or (order.action == "release" and row is None):
        office_orders.put_prescription(unit, prescription(ask(order), patient))
    elif order.action in {"stop", "hold"}:
        if row is None:
            raise HeldError("An order that is not known here is to be stopped. Look it up.")
        reason = HELD if order.action == "hold" else "stopped by the prescriber"
        office_orders.stop_order(unit, row, reason, None)
    elif order.action == "release" and row is not None and row.stop_reason == HELD:
        row.status, row.stop_reason, row.stopped_s = "waiting", "", None
        office_orders.settle(unit, row)
    elif order.action == "unknown":
        raise HeldError("The message does not say what is to be done with an order.")


def prescription(asked: Asked, patient: str) -> Prescription:
    """Return what the services are asked with for one order of a message."""
    drugs = [DrugCode(system=d.system or LOCAL, code=d.code, text=d.text) for d in asked.drugs]
    return Prescription(
        patient=patient,
        placer=clean(asked.number)[:ID_MAX],
        kind=asked.kind,
        drug=drugs[0] if drugs else None,
        also=tuple(drugs[1:]),
        dose=asked.dose,
        route=asked.route,
        frequency=asked.frequency,
        times=asked.times,
        text=asked.text,
        starts_s=asked.starts_s,
        ends_s=asked.ends_s,
        interval_s=asked.interval_s,
        seen=asked.verified,
        verdict="verified" if asked.verified else "none",
        questions=tuple(clean(question.sentence) for question in asked.questions),
    )


def _row(unit: Unit, order: OrderFacts, patient: str) -> OrderRow | None:
    """Return the order of this number.

    Raises:
        HeldError: it belongs to another patient.
    """
    number = clean(order.number)[:ID_MAX]
    row = office_orders.by_placer(unit, number) if number else None
    if row is not None and row.patient != patient:
        raise HeldError(
            "The order's number is already an order of another patient. Find out which is right."
        )
    return row


def _notes(unit: Unit, facts: MessageFacts, order: OrderFacts) -> None:
    for note in order.notes[:20]:
        if not note.stop:
            unit.attend(
                "note",
                f"note:{facts.header.sender}:{note.segment}:{note.field}:{note.what}",
                f"Orders from {clean(facts.header.sender)[:60] or 'somebody'}, {note.segment}-"
                f"{note.field}: {clean(note.what)}",
            )


def _given(unit: Unit, order: OrderFacts, what: GivenFacts, patient: str) -> None:
    if what.retracted:
        raise HeldError("A record of a dose is taken back. Look at the chart before the next dose.")
    row = _row(unit, order, patient)
    at_s = min(what.at.at_s, unit.now_s) if what.at else unit.now_s
    due_s = what.scheduled.at_s if what.scheduled else None
    office_orders.put_administration(
        unit,
        Administration(
            patient=patient,
            outcome=what.outcome,
            at_s=at_s,
            order=row.order if row is not None else "",
            dose=dose_id(row.order, due_s) if row is not None and due_s is not None else "",
            product=_product(unit, row, what),
        ),
    )


def _product(unit: Unit, row: OrderRow | None, what: GivenFacts) -> str:
    """Return the product given, where the tables say it; else nothing is said."""
    from pharmacy.db import DrugMapRow
    from pharmacy.services.resolving import resolve

    for coding in what.drug.codings:
        found = unit.session.get(
            DrugMapRow, (clean(coding.system or LOCAL)[:ID_MAX], clean(coding.code)[:ID_MAX])
        )
        if found is not None:
            return found.product
    if row is None:
        return ""
    sets = resolve(unit, row).sets
    return sets[0][0][0] if sets else ""
