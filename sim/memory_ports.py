"""The ports of `hal`, made of memory: the smallest implementations that keep every promise.

They exist for the contract suite, which holds them beside the real ones, and for tests that need a
port and no metal. They share no code with `hal.gpio`: the rules of a lease are written here a
second time, so that a mistake in one shows against the other. `Cupboard` is the little physics both
stand on; the whole ward, with hands and packs, is `sim.world`.
"""

from collections import deque
from typing import TYPE_CHECKING

from hal.ports import COOL_DOWN_MS, LEASE_MS_MAX, HardwareFault, LeaseDenied, Report, Tick
from hal.readings import DrawerReading, LeaseReading, PartReading

if TYPE_CHECKING:
    from collections.abc import Callable

SETTLE_MS = 30
"""How long a contact must hold still, as the real ones' default."""
UNSETTLED_MS = 500
"""How long it may chatter before it is unknown."""
TRACE_MAX = 4096
"""How many coil changes are remembered."""


class Drawer:
    """One drawer with a spring bolt: it can be pulled while the coil holds the bolt back.

    Attributes:
        shut, bolt_home: where drawer and bolt really are.
        jammed: the bolt does not move for the coil.
        reed_stuck, feedback_stuck: a contact that shows this whatever is true.
        wire_cut: contacts that cannot be read at all.
    """

    def __init__(self) -> None:
        self.shut = True
        self.bolt_home = True
        self.coil = False
        self.jammed = False
        self.reed_stuck: bool | None = None
        self.feedback_stuck: bool | None = None
        self.wire_cut = False
        self.changed: Callable[[], None] = lambda: None
        """Told after every change of a contact, bounces included."""

    @property
    def reed(self) -> bool:
        """Whether the reed contact is closed."""
        return self.shut if self.reed_stuck is None else self.reed_stuck

    @property
    def feedback(self) -> bool:
        """Whether the bolt contact is closed."""
        return self.bolt_home if self.feedback_stuck is None else self.feedback_stuck

    def energise(self, on: bool) -> None:
        """Current through the coil, or none."""
        self.coil = on
        if on and not self.jammed:
            self.bolt_home = False
        elif not on and self.shut:
            self.bolt_home = True
        self.changed()

    def pull(self) -> bool:
        """A hand pulls; returns whether it opened."""
        if self.shut and not self.bolt_home:
            self.shut = False
            self.changed()
        return not self.shut

    def force(self) -> None:
        """A crowbar: open, with the bolt still out."""
        self.shut = False
        self.changed()

    def push(self) -> None:
        """Shut it; the bolt springs home unless the coil holds it."""
        self.shut = True
        self.bolt_home = not self.coil or self.jammed
        self.changed()

    def chatter(self, times: int) -> None:
        """The reed opens and closes this many times within one instant and ends as it was."""
        for _ in range(times):
            self.reed_stuck = not self.shut
            self.changed()
            self.reed_stuck = None
            self.changed()


class _Settled:
    """A level that is believed once nothing has moved for `SETTLE_MS`."""

    def __init__(self) -> None:
        self.level: bool | None = None
        self._seen: bool | None = None
        self._since_ms = 0
        self._uneasy_since_ms: int | None = None

    def look(self, mono_ms: int, level: bool | None, moved: bool) -> None:
        if level is None:
            self.level = self._seen = self._uneasy_since_ms = None
            return
        if moved or level is not self._seen:
            self._seen, self._since_ms = level, mono_ms
            if self._uneasy_since_ms is None:
                self._uneasy_since_ms = mono_ms
        if mono_ms - self._since_ms >= SETTLE_MS:
            self.level, self._uneasy_since_ms = level, None
        elif self._uneasy_since_ms is not None and mono_ms - self._uneasy_since_ms >= UNSETTLED_MS:
            self.level = None


class _Sensors:
    """Both contacts of one drawer, and the reed's raw edges."""

    def __init__(self, drawer: Drawer) -> None:
        self._drawer = drawer
        self._contacts = (drawer.reed, drawer.feedback)
        self._reed, self._feedback = _Settled(), _Settled()
        self._moved = [False, False]
        self.edges = 0
        self.readable = True
        drawer.changed = self._changed

    def _changed(self) -> None:
        now = (self._drawer.reed, self._drawer.feedback)
        for which in (0, 1):
            self._moved[which] |= now[which] is not self._contacts[which]
        self.edges += now[0] is not self._contacts[0]
        self._contacts = now

    @property
    def believed(self) -> tuple[bool | None, bool | None]:
        return self._reed.level, self._feedback.level

    def look(self, mono_ms: int) -> None:
        self.readable = not self._drawer.wire_cut
        reed, feedback = self._contacts if self.readable else (None, None)
        self._reed.look(mono_ms, reed, self._moved[0])
        self._feedback.look(mono_ms, feedback, self._moved[1])
        self._moved = [False, False]


