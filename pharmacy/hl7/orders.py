"""Pharmacy orders: RDE, OMP, and ORM where it carries RXO.

What is read from where, in the order believed: the drug from RXE-2, else RXO-1 (see `drugs`); the
dose from RXE-3..5, else RXO-2..4, but never from a request for another drug; the timing as
`timings` says. An order's control code (ORC-1) says what to do, and its status (ORC-5) can only
make it more careful: an order called new and at the same time cancelled is stopped, not started.

Orders for anything but medicines (OBR) are no business of a drug cabinet: the message is accepted,
kept, and a note says so.
"""

from typing import Literal

from pharmacy.hl7.clean import refused
from pharmacy.hl7.drugs import choose_drug, differ, read_drug
from pharmacy.hl7.facts import (
    AmountFacts,
    Coded,
    DispenseFacts,
    DrugFacts,
    Header,
    MessageFacts,
    Note,
    NotUnderstood,
    OrderFacts,
    PatientFacts,
    Person,
    VisitFacts,
)
from pharmacy.hl7.groups import ORDERS_MAX, Group, groups
from pharmacy.hl7.people import read_allergies, read_patient, read_visit
from pharmacy.hl7.reading import Segment
from pharmacy.hl7.timings import believed, says_as_required, says_stat

Action = Literal["new", "change", "stop", "hold", "release", "information", "unknown"]

_ACTIONS: dict[str, Action] = {
    **dict.fromkeys(("NW", "SN", "CH", "RF", "OP", "PY"), "new"),
    **dict.fromkeys(("XO", "XX", "XR", "RO", "RP", "RU", "RQ", "AF"), "change"),
    **dict.fromkeys(("CA", "CR", "DC", "DR", "OC", "OD", "DE", "DF"), "stop"),
    **dict.fromkeys(("HD", "HR", "OH"), "hold"),
    **dict.fromkeys(("RL", "OE", "OR"), "release"),
    **dict.fromkeys(
        ("RE", "SC", "SR", "SS", "OK", "NA", "UA", "UC", "UD", "UH", "UM", "UN", "UR", "UX", "PA"),
        "information",
    ),
}
"""HL7 table 0119. `UA UC UD UH UM UR UX` say that somebody could not do what was asked."""

_ENDED = {"CA", "DC", "RP", "CM"}


def understand_orders(
    header: Header, segments: list[Segment], notes: list[Note]
) -> MessageFacts | NotUnderstood:
    """Say what medicines are ordered for whom."""
    about = about_whom(segments, notes)
    if isinstance(about, NotUnderstood):
        return about
    patient, visit = about
    found = groups(segments)
    if not found:
        return refused(
            "AE", 100, "ORC", 0, "The message names no order (no segment ORC). Nothing was "
            "applied. Send it again with the order.",
        )  # fmt: skip
    if len(found) > ORDERS_MAX:
        return refused(
            "AE", 207, "ORC", 0, "The message has more than 500 orders. Nothing was applied. "
            "Send its parts as messages of their own.",
        )  # fmt: skip
    orders = tuple(read_order(group) for group in found if wanted(group, header))
    if not orders:
        notes.append(Note("OBR", 0, "No medicine is ordered here; kept for a person to see."))
    elif len(orders) < len(found):
        notes.append(Note("OBR", 0, "Orders for other things than medicines were not applied."))
    allergies = read_allergies(segments, notes)
    return MessageFacts(
        kind="orders" if orders else "for a person",
        header=header,
        patient=patient,
        visit=visit,
        allergies=allergies,
        allergies_said=bool(allergies),
        orders=orders,
        notes=tuple(notes),
    )


def about_whom(
    segments: list[Segment], notes: list[Note]
) -> tuple[PatientFacts, VisitFacts | None] | NotUnderstood:
    """The patient and visit of an order message."""
    pids = [segment for segment in segments if segment.name == "PID"]
    if not pids:
        return refused(
            "AE", 100, "PID", 0, "The segment PID is missing, so nobody is named. "
            "Nothing was applied. Send the message again with the patient.",
        )  # fmt: skip
    if len(pids) > 1:
        return refused(
            "AE", 100, "PID", 0, "Orders of more than one patient stand in one message. "
            "Nothing was applied, because they could be confused. Send one message a patient.",
        )  # fmt: skip
    patient = read_patient(pids[0], notes)
    if not patient.identifiers:
        return refused(
            "AE", 101, "PID", 3, "The patient has no number in PID-3. Nothing was applied, because "
            "a name alone is not a person. Send the message again with a number.",
        )  # fmt: skip
    pv1 = next((segment for segment in segments if segment.name == "PV1"), None)
    pv2 = next((segment for segment in segments if segment.name == "PV2"), None)
    return patient, read_visit(pv1, pv2, notes) if pv1 else None


