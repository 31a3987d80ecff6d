"""People: who may sign in, with which privileges, and who stands at which panel."""

from typing import ClassVar

import msgspec
from immutables import Map

from statemachine.ward.entry import Directive, Entry, LineRef

# --- directives ------------------------------------------------------------------------------


class Staff(Directive, frozen=True, kw_only=True):
    """A person as the pharmacy vouches for them (RULES 2). A later line replaces an earlier one.

    Attributes:
        actor: opaque id.
        family: family name in capitals, for the screen only.
        given: given name, for the screen only.
        privileges: `nurse`, `nurse in charge`, `midwife`, `student`, `agency`, `odp`,
            `anaesthetist`, `witness only`, `technician`, `pharmacist`, `engineer`.
        wards: wards where they may sign in; empty means none.
        valid_from_s: start of validity, seconds since 1970, or None.
        valid_to_s: end of validity, seconds since 1970, or None.
        revoked: True from the moment this line is received (I13).
        created_by: who made a temporary person; they never witness each other.
    """

    TYPE: ClassVar[str] = "staff"
    actor: str
    family: str = ""
    given: str = ""
    privileges: tuple[str, ...] = ()
    wards: tuple[str, ...] = ()
    valid_from_s: int | None = None
    valid_to_s: int | None = None
    revoked: bool = False
    created_by: str | None = None


class Credential(Directive, frozen=True, kw_only=True):
    """A badge number and a sealed PIN verifier for one person and one cabinet (WIRE 3).

    `sealed` is base64url of the Argon2id verifier sealed to the cabinet's X25519 key; no PIN and
    no hash of one stands in a log. `badge` identifies, it never opens anything.
    """

    TYPE: ClassVar[str] = "credential"
    actor: str
    badge: str
    sealed: str = ""
    card: str = "static"
    withdrawn: bool = False


# --- what happened ---------------------------------------------------------------------------


class SessionOpened(Entry, frozen=True, kw_only=True):
    """Badge and PIN were right: one person at one panel."""

    TYPE: ClassVar[str] = "session.opened"
    actor: str
    panel: int
    staff_line: LineRef
    resumed: bool = False


class SessionRefused(Entry, frozen=True, kw_only=True):
    """Somebody tried to sign in. `actor` only where the badge is known; never what was wrong."""

    TYPE: ClassVar[str] = "session.refused"
    panel: int
    reason: str
    actor: str | None = None
    counted: bool = False


class SessionParked(Entry, frozen=True, kw_only=True):
    """The person left or was idle with all drawers closed; their round waits for them."""

    TYPE: ClassVar[str] = "session.parked"
    actor: str
    panel: int
    reason: str
    patient: str | None = None
    done: tuple[str, ...] = ()
    """Patients finished in this round."""


class SessionClosed(Entry, frozen=True, kw_only=True):
    """The session ended for good: signed out, handed over, timed out, revoked, power."""

    TYPE: ClassVar[str] = "session.closed"
    actor: str
    panel: int
    reason: str


class Handover(Entry, frozen=True, kw_only=True):
    """A second badge took over a panel: `actor` gave way to `to`."""

    TYPE: ClassVar[str] = "handover"
    actor: str
    to: str
    panel: int


# --- the known world -------------------------------------------------------------------------


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """The latest `staff` line of one person, and what this cabinet counted about their PIN.

    Attributes:
        staff: the directive.
        staff_line: its place in `dn`.
        failures: wrong PINs since the last right one.
        failed_boot: boot number of the last wrong PIN.
        failed_mono_ms: milliseconds since that boot at the last wrong PIN.
        locked: ten wrong PINs; only a new credential unlocks.
    """

    staff: Staff
    staff_line: LineRef
    failures: int = 0
    failed_boot: int = 0
    failed_mono_ms: int = 0
    locked: bool = False


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """A parked medicine round: whose, which patients are done, and who was next."""

    actor: str
    parked_boot: int
    parked_mono_ms: int
    parked_wall_s: int
    patient: str | None = None
    pin_mono_ms: int = 0
    pin_boot: int = 0
    done: tuple[str, ...] = ()


class People(msgspec.Struct, frozen=True, kw_only=True):
    """Everyone known, by actor id; badges by number; parked rounds; who is signed in where."""

    persons: Map[str, Person] = msgspec.field(default_factory=Map)
    badges: Map[str, str] = msgspec.field(default_factory=Map)
    credentials: Map[str, Credential] = msgspec.field(default_factory=Map)
    rounds: Map[str, Round] = msgspec.field(default_factory=Map)
    panels: Map[int, str] = msgspec.field(default_factory=Map)
    pin_at: Map[str, tuple[int, int]] = msgspec.field(default_factory=Map)
    """Last right PIN at this cabinet by actor: (boot, mono_ms)."""
    stranger_failures: int = 0
    stranger_failed_boot: int = 0
    stranger_failed_mono_ms: int = 0
