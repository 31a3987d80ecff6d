"""Threads at the edge: each polls one part and puts its readings in the queue, nothing more.

Slow parts (a character display takes a millisecond a letter, a fridge probe most of a second) and
parts that are worth waiting for (scanner, keypad) have a thread each, so that locks and contacts,
which the controller polls itself, never wait for them. Parts do not know of threads: the same
`poll` is called with a tick of the test's own choosing.
"""

import threading
from typing import Protocol

from hal.ports import Report, Tick
from hal.readings import PartReading

STOP_S = 2.0
"""How long closing waits for a thread to come home."""


class Polled(Protocol):
    """A part that lives by being polled."""

    part: str

    def poll(self, mono_ms: int) -> None:
        """Do what there is to do now, without waiting long."""

    def wait(self, timeout_s: float) -> None:
        """Return when there may be something to do, or when the time is up."""


class Poller:
    """The thread of one part.

    Args:
        polled: the part.
        tick: monotonic milliseconds.
        report: told when the part fails in a way it should not.
        timeout_s: longest wait between two polls.
    """

    def __init__(self, polled: Polled, tick: Tick, report: Report, timeout_s: float) -> None:
        self._polled = polled
        self._tick = tick
        self._report = report
        self._timeout_s = timeout_s
        self._stop = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name=polled.part, daemon=True)

    def start(self) -> None:
        """Begin polling."""
        self._thread.start()

    def stop(self) -> None:
        """Stop polling; a thread that hangs in its device is left behind after `STOP_S`."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(STOP_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._polled.poll(self._tick())
                self._polled.wait(self._timeout_s)
            except Exception as defect:  # noqa: BLE001 - a thread that dies in silence is worse
                self._failed(defect)
                self._stop.wait(1.0)
            else:
                self._failing = False

    def _failed(self, defect: Exception) -> None:
        if not self._failing:
            self._failing = True
            reason = f"{type(defect).__name__}: {defect}"[:200]
            self._report(
                PartReading(
                    mono_ms=self._tick(), part=self._polled.part, working=False, reason=reason
                )
            )
