"""Locks, reed switches and lock feedback on bare Raspberry Pi pins.

What this file decides:

- **Lines start safe.** All lock lines are claimed first, as outputs that are off, before any sensor
  is touched. Locks energise on high only: lgpio claims an output low before it sets it, so a lock
  that energised on low would click at every start (and see `hal.config`).
- **A lease ends by itself**: when its time is up or when its drawer has opened, at the next `poll`.
  `guard`, called from another thread, ends it too if polling stopped. Neither helps when the whole
  process hangs with a line high: that is why wiring must add a one-shot
  (docs/decisions/0010-bare-pins-need-a-one-shot.md).
- **A line that will not go off** is tried again at every poll, reported, and blocks every further
  release: two drawers open at once is worse than none.
- **Reed switch and feedback are read apart** and never combined here. What eight combinations of
  command, feedback and reed mean (F9) is decided where the drawer's state is kept.
- A line that cannot be read is unknown, its drawer is reported as lost, and comes back by itself.

The pin factory is always passed in. Nothing here looks at the environment, and there is no
fall-back to a simulated one.
"""

import threading
from typing import Any

from gpiozero import OutputDevice

from hal.config import DrawerPins, HardwareConfig
from hal.contact import PIN_TROUBLE, Contact
from hal.lease import LeaseBook
from hal.ports import HardwareFault, Report, Tick
from hal.readings import DrawerReading, LeaseReading, PartReading, Reading

GUARD_GRACE_MS = 100
"""How much later than `poll` the guard ends a lease: five missed polls."""


class _Drawer:
    """The three lines of one drawer."""

    def __init__(self, pins: DrawerPins, lock: Any, reed: Contact, feedback: Contact) -> None:
        self.number = pins.drawer
        self.lock = lock
        self.reed = reed
        self.feedback = feedback
        self.working = True

    def reading(self, mono_ms: int) -> DrawerReading:
        return DrawerReading(
            mono_ms=mono_ms,
            drawer=self.number,
            closed=self.reed.closed,
            locked=self.feedback.closed,
            edges=self.reed.take_edges(),
        )


