"""What the rows of the drawer's table ask and do: small functions, each named as a sentence.

The reasons stand in `drawer.py`; here is only how.
"""

from collections.abc import Iterator

from statemachine.effects import EndLease, Release, Sound, StartTimer, StopTimer
from statemachine.machines import DrawerState, Standing
from statemachine.turn import Turning
from statemachine.ward.drawers import (
    DrawerClosed,
    DrawerForced,
    DrawerLeftOpen,
    DrawerOpened,
    DrawerWrong,
    FaultRaised,
    ReleaseExpired,
    ReleaseIndeterminate,
    ReleaseJammed,
    ReleaseRefused,
)
from statemachine.ward.stock import CountAsked

JAM_MS = 1_500
"""The bolt must have moved so long after a lease was asked for (F4)."""
RETRY_MS = 1_200
"""Rest of the coil before the one retry; longer than the cool-down of any lock."""
SETTLE_MS = 2_000
"""The bolt must be home so long after the drawer was shut or its lease ended (F5)."""
HOME_MS = 500
"""The bolt of a drawer that was never pulled is home so soon after its lease; later tells that it
was pulled, though no reed edge came (F1)."""
LEFT_OPEN_MS = 30_000
"""Open so long with nothing done in the visit (F7)."""
REMIND_MS = (30_000, 60_000)
"""From "left open" to the second and the third word: 60 s and 120 s after opening (F7)."""
LEASE_GRACE_MS = 3_000
"""A lease whose end nobody reports is over so long after its time."""
SUSPECT_AT = 2
"""The second doubtful release takes a drawer out of use (F1)."""

RELEASING = frozenset({"leased", "retrying", "released", "blind"})
"""States in which a lock may be energised."""


# --- what is asked ---------------------------------------------------------------------------


def another_drawer_has_a_lease(turn: Turning) -> bool:
    """Some other lock is energised, so this opening may be its doing (F8)."""
    return any(True for _ in _leased(turn))


def a_fault_stands(turn: Turning) -> bool:
    """The log holds a fault of this drawer that nobody has cleared."""
    known = turn.ward.drawers.known.get(turn.drawer)
    return known is not None and bool(known.faults)


def we_ended_the_lease(turn: Turning) -> bool:
    """The lease was ended before its time, so a bolt that never moved proves no jam."""
    return turn.box.ended


def not_retried_yet(turn: Turning) -> bool:
    """The one retry of a jam is still left."""
    return not turn.box.retried


def the_bolt_is_out(turn: Turning) -> bool:
    """The lock feedback does not say that the bolt is home."""
    return turn.box.lock != "locked"


def the_bolt_is_home(turn: Turning) -> bool:
    """The lock feedback says that the bolt is home."""
    return turn.box.lock == "locked"


def the_sensors_agree(turn: Turning) -> bool:
    """Reed closed, bolt home."""
    return turn.box.reed == "closed" and turn.box.lock == "locked"


def somebody_says_it_opened(turn: Turning) -> bool:
    """A scan or a word says that it was opened, though no reed edge came (F1)."""
    return turn.box.touched and turn.box.intent is not None


def nobody_doubts_it_yet(turn: Turning) -> bool:
    """So far nothing says that it was opened unseen."""
    return not turn.box.touched


def it_was_doubtful_before(turn: Turning) -> bool:
    """This would be the second doubtful release of this drawer (F1)."""
    return turn.box.suspect + 1 >= SUSPECT_AT


def an_outcome_is_owed(turn: Turning) -> bool:
    """An intent waits for its end."""
    return turn.box.intent is not None


def a_count_is_asked_here(turn: Turning) -> bool:
    """The person at this drawer is counting: nothing may rush them (F7)."""
    panel = turn.box.panel
    if panel is None:
        return False
    state = turn.machines.panels[panel].state
    return state in {"count.open", "count.again", "remove.left"}


def a_reminder_is_left(turn: Turning) -> bool:
    """The words at 60 and 120 s are not all said."""
    return turn.box.reminders <= len(REMIND_MS)


def _leased(turn: Turning) -> Iterator[DrawerState]:
    for number in sorted(turn.machines.drawers):
        box = turn.machines.drawers[number]
        if number != turn.drawer and box.state in RELEASING and box.intent is not None:
            yield box


# --- what is done ----------------------------------------------------------------------------


