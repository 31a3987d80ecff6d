"""The visit: what happens between an open drawer and the next one (RULES 4, 6).

    remove.open --scan--> remove.open --closed--> remove.next
    remove.open --wrong pack--> remove.wrong_pack, --D--> remove.cannot_scan, --B--> remove.nothing
    closed without its scan --> remove.unscanned; without the number left --> remove.left_shut

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
"""

from statemachine.table import Phase, Row
from statemachine.tasks import closing, packs, patient, phases, releasing
from statemachine.tasks import common as do
from statemachine.tasks.words import resting, visiting

PHASES: tuple[Phase, ...] = (
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

_SHUT = ("remove.open", "remove.cannot_scan", "remove.left")
_GO_ON = ("remove.unscanned", "remove.why_unscanned")
_OPEN = ("remove.open", "remove.cannot_scan", "remove.wrong_pack", "remove.left")

ROWS: tuple[Row, ...] = (
    # --- open --------------------------------------------------------------------------------
    Row(
        "pack",
        _OPEN,
        "remove.left",
        (packs.the_pack_is_right, closing.left_is_to_be_asked),
        (packs.scanned,),
        "right; and how many are left?",
    ),
    Row(
        "pack",
        _OPEN,
        "remove.open",
        (packs.the_pack_is_right,),
        (packs.scanned,),
        "right",
    ),
    Row(
        "pack",
        _OPEN,
        "remove.wrong_pack",
        (),
        (packs.near_miss,),
        "wrong: stop, kept as a near miss",
    ),
    Row(
        "key D",
        "remove.open",
        "remove.cannot_scan",
        (packs.a_scan_is_asked,),
        (do.say(""),),
        "cannot scan",
    ),
    Row("key D", "remove.open", None, (), (do.tick,), "no scan is asked"),
    *phases.reasons(
        "remove.cannot_scan",
        packs.a_scan_reason,
        (
            "remove.left",
            (closing.left_is_to_be_asked,),
            (packs.take_scan_reason,),
            "and how many are left?",
        ),
        ("remove.open", (), (packs.take_scan_reason,), "then close"),
    ),
    Row("key B", "remove.cannot_scan", "remove.open", (), (do.say(""),), "back"),
    Row("key B", "remove.left", "remove.open", (), (do.say(""),), "back"),
    Row(
        "key #",
        "remove.open",
        "remove.left",
        (closing.left_is_to_be_asked,),
        (do.say(""),),
        "how many are left?",
    ),
    Row("key #", "remove.open", None, (), (closing.said_shut,), "she says it is shut (F2)"),
    Row(
        "number",
        "remove.left",
        "remove.open",
        (closing.a_believable_number,),
        (closing.left_told,),
        "once",
    ),
    Row("number", "remove.left", None, (), (do.tick, do.say("not believable")), "too many"),
    Row(
        "key B",
        ("remove.open", "remove.wrong_pack"),
        "remove.nothing",
        (),
        (closing.nothing_taken,),
        "nothing taken: close the drawer",
    ),
    Row(
        "key A", "remove.nothing", "remove.open", (), (closing.taken_after_all,), "taken after all"
    ),
    Row("pack", "remove.nothing", None, (), (do.scan_not_now,), "nothing is to be taken"),
    Row(
        "ward changed",
        _OPEN,
        None,
        (releasing.the_order_still_holds,),
        (),
        "goes on",
    ),
    Row(
        "ward changed",
        _OPEN,
        "remove.nothing",
        (),
        (releasing.stop_visit,),
        "stopped meanwhile: put it back",
    ),
    # --- closed ------------------------------------------------------------------------------
    Row(
        "drawer closed",
        _SHUT,
        "remove.unscanned",
        (do.the_person_may_work_here, packs.a_scan_is_missing),
        (closing.record,),
        "recorded at once; scan it now",
    ),
    Row(
        "drawer closed",
        _SHUT,
        "remove.left_shut",
        (do.the_person_may_work_here, closing.left_is_to_be_asked),
        (closing.record,),
        "recorded at once; how many were left?",
    ),
    Row("drawer closed", _SHUT, "remove.next", (), (closing.record, do.go), "closing means next"),
    Row(
        "drawer closed",
        ("remove.nothing", "remove.wrong_pack"),
        "remove.not_opened",
        (do.the_person_may_work_here,),
        (closing.closed_with_nothing,),
        "nothing recorded as removed; a count is asked",
    ),
    Row(
        "drawer closed",
        ("remove.nothing", "remove.wrong_pack"),
        "signin.badge",
        (),
        (closing.closed_with_nothing, do.revoked),
        "revoked meanwhile (I13)",
    ),
    # --- after closing -----------------------------------------------------------------------
    Row(
        "pack",
        _GO_ON,
        "remove.left_shut",
        (packs.the_pack_is_right, closing.left_is_to_be_asked),
        (packs.scanned_late,),
        "right; and how many were left?",
    ),
    Row(
        "pack",
        _GO_ON,
        "remove.next",
        (packs.the_pack_is_right,),
        (packs.scanned_late, do.go),
        "right",
    ),
    Row("pack", _GO_ON, "remove.unscanned", (), (packs.near_miss_late,), "wrong: near miss"),
    Row("key D", "remove.unscanned", "remove.why_unscanned", (), (do.say(""),), "cannot scan"),
    *phases.reasons(
        "remove.why_unscanned",
        packs.a_scan_reason,
        (
            "remove.left_shut",
            (closing.left_is_to_be_asked,),
            (packs.take_scan_reason_late,),
            "and how many were left?",
        ),
        ("remove.next", (), (packs.take_scan_reason_late, do.go), "journalled"),
    ),
    Row("key B", "remove.why_unscanned", "remove.unscanned", (), (do.say(""),), "back"),
    Row(
        ("key A", "key #", "key B"),
        "remove.unscanned",
        "remove.left_shut",
        (closing.left_is_to_be_asked,),
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
        (closing.a_believable_number,),
        (closing.left_told_late, do.go),
        "once",
    ),
    Row("number", "remove.left_shut", None, (), (do.tick, do.say("not believable")), "too many"),
    Row(
        "key B",
        "remove.left_shut",
        "remove.next",
        (),
        (closing.left_not_told, do.go),
        "not known: a count is asked",
    ),
    # --- nothing was recorded ----------------------------------------------------------------
    Row(
        "key A",
        "remove.not_opened",
        "remove.next",
        (closing.it_may_be_tried_again,),
        (closing.try_again, do.go),
        "again",
    ),
    Row("key A", "remove.not_opened", None, (), (do.tick,), "not for this one"),
    Row("key #", "remove.not_opened", "remove.next", (), (closing.skip, do.go), "the next one"),
    Row("key B", "remove.not_opened", "patient.list", (), (patient.show_lines, do.say("")), "back"),
    Row("key D", "remove.not_opened", None, (), (closing.it_did_open,), "it did open: count it"),
)
