"""Taking a dose: what, how many, from where; and when not, why not.

Every screen here stands under the patient's banner. The figure beside TAKE, the pocket that is lit
and the drawer that is released come from the same `Visit` as the intent in the log (R1, I6).
"""

from cabinet.screens import words
from cabinet.screens.frame import View, banner, notices, refusal_lines, status
from cabinet.screens.screen import Key, Line, Screen
from statemachine.machines import Visit
from statemachine.refusals import Reason
from statemachine.ward.stock import Product

BACK = Key(key="B", meaning="back")
LEAVE = Key(key="C", meaning="park and leave")
REASONS_REPLACE = ("dropped", "vomited", "broken", "lost line")
REASONS_NO_SCAN = ("strip", "ampoule", "half", "no code")


def visit_of(view: View) -> Visit | None:
    """The visit under way, or the one at the head of the queue that waits for an answer."""
    memory = view.memory
    return memory.visit or (memory.queue[0] if memory.queue else None)


def product_of(view: View) -> Product | None:
    """The product of the visit under way."""
    visit = visit_of(view)
    return view.ward.stock.products.get(visit.product) if visit else None


def _choices(texts: tuple[str, ...]) -> tuple[Line, ...]:
    return tuple(Line(text=text, choice=str(number)) for number, text in enumerate(texts, 1))


def _what(view: View, visit: Visit | None) -> tuple[Line, ...]:
    """`1 of 2  paracetamol  tablets 500 mg` and `TAKE 2  drawer 3, pocket 3-2 is lit`."""
    if visit is None:
        return ()
    product = view.ward.stock.products.get(visit.product)
    order = view.ward.orders.known.get(visit.order)
    name = words.medicine_columns(product) if product else "a medicine not in the list"
    place = f"{view.memory.index} of {view.memory.total}     " if view.memory.total > 1 else ""
    lines = [Line(text=f"{place}{name}", mark="strong")]
    if order and order.order.dose:
        dose = words.amount(order.order.dose)
        lines.append(Line(text=f"DOSE {dose}  {order.order.route}".rstrip(), bold=(dose,)))
    if visit.part[1] > 1:
        lines.append(Line(text=f"part {visit.part[0]} of {visit.part[1]} of this dose"))
    take = words.count_of(visit.quantity, product)
    lines.append(Line(text=f"TAKE {take}", mark="strong"))
    return tuple(lines)


def _visit(
    view: View,
    prompt: str,
    keys: tuple[Key, ...],
    before: tuple[Line, ...] = (),
    after: tuple[Line, ...] = (),
) -> Screen:
    visit = visit_of(view)
    patient = visit.patient if visit else view.memory.patient
    return Screen(
        id=view.session.state,
        status=status(view),
        banner=banner(view, patient),
        notices=notices(view),
        lines=(*before, *_what(view, visit), *after),
        prompt=prompt,
        keys=keys,
        lit=(visit.pocket,) if visit else (),
    )


def _where(view: View) -> Line:
    visit = visit_of(view)
    if visit is None:
        return Line(text="")
    return Line(text=f"drawer {visit.drawer}, pocket {visit.pocket} is lit")


def release(view: View) -> Screen:
    """The drawer is being unlocked."""
    visit = visit_of(view)
    drawer = visit.drawer if visit else ""
    return _visit(view, f"Open drawer {drawer}.", (BACK,), after=(_where(view),))


def opened(view: View) -> Screen:
    """The drawer is open: take, scan where the pack has a code, close."""
    product = product_of(view)
    scan = bool(product and (product.gtins or product.codes))
    if view.memory.orphan:
        return nothing(view)
    if view.memory.scan == "scanned":
        prompt = "Right pack. Close the drawer."
    elif view.memory.scan:
        prompt = f"Noted: cannot scan ({view.memory.scan}). Close the drawer."
    else:
        prompt = "Scan the pack, then close." if scan else "Take it, then close the drawer."
    keys = [Key(key="D", meaning="cannot scan")] if scan and not view.memory.scan else []
    if view.memory.ask_left:
        keys.append(Key(key="#", meaning="how many are left"))
        prompt = f"{prompt} Then say how many are left: #"
    else:
        keys.append(Key(key="#", meaning="it is closed"))
    keys.append(Key(key="B", meaning="nothing taken"))
    return _visit(
        view,
        prompt,
        tuple(keys),
        after=(_where(view), *refusal_lines(view, view.memory.refusals)),
    )


def nothing(view: View) -> Screen:
    """Nothing is to be taken: she changed her mind, or the order ended while she stood there."""
    why = "Nothing will be recorded as taken (not recorded)."
    if view.memory.orphan:
        why = "STOP: this may no longer be taken. Nothing is recorded as taken (not recorded)."
    keys = () if view.memory.orphan else (Key(key="A", meaning="taken after all"),)
    return _visit(
        view,
        "Put back whatever you took and close the drawer. It will be counted.",
        keys,
        before=(Line(text=why, mark="warn"), *refusal_lines(view, view.memory.refusals)),
    )


def wait(view: View) -> Screen:
    """Another panel's drawer is being opened; one lock at a time."""
    return _visit(view, "Another drawer is being opened. One moment ...", (BACK,))