def _timer(turn: Turning) -> str:
    return f"drawer.{turn.drawer}"


def _lease_timer(turn: Turning) -> str:
    return f"lease.{turn.drawer}"


def tell(turn: Turning, name: str) -> None:
    """Tell the session whose visit this is, if there still is one."""
    if turn.box.panel is not None:
        turn.signal("session", turn.box.panel, name)


def ask_counts(turn: Turning, drawer: int, reason: str, intent: int | None = None) -> None:
    """Ask a count of every pocket of a drawer that has a product (RULES 8)."""
    for pocket in sorted(turn.ward.stock.pockets):
        known = turn.ward.stock.pockets[pocket]
        if known.pocket.drawer == drawer and known.pocket.product is not None:
            turn.add(CountAsked(pocket=pocket, reason=reason, intent=intent))


def left_open_alarm(drawer: int) -> Standing:
    """The alarm of a drawer that stands open."""
    return Standing(alarm=f"Drawer {drawer} is open. Close it.", drawer=drawer)


def watch_the_bolt(turn: Turning) -> None:
    """A lease was asked for: the bolt must move soon, and the lease must end."""
    turn.effect(
        StartTimer(timer=_timer(turn), after_ms=JAM_MS),
        StartTimer(timer=_lease_timer(turn), after_ms=turn.box.lease_ms + LEASE_GRACE_MS),
    )


def the_bolt_moved(turn: Turning) -> None:
    """Out: no jam."""
    turn.set_box(moved=True)
    turn.effect(StopTimer(timer=_timer(turn)))


def note_the_bolt(turn: Turning) -> None:
    """Remember that the bolt was seen out."""
    if turn.box.lock == "unlocked" and not turn.box.moved:
        turn.set_box(moved=True)


def doubt(turn: Turning) -> None:
    """It may have been opened while nobody saw."""
    turn.set_box(touched=True)


def end_the_lease(turn: Turning) -> None:
    """De-energise before its time."""
    turn.set_box(ended=True)
    turn.effect(EndLease(drawer=turn.drawer))


def let_go(turn: Turning) -> None:
    """The session is gone; the drawer stays with itself."""
    turn.set_box(panel=None)


def rest_the_coil(turn: Turning) -> None:
    """End the lease for a moment before the retry."""
    turn.effect(EndLease(drawer=turn.drawer), StartTimer(timer=_timer(turn), after_ms=RETRY_MS))


def lease_again(turn: Turning) -> None:
    """The one retry, inside the same intent: it is still open, so the gate may pass it again."""
    box = turn.box
    if box.intent is None:
        raise RuntimeError("A retry without an intent; the turn was thrown away.")
    turn.set_box(retried=True)
    turn.effect(Release(drawer=turn.drawer, intent=box.intent, lease_ms=box.lease_ms))
    watch_the_bolt(turn)


def _rest(turn: Turning, *, suspect: int | None = None) -> None:
    """Nothing is under way in this drawer any more."""
    box = turn.box
    turn.put_box(
        DrawerState(
            drawer=box.drawer,
            state=box.state,
            reed=box.reed,
            lock=box.lock,
            suspect=box.suspect if suspect is None else suspect,
        )
    )
    turn.effect(StopTimer(timer=_timer(turn)), StopTimer(timer=_lease_timer(turn)))
    turn.signal("mode", 0, "lease free")


def refused(turn: Turning) -> None:
    """The gate or the metal said no; the drawer stayed locked."""
    box = turn.box
    reason = getattr(turn.event, "reason", "") or "no answer"
    if box.intent is not None:
        turn.add(ReleaseRefused(intent=box.intent, drawer=box.drawer, reason=reason))
    tell(turn, "drawer refused")
    _rest(turn)


def jammed(turn: Turning) -> None:
    """Energised, retried, and the bolt never moved: stock is untouched (F4)."""
    box = turn.box
    turn.effect(EndLease(drawer=box.drawer))
    if box.intent is not None:
        turn.add(ReleaseJammed(drawer=box.drawer, intent=box.intent))
    tell(turn, "drawer jammed")
    _rest(turn)


def expired(turn: Turning) -> None:
    """The lease is over and the drawer was never opened."""
    box = turn.box
    if box.intent is not None:
        turn.add(ReleaseExpired(drawer=box.drawer, intent=box.intent))
    tell(turn, "drawer expired")
    _rest(turn)


