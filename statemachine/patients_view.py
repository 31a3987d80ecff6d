"""My patients: who is on this ward, by bed, how much is due, and whose names are alike.

**Similar names.** Two patients of the ward count as alike, and are asked for day and month of
birth, when their family names
- are the same, or
- differ by one letter added, dropped or changed, or two neighbours swapped (names of four letters
  or more: SMITH and SMYTH, but not LI and LO), or
- sound alike in English: the same Soundex code (BROWN and BRAUN, SMITH and SCHMIDT).
Hyphens, apostrophes, blanks and case do not count, and each part of a double name is compared as
well as the whole. Given names do not make two patients different: SMITH, John and SMITH, Joan is
the pair that gets mixed up. It would rather ask for a birthday once too often.

**Who is shown** (RULES 3): admitted and on leave; expected from 24 h before, until 30 h after;
after discharge until the time that the pharmacy gave. With an uncertain time a patient is rather
shown.

**Next of the round**: the first patient after the last one, in the order of beds and round to the
start, who has a dose that is due, late or STAT and not yet dealt with.
"""

from collections.abc import Iterable
from itertools import groupby

import msgspec

from statemachine.dose import dose_id
from statemachine.instant import Instant
from statemachine.rules.ask import Ask
from statemachine.rules.chart import Chart, is_as_required, is_one_off, one_off_due_s, window_at
from statemachine.rules.limits import LATE_AFTER_MIN, limit
from statemachine.ward import Ward
from statemachine.ward.orders import KnownOrder
from statemachine.ward.patients import Patient

EXPECTED_AHEAD_S = 24 * 3600
"""An expected patient is shown so long before."""

EXPECTED_DROPPED_S = 30 * 3600
"""An expected patient who does not come is shown so long after."""

KEPT_S = 2 * 3600
"""After discharge a patient is shown so long, where the pharmacy gave no time."""

LETTERS_MIN = 4
"""Shorter names are alike only when they are the same."""


class PatientRow(msgspec.Struct, frozen=True, kw_only=True):
    """One patient of the list.

    Attributes:
        patient: the id.
        record: the latest `patient` line.
        due: doses that may be due, late or STAT now, not dealt with yet.
        late: how many of them are late.
        similar: patients of the ward whose names are alike, in the order of their beds.
    """

    patient: str
    record: Patient
    due: int = 0
    late: int = 0
    similar: tuple[str, ...] = ()


def patients_here(ward: Ward, now: Instant) -> tuple[Patient, ...]:
    """The patients of this ward, by bed as people count (2 before 10), then by name."""
    name, merged = ward.house.ward, ward.patients.merged
    here = [
        known.record
        for patient, known in ward.patients.known.items()
        if known.record.ward == name and patient not in merged and is_shown(known.record, now)
    ]
    return tuple(sorted(here, key=_place))


def my_patients(ward: Ward, now: Instant) -> tuple[PatientRow, ...]:
    """The rows of the ward's list: who, how much is due, and whose names are alike."""
    here = patients_here(ward, now)
    alike = _alike([(record.patient, record.family) for record in here])
    rows: list[PatientRow] = []
    for record in here:
        due, late = due_counts(ward, record.patient, now)
        rows.append(
            PatientRow(
                patient=record.patient,
                record=record,
                due=due,
                late=late,
                similar=alike.get(record.patient, ()),
            )
        )
    return tuple(rows)


def is_shown(record: Patient, now: Instant) -> bool:
    """Whether the patient stands on the ward's list now."""
    if record.status == "cancelled":
        return False
    if record.status == "discharged":
        until_s = record.until_s
        if until_s is None:
            until_s = (record.discharged_s or 0) + KEPT_S
        return now.lo_s < until_s
    if record.status == "expected" and record.expected_s is not None:
        ahead_s = record.expected_s - EXPECTED_AHEAD_S
        return now.hi_s >= ahead_s and now.lo_s <= record.expected_s + EXPECTED_DROPPED_S
    return True


def due_counts(ward: Ward, patient: str, now: Instant) -> tuple[int, int]:
    """How many doses of this patient wait now, and how many of them are late.

    A quick count by windows and records, for lists of many patients; what may really be removed is
    said by the dose list.
    """
    chart = Chart(ward, patient, now)
    late_after_s = limit(ward.stock.settings, LATE_AFTER_MIN) * 60
    due = late = 0
    for order in ward.orders.by_patient.get(chart.patient, ()):
        known = ward.orders.known.get(order)
        if known is None or not _holds(known, now):
            continue
        for due_s in _waiting(known, now):
            dose = dose_id(order, due_s)
            outcome = chart.outcome(known, dose)
            if outcome is not None and outcome.outcome in ("given", "omitted", "held"):
                continue
            if chart.removed(known, dose) and _complete(chart, known, due_s):
                continue
            due += 1
            late += not is_one_off(known) and now.lo_s > due_s + late_after_s
    return due, late


