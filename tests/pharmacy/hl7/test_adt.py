"""Admissions, transfers, discharges and merges, as the ward hears of them."""

import msgspec
import pytest

from pharmacy.hl7.facts import (
    AllergyFacts,
    Coded,
    Identifier,
    MergeFacts,
    MessageFacts,
    Note,
    NotUnderstood,
    PatientFacts,
    Place,
    VisitFacts,
    When,
)
from pharmacy.hl7.understand import understand

TEST_RANGE = Note("PID", 3, "The NHS number is in the range kept for tests.")

JOHN_SMITH = PatientFacts(
    identifiers=(
        Identifier("RDEMO", "MR", "D100001"),
        Identifier("NHS", "NH", "999 000 0018"),
    ),
    nhs="9990000018",
    mrn="D100001",
    family="SMITH",
    given="John",
    middle="Paul",
    title="Mr",
    born=When("19450714", -772164000, "day"),
    gender="male",
    account="10012589",
)
IN_A1 = VisitFacts(
    patient_class="I",
    ward="7",
    room="Bay A",
    bed="A1",
    facility="RDEMO",
    place=Place(ward="7", room="Bay A", bed="A1", facility="RDEMO", building="Main", floor="2"),
    prior=Place(ward="5", bed="C2"),
    specialty="300",
    number="V100001",
)

KINDS = {
    "A01": "admit",
    "A02": "transfer",
    "A03": "discharge",
    "A04": "register",
    "A05": "pre-admit",
    "A06": "change to in-patient",
    "A07": "change to out-patient",
    "A08": "update",
    "A11": "cancel admit",
    "A12": "cancel transfer",
    "A13": "cancel discharge",
    "A21": "leave",
    "A22": "return from leave",
    "A28": "new person",
    "A31": "update",
    "A38": "cancel pre-admit",
    "A47": "change identifiers",
    "A52": "cancel leave",
    "A53": "cancel return",
    "A60": "allergies",
    "A15": "pending",
    "A25": "pending",
    "A17": "for a person",
    "A29": "for a person",
    "A45": "for a person",
}


def facts(raw: bytes) -> MessageFacts:
    found = understand(raw)
    assert isinstance(found, MessageFacts), found
    return found


def refusal(raw: bytes) -> NotUnderstood:
    found = understand(raw)
    assert isinstance(found, NotUnderstood), found
    return found


@pytest.mark.parametrize(("event", "kind"), KINDS.items())
def test_each_event_says_what_happened_to_whom_and_where(message, pid, pv1, event, kind):
    found = facts(message(f"ADT^{event}", f"EVN|{event}|20260401082900", pid, pv1))
    assert (found.kind, found.header.event, found.patient, found.visit) == (
        kind,
        event,
        JOHN_SMITH,
        IN_A1,
    )
    assert found.header.occurred == When("20260401082900", 1775028540, "second")


def test_an_ordinary_admission_leaves_no_doubt_but_that_the_number_is_for_tests(message, pid, pv1):
    found = facts(message("ADT^A01^ADT_A01", "EVN|A01|20260401082900", pid, pv1))
    assert found.notes == (TEST_RANGE,)
    assert found.stopped == ()


def test_events_that_move_or_erase_records_wait_for_a_person(message, pid, pv1):
    found = facts(message("ADT^A45", pid, pv1))
    assert found.stopped == (
        Note("MSH", 9, "This event moves or erases records; a person decides.", stop=True),
    )


def test_a_cancelled_transfer_that_says_A02_in_EVN_is_a_cancelled_transfer(message, pid, pv1):
    found = facts(message("ADT^A12", "EVN|A02|20260401082900", pid, pv1))
    assert found.kind == "cancel transfer"
    assert found.notes == (
        Note("EVN", 1, "Says A02 where MSH-9 says A12; MSH-9 counts."),
        TEST_RANGE,
    )


def test_an_event_only_in_EVN_is_taken_from_there(message, pid, pv1):
    found = facts(message("ADT", "EVN|A03|20260401082900", pid, pv1))
    assert found.kind == "discharge"
    assert found.notes[0] == Note("MSH", 9, "No event here; the one in EVN-1 was taken.")


def test_a_ward_said_only_in_words_is_still_the_ward(message, pid):
    found = facts(message("ADT^A01", pid, "PV1|1|I|^^^RDEMO^^^^^Ward 7"))
    assert found.visit is not None
    assert (found.visit.ward, found.visit.facility) == ("Ward 7", "RDEMO")
    assert found.notes[-1] == Note(
        "PV1", 3, "The ward is said only in words (PV1-3.9); taken from there."
    )


