"""What the rows ask and do about the pack in her hand: right, wrong, no code (RULES 6)."""

from statemachine.effects import Sound
from statemachine.refusals import Reason, Refusal
from statemachine.rules.calendar import expires_s
from statemachine.rules.shelf import recalled_lots
from statemachine.tasks import common as do
from statemachine.turn import Turning
from statemachine.ward.drawers import ScanAccepted, ScanRefused
from statemachine.ward.orders import NearMiss
from statemachine.ward.stock import CountAsked

CANNOT_SCAN = {"1": "strip", "2": "ampoule", "3": "half", "4": "no code"}
"""Why a pack is not scanned (RULES 6)."""


# --- the pack --------------------------------------------------------------------------------


def a_scan_is_asked(turn: Turning) -> bool:
    """The product has codes, and none was scanned nor excused in this visit."""
    product = turn.ward.stock.products.get(do.visit(turn).product)
    has_codes = product is not None and bool(product.gtins or product.codes)
    return has_codes and not turn.memory.scan


def a_scan_is_missing(turn: Turning) -> bool:
    """A scan was asked for and neither made nor excused."""
    return a_scan_is_asked(turn)


def _wrong(turn: Turning) -> Refusal | None:
    """What is wrong with the pack that was scanned; None when it is the one intended."""
    wanted = do.visit(turn).product
    code = str(getattr(turn.event, "code", ""))
    lot = str(getattr(turn.event, "lot", ""))
    expires = str(getattr(turn.event, "expires", ""))
    scanned = turn.ward.stock.by_code.get(code, "")
    if scanned != wanted:
        return Refusal(reason=Reason.WRONG_PACK, product=scanned, note=code)
    recalled = recalled_lots(turn.ward, wanted)
    if None in recalled or (lot and lot in recalled):
        return Refusal(reason=Reason.RECALLED, product=wanted, note=lot)
    until_s = expires_s(expires)
    if until_s is not None and turn.now.lo_s >= until_s:
        return Refusal(reason=Reason.EXPIRED, product=wanted, note=lot)
    return None


def the_pack_is_right(turn: Turning) -> bool:
    """The product intended, of a lot neither recalled nor out of date."""
    return _wrong(turn) is None


def scanned(turn: Turning) -> None:
    """The pack is the one intended."""
    memory = turn.memory
    if memory.scan != "scanned":
        _accept(turn)
    turn.remember(
        scan="scanned",
        lot=str(getattr(turn.event, "lot", "")),
        refusals=(),
        said="scanned",
        wrong="",
    )
    turn.effect(Sound(pattern="accepted"))


def _accept(turn: Turning) -> None:
    memory = turn.memory
    turn.add(
        ScanAccepted(
            actor=memory.actor,
            panel=turn.panel,
            product=do.visit(turn).product,
            intent=memory.intent,
            lot=str(getattr(turn.event, "lot", "")),
            expires=str(getattr(turn.event, "expires", "")),
        )
    )


def near_miss(turn: Turning) -> None:
    """Not this one: stop, and keep it as a near miss."""
    memory, wanted = turn.memory, do.visit(turn)
    wrong = _wrong(turn) or Refusal(reason=Reason.WRONG_PACK)
    turn.add(
        NearMiss(
            actor=memory.actor,
            panel=turn.panel,
            intent=memory.intent or 0,
            product=wanted.product,
            scanned=wrong.product or wrong.note,
            patient=wanted.patient,
            order=wanted.order,
            reason=wrong.reason.value,
        )
    )
    turn.remember(wrong=wrong.note or wrong.product)
    do.refuse(turn, (wrong,))


def a_scan_reason(turn: Turning) -> bool:
    """The key is one of the reasons shown."""
    return getattr(turn.event, "key", "") in CANNOT_SCAN


def take_scan_reason(turn: Turning) -> None:
    """Why the pack is not scanned; it stands in the removal."""
    turn.remember(scan=CANNOT_SCAN[getattr(turn.event, "key", "")], said="", refusals=())


def scanned_late(turn: Turning) -> None:
    """Scanned after closing: accepted, for the intent of this visit."""
    _accept(turn)
    turn.remember(scan="scanned", refusals=(), said="scanned")
    turn.effect(Sound(pattern="accepted"))


def near_miss_late(turn: Turning) -> None:
    """The wrong pack in hand after closing: a near miss, and the pocket is counted."""
    near_miss(turn)
    turn.add(
        CountAsked(pocket=do.visit(turn).pocket, reason="wrong pack", intent=turn.memory.intent)
    )


def take_scan_reason_late(turn: Turning) -> None:
    """Why it was not scanned, said after closing: a line of its own."""
    reason = CANNOT_SCAN[getattr(turn.event, "key", "")]
    turn.add(
        ScanRefused(
            panel=turn.panel, reason=reason, actor=turn.memory.actor, intent=turn.memory.intent
        )
    )
    turn.remember(scan=reason, said="", refusals=())
