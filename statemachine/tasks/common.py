"""What the rows of several tasks ask and do. Guards are sentences that hold or do not."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from statemachine.effects import ForgetDigits, Light, Sound
from statemachine.machines import Visit
from statemachine.refusals import Reason, Refusal
from statemachine.rounds import my_patients
from statemachine.table import Action
from statemachine.tasks import access
from statemachine.turn import Turning
from statemachine.ward.drawers import FaultRaised, ScanRefused
from statemachine.ward.people import SessionClosed, SessionParked
from statemachine.ward.stock import CountAsked

PAGE = 9
"""Lines of a list that have a number."""


# --- what is asked ---------------------------------------------------------------------------


def the_person_may_work_here(turn: Turning) -> bool:
    """Signed in, not revoked, within their time, on this ward, with a privilege for drawers."""
    actor = turn.memory.actor
    return turn.once(("may work", actor), lambda: access.may_work(turn.ward, actor, turn.now))


def the_person_may_not_work_here(turn: Turning) -> bool:
    """Revoked, expired or moved since they signed in (I13)."""
    return not the_person_may_work_here(turn)


def the_cabinet_works_normally(turn: Turning) -> bool:
    """Not being commissioned, not in safe hold, not rolled back."""
    return turn.machines.mode == "normal"


def visit(turn: Turning) -> Visit:
    """The visit under way; in a phase that decides, the next one planned.

    Raises:
        RuntimeError: there is none, a defect of a table.
    """
    memory = turn.memory
    if memory.visit is not None and turn.state != "remove.next":
        return memory.visit
    if memory.queue:
        return memory.queue[0]
    raise RuntimeError("A visit was asked for where there is none; the turn was thrown away.")


def chosen_line(turn: Turning) -> str | None:
    """What the number key just pressed chooses on this page, or None."""
    memory = turn.memory
    index = memory.page * PAGE + int(getattr(turn.event, "key", "0")) - 1
    return memory.listed[index] if 0 <= index < len(memory.listed) else None


def the_number_chooses_a_line(turn: Turning) -> bool:
    """There is a line with this number on this page."""
    return chosen_line(turn) is not None


def there_is_another_page(turn: Turning) -> bool:
    """More lines than this page shows."""
    return len(turn.memory.listed) > (turn.memory.page + 1) * PAGE


def this_is_not_the_first_page(turn: Turning) -> bool:
    """Pages were turned."""
    return turn.memory.page > 0


@cache
def key_is(keys: str) -> Any:
    """A guard: the key pressed is one of these."""

    def the_key_has_a_meaning_here(turn: Turning) -> bool:
        return getattr(turn.event, "key", "") in keys

    the_key_has_a_meaning_here.__doc__ = f"The key is one of {', '.join(keys)}."
    return the_key_has_a_meaning_here


# --- what is done ----------------------------------------------------------------------------


def tick(turn: Turning) -> None:
    """A dead key ticks softly and changes nothing (SCREENS)."""
    turn.effect(Sound(pattern="tick"))


def ignored(turn: Turning) -> None:
    """What means nothing here: counted; a key ticks, the rest is silent."""
    turn.count_ignored()
    if hasattr(turn.event, "key"):
        tick(turn)


def accepted(turn: Turning) -> None:
    """The sound of a yes."""
    turn.effect(Sound(pattern="accepted"))


@cache
def say(word: str) -> Action:
    """An action: have the screen say what just ended, and no older reasons."""

    def says(turn: Turning) -> None:
        turn.remember(said=word, refusals=())

    says.__doc__ = f"Say: {word}." if word else "Say nothing of what was before."
    return says


def go(turn: Turning) -> None:
    """Decide at once."""
    turn.signal("session", turn.panel, "go")


def refuse(turn: Turning, refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """Show these reasons, the first one first, with the sound of a no."""
    reasons = tuple(refusals)[:20]
    turn.remember(refusals=reasons, said="")
    turn.effect(Sound(pattern="refused"))
    return reasons


def show_patients(turn: Turning) -> None:
    """Show my patients; what was open is closed, nobody's name stays on the screen."""
    _lights_out(turn)
    turn.remember(
        patient="",
        asked="",
        by="list",
        why="",
        page=0,
        chosen="",
        amount=0,
        queue=(),
        visit=None,
        index=0,
        total=0,
        intent=None,
        counting="",
        listed=my_patients(turn.ward, turn.now),
    )


