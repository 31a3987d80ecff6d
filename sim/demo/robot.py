"""'Show me': somebody takes one patient's doses while the visitor watches.

It reads the same state as the page and does the same things a visitor can do, at a walking pace.
It stops when all is taken and signed out, when the visitor says so, or after a bounded number of
steps.
"""

import re
import threading
from typing import Any, Protocol

from sim.demo.house import COLLEAGUES

STEPS_MAX = 90
PACE_S = 1.1
NURSE = COLLEAGUES[0]


class Stage(Protocol):
    """What the robot sees and touches."""

    def state(self) -> dict[str, Any]:
        """What the page shows."""

    def act(self, action: dict[str, Any]) -> None:
        """What a hand does."""


class Robot:
    """One showing at a time."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether somebody is being shown something now."""
        return self._thread is not None and self._thread.is_alive()

    def toggle(self) -> None:
        """Start a showing, or stop the one that runs."""
        if self.running:
            self._stop.set()
            return
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._show, name="show me", daemon=True)
        self._thread.start()

    def _show(self) -> None:
        typed, taken = 0, False
        for _ in range(STEPS_MAX):
            state = self._stage.state()
            action, typed, taken = next_action(state, typed, taken)
            if action is None:
                return
            try:
                self._stage.act(action)
            except Exception:  # noqa: BLE001 - a showing that cannot go on ends; the demo does not
                return
            if self._stop.wait(PACE_S / 3 if action["do"] == "key" and typed else PACE_S):
                return


def next_action(
    state: dict[str, Any], typed: int, taken: bool
) -> tuple[dict[str, Any] | None, int, bool]:
    """What to do next: (action, PIN digits typed so far, whether a dose was taken already)."""
    screen = state["screen"]
    if screen is None:
        return None, 0, taken
    name = screen["id"]
    if name in {"remove.release", "remove.open", "remove.unscanned", "remove.nothing"}:
        return _at_the_drawer(state, screen), 0, True
    if name == "signin.badge":
        action = None if taken else {"do": "hold", "item": f"badge {NURSE.badge}"}
        return action, 0, taken
    if name == "signin.pin":
        key = NURSE.pin[typed] if typed < len(NURSE.pin) else "#"
        return {"do": "key", "key": key}, typed + 1, taken
    if name in {"home.patients", "patient.list"} and taken:
        if state["hands"]:
            return {"do": "bedside"}, 0, taken
        return {"do": "key", "key": "C"}, 0, taken
    if name == "home.patients":
        return {"do": "key", "key": _unmistakable(screen)}, 0, taken
    if name == "remove.many":
        return _answer(screen, typed), typed + 1, taken
    if any(key["key"] == "A" for key in screen["keys"]):
        return {"do": "key", "key": "A"}, 0, taken
    return {"do": "key", "key": "B"}, 0, taken


def _unmistakable(screen: dict[str, Any]) -> str:
    """The key of a patient with something due whom nobody is named like; `C` when there is none.

    A similar name asks for a birth day, which whoever is being shown something need not know.
    """
    for line in screen["lines"]:
        if line["choice"] and line["mark"] in {"due", "strong"} and "similar" not in line["text"]:
            return str(line["choice"])
    return "C"


def _answer(screen: dict[str, Any], typed: int) -> dict[str, Any]:
    """Type the figure that the stop names, digit by digit, then `#`."""
    told = "\n".join(line["text"] for line in screen["lines"])
    figure = re.search(r"STOP: ([\d,]+)", told)
    digits = figure[1].replace(",", "") if figure else ""
    return {"do": "key", "key": digits[typed] if typed < len(digits) else "#"}


def _at_the_drawer(state: dict[str, Any], screen: dict[str, Any]) -> dict[str, Any]:
    opened = next((d for d in state["drawers"] if d["open"]), None)
    released = next((d for d in state["drawers"] if d["released"]), None)
    if opened is None and released is not None:
        return {"do": "open", "drawer": released["drawer"]}
    lit = next((p for d in state["drawers"] for p in d["pockets"] if p["lit"]), None)
    told = "\n".join(line["text"] for line in screen["lines"])
    wanted = re.search(r"TAKE (\d+)", told)
    if opened is not None and lit is not None and wanted is not None:
        held = [pack for pack in state["hands"] if pack["pocket"] == lit["pocket"]]
        if len(held) < int(wanted[1]) and lit["packs"]:
            return {"do": "take", "pocket": lit["pocket"]}
        if "Scan" in screen["prompt"] and held:
            return {"do": "scan_hand", "index": held[0]["index"]}
    if opened is not None:
        return {"do": "close", "drawer": opened["drawer"]}
    return {"do": "key", "key": "#"}
