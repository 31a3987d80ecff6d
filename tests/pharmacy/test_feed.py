"""HL7 from bytes to rows and directives: stored first, applied once, nothing dropped in silence."""

import pytest
from sqlalchemy import select

from pharmacy.db import AttentionRow, Hl7MessageRow
from pharmacy.services import DrugCode, Frequency, ServiceError, feed
from statemachine.ward.entry import Decimal10
from statemachine.ward.house import Heartbeat
from statemachine.ward.orders import Administration, Order, OrderStop
from statemachine.ward.patients import Allergy, Patient, PatientMerge
from statemachine.ward.stock import Product

PID = "PID|1||H1^^^RXH^MR~9434765919^^^NHS^NH||SMITH^John^^^Mr||19450714|M"
OTHER = "PID|1||H2^^^RXH^MR||JONES^Ann||19500202|F"


def message(kind, *segments, control="1", sender="PAS"):
    first = f"MSH|^~\\&|{sender}|RXH|PH|RXH|20261123080000||{kind}|{control}|P|2.5"
    return ("\r".join([first, *segments]) + "\r").encode()


def adt(event, *segments, control="1", pid=PID):
    evn = f"EVN|{event}|20261123080000"
    return message(f"ADT^{event}", evn, pid, *segments, control=control)


def pv1(ward="7", bed="3", kind="I"):
    return f"PV1|1|{kind}|{ward}^^{bed}"


def rde(order="77", *, control="o1", do="NW", code="PARA500^Paracetamol 500mg tablets^EPMA",
        dose="1|g", pid=PID, frequency="TDS"):  # fmt: skip
    return message(
        "RDE^O11^RDE_O11", pid, f"ORC|{do}|{order}^EPMA", f"TQ1|1||{frequency}",
        f"RXE|^^^|{code}|{dose.split('|')[0]}||{dose.split('|')[1]}", "RXR|PO^By mouth",
        control=control, sender="EPMA",
    )  # fmt: skip


def send(pharmacy, raw):
    """Send a message and return MSA-1 of the answer."""
    ack = pharmacy.services.receive_hl7(raw, "mllp:test")
    msa = next(line for line in ack.split(b"\r") if line.startswith(b"MSA"))
    return msa.split(b"|")[1].decode()


def told(cabinet, *kinds):
    return [entry for entry in cabinet.directives() if isinstance(entry, kinds)]


def stored(pharmacy):
    with pharmacy.office.read() as session:
        return [(row.kind, row.status) for row in session.scalars(
            select(Hl7MessageRow).order_by(Hl7MessageRow.id))]  # fmt: skip


def waiting(pharmacy, *kinds):
    with pharmacy.office.read() as session:
        return list(session.scalars(
            select(AttentionRow.key).where(AttentionRow.closed_s.is_(None),
            AttentionRow.kind.in_(kinds)).order_by(AttentionRow.id)))  # fmt: skip


@pytest.fixture
def cabinet(pharmacy, cabinet_of):
    return cabinet_of(pharmacy)


def fill(pharmacy):
    pharmacy.services.put_product(
        Product(
            product="para",
            generic="paracetamol",
            unit="tablet",
            per_unit=Decimal10(n=500, unit="mg"),
        )
    )
    pharmacy.services.map_drug(DrugCode(system="EPMA", code="PARA500"), "para", "pat")
    pharmacy.services.map_frequency("TDS", Frequency(kind="times", times=("08:00",)), "pat")


def test_an_admission_by_hl7_reaches_the_cabinet(pharmacy, cabinet):
    assert send(pharmacy, adt("A01", pv1())) == "AA"
    [patient] = told(cabinet, Patient)
    assert (patient.family, patient.given, patient.title) == ("SMITH", "John", "Mr")
    assert (patient.born, patient.gender, patient.nhs) == ("1945-07-14", "male", "9434765919")
    assert (patient.mrn, patient.ward, patient.bed, patient.status) == ("H1", "7", "3", "admitted")
    assert patient.allergies_recorded is False
    assert stored(pharmacy) == [("ADT^A01", "applied")]