def _holds(known: KnownOrder, now: Instant) -> bool:
    order = known.order
    stopped = known.stopped is not None and (
        known.stopped.at_s is None or known.stopped.at_s <= now.hi_s
    )
    ended = order.ends_s is not None and order.ends_s < now.lo_s
    return not (stopped or ended or order.elsewhere or order.verdict in ("rejected", "queried"))


def _complete(chart: Chart, known: KnownOrder, due_s: int) -> bool:
    """Whether all of a dose that was begun is removed: 50 of 75 micrograms are not."""
    ask = Ask(
        ward=chart.ward,
        now=chart.now,
        actor="",
        patient=chart.asked_for,
        order=known.order.order,
        due_s=due_s,
        shared=chart,
    )
    return ask.complete


def _waiting(known: KnownOrder, now: Instant) -> list[int]:
    if is_as_required(known):
        return []
    if is_one_off(known):
        due_s = one_off_due_s(known)
        window = window_at(known, due_s)
        waits = window is None or window.opens_s <= now.lo_s <= window.closes_s
        return [due_s] if waits else []
    return [w.due_s for w in known.windows if w.opens_s <= now.lo_s <= w.closes_s]


# --- beds ------------------------------------------------------------------------------------


def bed_order(bed: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key of a bed as people count: 2 before 10, 3A before 3B; no bed comes last."""
    if not bed:
        return ((2, 0, ""),)
    return tuple(
        (0, int(text), "") if digits else (1, 0, text)
        for digits, group in groupby(bed.upper(), key=lambda c: c.isascii() and c.isdigit())
        for text in ("".join(group)[:18],)
    )


def _place(record: Patient) -> tuple[tuple[tuple[int, int, str], ...], str, str, str]:
    return (bed_order(record.bed), record.family, record.given, record.patient)


# --- names -----------------------------------------------------------------------------------


def names_alike(one: str, other: str) -> bool:
    """Whether two family names are so alike that the patients could be mixed up."""
    return any_alike(one, (other,))


def any_alike(name: str, others: Iterable[str]) -> bool:
    """Whether one of the other family names is so alike that the patients could be mixed up."""
    mine = _parts(name)
    return any(_close(a, b) for other in others for b in _parts(other) for a in mine)


def _alike(names: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    parts = [(patient, _parts(family)) for patient, family in names]
    found: dict[str, list[str]] = {}
    for at, (one, mine) in enumerate(parts):
        for other, theirs in parts[at + 1 :]:
            if any(_close(a, b) for a in mine for b in theirs):
                found.setdefault(one, []).append(other)
                found.setdefault(other, []).append(one)
    place = {patient: at for at, (patient, _) in enumerate(names)}
    return {one: tuple(sorted(others, key=place.__getitem__)) for one, others in found.items()}


def _parts(family: str) -> tuple[tuple[str, str], ...]:
    """The name and the parts of a double name: (letters, Soundex), all in lower case."""
    whole = family.casefold()
    if whole.isalpha():  # one word of letters, as most names are
        return ((whole, soundex(whole)),)
    apart = whole.replace("-", " ").split()
    words = dict.fromkeys(
        "".join(c for c in word if c.isalpha()) for word in ("".join(apart), *apart)
    )
    # A short part ("de", "al", "o") stands in many names and tells nothing.
    return tuple(
        (word, soundex(word))
        for at, word in enumerate(words)
        if word and (at == 0 or len(word) >= LETTERS_MIN)
    )


def _close(one: tuple[str, str], other: tuple[str, str]) -> bool:
    if one[0] == other[0]:
        return True
    if min(len(one[0]), len(other[0])) < LETTERS_MIN:
        return False
    return (one[1] != "" and one[1] == other[1]) or one_slip(one[0], other[0])


def one_slip(one: str, other: str) -> bool:
    """Whether one letter added, dropped, changed or swapped with its neighbour makes the other."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = 0
    while at < len(one) and one[at] == other[at]:
        at += 1
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    if one[at + 1 :] == other[at + 1 :]:
        return True
    swapped = one[at : at + 2] == other[at : at + 2][::-1]
    return swapped and one[at + 2 :] == other[at + 2 :]


_SOUNDS = {
    **dict.fromkeys("bfpv", "1"),
    **dict.fromkeys("cgjkqsxz", "2"),
    **dict.fromkeys("dt", "3"),
    "l": "4",
    **dict.fromkeys("mn", "5"),
    "r": "6",
}


def soundex(word: str) -> str:
    """The American Soundex code of a lower-case word; empty when it does not begin with a-z."""
    if not word or not ("a" <= word[0] <= "z"):
        return ""
    code = word[0]
    last = _SOUNDS.get(word[0], "")
    for letter in word[1:]:
        sound = _SOUNDS.get(letter, "")
        if sound and sound != last:
            code += sound
        if letter not in "hw":
            last = sound
    return (code + "000")[:4]