def test_two_quotes_ask_to_delete_and_an_empty_field_asks_nothing(message):
    raw = message(
        "ADT^A08",
        'PID|1||D1^^^RDEMO^MR~""^^^NHS^NH||SMITH^John||""|',
        'PV1|1|I|""||||||||||||||||""',
    )
    found = facts(raw)
    assert found.patient is not None
    assert found.visit is not None
    assert (found.patient.deleted, found.patient.born, found.patient.nhs) == (("born",), None, "")
    assert found.patient.identifiers == (Identifier("RDEMO", "MR", "D1"),)
    assert (found.visit.deleted, found.visit.ward) == (("ward", "number"), "")


def test_an_nhs_number_with_a_wrong_check_digit_is_kept_as_a_number_and_not_used(message):
    found = facts(message("ADT^A31", "PID|1||D1^^^RDEMO^MR~9990000019^^^NHS^NH||SMITH^John"))
    assert found.patient is not None
    assert (found.patient.nhs, found.patient.mrn) == ("", "D1")
    assert found.patient.identifiers[1] == Identifier("NHS", "NH", "9990000019")
    assert found.notes == (
        Note("PID", 3, "The NHS number's check digit is wrong; it is not used."),
    )


def test_two_different_nhs_numbers_stop_the_message(message):
    raw = message("ADT^A31", "PID|1||9990000018^^^NHS~9990000026^^^NHS||SMITH^John")
    assert facts(raw).stopped == (Note("PID", 3, "Two different NHS numbers are said.", stop=True),)


@pytest.mark.parametrize(
    ("authority", "kind"),
    [
        ("NHS", "NH"),
        ("NHS", ""),
        ("", "NHS"),
        ("NHSNBR", "NHSNMBR"),
        ("2.16.840.1.113883.2.1.4.1", "NH"),
        ("&2.16.840.1.113883.2.1.4.1&ISO", ""),
    ],
)
def test_the_nhs_number_is_known_by_each_name_that_senders_give_it(message, authority, kind):
    raw = message("ADT^A31", f"PID|1||D1^^^RDEMO^MR~9990000018^^^{authority}^{kind}||SMITH^John")
    patient = facts(raw).patient
    assert patient is not None
    assert (patient.nhs, patient.mrn) == ("9990000018", "D1")


def test_uk_gender_codes_are_read_and_unknown_ones_noted(message):
    codes = {"1": "male", "2": "female", "9": "other", "0": "unknown", "F": "female", "q": None}
    for code, gender in codes.items():
        found = facts(message("ADT^A31", f"PID|1||D1^^^RDEMO^MR||SMITH^Jo|||{code}"))
        assert found.patient is not None
        assert found.patient.gender == gender, code
    assert found.notes == (Note("PID", 8, "This gender code is not known."),)


def test_the_first_name_is_shown_unless_it_says_it_is_not_the_usual_one(message):
    raw = message("ADT^A31", "PID|1||D1^^^R^MR||JONES^Ann^^^^^M~SMITH^Ann^^^Mrs^^L~X^Y^^^^^A")
    patient = facts(raw).patient
    assert patient is not None
    assert (patient.family, patient.title) == ("SMITH", "Mrs")
    assert patient.other_names == ("JONES, Ann", "X, Y")


def test_a_merge_says_which_number_ends_and_as_whom_it_lives_on(message, pid):
    found = facts(message("ADT^A40^ADT_A39", pid, "MRG|D900009^^^RDEMO^MR||ACC9||V9"))
    assert found.merges == (
        MergeFacts(
            what="patient",
            into=JOHN_SMITH,
            gone=(Identifier("RDEMO", "MR", "D900009"),),
            gone_visit="V9",
            gone_account="ACC9",
        ),
    )


def test_one_message_may_merge_several_pairs(message):
    raw = message(
        "ADT^A40",
        "PID|1||D1^^^R^MR||A^B",
        "MRG|D2^^^R^MR",
        "PID|2||D3^^^R^MR||C^D",
        "MRG|D4^^^R^MR",
    )
    pairs = [(merge.into.mrn, merge.gone[0].value) for merge in facts(raw).merges]
    assert pairs == [("D1", "D2"), ("D3", "D4")]


def test_merging_a_number_into_itself_waits_for_a_person(message):
    found = facts(message("ADT^A40", "PID|1||D1^^^R^MR||A^B", "MRG|D1^^^R^MR"))
    assert [note.what for note in found.stopped] == [
        "The number that ends is also the one that stays."
    ]


