"""Which doses may be removed: how much, for whom, by whom (RULES 2, 3, 4)."""

from statemachine.refusals import Reason, Refusal
from statemachine.rules.removal import removal_marks
from statemachine.ward.patients import Allergy
from statemachine.ward.people import SessionClosed
from statemachine.ward.stock import Setting

# --- the amount ------------------------------------------------------------------------------


def test_more_than_the_dose_is_refused_with_the_most_there_is(built):
    assert built.simple().refusals(product="para", quantity=3) == (
        Refusal(reason=Reason.TOO_MUCH, product="para", amount=2),
    )


def test_less_than_the_dose_may_be_taken_and_then_the_rest(built):
    built.simple()
    assert built.why(product="para", quantity=1) == []
    built.removed("07:50", quantity=1)
    assert built.why(product="para", quantity=2) == [Reason.TOO_MUCH]
    assert built.why(product="para", quantity=1) == []


def test_none_at_all_is_no_removal(built):
    built.simple()
    assert built.why(product="para", quantity=0) == [Reason.TOO_MUCH]
    assert built.why(product="para", quantity=-1) == [Reason.TOO_MUCH]
    assert built.why(quantity=0) == [Reason.TOO_MUCH]


def test_a_product_that_was_not_ordered_is_refused(built):
    built.simple().product("ibu", "ibuprofen")
    built.pocket("3-3", "ibu")
    assert built.why(product="ibu", quantity=1) == [Reason.NOT_IN_ORDER, Reason.TOO_MUCH]


def test_an_order_matched_to_no_product_is_refused(built):
    built.order("O1", at="08:00", sets=())
    assert built.why() == [Reason.UNKNOWN_PRODUCT]


def test_no_order_passes_the_hard_ceiling(built):
    built.product("para", "paracetamol")
    built.pocket("3-2", "para", 500)
    built.order("O1", ("para", 41), at="08:00")
    assert built.refusals() == (Refusal(reason=Reason.CEILING, product="para", amount=40),)


def test_no_setting_raises_the_hard_ceiling_and_any_may_lower_it(built):
    built.product("para", "paracetamol")
    built.pocket("3-2", "para", 500)
    built.order("O1", ("para", 41), at="08:00")
    built.say(Setting(key="removal_units_max", value=1000))
    assert built.why() == [Reason.CEILING]
    built.order("O1", ("para", 3), at="08:00")
    assert built.why() == []
    built.say(Setting(key="removal_units_max", value=2))
    assert built.why() == [Reason.CEILING]


def test_a_product_may_have_a_lower_ceiling_of_its_own(built):
    built.product("para", "paracetamol", removal_units_max=1)
    built.pocket("3-2", "para")
    built.order("O1", ("para", 2), at="08:00")
    assert built.why() == [Reason.CEILING]


# --- the patient -----------------------------------------------------------------------------


def test_an_allergy_to_the_ingredient_is_refused_and_says_how_bad_it_was(built):
    built.simple()
    built.patient("P1", Allergy(ingredient="Paracetamol", kind="anaphylaxis"))
    assert built.refusals() == (
        Refusal(
            reason=Reason.ALLERGY, product="para", ingredient="Paracetamol", note="anaphylaxis"
        ),
    )


def test_an_intolerance_is_refused_too_and_named_as_one(built):
    built.simple().patient("P1", Allergy(ingredient="paracetamol", kind="intolerance"))
    assert [one.note for one in built.refusals()] == ["intolerance"]


def test_a_recorded_reason_makes_it_possible_in_spite_of_the_allergy(built):
    built.simple(allergy_reason="tolerated before")
    built.patient("P1", Allergy(ingredient="paracetamol"))
    assert built.why() == []
    assert removal_marks(built.ask(due="08:00")) == ("allergy reason",)


def test_a_reason_given_here_takes_a_second_person(built):
    built.simple().patient("P1", Allergy(ingredient="paracetamol"))
    built.staff("Wes", "witness only")
    assert built.why(allergy_reason="benefit", second=None) == [Reason.ALLERGY]
    assert built.why(allergy_reason="benefit", second="Nina") == [Reason.ALLERGY]
    assert built.why(allergy_reason="benefit", second="Wes") == []
    assert built.why(allergy_reason="", second="Wes") == [Reason.ALLERGY]


def test_a_discharged_patient_gets_nothing_more(built, at):
    built.simple().patient("P1", status="discharged", discharged_s=at("07:30"))
    assert built.refusals() == (Refusal(reason=Reason.DISCHARGED, at_s=at("07:30")),)


def test_a_patient_of_another_ward_is_served_when_the_reason_is_logged(built):
    built.simple().patient("P1", ward="8")
    assert built.refusals() == (Refusal(reason=Reason.OTHER_WARD, note="8"),)
    assert built.why(other_ward_reason="late transfer") == []


def test_a_patient_nobody_knows_is_refused(built):
    built.simple()
    built.order("O2", ("para", 1), at="08:00", patient="P9")
    assert built.why("O2", patient="P9") == [Reason.UNKNOWN_PATIENT]


# --- the person ------------------------------------------------------------------------------


def test_nobody_removes_without_being_signed_in_at_this_panel(built):
    built.simple()
    assert built.why(panel=2) == [Reason.NOT_SIGNED_IN]
    built.say(SessionClosed(actor="Nina", panel=1, reason="signed out"))
    assert built.why() == [Reason.NOT_SIGNED_IN]


def test_i13_a_revoked_person_removes_nothing_more(built):
    built.simple().staff("Nina", "nurse", revoked=True)
    assert built.why() == [Reason.REVOKED]


def test_a_person_outside_their_validity_removes_nothing(built, at):
    built.simple().staff("Nina", "nurse", valid_to_s=at("07:59"))
    assert built.why() == [Reason.REVOKED]
    built.staff("Nina", "nurse", valid_from_s=at("08:01"))
    assert built.why() == [Reason.REVOKED]


def test_a_person_of_another_ward_removes_nothing(built):
    built.simple().staff("Nina", "nurse", wards=("8",))
    assert built.why() == [Reason.WRONG_WARD]


def test_only_privileges_with_medicines_to_give_remove_them(built):
    built.simple()
    may = [
        privilege
        for privilege in (
            "nurse", "nurse in charge", "midwife", "student", "agency", "odp", "anaesthetist",
            "witness only", "technician", "pharmacist", "engineer",
        )
        if (built.staff("Nina", privilege), built.why() == [])[1]
    ]  # fmt: skip
    assert may == ["nurse", "nurse in charge", "midwife", "agency", "odp", "anaesthetist"]
    built.staff("Nina", "student")
    assert built.why() == [Reason.PRIVILEGE]
