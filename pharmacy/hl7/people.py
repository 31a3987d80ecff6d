"""Patients, visits and allergies: PID, PV1, PV2, AL1, IAM, MRG."""

import re
from typing import Literal

from pharmacy.hl7.facts import (
    AllergyFacts,
    Coded,
    Gender,
    Identifier,
    MergeFacts,
    Note,
    PatientFacts,
    Place,
    VisitFacts,
)
from pharmacy.hl7.nhs import nhs_number, warning
from pharmacy.hl7.reading import Segment

NHS_OID = "2.16.840.1.113883.2.1.4.1"
"""The OID of the NHS number, written by some senders instead of `NHS`."""

_GENDERS: dict[str, Gender] = {
    "M": "male",
    "F": "female",
    "O": "other",
    "A": "other",
    "N": "other",
    "X": "other",
    "U": "unknown",
    "1": "male",  # NHS Data Dictionary: PERSON STATED GENDER CODE
    "2": "female",
    "9": "other",
    "0": "unknown",
    "MALE": "male",
    "FEMALE": "female",
    "OTHER": "other",
    "UNKNOWN": "unknown",
    "NOT KNOWN": "unknown",
}
_NOT_OURS = {"SS", "SSN", "SSA", "DL", "PPN", "PRC", "NN", "TAX"}
"""Identifier types that are nobody's hospital number."""
_OURS = ("MR", "MRN", "PI", "PT", "HOSP", "LR")
_OTHER_NAMES = {"A", "M", "N", "P", "R", "S", "T", "K", "ALIAS", "MAIDEN", "PREVIOUS", "ALTERNATE"}
"""Name types (table 0200) under which nobody is called on a ward."""
_TEMPLATE = re.compile(r"##[A-Za-z_ ]*##|\$\{|\{\{|<%|%[A-Z_]{3,}%|\[\[|#\{")
_NONE_KNOWN = re.compile(
    r"\b(?:NKA|NKDA|NKMA)\b|no known (?:drug |medication |medicine )?allerg|"
    r"\b(?:716186003|409137002)\b",
    re.IGNORECASE,
)
_ALLERGY_KINDS = {
    "DA": "drug",
    "DRUG": "drug",
    "MA": "drug",
    "FA": "food",
    "FOOD": "food",
    "EA": "environment",
    "LA": "pollen",
    "AA": "animal",
    "PA": "plant",
    "MC": "other",
}
_ACTIONS: dict[str, Literal["add", "delete", "update"]] = {
    "A": "add",
    "D": "delete",
    "U": "update",
}
_SEVERITIES = {"SV": "severe", "MO": "moderate", "MI": "mild"}


def unresolved(text: str) -> bool:
    """Whether this is a template that the sender forgot to fill in, not a code."""
    return bool(_TEMPLATE.search(text))


def is_nhs(authority: str, kind: str) -> bool:
    """Whether a number of this authority and type claims to be an NHS number."""
    who, what = authority.upper(), kind.upper()
    return (
        what in {"NH", "NHS", "NHSNMBR", "NHSNBR"}
        or who in {"NHS", "NHSNBR", "NHSNMBR", NHS_OID}
        or "NHS NUMBER" in (who, what)
    )


def identifiers(segment: Segment, field: int) -> tuple[Identifier, ...]:
    """Every number of a field with repetitions (CX); `""` and empty ones are left out."""
    found: list[Identifier] = []
    for repeat in range(1, segment.repeats(field) + 1):
        value = segment.text(field, 1, repeat)
        if not value:
            continue
        authority = segment.text(field, 4, repeat) or segment.text(field, 4, repeat, 2)
        if segment.text(field, 4, repeat, 2) == NHS_OID:
            authority = NHS_OID
        found.append(Identifier(authority[:64], segment.text(field, 5, repeat)[:32], value[:64]))
    return tuple(dict.fromkeys(found))


def read_patient(pid: Segment, notes: list[Note]) -> PatientFacts:
    """Read PID. An NHS number with a wrong check digit stays a number and is noted."""
    numbers = identifiers(pid, 3) or identifiers(pid, 2) or identifiers(pid, 4)
    nhs = ""
    for number in numbers:
        if not is_nhs(number.authority, number.type):
            continue
        good = nhs_number(number.value)
        if not good:
            notes.append(Note("PID", 3, "The NHS number's check digit is wrong; it is not used."))
        elif nhs and nhs != good:
            notes.append(Note("PID", 3, "Two different NHS numbers are said.", stop=True))
        else:
            nhs = good
    if nhs and warning(nhs):
        notes.append(Note("PID", 3, warning(nhs)))
    name = _best_name(pid)
    sex = pid.text(8).upper() or pid.text(8, 2).upper()
    gender = _GENDERS.get(sex)
    if sex and gender is None:
        notes.append(Note("PID", 8, "This gender code is not known."))
    return PatientFacts(
        identifiers=numbers,
        nhs=nhs,
        mrn=_hospital_number(numbers),
        family=pid.text(5, 1, name),
        given=pid.text(5, 2, name),
        middle=pid.text(5, 3, name),
        title=pid.text(5, 5, name),
        other_names=tuple(
            f"{pid.text(5, 1, repeat).upper()}, {pid.text(5, 2, repeat)}"
            for repeat in range(1, pid.repeats(5) + 1)
            if repeat != name and pid.text(5, 1, repeat)
        ),
        born=pid.when(7, notes),
        gender=gender,
        died=pid.when(29, notes),
        account=pid.text(18),
        deleted=_deleted(pid, {5: "family", 7: "born", 8: "gender", 18: "account", 29: "died"}),
    )


