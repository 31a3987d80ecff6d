"""Admissions, transfers, discharges, merges: what each ADT event does here.

The table is the specification. Three kinds of event are kept apart: those a program applies, those
that announce something (a transfer still pending, a bed tracked) and change nothing yet, and those
that move or erase somebody's records in ways only a person should confirm. All are stored and
answered AA; only an event that the standard does not have is refused (AR 201).
"""

from typing import Literal

import msgspec

from pharmacy.hl7.clean import refused
from pharmacy.hl7.facts import (
    Header,
    Kind,
    MergeFacts,
    MessageFacts,
    Note,
    NotUnderstood,
    PatientFacts,
)
from pharmacy.hl7.people import read_allergies, read_merge, read_patient, read_visit
from pharmacy.hl7.reading import Segment

EVENTS: dict[str, Kind] = {
    "A01": "admit",
    "A02": "transfer",
    "A03": "discharge",
    "A04": "register",
    "A05": "pre-admit",
    "A06": "change to in-patient",
    "A07": "change to out-patient",
    "A08": "update",
    "A09": "pending",  # departing, tracked
    "A10": "pending",  # arriving, tracked
    "A11": "cancel admit",
    "A12": "cancel transfer",
    "A13": "cancel discharge",
    "A14": "pending",
    "A15": "pending",
    "A16": "pending",
    "A17": "for a person",  # two patients swap beds
    "A18": "merge",
    "A19": "for a person",
    "A20": "pending",  # bed status
    "A21": "leave",
    "A22": "return from leave",
    "A23": "for a person",  # delete a visit
    "A24": "for a person",  # link patients
    "A25": "pending",
    "A26": "pending",
    "A27": "pending",
    "A28": "new person",
    "A29": "for a person",  # delete a person
    "A30": "merge",
    "A31": "update",
    "A32": "pending",
    "A33": "pending",
    "A34": "merge",
    "A35": "merge",
    "A36": "merge",
    "A37": "for a person",  # unlink patients
    "A38": "cancel pre-admit",
    "A39": "merge",
    "A40": "merge",
    "A41": "merge",
    "A42": "merge",
    "A43": "for a person",  # move numbers from one patient to another
    "A44": "for a person",
    "A45": "for a person",
    "A46": "change identifiers",
    "A47": "change identifiers",
    "A48": "change identifiers",
    "A49": "change identifiers",
    "A50": "change identifiers",
    "A51": "change identifiers",
    "A52": "cancel leave",
    "A53": "cancel return",
    "A54": "update",  # another doctor
    "A55": "update",
    "A60": "allergies",
    "A61": "update",
    "A62": "update",
}

_MERGED: dict[str, Literal["patient", "visit", "account"]] = {
    "A35": "account",
    "A41": "account",
    "A42": "visit",
    "A49": "account",
    "A50": "visit",
    "A51": "visit",
}
_PLACED = {"admit", "transfer", "cancel transfer", "change to in-patient", "cancel discharge"}


def understand_adt(
    header: Header, segments: list[Segment], notes: list[Note]
) -> MessageFacts | NotUnderstood:
    """Say what an ADT message does, to whom, and where."""
    kind = EVENTS.get(header.event)
    if kind is None:
        return refused(
            "AR", 201, "MSH", 9, "This ADT event is not one the standard has, or none is said. "
            "Nothing was applied. Send the event that happened.",
        )  # fmt: skip
    pid = next((s for s in segments if s.name == "PID"), None)
    if pid is None:
        return refused(
            "AE", 100, "PID", 0, "The segment PID is missing, so nobody is named. "
            "Nothing was applied. Send the message again with the patient.",
        )  # fmt: skip
    patient = read_patient(pid, notes)
    if not patient.identifiers:
        return refused(
            "AE", 101, "PID", 3, "The patient has no number in PID-3. Nothing was applied, because "
            "a name alone is not a person. Send the message again with a number.",
        )  # fmt: skip
    pv1 = next((s for s in segments if s.name == "PV1"), None)
    pv2 = next((s for s in segments if s.name == "PV2"), None)
    visit = read_visit(pv1, pv2, notes) if pv1 else None
    if kind in _PLACED and (visit is None or not visit.ward):
        notes.append(Note("PV1", 3, "No ward is said; the patient appears on no ward's list."))
    if sum(s.name == "PID" for s in segments) > 1 and kind != "merge":
        notes.append(Note("PID", 0, "More than one patient is named.", stop=True))
    merges = _merges(header.event, segments, patient)
    if kind == "merge" and not any(m.gone or m.gone_visit or m.gone_account for m in merges):
        return refused(
            "AE", 101, "MRG", 1, "The message merges records but does not say which number ends "
            "(MRG-1). Nothing was applied. Send it again with both numbers.",
        )  # fmt: skip
    if kind == "for a person":
        notes.append(
            Note("MSH", 9, "This event moves or erases records; a person decides.", stop=True)
        )
    if kind == "pending":
        notes.append(Note("MSH", 9, "Announced or tracked only; nothing changes yet."))
    allergies = read_allergies(segments, notes)
    _same_patient(merges, notes)
    return MessageFacts(
        kind=kind,
        header=header,
        patient=patient,
        visit=visit,
        merges=merges,
        allergies=allergies,
        allergies_said=bool(allergies),
        notes=tuple(notes),
    )


def _merges(event: str, segments: list[Segment], first: PatientFacts) -> tuple[MergeFacts, ...]:
    """Every MRG with the PID before it; A40 may carry several pairs."""
    found: list[MergeFacts] = []
    into, seen = first, False
    for segment in segments:
        if segment.name == "PID":
            # Notes of later patients are the first one's: read for their numbers only.
            into = read_patient(segment, []) if seen else first
            seen = True
        elif segment.name == "MRG":
            found.append(read_merge(segment, into, _MERGED.get(event, "patient")))
    return tuple(found)


def _same_patient(merges: tuple[MergeFacts, ...], notes: list[Note]) -> None:
    """A record cannot be merged into itself."""
    for merge in merges:
        stays = {(n.authority, n.value) for n in merge.into.identifiers}
        if merge.what == "patient" and {(n.authority, n.value) for n in merge.gone} & stays:
            notes.append(
                Note("MRG", 1, "The number that ends is also the one that stays.", stop=True)
            )


def with_header(result: NotUnderstood, header: Header) -> NotUnderstood:
    """The same refusal, addressed to whoever sent the message."""
    return msgspec.structs.replace(result, header=header)
