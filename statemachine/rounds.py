"""Whose turn is it: the patients of a medicine round, in order, and who may be mistaken for whom.

Machines choose by this and screens show by it, so it stands in one place. Order is by bed, numbers
before letters, then by name; a round offers the next patient in that order who has something due
and was not done or passed over yet (RULES 3 a, 4).
"""

import re

from statemachine.doses import DoseLine, dose_list
from statemachine.instant import Instant
from statemachine.patients_view import any_alike, due_counts, is_shown, patients_here
from statemachine.ward import Ward
from statemachine.ward.patients import Patient
from statemachine.ward.people import Round

DUE_STATES = frozenset({"late", "stat", "due"})
"""States of a dose that "all that is due" takes."""
LISTED_MAX = 99
"""Most patients of one list: eleven pages of nine."""
ROUND_KEPT_S = 2 * 3600
"""A round parked for longer is over; who was done in it is asked for anew."""


def is_listed(record: Patient, now: Instant) -> bool:
    """Whether a patient stands on the lists now: here, expected soon, or not gone long."""
    return is_shown(record, now)


def my_patients(ward: Ward, now: Instant) -> tuple[str, ...]:
    """The patients of the cabinet's ward, by bed, then name."""
    return tuple(record.patient for record in patients_here(ward, now)[:LISTED_MAX])


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
    others = (r.family for r in patients_here(ward, now) if r.patient != patient)
    return any_alike(known.record.family, others)


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
    # The quick count first: most patients of a ward have nothing due at most times.
    if due_counts(ward, patient, now) == (0, 0):
        return False
    return any(is_due(line) for line in dose_list(ward, patient, now, chart_checked=True))


def next_patient(
    ward: Ward, now: Instant, done: tuple[str, ...] = (), first: str | None = None
) -> str | None:
    """The patient a round offers next: `first` (a parked round) if due, else the next in order.

    Whoever was done or passed over comes again at the end, when something is (still) due for them.
    """
    listed = my_patients(ward, now)
    if first is not None and first in listed and something_due(ward, first, now):
        return first
    again = [patient for patient in listed if patient in done]
    order = [patient for patient in listed if patient not in done] + again
    return next((patient for patient in order if something_due(ward, patient, now)), None)


def still_done(parked: Round | None, now: Instant) -> tuple[str, ...]:
    """Who was done in a parked round; nobody, when it was parked long ago: the next has begun."""
    if parked is None or now.lo_s - parked.parked_wall_s > ROUND_KEPT_S:
        return ()
    return parked.done


def day_and_month(born: str) -> int | None:
    """`1950-02-02` as the number 202 that four digits `0202` make; None when not known."""
    match = re.fullmatch(r"\d{4}-(\d{2})-(\d{2})", born)
    return None if match is None else int(match[2]) * 100 + int(match[1])
