"""The cabinet itself: boots, directives applied, freshness of the feed, checkpoints, time."""

from typing import ClassVar

import msgspec

from statemachine.ward.entry import Directive, Entry, LineRef


class Heartbeat(Directive, frozen=True, kw_only=True):
    """The pharmacy is alive, and this is when it last heard the ePMA (RULES 9); seconds."""

    TYPE: ClassVar[str] = "heartbeat"
    at_s: int
    epma_s: int


class Boot(Entry, frozen=True, kw_only=True):
    """The controller started: `start`, `restart`, `power`, `watchdog`."""

    TYPE: ClassVar[str] = "boot"
    reason: str
    version: str = ""
    hal: str = ""


class DirectivesApplied(Entry, frozen=True, kw_only=True):
    """All `dn` lines up to `to` now hold. The only way a directive takes effect (WIRE 1)."""

    TYPE: ClassVar[str] = "directives.applied"
    to: LineRef


class Checkpoint(Entry, frozen=True, kw_only=True):
    """A snapshot of the ward exists; its digest is signed here so that a boot may start from it."""

    TYPE: ClassVar[str] = "checkpoint"
    digest: str
    up: LineRef
    dn: LineRef


class FeedStale(Entry, frozen=True, kw_only=True):
    """The order feed crossed into a worse band: `check the chart` or `downtime`."""

    TYPE: ClassVar[str] = "feed.stale"
    band: str
    age_s: int


class FeedFresh(Entry, frozen=True, kw_only=True):
    """The order feed is fresh again."""

    TYPE: ClassVar[str] = "feed.fresh"
    age_s: int


class TimeConfirmed(Entry, frozen=True, kw_only=True):
    """A person confirmed the time for this boot, because no clock could be trusted."""

    TYPE: ClassVar[str] = "time.confirmed"
    actor: str
    wall_s: int
    panel: int


class RollbackDetected(Entry, frozen=True, kw_only=True):
    """The journal is older than its anchors (WIRE 2)."""

    TYPE: ClassVar[str] = "rollback.detected"
    reason: str


class PinChanged(Entry, frozen=True, kw_only=True):
    """A person changed their own PIN here; the new verifier is kept on this cabinet only."""

    TYPE: ClassVar[str] = "pin.changed"
    actor: str
    panel: int


class House(msgspec.Struct, frozen=True, kw_only=True):
    """What the cabinet knows of itself.

    Attributes:
        cabinet: its id.
        ward: where it stands.
        boot: persisted boot number.
        epma_s: when the ePMA was last known alive, seconds since 1970; None: never.
        heard_s: when the pharmacy last spoke, seconds since 1970; None: never.
        band: freshness band last journalled: `normal`, `check the chart`, `downtime`.
        choosing: which ways of choosing a patient the site allows here.
    """

    cabinet: str = ""
    ward: str = ""
    boot: int = 0
    epma_s: int | None = None
    heard_s: int | None = None
    band: str = "normal"
    time_confirmed_boot: int | None = None
    choosing: tuple[str, ...] = ("list", "wristband")
    drawers: int = 0
    panels: int = 1
