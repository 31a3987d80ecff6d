"""Timers: names with a deadline on the monotonic clock, in a heap.

A timer is an effect; its expiry is an event. Restarting one replaces its deadline, which leaves a
stale row in the heap; stale rows are recognised by their number and dropped when they surface, and
swept out when they outnumber the living, so the heap stays bounded.
"""

import heapq

TIMERS_MAX = 256
"""More timers than this at once is a defect of the tables, not a busy night."""


class Timers:
    """Deadlines in milliseconds since boot."""

    def __init__(self) -> None:
        self._due: dict[str, tuple[int, int]] = {}
        self._heap: list[tuple[int, int, str]] = []
        self._number = 0

    def start(self, timer: str, due_ms: int) -> None:
        """Start a timer, or move the one of this name.

        Raises:
            ValueError: TIMERS_MAX timers are already running.
        """
        if timer not in self._due and len(self._due) >= TIMERS_MAX:
            raise ValueError(f"{TIMERS_MAX} timers are running; {timer} was not started.")
        self._number += 1
        self._due[timer] = (due_ms, self._number)
        heapq.heappush(self._heap, (due_ms, self._number, timer))
        if len(self._heap) > 2 * TIMERS_MAX:
            self._heap = [(due, number, name) for name, (due, number) in self._due.items()]
            heapq.heapify(self._heap)

    def stop(self, timer: str) -> None:
        """Stop a timer; one that does not run is no error."""
        self._due.pop(timer, None)

    def next_due_ms(self) -> int | None:
        """When the next timer runs out, or None when none runs."""
        while self._heap:
            due_ms, number, timer = self._heap[0]
            if self._due.get(timer) == (due_ms, number):
                return due_ms
            heapq.heappop(self._heap)
        return None

    def take_due(self, mono_ms: int) -> str | None:
        """Take out the earliest timer whose time is up, or None. Ties go in order of starting."""
        due_ms = self.next_due_ms()
        if due_ms is None or due_ms > mono_ms:
            return None
        timer = heapq.heappop(self._heap)[2]
        del self._due[timer]
        return timer

    def running(self) -> tuple[str, ...]:
        """The names of all running timers, sorted."""
        return tuple(sorted(self._due))
