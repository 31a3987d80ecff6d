"""The card reader of a panel, on a serial line.

It sends one card number a frame, as text, some makes between 0x02 and 0x03. A number is 4 to 64
letters, digits, `:` or `-`; anything else is no card and is said to be unreadable, at most once a
minute. A card that lies on the reader is sent again and again by many makes: the same number within
a second of the last time is the same presentation.
"""

import re
from collections.abc import Callable

from hal.frames import FLOOD_REPORT_MS, Frame, Frames, Throttle
from hal.ports import Report
from hal.readings import BadgeReading, PartReading
from hal.serial_line import Port, SerialLine

BADGE_BYTES_MAX = 64
"""Longest card number."""
SAME_CARD_MS = 1_000
"""A card sent again sooner than this has not been presented again."""
_NUMBER = re.compile(rb"[0-9A-Za-z:-]{4,64}")


class SerialBadgeReader:
    """One card reader.

    Args:
        panel: the panel it belongs to.
        open_device: opens its port (`hal.serial_line.open_port`).
        report: takes `BadgeReading` and `PartReading`.
    """

    def __init__(self, panel: int, open_device: Callable[[], Port], report: Report) -> None:
        self.part = f"card reader {panel}"
        self._panel = panel
        self._report = report
        self._frames = Frames(BADGE_BYTES_MAX, etx=True)
        self._throttle = Throttle()
        self._last: tuple[str, int] | None = None
        self._complained_ms: int | None = None
        self._line = SerialLine(self.part, open_device, report, self._lost)

    def poll(self, mono_ms: int) -> None:
        """Read what has arrived and report whole cards. Never waits."""
        frames = self._frames.feed(mono_ms, self._line.read(mono_ms))
        for frame in self._throttle.pass_on(mono_ms, frames):
            self._card(mono_ms, frame)
        dropped = self._throttle.flood(mono_ms)
        if dropped:
            self._say(mono_ms, f"more than 10 cards a second: {dropped} dropped, oldest first")

    def wait(self, timeout_s: float) -> None:
        """Return when bytes are there or the time is up."""
        self._line.wait(timeout_s)

    def close(self) -> None:
        """Give the port back."""
        self._line.close()

    def _card(self, mono_ms: int, frame: Frame) -> None:
        number = frame.data.removeprefix(b"\x02").strip(b" ")
        if frame.overlong or not _NUMBER.fullmatch(number):
            self._complain(mono_ms)
            return
        badge = number.decode("ascii")
        last, self._last = self._last, (badge, mono_ms)
        if last is not None and last[0] == badge and mono_ms - last[1] < SAME_CARD_MS:
            return
        self._report(BadgeReading(mono_ms=mono_ms, panel=self._panel, badge=badge))

    def _complain(self, mono_ms: int) -> None:
        if self._complained_ms is None or mono_ms - self._complained_ms >= FLOOD_REPORT_MS:
            self._complained_ms = mono_ms
            self._say(mono_ms, "it sent something that is no card number")

    def _lost(self) -> None:
        self._frames.lost()
        self._throttle.lost()
        self._last = None

    def _say(self, mono_ms: int, reason: str) -> None:
        self._report(PartReading(mono_ms=mono_ms, part=self.part, working=True, reason=reason))
