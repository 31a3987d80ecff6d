"""Patients: admit, move, discharge, take back, merge, forget.

The newest word replaces the one before, and every cabinet hears it. A movement keeps what was
before it, so that its cancellation can put that back. Names leave 72 h after discharge: the rows
are blanked, the bodies of the directives erased, the raw messages emptied, and the signed lines
stay as they are (RULES 3, T8).
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import delete, select, update

from pharmacy.clock import new_id
from pharmacy.db import (
    AttentionRow,
    BodyRow,
    CabinetRow,
    DnLineRow,
    Hl7MessageRow,
    OrderRow,
    PatientIdentifierRow,
    PatientRow,
)
from pharmacy.services.inputs import ServiceError
from pharmacy.services.office import Office, Unit
from pharmacy.services.text import clean_struct, ident
from statemachine.ward.patients import Allergy, Patient, PatientMerge

VISIBLE_AFTER_DISCHARGE_S = 2 * 3600
VISIBLE_AFTER_OUTPATIENT_S = 8 * 3600
"""How long a name stays listed after discharge (RULES 3; site settings of the same names)."""
FORGET_AFTER_S = 72 * 3600
MESSAGE_KEPT_S = 30 * 24 * 3600
"""How long a message is kept that belongs to nobody known and that nobody needs to look at."""
_FORGET_AT_ONCE = 200

_FIELDS = (
    "family",
    "given",
    "title",
    "born",
    "gender",
    "nhs",
    "mrn",
    "ward",
    "bed",
    "status",
    "discharged_s",
    "expected_s",
    "until_s",
    "allergies_recorded",
)


class Before(msgspec.Struct, frozen=True):
    """Where a patient was before the last movement."""

    status: str
    ward: str
    bed: str
    discharged_s: int | None
    until_s: int | None


def put(office: Office, patient: Patient) -> str:
    """Admit or update; see `Services.admit`."""
    return office.run(lambda unit: put_patient(unit, patient))


def transfer(office: Office, patient: str, ward: str, bed: str) -> None:
    """Move a patient; see `Services.transfer`."""

    def work(unit: Unit) -> None:
        known = record(unit, patient)
        put_patient(unit, msgspec.structs.replace(known, ward=ward, bed=bed))

    office.run(work)


def discharge(office: Office, patient: str, at_s: int | None) -> None:
    """Discharge a patient; see `Services.discharge`."""
    office.run(lambda unit: discharge_patient(unit, patient, at_s))


def cancel(office: Office, patient: str) -> None:
    """Take back the last movement; see `Services.cancel_movement`."""
    office.run(lambda unit: cancel_movement(unit, patient))


def leave(office: Office, patient: str, *, away: bool) -> None:
    """On leave, or back; see `Services.leave`."""

    def work(unit: Unit) -> None:
        known = record(unit, patient)
        status = "on leave" if away else "admitted"
        put_patient(unit, msgspec.structs.replace(known, status=status))

    office.run(work)


def merge(office: Office, patient: str, merged: str) -> None:
    """Two records are one; see `Services.merge`."""
    office.run(lambda unit: merge_patients(unit, patient, merged))


def set_allergies(office: Office, patient: str, allergies: Sequence[Allergy] | None) -> None:
    """Record allergies; see `Services.set_allergies`."""

    def work(unit: Unit) -> None:
        known = record(unit, patient)
        put_patient(
            unit,
            msgspec.structs.replace(
                known, allergies_recorded=allergies is not None, allergies=tuple(allergies or ())
            ),
        )

    office.run(work)


def put_patient(unit: Unit, patient: Patient) -> str:
    """Write a patient and tell the cabinets; the same again sends nothing."""
    known = ident(patient.patient or new_id(unit.office.clock, "p"), "The patient's id")
    patient = clean_struct(msgspec.structs.replace(patient, patient=known), "The patient")
    row = unit.session.get(PatientRow, patient.patient)
    if row is None:
        row = PatientRow(patient=patient.patient, updated_s=unit.now_s, before="", allergies="[]")
        unit.session.add(row)
    elif as_record(row) == patient and row.forgotten_s is None:
        return patient.patient
    elif (row.status, row.ward, row.bed) != (patient.status, patient.ward, patient.bed):
        row.before = _before(row)
    for name in _FIELDS:
        setattr(row, name, getattr(patient, name))
    row.allergies = msgspec.json.encode(patient.allergies).decode()
    row.updated_s = unit.now_s
    row.forgotten_s = row.erased_s = None
    unit.session.flush()
    _put_identifiers(unit, patient)
    unit.direct(patient, patient=patient.patient)
    unit.touch("patients")
    return patient.patient


def discharge_patient(
    unit: Unit, patient: str, at_s: int | None = None, *, outpatient: bool = False
) -> None:
    """Discharge; the name stays listed for the site's time."""
    known = record(unit, patient)
    at_s = unit.now_s if at_s is None else at_s
    visible_s = VISIBLE_AFTER_OUTPATIENT_S if outpatient else VISIBLE_AFTER_DISCHARGE_S
    put_patient(
        unit,
        msgspec.structs.replace(
            known, status="discharged", discharged_s=at_s, until_s=at_s + visible_s
        ),
    )


