"""Removing a dose: the list, the visit to each pocket, and every way in which it can end (RULES 4).

    patient.list --A, number--> remove.next --every guard holds--> remove.release
    remove.next --> remove.many, remove.wait, remove.refused
    remove.release --opened--> remove.open --closed--> remove.next

**Plan, then ask again.** `A` plans everything that is due, a number plans one line: a queue of
visits, one pocket each; 75 micrograms as 50 + 25 are two visits of one dose. Nothing is allowed by
being planned. `remove.next` takes the visit at the head of the queue and asks every rule anew, at
the moment of release; there and nowhere else a removal is released. Refused means: journalled with
every reason, shown in plain sentences, and `A` goes on with what is left.

**Another quantity** than the one shown is typed first (`#`, the figure), then the line is chosen:
less than the dose is allowed, and the rest stays due; more is refused by the rules like anything.

**At the drawer.** A product with codes is scanned while the drawer is open. A wrong pack stops
(`remove.wrong_pack`), is kept as a near miss, and must go back; a pack whose lot is recalled or out
of date is stopped alike. A product without codes is not asked for. Closing means next.

**What is recorded is what happened.** Closing the drawer records the removal at once, also without
the scan that was asked for (`not scanned`; it is then asked for once more, and "cannot scan" has
its reason). `B` at the open drawer says that nothing was taken: then nothing is recorded as
removed, and everything within reach is counted, because the drawer was open. Neither a wrong pack
nor an expired lease records a removal.

**The hand sees what the book does not.** Book says none, too few, or nothing: the drawer opens all
the same; once in the visit she is asked how many are left, and one discrepancy, hand minus book,
carries the difference (RULES 4, I4).

**The order ends while she stands there.** Stopped, rejected, recalled, recorded given meanwhile:
the lease is called off; at the open drawer the screen says so, and nothing more is released for it.
"""

from statemachine.table import Phase, Row
from statemachine.tasks import common as do
from statemachine.tasks import home, removing
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
    visiting("remove.open", "open: take, scan, close"),
    visiting("remove.wrong_pack", "not this one: put it back, scan the right one"),
    visiting("remove.cannot_scan", "why not? 1 strip, 2 ampoule, 3 half, 4 no code"),
    visiting("remove.left", "the book did not know: how many are left?"),
    visiting("remove.nothing", "nothing is to be taken: close the drawer"),
    resting("remove.left_shut", "closed before it was said: how many were left?"),
    resting("remove.unscanned", "recorded, not scanned: scan it now, or D cannot scan"),
    resting("remove.why_unscanned", "why not? 1 strip, 2 ampoule, 3 half, 4 no code"),
    resting("remove.not_opened", "nothing was recorded as removed: A again, B back, # next one"),
)

ACCESS = (
    do.the_person_may_work_here,
    do.the_cabinet_works_normally,
    removing.the_patient_is_open_here,
    removing.nothing_stopped_this_visit,
    removing.no_other_drawer_in_hand,
    removing.the_drawer_is_known_closed,
    removing.no_fault_of_the_drawer_stands,
)
"""Guards of patient access that are no rule of removal: the panel, the cabinet, the drawer."""

RELEASE = (*ACCESS, *RULES)
"""Everything that must hold at the moment of release."""

_SHUT = ("remove.open", "remove.cannot_scan", "remove.left")
_GO_ON = ("remove.unscanned", "remove.why_unscanned")

