"""ADT messages applied: the newest word on who is where.

A message about somebody unknown makes the patient: feeds start in the middle, and an update is
often the first thing heard. What a message does not say stays as it is; what it says to delete is
emptied. An event the table does not apply (`pending`) changes nothing and is in the message list.
"""

from collections.abc import Callable

from msgspec.structs import replace

from pharmacy.hl7.facts import MessageFacts, PatientFacts, VisitFacts
from pharmacy.services import patients
from pharmacy.services.feed_parts import HeldError, find, remember, strong_keys, updated
from pharmacy.services.office import Unit
from pharmacy.services.text import clean
from statemachine.ward.patients import Allergy, Patient, PatientStatus

ALLERGIES_MAX = 50
_OUTPATIENT = {"O", "E", "R"}
_NOTHING = {"pending", "alive"}


def apply(unit: Unit, facts: MessageFacts) -> str | None:
    """Apply an ADT message; returns the patient it is about.

    Raises:
        HeldError: only a person can decide it.
    """
    if facts.kind in _NOTHING or facts.patient is None:
        return None
    if facts.kind == "merge":
        return _merge(unit, facts)
    return person(unit, facts, facts.patient, _MOVES.get(facts.kind, unmoved))


def person(
    unit: Unit,
    facts: MessageFacts,
    who: PatientFacts,
    move: Callable[[Unit, MessageFacts, Patient], Patient],
) -> str:
    """Find or make the patient, write what the message says, and return the id."""
    known = find(unit, who)
    record = updated(unit, known, who)
    if known is None:
        record = _placed(replace(record, status=_first_status(facts)), facts.visit)
    record = _allergies(move(unit, facts, record), facts)
    patient = patients.put_patient(unit, record)
    if facts.kind.startswith("cancel"):
        # What was taken back is gone: taking back once more means the movement before that.
        patients.no_way_back(unit, patient)
    remember(unit, patient, who)
    return patient


def unmoved(_unit: Unit, _facts: MessageFacts, record: Patient) -> Patient:
    """Leave a patient where they are: messages that are not about movements."""
    return record


def _first_status(facts: MessageFacts) -> PatientStatus:
    """Return the status of somebody first heard of by this message."""
    visit = facts.visit
    if facts.kind in {"orders", "given", "dispensed"}:
        return "admitted"
    if visit is None or not visit.ward or visit.patient_class == "P":
        return "expected"
    return "admitted"


def _placed(record: Patient, visit: VisitFacts | None) -> Patient:
    if visit is None or not visit.ward:
        return record
    bed = " ".join(part for part in (clean(visit.room), clean(visit.bed)) if part)
    return replace(record, ward=clean(visit.ward), bed=bed)


def _admitted(_unit: Unit, facts: MessageFacts, record: Patient) -> Patient:
    record = replace(record, status="admitted", discharged_s=None, until_s=None, expected_s=None)
    return _placed(record, facts.visit)


def _expected(_unit: Unit, facts: MessageFacts, record: Patient) -> Patient:
    if record.status in {"admitted", "on leave"}:
        return record
    at = facts.visit.expected if facts.visit else None
    record = replace(record, status="expected", discharged_s=None, until_s=None)
    return _placed(replace(record, expected_s=at.at_s if at else None), facts.visit)


def _discharged(unit: Unit, facts: MessageFacts, record: Patient) -> Patient:
    visit = facts.visit
    said = (visit.discharged if visit else None) or facts.header.occurred
    # A clock that runs ahead at the sender must not keep a name on the list for longer.
    at_s = min(said.at_s, unit.now_s) if said else unit.now_s
    visible_s = patients.VISIBLE_AFTER_DISCHARGE_S
    if visit is not None and visit.patient_class in _OUTPATIENT:
        visible_s = patients.VISIBLE_AFTER_OUTPATIENT_S
    return replace(record, status="discharged", discharged_s=at_s, until_s=at_s + visible_s)


def _admission_cancelled(unit: Unit, _facts: MessageFacts, record: Patient) -> Patient:
    before = patients.before(unit, record.patient)
    if before is not None and before.status in {"expected", "discharged"}:
        return patients.put_back(record, before)
    return replace(record, status="cancelled")


def _transfer_cancelled(unit: Unit, facts: MessageFacts, record: Patient) -> Patient:
    """The message says where the patient is now; where it does not, they are where they were."""
    if facts.visit is not None and facts.visit.ward:
        return _placed(record, facts.visit)
    before = patients.before(unit, record.patient)
    return record if before is None else patients.put_back(record, before)


def _away(_unit: Unit, _facts: MessageFacts, record: Patient) -> Patient:
    return replace(record, status="on leave")


def _back(_unit: Unit, _facts: MessageFacts, record: Patient) -> Patient:
    return replace(record, status="admitted")


def _updated(unit: Unit, facts: MessageFacts, record: Patient) -> Patient:
    """An update may say a new bed of the same stay; it moves nobody who is not in."""
    if record.status in {"admitted", "on leave", "expected"}:
        return _placed(record, facts.visit)
    return unmoved(unit, facts, record)


_MOVES: dict[str, Callable[[Unit, MessageFacts, Patient], Patient]] = {
    "admit": _admitted,
    "register": _admitted,
    "change to in-patient": _admitted,
    "transfer": _admitted,
    "pre-admit": _expected,
    "discharge": _discharged,
    "cancel admit": _admission_cancelled,
    "cancel pre-admit": _admission_cancelled,
    "cancel transfer": _transfer_cancelled,
    "cancel discharge": _admitted,
    "leave": _away,
    "cancel return": _away,
    "return from leave": _back,
    "cancel leave": _back,
    "update": _updated,
    "change to out-patient": _updated,
}


def _merge(unit: Unit, facts: MessageFacts) -> str | None:
    """Merge patients; a merge of visits or accounts of one patient changes nothing here."""
    stays: str | None = None
    for merge in facts.merges:
        if merge.what != "patient":
            continue
        stays = person(unit, facts, merge.into, unmoved)
        gone = patients.find(unit, strong_keys(merge.gone))
        if not gone:
            gone = [
                one
                for number in merge.gone
                for one in patients.find(unit, [("mrn", clean(number.value))])
            ]
        for one in dict.fromkeys(gone):
            patients.merge_patients(unit, stays, one)
        # Whoever still sends the old number means the one that stays.
        for system, value in strong_keys(merge.gone):
            patients.put_identifier(unit, system, value, stays)
    return stays


def _allergies(record: Patient, facts: MessageFacts) -> Patient:
    """Write allergies where the message speaks of them: AL1 says all, IAM says changes."""
    if not facts.allergies_said:
        return record
    if any(one.none_known for one in facts.allergies):
        return replace(record, allergies_recorded=True, allergies=())
    changes = any(one.action != "add" for one in facts.allergies)
    kept = {one.ingredient: one for one in record.allergies} if changes else {}
    for said in facts.allergies[:ALLERGIES_MAX]:
        name = clean(said.substance.words).lower()[:250]
        if not name:
            raise HeldError("An allergy does not say to what. Ask the ward, and record it.")
        if said.action == "delete":
            kept.pop(name, None)
        else:
            kept[name] = Allergy(ingredient=name, kind=said.adverse)
    return replace(
        record, allergies_recorded=True, allergies=tuple(kept[name] for name in sorted(kept))
    )
