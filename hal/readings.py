"""What hardware reports. A reading is raw and small; nothing is decided where it is made.

Unknown is unsafe: a sensor that has not been read yet is `None`, never "closed".
"""

import msgspec


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The base of every reading. `mono_ms` is the monotonic tick passed in by the caller."""

    mono_ms: int


class DrawerReading(Reading, frozen=True, kw_only=True):
    """Debounced levels of one drawer; None: not known (not read yet, or lost).

    Attributes:
        closed: the reed switch says closed.
        locked: the lock feedback says the bolt is home.
        edges: raw edges counted since the last reading (F3).
    """

    drawer: int
    closed: bool | None
    locked: bool | None
    edges: int = 0


class LeaseReading(Reading, frozen=True, kw_only=True):
    """A lease ended by itself or was ended; `intent` is the number given to `lease`."""

    drawer: int
    intent: int


class KeyReading(Reading, frozen=True, kw_only=True):
    """One key of a panel, `0-9 # * A B C D`."""

    panel: int
    key: str


class ScanReading(Reading, frozen=True, kw_only=True):
    """One frame of a barcode scanner, without its ending, at most 256 bytes; `overlong` if cut."""

    panel: int
    frame: bytes
    overlong: bool = False


class BadgeReading(Reading, frozen=True, kw_only=True):
    """One card at a panel's card reader; `card` is `static` or `challenge`."""

    panel: int
    badge: str
    card: str = "static"


class ButtonReading(Reading, frozen=True, kw_only=True):
    """The covered emergency button."""


class PartReading(Reading, frozen=True, kw_only=True):
    """A part was lost or came back: `scanner 1`, `keypad 1`, `display 1`, `drawer 3`."""

    part: str
    working: bool
    reason: str = ""