ROWS: tuple[Row, ...] = (
    # --- the list ----------------------------------------------------------------------------
    Row(
        "key A",
        "patient.list",
        "remove.next",
        (removing.something_is_due,),
        (removing.plan_all_due, do.go),
        "all that is due",
    ),
    Row("key A", "patient.list", "remove.refused", (), (removing.refuse_all_due,), "nothing is"),
    Row(
        "key number",
        "patient.list",
        "remove.next",
        (do.the_number_chooses_a_line, removing.the_line_can_be_planned),
        (removing.plan_line, do.go),
        "this line",
    ),
    Row(
        "key number",
        "patient.list",
        "remove.refused",
        (do.the_number_chooses_a_line,),
        (removing.refuse_line,),
        "refused, every reason",
    ),
    Row("key number", "patient.list", None, (), (do.tick,), "no such line"),
    Row("key D", "patient.list", None, (do.there_is_another_page,), (do.next_page,), "more"),
    Row("key D", "patient.list", None, (), (do.tick,), "no more"),
    Row("key B", "patient.list", None, (do.this_is_not_the_first_page,), (do.page_back,), "back"),
    Row(
        "key B",
        "patient.list",
        "home.patients",
        (),
        (removing.patient_passed, do.show_patients, do.say("")),
        "another patient",
    ),
    # --- another quantity than the one shown ---------------------------------------------------
    Row("key #", "patient.list", "patient.amount", (), (do.say(""),), "another quantity"),
    Row(
        "number",
        "patient.amount",
        "patient.list",
        (removing.a_believable_number,),
        (removing.take_amount,),
        "then the line",
    ),
    Row("number", "patient.amount", None, (), (do.tick,), "too many"),
    Row("key B", "patient.amount", "patient.list", (), (removing.as_shown,), "as shown"),
    # --- refused, replaced -------------------------------------------------------------------
    Row(
        "key A",
        "remove.refused",
        "remove.next",
        (removing.more_is_planned,),
        (do.say(""), do.go),
        "go on with the rest",
    ),
    Row(
        "key A",
        "remove.refused",
        "patient.chart",
        (removing.only_the_chart_is_missing,),
        (removing.ask_for_the_chart,),
        "the orders grew old meanwhile",
    ),
    Row(
        "key A",
        "remove.refused",
        "patient.time",
        (removing.only_the_time_is_missing,),
        (removing.ask_for_the_time,),
        "nobody knows the time any more",
    ),
    Row(
        ("key A", "key B"),
        "remove.refused",
        "patient.list",
        (),
        (home.show_lines, do.say("")),
        "what else is due",
    ),
    Row(
        "key D",
        "remove.refused",
        "remove.replace",
        (removing.only_removed_already,),
        (),
        "replace what was removed",
    ),
    Row("key D", "remove.refused", None, (), (do.tick,), "nothing to replace"),
    Row(
        "key number",
        "remove.replace",
        "remove.next",
        (removing.a_replacement_reason,),
        (removing.plan_replacement, do.go),
        "again, with its reason",
    ),
    Row("key number", "remove.replace", None, (), (do.tick,), "no such reason"),
    Row("key B", "remove.replace", "patient.list", (), (home.show_lines, do.say("")), "never mind"),
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
        (removing.nothing_more_is_planned, removing.something_is_due),
        (home.show_lines,),
        "more is due for this patient",
    ),
    Row(
        "go",
        "remove.next",
        "home.patients",
        (removing.nothing_more_is_planned,),
        (removing.patient_done, do.show_patients),
        "this patient is done",
    ),
    Row(
        "go",
        "remove.next",
        "remove.release",
        (*RELEASE, removing.every_stop_is_answered, removing.no_lease_runs),
        (removing.release,),
        "intent, then lease",
    ),
    Row(
        "go",
        "remove.next",
        "remove.wait",
        (*RELEASE, removing.every_stop_is_answered),
        (),
        "one lease at a time (WIRE 5)",
    ),
    Row("go", "remove.next", "remove.many", RELEASE, (), "many units: a matching answer"),
    Row("go", "remove.next", "remove.refused", (), (removing.refuse_visit,), "every reason"),
    Row(
        "number",
        "remove.many",
        "remove.next",
        (removing.the_answer_matches,),
        (removing.answer_stop, do.go),
        "the same number",
    ),
    Row("number", "remove.many", None, (), (do.say("not the same"), do.tick), "another number"),
    Row(
        "key B",
        ("remove.many", "remove.wait"),
        "patient.list",
        (),
        (home.show_lines, do.say("")),
        "never mind",
    ),
    Row("lease free", "remove.wait", "remove.next", (), (do.go,), "now"),
    # --- released ----------------------------------------------------------------------------
    Row(
        "drawer opened",
        "remove.release",
        "remove.nothing",
        (removing.called_off,),
        (),
        "opened although called off",
    ),
    Row("drawer opened", "remove.release", "remove.open", (), (removing.at_the_drawer,), "open"),
    Row("key B", "remove.release", None, (), (removing.call_off,), "called off: the lease ends"),
    Row(
        "drawer expired",
        "remove.release",
        "patient.list",
        (removing.called_off,),
        (home.show_lines, do.say("nothing taken")),
        "called off in time",
    ),
    Row(
        ("drawer expired", "drawer jammed", "drawer refused", "drawer indeterminate"),
        "remove.release",
        "remove.not_opened",
        (),
        (removing.not_opened,),
        "nothing recorded as removed",
    ),
    Row(
        "drawer stopped",
        "remove.release",
        "patient.list",
        (),
        (home.show_lines, do.say("safe hold")),
        "F8: ordinary release stops",
    ),
    Row(
        "pack",
        "remove.release",
        None,
        (removing.the_bolt_is_out, removing.the_pack_is_right),
        (removing.scanned, removing.somebody_was_inside),
        "F1: a pack in hand, and no opening seen",
    ),
    Row("pack", "remove.release", None, (), (do.scan_not_now,), "open the drawer first"),
    Row(
        "ward changed",
        "remove.release",
        None,
        (removing.the_order_still_holds, do.the_person_may_work_here),
        (),
        "goes on",
    ),
    Row(
        "ward changed", "remove.release", None, (), (removing.stop_visit, removing.call_off), "off"
    ),
    # --- open --------------------------------------------------------------------------------
    Row(
        "pack",
        ("remove.open", "remove.cannot_scan", "remove.wrong_pack", "remove.left"),
        "remove.left",
        (removing.the_pack_is_right, removing.left_is_to_be_asked),
        (removing.scanned,),
        "right; and how many are left?",
    ),
    Row(
        "pack",
        ("remove.open", "remove.cannot_scan", "remove.wrong_pack", "remove.left"),
        "remove.open",
        (removing.the_pack_is_right,),
        (removing.scanned,),
        "right",
    ),
    Row(
        "pack",
        ("remove.open", "remove.cannot_scan", "remove.wrong_pack", "remove.left"),
        "remove.wrong_pack",
        (),
        (removing.near_miss,),
        "wrong: stop, kept as a near miss",
    ),
    Row(
        "key D",
        "remove.open",
        "remove.cannot_scan",
        (removing.a_scan_is_asked,),
        (do.say(""),),
        "cannot scan",
    ),
    Row("key D", "remove.open", None, (), (do.tick,), "no scan is asked"),
    Row(
        "key number",
        "remove.cannot_scan",
        "remove.left",
        (removing.a_scan_reason, removing.left_is_to_be_asked),
        (removing.take_scan_reason,),
        "and how many are left?",
    ),
    Row(
        "key number",
        "remove.cannot_scan",
        "remove.open",
        (removing.a_scan_reason,),
        (removing.take_scan_reason,),
        "then close",
    ),
    Row("key number", "remove.cannot_scan", None, (), (do.tick,), "no such reason"),
    Row("key B", "remove.cannot_scan", "remove.open", (), (do.say(""),), "back"),
    Row("key B", "remove.left", "remove.open", (), (do.say(""),), "back"),
    Row(
        "key #",
        "remove.open",
        "remove.left",
        (removing.left_is_to_be_asked,),
        (do.say(""),),
        "how many are left?",
    ),
    Row("key #", "remove.open", None, (), (removing.said_shut,), "she says it is shut (F2)"),
    Row(
        "number",
        "remove.left",
        "remove.open",
        (removing.a_believable_number,),
        (removing.left_told,),
        "once",
    ),
    Row("number", "remove.left", None, (), (do.tick, do.say("not believable")), "too many"),
    Row(
        "key B",
        ("remove.open", "remove.wrong_pack"),
        "remove.nothing",
        (),
        (removing.nothing_taken,),
        "nothing taken: close the drawer",
    ),
    Row(
        "key A", "remove.nothing", "remove.open", (), (removing.taken_after_all,), "taken after all"
    ),
    Row("pack", "remove.nothing", None, (), (do.scan_not_now,), "nothing is to be taken"),
    Row(
        "ward changed",
        ("remove.open", "remove.wrong_pack", "remove.cannot_scan", "remove.left"),
        None,
        (removing.the_order_still_holds,),
        (),
        "goes on",
    ),
    Row(
        "ward changed",
        ("remove.open", "remove.wrong_pack", "remove.cannot_scan", "remove.left"),
        "remove.nothing",
        (),
        (removing.stop_visit,),
        "stopped meanwhile: put it back",
    ),
    # --- closed ------------------------------------------------------------------------------
    Row(
        "drawer closed",
        _SHUT,
        "remove.unscanned",
        (do.the_person_may_work_here, removing.a_scan_is_missing),
        (removing.record,),
        "recorded at once; scan it now",
    ),
    Row(
        "drawer closed",
        _SHUT,
        "remove.left_shut",
        (do.the_person_may_work_here, removing.left_is_to_be_asked),
        (removing.record,),
        "recorded at once; how many were left?",
    ),
    Row("drawer closed", _SHUT, "remove.next", (), (removing.record, do.go), "closing means next"),
    Row(
        "drawer closed",
        ("remove.nothing", "remove.wrong_pack"),
        "remove.not_opened",
        (do.the_person_may_work_here,),
        (removing.closed_with_nothing,),
        "nothing recorded as removed; a count is asked",
    ),
    Row(
        "drawer closed",
        ("remove.nothing", "remove.wrong_pack"),
        "signin.badge",
        (),
        (removing.closed_with_nothing, do.revoked),
        "revoked meanwhile (I13)",
    ),
    # --- after closing -----------------------------------------------------------------------
    Row(
        "pack",
        _GO_ON,
        "remove.left_shut",
        (removing.the_pack_is_right, removing.left_is_to_be_asked),
        (removing.scanned_late,),
        "right; and how many were left?",
    ),
    Row(
        "pack",
        _GO_ON,
        "remove.next",
        (removing.the_pack_is_right,),
        (removing.scanned_late, do.go),
        "right",
    ),
    Row("pack", _GO_ON, "remove.unscanned", (), (removing.near_miss_late,), "wrong: near miss"),
    Row("key D", "remove.unscanned", "remove.why_unscanned", (), (do.say(""),), "cannot scan"),
    Row(
        "key number",
        "remove.why_unscanned",
        "remove.left_shut",
        (removing.a_scan_reason, removing.left_is_to_be_asked),
        (removing.take_scan_reason_late,),
        "and how many were left?",
    ),
    Row(
        "key number",
        "remove.why_unscanned",
        "remove.next",
        (removing.a_scan_reason,),
        (removing.take_scan_reason_late, do.go),
        "journalled",
    ),
    Row("key number", "remove.why_unscanned", None, (), (do.tick,), "no such reason"),
    Row("key B", "remove.why_unscanned", "remove.unscanned", (), (do.say(""),), "back"),
    Row(
        ("key A", "key #", "key B"),
        "remove.unscanned",
        "remove.left_shut",
        (removing.left_is_to_be_asked,),
        (do.say(""),),
        "the mark stays; how many were left?",
    ),
    Row(
        ("key A", "key #", "key B"),
        "remove.unscanned",
        "remove.next",
        (),
        (do.go,),
        "the mark stays",
    ),
    Row(
        "number",
        "remove.left_shut",
        "remove.next",
        (removing.a_believable_number,),
        (removing.left_told_late, do.go),
        "once",
    ),
    Row("number", "remove.left_shut", None, (), (do.tick, do.say("not believable")), "too many"),
    Row(
        "key B",
        "remove.left_shut",
        "remove.next",
        (),
        (removing.left_not_told, do.go),
        "not known: a count is asked",
    ),
    # --- nothing was recorded ----------------------------------------------------------------
    Row(
        "key A",
        "remove.not_opened",
        "remove.next",
        (removing.it_may_be_tried_again,),
        (removing.try_again, do.go),
        "again",
    ),
    Row("key A", "remove.not_opened", None, (), (do.tick,), "not for this one"),
    Row("key #", "remove.not_opened", "remove.next", (), (removing.skip, do.go), "the next one"),
    Row("key B", "remove.not_opened", "patient.list", (), (home.show_lines, do.say("")), "back"),
    Row("key D", "remove.not_opened", None, (), (removing.it_did_open,), "it did open: count it"),
)
