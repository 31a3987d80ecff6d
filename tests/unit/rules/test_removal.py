"""Which doses may be removed: every rule of RULES 4 alone, and together."""

from statemachine.dose import dose_id
from statemachine.refusals import Reason, Refusal
from statemachine.rules.removal import REMOVAL_RULES, book_is_short, removal_marks
from statemachine.ward.drawers import FaultCleared, FaultRaised
from statemachine.ward.orders import OrderStop, RemovalRecorded
from statemachine.ward.patients import Allergy, PatientMerge
from statemachine.ward.people import SessionClosed
from statemachine.ward.stock import Formulary, Pocket, Product, Recall, Setting, WardList


def test_a_verified_dose_in_its_window_may_be_removed(built):
    assert built.simple().why() == []


def test_every_rule_is_named_by_a_sentence_of_its_own():
    names = [rule.name for rule in REMOVAL_RULES]
    assert len(set(names)) == len(names) == 37
    assert len({rule.check for rule in REMOVAL_RULES}) == 37
    assert all(rule.check.__doc__ for rule in REMOVAL_RULES)


def test_every_rule_is_content_with_an_ask_about_nothing_or_refuses_it(built):
    ask = built.ask("nothing", patient="nobody", actor="")
    reasons = [rule.check(ask) for rule in REMOVAL_RULES]
    assert [one.reason for one in reasons if one is not None] == [
        Reason.NO_ORDER,
        Reason.NOT_SIGNED_IN,
        Reason.UNKNOWN_PATIENT,
    ]


# --- the order -------------------------------------------------------------------------------


def test_without_an_order_nothing_is_removed(built):
    assert built.simple().why("O9") == [Reason.NO_ORDER]


def test_an_order_of_another_patient_is_refused(built):
    built.simple().patient("P2")
    assert built.why(patient="P2") == [Reason.OTHER_PATIENT]


def test_a_merged_patients_order_is_the_survivors(built):
    built.simple().patient("P2")
    built.say(PatientMerge(patient="P2", merged="P1"))
    assert built.why(patient="P2") == []
    assert built.why(patient="P1") == []


def test_a_stopped_order_is_refused_with_its_time(built, at):
    built.simple().say(OrderStop(order="O1", at_s=at("07:30"), reason="rash"))
    assert built.refusals() == (
        Refusal(reason=Reason.STOPPED, product="para", at_s=at("07:30"), note="rash"),
    )


def test_an_order_that_stops_at_noon_holds_until_noon(built, at):
    built.simple(late_s=5 * 3600).say(OrderStop(order="O1", at_s=at("12:00")))
    assert built.at("11:59").why() == []
    assert built.at("12:00").why() == [Reason.STOPPED]


def test_an_order_stopped_without_a_time_is_stopped_now(built):
    built.simple().say(OrderStop(order="O1"))
    assert built.why() == [Reason.STOPPED]


def test_an_order_the_pharmacist_rejected_is_refused(built):
    assert built.simple(verdict="rejected").why() == [Reason.REJECTED]


def test_an_order_the_pharmacist_queried_is_refused(built):
    assert built.simple(verdict="queried").why() == [Reason.QUERIED]


def test_an_order_not_yet_seen_is_removed_and_marked(built):
    built.simple(seen=False, verdict="none")
    assert built.why() == []
    assert removal_marks(built.ask(due="08:00")) == ("not yet seen",)


def test_a_product_that_demands_verification_waits_for_the_pharmacist(built):
    built.product("mtx", "methotrexate", verify_first=True)
    built.pocket("1-1", "mtx")
    built.order("O1", ("mtx", 1), at="08:00", verdict="none")
    assert built.why() == [Reason.NOT_VERIFIED]
    built.order("O1", ("mtx", 1), at="08:00")
    assert built.why() == []


def test_a_product_of_the_signed_verification_list_waits_for_the_pharmacist(built):
    built.simple(verdict="none").say(WardList(name="verification", items=("paracetamol",)))
    assert built.why() == [Reason.NOT_VERIFIED]


def test_an_as_required_order_is_refused_before_it_starts(built, at):
    built.simple(at="", kind="as-required", starts_s=at("09:00"))
    assert built.refusals(due="") == (
        Refusal(reason=Reason.NOT_STARTED, product="para", until_s=at("09:00")),
    )
    assert built.at("09:00").why(due="") == []


