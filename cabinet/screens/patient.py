"""One patient's list: late, STAT, due, next, as-required, and what is not kept here.

Lines are numbered as the machine numbers them. A line that cannot be taken now can still be chosen:
the answer says why, and what can be done instead.
"""

from cabinet.screens import words
from cabinet.screens.frame import View, banner, notices, page_of, refusal_lines, status
from cabinet.screens.home import said_lines
from cabinet.screens.screen import Key, Line, Screen
from cabinet.screens.sentences import sentence
from statemachine.doses import DoseLine, dose_list
from statemachine.rounds import is_due, removable

BACK = Key(key="B", meaning="back")
LEADS = {
    "late": "LATE",
    "stat": "STAT",
    "due": "DUE",
    "next": "next",
    "as-required": "if needed",
    "elsewhere": "own",
    "done": "done",
}


def chart(view: View) -> Screen:
    """Orders are between 15 min and 4 h old: the paper or screen chart is looked at first."""
    epma_s = view.ward.house.epma_s
    age = words.elapsed(view.now.hi_s - epma_s) if epma_s is not None else "of unknown age"
    return Screen(
        id=view.session.state,
        status=status(view),
        banner=banner(view, view.memory.patient or view.memory.asked),
        notices=notices(view),
        lines=(
            Line(text=f"The orders here are {age} old.", mark="warn"),
            Line(text="Check the chart for changes and for what was given since."),
        ),
        prompt="Chart checked?",
        keys=(Key(key="A", meaning="seen"), BACK),
    )


def _times(view: View, line: DoseLine) -> str:
    parts = []
    if line.due_s is not None:
        parts.append(f"due {words.clock_and_day(view.ward, line.due_s, view.now_s)}")
    if line.last_given_s is not None:
        parts.append(f"last {words.clock_and_day(view.ward, line.last_given_s, view.now_s)}")
    if line.next_from_s is not None and line.next_from_s > view.now.lo_s:
        parts.append(f"next from {words.clock_and_day(view.ward, line.next_from_s, view.now_s)}")
    return "  ".join(parts)


def _medicine(view: View, line: DoseLine) -> str:
    products = [view.ward.stock.products.get(part.product) for part in line.parts]
    names = [words.medicine_columns(product) for product in products if product is not None]
    if names:
        return " + ".join(dict.fromkeys(names))
    known = view.ward.orders.known.get(line.order)
    return known.order.text if known and known.order.text else "a medicine not in this list"


def dose_text(view: View, line: DoseLine) -> str:
    """`paracetamol  tablets 500 mg   DOSE 1 g  by mouth  due 08:00   take 2`."""
    known = view.ward.orders.known.get(line.order)
    said = [_medicine(view, line)]
    if known is not None:
        order = known.order
        dose = f"DOSE {words.amount(order.dose)}" if order.dose else ""
        said.append("  ".join(part for part in (dose, order.route) if part))
        if line.state == "as-required":
            said.append("as required")
    said.append(_times(view, line))
    if removable(line):
        take = " + ".join(
            words.count_of(part.quantity, view.ward.stock.products.get(part.product))
            for part in line.parts
        )
        said.append(f"take {take}")
    said += line.marks
    if line.state == "elsewhere" and known is not None and known.order.elsewhere:
        said.append(known.order.elsewhere)
    return "   ".join(part for part in said if part)


def _dose_lines(view: View, line: DoseLine, number: int) -> list[Line]:
    lead = LEADS.get(line.state, line.state)
    lines = [
        Line(
            text=f"{lead}  {dose_text(view, line)}",
            choice=str(number),
            mark=_mark(line.state),
            bold=_bold(view, line),
        )
    ]
    if line.refusals and line.state not in {"next", "elsewhere"}:
        lines.append(Line(text=sentence(view.ward, line.refusals[0], view.now_s), mark="dim"))
    return lines


def _bold(view: View, line: DoseLine) -> tuple[str, ...]:
    """Generic names, then the amount of the dose."""
    products = [view.ward.stock.products.get(part.product) for part in line.parts]
    names = [product.generic for product in products if product is not None]
    known = view.ward.orders.known.get(line.order)
    dose = known.order.dose if known is not None else None
    return (*dict.fromkeys(names), *((words.amount(dose),) if dose else ()))


def _mark(state: str) -> str:
    return {"as-required": "", "elsewhere": "own"}.get(state, state)


def listed_lines(view: View) -> tuple[DoseLine, ...]:
    """The lines in the order the machine numbered them, as they stand now.

    An as-required dose is named by the second it would be taken, so it is found by its order.
    """
    lines = dose_list(view.ward, view.memory.patient, view.now)
    if not view.memory.listed:
        return lines
    by_dose = {line.dose: line for line in lines}
    by_order = {line.order: line for line in lines if line.state == "as-required"}
    found = (
        by_dose.get(dose) or by_order.get(dose.rpartition("@")[0]) for dose in view.memory.listed
    )
    return tuple(line for line in found if line is not None)


def listing(view: View) -> Screen:
    """Everything for this patient, and one key for all that is due."""
    doses = listed_lines(view)
    start, end, keys = page_of(view.memory, len(doses))
    lines = [*said_lines(view), *refusal_lines(view, view.memory.refusals)]
    for number, line in enumerate(doses[start:end], 1):
        lines += _dose_lines(view, line, number)
    if view.memory.amount:
        lines.append(Line(text=f"Quantity {view.memory.amount}: choose the line.", mark="strong"))
    if not doses:
        lines.append(Line(text="No orders are known for this patient."))
    due = [number for number, line in enumerate(doses, 1) if is_due(line)]
    numbers = ", ".join(str(number) for number in due)
    take = (Key(key="A", meaning=f"take all due ({numbers})"),) if due else ()
    return Screen(
        id=view.session.state,
        status=status(view),
        banner=banner(view, view.memory.patient),
        notices=notices(view),
        lines=tuple(lines),
        prompt="" if doses else "Press B to go back.",
        keys=(
            *take,
            *((Key(key="1-9", meaning="choose"),) if doses else ()),
            *((Key(key="#", meaning="another quantity"),) if doses else ()),
            *keys,
            BACK,
            Key(key="C", meaning="park and leave"),
        ),
    )


def amount(view: View) -> Screen:
    """Another quantity than the one shown beside the line."""
    return Screen(
        id=view.session.state,
        status=status(view),
        banner=banner(view, view.memory.patient),
        notices=notices(view),
        lines=(Line(text=f"[{view.around.typed:<5}]", mark="strong"),),
        prompt="How many do you take? Type the number, then #, then choose the line.",
        keys=(Key(key="#", meaning="OK"), Key(key="B", meaning="back, the quantity shown")),
    )


def time(view: View) -> Screen:
    """No trusted time: the earliest it can be is shown, and moved on to what her watch says."""
    when = words.local(view.ward, view.now_s + view.memory.later_s)
    return Screen(
        id=view.session.state,
        title="What time is it?",
        status=status(view),
        notices=notices(view),
        lines=(
            Line(text="The cabinet cannot tell the time by itself, only how late it is at least."),
            Line(text=f"{when:%H:%M}  {words.day(when.date())}", mark="strong"),
            Line(text="one day later", choice="1"),
            Line(text="one hour later", choice="2"),
            Line(text="ten minutes later", choice="3"),
            Line(text="one minute later", choice="4"),
        ),
        prompt="Is that the time on your watch?",
        keys=(
            Key(key="A", meaning="yes, confirm"),
            Key(key="1-4", meaning="later"),
            Key(key="0", meaning="start again"),
            BACK,
        ),
    )
