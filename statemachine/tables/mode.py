"""The cabinet's mode: what the cabinet as a whole may do.

- `starting`: before the first event of a run. Nothing is released.
- `commissioning`: nobody to sign in, or nothing assigned to a pocket yet. Counts are possible, so
  that stock gets its legal origin; removals are not.
- `normal`: everything.
- `safe_hold`: a wrong drawer opened (F8). Ordinary release stops until the nurse in charge or a
  pharmacist has looked; emergency paths are not touched by it. A power cut does not end it: it
  stands as a fault in the log.
- `rolled_back`: the journal is older than its anchors (WIRE 2). No ordinary release. It stands as
  a fault in the log too, and ends with that fault.

The mode also passes on what concerns everybody: that a lease ended, so that whoever waits for one
may go on.
"""

from statemachine.effects import EndLease
from statemachine.events import Booted, Event
from statemachine.house import ROLLED_BACK, faults_of
from statemachine.table import Phase, Row, Table
from statemachine.tables.drawer_does import RELEASING, ask_counts
from statemachine.turn import Turning
from statemachine.ward.drawers import FaultCleared, FaultRaised, ReleaseIndeterminate, ReleaseIntent
from statemachine.ward.house import Boot, RollbackDetected

SAFE_HOLD = "safe hold"

EVENTS = ("booted", "ward changed", "wrong drawer", "cleared", "lease free")
_ALL = frozenset(EVENTS)
_LATER = _ALL - {"booted"}
_BOOT = frozenset({"booted"})
_NO_LEASE = frozenset({"booted", "wrong drawer"})
"""Safe hold has ended every lease: none can open another drawer than its own."""


def the_journal_is_too_old(turn: Turning) -> bool:
    """Recovery found the journal older than its anchors."""
    event = turn.event
    return _told_at_boot(event) or ROLLED_BACK in turn.ward.drawers.faults


def _told_at_boot(event: Event) -> bool:
    return isinstance(event, Booted) and event.reason == "rollback"


def a_safe_hold_stands(turn: Turning) -> bool:
    """The log holds a safe hold that nobody has ended."""
    return SAFE_HOLD in turn.ward.drawers.faults


def the_cabinet_is_furnished(turn: Turning) -> bool:
    """Somebody may sign in, and a pocket has a product."""
    return bool(turn.ward.people.persons) and any(
        known.pocket.product is not None for known in turn.ward.stock.pockets.values()
    )


def boot(turn: Turning) -> None:
    """The boot line, and the end of every intent that power left open (F10, I2)."""
    event = turn.event
    if not isinstance(event, Booted):
        raise TypeError("A boot without its event; the turn was thrown away.")
    turn.add(Boot(reason=event.reason, version=event.version, hal=event.hal))
    if _told_at_boot(event):
        turn.add(RollbackDetected(reason="the journal is older than its anchors"))
        if ROLLED_BACK not in turn.ward.drawers.faults:
            turn.add(FaultRaised(fault=ROLLED_BACK, reason="the journal is older than its anchors"))
    for number in sorted(turn.machines.drawers):
        part = f"drawer {number}"
        if part in faults_of(turn.ward, number):
            # Whether its line answers is asked anew in this run.
            turn.add(FaultCleared(fault=part, drawer=number))
    for intent, reason in event.uncertain:
        known = turn.ward.drawers.intents.get(intent)
        if known is not None:
            _uncertain(turn, intent, known.intent, reason)


def _uncertain(turn: Turning, intent: int, released: ReleaseIntent, reason: str) -> None:
    drawer = released.drawer
    turn.add(ReleaseIndeterminate(drawer=drawer, intent=intent, reason=reason or "power"))
    ask_counts(turn, drawer, "power", intent)
    uncertain = (*turn.machines.uncertain, (intent, drawer))[-64:]
    named = (*turn.machines.uncertain_products, (intent, released.product or ""))[-64:]
    turn.set_machines(uncertain=uncertain, uncertain_products=named)


def hold(turn: Turning) -> None:
    """Every lease ends; ordinary release stops until somebody has looked (F8)."""
    turn.add(FaultRaised(fault=SAFE_HOLD, reason="a wrong drawer opened"))
    for number, box in sorted(turn.machines.drawers.items()):
        if box.state in RELEASING:
            turn.effect(EndLease(drawer=number))
        turn.signal("drawer", number, "stop")


def tell_who_waits(turn: Turning) -> None:
    """A lease ended: whoever waits for one may go on."""
    for number in sorted(turn.machines.panels):
        if turn.machines.panels[number].state.endswith(".wait"):
            turn.signal("session", number, "lease free")
            return


def ignored(turn: Turning) -> None:
    """Nothing changes; counted."""
    turn.count_ignored()


def impossible(turn: Turning) -> None:
    """A second boot in one run: a defect; journalled, and no ordinary release."""
    turn.add(FaultRaised(fault=SAFE_HOLD, reason="the cabinet contradicted itself"))
    turn.alarm("The cabinet contradicted itself. Nothing is released. Call pharmacy.")


PHASES = (
    Phase("starting", "before the first event of a run", impossible=_LATER),
    Phase("commissioning", "no staff, or no pocket assigned yet", impossible=_BOOT),
    Phase("normal", "everything works", frozenset({"cleared"}), _BOOT),
    Phase("safe_hold", "a wrong drawer opened: ordinary release stops", impossible=_NO_LEASE),
    Phase("rolled_back", "the journal is older than its anchors", frozenset({"cleared"}), _BOOT),
)

_RUNNING = ("commissioning", "normal", "safe_hold", "rolled_back")

ROWS = (
    Row("booted", "starting", "rolled_back", (the_journal_is_too_old,), (boot,), "WIRE 2"),
    Row("booted", "starting", "safe_hold", (a_safe_hold_stands,), (boot,), "F8 stands"),
    Row("booted", "starting", "normal", (the_cabinet_is_furnished,), (boot,), "ready"),
    Row("booted", "starting", "commissioning", (), (boot,), "nothing to work with yet"),
    Row("ward changed", _RUNNING, "rolled_back", (the_journal_is_too_old,), (), "WIRE 2"),
    Row(
        "ward changed",
        ("commissioning", "rolled_back"),
        "normal",
        (the_cabinet_is_furnished,),
        (),
        "ready",
    ),
    Row("ward changed", ("commissioning", "normal", "safe_hold"), None, (), (), "no matter"),
    Row("ward changed", "rolled_back", "commissioning", (), (), "nothing to work with yet"),
    Row("wrong drawer", ("commissioning", "normal"), "safe_hold", (), (hold,), "F8"),
    Row("wrong drawer", "rolled_back", None, (), (hold,), "F8, under a lease from before"),
    Row("cleared", "commissioning", None, (), (), "no matter"),
    Row("cleared", "safe_hold", "normal", (the_cabinet_is_furnished,), (), "somebody has looked"),
    Row("cleared", "safe_hold", "commissioning", (), (), "somebody has looked"),
    Row("lease free", _RUNNING, None, (), (tell_who_waits,), "one after another"),
)

TABLE = Table(
    name="mode",
    essay=__doc__ or "",
    initial="starting",
    events=EVENTS,
    phases=PHASES,
    rows=ROWS,
    ignore=ignored,
    fault=impossible,
    fault_state="safe_hold",
)
