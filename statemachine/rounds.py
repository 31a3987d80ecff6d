"""Whose turn is it: the patients of a medicine round, in order, and who may be mistaken for whom.

Machines choose by this and screens show by it, so it stands in one place. Order is by bed, numbers
before letters, then by name; a round offers the next patient in that order who has something due
and was not done or passed over yet (RULES 3 a, 4).
"""

import re

from statemachine.doses import DoseLine, dose_list
from statemachine.instant import Instant
from statemachine.ward import Ward
from statemachine.ward.patients import Patient

DUE_STATES = frozenset({"late", "stat", "due"})
"""States of a dose that "all that is due" takes."""
EXPECTED_AHEAD_S = 24 * 3600
"""A pre-admission is shown so long ahead (RULES 3)."""
LISTED_MAX = 99
"""Most patients of one list: eleven pages of nine."""
KEPT_S = 2 * 3600
"""After discharge a patient stays on the list so long where the line does not say (RULES 3)."""

_PARTS = re.compile(r"\d+|\D+")


def is_listed(record: Patient, now: Instant) -> bool:
    """Whether a patient stands on the lists now: here, expected soon, or not gone long."""
    if record.status == "cancelled":
        return False
    if record.status == "expected":
        return record.expected_s is None or record.expected_s - now.hi_s <= EXPECTED_AHEAD_S
    if record.status == "discharged":
        until_s = record.until_s
        if until_s is None:
            until_s = (record.discharged_s or 0) + KEPT_S
        return now.lo_s < until_s
    return True


def my_patients(ward: Ward, now: Instant) -> tuple[str, ...]:
    """The patients of the cabinet's ward, by bed, then name."""
    here = [
        known.record
        for known in ward.patients.known.values()
        if known.record.ward == ward.house.ward and is_listed(known.record, now)
    ]
    return tuple(record.patient for record in sorted(here, key=_place)[:LISTED_MAX])


def _place(record: Patient) -> tuple[list[tuple[int, int, str]], str, str, str]:
    bed = [
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in _PARTS.findall(record.bed)
    ]
    return (bed, record.family, record.given, record.patient)


def by_bed(ward: Ward, now: Instant, bed: int) -> tuple[str, ...]:
    """The patients whose bed has this number in it, in order."""
    return tuple(
        patient
        for patient in my_patients(ward, now)
        if bed in {int(n) for n in re.findall(r"\d+", ward.patients.known[patient].record.bed)}
    )


def similar_names(ward: Ward, now: Instant, patient: str) -> bool:
    """Whether somebody else on the list could be mistaken for this patient by name."""
    known = ward.patients.known.get(patient)
    if known is None:
        return False
    name = known.record.family.casefold()
    return any(
        _alike(name, ward.patients.known[other].record.family.casefold())
        for other in my_patients(ward, now)
        if other != patient
    )


def _alike(one: str, other: str) -> bool:
    """Equal, or one letter apart in names of four letters or more: JONES and JONAS."""
    if not one or not other:
        return False
    if one == other:
        return True
    if min(len(one), len(other)) < 4 or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    at = next((i for i, letter in enumerate(short) if letter != long[i]), len(short))
    if len(short) == len(long):
        return short[at + 1 :] == long[at + 1 :]
    return short[at:] == long[at + 1 :]


def removable(line: DoseLine) -> bool:
    """Nothing speaks against this line and every part of it lies in a pocket here."""
    return (
        not line.refusals
        and bool(line.parts)
        and all(part.pocket is not None and part.drawer is not None for part in line.parts)
    )


def is_due(line: DoseLine) -> bool:
    """Late, STAT or due, and removable: what one key takes."""
    return line.state in DUE_STATES and removable(line)


def something_due(ward: Ward, patient: str, now: Instant) -> bool:
    """Whether this patient has anything that one key would take."""
    return any(is_due(line) for line in dose_list(ward, patient, now))


def next_patient(
    ward: Ward, now: Instant, done: tuple[str, ...] = (), first: str | None = None
) -> str | None:
    """The patient a round offers next: `first` (a parked round) if due, else the next in order."""
    listed = my_patients(ward, now)
    if first is not None and first in listed and something_due(ward, first, now):
        return first
    return next(
        (p for p in listed if p not in done and something_due(ward, p, now)),
        None,
    )


def day_and_month(born: str) -> int | None:
    """`1950-02-02` as the number 202 that four digits `0202` make; None when not known."""
    match = re.fullmatch(r"\d{4}-(\d{2})-(\d{2})", born)
    return None if match is None else int(match[2]) * 100 + int(match[1])
