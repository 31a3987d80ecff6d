"""Where one scan ends and the next begins: framing of a serial reader's bytes, pure.

A reader sends `[symbology id] data [ending]`. Endings in the wild are CR, LF, both, or nothing
(HARDWARE facts), so a frame ends at CR or LF, or when the line has been silent for 50 ms. GS (0x1D)
is data: it separates the fields of a GS1 code. Nothing else is judged or removed here: what a frame
may contain is decided where it is translated.

A frame that grows past the bound (256 bytes) is handed over at once, cut and marked, and the rest
is swallowed up to its ending, so that its tail can never pass for a scan of its own (T5).
"""

from collections import deque
from typing import Literal

import msgspec

FRAME_BYTES_MAX = 256
"""Longest frame of a scanner (T5)."""
SILENCE_MS = 50
"""Silence that ends a frame without an ending."""
SCANS_PER_S_MAX = 10
"""Above this a scanner floods (F15)."""
FLOOD_REPORT_MS = 60_000
"""A flood is reported once a minute (F15)."""
_CR, _LF, _ETX = 0x0D, 0x0A, 0x03

Ending = Literal["CR", "LF", "ETX", "silence"]


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One frame without its ending. `ending` is None for a frame that was cut."""

    data: bytes
    ending: Ending | None
    overlong: bool = False


class Frames:
    """The framer of one reader.

    Args:
        bytes_max: longest frame.
        etx: whether 0x03 ends a frame too (card readers that send 0x02 ... 0x03).
    """

    def __init__(self, bytes_max: int = FRAME_BYTES_MAX, *, etx: bool = False) -> None:
        self._bytes_max = bytes_max
        self._endings: dict[int, Ending] = {_CR: "CR", _LF: "LF"}
        if etx:
            self._endings[_ETX] = "ETX"
        self._held = bytearray()
        self._swallowing = False
        self._heard_ms = 0

    def feed(self, mono_ms: int, data: bytes) -> list[Frame]:
        """Take bytes that arrived now; empty frames (CR before LF) are not frames."""
        frames = self.rest(mono_ms)
        if data:
            self._heard_ms = mono_ms
        for byte in data:
            ending = self._endings.get(byte)
            if ending is not None:
                self._close(frames, ending)
            elif self._swallowing:
                continue
            elif len(self._held) == self._bytes_max:
                frames.append(Frame(data=bytes(self._held), ending=None, overlong=True))
                self._held.clear()
                self._swallowing = True
            else:
                self._held.append(byte)
        return frames

    def rest(self, mono_ms: int) -> list[Frame]:
        """The frame that silence has ended, if any. Call it when nothing arrives."""
        frames: list[Frame] = []
        if (self._held or self._swallowing) and mono_ms - self._heard_ms >= SILENCE_MS:
            self._close(frames, "silence")
        return frames

    def lost(self) -> None:
        """The reader is gone: what it had begun is no scan."""
        self._held.clear()
        self._swallowing = False

    def _close(self, frames: list[Frame], ending: Ending) -> None:
        if self._held:
            frames.append(Frame(data=bytes(self._held), ending=ending))
        self._held.clear()
        self._swallowing = False


class Throttle:
    """At most ten frames a second get through; of more, the oldest waiting are dropped (F15)."""

    def __init__(self) -> None:
        self._waiting: deque[Frame] = deque()
        self._passed_ms: deque[int] = deque()
        self._reported_ms: int | None = None
        self._dropped = 0

    def pass_on(self, mono_ms: int, frames: list[Frame]) -> list[Frame]:
        """Take new frames; return those that may go on now, in order."""
        for frame in frames:
            if len(self._waiting) == SCANS_PER_S_MAX:
                self._waiting.popleft()
                self._dropped += 1
            self._waiting.append(frame)
        while self._passed_ms and mono_ms - self._passed_ms[0] >= 1_000:
            self._passed_ms.popleft()
        passed = []
        while self._waiting and len(self._passed_ms) < SCANS_PER_S_MAX:
            passed.append(self._waiting.popleft())
            self._passed_ms.append(mono_ms)
        return passed

    def flood(self, mono_ms: int) -> int:
        """How many were dropped and are to be reported now; 0 when nothing is to be said."""
        if not self._dropped:
            return 0
        if self._reported_ms is not None and mono_ms - self._reported_ms < FLOOD_REPORT_MS:
            return 0
        dropped, self._dropped = self._dropped, 0
        self._reported_ms = mono_ms
        return dropped

    def lost(self) -> None:
        """The reader is gone: what still waits is too old to act on."""
        self._waiting.clear()
