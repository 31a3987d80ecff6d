"""MLLP frames, without I/O: bytes in, messages out.

A frame is 0x0B, the message, 0x1C 0x0D. What is not a whole frame is never taken for one: a part of
an order must not be read as an order.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

START = 0x0B
END = 0x1C
CR = 0x0D
FRAME_BYTES_MAX = 1 << 20
BROKEN_BYTES_KEPT = 65_536
"""Of a broken frame so much is handed on; enough for its header and to look at."""


class Framed(msgspec.Struct, frozen=True):
    """What came out of the stream.

    Attributes:
        kind: `message`, `too long`, or `cut off`.
        data: the message, or the beginning of a broken one.
    """

    kind: Literal["message", "too long", "cut off"]
    data: bytes


class Deframer:
    """Bytes in, frames out; holds at most one frame."""

    def __init__(self, most: int = FRAME_BYTES_MAX) -> None:
        self._most = most
        self._inside = False
        self._length = 0
        self._held = bytearray()
        self._end_seen = False
        self.garbage = 0

    @property
    def inside(self) -> bool:
        """A frame has begun and not ended."""
        return self._inside

    @property
    def awaits_cr(self) -> bool:
        """The last byte was 0x1C: only 0x0D is missing."""
        return self._inside and self._end_seen

    def feed(self, data: bytes) -> Iterator[Framed]:
        """Take bytes; yield every frame they complete or break."""
        position = 0
        while position < len(data):
            if not self._inside:
                start = data.find(START, position)
                stop = start if start >= 0 else len(data)
                self.garbage += len(data[position:stop].strip(b"\r\n"))
                self._inside = start >= 0
                position = stop + 1
                continue
            stop = self._boundary(data, position)
            self._hold(data[position:stop])
            position = stop
            if stop == len(data):
                return
            if data[stop] == START:
                yield self._finish("cut off")  # the new frame begins in the next round
            else:
                yield self._whole()
                position += 1

    def _boundary(self, data: bytes, position: int) -> int:
        """Where this frame ends: at a new 0x0B, at the 0x0D after a 0x1C, or not in `data`."""
        if self._end_seen and data[position] == CR:
            return position
        start = data.find(START, position)
        end = data.find(b"\x1c\x0d", position)
        if end >= 0 and (start < 0 or end < start):
            return end + 1
        return start if start >= 0 else len(data)

    def _hold(self, data: bytes) -> None:
        if not data:
            return
        self._end_seen = data[-1] == END
        self._length += len(data)
        room = self._most + 1  # one for the 0x1C
        if self._length > room:
            room = BROKEN_BYTES_KEPT
        self._held += data[: max(0, room - len(self._held))]
        del self._held[room:]

    def _whole(self) -> Framed:
        """The frame whose last byte is the 0x1C that ends it."""
        if self._length <= self._most + 1:
            del self._held[-1:]
        return self._finish("message")

    def _finish(self, kind: Literal["message", "cut off"]) -> Framed:
        framed = Framed("too long" if self._length > self._most + 1 else kind, bytes(self._held))
        self._inside = self._end_seen = False
        self._length = 0
        self._held.clear()
        return framed

    def silence(self) -> Framed | None:
        """The sender fell silent: complete a frame that only lacks its 0x0D."""
        return self._whole() if self.awaits_cr else None

    def close(self) -> Framed | None:
        """The connection ended: what is left is a broken frame."""
        if not self._inside or not self._length:
            return None
        return self.silence() or self._finish("cut off")


def frame(message: bytes) -> bytes:
    """A message in its frame."""
    return bytes((START,)) + message + bytes((END, CR))
