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
        self._too_long = False
        self._held = bytearray()
        self.garbage = 0

    @property
    def inside(self) -> bool:
        """A frame has begun and not ended."""
        return self._inside

    @property
    def awaits_cr(self) -> bool:
        """The last byte was 0x1C: only 0x0D is missing."""
        return self._inside and self._held.endswith(b"\x1c")

    def feed(self, data: bytes) -> Iterator[Framed]:
        """Take bytes; yield every frame they complete or break."""
        position = 0
        while position < len(data):
            if not self._inside:
                start = data.find(START, position)
                if start < 0:
                    self._count(data[position:])
                    return
                self._count(data[position:start])
                position = start + 1
                self._begin()
            stop = self._boundary(data, position)
            if stop is None:
                self._hold(data[position:])
                return
            self._hold(data[position:stop])
            position = stop
            if data[position] == START:
                yield self._finish("cut off")
            else:  # the 0x0D that completes 0x1C
                position += 1
                del self._held[-1:]
                yield self._finish("message")

    def _boundary(self, data: bytes, position: int) -> int | None:
        """Where this frame ends in `data`: at a new 0x0B, or at the 0x0D after a 0x1C."""
        if data[position] == CR and self.awaits_cr:
            return position
        start = data.find(START, position)
        end = data.find(b"\x1c\x0d", position)
        if end >= 0 and (start < 0 or end < start):
            return end + 1
        return start if start >= 0 else None

    def _begin(self) -> None:
        self._inside, self._too_long = True, False
        self._held.clear()

    def _hold(self, data: bytes) -> None:
        room = self._most + 1 - len(self._held)  # one for the 0x1C
        if not self._too_long and len(data) > room:
            self._too_long = True
        if self._too_long:
            self._held += data[: max(0, BROKEN_BYTES_KEPT - len(self._held))]
            del self._held[BROKEN_BYTES_KEPT:]
            self._held[-1:] = data[-1:] if data else self._held[-1:]  # `awaits_cr` still works
        else:
            self._held += data

    def _finish(self, kind: Literal["message", "cut off"]) -> Framed:
        data = bytes(self._held)
        framed = Framed("too long" if self._too_long else kind, data)
        self._inside = False
        self._held.clear()
        return framed

    def silence(self) -> Framed | None:
        """The sender fell silent: complete a frame that only lacks its 0x0D."""
        if not self.awaits_cr:
            return None
        del self._held[-1:]
        return self._finish("message")

    def close(self) -> Framed | None:
        """The connection ended: what is left is a broken frame."""
        if not self._inside or not self._held:
            return None
        return self.silence() or self._finish("cut off")

    def _count(self, data: bytes) -> None:
        self.garbage += len(data.strip(b"\r\n"))


def frame(message: bytes) -> bytes:
    """A message in its frame."""
    return bytes((START,)) + message + bytes((END, CR))