def indeterminate(turn: Turning) -> None:
    """Nobody can say whether it opened: it counts as opened, and is counted (F1, I2, I11)."""
    box = turn.box
    if box.intent is not None:
        turn.add(
            ReleaseIndeterminate(
                drawer=box.drawer,
                intent=box.intent,
                reason="opening not seen by its sensor",
            )
        )
    ask_counts(turn, box.drawer, "opening not seen", box.intent)
    tell(turn, "drawer indeterminate")
    _rest(turn, suspect=box.suspect + 1)


def out_of_use(turn: Turning) -> None:
    """The second doubt: a person has to look at its sensors (F1)."""
    turn.add(FaultRaised(fault="suspect", drawer=turn.drawer, reason="opening not seen twice"))
    turn.alarm(
        f"Drawer {turn.drawer} cannot be trusted: its sensor did not see it open. "
        "It is out of use. Other drawers work.",
        turn.drawer,
    )


def end_quietly(turn: Turning) -> None:
    """What was under way has had its outcome already (F8, hand-over)."""
    _rest(turn)


def stop_the_lease(turn: Turning) -> None:
    """Everything stops (F8): called off, and never opened as far as anybody saw."""
    box = turn.box
    turn.effect(EndLease(drawer=box.drawer))
    if box.intent is not None:
        turn.add(ReleaseExpired(drawer=box.drawer, intent=box.intent))
    tell(turn, "drawer stopped")
    _rest(turn)


def wait_for_the_bolt(turn: Turning) -> None:
    """The bolt must be home within two seconds."""
    turn.effect(StartTimer(timer=_timer(turn), after_ms=SETTLE_MS))


def wait_for_a_bolt_that_was_never_pulled(turn: Turning) -> None:
    """It is home at once; if it is not, somebody pulled."""
    turn.effect(StartTimer(timer=_timer(turn), after_ms=HOME_MS))


def wait_longer(turn: Turning) -> None:
    """The rest of the two seconds."""
    turn.effect(StartTimer(timer=_timer(turn), after_ms=SETTLE_MS - HOME_MS))


def look(turn: Turning) -> None:
    """Judge by what the sensors already say."""
    turn.signal("drawer", turn.drawer, "look")


def opened(turn: Turning) -> None:
    """The reed says open under this intent: the lease ends here (WIRE 5)."""
    turn.add(DrawerOpened(drawer=turn.drawer, intent=turn.box.intent))
    note_the_bolt(turn)
    turn.effect(
        EndLease(drawer=turn.drawer),
        StopTimer(timer=_lease_timer(turn)),
        StartTimer(timer=_timer(turn), after_ms=LEFT_OPEN_MS),
    )
    tell(turn, "drawer opened")
    turn.signal("mode", 0, "lease free")


def open_still(turn: Turning) -> None:
    """Bounce: it never was shut; time starts again (F3)."""
    turn.effect(StartTimer(timer=_timer(turn), after_ms=LEFT_OPEN_MS))


def closed(turn: Turning) -> None:
    """Shut and bolted: the visit is over."""
    turn.add(DrawerClosed(drawer=turn.drawer, intent=turn.box.intent))
    turn.alarm_over(left_open_alarm(turn.drawer))
    tell(turn, "drawer closed")
    _rest(turn)


def came_to_rest(turn: Turning) -> None:
    """Shut and bolted, with nothing under way."""
    turn.effect(StopTimer(timer=_timer(turn)))


def unsecured(turn: Turning) -> None:
    """Shut, and the bolt does not go home (F5)."""
    turn.add(FaultRaised(fault="unsecured", drawer=turn.drawer, reason="bolt not home"))
    turn.alarm_over(left_open_alarm(turn.drawer))
    turn.alarm(
        f"Drawer {turn.drawer} does not lock. Call the nurse in charge. Other drawers work.",
        turn.drawer,
    )


def closed_unsecured(turn: Turning) -> None:
    """The visit is over although the bolt is not home (F5)."""
    turn.add(DrawerClosed(drawer=turn.drawer, intent=turn.box.intent))
    tell(turn, "drawer closed")
    _rest(turn)


