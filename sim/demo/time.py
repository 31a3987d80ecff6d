"""The demo's time: the machine's own, plus whatever a visitor has skipped."""

import threading
import time

from pharmacy.clock import SystemClock as OfficeClock
from sim.clock import Timeline


class LiveTimeline(Timeline):
    """True time that runs by itself; a visitor may let an hour pass at once."""

    def __init__(self) -> None:
        self._office = OfficeClock()
        self._skipped_ms = 0
        self._lock = threading.Lock()
        self._zero_s = time.monotonic()
        self._wall_ms = self._office.now_s() * 1000

    @property
    def true_ms(self) -> int:  # type: ignore[override]  # the base stores it, this one reads a clock
        """Milliseconds since 1970, skips included."""
        with self._lock:
            return self._wall_ms + int((time.monotonic() - self._zero_s) * 1000) + self._skipped_ms

    @property
    def skipped_ms(self) -> int:
        """How much was skipped so far."""
        return self._skipped_ms

    def advance(self, by_ms: int) -> None:
        """Skip ahead.

        Raises:
            ValueError: `by_ms` is negative.
        """
        if by_ms < 0:
            raise ValueError(f"True time never runs backwards (asked for {by_ms} ms).")
        with self._lock:
            self._skipped_ms += by_ms


class DemoClock:
    """The pharmacy's clock on the demo's timeline; randomness is real."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._office = OfficeClock()

    def now_s(self) -> int:
        """Seconds since 1970."""
        return self._timeline.true_s

    def random_bytes(self, length: int) -> bytes:
        """Real randomness: the demo's keys are its own."""
        return self._office.random_bytes(length)
