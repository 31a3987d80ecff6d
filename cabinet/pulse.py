"""The pulse: locks polled and the watchdog fed, between any two turns and while nothing happens.

It beats inside the controller's loop and nowhere else, also in the middle of long work (a thousand
directives after a week offline), so that a lease ends on time, and a turn that hangs is a cabinet
that systemd restarts (F25).
"""

from collections.abc import Callable

from cabinet.clock import Clock
from cabinet.edge import Ports
from hal.ports import HardwareFault
from statemachine.events import Event, PartReported

POLL_MS = 20
"""Locks and pollers are called at least this often (hal.ports.Locks.poll)."""
WATCHDOG_MS = 500
"""How often the watchdog is fed; systemd waits 2 s (F25)."""


class Pulse:
    """Beats on the controller's thread.

    Args:
        notify: tells the service manager.
        follow: takes the report on a part that fails, or works again.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ports: Ports,
        notify: Callable[[str], None],
        follow: Callable[[Event], None],
    ) -> None:
        self._clock = clock
        self._notify = notify
        self._follow = follow
        self._polls: dict[str, Callable[[int], None]] = {"locks": ports.locks.poll}
        for number, poll in enumerate(ports.pollers, start=1):
            self._polls[f"poller {number}"] = poll
        self._failed: set[str] = set()
        self._polled_ms = -POLL_MS
        self._fed_ms = -WATCHDOG_MS
        self.watched = False

    def beat(self, *, now: bool = False) -> None:
        """Do what is due; with `now`, poll even if the last poll was a moment ago."""
        mono_ms = self._clock.mono_ms()
        if now or mono_ms - self._polled_ms >= POLL_MS:
            self._polled_ms = mono_ms
            for part, poll in self._polls.items():
                self._poll(part, poll, mono_ms)
        if self.watched and mono_ms - self._fed_ms >= WATCHDOG_MS:
            self._fed_ms = mono_ms
            self._notify("WATCHDOG=1")

    def _poll(self, part: str, poll: Callable[[int], None], mono_ms: int) -> None:
        """One part that fails is reported once, the others are polled all the same."""
        try:
            poll(mono_ms)
        except HardwareFault as fault:
            if part not in self._failed:
                self._failed.add(part)
                self._report(part, working=False, reason=str(fault)[:200])
        else:
            if part in self._failed:
                self._failed.discard(part)
                self._report(part, working=True, reason="")

    def _report(self, part: str, *, working: bool, reason: str) -> None:
        at = self._clock.now()
        self._follow(PartReported(at=at, part=part, working=working, reason=reason))
