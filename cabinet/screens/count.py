"""Counting: blind. No screen of a count ever shows what the book says."""

from cabinet.screens import words
from cabinet.screens.frame import (
    View,
    notices,
    page_of,
    refusal_lines,
    status,
)
from cabinet.screens.home import said_lines
from cabinet.screens.screen import Key, Line, Screen
from statemachine.ward.stock import Product

BACK = Key(key="B", meaning="back")


def product_of(view: View) -> Product | None:
    """The product of the pocket being counted."""
    known = view.ward.stock.pockets.get(view.memory.counting)
    if known is None or known.pocket.product is None:
        return None
    return view.ward.stock.products.get(known.pocket.product)


def _title(view: View) -> str:
    return words.person_name(view.ward.people.persons.get(view.memory.actor))


def due(view: View) -> Screen:
    """Which pockets ask for a count, and why."""
    pockets = view.memory.listed
    first, last, keys = page_of(view.memory, len(pockets))
    lines = []
    for number, pocket_id in enumerate(pockets[first:last], start=1):
        known = view.ward.stock.pockets.get(pocket_id)
        if known is None:
            continue
        what = words.medicine(view.ward.stock.products.get(known.pocket.product or ""))
        why = known.count_due or "no stock has been counted in yet"
        lines.append(Line(text=f"pocket {pocket_id}  {what}  ({why})", choice=str(number)))
    return Screen(
        id="count.list",
        title=_title(view),
        status=status(view),
        notices=notices(view),
        lines=(*said_lines(view), *lines, *refusal_lines(view, view.memory.refusals)),
        prompt="Which pocket do you count?" if pockets else "No count is due.",
        keys=(
            *((Key(key="1-9", meaning="choose"),) if pockets else ()),
            *keys,
            BACK,
            Key(key="C", meaning="leave"),
        ),
    )


def _visit(view: View, prompt: str, keys: tuple[Key, ...], lines: tuple[Line, ...] = ()) -> Screen:
    return Screen(
        id=view.session.state,
        title=f"Count pocket {view.memory.counting}",
        status=status(view),
        notices=notices(view),
        lines=(
            Line(text=words.medicine(product_of(view)), mark="strong"),
            *lines,
            *refusal_lines(view, view.memory.refusals),
        ),
        prompt=prompt,
        keys=keys,
        lit=(view.memory.counting,) if view.memory.counting else (),
    )


def release(view: View) -> Screen:
    """The drawer is unlocked for the count."""
    drawer = view.memory.counting.split("-")[0]
    return _visit(view, f"Open drawer {drawer}. Count before anything is taken.", (BACK,))


def opened(view: View) -> Screen:
    """How many does the hand see?"""
    return _visit(
        view,
        f"Pocket {view.memory.counting}: how many are there now?",
        (Key(key="#", meaning="OK"),),
        (Line(text=f"[{view.around.typed:<5}]", mark="strong"),),
    )


def again(view: View) -> Screen:
    """One blind recount; the screen does not say in which direction the first differed."""
    return _visit(
        view,
        "Please count once more: how many are there now?",
        (Key(key="#", meaning="OK"),),
        (
            Line(text="The count was not what was expected."),
            Line(text=f"[{view.around.typed:<5}]", mark="strong"),
        ),
    )


def closing(view: View) -> Screen:
    """The answer stands; the drawer is still open."""
    counted = view.memory.counted
    said = words.count_of(counted, product_of(view)) if counted is not None else "nothing"
    text = f"Counted: {said}." if counted is not None else "No count was recorded (not recorded)."
    keys = (Key(key="#", meaning="it is closed"),)
    return _visit(view, "Close the drawer.", keys, (Line(text=text),))


def wait(view: View) -> Screen:
    """Another panel's drawer is being opened; one lock at a time."""
    return _visit(view, "Another drawer is being opened. One moment ...", (BACK,))