class MemoryLocks:
    """The `Locks` port over drawers of memory.

    Attributes:
        trace: (tick, drawer, on) of every change of a coil; the newest `TRACE_MAX`.
    """

    def __init__(self, cupboard: dict[int, Drawer], tick: Tick, report: Report) -> None:
        self._cupboard = cupboard
        self._tick = tick
        self._report = report
        self._sensors = {number: _Sensors(drawer) for number, drawer in cupboard.items()}
        self._lost: set[int] = set()
        self._lease: tuple[int, int, int] | None = None  # drawer, intent, last tick
        self._given: deque[tuple[int, int]] = deque(maxlen=64)
        self._cold: dict[int, int] = {}
        self._closed = False
        self.trace: deque[tuple[int, int, bool]] = deque(maxlen=TRACE_MAX)

    def drawers(self) -> tuple[int, ...]:
        """See `hal.ports.Locks`."""
        return tuple(sorted(self._cupboard))

    def read(self, drawer: int) -> tuple[bool | None, bool | None]:
        """See `hal.ports.Locks`."""
        sensors = self._sensors.get(drawer)
        return (None, None) if sensors is None else sensors.believed

    def lease(self, drawer: int, ms: int, intent: int) -> None:
        """See `hal.ports.Locks`."""
        now_ms = self._tick()
        if self._closed:
            raise HardwareFault("The locks are closed down. Nothing was released.")
        if drawer not in self._cupboard or not 0 < ms <= LEASE_MS_MAX:
            raise LeaseDenied(f"Drawer {drawer} for {ms} ms is not possible. Nothing was released.")
        if (drawer, intent) in self._given:
            return
        if self._lease is not None or now_ms < self._cold.get(drawer, 0):
            raise LeaseDenied(f"Drawer {drawer} must wait its turn. It stays locked; try again.")
        self._given.append((drawer, intent))
        self._lease = (drawer, intent, now_ms + ms)
        self._coil(now_ms, drawer, on=True)

    def end(self, drawer: int) -> None:
        """See `hal.ports.Locks`."""
        if self._lease is not None and self._lease[0] == drawer:
            self._stop(self._tick())

    def poll(self, mono_ms: int) -> None:
        """See `hal.ports.Locks`."""
        if self._closed:
            return
        opened: set[int] = set()
        for number, sensors in self._sensors.items():
            before = sensors.believed
            sensors.look(mono_ms)
            closed, locked = sensors.believed
            if (closed, locked) != before:
                reading = DrawerReading(
                    mono_ms=mono_ms,
                    drawer=number,
                    closed=closed,
                    locked=locked,
                    edges=sensors.edges,
                )
                sensors.edges = 0
                self._report(reading)
            if closed is False and before[0] is not False:
                opened.add(number)
            self._lost_or_back(mono_ms, number, sensors)
        if self._lease is not None and (self._lease[0] in opened or mono_ms >= self._lease[2]):
            self._stop(mono_ms)

    def _lost_or_back(self, mono_ms: int, number: int, sensors: _Sensors) -> None:
        if sensors.readable is (number not in self._lost):
            return
        self._lost ^= {number}
        reason = "" if sensors.readable else "its contacts cannot be read"
        self._report(
            PartReading(
                mono_ms=mono_ms, part=f"drawer {number}", working=sensors.readable, reason=reason
            )
        )

    def close(self) -> None:
        """See `hal.ports.Locks`."""
        self._stop(self._tick())
        self._closed = True

    def _stop(self, mono_ms: int) -> None:
        if self._lease is None:
            return
        drawer, intent, _ = self._lease
        self._lease = None
        self._coil(mono_ms, drawer, on=False)
        self._cold[drawer] = mono_ms + COOL_DOWN_MS
        self._report(LeaseReading(mono_ms=mono_ms, drawer=drawer, intent=intent))

    def _coil(self, mono_ms: int, drawer: int, *, on: bool) -> None:
        self.trace.append((mono_ms, drawer, on))
        self._cupboard[drawer].energise(on)


class MemoryDisplay:
    """The `Display` port: what is shown now, and how often it changed."""

    def __init__(self, size: tuple[int, int] = (80, 30)) -> None:
        self._size = size
        self.rows: tuple[str, ...] = ()
        self.changes = 0

    @property
    def size(self) -> tuple[int, int]:
        """See `hal.ports.Display`."""
        return self._size

    def show(self, rows: tuple[str, ...]) -> None:
        """See `hal.ports.Display`."""
        if rows != self.rows:
            self.rows = rows
            self.changes += 1


class MemoryLights:
    """The `Lights` port: the pattern of each lit pocket."""

    def __init__(self) -> None:
        self.lit: dict[str, str] = {}

    def show(self, pocket: str, pattern: str) -> None:
        """See `hal.ports.Lights`."""
        if pattern == "off":
            self.lit.pop(pocket, None)
        else:
            self.lit[pocket] = pattern


class MemorySounder:
    """The `Sounder` port: the newest patterns, and whether the alarm sounds."""

    def __init__(self) -> None:
        self.played: deque[str] = deque(maxlen=256)
        self.alarm = False

    def play(self, pattern: str) -> None:
        """See `hal.ports.Sounder`."""
        self.played.append(pattern)
        if pattern in ("alarm", "quiet"):
            self.alarm = pattern == "alarm"


class MemoryThermometer:
    """The `Thermometer` port: a temperature somebody sets."""

    def __init__(self, milli_celsius: int | None = 4_500) -> None:
        self.now: int | None = milli_celsius

    def milli_celsius(self) -> int | None:
        """See `hal.ports.Thermometer`."""
        return self.now
