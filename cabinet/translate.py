"""Readings to events: what was seen, never what it means.

Digits stay here. While a panel asks for a PIN the pad keeps them and the machines learn how many
there are; while it asks for a number they are collected until `#`. Whose turn it is to have the
digits is said by `statemachine.machines.asks`, one function for screens, edge and tables.

Scans go through the grammar in `scan.py`. A scan never drives a screen and never authenticates: it
is a pack, a wristband, a ticket or it is refused, and its text is not kept (T5).
"""

from collections.abc import Callable

from cabinet.credentials import PinPad
from cabinet.losses import drawer_of
from cabinet.scan import Badge, Band, Pack, Refused, ScanRules, Ticket, read_scan
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
from statemachine.events import (
    BadgeRead,
    BandScanned,
    DrawerSensed,
    EmergencyPressed,
    Event,
    KeyPressed,
    LeaseEnded,
    NumberEntered,
    PackScanned,
    PartReported,
    PinDigits,
    PinEntered,
    ScanUnreadable,
    TicketScanned,
)
from statemachine.instant import Instant
from statemachine.machines import Machines, asks
from statemachine.refusals import Reason

KEYS = frozenset("0123456789#*ABCD")
"""The sixteen keys (SCREENS)."""
NUMBER_DIGITS_MAX = 10
"""An NHS number is the longest number anybody types."""
BADGE_CHARACTERS_MAX = 64


class Translator:
    """Holds the digits of every panel and turns readings into events.

    Args:
        rules: what a scan may be on this site.
        check_ticket: the patient of a bedside ticket whose signature and age are right, or None
            when they are not; a site without tickets has none that are.
    """

    def __init__(
        self, rules: ScanRules, check_ticket: Callable[[str], str | None] = lambda _text: None
    ) -> None:
        self._rules = rules
        self._check_ticket = check_ticket
        self._pins: dict[int, PinPad] = {}
        self._numbers: dict[int, str] = {}

    def events(self, reading: Reading, at: Instant, machines: Machines) -> tuple[Event, ...]:
        """The events of one reading; none for a key or panel that does not exist."""
        panel = getattr(reading, "panel", None)
        if panel is not None and panel not in machines.panels:
            return ()
        match reading:
            case DrawerReading(drawer=drawer, closed=closed, locked=locked):
                return (sensed(at, drawer, closed, locked),)
            case LeaseReading(drawer=drawer, intent=intent):
                return (LeaseEnded(at=at, drawer=drawer, intent=intent),)
            case KeyReading(panel=panel, key=key):
                return self._key(panel, key, at, machines)
            case ScanReading(panel=panel, frame=frame, overlong=overlong):
                return (self._scan(panel, frame, overlong, at),)
            case BadgeReading(panel=panel, badge=badge):
                return (_badge(panel, badge, at),)
            case ButtonReading():
                return (EmergencyPressed(at=at),)
            case PartReading(part=part, working=working, reason=reason):
                return (
                    PartReported(
                        at=at,
                        part=part[:64],
                        working=working,
                        reason=reason[:200],
                        drawer=drawer_of(part),
                    ),
                )
            case _:
                return ()

    def typed(self, panel: int) -> str:
        """The digits of a number typed so far at a panel; never those of a PIN."""
        return self._numbers.get(panel, "")

    def take_pin(self, panel: int) -> bytearray:
        """The PIN digits held for a panel, handed over once; the caller wipes them."""
        pad = self._pins.pop(panel, None)
        return bytearray() if pad is None else pad.take()

    def forget(self, panel: int) -> None:
        """Throw away what both pads of a panel hold."""
        pad = self._pins.pop(panel, None)
        if pad is not None:
            pad.forget()
        self._numbers.pop(panel, None)

    def tidy(self, machines: Machines) -> None:
        """After a turn: digits that no screen asks for any more are gone."""
        for panel in tuple(self._pins):
            if asks(machines, panel) != "pin":
                self._pins.pop(panel).forget()
        for panel in tuple(self._numbers):
            if asks(machines, panel) != "number":
                del self._numbers[panel]

    def _key(self, panel: int, key: str, at: Instant, machines: Machines) -> tuple[Event, ...]:
        if key not in KEYS:
            return ()
        match asks(machines, panel):
            case "pin":
                return self._pin_key(panel, key, at)
            case "number":
                return self._number_key(panel, key, at)
            case _:
                return (KeyPressed(at=at, panel=panel, key=key),)

    def _pin_key(self, panel: int, key: str, at: Instant) -> tuple[Event, ...]:
        pad = self._pins.setdefault(panel, PinPad())
        if key.isdigit():
            return (PinDigits(at=at, panel=panel, count=pad.push(key)),)
        if key == "#" and pad.count:
            return (PinEntered(at=at, panel=panel, count=pad.count),)
        pad.forget()
        return (KeyPressed(at=at, panel=panel, key=key),)

    def _number_key(self, panel: int, key: str, at: Instant) -> tuple[Event, ...]:
        typed = self._numbers.get(panel, "")
        if key.isdigit():
            if len(typed) < NUMBER_DIGITS_MAX:
                self._numbers[panel] = typed + key
            return ()
        self._numbers.pop(panel, None)
        if key == "#" and typed:
            return (NumberEntered(at=at, panel=panel, number=int(typed)),)
        return (KeyPressed(at=at, panel=panel, key=key),)

    def _scan(self, panel: int, frame: bytes, overlong: bool, at: Instant) -> Event:
        scan = Refused(Reason.SCAN_TOO_LONG) if overlong else read_scan(frame, self._rules)
        match scan:
            case Pack(code=code, lot=lot, expires=expires, serial=serial):
                return PackScanned(
                    at=at, panel=panel, code=code, lot=lot, expires=expires, serial=serial
                )
            case Band(nhs=nhs, mrn=mrn):
                return BandScanned(at=at, panel=panel, nhs=nhs, mrn=mrn)
            case Ticket(text=text):
                patient = self._check_ticket(text)
                if patient is None:
                    return ScanUnreadable(at=at, panel=panel, reason=Reason.SCAN_UNKNOWN.value)
                return TicketScanned(at=at, panel=panel, patient=patient)
            case Badge(badge=badge):
                return BadgeRead(at=at, panel=panel, badge=badge)
            case Refused(reason=reason):
                return ScanUnreadable(at=at, panel=panel, reason=reason.value)


def sensed(at: Instant, drawer: int, closed: bool | None, locked: bool | None) -> DrawerSensed:
    """Two levels as the machines see them; not known stays not known."""
    return DrawerSensed(
        at=at,
        drawer=drawer,
        reed="unknown" if closed is None else "closed" if closed else "open",
        lock="unknown" if locked is None else "locked" if locked else "unlocked",
    )


def _badge(panel: int, badge: str, at: Instant) -> Event:
    if not badge or len(badge) > BADGE_CHARACTERS_MAX:
        return ScanUnreadable(at=at, panel=panel, reason=Reason.SCAN_UNREADABLE.value)
    if not (badge.isascii() and badge.isprintable()):
        return ScanUnreadable(at=at, panel=panel, reason=Reason.SCAN_CONTROL.value)
    return BadgeRead(at=at, panel=panel, badge=badge)
