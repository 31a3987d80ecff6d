"""Drawers: intents, openings, what the sensors said, and what is doubtful about each drawer."""

from typing import ClassVar

import msgspec
from immutables import Map

from statemachine.ward.entry import Entry, LineRef


class ReleaseIntent(Entry, frozen=True, kw_only=True):
    """The cabinet is about to release a drawer, and this is everything that allows it.

    Committed and read back before any lease (I1); the gate checks it against the rows it names.

    Attributes:
        purpose: `remove`, `count`, `recover`, `override`, `emergency`.
        staff_line: the `staff` line of `actor`.
        order_line: the `order` line, for `remove`.
        authority: named instead of an order: `count`, `commissioning`, `override`, ...
        lease_ms: how long the lock may be energised.
    """

    TYPE: ClassVar[str] = "release.intent"
    drawer: int
    panel: int
    actor: str = ""
    pocket: str = ""
    product: str = ""
    quantity: int = 0
    patient: str = ""
    order: str = ""
    dose: str = ""
    purpose: str = "remove"
    staff_line: LineRef | None = None
    order_line: LineRef | None = None
    authority: str | None = None
    lease_ms: int = 5000
    witness: str | None = None


class ReleaseRefused(Entry, frozen=True, kw_only=True):
    """The gate, or the hardware, refused a lease for this intent; the drawer stayed locked."""

    TYPE: ClassVar[str] = "release.refused"
    intent: int
    drawer: int
    reason: str


class DrawerOpened(Entry, frozen=True, kw_only=True):
    """The reed switch says open, under this intent."""

    TYPE: ClassVar[str] = "drawer.opened"
    drawer: int
    intent: int | None = None


class DrawerClosed(Entry, frozen=True, kw_only=True):
    """The drawer is closed and its lock engaged again."""

    TYPE: ClassVar[str] = "drawer.closed"
    drawer: int
    intent: int | None = None


class DrawerLeftOpen(Entry, frozen=True, kw_only=True):
    """Open too long without a task under way in it (F7)."""

    TYPE: ClassVar[str] = "drawer.left_open"
    drawer: int
    intent: int | None = None
    actor: str = ""


class DrawerForced(Entry, frozen=True, kw_only=True):
    """Open without a lease (F6)."""

    TYPE: ClassVar[str] = "drawer.forced"
    drawer: int


class DrawerWrong(Entry, frozen=True, kw_only=True):
    """A lease was given for another drawer than the one that opened (F8)."""

    TYPE: ClassVar[str] = "drawer.wrong"
    drawer: int
    leased: int
    intent: int


class ReleaseExpired(Entry, frozen=True, kw_only=True):
    """The lease ended and the drawer was never opened."""

    TYPE: ClassVar[str] = "release.expired"
    drawer: int
    intent: int


class ReleaseJammed(Entry, frozen=True, kw_only=True):
    """Energised, but the lock feedback never moved (F4)."""

    TYPE: ClassVar[str] = "release.jammed"
    drawer: int
    intent: int


class ReleaseIndeterminate(Entry, frozen=True, kw_only=True):
    """Nobody can say whether the drawer opened (power, reset, stuck reed): it counts as opened."""

    TYPE: ClassVar[str] = "release.indeterminate"
    drawer: int
    intent: int
    reason: str


class ScanAccepted(Entry, frozen=True, kw_only=True):
    """The pack scanned is the one intended."""

    TYPE: ClassVar[str] = "scan.accepted"
    actor: str
    panel: int
    product: str
    intent: int | None = None
    lot: str = ""
    expires: str = ""


class ScanRefused(Entry, frozen=True, kw_only=True):
    """A scan that fits nothing asked for, or is no readable code. Its text is not kept."""

    TYPE: ClassVar[str] = "scan.refused"
    panel: int
    reason: str
    actor: str = ""
    intent: int | None = None
    """The visit whose pack could not be scanned, when the reason came after closing."""


class FaultRaised(Entry, frozen=True, kw_only=True):
    """Something is wrong with a part; `fault` is its id, `drawer` where it is."""

    TYPE: ClassVar[str] = "fault.raised"
    fault: str
    drawer: int | None = None
    reason: str = ""


class FaultCleared(Entry, frozen=True, kw_only=True):
    """A person, or the part itself, put it right."""

    TYPE: ClassVar[str] = "fault.cleared"
    fault: str
    drawer: int | None = None
    actor: str = ""


class OpenIntent(msgspec.Struct, frozen=True, kw_only=True):
    """An intent whose outcome is not known yet. Ends exactly once (I2)."""

    intent: ReleaseIntent
    line: LineRef
    opened: bool = False
    recorded: bool = False


class KnownDrawer(msgspec.Struct, frozen=True, kw_only=True):
    """What the log knows of a drawer; what the sensors say now lives in the drawer's machine."""

    drawer: int
    faults: tuple[str, ...] = ()
    jams: int = 0
    suspect: int = 0


class Drawers(msgspec.Struct, frozen=True, kw_only=True):
    """Drawers by number; open intents by the seq of their line; faults of the cabinet itself."""

    known: Map[int, KnownDrawer] = msgspec.field(default_factory=Map)
    intents: Map[int, OpenIntent] = msgspec.field(default_factory=Map)
    faults: tuple[str, ...] = ()
