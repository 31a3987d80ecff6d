"""The world: what is really there, whatever anybody believes.

Drawers, latches, switches and hands obey physics (`sim.drawer`); packs are really in pockets. The
world implements the ports of `hal` in virtual time and without threads: a lease is energised at
once, ends when its time is up, and every change of a switch is reported once. It keeps the ground
truth and a list of every lease it really received; `sim.oracle` compares both with what the
journals believe. It refuses only what the world itself cannot do (`CannotHappen`).
"""

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from hal.ports import COOL_DOWN_MS, LEASE_MS_MAX, HardwareFault, LeaseDenied, Report
from hal.readings import (
    BadgeReading,
    ButtonReading,
    DrawerReading,
    KeyReading,
    LeaseReading,
    PartReading,
    Reading,
    ScanReading,
)
from sim.clock import Timeline
from sim.drawer import Fault, SimDrawer
from sim.people import Pack, Person

LightPattern = Literal["remove", "fill", "count", "return", "off"]
SoundPattern = Literal["tick", "accepted", "refused", "reminder", "alarm", "quiet"]

SOUNDS_KEPT = 1_000
"""The last sounds are kept for assertions, not all of a long run."""


class CannotHappen(Exception):  # noqa: N818 - a fact about the world, not a defect
    """The world cannot do that; the message says why."""


class PowerCut(BaseException):
    """The power fails here and now: whatever the controller was doing ends at this instruction.

    A BaseException, so that no `except Exception` of the product can live on without power.
    """


class Lease(msgspec.Struct, frozen=True):
    """One lease the world really received, in the order and with the keys of `leases.jsonl`.

    Attributes:
        time: true time in seconds since 1970, to the millisecond.
        drawer: which lock.
        milliseconds: how long it was to be energised.
        intent: the number that came with it.
    """

    time: float
    drawer: int
    milliseconds: int
    intent: int