def test_the_first_dose_of_an_order_may_be_taken_early_like_any_other(built, at):
    built.simple(starts_s=at("08:00"))
    assert built.at("07:00").why() == []


def test_a_dose_due_before_its_order_starts_is_refused(built, at):
    built.simple(starts_s=at("09:00"))
    assert built.why() == [Reason.NOT_STARTED]


def test_an_ended_order_is_refused(built, at):
    built.simple(late_s=5 * 3600, ends_s=at("10:00"))
    assert built.at("10:00").why() == []
    assert built.at("10:01").refusals() == (
        Refusal(reason=Reason.ENDED, product="para", at_s=at("10:00")),
    )


def test_a_dose_due_after_the_end_of_its_order_is_refused(built, at):
    built.simple(ends_s=at("13:30"))
    assert built.at("13:00").why(due="14:00") == [Reason.ENDED]


def test_a_dose_that_is_elsewhere_is_no_removal_here(built):
    built.simple(elsewhere="infusion running")
    assert built.refusals() == (
        Refusal(reason=Reason.ELSEWHERE, product="para", note="infusion running"),
    )


# --- the dose --------------------------------------------------------------------------------


def test_a_dose_nobody_planned_is_refused(built):
    assert built.simple().why(due="09:00") == [Reason.NO_SUCH_DOSE]


def test_a_planned_order_without_a_dose_named_is_refused(built):
    assert built.simple().why(due="") == [Reason.NO_SUCH_DOSE]


def test_a_dose_recorded_given_is_refused(built, at):
    built.simple().recorded("07:55", due="08:00")
    assert built.refusals() == (Refusal(reason=Reason.GIVEN, product="para", at_s=at("07:55")),)


def test_a_record_without_a_dose_belongs_to_the_nearest_within_half_the_interval(built):
    built.simple().recorded("07:30")
    assert built.why() == [Reason.GIVEN]


def test_a_record_farther_than_half_the_interval_belongs_to_no_dose(built):
    built.simple().recorded("04:30")
    assert built.why() == []


def test_a_dose_recorded_omitted_is_refused(built):
    built.simple().recorded("07:55", "omitted", due="08:00")
    assert built.why() == [Reason.OMITTED]


def test_a_dose_recorded_held_is_refused(built):
    built.simple().recorded("07:55", "held", due="08:00")
    assert built.why() == [Reason.HELD]


def test_a_dose_the_patient_refused_may_be_taken_again_and_is_marked(built):
    built.simple().recorded("07:55", "refused", due="08:00")
    assert built.why() == []
    assert removal_marks(built.ask(due="08:00")) == ("refused before",)


def test_a_corrected_record_counts_as_corrected(built):
    built.simple().recorded("07:55", "given", due="08:00")
    built.recorded("07:56", "not given", due="08:00")
    assert built.why() == []


def test_a_removed_dose_is_refused_whoever_removed_it(built, at):
    built.simple().removed("07:50", actor="Rob")
    assert built.refusals() == (
        Refusal(reason=Reason.REMOVED, product="para", at_s=at("07:50"), actor="Rob", amount=2),
    )


def test_a_dose_removed_at_another_cabinet_is_refused(built):
    built.simple().elsewhere("07:50", "O1")
    assert built.why() == [Reason.REMOVED]


def test_a_dose_given_back_at_another_cabinet_may_be_removed(built):
    built.simple().elsewhere("07:50", "O1", due="08:00")
    built.elsewhere("07:55", "O1", quantity=-2, due="08:00")
    assert built.why() == []


def test_a_removed_dose_may_be_replaced_with_a_reason(built):
    built.simple().removed("07:50")
    assert built.why(replacement="dropped") == []


def test_a_replaced_dose_is_removed_again_only_with_another_reason(built):
    built.simple().removed("07:50")
    built.removed("07:55", replaces="dropped")
    assert built.why() == [Reason.REMOVED]
    assert built.why(replacement="broken") == []


def test_a_replacement_does_not_undo_what_the_epma_recorded(built):
    built.simple().removed("07:50")
    built.recorded("07:55", due="08:00")
    assert built.why(replacement="vomited") == [Reason.GIVEN]


