"""What happened while the disk did not record, as far as it must be told later (F17, F18).

Facts of drawers are kept, bounded, and told again in their order when the disk works: an opening
that nobody wrote down is the one thing that may not be lost. What hands did at a keypad is not
replayed: the person saw that it was refused. A timer that ran out meanwhile runs out again soon.
"""

from collections import deque

from cabinet.clock import Clock
from cabinet.timers import Timers
from statemachine.events import (
    DrawerSensed,
    Event,
    LeaseEnded,
    LeaseGiven,
    LeaseRefused,
    TimerExpired,
)

UNRECORDED_MAX = 256
"""Facts kept; of more, the newest stay: they say how the drawers are now."""
RETRY_MS = 5_000
"""A timer whose expiry could not be recorded runs out again after this."""


class Unrecorded:
    """Keeps what must be told later."""

    def __init__(self, clock: Clock, timers: Timers) -> None:
        self._clock = clock
        self._timers = timers
        self._kept: deque[Event] = deque(maxlen=UNRECORDED_MAX)

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, event: Event) -> None:
        """Keep an event whose turn was not recorded, if it is one that must be told."""
        match event:
            case DrawerSensed() | LeaseEnded() | LeaseGiven() | LeaseRefused():
                self._kept.append(event)
            case TimerExpired(timer=timer) if timer not in self._timers.running():
                self._timers.start(timer, self._clock.mono_ms() + RETRY_MS)
            case _:
                pass

    def take(self) -> tuple[Event, ...]:
        """Everything kept, oldest first; afterwards nothing is."""
        kept = tuple(self._kept)
        self._kept.clear()
        return kept
