"""A drawer: command, lock feedback and reed switch, and a name for every row of their truth table.

Three things are known of a drawer, and each can lie on its own: what we **commanded** (a lease or
none), what the **lock feedback** says of the bolt, and what the **reed switch** says of the box. A
magnet falls out, a bolt sticks, a screwdriver is stronger than both. So the three are never folded
into one "open" or "closed": every combination has a name here, and a reaction (F9).

The quiet life of a drawer is a circle: `closed` -> `leased` (a lease was asked for) -> `released`
(the bolt is out, somebody may pull) -> `open` -> `closing` (shut, the bolt is on its way home) ->
`closed`. An open drawer has its bolt out; the lease ends as soon as the reed says open.

Where the circle breaks:

- **F1 reed stuck closed.** The bolt moved, no reed edge came, and the bolt is not home at once when
  the lease ends (`relocking`; after two seconds `unsecured`), or a scan says that it was open. It
  counts as opened: `release.indeterminate`, everything in it is counted; the second time takes the
  drawer out of use (`suspect`).
- **F2 reed stuck open, magnet lost.** The person says it is shut, the bolt is home, the reed says
  open: `latched`. Believed open; no further release; the others go on.
- **F3 bounce.** Debounced below; and `closing` goes back to `open` without a second
  `drawer.opened`: never more than one a lease.
- **F4 jam.** Energised and the bolt does not move within 1.5 s: one retry inside the same intent
  (`retrying`), then `release.jammed`. Stock is untouched. A jam is no contradiction: the next
  release may try again.
- **F5 bolt does not go home.** Shut for 2 s with the bolt out: `unsecured`, alarm, out of use.
- **F6 forced.** Open without a lease: `forced`, alarm, everything in it is counted.
- **F7 left open.** 30 s without anything done in the visit: `left_open`, reminders at 60 and 120 s;
  silent while a count is asked.
- **F8 wrong drawer.** Open without a lease while another drawer has one: `wrong`, every lease ends,
  the cabinet goes to safe hold.

**Unknown is unsafe**: a sensor not read, or lost, is never "closed" (`unknown`, `blind`). Nothing
leaves `suspect` or `latched` by itself: a person who may do so clears it when the sensors agree. A
forced drawer that is shut and bolted again agrees with its sensors and works; its alarm stands
until somebody has seen it, and its count is due.
"""

from statemachine.table import Phase, Row, Table
from statemachine.tables import drawer_does as do

SENSED = tuple(
    f"sensed {reed} {lock}"
    for reed in ("closed", "open", "unknown")
    for lock in ("locked", "unlocked", "unknown")
)
"""The nine things the two sensors can say together."""

CL, CU, CX = "sensed closed locked", "sensed closed unlocked", "sensed closed unknown"
OL, OU, OX = "sensed open locked", "sensed open unlocked", "sensed open unknown"
XL, XU, XX = "sensed unknown locked", "sensed unknown unlocked", "sensed unknown unknown"
SHUT, OPEN, LOST = (CL, CU, CX), (OL, OU, OX), (XL, XU, XX)

FROM_GATE = ("lease given", "lease ended", "lease refused")
FROM_SESSION = ("release", "cancel", "touched", "activity", "said shut", "let go")
FROM_HOUSE = ("timer", "look", "stop", "cleared")
EVENTS = (*SENSED, *FROM_GATE, *FROM_SESSION, *FROM_HOUSE)

_LATE = frozenset({*FROM_GATE, *FROM_HOUSE})
"""May come late, or to every drawer at once, and change nothing at rest."""
_RESTING = frozenset(FROM_SESSION)
"""A session speaks only to the drawer of its own visit: to one at rest, only by a defect."""
_BUSY = frozenset({*FROM_GATE, *FROM_HOUSE} | set(FROM_SESSION) - {"release"})
_RELEASE = frozenset({"release"})


def _resting(name: str, why: str) -> Phase:
    return Phase(name=name, why=why, ignored=_LATE, impossible=_RESTING)


