"""Patients come, move, go, and are forgotten (RULES 3)."""

import msgspec
import pytest
from sqlalchemy import select

from cabinet.wire.file import read_batch
from pharmacy.db import BodyRow, Hl7MessageRow, PatientIdentifierRow, PatientRow
from pharmacy.services import ServiceError
from statemachine.ward.house import DirectivesApplied
from statemachine.ward.patients import Allergy, Patient, PatientMerge

SMITH = Patient(
    patient="p1", family="SMITH", given="John", title="Mr", born="1945-07-14", gender="male",
    nhs="9434765919", mrn="H1", ward="7", bed="3",
)  # fmt: skip
JONES = Patient(patient="p2", family="JONES", given="Ann", nhs="9876543210", ward="7", bed="4")
H = 3600


def told(cabinet):
    return [e for e in cabinet.directives() if isinstance(e, Patient | PatientMerge)]


def replaced(record, **changes):
    return msgspec.structs.replace(record, **changes)


def test_an_admission_reaches_every_cabinet_and_a_repetition_does_not(pharmacy, cabinet_of):
    cabinets = [cabinet_of(pharmacy, cab) for cab in ("A", "B")]
    for _ in range(2):
        assert pharmacy.services.admit(SMITH) == "p1"
    assert [told(cabinet) for cabinet in cabinets] == [[SMITH], [SMITH]]


def test_a_patient_without_an_id_gets_one_that_says_nothing(pharmacy):
    made = pharmacy.services.admit(replaced(SMITH, patient=""))
    assert made.startswith("p")
    assert len(made) == 21


def test_a_transfer_a_leave_and_a_discharge_are_each_one_line(pharmacy, cabinet_of, clock):
    cabinet = cabinet_of(pharmacy)
    services = pharmacy.services
    services.admit(SMITH)
    services.transfer("p1", "8", "1")
    services.leave("p1", away=True)
    services.leave("p1", away=False)
    services.discharge("p1")
    moved = replaced(SMITH, ward="8", bed="1")
    now_s = clock.now_s()
    assert told(cabinet) == [
        SMITH,
        moved,
        replaced(moved, status="on leave"),
        moved,
        replaced(moved, status="discharged", discharged_s=now_s, until_s=now_s + 2 * H),
    ]


