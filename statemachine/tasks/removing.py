"""What the rows of a removal ask and do; the reasons stand in `remove.py`."""

import msgspec

from statemachine.doses import DoseLine, dose_list
from statemachine.effects import Light, Release, Sound
from statemachine.machines import DrawerState, Visit
from statemachine.refusals import Reason, Refusal
from statemachine.rounds import is_due, removable
from statemachine.rules.amount import many_units
from statemachine.rules.removal import removal_marks
from statemachine.rules.shelf import book_is_short
from statemachine.tables.drawer_does import RELEASING
from statemachine.tasks import common as do
from statemachine.tasks.asking import ask_for, reasons
from statemachine.turn import Turning
from statemachine.ward.drawers import ReleaseIntent, ScanAccepted, ScanRefused
from statemachine.ward.orders import NearMiss, RemovalRecorded, RemovalRefused
from statemachine.ward.stock import CountAsked, CountRecorded, DiscrepancyOpened, KnownPocket

LEASE_MS = 5_000
"""How long a lock is energised for a removal or a count; the ceiling stands in `hal.ports`."""
REPLACEMENTS = {"1": "dropped", "2": "vomited", "3": "broken", "4": "lost line"}
"""Why a dose is removed again (RULES 4)."""
CANNOT_SCAN = {"1": "strip", "2": "ampoule", "3": "half", "4": "no code"}
"""Why a pack is not scanned (RULES 6)."""
BELIEVABLE_MAX = 9_999
"""More than this is no count of one pocket."""
READY = frozenset({"closed", "jammed"})
"""States of a drawer that may be released."""
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


# --- the list --------------------------------------------------------------------------------


def _lines(turn: Turning, only: str | None = None) -> tuple[DoseLine, ...]:
    """The list, or the lines of one order: between the last key and the lease one is enough."""
    memory = turn.memory
    return turn.once(
        ("lines", turn.panel, only),
        lambda: dose_list(
            turn.ward,
            memory.patient,
            turn.now,
            actor=memory.actor,
            panel=turn.panel,
            chart_checked=memory.patient in memory.charts,
            other_ward_reason=memory.why,
            only=only,
        ),
    )


def something_is_due(turn: Turning) -> bool:
    """Something is late, STAT or due, and nothing speaks against it."""
    return any(is_due(line) for line in _lines(turn))


def _line(turn: Turning, dose: str | None) -> DoseLine | None:
    """The line of a dose; of an as-required order its line of now, whose instant moves on."""
    if dose is None:
        return None
    lines = _lines(turn, only=dose.rpartition("@")[0])
    found = next((line for line in lines if line.dose == dose), None)
    if found is not None:
        return found
    return next((line for line in lines if line.due_s is None), None)


def the_line_can_be_planned(turn: Turning) -> bool:
    """Nothing speaks against the line that was chosen."""
    line = _line(turn, do.chosen_line(turn))
    return line is not None and removable(line)


def _visits(turn: Turning, line: DoseLine, replaces: str = "") -> tuple[Visit, ...]:
    return tuple(
        Visit(
            patient=turn.memory.patient,
            order=line.order,
            dose=line.dose,
            product=part.product,
            quantity=part.quantity,
            drawer=part.drawer or 0,
            pocket=part.pocket or "",
            part=(number, len(line.parts)),
            replaces=replaces,
        )
        for number, part in enumerate(line.parts, start=1)
    )


def take_amount(turn: Turning) -> None:
    """So many, of the line that is chosen next."""
    turn.remember(amount=int(getattr(turn.event, "number", 0)), said="", refusals=())


def as_shown(turn: Turning) -> None:
    """The quantity shown beside the line, after all."""
    turn.remember(amount=0, said="", refusals=())


def _so_many(turn: Turning, visits: tuple[Visit, ...]) -> tuple[Visit, ...]:
    """The visits with the quantity that was typed, if one was; the rules judge it at release."""
    amount = turn.memory.amount
    if not amount:
        return visits
    return tuple(msgspec.structs.replace(one, quantity=amount) for one in visits)


