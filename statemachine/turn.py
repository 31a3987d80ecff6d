"""A turn under construction: what guards read and actions write while one event runs its course.

An event goes world -> drawer -> session through a FIFO inside the turn. Guards read; actions add
entries, effects and further signals. Every entry is folded at once, so whatever comes later in the
same turn sees it; its intent number is already right, because one turn is one commit and the next
line stands at `ward.up` + 1. Nothing outside changes until the whole turn is done: an exception
throws this object away.

One object serves every machine in turn: `state` is the state of the machine being triggered, and
`panel` or `drawer` says whose it is.
"""

from collections import deque
from collections.abc import Callable, Hashable
from typing import Any, Literal, TypeVar

import msgspec

from statemachine.effects import Alarm, Effect, Sound
from statemachine.events import Event
from statemachine.instant import Instant
from statemachine.machines import DrawerState, Machines, Session, SessionMemory, Standing
from statemachine.ward import Ward
from statemachine.ward.entry import Directive, Entry, Stamp
from statemachine.ward.fold import fold
from statemachine.ward.stamps import stamp_now

SIGNALS_MAX = 512
"""Most signals one event may cause; a cabinet of 64 drawers and 4 panels needs about 200."""
ENTRIES_MAX = 256
"""Most entries of one turn; a boot that left every drawer open needs about 200."""
IGNORED_MAX = 9_999
"""Ignored events are counted so far between two ticks; more is as telling."""
ALARMS_MAX = 64
"""Most alarms that stand at once; the first ones stay."""

Target = Literal["mode", "drawer", "session"]
Made = TypeVar("Made")


class Signal(msgspec.Struct, frozen=True):
    """What one machine tells another within the turn: which kind, which one, what."""

    target: Target
    number: int
    name: str


