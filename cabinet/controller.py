"""The turn: take one thing, decide, write it down, and only then do it.

    reading -> translate -> event -> step -> journal (commit, read back) -> perform -> screens

Everything here runs on one thread and one item at a time, so there is no order of events but the
order in which they were taken. Five promises are kept in this file and nowhere else:

1. **Durable before physical.** Effects are performed only after every entry of their turn is
   committed and read back. When the journal does not take them, nothing is performed, nothing has
   changed, the screens say so, and the next event tries again (F17, F18).
2. **A defect stays where it is.** An exception in `step` throws that turn away, is written down as
   a fault and told in a sentence at the panel it came from; other panels go on (F25).
3. **The machines hear back.** A lease given or refused, a credential checked, becomes an event of
   its own, handled before the next reading; what follows from one item is bounded.
4. **Loss is told.** Readings that the inbox dropped become a fault of their part, once a minute at
   most, and the part is well again after a minute without loss (F15).
5. **Time passes even when nothing happens.** Locks are polled, timers expire, the watchdog is fed
   from inside this loop and from nowhere else, so a hung turn is a restarted cabinet (F25).
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from cabinet.clock import Clock
from cabinet.edge import (
    CommittedLine,
    CredentialPort,
    Draw,
    GatePort,
    JournalPort,
    Listener,
    Ports,
    Rows,
    Step,
)
from cabinet.front import DEFECT, Front
from cabinet.inbox import Call, Inbox, Item
from cabinet.logs import Log
from cabinet.losses import Losses, whereabouts
from cabinet.perform import Performer
from cabinet.pulse import POLL_MS, Pulse
from cabinet.screens.screen import Screen
from cabinet.timers import Timers
from cabinet.translate import Translator, sensed
from cabinet.unrecorded import Unrecorded
from cabinet.upkeep import Upkeep
from hal.readings import Reading
from statemachine.events import (
    Booted,
    DrawerSensed,
    Event,
    PartReported,
    TimeJudged,
    TimerExpired,
)
from statemachine.instant import Instant
from statemachine.machines import Machines
from statemachine.ward import Ward
from statemachine.ward.entry import Entry
from statemachine.ward.house import TimeConfirmed

if TYPE_CHECKING:
    from statemachine.effects import Effect

FOLLOW_UPS_MAX = 512
"""Events that may follow from one item; a boot of 64 drawers needs about 130."""
DIRECTIVE_BATCHES_MAX = 16
"""Batches of directives applied for one item; the rest wait for the next one."""
TICK_MS = 30_000
"""Freshness bands, standing faults and the floor of the clock are looked at this often."""
TICK = "tick"
"""The controller's own timer; it starts itself again."""
DEFECT_EVERY_MS = 60_000
"""A defect that repeats is written down this often at most, by kind of event."""
LASTING = frozenset({"safe hold", "rolled back", "impossible"})
"""Faults that only a person ends (`statemachine.tables.mode`); a restart is no remedy."""
PROGRAM = "program"
"""The part that a defect of ours is a fault of."""

log = Log("cabinet.controller")


