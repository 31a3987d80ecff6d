"""The tiny protocol between the controller and `cabinet sync`, and nothing else on that socket.

A frame is four bytes of length, big-endian, and that many bytes, of which the first says what the
rest is. The sync process asks, the controller answers, one answer a question. Both ends refuse a
frame longer than FRAME_BYTES_MAX before they read it, and hang up: there is no way to get back
into step with somebody who lies about lengths.
"""

import socket
import struct
from typing import Literal

FRAME_BYTES_MAX = 512 * 1024 + 1024
"""A batch (WIRE 1) and its envelope."""

Question = Literal[b"u", b"U", b"d", b"D"]
NEXT_UP: Question = b"u"
"""What should be posted? Answered by a batch, or by nothing."""
TOOK_UP: Question = b"U"
"""The pharmacy answered a post with these bytes."""
NEXT_DN: Question = b"d"
"""What should be asked? Answered by the query string."""
TOOK_DN: Question = b"D"
"""The pharmacy answered the query with these bytes."""
QUESTIONS = frozenset({NEXT_UP, TOOK_UP, NEXT_DN, TOOK_DN})

DONE = b"+"
"""The rest is the answer."""
REFUSED = b"-"
"""The rest is a code: why the bytes were not taken."""


class FrameError(Exception):
    """The other end of the socket broke the protocol, was too slow, or hung up."""


def send(connection: socket.socket, kind: bytes, payload: bytes) -> None:
    """Send one frame.

    Raises:
        FrameError: too long, or the connection is gone.
    """
    if len(payload) + 1 > FRAME_BYTES_MAX:
        raise FrameError(f"A frame of {len(payload):,} bytes is too long.")
    try:
        connection.sendall(struct.pack(">I", len(payload) + 1) + kind + payload)
    except OSError as error:
        raise FrameError("The other end of the socket is gone.") from error


def receive(connection: socket.socket) -> tuple[bytes, bytes] | None:
    """Receive one frame as (kind, payload); None when the other end hung up between frames.

    Raises:
        FrameError: too long, empty, cut off, or slower than the socket's time-out.
    """
    start = _exactly(connection, 4, may_end=True)
    if start is None:
        return None
    (length,) = struct.unpack(">I", start)
    if not 1 <= length <= FRAME_BYTES_MAX:
        raise FrameError(
            f"A frame says it is {length:,} bytes long; 1 to {FRAME_BYTES_MAX:,} are allowed."
        )
    frame = _exactly(connection, length, may_end=False)
    assert frame is not None
    return frame[:1], frame[1:]


def _exactly(connection: socket.socket, size: int, *, may_end: bool) -> bytes | None:
    parts: list[bytes] = []
    missing = size
    while missing:
        try:
            part = connection.recv(min(missing, 65_536))
        except OSError as error:
            raise FrameError("The other end of the socket was too slow, or is gone.") from error
        if not part:
            if may_end and missing == size:
                return None
            raise FrameError("A frame was cut off.")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