def test_the_same_message_again_gets_the_same_answer_and_has_no_effect(pharmacy, cabinet):
    raw = adt("A01", pv1())
    first = pharmacy.services.receive_hl7(raw, "mllp:a")
    pharmacy.services.transfer(told(cabinet, Patient)[0].patient, "8")
    assert pharmacy.services.receive_hl7(raw, "mllp:b") == first
    assert [p.ward for p in told(cabinet, Patient)] == ["7", "8"]
    assert stored(pharmacy) == [("ADT^A01", "applied"), ("ADT^A01", "duplicate")]


def test_one_number_on_two_messages_applies_both_and_tells_a_person(pharmacy, cabinet):
    send(pharmacy, adt("A01", pv1()))
    send(pharmacy, adt("A02", pv1("8", "1")))
    assert [p.ward for p in told(cabinet, Patient)] == ["7", "8"]
    assert waiting(pharmacy, "message") == ["control:PAS:1"]


def test_a_stay_from_expected_to_discharged_and_taken_back(pharmacy, cabinet, clock):
    for number, (event, place) in enumerate(
        [
            ("A05", pv1(kind="P")),
            ("A01", pv1()),
            ("A21", pv1()),
            ("A22", pv1()),
            ("A02", pv1("8", "1")),
            ("A12", pv1()),
            ("A03", pv1()),
            ("A13", pv1()),
            ("A11", pv1()),
        ]
    ):
        assert send(pharmacy, adt(event, place, control=str(number))) == "AA"
    said = [(p.status, p.ward, p.bed, p.until_s) for p in told(cabinet, Patient)]
    at_s = clock.now_s()
    assert said == [
        ("expected", "7", "3", None),
        ("admitted", "7", "3", None),
        ("on leave", "7", "3", None),
        ("admitted", "7", "3", None),
        ("admitted", "8", "1", None),
        ("admitted", "7", "3", None),
        ("discharged", "7", "3", at_s + 7200),
        ("admitted", "7", "3", None),
        ("cancelled", "7", "3", None),
    ]


def test_allergies_come_with_the_admission_and_none_known_is_said(pharmacy, cabinet):
    send(pharmacy, adt("A01", pv1(), "AL1|1|DA|^Penicillin|SV|anaphylaxis"))
    send(pharmacy, adt("A08", pv1(), "AL1|1|DA|^NKDA", control="2"))
    first, second = told(cabinet, Patient)
    assert [a.ingredient for a in first.allergies] == ["penicillin"]
    assert isinstance(first.allergies[0], Allergy)
    assert (second.allergies_recorded, second.allergies) == (True, ())


def test_a_merge_moves_what_is_sent_under_the_old_number(pharmacy, cabinet):
    send(pharmacy, adt("A01", pv1()))
    twice = "PID|1||H2^^^RXH^MR||SMYTH^John||19450714|M"
    send(pharmacy, adt("A01", pv1(bed="4"), control="2", pid=twice))
    send(pharmacy, adt("A40", "MRG|H2^^^RXH^MR", control="3"))
    stays, goes = (p.patient for p in told(cabinet, Patient)[:2])
    assert told(cabinet, PatientMerge) == [PatientMerge(patient=stays, merged=goes)]
    fill(pharmacy)
    send(pharmacy, rde(pid=twice))
    assert [o.patient for o in told(cabinet, Order)] == [stays]


def test_an_nhs_number_alone_is_nobody(pharmacy, cabinet):
    send(pharmacy, adt("A01", pv1()))
    zoe = "PID|1||Z9^^^OTHER^MR~9434765919^^^NHS^NH||BROWN^Zoe||19991231|F"
    send(pharmacy, adt("A01", pv1(bed="9"), control="2", pid=zoe))
    first, second = told(cabinet, Patient)
    assert first.patient != second.patient
    assert (first.nhs, second.nhs) == ("9434765919", "")
    assert len(waiting(pharmacy, "patient")) == 1