def _plan(turn: Turning, visits: tuple[Visit, ...]) -> None:
    turn.remember(
        queue=visits,
        visit=None,
        index=0,
        total=len(visits),
        refusals=(),
        said="",
        orphan=False,
        amount=0,
    )


def plan_all_due(turn: Turning) -> None:
    """A visit for every part of every dose that is due; each is asked again at its release."""
    lines = [line for line in _lines(turn) if is_due(line)]
    _plan(turn, tuple(visit for line in lines for visit in _visits(turn, line)))


def plan_line(turn: Turning) -> None:
    """A visit for every part of the dose that was chosen."""
    line = _line(turn, do.chosen_line(turn))
    if line is None:
        raise RuntimeError("A line was planned that is not there; the turn was thrown away.")
    turn.remember(chosen=line.dose)
    _plan(turn, _so_many(turn, _visits(turn, line)))


def plan_replacement(turn: Turning) -> None:
    """The dose that was removed already, again, with its reason."""
    memory = turn.memory
    line = _line(turn, memory.chosen)
    visits = () if line is None else _again(turn, line)
    replaces = REPLACEMENTS[getattr(turn.event, "key", "")]
    _plan(turn, tuple(msgspec.structs.replace(one, replaces=replaces) for one in visits))


def _again(turn: Turning, line: DoseLine) -> tuple[Visit, ...]:
    """The whole dose once more, from where its products lie now."""
    known = turn.ward.orders.known.get(line.order)
    if known is None or not known.order.sets:
        return ()
    if line.parts:
        return _visits(turn, line)
    raise RuntimeError("A removed dose has no parts; the turn was thrown away.")


def refuse_all_due(turn: Turning) -> None:
    """Nothing can be taken with one key: why not, line by line, journalled once."""
    found = [
        refusal
        for line in _lines(turn)
        if line.state in {"late", "stat", "due"}
        for refusal in line.refusals
    ]
    shown = tuple(dict.fromkeys(found)) or (Refusal(reason=Reason.NOTHING_DUE),)
    _journal_refusal(turn, do.refuse(turn, shown))


def refuse_line(turn: Turning) -> None:
    """The line that was chosen may not be removed: every reason, journalled."""
    line = _line(turn, do.chosen_line(turn))
    if line is None:
        shown = do.refuse(turn, (Refusal(reason=Reason.NO_SUCH_DOSE),))
        _journal_refusal(turn, shown)
        return
    turn.remember(chosen=line.dose, queue=(), visit=None, amount=0)
    shown = do.refuse(turn, line.refusals or (Refusal(reason=Reason.NOT_STOCKED),))
    part = line.parts[0] if line.parts else None
    _journal_refusal(
        turn,
        shown,
        order=line.order,
        dose=line.dose,
        product=part.product if part else "",
        quantity=part.quantity if part else 0,
    )


def _journal_refusal(
    turn: Turning,
    shown: tuple[Refusal, ...],
    *,
    order: str = "",
    dose: str = "",
    product: str = "",
    quantity: int = 0,
) -> None:
    memory = turn.memory
    codes = tuple(dict.fromkeys(refusal.reason.value for refusal in shown))
    turn.add(
        RemovalRefused(
            actor=memory.actor,
            panel=turn.panel,
            reason=codes[0],
            reasons=codes,
            patient=memory.patient,
            order=order,
            dose=dose,
            product=product or shown[0].product,
            quantity=quantity,
        )
    )


def patient_passed(turn: Turning) -> None:
    """She went on: the round does not offer this patient first again."""
    memory = turn.memory
    if memory.patient and memory.patient not in memory.done:
        turn.remember(done=(*memory.done, memory.patient)[-99:])


def patient_done(turn: Turning) -> None:
    """Nothing is left due: the next patient is offered."""
    patient_passed(turn)
    turn.remember(said="patient done")


# --- refused ---------------------------------------------------------------------------------


def more_is_planned(turn: Turning) -> bool:
    """Visits are still planned."""
    return bool(turn.memory.queue)