def left_open(turn: Turning) -> None:
    """Open, and nothing done in the visit for 30 s (F7)."""
    box = turn.box
    actor = "" if box.panel is None else turn.machines.panels[box.panel].memory.actor
    turn.add(DrawerLeftOpen(drawer=box.drawer, intent=box.intent, actor=actor))
    turn.alarm(left_open_alarm(box.drawer).alarm, box.drawer, "reminder")
    turn.set_box(reminders=1)
    turn.effect(StartTimer(timer=_timer(turn), after_ms=REMIND_MS[0]))


def remind(turn: Turning) -> None:
    """Say it again at 60 s; at 120 s the alarm goes on (F7)."""
    said = turn.box.reminders
    turn.set_box(reminders=said + 1)
    if said < len(REMIND_MS):
        turn.effect(
            Sound(pattern="reminder"),
            StartTimer(timer=_timer(turn), after_ms=REMIND_MS[said]),
        )
    else:
        turn.effect(Sound(pattern="alarm"))


def start_left_open_again(turn: Turning) -> None:
    """Something was done in the visit, or a count is asked: 30 s from now."""
    turn.effect(StartTimer(timer=_timer(turn), after_ms=LEFT_OPEN_MS))


def abandoned(turn: Turning) -> None:
    """The session ended with the drawer open: it is a doubt until counted (R15, I2)."""
    box = turn.box
    if box.intent is not None:
        turn.add(ReleaseIndeterminate(drawer=box.drawer, intent=box.intent, reason="left open"))
    ask_counts(turn, box.drawer, "left open", box.intent)
    turn.set_box(panel=None, intent=None)


def latched(turn: Turning) -> None:
    """The person says shut, the bolt is home, the reed says open: believed open (F2)."""
    box = turn.box
    if box.intent is not None:
        turn.add(
            ReleaseIndeterminate(
                drawer=box.drawer, intent=box.intent, reason="sensor says open, person says shut"
            )
        )
    turn.add(FaultRaised(fault="reed", drawer=box.drawer, reason="sensor says open, bolt is home"))
    ask_counts(turn, box.drawer, "sensor says open", box.intent)
    turn.alarm_over(left_open_alarm(box.drawer))
    tell(turn, "drawer closed")
    turn.alarm(
        f"Drawer {box.drawer}: its sensor says open although it is shut. It is out of use. "
        "Other drawers work.",
        box.drawer,
    )
    _rest(turn)


def forced(turn: Turning) -> None:
    """Open without a lease (F6)."""
    turn.add(DrawerForced(drawer=turn.drawer))
    turn.alarm(
        f"Drawer {turn.drawer} was FORCED. Call the nurse in charge. Other drawers work.",
        turn.drawer,
    )
    ask_counts(turn, turn.drawer, "forced")
    _rest(turn)


def wrong_drawer(turn: Turning) -> None:
    """Open without a lease while another has one: every lease ends, safe hold (F8)."""
    for box in list(_leased(turn)):
        if box.intent is not None:
            turn.add(DrawerWrong(drawer=turn.drawer, leased=box.drawer, intent=box.intent))
    turn.signal("mode", 0, "wrong drawer")
    turn.alarm(
        f"Drawer {turn.drawer} opened instead of another. Nothing is released until the nurse "
        "in charge has looked.",
        turn.drawer,
    )
    ask_counts(turn, turn.drawer, "wrong drawer")
    _rest(turn)


def found_open(turn: Turning) -> None:
    """Open when its sensors were first read: nobody knows since when."""
    turn.add(DrawerLeftOpen(drawer=turn.drawer))
    turn.alarm(left_open_alarm(turn.drawer).alarm, turn.drawer, "reminder")
    ask_counts(turn, turn.drawer, "found open")


def shut_again(turn: Turning) -> None:
    """A drawer that nobody's visit had open is shut and bolted."""
    turn.add(DrawerClosed(drawer=turn.drawer))
    turn.alarm_over(left_open_alarm(turn.drawer))
    came_to_rest(turn)


def ignored(turn: Turning) -> None:
    """Nothing changes; counted."""
    turn.count_ignored()


def impossible(turn: Turning) -> None:
    """A table was asked what cannot be: a defect. The drawer is out of use until looked at."""
    turn.add(FaultRaised(fault="impossible", drawer=turn.drawer, reason=f"in {turn.state}"))
    turn.alarm(
        f"Drawer {turn.drawer} is out of use: the cabinet contradicted itself. "
        "Call pharmacy. Other drawers work.",
        turn.drawer,
    )