def _visited(name: str, why: str) -> Phase:
    return Phase(name=name, why=why, ignored=_BUSY, impossible=_RELEASE)


PHASES = (
    _resting("unknown", "no lease; the sensors have not been read, or were lost: never released"),
    _resting("closed", "no lease, bolt home, reed closed: the only one that may be released"),
    _resting("jammed", "as closed; the last release could not move the bolt (F4)"),
    _resting("slack", "no lease, reed closed, bolt out: two seconds to go home"),
    _resting("unsecured", "no lease, reed closed, bolt out for longer: out of use (F5)"),
    _resting("suspect", "bolt home, reed closed, but it contradicted itself: out of use (F1, F5)"),
    _resting("latched", "reed open, bolt home, a person says shut: believed open (F2)"),
    _resting("forced", "reed open, no lease (F6)"),
    _resting("wrong", "reed open, no lease, while another drawer had one (F8)"),
    _resting("found", "reed open when the sensors were first read"),
    _resting("shutting", "reed closed again after one of these, two seconds for the bolt"),
    _visited("leased", "lease asked for, reed closed, bolt not seen moving yet"),
    _visited("retrying", "the coil rests before the one retry of a jam (F4)"),
    _visited("released", "lease running, reed closed, bolt out: somebody may pull"),
    _visited("blind", "lease running, reed lost: it may be open (F9)"),
    _visited(
        "relocking", "lease over, reed closed: is the bolt home, or was it opened unseen? (F1)"
    ),
    _visited("open", "reed open under an intent, whatever the bolt says"),
    _visited("left_open", "as open, and nothing was done in it for 30 s (F7)"),
    _visited("closing", "reed closed again, the bolt has two seconds to go home"),
)

_AT_REST = ("closed", "jammed", "slack", "unsecured", "suspect")

