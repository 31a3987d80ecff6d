"""What the controller needs from its neighbours, as protocols, and what it tells its listeners."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from cabinet.screens.frame import Surroundings
from cabinet.screens.screen import Screen
from hal.ports import Display, Lights, Locks, Sounder
from statemachine.effects import Effect
from statemachine.events import CredentialChecked, DirectivesArrived, Event
from statemachine.instant import Instant
from statemachine.machines import Machines
from statemachine.ward import Ward
from statemachine.ward.entry import Entry, LineRef


class CommittedLine(Protocol):
    """One line of our own log as the journal holds it."""

    @property
    def ref(self) -> LineRef:
        """(epoch, seq)."""

    @property
    def entry(self) -> Entry:
        """What it says."""


class JournalPort(Protocol):
    """The part of the journal that a turn needs."""

    def append(self, entries: Sequence[Entry], at: Instant) -> Sequence[CommittedLine]:
        """Sign, chain, commit and read back, all or nothing. Whatever it raises: not recorded."""

    @property
    def checkpoint_due(self) -> bool:
        """Whether a checkpoint should be written when the cabinet is idle."""

    def checkpoint(self, ward: Ward, at: Instant) -> CommittedLine:
        """Keep a snapshot of the ward; the line that is returned must be folded."""

    def keep_floor(self, wall_s: int) -> None:
        """Remember a second that has certainly passed (WIRE 4)."""

    def tidy(self) -> None:
        """What can wait until the cabinet is idle."""

    def pending_dn(self, at: Instant) -> DirectivesArrived | None:
        """Accepted directives that have not taken effect yet, one batch, in order."""

    def forget(self, patient: str) -> None:
        """Erase the bodies that carry this patient's names."""


class GatePort(Protocol):
    """The release gate."""

    def release(self, drawer: int, intent_seq: int, lease_ms: int) -> None:
        """Give the lease, or raise: the drawer stays locked."""


class CredentialPort(Protocol):
    """Badge and PIN."""

    def check(
        self, panel: int, actor: str, digits: bytearray, ward: Ward
    ) -> CredentialChecked | None:
        """Check and wipe the digits; None when the answer will come through the inbox."""


class TurnLike(Protocol):
    """What `step` answers."""

    @property
    def machines(self) -> Machines:
        """The machines after the turn."""

    @property
    def ward(self) -> Ward:
        """The ward with the entries folded."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """To be journalled, in order."""

    @property
    def effects(self) -> tuple[Effect, ...]:
        """To be performed after that, in order."""


Step = Callable[[Machines, Ward, Event], TurnLike]
Draw = Callable[[Ward, Machines, Instant, int, Surroundings], Screen]
"""(ward, machines, now, panel, what the house adds) -> what that panel shows."""
Rows = Callable[[Screen, tuple[int, int]], tuple[str, ...]]
"""(screen, (columns, rows)) -> text for a display of that size."""


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """The metal, or the world that stands for it.

    Attributes:
        locks, lights, sounder: hal.ports.
        displays: by panel; a panel without one is shown by a listener (the demo page).
        pollers: called with the monotonic milliseconds at least every 20 ms beside `locks.poll`:
            a keypad matrix, a display that must be re-initialised.
    """

    locks: Locks
    lights: Lights
    sounder: Sounder
    displays: Mapping[int, Display] = {}
    pollers: tuple[Callable[[int], None], ...] = ()


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What a listener is told after each item the controller took.

    Attributes:
        at: when.
        lines: lines committed by it, in order.
        screens: what each panel shows now.
        effects: what was performed, in order.
    """

    at: Instant
    lines: tuple[CommittedLine, ...]
    screens: Mapping[int, Screen]
    effects: tuple[Effect, ...]


Listener = Callable[[Published], None]