def _best_name(pid: Segment) -> int:
    """The repetition of PID-5 to show: the first, unless it says that it is not the usual one."""
    kinds = [pid.text(5, 7, repeat).upper() for repeat in range(1, pid.repeats(5) + 1)]
    if not kinds or kinds[0] not in _OTHER_NAMES:
        return 1
    for wanted in ("CURRENT", "L", "D", "U", "B", ""):
        for position, kind in enumerate(kinds, start=1):
            if kind == wanted and pid.text(5, 1, position):
                return position
    return 1


def _hospital_number(numbers: tuple[Identifier, ...]) -> str:
    local = [n for n in numbers if not is_nhs(n.authority, n.type)]
    for wanted in _OURS:
        for number in local:
            if number.type.upper() == wanted:
                return number.value
    strange = [n for n in local if not {n.type.upper(), n.authority.upper()} & _NOT_OURS]
    return strange[0].value if strange else ""


def _deleted(segment: Segment, fields: dict[int, str]) -> tuple[str, ...]:
    return tuple(name for field, name in fields.items() if segment.deleted(field))


def read_place(segment: Segment, field: int) -> Place | None:
    """A location (PL); None when the field says nothing."""
    place = Place(
        ward=segment.text(field, 1),
        room=segment.text(field, 2),
        bed=segment.text(field, 3),
        facility=segment.text(field, 4),
        building=segment.text(field, 7),
        floor=segment.text(field, 8),
        text=segment.text(field, 9),
    )
    return place if place != Place() else None


def read_visit(pv1: Segment, pv2: Segment | None, notes: list[Note]) -> VisitFacts:
    """Read PV1 and PV2. The ward is PV1-3.1, else the description PV1-3.9."""
    place = read_place(pv1, 3)
    ward = (place.ward or place.text) if place else ""
    if place and not place.ward and place.text:
        notes.append(Note("PV1", 3, "The ward is said only in words (PV1-3.9); taken from there."))
    return VisitFacts(
        patient_class=pv1.text(2)[:16].upper(),
        ward=ward,
        room=place.room if place else "",
        bed=place.bed if place else "",
        facility=place.facility if place else "",
        place=place,
        prior=read_place(pv1, 6),
        temporary=read_place(pv1, 11),
        pending=read_place(pv1, 42),
        number=pv1.text(19),
        specialty=pv1.text(10),
        consultant=pv1.person(7) or pv1.person(9),
        admitted=pv1.when(44, notes),
        discharged=pv1.when(45, notes),
        expected=pv2.when(8, notes) if pv2 else None,
        expected_discharge=pv2.when(9, notes) if pv2 else None,
        deleted=_deleted(pv1, {3: "ward", 19: "number", 45: "discharged"}),
    )


def read_allergies(segments: list[Segment], notes: list[Note]) -> tuple[AllergyFacts, ...]:
    """Read every AL1 and IAM of a message."""
    return tuple(_allergy(s, notes) for s in segments if s.name in {"AL1", "IAM"})


def _allergy(segment: Segment, notes: list[Note]) -> AllergyFacts:
    codings = [segment.coded(3), segment.coded(3, first=4)]
    if unresolved(codings[0].code):
        codings[0] = Coded("", codings[0].text, codings[0].system)
        notes.append(Note(segment.name, 3, "The allergy's code is a template nobody filled in."))
    kind = segment.text(2).upper() or segment.text(2, 2).upper()
    reactions = tuple(segment.texts(5))
    words = " ".join((*reactions, segment.text(9, 1), segment.text(9, 2))).upper()
    adverse: Literal["allergy", "intolerance", "anaphylaxis"] = "allergy"
    if "ANAPHYLA" in words:
        adverse = "anaphylaxis"
    elif "INTOLERANCE" in words or segment.text(9, 1) == "IN":
        adverse = "intolerance"
    none_known = any(
        _NONE_KNOWN.search(part) for coding in codings for part in (coding.code, coding.text)
    )
    action = _ACTIONS.get(segment.text(6).upper(), "add") if segment.name == "IAM" else "add"
    if not any(coding.words for coding in codings):
        notes.append(Note(segment.name, 3, "An allergy names no substance.", stop=True))
    return AllergyFacts(
        substance=codings[0],
        alternates=tuple(coding for coding in codings[1:] if coding != Coded()),
        kind=_ALLERGY_KINDS.get(kind, kind.lower()),
        severity=_SEVERITIES.get(segment.text(4).upper(), ""),
        reactions=reactions,
        adverse=adverse,
        identified=segment.when(6 if segment.name == "AL1" else 11, notes),
        action=action,
        none_known=none_known,
    )


def read_merge(
    mrg: Segment, into: PatientFacts, what: Literal["patient", "visit", "account"]
) -> MergeFacts:
    """Read MRG: which numbers live on as which patient."""
    return MergeFacts(
        what=what,
        into=into,
        gone=identifiers(mrg, 1) or identifiers(mrg, 4),
        gone_account=mrg.text(3),
        gone_visit=mrg.text(5),
    )
