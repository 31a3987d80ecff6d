"""A lock is leased, never switched: the rules of a lease, pure (WIRE 5).

A program that switches a lock on must remember to switch it off; programs crash. So nobody can
switch a lock here. It can be leased for a bounded time and the lease ends by itself: when its time
is up, when the drawer has opened, when it is ended, or when the process closes its lines. No
setting lifts the ceiling.

The book holds at most one running lease for all locks it is kept for, the time each lock last went
cold, and the last 64 leases it gave: an intent that is asked for again, running or over, changes
nothing. One intent line in the journal can therefore never become two pulses, whatever is retried.
"""

from collections import deque

import msgspec

from hal.ports import COOL_DOWN_MS, LEASE_MS_MAX, LeaseDenied

REMEMBERED = 64
"""How many leases are remembered against a repeat, as on a drawer board (WIRE 5)."""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """One lease that runs. Times are ticks in milliseconds."""

    drawer: int
    intent: int
    ends_ms: int


class LeaseBook:
    """The leases of one set of locks.

    Args:
        drawers: the drawers there are.
    """

    def __init__(self, drawers: tuple[int, ...]) -> None:
        self._drawers = frozenset(drawers)
        self._cold_since_ms: dict[int, int] = {}
        self._given: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)
        self.running: Lease | None = None
        """The lease that runs now, or None."""

    def begin(self, mono_ms: int, drawer: int, ms: int, intent: int) -> Lease | None:
        """Enter a lease.

        Returns:
            The lease to energise; None for a repeat, which changes nothing.

        Raises:
            LeaseDenied: no such drawer, above the ceiling, cooling down, or another lease runs.
        """
        if drawer not in self._drawers:
            raise LeaseDenied(f"There is no drawer {drawer} on these locks. Nothing was released.")
        if not 1 <= ms <= LEASE_MS_MAX:
            raise LeaseDenied(
                f"A lease of {ms} ms for drawer {drawer} is not between 1 and {LEASE_MS_MAX} ms. "
                "Nothing was released."
            )
        if (drawer, intent) in self._given:
            return None
        if self.running is not None:
            raise LeaseDenied(
                f"Drawer {self.running.drawer} is being released. Drawer {drawer} stays locked; "
                "try again when it has opened or its time is up."
            )
        cold_since_ms = self._cold_since_ms.get(drawer)
        if cold_since_ms is not None and mono_ms - cold_since_ms < COOL_DOWN_MS:
            raise LeaseDenied(
                f"The lock of drawer {drawer} is cooling down. It stays locked; try again in "
                f"{COOL_DOWN_MS - (mono_ms - cold_since_ms)} ms."
            )
        self._given.append((drawer, intent))
        self.running = Lease(drawer=drawer, intent=intent, ends_ms=mono_ms + ms)
        return self.running

    def over(self, mono_ms: int) -> bool:
        """Whether a lease runs whose time is up."""
        return self.running is not None and mono_ms >= self.running.ends_ms

    def end(self, mono_ms: int) -> Lease | None:
        """Strike the running lease out; the lock cools from now. None when none runs."""
        lease = self.running
        if lease is not None:
            self._cold_since_ms[lease.drawer] = mono_ms
            self.running = None
        return lease
