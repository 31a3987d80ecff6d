"""Removing a dose: the list, the visit to each pocket, and every way in which it can end (RULES 4).

    patient.list --A, number--> remove.next --every guard holds--> remove.release
    remove.next --> remove.many, remove.wait, remove.refused
    remove.release --opened--> remove.open (visit.py) --closed--> remove.next

**Plan, then ask again.** `A` plans everything that is due, a number plans one line: a queue of
visits, one pocket each; 75 micrograms as 50 + 25 are two visits of one dose. Nothing is allowed by
being planned. `remove.next` takes the visit at the head of the queue and asks every rule anew, at
the moment of release; there and nowhere else a removal is released. Refused means: journalled with
every reason, shown in plain sentences, and `A` goes on with what is left.

**Another quantity** than the one shown is typed first (`#`, the figure), then the line is chosen:
less than the dose is allowed, and the rest stays due; more is refused by the rules like anything.

**The order ends while she stands there.** Stopped, rejected, recalled, recorded given meanwhile:
the lease is called off; at the open drawer the screen says so, and nothing more is released for it.
"""

from statemachine.table import Phase, Row
from statemachine.tasks import closing, lines, packs, patient, phases, releasing, visit
from statemachine.tasks import common as do
from statemachine.tasks.asking import RULES
from statemachine.tasks.words import deciding, resting, visiting

PHASES: tuple[Phase, ...] = (
    resting("patient.list", "what is late, due, next; A takes all that is due, a number one line"),
    resting("patient.amount", "another quantity than the one shown: how many? then the line"),
    resting("remove.refused", "not now, and every reason; D replaces what was removed already"),
    resting("remove.replace", "why again? 1 dropped, 2 vomited, 3 broken, 4 lost line"),
    deciding("remove.next", "the next visit: every guard of a release"),
    resting("remove.many", "many units for one dose: type how many"),
    resting("remove.wait", "another drawer is being opened; this one is next"),
    visiting("remove.release", "released: open the drawer whose pocket is lit"),
    *visit.PHASES,
)

ACCESS = (
    do.the_person_may_work_here,
    do.the_cabinet_works_normally,
    releasing.the_patient_is_open_here,
    releasing.nothing_stopped_this_visit,
    releasing.no_other_drawer_in_hand,
    releasing.the_drawer_is_known_closed,
    releasing.no_fault_of_the_drawer_stands,
)
"""Guards of patient access that are no rule of removal: the panel, the cabinet, the drawer."""

RELEASE = (*ACCESS, *RULES)
"""Everything that must hold at the moment of release."""

