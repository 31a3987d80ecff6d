"""What the rows of a release ask and do: the guards that are no rule, the intent, the lease.

Shared by removing and counting: both lead one person to one pocket of one drawer.
"""

import msgspec

from statemachine.effects import Light, Release, Sound
from statemachine.machines import DrawerState
from statemachine.refusals import Reason, Refusal
from statemachine.rules.amount import many_units
from statemachine.rules.shelf import book_is_short
from statemachine.tables.drawer_does import RELEASING
from statemachine.tasks import common as do
from statemachine.tasks import lines
from statemachine.tasks.asking import ask_for, reasons
from statemachine.turn import Turning
from statemachine.ward.drawers import ReleaseIntent

LEASE_MS = 5_000
"""How long a lock is energised for a removal or a count; the ceiling stands in `hal.ports`."""
READY = frozenset({"closed", "jammed"})
"""States of a drawer that may be released."""
IN_USE = RELEASING | {
    "relocking",
    "open",
    "left_open",
    "closing",
    "found",
    "forced",
    "wrong",
    "shutting",
}
"""States of a drawer that somebody has open, or that stands open by itself: shut it first."""
WHY_NOT = {
    "unknown": "its sensors do not answer",
    "slack": "it does not lock",
    "unsecured": "it does not lock",
    "suspect": "its sensors contradicted each other",
    "latched": "its sensors contradict each other",
}
"""Why a drawer is out of use, in words."""
ENDED = frozenset(
    {
        Reason.NO_ORDER,
        Reason.OTHER_PATIENT,
        Reason.STOPPED,
        Reason.REJECTED,
        Reason.QUERIED,
        Reason.ENDED,
        Reason.GIVEN,
        Reason.OMITTED,
        Reason.HELD,
        Reason.DISCHARGED,
        Reason.RECALLED,
    },
)
"""Reasons that stop a visit already under way when they arrive in the middle of it."""


# --- the guards of a release that are no rule ------------------------------------------------


def the_patient_is_open_here(turn: Turning) -> bool:
    """The visit is for the patient whose list is open at this panel (I5)."""
    memory = turn.memory
    return bool(memory.queue) and bool(memory.patient) and memory.queue[0].patient == memory.patient


def nothing_stopped_this_visit(turn: Turning) -> bool:
    """Nothing ended this order or this person's access while they stood here."""
    return not turn.memory.orphan


def no_other_drawer_in_hand(turn: Turning) -> bool:
    """This panel has no drawer released or open (I3)."""
    return all(box.panel != turn.panel for box in turn.machines.drawers.values())


def the_drawer_is_known_closed(turn: Turning) -> bool:
    """By readings: reed closed, bolt home, and nobody has it in hand."""
    box = turn.machines.drawers.get(do.visit(turn).drawer) if turn.memory.queue else None
    return is_ready(box)


def is_ready(box: DrawerState | None) -> bool:
    """Shut and bolted by readings, and no visit has it in hand."""
    return box is not None and box.state in READY and box.panel is None and box.intent is None


def no_fault_of_the_drawer_stands(turn: Turning) -> bool:
    """The log holds no fault of this drawer that nobody has cleared."""
    if not turn.memory.queue:
        return False
    known = turn.ward.drawers.known.get(do.visit(turn).drawer)
    return known is None or not known.faults


def every_stop_is_answered(turn: Turning) -> bool:
    """Not many units for one dose, or the matching answer was given (RULES 4)."""
    wanted = do.visit(turn)
    return "many" in wanted.answered or not many_units(ask_for(turn, wanted))


def no_lease_runs(turn: Turning) -> bool:
    """No lock is energised nor about to be: one lease at a time (WIRE 5)."""
    return all(
        box.state not in RELEASING and not (box.state in READY and box.intent is not None)
        for box in turn.machines.drawers.values()
    )


def refuse_visit(turn: Turning) -> None:
    """At release, something speaks against it: every reason, journalled; the rest waits."""
    memory = turn.memory
    if not memory.queue:
        raise RuntimeError("A visit was refused that was not planned; the turn was thrown away.")
    wanted = memory.queue[0]
    found: list[Refusal] = []
    if not do.the_cabinet_works_normally(turn):
        held = turn.machines.mode != "commissioning"
        found.append(Refusal(reason=Reason.SAFE_HOLD if held else Reason.NOT_COMMISSIONED))
    found += reasons(turn, wanted)
    if not the_patient_is_open_here(turn):
        found.append(Refusal(reason=Reason.OTHER_PATIENT))
    if not nothing_stopped_this_visit(turn):
        found.append(Refusal(reason=Reason.STOPPED, product=wanted.product))
    against = drawer_refusal(turn, wanted.drawer, wanted.product)
    if against is not None and all(one.reason is not against.reason for one in found):
        found.append(against)
    if not found:
        raise RuntimeError("A visit was refused without a reason; the turn was thrown away.")
    rest = tuple(one for one in memory.queue if one.dose != wanted.dose)
    turn.remember(visit=wanted, queue=rest, chosen=wanted.dose, orphan=False)
    shown = do.refuse(turn, dict.fromkeys(found))
    lines.journal_refusal(
        turn,
        shown,
        order=wanted.order,
        dose=wanted.dose,
        product=wanted.product,
        quantity=wanted.quantity,
    )


