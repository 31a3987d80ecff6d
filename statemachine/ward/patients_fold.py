"""How lines change the chapter of patients: admission, merge, forgetting.

Names can be forgotten, and a replay after the forgetting meets `None` where a `patient` body stood.
Both roads must end in the same ward. So `patient.forgotten` takes the whole record away, and the
look-ups by number are a pure function of the records that are left. A merged record stays known
until it is forgotten; whoever looks it up is led to the one that lives on (`resolve`).
"""

from collections.abc import Callable, Mapping
from typing import Any

from immutables import Map
from msgspec.structs import replace

from statemachine.ward.entry import Entry, Stamp
from statemachine.ward.maps import without
from statemachine.ward.patients import (
    KnownPatient,
    Patient,
    PatientForgotten,
    PatientMerge,
    Patients,
)

MERGES_FOLLOWED = 16
"""Longest chain of merges that is followed; a longer one is a mistake, and ends where it is."""


def resolve(merged: Map[str, str], patient: str) -> str:
    """The id under which this patient lives on; the same id when nothing was merged."""
    for _ in range(MERGES_FOLLOWED):
        onward = merged.get(patient)
        if onward is None:
            return patient
        patient = onward
    return patient


def patient_by_number(patients: Patients, *, nhs: str = "", mrn: str = "") -> str | None:
    """Who carries this NHS or hospital number, led on through merges; None: nobody known."""
    found = patients.by_nhs.get(nhs) if nhs else None
    if found is None and mrn:
        found = patients.by_mrn.get(mrn)
    return None if found is None else resolve(patients.merged, found)


def fold_patients(patients: Patients, entry: Entry, stamp: Stamp) -> Patients:
    """The chapter after one line; the same chapter when the line is not about patients."""
    how = _FOLDS.get(type(entry))
    return patients if how is None else how(patients, entry, stamp)


def _patient(patients: Patients, entry: Patient, stamp: Stamp) -> Patients:
    before = patients.known.get(entry.patient)
    patients = replace(
        patients,
        known=patients.known.set(entry.patient, KnownPatient(record=entry, line=stamp.line)),
    )
    if before is not None:
        patients = _numbers_again(patients, before.record)
    by_nhs, by_mrn = patients.by_nhs, patients.by_mrn
    if entry.nhs:
        by_nhs = by_nhs.set(entry.nhs, entry.patient)
    if entry.mrn:
        by_mrn = by_mrn.set(entry.mrn, entry.patient)
    return replace(patients, by_nhs=by_nhs, by_mrn=by_mrn)


def _numbers_again(patients: Patients, gone: Patient) -> Patients:
    """Point the numbers of a record that changed or went to whoever carries them now."""
    by_nhs, by_mrn = patients.by_nhs, patients.by_mrn
    if gone.nhs:
        by_nhs = _point(by_nhs, gone.nhs, patients, lambda record: record.nhs)
    if gone.mrn:
        by_mrn = _point(by_mrn, gone.mrn, patients, lambda record: record.mrn)
    return replace(patients, by_nhs=by_nhs, by_mrn=by_mrn)


def _point(
    numbers: Map[str, str], number: str, patients: Patients, of: Callable[[Patient], str]
) -> Map[str, str]:
    carrying = [known for known in patients.known.values() if of(known.record) == number]
    if not carrying:
        return without(numbers, number)
    return numbers.set(number, max(carrying, key=lambda known: known.line).record.patient)


def _merge(patients: Patients, entry: PatientMerge, _stamp: Stamp) -> Patients:
    survivor = resolve(patients.merged, entry.patient)
    merged = resolve(patients.merged, entry.merged)
    if survivor == merged:
        return patients
    return replace(patients, merged=patients.merged.set(merged, survivor))


def _forgotten(patients: Patients, entry: PatientForgotten, _stamp: Stamp) -> Patients:
    before = patients.known.get(entry.patient)
    if before is None:
        return patients
    patients = replace(patients, known=patients.known.delete(entry.patient))
    return _numbers_again(patients, before.record)


_FOLDS: Mapping[type[Entry], Callable[[Patients, Any, Stamp], Patients]] = {
    Patient: _patient,
    PatientMerge: _merge,
    PatientForgotten: _forgotten,
}
