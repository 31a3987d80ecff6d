"""What was handed out (RDS) and what was given (RAS).

RAS closes the loop: a dose removed at the cabinet is accounted for when the ePMA says it was given.
RXA-20 decides what happened: complete or partial means given; refused; not administered. When it is
empty, an amount above zero means given, because that is what the segment is for. RXA-21 `D` takes
an earlier record back. An amount of 999 is HL7's way of saying that nobody wrote it down.
"""

from decimal import Decimal
from typing import Literal

from pharmacy.hl7.clean import refused
from pharmacy.hl7.drugs import read_drug
from pharmacy.hl7.facts import (
    AmountFacts,
    Coded,
    DispenseFacts,
    GivenFacts,
    Header,
    MessageFacts,
    Note,
    NotUnderstood,
    OrderFacts,
    When,
)
from pharmacy.hl7.groups import ORDERS_MAX, Group, groups
from pharmacy.hl7.orders import about_whom, read_order
from pharmacy.hl7.reading import Segment

Outcome = Literal["given", "held", "omitted", "refused", "not given"]

_OUTCOMES: dict[str, Outcome] = {
    "CP": "given",
    "PA": "given",
    "COMPLETE": "given",
    "GIVEN": "given",
    "ADMINISTERED": "given",
    "RE": "refused",
    "REFUSED": "refused",
    "NA": "not given",
    "NOT GIVEN": "not given",
    "NOT ADMINISTERED": "not given",
    "HELD": "held",
    "HOLD": "held",
    "OMITTED": "omitted",
    "MISSED": "omitted",
}
_NOT_RECORDED = Decimal(999)


def understand_dispensed(
    header: Header, segments: list[Segment], notes: list[Note]
) -> MessageFacts | NotUnderstood:
    """RDS: what the pharmacy handed out."""
    found = _groups(segments, "RXD")
    about = about_whom(segments, notes)
    if isinstance(about, NotUnderstood):
        return about
    if isinstance(found, NotUnderstood):
        return found
    pairs: list[tuple[OrderFacts, DispenseFacts]] = []
    for group in found:
        order = read_order(group)
        pairs += [(order, _dispense(rxd, notes)) for rxd in group.every("RXD")]
    return MessageFacts(
        kind="dispensed",
        header=header,
        patient=about[0],
        visit=about[1],
        dispenses=tuple(pairs),
        notes=tuple(notes),
    )


def understand_given(
    header: Header, segments: list[Segment], notes: list[Note]
) -> MessageFacts | NotUnderstood:
    """RAS: what was given, or not, and why not."""
    found = _groups(segments, "RXA")
    about = about_whom(segments, notes)
    if isinstance(about, NotUnderstood):
        return about
    if isinstance(found, NotUnderstood):
        return found
    pairs: list[tuple[OrderFacts, GivenFacts]] = []
    for group in found:
        order = read_order(group)
        pairs += [(order, _given(rxa, group, order, notes)) for rxa in group.every("RXA")]
    return MessageFacts(
        kind="given",
        header=header,
        patient=about[0],
        visit=about[1],
        administrations=tuple(pairs),
        notes=tuple(notes),
    )


def _groups(segments: list[Segment], name: str) -> list[Group] | NotUnderstood:
    found = [group for group in groups(segments) if group.first(name)]
    if not found:
        return refused(
            "AE", 100, name, 0, f"The segment {name} is missing, so nothing is reported. "
            "Nothing was applied. Send the message again with it.",
        )  # fmt: skip
    if len(found) > ORDERS_MAX:
        return refused(
            "AE", 207, "ORC", 0, "The message has more than 500 orders. Nothing was applied. "
            "Send its parts as messages of their own.",
        )  # fmt: skip
    return found


def _dispense(rxd: Segment, notes: list[Note]) -> DispenseFacts:
    return DispenseFacts(
        drug=read_drug(rxd, 2, notes),
        at=rxd.when(3, notes),
        amount=rxd.amount(4, None, 5, notes),
        prescription=rxd.text(7),
        by=rxd.person(10),
        to=rxd.text(13) or rxd.text(13, 9),
        lot=rxd.text(18),
        expires=rxd.when(19, notes),
    )


def _given(rxa: Segment, group: Group, order: OrderFacts, notes: list[Note]) -> GivenFacts:
    amount = rxa.amount(6, None, 7, notes)
    if amount is not None and amount.low == _NOT_RECORDED:
        amount = None
    status = (rxa.text(20) or rxa.text(20, 2)).upper()
    change = rxa.text(21).upper()
    if not status and change in _OUTCOMES:  # found one field too late in real messages
        status, change = change, ""
    reason = rxa.coded(18).words or " ".join(rxa.texts(9))
    outcome = _outcome(status, amount, rxa.coded(18).words, notes)
    return GivenFacts(
        drug=read_drug(rxa, 5, notes),
        outcome=outcome,
        retracted=change == "D",
        at=rxa.when(3, notes),
        scheduled=_scheduled(group),
        amount=amount,
        route=order.routes[0] if order.routes else Coded(),
        by=rxa.person(10),
        reason="" if outcome == "given" else reason,
        lot=rxa.text(15),
        expires=rxa.when(16, notes),
    )


def _outcome(status: str, amount: AmountFacts | None, refusal: str, notes: list[Note]) -> Outcome:
    if status in _OUTCOMES:
        if status == "PA":
            notes.append(Note("RXA", 20, "The dose was given only in part."))
        return _OUTCOMES[status]
    if status:
        notes.append(Note("RXA", 20, "This completion status is not known.", stop=True))
        return "not given"
    if refusal:
        return "refused"
    if amount is not None and amount.low == 0:
        return "not given"
    return "given"


def _scheduled(group: Group) -> When | None:
    """The dose a record belongs to: the start of the TQ1 in its own group."""
    for tq1 in group.every("TQ1"):
        when = tq1.when(7, [])
        if when is not None:
            return when
    return None