def wanted(group: Group, header: Header) -> bool:
    """Whether this group is a pharmacy order. A bare ORC counts where only medicines are sent."""
    if group.pharmacy:
        return True
    return header.kind in {"RDE", "OMP"} and group.first("OBR") is None


def read_order(group: Group) -> OrderFacts:
    """Everything one group says of its order."""
    notes = list(group.notes)
    orc, rxo, rxe = group.first("ORC"), group.first("RXO"), group.first("RXE")
    drug, also = choose_drug(rxe, rxo, notes)
    if drug.where == "RXE-2" and any(differ(drug, other) for other in also):
        # What was asked for is another drug: nothing said of it holds for the encoded one.
        group, rxo = Group([*group.every("ORC"), *group.since("RXE")], implied=group.implied), None
    timings = believed(group.after("RXE", "TQ1"), group.before("RXE", "TQ1"), rxe, orc, notes)
    control = orc.text(1).upper()[:8] if orc else ""
    status = orc.text(5).upper()[:8] if orc else ""
    action = _action(control, status, notes)
    indication = _indication(rxe, rxo, orc)
    as_required = any(timing.as_required for timing in timings) or _prn_reason(rxe, rxo, orc)
    if as_required and any(timing.times for timing in timings):
        notes.append(Note("", 0, "The order is as required and names clock times.", stop=True))
    if not drug.words and action in {"new", "change", "unknown"}:
        notes.append(Note("RXE", 2, "No drug is named.", stop=True))
    placer, filler = (orc.text(2), orc.text(3)) if orc else ("", "")
    if not placer and not filler:
        notes.append(Note("ORC", 2, "The order has no number; it cannot be changed later."))
    components = tuple(read_drug(rxc, 2, notes) for rxc in group.every("RXC"))
    if any(part.words and differ(drug, part) for part in components):
        sentence = "The order is a mixture of several things; a pharmacist says what makes a dose."
        notes.append(Note("RXC", 2, sentence, stop=True))
    pharmacist, verified = _pharmacist(orc, rxe, rxo, notes)
    return OrderFacts(
        control=control,
        action=action,
        placer=placer,
        filler=filler,
        group=orc.text(4) if orc else "",
        status=status,
        drug=drug,
        also_named=also,
        components=components,
        dose=_dose(rxe, rxo, notes),
        strength=_strength(rxe, rxo, notes),
        rate=_rate(rxe, rxo, notes),
        form=_form(rxe, rxo),
        routes=_routes(group),
        timings=timings,
        starts=next((timing.starts for timing in timings if timing.starts), None),
        ends=next((timing.ends for timing in timings if timing.ends), None),
        stat=any(says_stat(timing.priority) for timing in timings),
        as_required=as_required,
        as_required_reason=indication if as_required else "",
        indication=indication,
        max_per_day=_max_per_day(rxe, rxo, notes),
        instructions=_instructions(group, rxe, rxo),
        prescriber=_prescriber(orc, rxe, rxo),
        pharmacist=pharmacist,
        verified=verified,
        ordered=(orc.when(9, notes) or orc.when(15, notes)) if orc else None,
        dispense=_asked_to_dispense(rxe, rxo, drug, notes),
        notes=tuple(dict.fromkeys(notes)),
    )


def _pharmacist(
    orc: Segment | None, rxe: Segment | None, rxo: Segment | None, notes: list[Note]
) -> tuple[Person | None, bool]:
    """Who verified the order, and whether it counts.

    Not where the sender asks for a person to look, and not where the verifier is whoever entered or
    prescribed the order: some systems write that name into every field for persons.
    """
    pharmacist = (rxe.person(14) if rxe else None) or (rxo.person(15) if rxo else None)
    review = (rxe.text(20) if rxe else "") or (rxo.text(16) if rxo else "")
    if review.upper() == "Y":
        notes.append(Note("RXE", 20, "The sender asks for a person to look at this order."))
        return pharmacist, False
    others = [_who(orc.person(field)) for field in (10, 12)] if orc else []
    return pharmacist, pharmacist is not None and _who(pharmacist) not in others


def _who(person: Person | None) -> tuple[str, ...]:
    if person is None:
        return ()
    return (person.id,) if person.id else (person.family.casefold(), person.given.casefold())


