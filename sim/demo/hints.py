"""What a nurse would do next: one sentence, and the thing on the page to do it with.

Made from the state of the page alone, so that it can never know more than the visitor sees. The
page puts a ring round the thing named; nothing else depends on it.
"""

import re
from collections.abc import Callable
from typing import Any

Hint = tuple[str, str]
"""A sentence, and what to touch: `item badge 7`, `key A`, `pull 3`, `take 3-2`, `hand 0`, ..."""

BY_SCREEN: dict[str, Hint] = {
    "signin.checking": ("The PIN is being checked.", ""),
    "home.confirm": ("Read the banner: is it the right patient? Then press A.", "key A"),
    "home.birth": ("Another patient has a similar name: type day and month of birth, then #.", ""),
    "home.bed": ("Type a bed number, then #.", ""),
    "home.reason": ("This patient is not of this ward: choose why you open the list.", ""),
    "home.alarms": ("Press A for what you have seen, or B to go back.", "key A"),
    "patient.chart": ("The orders are old: look at the chart, then press A.", "key A"),
    "remove.refused": ("Read why not. A goes on with what else is due, B goes back.", "key A"),
    "remove.wrong_pack": ("Put that back, take from the lit pocket, and scan that one.", ""),
    "remove.not_opened": ("The drawer stayed shut. Press A to try again.", "key A"),
    "count.list": ("Choose the pocket to count.", ""),
    "count.open": ("Count what lies in the lit pocket, type the number, then #.", ""),
    "count.again": ("Count once more, type the number, then #.", ""),
}
AT_DRAWER = frozenset({"remove.release", "remove.open", "remove.unscanned", "remove.nothing"})
RESTING = frozenset({"signin.badge", "home.patients", "patient.list"})


def hint(state: dict[str, Any]) -> Hint:
    """What to do next, and with what; empty where the screen says enough."""
    if not state["power"]:
        return "The cabinet has no power. Bring it back under Troubles.", "trouble power"
    screen = state["screen"]
    if screen is None:
        return "The cabinet is starting.", ""
    forced = _forced(state, screen)
    if forced is not None:
        return f"Drawer {forced} is open and nobody released it. Push it closed.", f"push {forced}"
    name = screen["id"]
    if name in AT_DRAWER or name.startswith("count."):
        found = _at_the_drawer(state, screen)
        if found is not None:
            return found
    if name in RESTING and state["hands"]:
        return "Go to the patient with what you hold: press 'Given at the bedside'.", "bedside"
    asked = ASKED.get(name)
    return asked(state) if asked is not None else BY_SCREEN.get(name, ("", ""))


def _forced(state: dict[str, Any], screen: dict[str, Any]) -> int | None:
    """A drawer that is out although nobody is at a drawer."""
    if screen["id"] in AT_DRAWER or screen["id"].startswith(("count.", "remove.")):
        return None
    return next((drawer["drawer"] for drawer in state["drawers"] if drawer["open"]), None)


def _badge(state: dict[str, Any]) -> Hint:
    nurse = next(item for item in state["tray"] if item["kind"] == "badge")
    return f"You are {nurse['title']}. Hold the badge to the reader: click it.", (
        f"item {nurse['id']}"
    )


def _pin(state: dict[str, Any]) -> Hint:
    lines = state["screen"]["lines"]
    typed = next((line["text"].count("*") for line in lines if "PIN" in line["text"]), 0)
    pin = state["pin"]
    if not pin:
        return "Type the PIN, then #.", ""
    key = pin[typed] if typed < len(pin) else "#"
    return f"Type the PIN on the keypad, or on your own: {' '.join(pin)}, then #.", f"key {key}"


def _home(state: dict[str, Any]) -> Hint:
    if _offers(state["screen"]):
        return "Press A: the next patient of the medicine round.", "key A"
    return "Nothing more is due on this round. Press C to leave.", "key C"


def _list(state: dict[str, Any]) -> Hint:
    if _offers(state["screen"]):
        return "Press A to take all that is due, or the number of one line.", "key A"
    return "Nothing can be taken here now. B: the other patients. C: leave.", "key B"


def _many(state: dict[str, Any]) -> Hint:
    """A stop: the figure is typed by whoever has understood it; here, digit by digit."""
    told = "\n".join(line["text"] for line in state["screen"]["lines"])
    named, typed = re.search(r"STOP: ([\d,]+)", told), re.search(r"\[(\d*) *\]", told)
    figure = named[1].replace(",", "") if named else ""
    done = len(typed[1]) if typed else 0
    key = figure[done] if done < len(figure) else "#"
    return f"Many units for one dose. If it is right, type {figure}, then #.", f"key {key}"


def _offers(screen: dict[str, Any]) -> bool:
    return any(key["key"] == "A" for key in screen["keys"])


def _at_the_drawer(state: dict[str, Any], screen: dict[str, Any]) -> Hint | None:
    opened = next((d["drawer"] for d in state["drawers"] if d["open"]), None)
    released = next((d["drawer"] for d in state["drawers"] if d["released"]), None)
    if opened is None:
        if released is not None:
            return (
                f"Drawer {released} is unlocked: pull it open. No other will open; try.",
                f"pull {released}",
            )
        if screen["id"] == "remove.unscanned" and state["hands"]:
            return "Hold a pack from your hands to the scanner: click it.", "hand 0"
        return None
    if screen["id"] == "remove.nothing":
        return f"Put back what you took and push drawer {opened} closed.", f"push {opened}"
    if not screen["id"].startswith("remove."):
        return None
    return _take_and_scan(state, screen, opened)


def _take_and_scan(state: dict[str, Any], screen: dict[str, Any], opened: int) -> Hint:
    lit = next((p for d in state["drawers"] for p in d["pockets"] if p["lit"]), None)
    told = "\n".join(line["text"] for line in screen["lines"])
    wanted = re.search(r"TAKE ([\d,]+)", told)
    if lit is not None and wanted is not None:
        held = [pack for pack in state["hands"] if pack["pocket"] == lit["pocket"]]
        missing = int(wanted[1].replace(",", "")) - len(held)
        if missing > 0 and lit["packs"]:
            take = f"take {missing}" if not held else f"take {missing} more"
            where = lit["pocket"]
            return f"Pocket {where} is lit: {take} from it. Only from there.", f"take {where}"
        if held and "scan" in screen["prompt"].lower():
            return "Hold one of them to the scanner: click it in your hands.", (
                f"hand {held[0]['index']}"
            )
    return f"Push drawer {opened} closed. Closing means: next.", f"push {opened}"


ASKED: dict[str, Callable[[dict[str, Any]], Hint]] = {
    "signin.badge": _badge,
    "signin.pin": _pin,
    "home.patients": _home,
    "patient.list": _list,
    "remove.many": _many,
}
"""Screens whose hint depends on what stands on them."""