ROWS: tuple[Row, ...] = (
    # --- the list ----------------------------------------------------------------------------
    Row(
        "key A",
        "patient.list",
        "remove.next",
        (lines.something_is_due,),
        (lines.plan_all_due, do.go),
        "all that is due",
    ),
    Row("key A", "patient.list", "remove.refused", (), (lines.refuse_all_due,), "nothing is"),
    Row(
        "key number",
        "patient.list",
        "remove.next",
        (do.the_number_chooses_a_line, lines.the_line_can_be_planned),
        (lines.plan_line, do.go),
        "this line",
    ),
    Row(
        "key number",
        "patient.list",
        "remove.refused",
        (do.the_number_chooses_a_line,),
        (lines.refuse_line,),
        "refused, every reason",
    ),
    Row("key number", "patient.list", None, (), (do.tick,), "no such line"),
    *phases.pages("patient.list"),
    Row(
        "key B",
        "patient.list",
        "home.patients",
        (),
        (lines.patient_passed, do.show_patients, do.say("")),
        "another patient",
    ),
    Row(
        "ward changed",
        "patient.list",
        None,
        (do.the_person_may_work_here,),
        (lines.add_new_lines,),
        "what is new comes below",
    ),
    Row("ward changed", "patient.list", "signin.badge", (), (do.revoked,), "I13: revoked"),
    # --- another quantity than the one shown ---------------------------------------------------
    Row("key #", "patient.list", "patient.amount", (), (do.say(""),), "another quantity"),
    Row(
        "number",
        "patient.amount",
        "patient.list",
        (closing.a_believable_number,),
        (lines.take_amount,),
        "then the line",
    ),
    Row("number", "patient.amount", None, (), (do.tick,), "too many"),
    Row("key B", "patient.amount", "patient.list", (), (lines.as_shown,), "as shown"),
    # --- refused, replaced -------------------------------------------------------------------
    Row(
        "key A",
        "remove.refused",
        "remove.next",
        (lines.more_is_planned,),
        (do.say(""), do.go),
        "go on with the rest",
    ),
    Row(
        "key A",
        "remove.refused",
        "patient.chart",
        (lines.only_the_chart_is_missing,),
        (lines.ask_for_the_chart,),
        "the orders grew old meanwhile",
    ),
    Row(
        "key A",
        "remove.refused",
        "patient.time",
        (lines.only_the_time_is_missing,),
        (lines.ask_for_the_time,),
        "nobody knows the time any more",
    ),
    Row(
        ("key A", "key B"),
        "remove.refused",
        "patient.list",
        (),
        (patient.show_lines, do.say("")),
        "what else is due",
    ),
    Row(
        "key D",
        "remove.refused",
        "remove.replace",
        (lines.only_removed_already,),
        (),
        "replace what was removed",
    ),
    Row("key D", "remove.refused", None, (), (do.tick,), "nothing to replace"),
    *phases.reasons(
        "remove.replace",
        lines.a_replacement_reason,
        ("remove.next", (), (lines.plan_replacement, do.go), "again, with its reason"),
    ),
    Row(
        "key B",
        "remove.replace",
        "patient.list",
        (),
        (patient.show_lines, do.say("")),
        "never mind",
    ),
    # --- the next visit: every guard of a release --------------------------------------------
    Row(
        "go",
        "remove.next",
        "signin.badge",
        (do.the_person_may_not_work_here,),
        (do.revoked,),
        "revoked meanwhile (I13)",
    ),
    Row(
        "go",
        "remove.next",
        "patient.list",
        (lines.nothing_more_is_planned, lines.something_is_due),
        (patient.show_lines,),
        "more is due for this patient",
    ),
    Row(
        "go",
        "remove.next",
        "home.patients",
        (lines.nothing_more_is_planned,),
        (lines.patient_done, do.show_patients),
        "this patient is done",
    ),
    Row(
        "go",
        "remove.next",
        "remove.release",
        (*RELEASE, releasing.every_stop_is_answered, releasing.no_lease_runs),
        (releasing.release,),
        "intent, then lease",
    ),
    Row(
        "go",
        "remove.next",
        "remove.wait",
        (*RELEASE, releasing.every_stop_is_answered),
        (),
        "one lease at a time (WIRE 5)",
    ),
    Row("go", "remove.next", "remove.many", RELEASE, (), "many units: a matching answer"),
    Row("go", "remove.next", "remove.refused", (), (releasing.refuse_visit,), "every reason"),
    *phases.matching_answer(
        "remove.many",
        "remove.next",
        releasing.the_answer_matches,
        releasing.answer_stop,
        "patient.list",
        (patient.show_lines, do.say("")),
    ),
    *phases.waits_for_the_lease(
        "remove.wait", "remove.next", "patient.list", (patient.show_lines, do.say(""))
    ),
    # --- released ----------------------------------------------------------------------------
    Row(
        "drawer opened",
        "remove.release",
        "remove.nothing",
        (releasing.called_off,),
        (),
        "opened although called off",
    ),
    Row("drawer opened", "remove.release", "remove.open", (), (releasing.at_the_drawer,), "open"),
    Row("key B", "remove.release", None, (), (releasing.call_off,), "called off: the lease ends"),
    Row(
        "drawer expired",
        "remove.release",
        "patient.list",
        (releasing.called_off,),
        (patient.show_lines, do.say("nothing taken")),
        "called off in time",
    ),
    Row(
        ("drawer expired", "drawer jammed", "drawer refused", "drawer indeterminate"),
        "remove.release",
        "remove.not_opened",
        (),
        (releasing.not_opened,),
        "nothing recorded as removed",
    ),
    Row(
        "drawer stopped",
        "remove.release",
        "patient.list",
        (),
        (patient.show_lines, do.say("safe hold")),
        "F8: ordinary release stops",
    ),
    Row(
        "pack",
        "remove.release",
        None,
        (releasing.the_bolt_is_out, packs.the_pack_is_right),
        (packs.scanned, releasing.somebody_was_inside),
        "F1: a pack in hand, and no opening seen",
    ),
    Row("pack", "remove.release", None, (), (do.scan_not_now,), "open the drawer first"),
    Row(
        "ward changed",
        "remove.release",
        None,
        (releasing.the_order_still_holds, do.the_person_may_work_here),
        (),
        "goes on",
    ),
    Row(
        "ward changed",
        "remove.release",
        None,
        (),
        (releasing.stop_visit, releasing.call_off),
        "off",
    ),
    *visit.ROWS,
)