def _action(control: str, status: str, notes: list[Note]) -> Action:
    action = _ACTIONS.get(control, "unknown")
    if action == "unknown":
        said = "is missing" if not control else "is not known"
        notes.append(
            Note("ORC", 1, f"The control code {said}, so it is not clear what to do.", stop=True)
        )
    if control in {"OP", "PY"}:
        notes.append(Note("ORC", 1, "The order is meant to be dispensed outside."))
    if action in {"new", "change", "release"}:
        if status in _ENDED:
            notes.append(Note("ORC", 5, "The status says that the order has ended; it is stopped."))
            return "stop"
        if status == "HD":
            notes.append(Note("ORC", 5, "The status says that the order is on hold."))
            return "hold"
        if status == "ER":
            notes.append(Note("ORC", 5, "The status says that the order is an error.", stop=True))
            return "information"
    return action


def _dose(rxe: Segment | None, rxo: Segment | None, notes: list[Note]) -> AmountFacts | None:
    dose = rxe.amount(3, 4, 5, notes) if rxe else None
    if dose is not None:
        return dose
    return rxo.amount(2, 3, 4, notes) if rxo else None


def _strength(rxe: Segment | None, rxo: Segment | None, notes: list[Note]) -> AmountFacts | None:
    return (rxe.amount(25, None, 26, notes) if rxe else None) or (
        rxo.amount(18, None, 19, notes) if rxo else None
    )


def _rate(rxe: Segment | None, rxo: Segment | None, notes: list[Note]) -> AmountFacts | None:
    return (rxe.amount(23, None, 24, notes) if rxe else None) or (
        rxo.amount(21, None, 22, notes) if rxo else None
    )


def _max_per_day(rxe: Segment | None, rxo: Segment | None, notes: list[Note]) -> AmountFacts | None:
    return (rxe.quantity(19, notes) if rxe else None) or (rxo.quantity(23, notes) if rxo else None)


def _form(rxe: Segment | None, rxo: Segment | None) -> Coded:
    encoded = rxe.coded(6) if rxe else Coded()
    return encoded if encoded.words else (rxo.coded(5) if rxo else Coded())


def _routes(group: Group) -> tuple[Coded, ...]:
    """Each route once; senders repeat RXR after RXO and RXE."""
    routes = [rxr.coded(1) for rxr in group.every("RXR")]
    return tuple({(r.code or r.text).upper(): r for r in reversed(routes) if r.words}.values())[
        ::-1
    ]


def _indication(rxe: Segment | None, rxo: Segment | None, orc: Segment | None) -> str:
    for segment, field in ((rxe, 27), (rxo, 20), (orc, 16)):
        if segment is not None and segment.coded(field).words:
            return segment.coded(field).words
    return ""


def _prn_reason(rxe: Segment | None, rxo: Segment | None, orc: Segment | None) -> bool:
    """Some senders code the indication in a system called PRN, and that is how they say so."""
    said = ((rxe, 27), (rxo, 20), (orc, 16))
    return any(s is not None and says_as_required(s.text(f, 3)) for s, f in said)


def _instructions(group: Group, rxe: Segment | None, rxo: Segment | None) -> tuple[str, ...]:
    texts: list[str] = []
    for segment, field in ((rxe, 7), (rxo, 7), (rxe, 21), (rxo, 6)):
        if segment is not None:
            texts += segment.texts(field)
    for tq1 in group.every("TQ1"):
        texts += [tq1.text(10), tq1.text(11)]
    before = ""
    for segment in group.segments:
        if segment.name == "NTE" and before in {"ORC", "TQ1", "RXO", "RXE", "RXR", "RXC"}:
            texts += segment.texts(3)
        elif segment.name != "NTE":
            before = segment.name
    return tuple(dict.fromkeys(text for text in texts if text))


def _prescriber(orc: Segment | None, rxe: Segment | None, rxo: Segment | None) -> Person | None:
    for segment, field in ((orc, 12), (rxe, 13), (rxo, 14)):
        person = segment.person(field) if segment is not None else None
        if person is not None:
            return person
    return None


def _asked_to_dispense(
    rxe: Segment | None, rxo: Segment | None, drug: DrugFacts, notes: list[Note]
) -> DispenseFacts | None:
    amount = (rxe.amount(10, None, 11, notes) if rxe else None) or (
        rxo.amount(11, None, 12, notes) if rxo else None
    )
    prescription = rxe.text(15) if rxe else ""
    if amount is None and not prescription:
        return None
    return DispenseFacts(drug=drug, amount=amount, prescription=prescription)