class World:
    """One cabinet's metal, and the hands around it.

    Args:
        timeline: the truth about time.
        drawers: pockets by drawer number.
        panels: how many panels there are.
    """

    def __init__(
        self, timeline: Timeline, drawers: dict[int, tuple[str, ...]], panels: int = 1
    ) -> None:
        self.timeline = timeline
        self.by_number = {n: SimDrawer(n, pockets) for n, pockets in sorted(drawers.items())}
        self.contents: dict[str, list[Pack]] = {p: [] for ps in drawers.values() for p in ps}
        self.panels = panels
        self.leases: list[Lease] = []
        self.lit: dict[str, LightPattern] = {}
        self.last_lit: dict[int, str] = {}
        self.sounds: list[str] = []
        self.shown: dict[int, tuple[str, ...]] = {}
        self.dead_parts: dict[str, str] = {}
        self.powered = False
        self.before_lease: Callable[[int, int], None] | None = None
        self.after_lease: Callable[[int, int], None] | None = None
        self.last_released: int | None = None
        self._report: Report | None = None
        self._mono: Callable[[], int] = lambda: 0
        self._cool_until_ms: dict[int, int] = {}
        self._said: dict[int, tuple[bool | None, bool | None]] = {}

    # --- power --------------------------------------------------------------------------

    def power_up(self, report: Report, mono: Callable[[], int]) -> None:
        """The cabinet starts: switches are read, every lock is de-energised."""
        self._report = report
        self._mono = mono
        self.powered = True
        self._said.clear()
        for drawer in self.by_number.values():
            self._tell(drawer)
        for part, _ in sorted(self.dead_parts.items()):
            self._send(PartReading(mono_ms=mono(), part=part, working=False))

    def power_down(self) -> None:
        """Everything goes dark; sprung bolts go home where drawers are shut."""
        self.powered = False
        self._report = None
        self.lit.clear()
        self.shown.clear()
        for drawer in self.by_number.values():
            drawer.de_energise()

    # --- hal.ports.Locks ------------------------------------------------------------------

    def lease(self, drawer: int, ms: int, intent: int) -> None:
        """Energise one lock for at most `ms` milliseconds."""
        box = self._box(drawer)
        if not 1 <= ms <= LEASE_MS_MAX:
            raise LeaseDenied(f"A lease of {ms} ms was denied: 1 to {LEASE_MS_MAX} ms are allowed.")
        if box.energised_until_ms is not None and box.intent == intent:
            return
        if any(other.energised_until_ms is not None for other in self.by_number.values()):
            raise LeaseDenied(f"The lease of drawer {drawer} was denied: another one is running.")
        if self.timeline.true_ms < self._cool_until_ms.get(drawer, 0):
            raise LeaseDenied(f"The lease of drawer {drawer} was denied: its coil is cooling.")
        if self.before_lease is not None:
            self.before_lease(drawer, intent)
        now_ms = self.timeline.true_ms
        self.leases.append(Lease(now_ms / 1000, drawer, ms, intent))
        self.last_released = drawer
        box.energise(now_ms + ms, intent)
        self._tell(box)
        if self.after_lease is not None:
            self.after_lease(drawer, intent)

    def end(self, drawer: int) -> None:
        """De-energise now."""
        self._end(self._box(drawer))

    def drawers(self) -> tuple[int, ...]:
        """The drawers there are, in order."""
        return tuple(self.by_number)

    def read(self, drawer: int) -> tuple[bool | None, bool | None]:
        """(closed, locked) as the switches say."""
        return self._box(drawer).sensed()

    def poll(self, mono_ms: int) -> None:
        """End leases that are over; the world's own time decides, not `mono_ms`."""
        del mono_ms
        for box in self.by_number.values():
            until_ms = box.energised_until_ms
            if until_ms is not None and until_ms <= self.timeline.true_ms:
                self._end(box)

    def close(self) -> None:
        """De-energise every lock."""
        for box in self.by_number.values():
            self._end(box)

    def _end(self, box: SimDrawer) -> None:
        if box.energised_until_ms is None or box.intent is None:
            return
        intent = box.intent
        self._cool_until_ms[box.drawer] = self.timeline.true_ms + COOL_DOWN_MS
        box.de_energise()
        self._send(LeaseReading(mono_ms=self._mono(), drawer=box.drawer, intent=intent))
        self._tell(box)

    def next_end_ms(self) -> int | None:
        """True time at which the next lease ends by itself, or None."""
        ends = [b.energised_until_ms for b in self.by_number.values() if b.energised_until_ms]
        return min(ends, default=None)

    # --- hands ----------------------------------------------------------------------------

    def pull(self, drawer: int) -> None:
        """A hand opens a drawer.

        Raises:
            CannotHappen: it is locked.
        """
        box = self._box(drawer)
        if not box.pull():
            raise CannotHappen(f"Drawer {drawer} is locked and does not open.")
        self._tell(box)

    def push(self, drawer: int) -> None:
        """A hand closes a drawer.

        Raises:
            CannotHappen: it is not open.
        """
        box = self._box(drawer)
        if not box.opened:
            raise CannotHappen(f"Drawer {drawer} is already closed.")
        box.push()
        self._tell(box)

    def force(self, drawer: int) -> None:
        """Somebody, or nobody, makes a drawer come out without its lock."""
        box = self._box(drawer)
        box.force()
        self._tell(box)

    def take(self, person: Person, quantity: int, drawer: int, pocket: str | None = None) -> str:
        """A hand takes packs out of an open drawer and keeps them; returns the pocket.

        Raises:
            CannotHappen: the drawer is closed, or holds too few.
        """
        box = self._open_box(drawer, "take")
        if quantity < 0:
            raise CannotHappen(f"Nobody can take {quantity}.")
        pocket = pocket or self._at_hand(box)
        there = self.contents[pocket]
        if len(there) < quantity:
            raise CannotHappen(f"Pocket {pocket} holds {len(there)}; {quantity} cannot be taken.")
        self.contents[pocket] = there[quantity:]
        person.hands.extend((pack, pocket) for pack in there[:quantity])
        return pocket

    def put_back(self, person: Person, quantity: int, drawer: int) -> str:
        """A hand puts packs back where the last ones came from; returns the pocket.

        Raises:
            CannotHappen: the drawer is closed, or the hand holds too few from it.
        """
        box = self._open_box(drawer, "put back")
        if quantity <= 0:
            raise CannotHappen(f"Nobody can put back {quantity}.")
        held = [(pack, source) for pack, source in person.hands if source in box.pockets]
        if len(held) < quantity:
            raise CannotHappen(
                f"{len(held)} from drawer {drawer} are in hand; {quantity} cannot be put back."
            )
        for pack, source in held[len(held) - quantity :]:
            person.hands.remove((pack, source))
            self.contents[source].insert(0, pack)
        return held[-1][1]

    def fill(self, pocket: str, packs: Iterable[Pack]) -> None:
        """Packs are put into a pocket, behind those that are there."""
        if pocket not in self.contents:
            raise CannotHappen(f"There is no pocket {pocket}.")
        self.contents[pocket].extend(packs)

    def at_hand(self, drawer: int) -> str:
        """The pocket of an open drawer that a hand would go to."""
        return self._at_hand(self._box(drawer))

    def _at_hand(self, box: SimDrawer) -> str:
        lit = [p for p in box.pockets if self.lit.get(p, "off") != "off"]
        if lit:
            return lit[0]
        if box.drawer in self.last_lit:
            return self.last_lit[box.drawer]
        filled = [p for p in box.pockets if self.contents[p]]
        return filled[0] if filled else box.pockets[0]

    def _open_box(self, drawer: int, doing: str) -> SimDrawer:
        box = self._box(drawer)
        if not box.opened:
            raise CannotHappen(f"Drawer {drawer} is closed: nobody can {doing} anything.")
        return box

    # --- panels ---------------------------------------------------------------------------

    def press(self, panel: int, key: str) -> None:
        """A finger presses a key; a dead keypad does not notice."""
        if self._works(f"keypad {panel}"):
            self._send(KeyReading(mono_ms=self._mono(), panel=panel, key=key))

    def scan(self, panel: int, frame: bytes) -> None:
        """Something is held before the scanner; at most 256 bytes are read."""
        if self._works(f"scanner {panel}"):
            over = len(frame) > 256
            self._send(
                ScanReading(mono_ms=self._mono(), panel=panel, frame=frame[:256], overlong=over)
            )

    def tap(self, panel: int, badge: str) -> None:
        """A card is held to the reader."""
        self._send(BadgeReading(mono_ms=self._mono(), panel=panel, badge=badge))

    def press_emergency(self) -> None:
        """The covered button."""
        self._send(ButtonReading(mono_ms=self._mono()))

    # --- faults ---------------------------------------------------------------------------

    def break_drawer(self, part: str, drawer: int, fault: Fault | None) -> None:
        """Give the `reed`, `feedback` or `lock` of a drawer a fault, or repair it with None."""
        box = self._box(drawer)
        setattr(box, f"{part}_fault", fault)
        box.settle()
        self._tell(box)

    def break_part(self, part: str, fault: str | None) -> None:
        """Break the `scanner 1`, `keypad 1` or `display 1`, or repair it with None."""
        if fault is None:
            self.dead_parts.pop(part, None)
        else:
            self.dead_parts[part] = fault
        self._send(
            PartReading(mono_ms=self._mono(), part=part, working=fault is None, reason=fault or "")
        )

    def _works(self, part: str) -> bool:
        return self.powered and part not in self.dead_parts

    # --- lights, sounder, displays --------------------------------------------------------

    def light(self, pocket: str, pattern: LightPattern) -> None:
        """hal.ports.Lights, for the adapter below."""
        if pattern == "off":
            self.lit.pop(pocket, None)
            return
        self.lit[pocket] = pattern
        for box in self.by_number.values():
            if pocket in box.pockets:
                self.last_lit[box.drawer] = pocket

    def sound(self, pattern: SoundPattern) -> None:
        """hal.ports.Sounder, for the adapter below."""
        self.sounds.append(pattern)
        del self.sounds[:-SOUNDS_KEPT]

    def display(self, panel: int, rows: tuple[str, ...]) -> None:
        """hal.ports.Display, for the adapter below.

        Raises:
            HardwareFault: this display is dead.
        """
        if f"display {panel}" in self.dead_parts:
            raise HardwareFault(f"Display {panel} does not answer.")
        self.shown[panel] = rows

    # --- helpers --------------------------------------------------------------------------

    def state(self, drawer: int) -> Literal["open", "released", "locked"]:
        """What is true of a drawer, whatever its switches say."""
        box = self._box(drawer)
        if box.opened:
            return "open"
        return "locked" if box.bolt_home else "released"

    def _box(self, drawer: int) -> SimDrawer:
        if drawer not in self.by_number:
            raise HardwareFault(f"There is no drawer {drawer}.")
        return self.by_number[drawer]

    def _tell(self, box: SimDrawer) -> None:
        """Report a drawer when its switches say something new."""
        sensed = box.sensed()
        if not self.powered or self._said.get(box.drawer) == sensed:
            return
        self._said[box.drawer] = sensed
        edges, box.edges = box.edges, 0
        closed, locked = sensed
        self._send(
            DrawerReading(
                mono_ms=self._mono(), drawer=box.drawer, closed=closed, locked=locked, edges=edges
            )
        )

    def _send(self, reading: Reading) -> None:
        if self.powered and self._report is not None:
            self._report(reading)
