"""One event in; new machines, new ward, entries and effects out.

An event of the world goes to the machine it is about; what that machine signals goes on, drawer
before session, through a bounded FIFO, until nothing is left to tell. Then the turn is done:

- `entries` are committed and read back, all of them or none,
- and only then `effects` are performed.

`step` is pure: no clock, no I/O, nothing kept. Misuse by a caller (an event about a panel or drawer
that does not exist, a key that no keypad has) raises `ValueError` and changes nothing. A refusal is
no misuse: it is a normal turn with its entry, its screen and its reasons.
"""

import msgspec
from immutables import Map

from statemachine.effects import Effect, StartTimer, StopTimer
from statemachine.events import (
    BadgeRead,
    BandScanned,
    Booted,
    CountRequested,
    CredentialChecked,
    DirectivesArrived,
    DrawerSensed,
    EmergencyPressed,
    Event,
    KeyPressed,
    LeaseEnded,
    LeaseGiven,
    LeaseRefused,
    NumberEntered,
    PackScanned,
    PartReported,
    PinDigits,
    PinEntered,
    ScanUnreadable,
    TicketScanned,
    TimeJudged,
    TimerExpired,
)
from statemachine.house import emergency_pressed, part_reported, tick
from statemachine.machines import DrawerState, Machines, Session
from statemachine.tables import drawer, mode, session
from statemachine.turn import Signal, Turning
from statemachine.ward import Ward
from statemachine.ward.entry import Entry
from statemachine.ward.house import DirectivesApplied
from statemachine.ward.stock import CountAsked