class Controller:
    """One cabinet's controller. All methods belong to one thread; the inbox is the door for others.

    Args:
        clock, inbox, translator, journal, gate, credentials, ports: the neighbours.
        machines, ward: where recovery left things.
        step: `statemachine.step.step`.
        draw, rows: `cabinet.screens`: what a panel shows, and that as text of a display's size.
        unsent: how many lines no receipt covers yet, for the screens.
        notify: tells the service manager `READY=1`, `WATCHDOG=1`, `STOPPING=1`.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        inbox: Inbox,
        translator: Translator,
        journal: JournalPort,
        gate: GatePort,
        credentials: CredentialPort,
        ports: Ports,
        machines: Machines,
        ward: Ward,
        step: Step,
        draw: Draw,
        rows: Rows,
        unsent: Callable[[], int] = lambda: 0,
        notify: Callable[[str], None] = lambda _state: None,
    ) -> None:
        self.clock = clock
        self.inbox = inbox
        self.machines = machines
        self.ward = ward
        self.recording = True
        self._translator = translator
        self._journal = journal
        self._ports = ports
        self._step = step
        self._notify = notify
        self._timers = Timers()
        self._follow: deque[Event] = deque()
        self._losses = Losses()
        self._pulse = Pulse(clock=clock, ports=ports, notify=notify, follow=self._follow.append)
        self._upkeep = Upkeep(journal)
        self._unrecorded = Unrecorded(clock, self._timers)
        self._lines: list[CommittedLine] = []
        self._effects: list[Effect] = []
        self._unbooted: Booted | None = None
        self._defect_ms: dict[str, int] = {}
        self._quality = clock.now().quality
        self._lo_s = clock.now().lo_s
        self._front = Front(
            clock=clock, ports=ports, translator=translator, draw=draw, rows=rows, unsent=unsent
        )
        self._performer = Performer(
            clock=clock,
            ports=ports,
            gate=gate,
            journal=journal,
            credentials=credentials,
            translator=translator,
            timers=self._timers,
            follow=self._follow.append,
        )

    # --- what others ask ---------------------------------------------------------------------

    @property
    def panels(self) -> tuple[int, ...]:
        """The panels there are, in order."""
        return tuple(sorted(self.machines.panels))

    @property
    def alarms(self) -> tuple[str, ...]:
        """The sentences that stand on every panel, in the order they arose."""
        return tuple(standing.alarm for standing in self.machines.alarms)

    def listen(self, listener: Listener) -> None:
        """Tell `listener` after each item, on the controller's thread; it must return quickly."""
        self._front.listen(listener)

    def screen(self, panel: int) -> Screen:
        """What a panel shows now. Never raises for a panel there is: a defect is a sentence.

        Raises:
            ValueError: there is no such panel.
        """
        if panel not in self.machines.panels:
            raise ValueError(f"There is no panel {panel}.")
        return self._front.screen(self.ward, self.machines, panel, recording=self.recording)

    def next_deadline_ms(self) -> int | None:
        """When `pump` has something to do again, in monotonic milliseconds; None: never by itself.

        Polling of locks is not counted: a simulator that moves time polls by calling `pump`.
        """
        if len(self.inbox):
            return self.clock.mono_ms()
        return self._timers.next_due_ms()

    # --- what happens ------------------------------------------------------------------------

    def start(self, booted: Booted) -> None:
        """The first event of a run: the boot line, then every drawer as its sensors say.

        Faults of parts end with the run that saw them: a part that still fails is reported anew.
        """
        self._unbooted = booted
        self._timers.start(TICK, self.clock.mono_ms() + TICK_MS)
        self._begin()

    def _begin(self) -> None:
        """Write the boot line; until that is done nothing else happens, and each tick tries."""
        assert self._unbooted is not None
        self._turn(msgspec.structs.replace(self._unbooted, at=self.clock.now()))
        if self.recording:
            self._unbooted = None
            at = self.clock.now()
            for part in self.ward.drawers.faults:
                if part not in LASTING:
                    self._follow.append(PartReported(at=at, part=part, working=True))
            self._follow.extend(self._sensed_now())
        self._settle()
        self.apply_directives()

    def handle(self, item: Item) -> None:
        """Take one item and all that follows from it, then publish the screens.

        Never raises for anything an item can hold: a defect is a sentence and a fault.
        """
        try:
            if isinstance(item, Call):
                item.run()
            elif self._unbooted is not None:
                pass  # nothing happens before the boot is recorded; the screen says so
            elif isinstance(item, Reading):
                self._follow.extend(self._translator.events(item, self.clock.now(), self.machines))
            else:
                self._follow.append(item)
        except Exception as error:  # noqa: BLE001 - promise 2: a defect stays where it is
            self._defect(item, error)
        self._settle()

    def pump(self, limit: int = 64) -> int:
        """Do what is due without waiting: poll, expire timers, take at most `limit` items.

        Returns:
            How many items and timers were handled.
        """
        self._pulse.beat(now=True)
        self._judge()
        handled = 0
        while handled < limit:
            timer = self._timers.take_due(self.clock.mono_ms())
            if timer is not None:
                self._expire(timer)
            else:
                item = self.inbox.take()
                if item is None:
                    break
                self.handle(item)
            self._pulse.beat()
            handled += 1
        return handled

    def run(self, stop: threading.Event) -> None:
        """Serve until `stop` is set; the watchdog is fed from here and nowhere else."""
        self._notify("READY=1")
        self._pulse.watched = True
        while not stop.is_set():
            if self.pump():
                continue
            due_ms = self.next_deadline_ms()
            wait_ms = POLL_MS if due_ms is None else min(POLL_MS, due_ms - self.clock.mono_ms())
            item = self.inbox.take(max(wait_ms, 0))
            if item is not None:
                self.handle(item)
        self._notify("STOPPING=1")

    def apply_directives(self) -> None:
        """Let accepted directives take effect, one `DirectivesArrived` a batch."""
        if self._unbooted is not None:
            return
        for _ in range(DIRECTIVE_BATCHES_MAX):
            before = self.ward.dn
            arrived = self._journal.pending_dn(self.clock.now())
            if arrived is None:
                return
            self._follow.append(arrived)
            self._settle()
            self._pulse.beat()
            if self.ward.dn == before:
                return  # not recorded, or a defect: the tick tries again

    # --- the turn ----------------------------------------------------------------------------

    def _settle(self) -> None:
        """One turn after another until nothing follows, then publish what came of it."""
        for _ in range(FOLLOW_UPS_MAX):
            if not self._follow:
                break
            self._turn(self._follow.popleft())
        if self._follow:
            log.warning("too many events followed from one item", dropped=len(self._follow))
            self._follow.clear()
        self._publish()

    def _turn(self, event: Event) -> None:
        panel = getattr(event, "panel", 0)
        try:
            turn = self._step(self.machines, self.ward, event)
        except Exception as error:  # noqa: BLE001 - promise 2: a defect stays where it is
            self._defect(event, error)
            return
        if turn.entries and not self._record(turn.entries, event):
            return
        self.machines, self.ward = turn.machines, turn.ward
        self._front.calm(panel)
        for entry in turn.entries:
            if isinstance(entry, TimeConfirmed):
                self.clock.confirm(entry.wall_s)
        for effect in turn.effects:
            try:
                self._performer.perform(effect, self.ward)
            except Exception as error:  # noqa: BLE001 - the other effects of this turn are due too
                self._defect(event, error)
        self._effects.extend(turn.effects)
        self._translator.tidy(self.machines)

    def _record(self, entries: tuple[Entry, ...], event: Event) -> bool:
        """Commit the entries of a turn; whatever the journal raises means not recorded."""
        try:
            lines = self._journal.append(entries, event.at)
        except Exception as error:  # noqa: BLE001 - promise 1: nothing is performed, whatever it was
            log.warning("not recorded", why=whereabouts(error))
            self.recording = False
            self._unrecorded.keep(event)
            return False
        self._lines.extend(lines)
        if not self.recording:
            self._recording_again(event.at)
        return True

    def _recording_again(self, at: Instant) -> None:
        self.recording = True
        log.warning("recording again", kept=len(self._unrecorded))
        self._follow.extend(self._unrecorded.take())
        self._follow.append(
            PartReported(at=at, part="disk", working=False, reason="events were not recorded")
        )
        self._follow.append(PartReported(at=at, part="disk", working=True))
        self._follow.extend(self._sensed_now())

    def _defect(self, cause: Item, error: Exception) -> None:
        """Promise 2: say it at the panel, write it down, and go on with the others."""
        kind, panel = type(cause).__name__, getattr(cause, "panel", 0)
        log.warning("defect in a turn", on=kind, panel=panel, why=whereabouts(error))
        if panel:
            self._front.notice(panel, DEFECT)
        if isinstance(cause, PartReported) and cause.part == PROGRAM:
            return
        at = self.clock.now()
        if at.mono_ms - self._defect_ms.get(kind, -DEFECT_EVERY_MS) >= DEFECT_EVERY_MS:
            self._defect_ms[kind] = at.mono_ms
            reason = f"{kind}: {type(error).__name__}"
            self._follow.append(PartReported(at=at, part=PROGRAM, working=False, reason=reason))

    # --- time and metal ----------------------------------------------------------------------

    def _expire(self, timer: str) -> None:
        at = self.clock.now()
        if timer == TICK:
            self._timers.start(TICK, at.mono_ms + TICK_MS)
            if self._unbooted is not None:
                self._begin()
                return
            self._tick(at)
        self._follow.append(TimerExpired(at=at, timer=timer))
        self._settle()
        if timer == TICK:
            self.apply_directives()

    def _tick(self, at: Instant) -> None:
        """What is looked at now and then: the disk that failed, the floor of the clock."""
        if self.machines.ignored:
            log.info("events that changed nothing", number=self.machines.ignored)
        if not self.recording:
            self._follow.append(
                PartReported(at=at, part="disk", working=False, reason="events were not recorded")
            )
            return
        self.ward, line = self._upkeep.keep(self.ward, self.machines, at)
        if line is not None:
            self._lines.append(line)

    def _judge(self) -> None:
        """What was lost since the last look, and whether the clock's quality changed."""
        if self._unbooted is not None:
            return
        at = self.clock.now()
        self._follow.extend(self._losses.judge(self.inbox.take_losses(), at))
        turned_back = at.lo_s < self._lo_s
        if turned_back:
            log.warning("time corrected", before_s=self._lo_s, now_s=at.lo_s)
        if turned_back or at.quality != self._quality:
            self._quality = at.quality
            self._follow.append(TimeJudged(at=at, before_s=self._lo_s if turned_back else None))
        self._lo_s = at.lo_s
        if self._follow:
            self._settle()

    def _sensed_now(self) -> list[DrawerSensed]:
        at = self.clock.now()
        locks = self._ports.locks
        return [sensed(at, drawer, *locks.read(drawer)) for drawer in locks.drawers()]

    def _publish(self) -> None:
        lines, self._lines = tuple(self._lines), []
        effects, self._effects = tuple(self._effects), []
        self._front.publish(self.ward, self.machines, lines, effects, recording=self.recording)