def test_the_second_part_of_a_dose_is_still_to_be_taken_after_the_first(built):
    built.product("levo50", "levothyroxine")
    built.product("levo25", "levothyroxine")
    built.pocket("1-1", "levo50")
    built.pocket("1-2", "levo25")
    built.order("O1", ("levo50", 1), ("levo25", 1), at="08:00")
    assert built.why(product="levo50", quantity=1) == []
    built.removed("07:50", product="levo50", quantity=1)
    assert built.why(product="levo50", quantity=1) == [Reason.REMOVED, Reason.TOO_MUCH]
    assert built.why(product="levo25", quantity=1) == []
    assert built.ask(due="08:00").parts == (("levo25", 1),)
    built.removed("07:52", product="levo25", quantity=1)
    assert built.why() == [Reason.REMOVED]


def test_a_dose_begun_with_one_alternative_is_finished_with_it(built):
    for product in ("levo75", "levo50", "levo25"):
        built.product(product, "levothyroxine")
    built.pocket("1-1", "levo75")
    built.pocket("1-2", "levo50")
    built.pocket("1-3", "levo25")
    sets = ((("levo75", 1),), (("levo50", 1), ("levo25", 1)))
    built.order("O1", at="08:00", sets=sets)
    assert built.ask(due="08:00").parts == (("levo75", 1),)
    built.removed("07:50", product="levo50", quantity=1)
    assert built.ask(due="08:00").parts == (("levo25", 1),)
    assert built.why(product="levo75", quantity=1) == [Reason.REMOVED, Reason.TOO_MUCH]


def test_the_alternative_that_can_be_had_here_is_chosen(built):
    built.product("levo75", "levothyroxine")
    built.product("levo25", "levothyroxine")
    built.pocket("1-3", "levo25")
    built.order("O1", at="08:00", sets=((("levo75", 1),), (("levo25", 3),)))
    assert built.ask(due="08:00").parts == (("levo25", 3),)
    assert built.why() == []


def test_one_of_a_range_of_one_or_two_completes_the_dose(built):
    built.simple(kind="range", sets=((("para", 1),), (("para", 2),)))
    assert built.why(product="para", quantity=2) == []
    built.removed("07:50", quantity=1)
    assert built.why() == [Reason.REMOVED]


def test_a_dose_is_too_early_until_its_window_has_certainly_opened(built, at):
    built.simple()
    assert built.at("06:59").refusals() == (
        Refusal(reason=Reason.TOO_EARLY, product="para", until_s=at("07:00")),
    )
    assert built.later("06:59", width_s=60).why() == [Reason.TOO_EARLY]
    assert built.at("07:00").why() == []


def test_a_dose_is_past_its_cut_off_unless_its_window_is_certainly_open(built, at):
    built.simple()
    assert built.at("11:00").why() == []
    assert built.at("11:01").refusals() == (
        Refusal(reason=Reason.PAST_CUTOFF, product="para", at_s=at("11:00")),
    )
    assert built.later("11:00", width_s=60).why() == [Reason.PAST_CUTOFF]


def test_t15_a_time_too_uncertain_for_the_window_is_asked_and_never_guessed(built):
    built.simple()
    assert built.at("06:00", width_s=7200).why() == [Reason.TIME_UNKNOWN]
    assert built.at("10:00", width_s=7200).why(chart_checked=True) == [Reason.TIME_UNKNOWN]
    assert built.at("08:00", width_s=600).why() == []


def test_the_next_dose_is_not_taken_with_the_late_one(built, at):
    built.simple(late_s=5 * 3600 + 1800)
    built.removed("12:50")
    assert built.at("13:10").refusals(due="14:00") == (
        Refusal(
            reason=Reason.LATE_WITH_NEXT,
            product="para",
            at_s=at("12:50"),
            until_s=at("15:50"),
        ),
    )
    assert built.at("15:50").why(due="14:00") == []


def test_the_late_dose_is_not_taken_with_the_next_one(built):
    built.simple(late_s=5 * 3600 + 1800)
    built.removed("13:05", due="14:00")
    assert built.at("13:10").why() == [Reason.LATE_WITH_NEXT]


def test_a_late_dose_recorded_given_keeps_the_next_one_away_too(built):
    built.simple(late_s=5 * 3600 + 1800).recorded("12:50", due="08:00")
    assert built.at("13:10").why(due="14:00") == [Reason.LATE_WITH_NEXT]


def test_a_dose_taken_at_its_time_does_not_keep_the_next_one_away(built):
    built.simple().removed("08:30")
    assert built.at("13:00").why(due="14:00") == []


