"""What can happen to the machines: one event in, one turn.

An event carries its own time interval. It says what was seen, never what it means: a badge was
read, a key pressed, a drawer's reed opened. PIN digits never enter; the edge keeps them and the
machine sees only how many there are.
"""

from typing import Literal

import msgspec

from statemachine.instant import Instant
from statemachine.ward.entry import Directive, LineRef, Stamp


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """The base of every event."""

    at: Instant


# --- a person at a panel ---------------------------------------------------------------------


class BadgeRead(Event, frozen=True, kw_only=True):
    """A badge was tapped (or, in the demo, scanned). It identifies; it opens nothing."""

    panel: int
    badge: str


class PinDigits(Event, frozen=True, kw_only=True):
    """The PIN pad now holds so many digits."""

    panel: int
    count: int


class PinEntered(Event, frozen=True, kw_only=True):
    """`#` was pressed on the PIN pad; the digits wait at the edge for `CheckCredential`."""

    panel: int
    count: int


class CredentialChecked(Event, frozen=True, kw_only=True):
    """The answer to `CheckCredential`."""

    panel: int
    actor: str
    right: bool


class KeyPressed(Event, frozen=True, kw_only=True):
    """One of the sixteen keys `0-9 # * A B C D` (SCREENS), outside PIN entry."""

    panel: int
    key: str


class NumberEntered(Event, frozen=True, kw_only=True):
    """Digits and `#` while the screen asks for a number; the edge collects the digits."""

    panel: int
    number: int


class PackScanned(Event, frozen=True, kw_only=True):
    """A pack: a GTIN (14 digits) or an in-house code, with lot and expiry where the code has them.

    `code` is what `Stock.by_code` is keyed by.
    """

    panel: int
    code: str
    lot: str = ""
    expires: str = ""
    serial: str = ""


class BandScanned(Event, frozen=True, kw_only=True):
    """A wristband: NHS number or hospital number, whichever it carried (RULES 3 c)."""

    panel: int
    nhs: str = ""
    mrn: str = ""


class TicketScanned(Event, frozen=True, kw_only=True):
    """A bedside ticket whose signature and age the edge has checked (RULES 3 b)."""

    panel: int
    patient: str


class ScanUnreadable(Event, frozen=True, kw_only=True):
    """A scan no rule here can use; `reason` is a code of `refusals.py`. The text is not kept."""

    panel: int
    reason: str


class EmergencyPressed(Event, frozen=True, kw_only=True):
    """The covered emergency button."""


# --- drawers ---------------------------------------------------------------------------------


class DrawerSensed(Event, frozen=True, kw_only=True):
    """The debounced sensors of one drawer, raw and apart.

    Attributes:
        reed: `open`, `closed`, or `unknown` (never read, or in contradiction with itself).
        lock: lock feedback: `locked`, `unlocked`, `unknown`.
    """

    drawer: int
    reed: Literal["open", "closed", "unknown"]
    lock: Literal["locked", "unlocked", "unknown"]


class LeaseGiven(Event, frozen=True, kw_only=True):
    """The gate let the lease pass and the hardware acknowledged it."""

    drawer: int
    intent: int


class LeaseEnded(Event, frozen=True, kw_only=True):
    """The lock is de-energised again: opened, or its time was up."""

    drawer: int
    intent: int


class LeaseRefused(Event, frozen=True, kw_only=True):
    """The gate or the hardware refused; the drawer stayed locked."""

    drawer: int
    intent: int
    reason: str


# --- the rest of the house -------------------------------------------------------------------


class TimerExpired(Event, frozen=True, kw_only=True):
    """A timer started by an effect ran out."""

    timer: str


class CountRequested(Event, frozen=True, kw_only=True):
    """Somebody who may (pharmacy, a schedule) asks for a count of this pocket."""

    pocket: str
    reason: str = "asked"


class DirectivesArrived(Event, frozen=True, kw_only=True):
    """A batch of accepted `dn` lines, in order; None for a type nobody here knows."""

    to: LineRef
    directives: tuple[tuple[Stamp, Directive | None], ...]


class Booted(Event, frozen=True, kw_only=True):
    """The first event of every run."""

    boot: int
    reason: str
    version: str = ""
    hal: str = ""
    uncertain: tuple[tuple[int, str], ...] = ()
    """Intents (by seq) whose end recovery could not find, with what is known of them."""


class TimeJudged(Event, frozen=True, kw_only=True):
    """The clock's quality changed; `at` already says what is known now."""

    before_s: int | None = None


class PartReported(Event, frozen=True, kw_only=True):
    """A part of the cabinet works, or does not: `scanner`, `keypad`, `display`, `disk`, ..."""

    part: str
    working: bool
    reason: str = ""
    drawer: int | None = None