UNFIT = {Reason.RECALLED: "is under recall", Reason.EXPIRED: "has expired"}
"""Why a pack of the right medicine is a wrong pack all the same."""


def wrong_pack(view: View) -> Screen:
    """Stop: the pack scanned is not the one intended. Kept as a near miss."""
    spoilt = [one for one in view.memory.refusals if one.reason in UNFIT]
    scanned = view.ward.stock.by_code.get(view.memory.wrong, "")
    what = words.medicine(view.ward.stock.products.get(scanned)) if scanned else "an unknown pack"
    if spoilt:
        lot = f"lot {spoilt[0].note}" if spoilt[0].note else "its lot"
        what = f"the right medicine, but {lot} {UNFIT[spoilt[0].reason]}"
    return _visit(
        view,
        "Put it back, take the right one and scan that.",
        (Key(key="B", meaning="nothing taken"),),
        before=(Line(text=f"WRONG PACK: this is {what}. Put it back.", mark="warn"),),
        after=(_where(view),),
    )


def cannot_scan(view: View) -> Screen:
    """Why can it not be scanned? One key."""
    return _visit(
        view,
        "Why can it not be scanned?",
        (Key(key="1-4", meaning="reason"), BACK),
        after=_choices(
            ("cut from a strip", "single ampoule", "half a tablet", "no code, or not readable")
        ),
    )


def unscanned(view: View) -> Screen:
    """Closed without a scan: recorded, and the scan is asked for once."""
    return _visit(
        view,
        "Scan the pack, or press D.",
        (Key(key="D", meaning="cannot scan"), Key(key="#", meaning="go on without")),
        before=(Line(text="The removal is recorded. The pack was not scanned.", mark="warn"),),
        after=refusal_lines(view, view.memory.refusals),
    )


def left(view: View) -> Screen:
    """The book did not know what the hand could see: how many are left?"""
    pocket = visit.pocket if (visit := visit_of(view)) else ""
    return _visit(
        view,
        f"How many are left in pocket {pocket}?",
        (Key(key="#", meaning="OK"), BACK),
        before=(
            Line(text="The book did not know this pocket: one count, please."),
            Line(text=f"[{view.around.typed:<5}]", mark="strong"),
        ),
    )


def many(view: View) -> Screen:
    """A stop: many units make one dose; the person types the figure she has understood."""
    visit = visit_of(view)
    product = product_of(view)
    figure = words.count_of(visit.quantity, product) if visit else ""
    return _visit(
        view,
        "How many units do you take? Type the number, then #",
        (Key(key="#", meaning="OK"), Key(key="B", meaning="back, take nothing")),
        before=(
            Line(text=f"STOP: {figure} for one dose is unusual. Check the order.", mark="warn"),
            Line(text=f"[{view.around.typed:<5}]", mark="strong"),
        ),
    )


def not_opened(view: View) -> Screen:
    """The lease ended and the drawer stayed closed."""
    why = {
        "jammed": "The lock did not move. Nothing was taken (not recorded).",
    }.get(view.memory.said, "The drawer was not opened. Nothing was taken (not recorded).")
    return _visit(
        view,
        "Try again?",
        (
            Key(key="A", meaning="try again"),
            *((Key(key="#", meaning="the next one"),) if view.memory.queue else ()),
            Key(key="D", meaning="it did open"),
            BACK,
        ),
        before=(Line(text=why, mark="warn"), *refusal_lines(view, view.memory.refusals)),
    )


def refused(view: View) -> Screen:
    """Not now, every reason, and what can be done instead."""
    memory = view.memory
    order = view.ward.orders.known.get(memory.chosen.split("@")[0])
    products = [
        view.ward.stock.products[product]
        for alternative in (order.order.sets if order else ())
        for product, _ in alternative
        if product in view.ward.stock.products
    ]
    named = view.ward.stock.products.get(memory.refusals[0].product) if memory.refusals else None
    what = words.medicine(products[0] if products else named) if products or named else ""
    replace = any(refusal.reason == "already removed" for refusal in memory.refusals)
    more = "go on with the rest" if memory.queue else "show what else is due"
    keys = [Key(key="A", meaning=more)]
    if replace:
        keys.append(Key(key="D", meaning="replace a lost dose"))
    return Screen(
        id=view.session.state,
        status=status(view),
        banner=banner(view, memory.patient),
        notices=notices(view),
        lines=(
            Line(text=f"Not now: {what}".rstrip(": "), mark="strong"),
            *refusal_lines(view, memory.refusals),
        ),
        prompt="",
        keys=(*keys, BACK),
    )


def replace(view: View) -> Screen:
    """A second removal of one dose, with its reason."""
    return Screen(
        id=view.session.state,
        status=status(view),
        banner=banner(view, view.memory.patient),
        notices=notices(view),
        lines=(
            Line(text="This dose was already removed.", mark="warn"),
            *_choices(("dropped", "vomited", "broken", "lost line")),
        ),
        prompt="Why is a replacement needed?",
        keys=(Key(key="1-4", meaning="reason"), BACK),
    )