def test_a_stat_dose_without_times_is_one_dose_and_no_more(built):
    built.simple(at="", kind="stat")
    assert built.why(due="") == []
    built.say(
        RemovalRecorded(
            actor="Nina", patient="P1", order="O1", dose=dose_id("O1", 0), product="para",
            drawer=3, pocket="3-2", quantity=2, panel=1, intent=1,
        )
    )  # fmt: skip
    assert built.why(due="") == [Reason.REMOVED]
    assert built.at("+3 08:00").why(due="") == [Reason.REMOVED]


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


# --- the product and its shelf ---------------------------------------------------------------


def test_any_flag_of_control_refuses_a_removal_here(built):
    for flag in ("custody", "witness", "count", "register", "destruction"):
        built.product("para", "paracetamol", flags=f"fridge {flag}")
        built.pocket("3-2", "para")
        built.order("O1", ("para", 2), at="08:00")
        assert built.why() == [Reason.CONTROLLED]


def test_what_no_pocket_here_is_for_is_not_stocked(built):
    built.product("para", "paracetamol")
    built.order("O1", ("para", 2), at="08:00")
    assert built.why() == [Reason.NOT_STOCKED]


def test_a_product_nobody_told_the_cabinet_about_is_refused(built):
    built.pocket("3-2", "para")
    built.order("O1", ("para", 2), at="08:00")
    assert built.why() == [Reason.UNKNOWN_PRODUCT]


def test_stock_that_has_all_expired_is_refused(built):
    built.product("para", "paracetamol")
    built.pocket("3-2", "para", expires="2026-11-22")
    built.order("O1", ("para", 2), at="08:00")
    assert built.why() == [Reason.EXPIRED]


def test_stock_is_good_to_the_end_of_its_last_day(built):
    built.product("para", "paracetamol")
    built.pocket("3-2", "para", expires="2026-11-23")
    built.order("O1", ("para", 2), at="08:00, +1 08:00")
    assert built.why() == []
    assert built.at("+1 08:00").why(due="+1 08:00") == [Reason.EXPIRED]


def test_another_pocket_is_used_while_one_has_expired(built):
    built.simple()
    built.pocket("1-1", "para", lot="L0", expires="2026-11-01")
    assert built.why() == []
    assert built.lines()[0].parts[0].pocket == "3-2"


def test_the_first_expiring_pocket_is_used_first(built):
    built.simple()
    built.pocket("4-1", "para", lot="L2", expires="2027-01-31")
    part = built.lines()[0].parts[0]
    assert (part.pocket, part.drawer, part.lot) == ("4-1", 4, "L2")


def test_a_recalled_lot_is_refused_when_it_is_all_there_is(built):
    built.simple().say(Recall(recall="R1", product="para", lot="L1"))
    assert built.refusals() == (Refusal(reason=Reason.RECALLED, product="para"),)


def test_a_recall_of_another_lot_refuses_nothing(built):
    built.simple().say(Recall(recall="R1", product="para", lot="L9"))
    assert built.why() == []


def test_a_recall_of_the_whole_product_holds_every_lot(built):
    built.simple().say(Recall(recall="R1", product="para"))
    assert built.why() == [Reason.RECALLED]


def test_an_unknown_lot_is_held_by_any_recall_of_its_product(built):
    built.product("para", "paracetamol")
    built.pocket("3-2", "para", lot="")
    built.order("O1", ("para", 2), at="08:00")
    assert built.why() == []
    assert removal_marks(built.ask(due="08:00")) == ("lot unknown",)
    built.say(Recall(recall="R1", product="para", lot="L9"))
    assert built.why() == [Reason.RECALLED]
    built.say(Recall(recall="R1", product="para", lot="L9", lifted=True))
    assert built.why() == []


def test_another_lot_is_used_while_one_is_recalled(built):
    built.simple()
    built.pocket("1-1", "para", lot="L0", expires="2027-01-01")
    built.say(Recall(recall="R1", product="para", lot="L0"))
    assert built.why() == []
    assert built.lines()[0].parts[0].pocket == "3-2"


def test_a_drawer_out_of_use_is_passed_over_and_refused_only_when_it_is_the_last(built):
    built.simple()
    built.pocket("1-1", "para")
    built.say(FaultRaised(fault="reed stuck", drawer=3))
    assert built.why() == []
    assert built.lines()[0].parts[0].pocket == "1-1"
    built.say(FaultRaised(fault="jammed", drawer=1))
    assert [one.reason for one in built.refusals()] == [Reason.DRAWER_FAULT]
    built.say(FaultCleared(fault="jammed", drawer=1))
    assert built.why() == []


