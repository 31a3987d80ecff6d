"""One sentence for a first-time visitor: what a nurse would do next. Made from the state alone."""

from typing import Any

BY_SCREEN = {
    "signin.badge": "Hold Nina Bell's badge (in the tray) to the badge reader.",
    "signin.pin": "Type Nina's PIN on the keypad: 2 4 6 8 1 0, then #.",
    "signin.checking": "The PIN is being checked.",
    "home.patients": "Press A: the next patient of the round.",
    "home.confirm": "Check the name, then press A.",
    "home.birth": "Another patient has a similar name: type day and month of birth, then #.",
    "patient.chart": "Check the chart, then press A.",
    "remove.many": "Type the number of units the stop names, then #.",
    "remove.refused": "Read why, then press A or B.",
    "remove.nothing": "Put back what you took and push the drawer closed.",
    "remove.wrong_pack": "Put the wrong pack back, take the right one and hold it to the scanner.",
    "remove.unscanned": "Hold a pack from your hands to the scanner, or press D.",
    "remove.not_opened": "Press A to try again.",
}


def hint(state: dict[str, Any]) -> str:
    """What to do next, as a sentence; empty where the screen says enough."""
    if not state["power"]:
        return "The cabinet has no power. Bring it back on the shelf of troubles."
    screen = state["screen"]
    if screen is None:
        return "The cabinet is starting."
    if screen["id"] == "patient.list":
        if any(key["key"] == "A" for key in screen["keys"]):
            return "Press A to take all that is due, or a number for one line."
        return "Nothing is due here. Press B for the patients, or C to leave."
    released = [d for d in state["drawers"] if d["released"] and not d["open"]]
    if screen["id"] == "remove.release" and released:
        return f"Drawer {released[0]['drawer']} is unlocked: pull it open. No other will open; try."
    if screen["id"] == "remove.open":
        return _at_the_drawer(state, screen)
    return BY_SCREEN.get(screen["id"], "")


def _at_the_drawer(state: dict[str, Any], screen: dict[str, Any]) -> str:
    lit = next(
        (p["pocket"] for d in state["drawers"] for p in d["pockets"] if p["lit"]), "that is lit"
    )
    if "Scan" in screen["prompt"]:
        if not any(pack["pocket"] == lit for pack in state["hands"]):
            return f"Take what the screen says from pocket {lit}, then hold one to the scanner."
        return "Hold a pack from your hands to the scanner, then push the drawer closed."
    return "Push the drawer closed. Closing means next."
