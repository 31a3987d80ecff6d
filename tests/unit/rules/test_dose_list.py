"""The dose list: what stands where, with which parts, refusals and marks."""

from statemachine.dose import dose_due_s, dose_id
from statemachine.doses import DoseLine, Part, dose_list
from statemachine.refusals import Reason
from statemachine.rules.ask import Ask
from statemachine.rules.removal import check_removal
from statemachine.ward.orders import OrderStop, OrderWindows
from statemachine.ward.patients import PatientMerge
from statemachine.ward.stock import Setting


def states(built):
    return [(line.state, line.order) for line in built.lines()]


def test_the_list_reads_late_stat_due_next_as_required_elsewhere(built):
    built.simple(at="06:00, 18:00", late_s=3 * 3600)
    built.order("O2", ("para", 1), kind="stat")
    built.order("O3", ("para", 1), at="08:00, 20:00")
    built.order("O4", ("para", 1), at="14:00")
    built.order("O5", ("para", 1), kind="as-required")
    built.order("O6", ("para", 1), at="08:00", elsewhere="own locker")
    assert states(built) == [
        ("late", "O1"),
        ("stat", "O2"),
        ("due", "O3"),
        ("next", "O4"),
        ("next", "O1"),
        ("next", "O3"),
        ("as-required", "O5"),
        ("elsewhere", "O6"),
    ]


def test_a_line_says_what_to_take_from_which_pocket(built, at):
    built.simple(at="08:00")
    assert built.lines() == (
        DoseLine(
            dose=f"O1@{at('08:00')}",
            order="O1",
            due_s=at("08:00"),
            state="due",
            parts=(Part(product="para", quantity=2, pocket="3-2", drawer=3, lot="L1"),),
        ),
    )


def test_a_dose_is_late_an_hour_after_it_is_due_and_half_an_hour_if_time_critical(built):
    built.simple(at="08:00, 20:00")
    assert states(built.at("09:00"))[0] == ("due", "O1")
    assert states(built.at("09:01"))[0] == ("late", "O1")
    built.product("para", "paracetamol", flags="time-critical")
    assert states(built.at("08:30"))[0] == ("due", "O1")
    assert states(built.at("08:31"))[0] == ("late", "O1")


def test_the_site_may_call_a_dose_late_sooner(built):
    built.simple(at="08:00, 20:00").say(Setting(key="late_after_min", value=15))
    assert states(built.at("08:16"))[0] == ("late", "O1")


def test_a_dose_that_is_not_stocked_here_is_elsewhere_and_never_late(built):
    built.product("para", "paracetamol")
    built.order("O1", ("para", 2), at="06:00, 18:00")
    assert [line.state for line in built.lines()] == ["elsewhere", "elsewhere"]


def test_a_missed_dose_stays_with_its_reason_until_the_next_window_opens(built):
    built.simple().at("11:30")
    missed, coming = built.lines()
    assert (missed.state, [one.reason for one in missed.refusals]) == (
        "late",
        [Reason.PAST_CUTOFF],
    )
    assert (coming.state, [one.reason for one in coming.refusals]) == (
        "next",
        [Reason.TOO_EARLY],
    )
    assert [line.state for line in built.at("13:00").lines()] == ["due", "next"]


def test_a_missed_dose_that_was_given_after_all_is_not_shown(built):
    built.simple().recorded("10:59", due="08:00")
    assert states(built.at("11:30")) == [("next", "O1")]


def test_a_removed_dose_stays_at_the_end_while_its_window_is_open(built):
    built.simple().removed("08:00")
    built.order("O2", ("para", 1), kind="as-required")
    assert states(built.at("08:30")) == [("next", "O1"), ("as-required", "O2"), ("done", "O1")]
    done = built.lines()[-1]
    assert [one.reason for one in done.refusals] == [Reason.REMOVED]
    assert done.parts[0].quantity == 2
    assert states(built.at("11:30")) == [("next", "O1"), ("as-required", "O2")]