class GpioLocks:
    """The `Locks` port on Pi pins.

    Args:
        config: lines and debounce; checked by `hal.pinmap` before.
        factory: the gpiozero pin factory of these lines.
        tick: monotonic milliseconds.
        report: takes readings, from any thread.

    Raises:
        HardwareFault: lines that could not be claimed, all of them named; nothing stays claimed.
    """

    def __init__(self, config: HardwareConfig, factory: Any, tick: Tick, report: Report) -> None:
        self._tick = tick
        self._report = report
        self._mutex = threading.RLock()
        self._book = LeaseBook(tuple(pins.drawer for pins in config.drawers))
        self._drawers: dict[int, _Drawer] = {}
        self._still_on: set[int] = set()
        self._closed = False
        self._claim(config, factory)

    def _claim(self, config: HardwareConfig, factory: Any) -> None:
        problems: list[str] = []
        locks: dict[int, Any] = {}
        contacts: list[Contact] = []
        for pins in config.drawers:
            try:
                locks[pins.drawer] = OutputDevice(
                    pins.lock, active_high=True, initial_value=False, pin_factory=factory
                )
            except PIN_TROUBLE as trouble:
                problems.append(f"GPIO {pins.lock}, lock of drawer {pins.drawer}: {trouble}.")
        for pins in config.drawers:
            pair: list[Contact] = []
            for pin, what in ((pins.reed, "reed switch"), (pins.feedback, "lock feedback")):
                try:
                    contact = Contact(
                        pin,
                        contact=config.contact,
                        debounce_ms=config.debounce_ms,
                        factory=factory,
                    )
                except PIN_TROUBLE as trouble:
                    problems.append(f"GPIO {pin}, {what} of drawer {pins.drawer}: {trouble}.")
                else:
                    contacts.append(contact)
                    pair.append(contact)
            if len(pair) == 2 and pins.drawer in locks:
                self._drawers[pins.drawer] = _Drawer(pins, locks[pins.drawer], *pair)
        if problems:
            for device in (*locks.values(), *contacts):
                device.close()
            raise HardwareFault(
                "Lines of drawers could not be claimed, so no drawer can be released. "
                + " ".join(problems)
                + " See that no other program holds them and that this user may use them."
            )

    def drawers(self) -> tuple[int, ...]:
        """The drawers there are, in order."""
        return tuple(sorted(self._drawers))

    def read(self, drawer: int) -> tuple[bool | None, bool | None]:
        """(closed, locked) as believed; (None, None) for a drawer that is not here."""
        found = self._drawers.get(drawer)
        return (None, None) if found is None else (found.reed.closed, found.feedback.closed)

    def lease(self, drawer: int, ms: int, intent: int) -> None:
        """Energise one lock for at most `ms` milliseconds; see `hal.ports.Locks`."""
        with self._mutex:
            if self._closed:
                raise HardwareFault("The locks are closed down. Nothing was released.")
            if self._still_on:
                names = ", ".join(str(number) for number in sorted(self._still_on))
                raise HardwareFault(
                    f"The lock line of drawer {names} does not go off. Nothing is released until "
                    "it does; call for service."
                )
            now_ms = self._tick()
            if self._book.begin(now_ms, drawer, ms, intent) is None:
                return
            try:
                self._drawers[drawer].lock.on()
            except PIN_TROUBLE as trouble:
                self._try_off(now_ms, (drawer,))
                self._book.end(now_ms)
                raise HardwareFault(
                    f"The lock line of drawer {drawer} does not answer ({trouble}). The drawer "
                    "was not released; use another place and call for service."
                ) from trouble

    def end(self, drawer: int) -> None:
        """De-energise now. A lock that is not energised is no error."""
        with self._mutex:
            running = self._book.running
            if running is not None and running.drawer == drawer:
                self._finish(self._tick())

    def poll(self, mono_ms: int) -> None:
        """Look at every contact, report what changed, end a lease that is over."""
        with self._mutex:
            if self._closed:
                return
            readings: list[Reading] = []
            running = self._book.running
            opened = False
            for drawer in self._drawers.values():
                was_open = drawer.reed.closed is False
                reed_moved = drawer.reed.look(mono_ms)
                if reed_moved | drawer.feedback.look(mono_ms):
                    readings.append(drawer.reading(mono_ms))
                readings.extend(_lost_or_back(drawer, mono_ms))
                if running is not None and running.drawer == drawer.number:
                    opened = drawer.reed.closed is False and not was_open
            if self._still_on:
                self._try_off(mono_ms, tuple(self._still_on))
            for reading in readings:
                self._report(reading)
            if opened or self._book.over(mono_ms):
                self._finish(mono_ms)

    def guard(self, mono_ms: int) -> None:
        """End a lease that polling should have ended. Called from a thread of its own."""
        with self._mutex:
            if self._book.over(mono_ms - GUARD_GRACE_MS):
                self._finish(mono_ms)

    def _finish(self, mono_ms: int) -> None:
        """Line off first, then the book, then word of it."""
        running = self._book.running
        if running is None:
            return
        self._try_off(mono_ms, (running.drawer,))
        self._book.end(mono_ms)
        self._report(LeaseReading(mono_ms=mono_ms, drawer=running.drawer, intent=running.intent))

    def _try_off(self, mono_ms: int, numbers: tuple[int, ...]) -> None:
        for number in numbers:
            try:
                self._drawers[number].lock.off()
            except PIN_TROUBLE as trouble:
                if number not in self._still_on:
                    self._still_on.add(number)
                    self._report(
                        _lock_part(mono_ms, number, f"its line does not go off: {trouble}")
                    )
            else:
                if number in self._still_on:
                    self._still_on.discard(number)
                    self._report(_lock_part(mono_ms, number, ""))

    def close(self) -> None:
        """De-energise every lock, then give all lines back. Again is no error."""
        with self._mutex:
            if self._closed:
                return
            now_ms = self._tick()
            self._finish(now_ms)
            self._try_off(now_ms, self.drawers())
            self._closed = True
            for drawer in self._drawers.values():
                for part in (drawer.lock, drawer.reed, drawer.feedback):
                    part.close()


def _lock_part(mono_ms: int, drawer: int, reason: str) -> PartReading:
    return PartReading(mono_ms=mono_ms, part=f"lock {drawer}", working=not reason, reason=reason)


def _lost_or_back(drawer: _Drawer, mono_ms: int) -> list[Reading]:
    working = drawer.reed.readable and drawer.feedback.readable
    if working == drawer.working:
        return []
    drawer.working = working
    reason = "" if working else "its contacts cannot be read"
    return [
        PartReading(mono_ms=mono_ms, part=f"drawer {drawer.number}", working=working, reason=reason)
    ]
