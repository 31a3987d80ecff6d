"""Live updates: a page learns within a second that something changed, whoever changed it.

Every transaction that changes what pages show counts up the `changes` row of its topics, inside
itself. A page watches topics: a change made by this process wakes it at once, one made by another
process (or by the simulator's threads) is seen by reading the counters twice a second, and only
while somebody watches. What changed is not said; the page asks again, so nothing can be missed.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Collection, Mapping

POLL_S = 0.5
WATCHERS_MAX = 500

TOPICS = (
    "attention",
    "cabinets",
    "formulary",
    "log",
    "messages",
    "orders",
    "patients",
    "people",
    "stock",
    "users",
)
"""The fixed topics; each cabinet adds `dn:<cab>`."""


class TooManyWatchersError(Exception):
    """More pages watch than this process can serve; the page should ask again later."""


class Live:
    """Publish and watch topics.

    Args:
        counts: reads every topic's counter from the database (called in a worker thread).
    """

    def __init__(self, counts: Callable[[], Mapping[str, int]]) -> None:
        self._counts = counts
        self._lock = threading.Lock()
        self._watchers: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._cached: Mapping[str, int] = {}
        self._cached_at: float | None = None

    @property
    def watchers(self) -> int:
        """How many pages and long polls are watching this process."""
        return len(self._watchers)

    def publish(self, topics: Collection[str]) -> None:
        """Wake everybody who watches; thread-safe, called after the commit."""
        if not topics:
            return
        with self._lock:
            self._cached_at = None
            watchers = list(self._watchers.items())
        for event, loop in watchers:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    async def watch(
        self, topics: Collection[str], *, timeout_s: float | None = None
    ) -> AsyncGenerator[frozenset[str], None]:
        """Yield the topics that changed since the last time, first at once with nothing.

        The first yield means "watching from here": read the page's data after it and no change can
        fall between. With `timeout_s` an empty set is yielded when nothing changed for so long.

        Raises:
            TooManyWatchersError: this process serves its maximum already.
        """
        loop = asyncio.get_running_loop()
        event = asyncio.Event()
        with self._lock:
            if len(self._watchers) >= WATCHERS_MAX:
                raise TooManyWatchersError
            self._watchers[event] = loop
        try:
            seen = await self._fresh(loop)
            yield frozenset()
            deadline = None if timeout_s is None else loop.time() + timeout_s
            while True:
                now = await self._fresh(loop)
                changed = frozenset(t for t in topics if now.get(t) != seen.get(t))
                if changed or (deadline is not None and loop.time() >= deadline):
                    seen = now
                    yield changed
                    deadline = None if timeout_s is None else loop.time() + timeout_s
                    continue
                wait_s = POLL_S if deadline is None else min(POLL_S, deadline - loop.time())
                await _woken(event, max(wait_s, 0.0))
        finally:
            with self._lock:
                del self._watchers[event]

    async def _fresh(self, loop: asyncio.AbstractEventLoop) -> Mapping[str, int]:
        """Read the counters, at most twice a poll interval for all watchers together."""
        with self._lock:
            at = self._cached_at
            if at is not None and loop.time() - at < POLL_S / 2:
                return self._cached
            self._cached_at = loop.time()
        counts = await asyncio.to_thread(self._counts)
        with self._lock:
            self._cached = counts
        return counts


async def _woken(event: asyncio.Event, wait_s: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), wait_s)
    except TimeoutError:
        return
    event.clear()
