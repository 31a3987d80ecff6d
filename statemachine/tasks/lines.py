"""What the rows of a patient's list ask and do: lines, plans, refusals.

Planning allows nothing: a plan is what somebody wants, and `remove.next` asks every rule anew.
"""

import msgspec

from statemachine.doses import DoseLine, dose_list
from statemachine.machines import Visit
from statemachine.refusals import Reason, Refusal
from statemachine.rounds import is_due, removable
from statemachine.tasks import common as do
from statemachine.turn import Turning
from statemachine.ward.orders import RemovalRefused

LISTED_MAX = 99
"""Most lines of one list: eleven pages of nine."""
REPLACEMENTS = {"1": "dropped", "2": "vomited", "3": "broken", "4": "lost line"}
"""Why a dose is removed again (RULES 4)."""


# --- the list --------------------------------------------------------------------------------


def lines_of(turn: Turning, only: str | None = None) -> tuple[DoseLine, ...]:
    """The list, or the lines of one order: between the last key and the lease one is enough."""
    memory, panel = turn.memory, turn.panel
    patient, actor, why = memory.patient, memory.actor, memory.why
    checked = patient in memory.charts
    return turn.once_of_ward(
        ("lines", patient, actor, panel, checked, why, only),
        lambda: dose_list(
            turn.ward,
            patient,
            turn.now,
            actor=actor,
            panel=panel,
            chart_checked=checked,
            other_ward_reason=why,
            only=only,
        ),
    )


def something_is_due(turn: Turning) -> bool:
    """Something is late, STAT or due, and nothing speaks against it."""
    return any(is_due(line) for line in lines_of(turn))


def _line(turn: Turning, dose: str | None) -> DoseLine | None:
    """The line of a dose; of an as-required order its line of now, whose instant moves on."""
    if dose is None:
        return None
    lines = lines_of(turn, only=dose.rpartition("@")[0])
    found = next((line for line in lines if line.dose == dose), None)
    if found is not None:
        return found
    return next((line for line in lines if line.due_s is None), None)


def add_new_lines(turn: Turning) -> None:
    """Lines that arrived while the list is shown come below; no number changes its meaning."""
    listed = turn.memory.listed
    shown = {line.dose for line in (_line(turn, dose) for dose in listed) if line is not None}
    new = tuple(line.dose for line in lines_of(turn) if line.dose not in shown)
    turn.remember(listed=(*listed, *new)[:LISTED_MAX])


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
    lines = [line for line in lines_of(turn) if is_due(line)]
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
        for line in lines_of(turn)
        if line.state in {"late", "stat", "due"}
        for refusal in line.refusals
    ]
    shown = tuple(dict.fromkeys(found)) or (Refusal(reason=Reason.NOTHING_DUE),)
    journal_refusal(turn, do.refuse(turn, shown))


def refuse_line(turn: Turning) -> None:
    """The line that was chosen may not be removed: every reason, journalled."""
    line = _line(turn, do.chosen_line(turn))
    if line is None:
        shown = do.refuse(turn, (Refusal(reason=Reason.NO_SUCH_DOSE),))
        journal_refusal(turn, shown)
        return
    turn.remember(chosen=line.dose, queue=(), visit=None, amount=0)
    shown = do.refuse(turn, line.refusals or (Refusal(reason=Reason.NOT_STOCKED),))
    part = line.parts[0] if line.parts else None
    journal_refusal(
        turn,
        shown,
        order=line.order,
        dose=line.dose,
        product=part.product if part else "",
        quantity=part.quantity if part else 0,
    )


def journal_refusal(
    turn: Turning,
    shown: tuple[Refusal, ...],
    *,
    order: str = "",
    dose: str = "",
    product: str = "",
    quantity: int = 0,
) -> None:
    """Write down every reason, the one shown first."""
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
