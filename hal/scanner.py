"""The barcode scanner of a panel, on a serial line.

Serial and not a "keyboard wedge": a wedge loses the GS between GS1 fields, follows the host's
keyboard layout, and lets a barcode type keys (T5). The scanner here can say frames and nothing
else. What is decided: a flood is thinned and reported once a minute (F15); an ending that changes
in the middle of a working day is reported at the first scan, because barcodes that reconfigure a
scanner are printed in its manual (T6); a scanner that is unplugged is reported, opened again by
itself, and what it had half said is forgotten.
"""

from collections.abc import Callable

from hal.frames import Ending, Frame, Frames, Throttle
from hal.ports import Report
from hal.readings import PartReading, ScanReading
from hal.serial_line import Port, SerialLine


class SerialScanner:
    """One scanner.

    Args:
        panel: the panel it belongs to.
        open_device: opens its port (`hal.serial_line.open_port`).
        report: takes `ScanReading` and `PartReading`.
    """

    def __init__(self, panel: int, open_device: Callable[[], Port], report: Report) -> None:
        self.part = f"scanner {panel}"
        self._panel = panel
        self._report = report
        self._frames = Frames()
        self._throttle = Throttle()
        self._ending: Ending | None = None
        self._line = SerialLine(self.part, open_device, report, self._lost)

    def poll(self, mono_ms: int) -> None:
        """Read what has arrived and report whole frames. Never waits."""
        frames = self._frames.feed(mono_ms, self._line.read(mono_ms))
        for frame in self._throttle.pass_on(mono_ms, frames):
            self._notice_ending(mono_ms, frame)
            self._report(
                ScanReading(
                    mono_ms=mono_ms,
                    panel=self._panel,
                    frame=frame.data,
                    overlong=frame.overlong,
                )
            )
        dropped = self._throttle.flood(mono_ms)
        if dropped:
            self._say(mono_ms, f"more than 10 scans a second: {dropped} dropped, oldest first")

    def wait(self, timeout_s: float) -> None:
        """Return when bytes are there or the time is up."""
        self._line.wait(timeout_s)

    def close(self) -> None:
        """Give the port back."""
        self._line.close()

    def _notice_ending(self, mono_ms: int, frame: Frame) -> None:
        if frame.ending is None:
            return
        if self._ending is not None and frame.ending != self._ending:
            self._say(
                mono_ms,
                f"its scans ended with {self._ending} and now with {frame.ending}: "
                "somebody may have changed its settings",
            )
        self._ending = frame.ending

    def _lost(self) -> None:
        self._frames.lost()
        self._throttle.lost()

    def _say(self, mono_ms: int, reason: str) -> None:
        self._report(PartReading(mono_ms=mono_ms, part=self.part, working=True, reason=reason))