def test_a_merge_without_the_number_that_ends_is_an_error_at_MRG_1(message, pid):
    found = refusal(message("ADT^A40", pid))
    assert (found.answer, found.code, found.segment, found.field) == ("AE", 101, "MRG", 1)


def test_allergies_are_read_with_how_bad_they_are(message, pid):
    found = facts(
        message(
            "ADT^A08",
            pid,
            "AL1|1|DA|P100^penicillin^DEMO|SV|anaphylaxis~rash|20200101",
            "AL1|2|MA|^ibuprofen|MO|drug intolerance",
        )
    )
    assert found.allergies_said
    assert found.allergies == (
        AllergyFacts(
            substance=Coded("P100", "penicillin", "DEMO"),
            kind="drug",
            severity="severe",
            reactions=("anaphylaxis", "rash"),
            adverse="anaphylaxis",
            identified=When("20200101", 1577836800, "day"),
        ),
        AllergyFacts(
            substance=Coded("", "ibuprofen"),
            kind="drug",
            severity="moderate",
            reactions=("drug intolerance",),
            adverse="intolerance",
        ),
    )


@pytest.mark.parametrize(
    "said", ["^NKA^ALLERGY", "^No known drug allergies", "716186003^^SCT", "##X##,1^NKDA"]
)
def test_no_known_allergies_is_told_from_nothing_recorded(message, pid, said):
    found = facts(message("ADT^A08", pid, f"AL1|1|DA|{said}"))
    assert found.allergies_said
    assert [allergy.none_known for allergy in found.allergies] == [True]
    silent = facts(message("ADT^A08", pid))
    assert (silent.allergies_said, silent.allergies) == (False, ())


def test_a_message_without_a_patient_is_an_error_that_says_so(message):
    found = refusal(message("ADT^A01", "EVN|A01|20260401"))
    assert found == NotUnderstood(
        answer="AE",
        code=100,
        segment="PID",
        field=0,
        sentence="The segment PID is missing, so nobody is named. Nothing was applied. "
        "Send the message again with the patient.",
        header=found.header,
    )
    assert (found.header.control_id, found.header.sender) == ("M1", "PAS")


def test_a_patient_without_any_number_is_an_error_at_PID_3(message):
    found = refusal(message("ADT^A01", "PID|1||||SMITH^John"))
    assert (found.answer, found.code, found.segment, found.field) == ("AE", 101, "PID", 3)


def test_an_event_the_standard_does_not_have_is_rejected_at_MSH_9(message, pid):
    found = refusal(message("ADT^A99", pid))
    assert (found.answer, found.code, found.segment, found.field) == ("AR", 201, "MSH", 9)


def test_more_than_one_patient_in_an_update_waits_for_a_person(message, pid):
    found = facts(message("ADT^A08", pid, "PID|2||D2^^^R^MR||OTHER^One"))
    assert found.stopped == (Note("PID", 0, "More than one patient is named.", stop=True),)


def test_times_with_an_offset_and_times_of_the_ward_are_the_same_moment(message, pid):
    summer = facts(message("ADT^A01", "EVN|A01|20260701083000", pid)).header.occurred
    offset = facts(message("ADT^A01", "EVN|A01|20260701073000+0000", pid)).header.occurred
    assert summer is not None
    assert offset is not None
    assert summer.at_s == offset.at_s == 1782891000
    assert (summer.zone_given, offset.zone_given) == (False, True)


def test_the_hour_that_comes_twice_in_october_is_read_as_the_earlier_one(message, pid):
    found = facts(message("ADT^A01", "EVN|A01|20261025013000", pid)).header.occurred
    assert found is not None
    assert found.at_s == 1792888200  # 00:30 UTC: still summer time


def test_a_date_that_cannot_be_is_noted_and_left_out(message):
    found = facts(message("ADT^A31", "PID|1||D1^^^R^MR||A^B||19450231"))
    assert found.patient is not None
    assert found.patient.born is None
    assert found.notes == (Note("PID", 7, "A date or time here could not be read."),)


def test_a_birth_date_known_only_to_the_year_is_no_birth_day(message):
    patient = facts(message("ADT^A31", "PID|1||D1^^^R^MR||A^B||1945")).patient
    assert patient is not None
    assert patient.born is not None
    assert (patient.born.precision, patient.born_iso) == ("year", "")
    assert JOHN_SMITH.born_iso == "1945-07-14"


def test_facts_can_be_written_down_and_read_back(message, pid, pv1):
    found = facts(message("ADT^A01", pid, pv1, "AL1|1|DA|^penicillin"))
    assert msgspec.json.decode(msgspec.json.encode(found), type=MessageFacts) == found