def test_a_hospital_number_with_another_name_and_age_is_held_for_a_person(pharmacy, cabinet):
    send(pharmacy, adt("A01", pv1()))
    wrong = PID.replace("SMITH^John", "BROWN^Zoe").replace("19450714", "19991231")
    assert send(pharmacy, adt("A02", pv1("8"), control="2", pid=wrong)) == "AA"
    assert [p.family for p in told(cabinet, Patient)] == ["SMITH"]
    assert stored(pharmacy)[1] == ("ADT^A02", "waiting")
    assert len(waiting(pharmacy, "message")) == 1


def test_numbers_of_two_patients_are_never_chosen_between(pharmacy, cabinet):
    send(pharmacy, adt("A01", pv1()))
    send(pharmacy, adt("A01", pv1(), control="2", pid=OTHER))
    both = "PID|1||H1^^^RXH^MR~H2^^^RXH^PI||SMITH^John||19450714|M"
    send(pharmacy, adt("A02", pv1("9"), control="3", pid=both))
    assert [p.ward for p in told(cabinet, Patient)] == ["7", "7"]
    assert stored(pharmacy)[2][1] == "waiting"


def test_an_order_by_hl7_waits_for_the_tables_and_is_sent_when_they_are_filled(pharmacy, cabinet):
    send(pharmacy, adt("A01", pv1()))
    assert send(pharmacy, rde()) == "AA"
    assert told(cabinet, Order) == []
    assert waiting(pharmacy, "drug", "frequency") == ["drug:EPMA:PARA500", "frequency:TDS"]
    fill(pharmacy)
    [order] = told(cabinet, Order)
    assert (order.sets, order.kind, order.frequency) == (((("para", 2),),), "regular", "TDS")
    assert waiting(pharmacy, "drug", "frequency", "order") == []


def test_an_order_changed_held_released_and_stopped_by_its_number(pharmacy, cabinet):
    fill(pharmacy)
    send(pharmacy, adt("A01", pv1()))
    for number, (do, dose) in enumerate(
        [("NW", "1|g"), ("XO", "500|mg"), ("HD", "500|mg"), ("RL", "500|mg"), ("DC", "500|mg")]
    ):
        assert send(pharmacy, rde(do=do, dose=dose, control=f"c{number}")) == "AA"
    said = [
        entry.sets if isinstance(entry, Order) else entry.reason
        for entry in told(cabinet, Order, OrderStop)
    ]
    one, two = ((("para", 1),),), ((("para", 2),),)
    assert said == [two, one, "held by the prescriber", one, "stopped by the prescriber"]


def test_an_orders_number_of_another_patient_is_held(pharmacy, cabinet):
    fill(pharmacy)
    send(pharmacy, adt("A01", pv1()))
    send(pharmacy, adt("A01", pv1(), control="2", pid=OTHER))
    send(pharmacy, rde(control="c1"))
    send(pharmacy, rde(control="c2", pid=OTHER))
    assert len(told(cabinet, Order)) == 1
    assert stored(pharmacy)[3][1] == "waiting"


def test_an_order_for_somebody_unknown_makes_the_patient(pharmacy, cabinet):
    fill(pharmacy)
    send(pharmacy, rde())
    assert [p.family for p in told(cabinet, Patient)] == ["SMITH"]
    assert len(told(cabinet, Order)) == 1


def test_a_dose_given_closes_the_loop(pharmacy, cabinet, clock):
    fill(pharmacy)
    send(pharmacy, adt("A01", pv1()))
    send(pharmacy, rde())
    ras = message(
        "RAS^O17^RAS_O17", PID, "ORC|RE|77^EPMA",
        "RXA|0|1|20261123080500|20261123080500|PARA500^Paracetamol^EPMA|1||g||||||||||||CP",
        control="r1", sender="EPMA",
    )  # fmt: skip
    clock.advance(600)
    assert send(pharmacy, ras) == "AA"
    [given] = told(cabinet, Administration)
    [order] = told(cabinet, Order)
    assert (given.outcome, given.order, given.product) == ("given", order.order, "para")
    assert given.dose == f"{order.order}@{clock.now_s() - 600}"


