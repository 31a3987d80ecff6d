"""Sign-in, hand-over, idle: one question, and never which of badge and PIN was wrong."""

from cabinet.screens import words
from cabinet.screens.frame import (
    View,
    notices,
    orders_age,
    refusal_lines,
    stock_leg,
    time_of_day,
)
from cabinet.screens.screen import Key, Line, Screen
from statemachine.rules.shelf import recalled_lots

SAID = {
    "parked": "Your round is parked. Tap your badge to go on with it.",
    "signed out": "You are signed out.",
    "closed": "The session was closed.",
    "power": "Power came back. Nothing was lost.",
}
BACK = Key(key="B", meaning="back")
RECALLS_SHOWN = 3
"""Held pockets named on the idle screen; of more the number is said."""


def badge(view: View) -> Screen:
    """Idle: what is the state of this cabinet, and tap your badge."""
    house = view.ward.house
    due = sum(1 for pocket in view.ward.stock.pockets.values() if pocket.count_due)
    lines = [Line(text=f"{orders_age(view)}    {stock_leg(view)}", mark="dim")]
    if due:
        lines.append(Line(text=f"{due} count{'s' if due != 1 else ''} due", mark="dim"))
    lines += _power_lines(view)
    lines += _recall_lines(view)
    if view.memory.said in SAID:
        lines.append(Line(text=SAID[view.memory.said]))
    lines += refusal_lines(view, view.memory.refusals)
    prompt = "Tap your badge"
    if view.machines.mode == "commissioning":
        lines.append(Line(text="This cabinet is not in service yet: stock has no origin."))
        prompt = "Commissioning: tap your badge to count pockets"
    elif view.machines.mode in {"safe_hold", "rolled_back"}:
        lines.append(Line(text="ORDINARY RELEASE IS STOPPED. Ring pharmacy.", mark="warn"))
    return Screen(
        id="signin.badge",
        title=f"WARD {house.ward} - CABINET {house.cabinet.upper()}",
        status=time_of_day(view),
        notices=notices(view),
        lines=tuple(lines),
        prompt=prompt,
    )


def _recall_lines(view: View) -> list[Line]:
    """What lies here under recall, so that nobody needs to be refused to hear of it."""
    held = []
    for name, pocket in sorted(view.ward.stock.pockets.items()):
        product = pocket.pocket.product
        if product is None:
            continue
        lots = recalled_lots(view.ward, product)
        here = [lot.lot for lot in pocket.lots if lot.quantity > 0]
        if lots and (None in lots or any(not lot or lot in lots for lot in here)) and here:
            what = words.medicine(view.ward.stock.products.get(product))
            held.append(f"{what} in pocket {name}")
    more = [f"and {len(held) - RECALLS_SHOWN} more"] if len(held) > RECALLS_SHOWN else []
    return [
        Line(text=f"RECALL: {one}. Leave it; ring pharmacy.", mark="warn")
        for one in held[:RECALLS_SHOWN] + more
    ]


def _power_lines(view: View) -> list[Line]:
    """After a power cut: what may have happened, for every drawer that was released then."""
    lines = []
    products = dict(view.machines.uncertain_products)
    for seq, drawer in view.machines.uncertain:
        product = products.get(seq, "")
        what = words.medicine(view.ward.stock.products.get(product)) if product else "stock"
        lines.append(
            Line(
                text=f"Power failed while drawer {drawer} was released. Recorded: a removal of"
                f" {what} may have happened; how much was taken is not recorded."
                " Please count it when you can."
                " Other drawers work.",
                mark="warn",
            )
        )
    return lines


def pin(view: View) -> Screen:
    """Badge read: PIN please. The digits themselves never reach a screen."""
    lines: list[Line] = [Line(text="PIN  " + "*" * min(view.memory.digits, 12), mark="strong")]
    if view.memory.tried:
        lines.append(Line(text="Badge or PIN was not right. Try again.", mark="warn"))
    lines += refusal_lines(view, view.memory.refusals)
    return Screen(
        id=view.session.state,
        title="Sign in",
        status=time_of_day(view),
        notices=notices(view),
        lines=tuple(lines),
        prompt="Type your PIN, then #",
        keys=(Key(key="#", meaning="OK"), BACK),
    )


def checking(view: View) -> Screen:
    """The verifier is being computed; it takes a moment on purpose."""
    return Screen(
        id=view.session.state,
        title="Sign in",
        status=time_of_day(view),
        notices=notices(view),
        prompt="One moment ...",
        keys=(BACK,),
    )


def handover(view: View) -> Screen:
    """Another badge at a panel in use: never silently."""
    here = words.person_name(view.ward.people.persons.get(view.memory.actor))
    new = view.memory.candidate
    who = words.person_name(view.ward.people.persons.get(new)) if new else "somebody unknown here"
    return Screen(
        id=view.session.state,
        title="Hand-over?",
        status=time_of_day(view),
        notices=notices(view),
        lines=(
            Line(text=f"{here} is signed in here. A badge of {who} was tapped."),
            Line(text=f"Handing over parks {here}'s round. Nothing is lost."),
            *refusal_lines(view, view.memory.refusals),
        ),
        prompt=f"Hand this panel over to {who}?",
        keys=(Key(key="A", meaning="yes, hand over"), Key(key="B", meaning=f"no, {here} goes on")),
    )
