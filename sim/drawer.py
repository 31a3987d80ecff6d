"""The physics of one drawer: a sliding box, a sprung bolt, a coil, a reed and a feedback switch.

The bolt is withdrawn while the coil is energised, and is home again as soon as the coil is off and
the box is shut (a slam latch): an open drawer has its bolt out. The reed switch reports the box,
the feedback switch reports the bolt, and each can lie on its own (F1 to F5, F9). Reports are what
hardware debounced; `edges` tells how much chatter it swallowed.
"""

from dataclasses import dataclass
from typing import Literal

Fault = Literal["stuck closed", "stuck open", "bouncing", "jammed", "dead"]

BOUNCE_EDGES = 17
"""Edges of one movement of a bouncing switch; a good one makes one."""


@dataclass(slots=True)
class SimDrawer:
    """One drawer.

    Attributes:
        drawer: its number.
        pockets: ids of its pockets, in order.
        opened: whether the box is out, in truth.
        bolt_home: whether the bolt is in its catch, in truth.
        energised_until_ms: true time at which the coil goes off by itself, or None when it is off.
        intent: the intent of the running lease.
        reed_fault, feedback_fault, lock_fault: what is wrong with each part.
        edges: raw edges of both switches since the last report.
    """

    drawer: int
    pockets: tuple[str, ...]
    opened: bool = False
    bolt_home: bool = True
    energised_until_ms: int | None = None
    intent: int | None = None
    reed_fault: Fault | None = None
    feedback_fault: Fault | None = None
    lock_fault: Fault | None = None
    edges: int = 0

    def energise(self, until_ms: int, intent: int) -> None:
        """Current flows in the coil; a jammed or dead lock does not care."""
        self.energised_until_ms = until_ms
        self.intent = intent
        self._settle()

    def de_energise(self) -> None:
        """No current flows any more."""
        self.energised_until_ms = None
        self.intent = None
        self._settle()

    def pull(self) -> bool:
        """A hand pulls; whether the drawer came."""
        if self.opened or not self.bolt_home:
            self._move(opened=True)
        return self.opened

    def force(self) -> None:
        """A screwdriver, or a broken catch: the drawer comes, whatever the bolt says."""
        self._move(opened=True)

    def push(self) -> None:
        """A hand shuts it."""
        self._move(opened=False)

    def _move(self, *, opened: bool) -> None:
        if self.opened != opened:
            self.edges += BOUNCE_EDGES if self.reed_fault == "bouncing" else 1
        self.opened = opened
        self._settle()

    def _settle(self) -> None:
        """Where the bolt ends up."""
        energised = self.energised_until_ms is not None and self.lock_fault not in {
            "jammed",
            "dead",
            "stuck closed",
        }
        home = not self.opened and not energised and self.lock_fault != "stuck open"
        if home != self.bolt_home:
            self.edges += BOUNCE_EDGES if self.feedback_fault == "bouncing" else 1
        self.bolt_home = home

    def settle(self) -> None:
        """Let a fault that was just made or repaired have its effect on the bolt."""
        self._settle()

    def sensed(self) -> tuple[bool | None, bool | None]:
        """(closed, locked) as the two switches say, None for one that says nothing."""
        return (
            _switch(not self.opened, self.reed_fault),
            _switch(self.bolt_home, self.feedback_fault),
        )


def _switch(truth: bool, fault: Fault | None) -> bool | None:
    """What a switch with this fault says."""
    if fault == "dead":
        return None
    if fault in {"stuck closed", "jammed"}:
        return True
    if fault == "stuck open":
        return False
    return truth