def test_an_order_message_is_a_sign_of_life_of_the_epma_and_an_admission_is_not(
    pharmacy, cabinet, clock
):
    clock.advance(60)
    send(pharmacy, adt("A01", pv1()))
    pharmacy.tick()
    send(pharmacy, rde())
    clock.advance(60)
    pharmacy.tick()
    beats = [beat.epma_s for beat in told(cabinet, Heartbeat)]
    assert beats == [0, 0, clock.now_s() - 60]


def test_a_message_left_half_way_by_a_crash_is_taken_up_again(pharmacy, cabinet, clock):
    raw = adt("A01", pv1())

    def store(unit):
        feed._store(unit, raw, "mllp:test")

    pharmacy.office.run(store)
    assert feed.finish_left_over(pharmacy.office) == 0
    clock.advance(121)
    pharmacy.tick()
    assert [p.family for p in told(cabinet, Patient)] == ["SMITH"]
    assert stored(pharmacy) == [("ADT^A01", "applied")]


HOSTILE = [
    b"",
    b"\x00",
    b"MSH",
    b"MSH|^~\\&|",
    b"hello",
    b"\xff" * 1000,
    b"MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.4\r",
    b"MSH|^~\\&|A|B|C|D|2026||ZZZ^Z01|1|P|2.4\rPID|1\r",
    adt("A01", pv1())[:120],
    adt("A01", pv1()).replace(b"\r", b"\n"),
    adt("A01", pv1(), pid="PID|1||" + "9" * 5000 + "||" + "S" * 70000),
    adt("A01", pv1(), pid=PID.replace("SMITH", "S\u202eM\x07ITH")),
    adt("A01", pv1(), control="\x00\x1b[2J'; drop table patients; --"),
    adt("A01", pv1("W" * 300, "B" * 300)),
    rde(code="^^", dose="|"),
    rde(dose="1e999999999|mg"),
    rde(dose="99999999999999999999999999999999|mg"),
    rde(order="9" * 500),
    rde(frequency="Q" * 5000),
    rde(code="<script>alert(1)</script>^<b>x</b>^'\"", dose="-1|mg"),
    adt("A40", "MRG|H1^^^RXH^MR"),
    adt("A03", pv1()),
    message("RAS^O17", PID, "ORC|RE|1", "RXA|0|1|99999999999999||X^Y^Z|x"),
]


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_arrives_is_stored_answered_and_never_a_fault(pharmacy, cabinet, raw):
    ack = pharmacy.services.receive_hl7(raw, "mllp:test")
    assert ack.startswith(b"MSH|")
    assert b"\rMSA|" in ack
    with pharmacy.office.read() as session:
        [row] = session.scalars(select(Hl7MessageRow)).all()
    assert row.status in {"applied", "waiting", "refused"}
    assert row.ack == ack
    if row.status != "applied":
        assert waiting(pharmacy, "message")
    cabinet.directives()


def test_a_broken_frame_is_kept_and_a_person_is_told(pharmacy):
    assert feed.refuse_broken(pharmacy.office, b"MSH|half", "mllp:test", "cut off") == b""
    assert stored(pharmacy) == [("", "refused")]
    assert waiting(pharmacy, "message") == ["broken:mllp:test"]


def test_a_message_that_is_too_long_is_refused_because_sending_it_again_would_not_help(pharmacy):
    raw = b"MSH|^~\\&|PAS|T|ODC|P|20261123||ADT^A01|LONG1|P|2.5\rPID|1||" + b"x" * 60_000
    said = feed.refuse_broken(pharmacy.office, raw, "mllp:test", "too long").decode()
    assert "MSA|AR|LONG1" in said
    assert "ERR|" in said
    assert "longer than 1 MiB" in said
    assert waiting(pharmacy, "message") == ["broken:mllp:test"]


@pytest.mark.parametrize("why", ["too long", "cut off"])
def test_a_part_of_a_message_is_never_applied_even_when_a_person_asks(pharmacy, why):
    feed.refuse_broken(pharmacy.office, b"MSH|half", "mllp:test", why)
    with pytest.raises(ServiceError, match="Only a part of this message arrived"):
        feed.take_again(pharmacy.office, 1)
