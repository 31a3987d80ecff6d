"""The header of the demo's Raspberry Pi: GPIO lines that end in the drawers of a world.

The product's own `hal.gpio` drives these lines through gpiozero; nothing here knows what a lease
is. A lock line that is high withdraws a bolt, for as long as it is high; a contact that is closed
joins its line to ground. Hands move drawers on one thread while the controller drives lines on
another, so the physics is done under a lock, and watchers are told after it is released: a
watcher takes locks of its own.
"""

import threading
from collections.abc import Callable

from hal.config import DrawerPins, HardwareConfig
from sim.drawer import SimDrawer
from sim.pins import Watch
from sim.world import World

LOCK_LINES = (9, 10, 11, 12, 13, 16)
FEEDBACK_LINES = (4, 5, 6, 7, 8, 17)
REED_LINES = (18, 19, 20, 21, 22, 23)
"""Six drawers on eighteen lines, as the wiring of WIRE 5 allows; 24 to 27 are spare."""


def drawer_pins() -> tuple[DrawerPins, ...]:
    """The demo's pin map."""
    lines = zip(LOCK_LINES, FEEDBACK_LINES, REED_LINES, strict=True)
    return tuple(
        DrawerPins(drawer=number, lock=lock, feedback=feedback, reed=reed)
        for number, (lock, feedback, reed) in enumerate(lines, start=1)
    )


class WorldWires:
    """`sim.pins.Wires` over a world's drawers.

    Args:
        world: the drawers.
        config: which line is which.
    """

    def __init__(self, world: World, config: HardwareConfig) -> None:
        self.lock = threading.RLock()
        self._world = world
        self._lock_of = {pins.lock: pins.drawer for pins in config.drawers}
        self._reed_of = {pins.reed: pins.drawer for pins in config.drawers}
        self._feedback_of = {pins.feedback: pins.drawer for pins in config.drawers}
        self._pins = {pins.drawer: pins for pins in config.drawers}
        self._watches: dict[int, Watch] = {}

    # --- sim.pins.Wires ----------------------------------------------------------------------

    def level(self, pin: int) -> bool | None:
        """A closed contact holds its line low; an open one leaves it to the pull-up."""
        with self.lock:
            if pin in self._reed_of:
                closed, _ = self._box(self._reed_of[pin]).sensed()
            elif pin in self._feedback_of:
                _, closed = self._box(self._feedback_of[pin]).sensed()
            else:
                return None
        return False if closed else None

    def drive(self, pin: int, level: bool | None) -> None:
        """A high lock line withdraws a bolt."""
        drawer = self._lock_of.get(pin)
        if drawer is None:
            return
        with self.lock:
            box = self._box(drawer)
            before = box.sensed()
            if level:
                box.energise(2**62, 0)
                self._world.last_released = drawer
            else:
                box.de_energise()
            changed = box.sensed() != before
        if changed:
            self.tell(drawer)

    def watch(self, pin: int, watch: Watch | None) -> None:
        """Who is told when this line changes."""
        if watch is None:
            self._watches.pop(pin, None)
        else:
            self._watches[pin] = watch

    # --- hands ---------------------------------------------------------------------------------

    def move(self, drawer: int, how: Callable[[World], None]) -> None:
        """Let a hand do something to a drawer, then tell whoever watches its lines.

        Raises:
            CannotHappen: the world cannot do that.
        """
        with self.lock:
            how(self._world)
        self.tell(drawer)

    def tell(self, drawer: int) -> None:
        """Both contacts of a drawer may have changed; never called with the lock held."""
        pins = self._pins[drawer]
        for pin in (pins.feedback, pins.reed):
            watch = self._watches.get(pin)
            if watch is not None:
                watch()

    def _box(self, drawer: int) -> SimDrawer:
        return self._world.by_number[drawer]
