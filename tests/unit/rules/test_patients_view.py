"""My patients: by bed, with what is due, and whose names are alike."""

import pytest

from statemachine.patients_view import (
    bed_order,
    due_counts,
    my_patients,
    names_alike,
    one_slip,
    soundex,
)
from statemachine.rounds import next_patient
from statemachine.ward.orders import OrderStop
from statemachine.ward.patients import PatientMerge


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SMITH", "Smith"),
        ("SMITH", "SMYTH"),
        ("SMITH", "SCHMIDT"),
        ("BROWN", "BROWNE"),
        ("JONES", "JOENS"),
        ("PATEL", "PATIL"),
        ("O'BRIEN", "OBRIEN"),
        ("TAYLOR-SMITH", "SMITH"),
        ("LI", "LI"),
        ("ROBERTS", "ROBERT"),
    ],
)
def test_names_that_can_be_mixed_up_are_alike(one, other):
    assert names_alike(one, other)
    assert names_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("LI", "LO"), ("SMITH", "PATEL"), ("DE SOUZA", "DE WITT"), ("", "SMITH"), ("", "")],
)
def test_names_that_cannot_are_not(one, other):
    assert not names_alike(one, other)


def test_soundex_is_the_american_one():
    assert [soundex(name) for name in ("robert", "rupert", "rubin", "ashcraft", "tymczak")] == [
        "r163", "r163", "r150", "a261", "t522",
    ]  # fmt: skip
    assert soundex("pfister") == "p236"
    assert soundex("") == soundex("éa") == ""


def test_one_slip_is_one_letter_and_no_more():
    assert one_slip("abcd", "abcd")
    assert one_slip("abcd", "abd")
    assert one_slip("abcd", "axcd")
    assert one_slip("abcd", "acbd")
    assert not one_slip("abcd", "axyd")
    assert not one_slip("abcd", "ab")
    assert not one_slip("abcd", "badc")


def test_beds_are_sorted_as_people_count():
    beds = ["10", "", "2", "A1", "3B", "3A", "Bay 2 Bed 10", "Bay 2 Bed 9"]
    assert sorted(beds, key=bed_order) == [
        "2", "3A", "3B", "10", "A1", "Bay 2 Bed 9", "Bay 2 Bed 10", "",
    ]  # fmt: skip


def test_my_patients_are_this_wards_by_bed_with_what_is_due(built):
    built.simple(at="06:00, 18:00", late_s=3 * 3600)
    built.patient("P1", family="SMITH", bed="10")
    built.patient("P2", family="SMYTH", bed="2")
    built.patient("P3", family="OKAFOR", bed="3")
    built.patient("P4", family="SMITH", bed="1", ward="8")
    built.order("O2", ("para", 1), kind="stat", patient="P3")
    rows = [(row.patient, row.due, row.late, row.similar) for row in my_patients(
        built.ward, built.now)]  # fmt: skip
    assert rows == [("P2", 0, 0, ("P1",)), ("P3", 1, 0, ()), ("P1", 1, 1, ("P2",))]


def test_who_is_expected_or_discharged_or_cancelled_is_shown_in_their_time(built, at):
    built.patient("P1", status="cancelled")
    built.patient("E1", status="expected", expected_s=at("+1 08:00"))
    built.patient("E2", status="expected", expected_s=at("+1 08:01"))
    built.patient("E3", status="expected", expected_s=at("-2 07:00"))
    built.patient("D1", status="discharged", discharged_s=at("05:00"), until_s=at("08:01"))
    built.patient("D2", status="discharged", discharged_s=at("05:00"))
    built.patient("D3", status="discharged", discharged_s=at("06:01"))
    built.patient("L1", status="on leave")
    assert [row.patient for row in my_patients(built.ward, built.now)] == [
        "D1", "D3", "E1", "L1",
    ]  # fmt: skip


def test_a_merged_patient_is_listed_once(built):
    built.patient("P2", family="SMITH")
    built.say(PatientMerge(patient="P1", merged="P2"))
    assert [row.patient for row in my_patients(built.ward, built.now)] == ["P1"]


def test_what_is_done_stopped_queried_or_elsewhere_is_not_due(built):
    built.simple()
    assert due_counts(built.ward, "P1", built.now) == (1, 0)
    built.removed("07:50", quantity=1)
    assert due_counts(built.ward, "P1", built.now) == (1, 0)
    built.removed("07:51", quantity=1)
    assert due_counts(built.ward, "P1", built.now) == (0, 0)
    built.order("O2", ("para", 1), at="08:00", verdict="queried")
    built.order("O3", ("para", 1), at="08:00", elsewhere="own locker")
    built.order("O4", ("para", 1), kind="as-required")
    built.order("O5", ("para", 1), at="08:00")
    built.recorded("07:00", "held", order="O5", due="08:00")
    assert due_counts(built.ward, "P1", built.now) == (0, 0)
    built.order("O6", ("para", 1), at="08:00")
    assert due_counts(built.ward, "P1", built.now) == (1, 0)
    built.say(OrderStop(order="O6"))
    assert due_counts(built.ward, "P1", built.now) == (0, 0)


def test_the_round_offers_the_next_patient_with_something_due(built):
    built.simple()
    built.patient("P1", family="SMITH", bed="5")
    built.patient("P2", family="OKAFOR", bed="2")
    built.patient("P3", family="PATEL", bed="3")
    built.order("O2", ("para", 1), at="08:00", patient="P3")
    assert next_patient(built.ward, built.now) == "P3"
    assert next_patient(built.ward, built.now, ("P3",)) == "P1"
    assert next_patient(built.ward, built.now, ("P3", "P1")) == "P3", "passed over, still due"
