"""What the rows of a drawer's closing ask and do: what was taken, left, or is in doubt."""

from statemachine.effects import Sound
from statemachine.rules.removal import removal_marks
from statemachine.tasks import common as do
from statemachine.tasks.asking import ask_for
from statemachine.tasks.packs import a_scan_is_asked
from statemachine.tasks.releasing import light_out
from statemachine.turn import Turning
from statemachine.ward.orders import RemovalRecorded
from statemachine.ward.stock import CountAsked, CountRecorded, DiscrepancyOpened, KnownPocket

BELIEVABLE_MAX = 9_999
"""More than this is no count of one pocket."""


# --- how many are left -----------------------------------------------------------------------


def left_is_to_be_asked(turn: Turning) -> bool:
    """The book said none, too few or nothing, and she was not asked yet."""
    return turn.memory.ask_left and turn.memory.counted is None


def a_believable_number(turn: Turning) -> bool:
    """No more than a pocket can hold."""
    return 0 <= int(getattr(turn.event, "number", -1)) <= BELIEVABLE_MAX


def left_told(turn: Turning) -> None:
    """So many are left; recorded when the removal is."""
    turn.remember(counted=int(getattr(turn.event, "number", 0)), said="", refusals=())


def left_told_late(turn: Turning) -> None:
    """So many were left; the removal is recorded already."""
    turn.remember(counted=int(getattr(turn.event, "number", 0)))
    _count_left(turn)


def left_not_told(turn: Turning) -> None:
    """Nobody knows: the count that was asked for when the drawer closed stays due."""
    turn.remember(ask_left=False)


def _count_left(turn: Turning) -> None:
    memory, wanted = turn.memory, do.visit(turn)
    if memory.counted is None:
        return
    known = turn.ward.stock.pockets.get(wanted.pocket)
    record_count(turn, known, wanted.product, memory.counted, "left after taking")


def record_count(
    turn: Turning, known: KnownPocket | None, product: str, hand: int, reason: str
) -> bool:
    """What the hand saw, and one discrepancy, hand minus book, when it differs (I4).

    Returns:
        Whether it differed.
    """
    memory = turn.memory
    pocket = memory.counting or do.visit(turn).pocket
    book = None if known is None else known.book
    seq = turn.add(
        CountRecorded(
            actor=memory.actor,
            panel=turn.panel,
            pocket=pocket,
            product=product,
            quantity=hand,
            reason=reason,
            book=book,
            intent=memory.intent,
        )
    )
    if hand == (book or 0):
        return False
    turn.add(
        DiscrepancyOpened(
            discrepancy=f"{turn.ward.house.cabinet or 'cabinet'}-{turn.ward.up[0]}-{seq}",
            pocket=pocket,
            product=product,
            quantity=hand - (book or 0),
            actor=memory.actor,
            reason="commissioning" if book is None else reason,
        )
    )
    return True


# --- closing ---------------------------------------------------------------------------------


def said_shut(turn: Turning) -> None:
    """She says that it is shut; the drawer judges by its bolt (F2)."""
    do.tell_drawer(turn, do.visit(turn).drawer, "said shut")


def record(turn: Turning) -> None:
    """The drawer is closed: what was taken is recorded at once, scan or no scan."""
    memory, wanted = turn.memory, do.visit(turn)
    ask = ask_for(turn, wanted)
    marks = list(removal_marks(ask))
    if a_scan_is_asked(turn):
        marks.append("not scanned")
    if memory.by in {"list", "number"}:
        marks.append("patient not scanned")
    lot = memory.lot
    if lot and "lot unknown" in marks:
        marks.remove("lot unknown")
    turn.add(
        RemovalRecorded(
            actor=memory.actor,
            patient=wanted.patient,
            order=wanted.order,
            dose=wanted.dose,
            product=wanted.product,
            drawer=wanted.drawer,
            pocket=wanted.pocket,
            quantity=wanted.quantity,
            panel=turn.panel,
            intent=memory.intent or 0,
            lot=lot,
            scan=memory.scan,
            replaces=wanted.replaces,
            marks=tuple(marks),
            part=wanted.part,
        )
    )
    turn.remember(said="removed", refusals=())
    if left_is_to_be_asked(turn):
        # Before she answers, power may fail or she may leave: the book is never wrong in silence.
        turn.add(CountAsked(pocket=wanted.pocket, reason="left not told", intent=memory.intent))
    _count_left(turn)
    light_out(turn)
    turn.effect(Sound(pattern="accepted"))


def nothing_taken(turn: Turning) -> None:
    """She says that nothing was taken: close the drawer."""
    turn.remember(cancelled=True, said="nothing taken", refusals=())


def taken_after_all(turn: Turning) -> None:
    """It was taken: closing records it, whatever ended meanwhile; what happened is recorded."""
    turn.remember(cancelled=False, said="")


def closed_with_nothing(turn: Turning) -> None:
    """Closed, nothing recorded as removed: the drawer was open, so it is counted (RULES 8)."""
    memory, wanted = turn.memory, do.visit(turn)
    reason = "wrong pack" if memory.wrong and not memory.cancelled else "nothing taken"
    do.exposed(turn, wanted.pocket, reason, memory.intent)
    light_out(turn)
    turn.remember(said=reason)


def it_may_be_tried_again(turn: Turning) -> bool:
    """Nothing ended the order meanwhile."""
    return not turn.memory.orphan and turn.memory.visit is not None


def try_again(turn: Turning) -> None:
    """The same visit once more, with every rule asked anew."""
    memory = turn.memory
    if memory.visit is None:
        raise RuntimeError("Nothing to try again; the turn was thrown away.")
    turn.remember(
        queue=(memory.visit, *memory.queue),
        visit=None,
        index=max(memory.index - 1, 0),
        said="",
        refusals=(),
    )


def skip(turn: Turning) -> None:
    """Leave this one; no part of its dose is offered in this run."""
    memory = turn.memory
    dose = memory.visit.dose if memory.visit is not None else ""
    turn.remember(
        queue=tuple(one for one in memory.queue if one.dose != dose), said="", refusals=()
    )


def it_did_open(turn: Turning) -> None:
    """She says that it opened although nobody saw it: everything within reach is counted."""
    wanted = do.visit(turn)
    do.exposed(turn, wanted.pocket, "opened, not seen", turn.memory.intent)
    turn.remember(said="counted later")
    turn.effect(Sound(pattern="accepted"))