DRAWERS_MAX = 128
"""Most drawers of one cabinet: 31 boards of four, and some."""
PANELS_MAX = 4
"""Most panels of one cabinet."""
KEYS = frozenset("0123456789#*ABCD")


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What one event made of everything.

    Attributes:
        machines: where every machine stands now.
        ward: the known world, with this turn's entries folded.
        entries: to be committed, in order; the first one's line stands at the old `ward.up` + 1.
        effects: to be performed after that, in order.
    """

    machines: Machines
    ward: Ward
    entries: tuple[Entry, ...]
    effects: tuple[Effect, ...]


def start(ward: Ward, drawers: tuple[int, ...], panels: int) -> Machines:
    """Machines at the start of a run: nobody signed in, no drawer known closed.

    Args:
        ward: what the logs say.
        drawers: the numbers of the drawers there are.
        panels: how many panels, numbered from 1.

    Raises:
        ValueError: more drawers or panels than there can be, or one named twice.
    """
    if not 1 <= panels <= PANELS_MAX:
        raise ValueError(f"A cabinet has 1 to {PANELS_MAX} panels, not {panels}.")
    if len(drawers) > DRAWERS_MAX or len(set(drawers)) != len(drawers):
        raise ValueError(f"A cabinet has at most {DRAWERS_MAX} drawers, each named once.")
    known = ward.drawers.known
    return Machines(
        drawers=Map(
            {
                number: DrawerState(
                    drawer=number, suspect=min(known[number].suspect, 1) if number in known else 0
                )
                for number in drawers
            }
        ),
        panels=Map({number: Session(panel=number) for number in range(1, panels + 1)}),
    )


def step(machines: Machines, ward: Ward, event: Event) -> Turn:
    """Let one event happen.

    Raises:
        ValueError: the event cannot be about this cabinet; nothing was changed.
    """
    turn = Turning(machines, ward, event)
    _world(turn, event)
    while (signal := turn.next_signal()) is not None:
        _trigger(turn, signal)
    _keep_idle_timers(turn, machines)
    return Turn(
        machines=turn.machines,
        ward=turn.ward,
        entries=tuple(turn.entries),
        effects=tuple(turn.effects),
    )


# --- from the world to a machine ---------------------------------------------------------------


def _world(turn: Turning, event: Event) -> None:
    """Which machine an event of the world is about, and under which name."""
    match event:
        case BadgeRead() | PinDigits() | PinEntered() | CredentialChecked() | NumberEntered():
            _at_panel(turn, event.panel, _person(event))
        case KeyPressed():
            _at_panel(turn, event.panel, _key(event.key))
        case PackScanned() | BandScanned() | TicketScanned() | ScanUnreadable():
            _at_panel(turn, event.panel, _SCANS[type(event)])
        case DrawerSensed():
            _sensed(turn, event)
        case LeaseGiven() | LeaseEnded() | LeaseRefused():
            _lease(turn, event)
        case _:
            _house(turn, event)


def _house(turn: Turning, event: Event) -> None:
    """Events of the house itself."""
    match event:
        case TimerExpired():
            _timer(turn, event.timer)
        case DirectivesArrived():
            _directives(turn, event)
        case Booted():
            turn.signal("mode", 0, "booted")
        case PartReported():
            part_reported(turn, event)
        case CountRequested():
            _count_requested(turn, event)
        case TimeJudged():
            _ward_changed(turn)
        case EmergencyPressed():
            emergency_pressed(turn)
        case _:
            raise ValueError(f"Nobody here knows the event {type(event).__name__}.")


_SCANS: dict[type[Event], str] = {
    PackScanned: "pack",
    BandScanned: "band",
    TicketScanned: "ticket",
    ScanUnreadable: "unreadable",
}


_PERSONS: dict[type[Event], str] = {
    BadgeRead: "badge",
    PinDigits: "pin digits",
    PinEntered: "pin entered",
    NumberEntered: "number",
}


def _person(event: Event) -> str:
    if isinstance(event, CredentialChecked):
        return "credential right" if event.right else "credential wrong"
    return _PERSONS[type(event)]


def _key(key: str) -> str:
    if key not in KEYS:
        raise ValueError(f"No keypad has the key {key[:8]!r}; nothing was changed.")
    return "key number" if key in "123456789" else f"key {key}"


def _at_panel(turn: Turning, panel: int, name: str) -> None:
    session_now = turn.machines.panels.get(panel)
    if session_now is None:
        raise ValueError(f"There is no panel {panel}; nothing was changed.")
    for number, box in sorted(turn.machines.drawers.items()):
        if box.panel == panel and name not in {"credential right", "credential wrong"}:
            turn.signal("drawer", number, "activity")
    turn.signal("session", panel, name)


def _known_drawer(turn: Turning, number: int) -> DrawerState:
    box = turn.machines.drawers.get(number)
    if box is None:
        raise ValueError(f"There is no drawer {number}; nothing was changed.")
    return box


def _sensed(turn: Turning, event: DrawerSensed) -> None:
    box = _known_drawer(turn, event.drawer)
    turn.put_box(msgspec.structs.replace(box, reed=event.reed, lock=event.lock))
    turn.signal("drawer", event.drawer, f"sensed {event.reed} {event.lock}")


def _lease(turn: Turning, event: LeaseGiven | LeaseEnded | LeaseRefused) -> None:
    box = _known_drawer(turn, event.drawer)
    if box.intent != event.intent:
        return  # of an earlier visit: its end is known already
    words = {LeaseGiven: "lease given", LeaseEnded: "lease ended", LeaseRefused: "lease refused"}
    turn.signal("drawer", event.drawer, words[type(event)])


def _timer(turn: Turning, timer: str) -> None:
    name, _, number = timer.partition(".")
    if name == "tick":
        tick(turn)
        return
    if not number.isdecimal():
        raise ValueError(f"Nobody here started the timer {timer[:32]!r}; nothing was changed.")
    if name == "idle" and int(number) in turn.machines.panels:
        turn.signal("session", int(number), "idle")
    elif name == "drawer" and int(number) in turn.machines.drawers:
        turn.signal("drawer", int(number), "timer")
    elif name == "lease" and int(number) in turn.machines.drawers:
        turn.signal("drawer", int(number), "lease ended")
    else:
        raise ValueError(f"Nobody here started the timer {timer[:32]!r}; nothing was changed.")


def _directives(turn: Turning, event: DirectivesArrived) -> None:
    """Accepted directives take effect through one `directives.applied` line, all at once."""
    if event.to < turn.ward.dn:
        raise ValueError("These directives are older than what holds; nothing was changed.")
    for stamp, directive in event.directives:
        turn.direct(stamp, directive)
    turn.add(DirectivesApplied(to=event.to))
    _ward_changed(turn)


def _count_requested(turn: Turning, event: CountRequested) -> None:
    if event.pocket not in turn.ward.stock.pockets:
        raise ValueError("There is no such pocket; nothing was changed.")
    turn.add(CountAsked(pocket=event.pocket, reason=event.reason))


def _ward_changed(turn: Turning) -> None:
    turn.signal("mode", 0, "ward changed")
    for panel in sorted(turn.machines.panels):
        turn.signal("session", panel, "ward changed")


# --- from a machine to the next ----------------------------------------------------------------


def _trigger(turn: Turning, signal: Signal) -> None:
    if signal.target == "mode":
        turn.state = turn.machines.mode
        mode.TABLE.trigger(turn, signal.name)
        turn.set_machines(mode=turn.state)
    elif signal.target == "drawer":
        turn.drawer = signal.number
        turn.state = turn.box.state
        drawer.TABLE.trigger(turn, signal.name)
        turn.put_box(msgspec.structs.replace(turn.box, state=turn.state))
    else:
        turn.panel = signal.number
        turn.state = turn.session.state
        session.TABLE.trigger(turn, signal.name)
        turn.put(msgspec.structs.replace(turn.session, state=turn.state))


def _keep_idle_timers(turn: Turning, before: Machines) -> None:
    """A panel where something happened, or changed, waits anew; an empty one waits for nobody."""
    panel = getattr(turn.event, "panel", None)
    for number in sorted(turn.machines.panels):
        now = turn.machines.panels[number]
        if now == before.panels[number] and number != panel:
            continue
        timer = f"idle.{number}"
        if now.state == session.TABLE.initial and not now.memory.said and not now.memory.refusals:
            turn.effect(StopTimer(timer=timer))
            continue
        in_hand = now.state in session.IN_HAND
        after_ms = session.IDLE_IN_HAND_MS if in_hand else session.IDLE_MS
        turn.effect(StartTimer(timer=timer, after_ms=after_ms))