def cancel_movement(unit: Unit, patient: str) -> None:
    """Put back what was before the last movement; with nothing before it, cancel the stay."""
    known = record(unit, patient)
    earlier = before(unit, known.patient)
    if earlier is None:
        put_patient(unit, msgspec.structs.replace(known, status="cancelled"))
        return
    put_patient(unit, put_back(known, earlier))
    no_way_back(unit, known.patient)


def before(unit: Unit, patient: str) -> Before | None:
    """Return where a patient was before the last movement, None when it was the first."""
    row = unit.session.get(PatientRow, patient) if patient else None
    if row is None or not row.before:
        return None
    return msgspec.json.decode(row.before, type=Before)


def no_way_back(unit: Unit, patient: str) -> None:
    """Forget what was before the last movement: it has been taken back."""
    unit.session.get_one(PatientRow, patient).before = ""


def put_back(known: Patient, earlier: Before) -> Patient:
    """Return a patient where they were before."""
    return msgspec.convert({**_dict(known), **_dict(earlier)}, Patient)


def merge_patients(unit: Unit, patient: str, merged: str) -> None:
    """`merged` lives on as `patient`: its numbers and orders move over."""
    stays, goes = record(unit, patient).patient, record(unit, merged).patient
    if stays == goes:
        return
    session = unit.session
    session.execute(
        update(PatientIdentifierRow)
        .where(PatientIdentifierRow.patient == goes)
        .values(patient=stays)
    )
    session.execute(update(OrderRow).where(OrderRow.patient == goes).values(patient=stays))
    session.execute(
        update(PatientRow)
        .where((PatientRow.patient == goes) | (PatientRow.merged_into == goes))
        .values(merged_into=stays)
    )
    unit.direct(PatientMerge(patient=stays, merged=goes))
    unit.touch("patients", "orders")


def survivor(unit: Unit, patient: str) -> str:
    """Return the id a patient lives on as.

    Raises:
        ServiceError: nobody of this id is known.
    """
    row = unit.session.get(PatientRow, patient)
    if row is None:
        raise ServiceError("No patient of this id is known here. Nothing was changed.")
    return row.merged_into or row.patient


def record(unit: Unit, patient: str) -> Patient:
    """Return the latest word on a patient (on whom they were merged into).

    Raises:
        ServiceError: nobody of this id is known.
    """
    return as_record(unit.session.get_one(PatientRow, survivor(unit, patient)))


def as_record(row: PatientRow) -> Patient:
    """Return the directive of a patient's row."""
    return msgspec.convert(
        {
            "patient": row.patient,
            "allergies": msgspec.json.decode(row.allergies or "[]"),
            **{name: getattr(row, name) for name in _FIELDS},
        },
        Patient,
    )


def find(unit: Unit, identifiers: Sequence[tuple[str, str]]) -> list[str]:
    """Return the patients these (system, value) numbers belong to, each once, in their order."""
    found: dict[str, None] = {}
    for system, value in identifiers:
        row = unit.session.get(PatientIdentifierRow, (system, value))
        if row is not None:
            found[survivor(unit, row.patient)] = None
    return list(found)


def put_identifier(unit: Unit, system: str, value: str, patient: str) -> None:
    """Say that a number belongs to a patient; one number has one holder, the newest."""
    row = unit.session.get(PatientIdentifierRow, (system, value))
    if row is None:
        unit.session.add(PatientIdentifierRow(system=system, value=value, patient=patient))
        unit.session.flush()
    elif row.patient != patient:
        row.patient = patient