ROWS = (
    # --- at rest: what the sensors say by themselves -----------------------------------------
    Row(
        CL, "unknown", "suspect", (do.a_fault_stands,), (), "read for the first time, fault stands"
    ),
    Row(CL, "unknown", "closed", (), (), "read for the first time: shut and bolted"),
    Row(CU, "unknown", "slack", (), (do.wait_for_the_bolt,), "shut, bolt out"),
    Row(OPEN, "unknown", "found", (), (do.found_open,), "open when first read"),
    Row((CX, *LOST), "unknown", None, (), (), "still not known"),
    Row(CL, ("closed", "jammed", "suspect"), None, (), (), "as it was"),
    Row(CU, ("closed", "jammed", "suspect"), "slack", (), (do.wait_for_the_bolt,), "bolt out"),
    Row((CX, *LOST), ("closed", "jammed"), "unknown", (), (), "a sensor was lost"),
    Row((CX, *LOST), "suspect", None, (), (), "a sensor was lost; out of use already"),
    Row(
        CL, "slack", "suspect", (do.a_fault_stands,), (do.came_to_rest,), "bolt home, fault stands"
    ),
    Row(CL, "slack", "closed", (), (do.came_to_rest,), "bolt home in time"),
    Row((CU, CX), "slack", None, (), (), "still out"),
    Row(LOST, "slack", None, (), (), "the reed was lost; the bolt is out"),
    Row("timer", "slack", "unsecured", (), (do.unsecured,), "F5: bolt not home"),
    Row(CL, "unsecured", "suspect", (), (), "bolt home at last; a person must clear it"),
    Row((CU, CX, *LOST), "unsecured", None, (), (), "still not secured"),
    Row(OPEN, _AT_REST, "wrong", (do.another_drawer_has_a_lease,), (do.wrong_drawer,), "F8"),
    Row(OPEN, _AT_REST, "forced", (), (do.forced,), "F6: open without a lease"),
    Row("cleared", "suspect", "closed", (do.the_sensors_agree,), (), "somebody put it right"),
    Row("cleared", "suspect", "unknown", (), (), "put right, but its sensors must be read"),
    Row(CL, "latched", "suspect", (), (), "the sensors agree again; a person must clear it"),
    Row((CU, CX, *OPEN, *LOST), "latched", None, (), (), "believed open"),
    Row(
        CL,
        ("forced", "wrong", "found", "shutting"),
        "suspect",
        (do.a_fault_stands,),
        (do.shut_again,),
        "shut, an older fault stands",
    ),
    Row(
        CL,
        ("forced", "wrong", "found", "shutting"),
        "closed",
        (),
        (do.shut_again,),
        "shut and bolted",
    ),
    Row((CU, CX), ("forced", "wrong", "found"), "shutting", (), (do.wait_for_the_bolt,), "shut"),
    Row(OPEN, "shutting", "found", (), (do.came_to_rest,), "open again: still that opening"),
    Row((CU, CX, *LOST), "shutting", None, (), (), "the bolt is on its way"),
    Row("timer", "shutting", "unsecured", (), (do.shut_again, do.unsecured), "F5: bolt not home"),
    Row((*OPEN, *LOST), ("forced", "wrong", "found"), None, (), (), "still open"),
    # --- released ----------------------------------------------------------------------------
    Row("release", ("closed", "jammed"), "leased", (), (do.watch_the_bolt,), "an intent stands"),
    Row((CL, CX), "leased", None, (), (), "the bolt has not moved yet"),
    Row(CU, "leased", "released", (), (do.the_bolt_moved,), "the bolt is out"),
    Row("timer", "leased", "retrying", (do.not_retried_yet,), (do.rest_the_coil,), "F4: once more"),
    Row("timer", "leased", "jammed", (), (do.jammed,), "F4: jammed"),
    Row("lease ended", "leased", "closed", (do.we_ended_the_lease,), (do.expired,), "called off"),
    Row("lease ended", "leased", "jammed", (), (do.jammed,), "F4: over, the bolt never moved"),
    Row("lease refused", "leased", "closed", (), (do.refused,), "the gate or the metal said no"),
    Row((CL, CX), "retrying", None, (), (), "the coil rests"),
    Row(CU, "retrying", "released", (), (do.the_bolt_moved,), "it moved after all"),
    Row("timer", "retrying", "leased", (), (do.lease_again,), "F4: the one retry"),
    Row("lease refused", "retrying", "jammed", (), (do.jammed,), "F4: no retry possible"),
    Row("cancel", "retrying", "closed", (), (do.expired,), "called off"),
    Row("let go", "retrying", "closed", (), (do.let_go, do.expired), "its session is gone"),
    Row(SHUT, "released", None, (), (), "nobody has pulled yet"),
    Row(
        "lease ended",
        "released",
        "relocking",
        (),
        (do.wait_for_a_bolt_that_was_never_pulled, do.look),
        "time is up",
    ),
    Row(OPEN, ("leased", "retrying", "released", "blind"), "open", (), (do.opened,), "pulled"),
    Row(LOST, ("leased", "retrying", "released"), "blind", (), (do.doubt,), "F9: reed lost"),
    Row(SHUT, "blind", "released", (), (do.doubt,), "the reed is back; it may have been open"),
    Row(LOST, "blind", None, (), (), "still lost"),
    Row("lease ended", "blind", "unknown", (), (do.indeterminate,), "F9: nobody can say"),
    Row("cancel", ("leased", "released", "blind"), None, (), (do.end_the_lease,), "called off"),
    Row(
        "let go",
        ("leased", "released", "blind"),
        None,
        (),
        (do.end_the_lease, do.let_go),
        "its session is gone",
    ),
    Row("touched", ("leased", "released", "blind"), None, (), (do.doubt,), "somebody was inside"),
    Row("stop", ("leased", "retrying"), "closed", (), (do.stop_the_lease,), "F8: all leases end"),
    Row(
        "stop",
        "released",
        "relocking",
        (),
        (do.stop_the_lease, do.wait_for_a_bolt_that_was_never_pulled),
        "F8",
    ),
    Row("stop", "blind", "unknown", (), (do.stop_the_lease,), "F8: all leases end"),
    # --- the lease is over and nothing was seen ----------------------------------------------
    Row("look", "relocking", None, (do.the_bolt_is_out,), (), "not home yet"),
    Row(
        ("look", CL),
        "relocking",
        "suspect",
        (do.somebody_says_it_opened, do.it_was_doubtful_before),
        (do.indeterminate, do.out_of_use),
        "F1: opened unseen, twice",
    ),
    Row(
        ("look", CL),
        "relocking",
        "closed",
        (do.somebody_says_it_opened,),
        (do.indeterminate,),
        "F1: opened unseen",
    ),
    Row(("look", CL), "relocking", "closed", (), (do.expired,), "never opened"),
    Row(
        "timer",
        "relocking",
        None,
        (do.nobody_doubts_it_yet,),
        (do.doubt, do.wait_longer),
        "F1: a bolt that is not home at once was pulled",
    ),
    Row("touched", "relocking", None, (), (do.doubt,), "somebody was inside"),
    Row("let go", "relocking", None, (), (do.let_go,), "its session is gone"),
    Row((CU, CX, *LOST), "relocking", None, (), (), "not home yet"),
    Row(OPEN, "relocking", "open", (do.an_outcome_is_owed,), (do.opened,), "pulled at the last"),
    Row(OPEN, "relocking", "forced", (), (do.forced,), "F6: after everything was stopped"),
    Row(
        "timer",
        "relocking",
        "unsecured",
        (do.an_outcome_is_owed,),
        (do.indeterminate, do.unsecured),
        "F1, F5: the bolt moved, no reed edge, bolt not home",
    ),
    Row("timer", "relocking", "unsecured", (), (do.unsecured,), "F5: bolt not home"),
    # --- open --------------------------------------------------------------------------------
    Row((*OPEN, *LOST), ("open", "left_open"), None, (), (do.note_the_bolt,), "believed open"),
    Row(
        CL,
        ("open", "left_open", "closing"),
        "suspect",
        (do.a_fault_stands,),
        (do.closed,),
        "shut; an older fault stands",
    ),
    Row(CL, ("open", "left_open", "closing"), "closed", (), (do.closed,), "shut and bolted"),
    Row((CU, CX), ("open", "left_open"), "closing", (), (do.wait_for_the_bolt,), "shut"),
    Row("timer", "open", None, (do.a_count_is_asked_here,), (do.start_left_open_again,), "silent"),
    Row("timer", "open", "left_open", (), (do.left_open,), "F7: left open"),
    Row(
        "timer",
        "left_open",
        None,
        (do.a_count_is_asked_here,),
        (do.start_left_open_again,),
        "silent",
    ),
    Row("timer", "left_open", None, (), (do.remind,), "F7: said again, then the alarm"),
    Row(
        "activity", "open", None, (), (do.start_left_open_again,), "something was done in the visit"
    ),
    Row("said shut", ("open", "left_open"), "latched", (do.the_bolt_is_home,), (do.latched,), "F2"),
    Row("said shut", ("open", "left_open"), None, (), (), "the bolt is out: it is not shut"),
    Row("let go", ("open", "left_open", "closing"), None, (), (do.abandoned,), "session gone"),
    Row(
        OPEN, "closing", "open", (), (do.open_still,), "F3: bounce, or opened again before the bolt"
    ),
    Row((CU, CX, *LOST), "closing", None, (), (), "the bolt is on its way"),
    Row("timer", "closing", "unsecured", (), (do.closed_unsecured, do.unsecured), "F5"),
)

TABLE = Table(
    name="drawer",
    essay=__doc__ or "",
    initial="unknown",
    events=EVENTS,
    phases=PHASES,
    rows=ROWS,
    ignore=do.ignored,
    fault=do.impossible,
    fault_state="suspect",
)
