"""Which doses may be removed: the rules of the order and of the dose (RULES 4)."""

from statemachine.dose import dose_id
from statemachine.refusals import Reason, Refusal
from statemachine.rules.removal import REMOVAL_RULES, removal_marks
from statemachine.ward.orders import OrderStop, RemovalRecorded
from statemachine.ward.patients import PatientMerge
from statemachine.ward.stock import WardList


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
