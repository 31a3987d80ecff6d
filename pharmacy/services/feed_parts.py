"""Who a message is about: by numbers first, and never by one number alone.

A number of a named authority is strong: it finds the patient unless name and birth date both
differ, and then a person decides. An NHS number, or a hospital number without its authority, is
weak: it finds the patient only together with the same birth date (or, where that is not known, the
same family name). Numbers that lead to two different patients are never chosen between.
"""

from msgspec.structs import replace

from pharmacy.db import PatientRow
from pharmacy.hl7.facts import Identifier, PatientFacts
from pharmacy.hl7.people import is_nhs
from pharmacy.services import patients
from pharmacy.services.office import Unit
from pharmacy.services.text import ID_MAX, clean
from statemachine.ward.patients import Patient

_NOT_OURS = {"SS", "SSN", "SSA", "DL", "PPN", "PRC", "TAX"}

Key = tuple[str, str]


class HeldError(Exception):
    """A message is kept for a person and not applied; the text says why, without names."""


def find(unit: Unit, facts: PatientFacts) -> str | None:
    """Return the patient that a message is about; None: nobody we know.

    Raises:
        HeldError: the numbers lead to two patients, or to somebody with another name and age.
    """
    confirmed: dict[str, None] = {}
    for key in strong_keys(facts.identifiers):
        for patient in patients.find(unit, [key]):
            if _other_person(unit, patient, facts):
                raise HeldError(
                    "A number in the message belongs to somebody with another name and another "
                    "birth date. Find out whose it is."
                )
            confirmed[patient] = None
    for key in _weak_keys(facts):
        for patient in patients.find(unit, [key]):
            if _same_person(unit, patient, facts):
                confirmed[patient] = None
    if len(confirmed) > 1:
        raise HeldError(
            "The numbers in the message belong to two different patients here. Merge them, or find "
            "out which one is meant."
        )
    return next(iter(confirmed), None)


def remember(unit: Unit, patient: str, facts: PatientFacts) -> None:
    """Keep every number of a message for its patient."""
    for system, value in strong_keys(facts.identifiers):
        patients.put_identifier(unit, system, value, patient)


def updated(unit: Unit, patient: str | None, facts: PatientFacts) -> Patient:
    """Return a patient with what the message says of the person; what it does not say stays."""
    known = Patient(patient="") if patient is None else patients.record(unit, patient)
    said: dict[str, str] = {
        "family": facts.family.upper(),
        "given": facts.given,
        "title": facts.title,
        "born": facts.born_iso,
        "gender": facts.gender or "",
        "nhs": _own_nhs(unit, patient, facts),
        "mrn": facts.mrn,
    }
    values = {name: clean(value) for name, value in said.items() if value}
    empty = {"family": "", "born": "", "gender": "unknown"}
    values |= {name: empty[name] for name in facts.deleted if name in empty}
    return replace(known, **values)


def strong_keys(identifiers: tuple[Identifier, ...]) -> list[Key]:
    """Return the numbers that name their authority."""
    return [
        (f"id:{clean(number.authority).upper()}"[:ID_MAX], clean(number.value)[:ID_MAX])
        for number in identifiers
        if number.authority
        and number.value
        and not is_nhs(number.authority, number.type)
        and number.type.upper() not in _NOT_OURS
    ]


def _weak_keys(facts: PatientFacts) -> list[Key]:
    keys = [("nhs", facts.nhs), ("mrn", clean(facts.mrn)[:ID_MAX])]
    return [key for key in keys if key[1]]


def _own_nhs(unit: Unit, patient: str | None, facts: PatientFacts) -> str:
    """Return the NHS number, unless somebody else holds it: then it proves nothing."""
    if not facts.nhs:
        return ""
    holders = patients.find(unit, [("nhs", facts.nhs)])
    if holders and holders != [patient]:
        unit.attend(
            "patient",
            f"nhs:{patient}:{holders[0]}",
            "Two patients came with one NHS number and different birth dates. The newer record is "
            "kept without it. Find out whose it is, and merge the records if they are one person.",
            subject=holders[0],
        )
        return ""
    return facts.nhs


def _other_person(unit: Unit, patient: str, facts: PatientFacts) -> bool:
    row = unit.session.get_one(PatientRow, patient)
    born, family = facts.born_iso, clean(facts.family).casefold()
    return bool(
        row.born and born and row.born != born
        and row.family and family and row.family.casefold() != family
    )  # fmt: skip


def _same_person(unit: Unit, patient: str, facts: PatientFacts) -> bool:
    row = unit.session.get_one(PatientRow, patient)
    born, family = facts.born_iso, clean(facts.family).casefold()
    if row.born and born:
        return row.born == born
    return bool(family) and row.family.casefold() == family