def forget_due(unit: Unit) -> int:
    """Forget the names of those discharged 72 h ago; returns of how many."""
    due = unit.session.scalars(
        select(PatientRow.patient)
        .where(
            PatientRow.forgotten_s.is_(None),
            PatientRow.merged_into.is_(None),
            PatientRow.status.in_(("discharged", "cancelled")),
            (
                (PatientRow.discharged_s <= unit.now_s - FORGET_AFTER_S)
                | (
                    PatientRow.discharged_s.is_(None)
                    & (PatientRow.updated_s <= unit.now_s - FORGET_AFTER_S)
                )
            ),
        )
        .order_by(PatientRow.patient)
        .limit(_FORGET_AT_ONCE)
    ).all()
    for patient in due:
        forget(unit, patient)
    erase_bodies(unit)
    return len(due)


def forget(unit: Unit, patient: str) -> None:
    """Forget one patient's names here, with those merged into them; every line stays."""
    session = unit.session
    also = session.scalars(select(PatientRow.patient).where(PatientRow.merged_into == patient))
    ids = [patient, *also.all()]
    session.execute(
        update(PatientRow)
        .where(PatientRow.patient.in_(ids))
        .values(
            family="",
            given="",
            title="",
            born="",
            gender="unknown",
            nhs="",
            mrn="",
            bed="",
            forgotten_s=unit.now_s,
        )
    )
    session.execute(delete(PatientIdentifierRow).where(PatientIdentifierRow.patient.in_(ids)))
    session.execute(
        update(Hl7MessageRow).where(Hl7MessageRow.patient.in_(ids)).values(raw=b"", ack=None)
    )
    unit.touch("patients", "messages")


def erase_bodies(unit: Unit) -> int:
    """Erase the bodies that hold forgotten names; returns how many.

    A body that a cabinet has not applied yet is kept until it has: without it the cabinet could
    take neither that line nor any after it. Nobody but the cabinet is shown it.
    """
    session = unit.session
    waiting = session.scalars(
        select(PatientRow)
        .where(PatientRow.forgotten_s.is_not(None), PatientRow.erased_s.is_(None))
        .order_by(PatientRow.patient)
        .limit(_FORGET_AT_ONCE)
    ).all()
    late = (
        select(DnLineRow.seq)
        .join(CabinetRow, CabinetRow.cab == DnLineRow.cab)
        .where(
            DnLineRow.body == BodyRow.digest,
            DnLineRow.ep == CabinetRow.ep,
            DnLineRow.seq > CabinetRow.applied_seq,
        )
        .exists()
    )
    erased = 0
    for row in waiting:
        own = (BodyRow.patient == row.patient, BodyRow.record.is_not(None))
        erased += len(
            session.execute(
                update(BodyRow)
                .where(*own, ~late)
                .values(record=None, forgotten_s=unit.now_s)
                .returning(BodyRow.digest)
            ).all()
        )
        if session.scalars(select(BodyRow.digest).where(*own).limit(1)).first() is None:
            row.erased_s = unit.now_s
    return erased


def forget_messages(unit: Unit) -> None:
    """Empty messages that belong to nobody known once they are old and nobody waits for them."""
    wanted = (
        select(AttentionRow.id)
        .where(AttentionRow.message == Hl7MessageRow.id, AttentionRow.closed_s.is_(None))
        .exists()
    )
    unit.session.execute(
        update(Hl7MessageRow)
        .where(
            Hl7MessageRow.patient.is_(None),
            Hl7MessageRow.received_s <= unit.now_s - MESSAGE_KEPT_S,
            Hl7MessageRow.raw != b"",
            ~wanted,
        )
        .values(raw=b"", ack=None)
        .execution_options(synchronize_session=False)
    )


def _put_identifiers(unit: Unit, patient: Patient) -> None:
    for system, value in (("nhs", patient.nhs), ("mrn", patient.mrn)):
        if value:
            put_identifier(unit, system, value, patient.patient)


def _before(row: PatientRow) -> str:
    before = Before(row.status, row.ward, row.bed, row.discharged_s, row.until_s)
    return msgspec.json.encode(before).decode()


def _dict(struct: msgspec.Struct) -> dict[str, object]:
    return msgspec.structs.asdict(struct)