class Turning:
    """The turn under construction. Guards are functions of it and only read."""

    __slots__ = (
        "_boot",
        "_known",
        "_made",
        "_sent",
        "_signals",
        "drawer",
        "effects",
        "entries",
        "event",
        "machines",
        "panel",
        "state",
        "ward",
    )

    def __init__(self, machines: Machines, ward: Ward, event: Event) -> None:
        self.machines = machines
        self.ward = ward
        self.event = event
        self.entries: list[Entry] = []
        self.effects: list[Effect] = []
        self.state = ""
        self.panel = 0
        self.drawer = 0
        self._signals: deque[Signal] = deque()
        self._sent = 0
        self._made: dict[Hashable, Any] = {}
        self._known: dict[Hashable, Any] = {}
        self._boot = getattr(event, "boot", None)

    # --- reading -----------------------------------------------------------------------------

    @property
    def now(self) -> Instant:
        """The event's own time."""
        return self.event.at

    @property
    def session(self) -> Session:
        """The session being triggered."""
        return self.machines.panels[self.panel]

    @property
    def memory(self) -> SessionMemory:
        """What that session remembers."""
        return self.machines.panels[self.panel].memory

    @property
    def box(self) -> DrawerState:
        """The drawer being triggered."""
        return self.machines.drawers[self.drawer]

    @property
    def boot(self) -> int:
        """The number of this boot."""
        return self.ward.house.boot if self._boot is None else self._boot

    @property
    def next_seq(self) -> int:
        """The number the next entry's line will have."""
        return self.ward.up[1] + 1

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Make a thing once for as long as nothing changes: the guards of one group share it."""
        if key not in self._made:
            self._made[key] = make()
        made: Made = self._made[key]
        return made

    def once_of_ward(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Make a thing once for as long as the ward is the same; the key names all else it needs.

        What a session remembers may change meanwhile: a list asked by a guard is the list that the
        action behind it shows.
        """
        if key not in self._known:
            self._known[key] = make()
        made: Made = self._known[key]
        return made

    # --- writing -----------------------------------------------------------------------------

    def add(self, entry: Entry) -> int:
        """Add an entry, folded at once.

        Returns:
            The number its line will have.

        Raises:
            RuntimeError: the turn grew past ENTRIES_MAX, a defect of a table.
        """
        if len(self.entries) >= ENTRIES_MAX:
            raise RuntimeError("One event made too many entries; the turn was thrown away.")
        # What the line will say, no finer: a replay folds the line and must give the same ward.
        stamp = stamp_now(self.ward, self.now, self.boot)
        self.ward = fold(self.ward, entry, stamp)
        if self.ward.up != stamp.line:
            raise RuntimeError(f"The fold of {entry.TYPE} did not advance the log by one line.")
        self.entries.append(entry)
        self._made.clear()
        self._known.clear()
        return stamp.line[1]

    def direct(self, stamp: Stamp, directive: Directive | None) -> None:
        """Fold one accepted directive; it holds once `directives.applied` stands in this turn."""
        self.ward = fold(self.ward, directive, stamp, log="dn")
        self._made.clear()
        self._known.clear()

    def effect(self, *effects: Effect) -> None:
        """Ask the house for something, after the commit."""
        self.effects.extend(effects)

    def signal(self, target: Target, number: int, name: str) -> None:
        """Tell another machine, after what is already waiting.

        Raises:
            RuntimeError: the turn runs in a circle, a defect of a table.
        """
        self._sent += 1
        if self._sent > SIGNALS_MAX:
            raise RuntimeError(f"One event caused too many signals; the last was {name}.")
        self._signals.append(Signal(target, number, name))

    def next_signal(self) -> Signal | None:
        """Take the oldest signal that waits."""
        return self._signals.popleft() if self._signals else None

    def remember(self, **changes: Any) -> None:
        """Change what the session being triggered remembers."""
        memory = msgspec.structs.replace(self.memory, **changes)
        self.put(msgspec.structs.replace(self.session, memory=memory))

    def forget(self, **kept: Any) -> None:
        """Let the session being triggered forget everything but what is named."""
        self.put(msgspec.structs.replace(self.session, memory=SessionMemory(**kept)))

    def put(self, session: Session) -> None:
        """Put a session back."""
        panels = self.machines.panels.set(session.panel, session)
        self.machines = msgspec.structs.replace(self.machines, panels=panels)
        self._made.clear()

    def set_machines(self, **changes: Any) -> None:
        """Change what concerns the whole cabinet."""
        self.machines = msgspec.structs.replace(self.machines, **changes)

    def count_ignored(self) -> None:
        """One more event that changed nothing since the last tick."""
        self.set_machines(ignored=min(self.machines.ignored + 1, IGNORED_MAX))

    def set_box(self, **changes: Any) -> None:
        """Change what the drawer being triggered knows."""
        self.put_box(msgspec.structs.replace(self.box, **changes))

    def put_box(self, box: DrawerState) -> None:
        """Put a drawer back."""
        drawers = self.machines.drawers.set(box.drawer, box)
        self.machines = msgspec.structs.replace(self.machines, drawers=drawers)
        self._made.clear()

    def alarm(
        self,
        sentence: str,
        drawer: int | None = None,
        sound: Literal["alarm", "reminder"] = "alarm",
    ) -> None:
        """Raise an alarm that stands until it is over; saying it twice changes nothing."""
        standing = Standing(alarm=sentence, drawer=drawer)
        if standing in self.machines.alarms:
            return
        alarms = (*self.machines.alarms, standing)[:ALARMS_MAX]
        self.machines = msgspec.structs.replace(self.machines, alarms=alarms)
        self.effect(Alarm(alarm=sentence, drawer=drawer), Sound(pattern=sound))

    def alarm_over(self, *standings: Standing) -> None:
        """Take alarms off every panel; the sounder stops when none is left."""
        left = tuple(each for each in self.machines.alarms if each not in standings)
        gone = tuple(each for each in self.machines.alarms if each in standings)
        if not gone:
            return
        self.machines = msgspec.structs.replace(self.machines, alarms=left)
        self.effect(*(Alarm(alarm=e.alarm, drawer=e.drawer, over=True) for e in gone))
        if not left:
            self.effect(Sound(pattern="quiet"))