def drawer_refusal(turn: Turning, drawer: int, product: str) -> Refusal | None:
    """Why this drawer is not released now, in words for a person; None when nothing is wrong."""
    held = [n for n, box in sorted(turn.machines.drawers.items()) if box.panel == turn.panel]
    if held:
        return Refusal(reason=Reason.ANOTHER_OPEN, amount=held[0])
    box = turn.machines.drawers.get(drawer)
    known = turn.ward.drawers.known.get(drawer)
    if box is not None and box.state in IN_USE:
        return Refusal(reason=Reason.ANOTHER_OPEN, amount=drawer)
    if is_ready(box) and (known is None or not known.faults):
        return None
    note = "" if box is None else WHY_NOT.get(box.state, "")
    return Refusal(reason=Reason.DRAWER_FAULT, product=product, amount=drawer, note=note)


def the_answer_matches(turn: Turning) -> bool:
    """The number typed is the number of units."""
    return bool(getattr(turn.event, "number", -1) == do.visit(turn).quantity)


def answer_stop(turn: Turning) -> None:
    """The stop is answered for this visit."""
    first, *rest = turn.memory.queue
    answered = msgspec.structs.replace(first, answered=(*first.answered, "many"))
    turn.remember(queue=(answered, *rest), said="")


# --- released --------------------------------------------------------------------------------


def release(turn: Turning) -> None:
    """The intent, with everything it rests on, and then the lease (I1, I5, I6)."""
    first, *rest = turn.memory.queue
    ask = ask_for(turn, first)
    if ask.known is None:
        raise RuntimeError("A release without an order; the turn was thrown away.")
    # An as-required dose is named by the moment of its first removal; its other parts share it.
    wanted = msgspec.structs.replace(first, dose=ask.dose)
    following = tuple(
        msgspec.structs.replace(one, dose=ask.dose) if one.dose == first.dose else one
        for one in rest
    )
    person = turn.ward.people.persons[turn.memory.actor]
    intent = turn.add(
        ReleaseIntent(
            drawer=wanted.drawer,
            panel=turn.panel,
            actor=turn.memory.actor,
            pocket=wanted.pocket,
            product=wanted.product,
            quantity=wanted.quantity,
            patient=wanted.patient,
            order=wanted.order,
            dose=wanted.dose,
            purpose="remove",
            staff_line=person.staff_line,
            order_line=ask.known.line,
            lease_ms=LEASE_MS,
        )
    )
    turn.remember(
        visit=wanted,
        queue=following,
        index=turn.memory.index + 1,
        intent=intent,
        chosen=wanted.dose,
        scan="",
        lot="",
        wrong="",
        ask_left=book_is_short(turn.ward, wanted.pocket, wanted.quantity),
        cancelled=False,
        orphan=False,
        counted=None,
        refusals=(),
        said="",
    )
    lease(turn, wanted.drawer, wanted.pocket, intent, "remove")


def lease(turn: Turning, drawer: int, pocket: str, intent: int, pattern: str) -> None:
    """Light the pocket and ask the gate for a lease under this intent."""
    box = turn.machines.drawers[drawer]
    turn.put_box(msgspec.structs.replace(box, panel=turn.panel, intent=intent, lease_ms=LEASE_MS))
    light = Light(pocket=pocket, pattern="count" if pattern == "count" else "remove")
    turn.effect(light, Release(drawer=drawer, intent=intent, lease_ms=LEASE_MS))
    turn.signal("drawer", drawer, "release")


def called_off(turn: Turning) -> bool:
    """She, or the pharmacy, called it off before it opened."""
    return turn.memory.cancelled


def call_off(turn: Turning) -> None:
    """End the lease; the drawer says how it ended."""
    turn.remember(cancelled=True)
    do.tell_drawer(turn, do.visit(turn).drawer, "cancel")


def at_the_drawer(turn: Turning) -> None:
    """Open: take, scan, close."""
    turn.remember(said="", refusals=())


def not_opened(turn: Turning) -> None:
    """Nothing is recorded as removed; the screen says how it ended."""
    words = {
        "LeaseRefused": "gate",
        "TimerExpired": "jammed",
    }
    turn.remember(said=words.get(type(turn.event).__name__, "not opened"))
    light_out(turn)
    turn.effect(Sound(pattern="refused"))


def light_out(turn: Turning) -> None:
    """The light of this visit's pocket goes out."""
    turn.effect(Light(pocket=do.visit(turn).pocket, pattern="off"))


def the_bolt_is_out(turn: Turning) -> bool:
    """The lock of this visit's drawer is withdrawn: somebody may have pulled."""
    box = turn.machines.drawers.get(do.visit(turn).drawer)
    return box is not None and box.lock == "unlocked"


def somebody_was_inside(turn: Turning) -> None:
    """A pack in hand says that the drawer was opened, though its sensor did not (F1)."""
    do.tell_drawer(turn, do.visit(turn).drawer, "touched")


def the_order_still_holds(turn: Turning) -> bool:
    """Nothing that arrived ends this order, this dose or this product."""
    found = reasons(turn, do.visit(turn))
    return all(refusal.reason not in ENDED for refusal in found)


def stop_visit(turn: Turning) -> None:
    """It ended in the middle of the visit: nothing more is released for it; say why."""
    wanted = do.visit(turn)
    ended = [one for one in reasons(turn, wanted) if one.reason in ENDED]
    rest = tuple(one for one in turn.memory.queue if one.order != wanted.order)
    turn.remember(orphan=True, cancelled=True, queue=rest)
    do.refuse(turn, ended or (Refusal(reason=Reason.REVOKED),))
