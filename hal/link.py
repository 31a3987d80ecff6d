"""A device that can be unplugged: opened, lost, reported, opened again with growing patience.

Serial readers, keypads, displays and expanders all fail the same way, so they share this. `Link`
holds the open device or nothing; every use goes through `use`, and a failure there closes the
device, reports the part once, and lets `BACK_OFF_MS` pass before the next try. Nothing sleeps: the
tick is passed in and a try happens at the next call after its time.
"""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from hal.ports import Report
from hal.readings import PartReading

BACK_OFF_MS = (500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000)
"""How long to wait before each next try; the last goes on for ever."""
STEADY_MS = 10_000
"""A device that worked this long starts with short waits again; a loose plug does not."""


class Closes(Protocol):
    """What can be closed."""

    def close(self) -> None:
        """Give it back."""


D = TypeVar("D", bound=Closes)
R = TypeVar("R")


class Link(Generic[D]):
    """One device that may come and go.

    Args:
        part: its name in readings: `scanner 1`.
        open_device: opens it; raises OSError when it is not there.
        report: takes the word of its going and coming.
        trouble: what a failing device raises besides OSError.
        lost: called when it is lost, to forget half of what it had said.
    """

    def __init__(
        self,
        part: str,
        open_device: Callable[[], D],
        report: Report,
        trouble: tuple[type[Exception], ...] = (),
        lost: Callable[[], None] = lambda: None,
    ) -> None:
        self.part = part
        self._open = open_device
        self._report = report
        self._trouble: tuple[type[Exception], ...] = (OSError, *trouble)
        self._lost = lost
        self._device: D | None = None
        self._tries = 0
        self._next_try_ms: int | None = None
        self._well_since_ms: int | None = None
        self._reported_lost = False

    @property
    def device(self) -> D | None:
        """The open device, or None."""
        return self._device

    def open(self, mono_ms: int) -> bool:
        """Open it if its time has come. Returns whether it is open now."""
        if self._device is not None:
            return True
        if self._next_try_ms is not None and mono_ms < self._next_try_ms:
            return False
        try:
            self._device = self._open()
        except self._trouble as trouble:
            self._gone(mono_ms, str(trouble))
            return False
        return True

    def use(self, mono_ms: int, work: Callable[[D], R]) -> R | None:
        """Do something with the device; None when it is not there or failed while doing it."""
        if not self.open(mono_ms) or self._device is None:
            return None
        try:
            result = work(self._device)
        except self._trouble as trouble:
            self._gone(mono_ms, str(trouble))
            return None
        # Opening proves little (a bus opens with nothing on it): only work done is being back.
        if self._well_since_ms is None:
            self._well_since_ms = mono_ms
        elif mono_ms - self._well_since_ms >= STEADY_MS:
            self._tries = 0
        if self._reported_lost:
            self._reported_lost = False
            self._report(PartReading(mono_ms=mono_ms, part=self.part, working=True))
        return result

    def close(self) -> None:
        """Close the device if it is open; a failing one is closed as far as it lets itself be."""
        device, self._device = self._device, None
        if device is not None:
            try:
                device.close()
            except self._trouble:
                return  # it is gone already, which is what was wanted

    def _gone(self, mono_ms: int, why: str) -> None:
        self.close()
        self._lost()
        self._well_since_ms = None
        wait_ms = BACK_OFF_MS[min(self._tries, len(BACK_OFF_MS) - 1)]
        self._tries += 1
        self._next_try_ms = mono_ms + wait_ms
        if not self._reported_lost:
            self._reported_lost = True
            self._report(
                PartReading(mono_ms=mono_ms, part=self.part, working=False, reason=why[:200])
            )