def test_i4_the_book_never_refuses_what_the_hand_can_see(built):
    built.product("para", "paracetamol")
    built.say(Pocket(pocket="3-2", drawer=3, product="para"))
    built.order("O1", ("para", 2), at="08:00")
    assert built.why() == []
    assert book_is_short(built.ward, "3-2", 2)
    built.removed("07:00", order="O7", due="07:00")
    assert built.ward.stock.pockets["3-2"].book == -2
    assert built.why() == []
    assert book_is_short(built.ward, "3-2", 1)


def test_the_book_is_short_only_when_it_says_less_than_is_taken(built):
    built.simple()
    assert not book_is_short(built.ward, "3-2", 10)
    assert book_is_short(built.ward, "3-2", 11)
    assert book_is_short(built.ward, "9-9", 1)


def test_a_pocket_that_holds_enough_comes_before_one_that_does_not(built):
    built.product("para", "paracetamol")
    built.pocket("1-1", "para", 1, expires="2027-01-01")
    built.pocket("3-2", "para", 10)
    built.order("O1", ("para", 2), at="08:00")
    assert built.lines()[0].parts[0].pocket == "3-2"


# --- freshness -------------------------------------------------------------------------------


def test_fresh_orders_ask_nothing(built):
    built.simple()
    assert built.later("08:14").why() == []


def test_orders_older_than_a_quarter_hour_ask_for_the_chart(built, at):
    built.simple(late_s=4 * 3600)
    assert built.later("08:15").refusals() == (
        Refusal(reason=Reason.CHART_NOT_CHECKED, at_s=at("08:00"), note="check the chart"),
    )
    assert built.why(chart_checked=True) == []
    assert removal_marks(built.ask(due="08:00")) == ("orders old", "cannot see whether given")


def test_in_downtime_ordinary_medicines_are_still_removed_by_the_last_orders(built):
    built.simple(late_s=5 * 3600)
    assert built.later("12:01").why() == [Reason.CHART_NOT_CHECKED]
    assert built.why(chart_checked=True) == []
    assert "downtime" in removal_marks(built.ask(due="08:00"))


def test_in_downtime_a_high_alert_medicine_takes_another_person(built):
    built.product("ins", "insulin", flags="high-alert")
    built.pocket("2-1", "ins")
    built.order("O1", ("ins", 1), at="08:00", late_s=5 * 3600)
    built.staff("Wes", "nurse")
    assert built.later("11:59").why(chart_checked=True) == []
    assert built.later("12:01").why(chart_checked=True) == [Reason.ANOTHER_PERSON]
    assert built.why(chart_checked=True, second="Wes") == []


def test_orders_older_than_a_week_remove_nothing(built, at):
    built.simple(at="+7 08:00")
    assert built.later("+7 08:00").why(due="+7 08:00", chart_checked=True) == []
    assert built.later("+7 08:01").refusals(due="+7 08:00", chart_checked=True) == (
        Refusal(reason=Reason.ORDERS_TOO_OLD, at_s=at("08:00"), amount=168),
    )


def test_no_setting_makes_old_orders_last_longer(built):
    built.simple(at="+7 08:00").say(Setting(key="orders_old_h", value=1000))
    assert built.later("+7 08:01").why(due="+7 08:00", chart_checked=True) == [
        Reason.ORDERS_TOO_OLD
    ]


def test_a_product_of_several_reasons_tells_every_one_in_order(built):
    built.simple(verdict="rejected")
    built.patient("P1", Allergy(ingredient="paracetamol"))
    built.removed("07:50")
    built.say(Recall(recall="R1", product="para"))
    assert built.later("11:01").why(product="para", quantity=9) == [
        Reason.REJECTED,
        Reason.REMOVED,
        Reason.ALLERGY,
        Reason.PAST_CUTOFF,
        Reason.TOO_MUCH,
        Reason.RECALLED,
        Reason.CHART_NOT_CHECKED,
    ]


def test_the_products_own_word_for_verification_reads_like_the_lists(built):
    built.say(Formulary(products=(Product(product="x", generic="drug x"),)))
    built.pocket("1-1", "x")
    built.order("O1", ("x", 1), at="08:00", verdict="none")
    assert built.why() == []
    built.say(WardList(name="verification", items=("x",)))
    assert built.why() == [Reason.NOT_VERIFIED]