def nothing_more_is_planned(turn: Turning) -> bool:
    """Every planned visit was made or refused."""
    return not turn.memory.queue


def only_removed_already(turn: Turning) -> bool:
    """The only thing against it is that it was removed already: it can be replaced."""
    found = turn.memory.refusals
    return bool(found) and all(refusal.reason is Reason.REMOVED for refusal in found)


def only_the_chart_is_missing(turn: Turning) -> bool:
    """The orders grew old meanwhile: one key says that the chart was checked."""
    return any(refusal.reason is Reason.CHART_NOT_CHECKED for refusal in turn.memory.refusals)


def only_the_time_is_missing(turn: Turning) -> bool:
    """The clock lost its time meanwhile: the nurse says what her watch says."""
    return any(refusal.reason is Reason.TIME_UNKNOWN for refusal in turn.memory.refusals)


def ask_for_the_time(turn: Turning) -> None:
    """Back through the confirmation of this patient, with the time asked for first."""
    turn.remember(asked=turn.memory.patient, refusals=(), said="", later_s=0)


def ask_for_the_chart(turn: Turning) -> None:
    """Back through the opening of this patient, with the chart asked for."""
    turn.remember(asked=turn.memory.patient, refusals=(), said="")


def a_replacement_reason(turn: Turning) -> bool:
    """The key is one of the reasons shown."""
    return getattr(turn.event, "key", "") in REPLACEMENTS


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
    box = turn.machines.drawers.get(wanted.drawer)
    others = box is not None and box.panel is not None
    if not no_other_drawer_in_hand(turn) or others:
        found.append(Refusal(reason=Reason.ANOTHER_OPEN, amount=wanted.drawer))
    elif not (the_drawer_is_known_closed(turn) and no_fault_of_the_drawer_stands(turn)):
        fault = Refusal(reason=Reason.DRAWER_FAULT, product=wanted.product, amount=wanted.drawer)
        found += () if any(one.reason is fault.reason for one in found) else (fault,)
    if not found:
        raise RuntimeError("A visit was refused without a reason; the turn was thrown away.")
    rest = tuple(one for one in memory.queue if one.dose != wanted.dose)
    turn.remember(visit=wanted, queue=rest, chosen=wanted.dose, orphan=False)
    shown = do.refuse(turn, dict.fromkeys(found))
    _journal_refusal(
        turn,
        shown,
        order=wanted.order,
        dose=wanted.dose,
        product=wanted.product,
        quantity=wanted.quantity,
    )


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
        expires="",
        wrong="",
        ask_left=book_is_short(turn.ward, wanted.pocket, wanted.quantity),
        cancelled=False,
        recorded=False,
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
    _light_out(turn)
    turn.effect(Sound(pattern="refused"))


def _light_out(turn: Turning) -> None:
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
    for recall in turn.ward.stock.recalls.values():
        held = recall.lot is None or (bool(lot) and recall.lot == lot)
        if recall.product == wanted and held and not recall.lifted:
            return Refusal(reason=Reason.RECALLED, product=wanted, note=lot)
    if expires and expires < day(turn.now.lo_s):
        return Refusal(reason=Reason.EXPIRED, product=wanted, note=lot)
    return None


def day(at_s: int) -> str:
    """The UTC day of a moment as `YYYY-MM-DD`: civil from days, after H. Hinnant."""
    days = at_s // 86_400 + 719_468
    era, of_era = divmod(days, 146_097)
    year_of_era = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = year_of_era + era * 400 + (month <= 2)
    return f"{year:04d}-{month:02d}-{of_year - (153 * shifted + 2) // 5 + 1:02d}"


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
        expires=str(getattr(turn.event, "expires", "")),
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
    """Nobody knows: a count is asked, so that the book is not wrong in silence."""
    turn.add(
        CountAsked(pocket=do.visit(turn).pocket, reason="left not told", intent=turn.memory.intent)
    )
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
    turn.remember(recorded=True, said="removed", refusals=())
    _count_left(turn)
    _light_out(turn)
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
    _light_out(turn)
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
