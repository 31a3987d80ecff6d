"""What the machines ask of the house. Performed only after the turn's entries are committed."""

from typing import Literal

import msgspec


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """The base of every effect."""


class Release(Effect, frozen=True, kw_only=True):
    """Ask the gate for a lease. `intent` is the seq of the intent entry of this same turn."""

    drawer: int
    intent: int
    lease_ms: int


class EndLease(Effect, frozen=True, kw_only=True):
    """De-energise early: the drawer is open, or everything must stop."""

    drawer: int


class Light(Effect, frozen=True, kw_only=True):
    """Light one pocket; `off` puts it out."""

    pocket: str
    pattern: Literal["remove", "fill", "count", "return", "off"]


class Sound(Effect, frozen=True, kw_only=True):
    """A sound; `tick` is the dead key, `alarm` goes on until `quiet`."""

    pattern: Literal["tick", "accepted", "refused", "reminder", "alarm", "quiet"]


class Alarm(Effect, frozen=True, kw_only=True):
    """A sentence for whoever stands near, shown on every panel until it is over."""

    alarm: str
    drawer: int | None = None
    over: bool = False


class StartTimer(Effect, frozen=True, kw_only=True):
    """A timer by name; starting it again replaces it."""

    timer: str
    after_ms: int


class StopTimer(Effect, frozen=True, kw_only=True):
    """Stop a timer; one that does not run is no error."""

    timer: str


class CheckCredential(Effect, frozen=True, kw_only=True):
    """Check the digits held at this panel against `actor`'s verifier, off the turn.

    An empty `actor` is a badge nobody here knows: check against a decoy, which takes as long and is
    never right, so that nobody learns which badges exist.
    """

    panel: int
    actor: str


class ForgetDigits(Effect, frozen=True, kw_only=True):
    """Throw away what the PIN pad or number pad of this panel holds."""

    panel: int


class ForgetBodies(Effect, frozen=True, kw_only=True):
    """Erase the bodies that carry this patient's names; the chain still verifies."""

    patient: str