def test_a_stopped_order_with_nothing_planned_still_says_that_it_was_stopped(built):
    built.simple().say(OrderStop(order="O1"))
    built.say(OrderWindows(order="O1"))
    (line,) = built.lines()
    assert (line.state, line.refusals[0].reason) == ("done", Reason.STOPPED)


def test_a_dose_begun_shows_only_what_is_left_of_it(built):
    built.product("levo50", "levothyroxine")
    built.product("levo25", "levothyroxine")
    built.pocket("1-1", "levo50")
    built.pocket("1-2", "levo25")
    built.order("O1", ("levo50", 1), ("levo25", 1), at="08:00")
    built.removed("07:50", product="levo50", quantity=1)
    (line,) = built.lines()
    assert line.state == "due"
    assert line.refusals == ()
    assert line.parts == (Part(product="levo25", quantity=1, pocket="1-2", drawer=1, lot="L1"),)


def test_many_units_for_one_dose_are_told(built):
    built.simple(at="08:00")
    built.order("O2", ("para", 5), at="08:00")
    built.order("O3", ("para", 4), at="08:00")
    assert {line.order: line.many for line in built.lines()} == {
        "O1": False, "O2": True, "O3": False,
    }  # fmt: skip


def test_a_list_made_for_nobody_speaks_of_the_doses_alone(built):
    built.simple(late_s=4 * 3600).patient("P1", ward="8")
    built.later("09:00")
    assert built.lines()[0].refusals == ()


def test_a_list_made_for_a_person_also_says_what_is_asked_of_them(built):
    built.simple(late_s=4 * 3600).patient("P1", ward="8")
    built.staff("Stu", "student")
    built.later("09:00")
    stu = dose_list(built.ward, "P1", built.now, actor="Stu", panel=2)
    assert [one.reason for one in stu[0].refusals] == [
        Reason.NOT_SIGNED_IN,
        Reason.PRIVILEGE,
        Reason.OTHER_WARD,
        Reason.CHART_NOT_CHECKED,
    ]
    nina = dose_list(
        built.ward, "P1", built.now, actor="Nina", chart_checked=True,
        other_ward_reason="outlier",
    )  # fmt: skip
    assert nina[0].refusals == ()


def test_the_list_and_the_removal_never_disagree(built):
    built.simple().order("O2", ("para", 9), kind="as-required", interval_s=3600)
    built.order("O3", ("ghost", 1), kind="stat", verdict="queried")
    built.order("O4", ("para", 1), at="08:00", seen=False, verdict="none")
    built.removed("07:50", "O2", due="")
    for clock in ("06:30", "07:30", "08:00", "10:59", "11:30", "13:30"):
        built.at(clock)
        for line in dose_list(built.ward, "P1", built.now, actor="Nina", chart_checked=True):
            again = check_removal(
                Ask(
                    ward=built.ward, now=built.now, actor="Nina", patient="P1",
                    order=line.order, due_s=line.due_s, chart_checked=True,
                )
            )  # fmt: skip
            assert again == line.refusals


def test_a_merged_patients_list_is_the_survivors(built):
    built.simple().patient("P2")
    built.say(PatientMerge(patient="P2", merged="P1"))
    assert dose_list(built.ward, "P2", built.now) == dose_list(built.ward, "P1", built.now)
    assert len(dose_list(built.ward, "P2", built.now)) == 2


def test_the_list_of_a_patient_nobody_knows_is_empty(built):
    assert dose_list(built.ward, "nobody", built.now) == ()


def test_a_dose_is_named_by_its_order_and_its_instant(at):
    assert dose_due_s(dose_id("O@1", at("08:00"))) == at("08:00")
    assert dose_due_s("O1") is None
    assert dose_due_s("O1@") is None
    assert dose_due_s("O1@-5") is None