def next_page(turn: Turning) -> None:
    """The next nine lines."""
    turn.remember(page=turn.memory.page + 1)


def page_back(turn: Turning) -> None:
    """The nine lines before."""
    turn.remember(page=turn.memory.page - 1)


def _lights_out(turn: Turning) -> None:
    memory = turn.memory
    if memory.visit is not None:
        turn.effect(Light(pocket=memory.visit.pocket, pattern="off"))
    if memory.counting:
        turn.effect(Light(pocket=memory.counting, pattern="off"))


def end_session(turn: Turning) -> None:
    """Nobody is at this panel any more."""
    _lights_out(turn)
    turn.forget(refusals=turn.memory.refusals, said=turn.memory.said)
    turn.effect(ForgetDigits(panel=turn.panel))


@cache
def park(reason: str) -> Action:
    """An action: the round waits for its person; the panel is free (RULES 2)."""

    def parks(turn: Turning) -> None:
        memory = turn.memory
        turn.add(
            SessionParked(
                actor=memory.actor,
                panel=turn.panel,
                reason=reason,
                patient=memory.patient or None,
                done=memory.done,
            )
        )
        turn.remember(said="parked", refusals=())
        end_session(turn)

    parks.__doc__ = f"Park the round: {reason}."
    return parks


@cache
def close_session(reason: str) -> Action:
    """An action: the session ends for good."""

    def closes(turn: Turning) -> None:
        turn.add(SessionClosed(actor=turn.memory.actor, panel=turn.panel, reason=reason))
        turn.remember(said=reason)
        end_session(turn)

    closes.__doc__ = f"End the session: {reason}."
    return closes


def revoked(turn: Turning) -> None:
    """The person may no longer work here: the session ends, and says so (I13)."""
    refuse(turn, access.why_not(turn.ward, turn.memory.actor, turn.now))
    turn.add(SessionClosed(actor=turn.memory.actor, panel=turn.panel, reason="revoked"))
    end_session(turn)


def scan_not_now(turn: Turning) -> None:
    """A scan that nothing asked for; its text is not kept (T5)."""
    turn.add(
        ScanRefused(panel=turn.panel, reason=Reason.SCAN_NOT_NOW.value, actor=turn.memory.actor)
    )
    turn.effect(Sound(pattern="refused"))


def scan_unreadable(turn: Turning) -> None:
    """A scan that no rule can use; its text is not kept (T5)."""
    reason = str(getattr(turn.event, "reason", Reason.SCAN_UNREADABLE.value))
    turn.add(ScanRefused(panel=turn.panel, reason=reason, actor=turn.memory.actor))
    turn.remember(said="unreadable")
    turn.effect(Sound(pattern="refused"))


def exposed(turn: Turning, pocket: str, reason: str, intent: int | None) -> None:
    """The drawer was open: everything within reach is in doubt until counted (RULES 8, T12)."""
    stock = turn.ward.stock
    known = stock.pockets.get(pocket)
    if known is None:
        return
    within_reach = [pocket]
    if not known.pocket.lidded:
        within_reach = sorted(
            each
            for each, other in stock.pockets.items()
            if other.pocket.drawer == known.pocket.drawer
            and other.pocket.product is not None
            and (each == pocket or not other.pocket.lidded)
        )
    for each in within_reach:
        turn.add(CountAsked(pocket=each, reason=reason, intent=intent))


def tell_drawer(turn: Turning, drawer: int, name: str) -> None:
    """Speak to the drawer of this panel's visit, if it is still this panel's."""
    box = turn.machines.drawers.get(drawer)
    if box is not None and box.panel == turn.panel:
        turn.signal("drawer", drawer, name)


def impossible(turn: Turning) -> None:
    """A defect: the session ends, the log says where, the rest of the cabinet works."""
    turn.add(FaultRaised(fault="impossible", reason=f"panel {turn.panel} in {turn.state}"))
    memory = turn.memory
    for drawer, box in sorted(turn.machines.drawers.items()):
        if box.panel == turn.panel:
            turn.signal("drawer", drawer, "let go")
    if memory.actor:
        turn.add(SessionClosed(actor=memory.actor, panel=turn.panel, reason="fault"))
    turn.remember(said="fault")
    end_session(turn)