def test_a_cancelled_movement_puts_the_patient_back(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    services = pharmacy.services
    services.admit(SMITH)
    services.transfer("p1", "8", "1")
    services.cancel_movement("p1")
    services.discharge("p1")
    services.cancel_movement("p1")
    assert told(cabinet)[2] == SMITH
    assert told(cabinet)[4] == SMITH


def test_a_cancelled_admission_with_nothing_before_it_ends_the_stay(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    pharmacy.services.admit(SMITH)
    pharmacy.services.cancel_movement("p1")
    assert told(cabinet)[-1].status == "cancelled"


def test_allergies_recorded_none_known_and_not_recorded_are_three_things(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    services = pharmacy.services
    services.admit(SMITH)
    penicillin = (Allergy(ingredient="penicillin", kind="anaphylaxis"),)
    services.set_allergies("p1", penicillin)
    services.set_allergies("p1", ())
    services.set_allergies("p1", None)
    said = [(p.allergies_recorded, p.allergies) for p in told(cabinet)]
    assert said == [(False, ()), (True, penicillin), (True, ()), (False, ())]


def test_a_merged_patient_lives_on_as_the_other(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    services = pharmacy.services
    services.admit(SMITH)
    services.admit(JONES)
    services.merge("p1", "p2")
    services.merge("p1", "p2")
    services.transfer("p2", "9", "")
    assert told(cabinet)[2:] == [
        PatientMerge(patient="p1", merged="p2"),
        replaced(SMITH, ward="9", bed=""),
    ]


@pytest.mark.parametrize(
    "patient",
    [
        replaced(SMITH, family="S" * 251),
        replaced(SMITH, patient=" p1"),
        replaced(SMITH, patient="p" * 129),
        replaced(SMITH, patient="p\u202e1"),
    ],
)
def test_T23_a_name_too_long_or_an_id_unseen_is_refused_whole(pharmacy, cabinet_of, patient):
    cabinet = cabinet_of(pharmacy)
    with pytest.raises(ServiceError):
        pharmacy.services.admit(patient)
    assert told(cabinet) == []


def test_T23_characters_that_turn_or_hide_text_are_taken_out_of_names(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    pharmacy.services.admit(replaced(SMITH, family="SM\u202eIT\x07H\n", given="Jo\u200bhn"))
    assert [(p.family, p.given) for p in told(cabinet)] == [("SMITH", "John")]


def test_names_are_forgotten_72_h_after_discharge_and_both_logs_still_verify(
    pharmacy, cabinet_of, clock
):
    cabinet = cabinet_of(pharmacy)
    services = pharmacy.services
    services.admit(SMITH)
    services.admit(JONES)
    services.receive_hl7(ADT, "test")
    services.discharge("p1")
    cabinet.applied = len(cabinet.directives())
    cabinet.send(DirectivesApplied(to=(1, cabinet.applied)))
    clock.advance(72 * H - 1)
    pharmacy.tick()
    assert _patient(pharmacy, "p1").family == "SMITH"
    clock.advance(1)
    pharmacy.tick()
    row = _patient(pharmacy, "p1")
    assert (row.family, row.given, row.born, row.nhs, row.mrn) == ("", "", "", "", "")
    assert row.forgotten_s == clock.now_s()
    assert _patient(pharmacy, "p2").family == "JONES"
    with pharmacy.office.read() as session:
        kept = session.scalars(select(BodyRow.record).where(BodyRow.patient == "p1")).all()
        numbers = session.scalars(select(PatientIdentifierRow.patient)).all()
        raw = session.scalars(select(Hl7MessageRow.raw)).all()
    assert kept == [None, None]
    assert "p1" not in numbers
    assert raw == [b""]
    with pharmacy.office.read() as session:
        everything = b"".join(
            record for record in session.scalars(select(BodyRow.record)) if record
        )
    batch = pharmacy.services.dn_after("A", 0)
    forgotten = [d for d in _bodies_named(batch) if d not in read_batch(batch).bodies]
    assert len(forgotten) == 2
    assert b"SMITH" not in everything


def test_F22_a_cabinet_that_was_away_still_gets_the_body_and_then_it_is_forgotten(
    pharmacy, cabinet_of, clock
):
    cabinet = cabinet_of(pharmacy)
    pharmacy.services.admit(SMITH)
    pharmacy.services.discharge("p1")
    clock.advance(73 * H)
    pharmacy.tick()
    assert _patient(pharmacy, "p1").family == ""
    assert [p.family for p in told(cabinet)] == ["SMITH", "SMITH"]
    cabinet.applied = len(cabinet.directives())
    cabinet.send(DirectivesApplied(to=(1, cabinet.applied)))
    pharmacy.tick()
    with pharmacy.office.read() as session:
        kept = session.scalars(select(BodyRow.record).where(BodyRow.patient == "p1")).all()
    assert kept == [None, None]


def test_a_patient_forgotten_and_back_is_known_again(pharmacy, cabinet_of, clock):
    cabinet = cabinet_of(pharmacy)
    pharmacy.services.admit(SMITH)
    pharmacy.services.discharge("p1")
    cabinet.send(DirectivesApplied(to=(1, len(cabinet.directives()))))
    clock.advance(73 * H)
    pharmacy.tick()
    assert pharmacy.services.admit(SMITH) == "p1"
    assert _patient(pharmacy, "p1").family == "SMITH"


def test_a_service_about_nobody_is_refused(pharmacy):
    for ask in (
        lambda: pharmacy.services.transfer("p9", "7"),
        lambda: pharmacy.services.discharge("p9"),
        lambda: pharmacy.services.merge("p9", "p8"),
        lambda: pharmacy.services.set_allergies("p9", None),
    ):
        with pytest.raises(ServiceError):
            ask()


ADT = (
    b"MSH|^~\\&|PAS|RXH|PH|RXH|20261123080000||ADT^A08|77|P|2.4\r"
    b"EVN|A08|20261123080000\r"
    b"PID|1||H1^^^RXH^MR~9434765919^^^NHS^NH||SMITH^John^^^Mr||19450714|M\r"
    b"PV1|1|I|7^^3\r"
)


def _patient(pharmacy, patient):
    with pharmacy.office.read() as session:
        return session.get_one(PatientRow, patient)


def _bodies_named(batch):
    from cabinet.wire.line import open_line

    return [open_line(raw).payload.body for raw in read_batch(batch).lines]
