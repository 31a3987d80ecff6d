"""A small MLLP sender: one connection, one message at a time, wait for the answer.

The demo's feeder, `pharmacy hl7 send` and the tests use it. It does not retry by itself: whoever
holds the message decides, because a message that was not answered may have been applied.
"""

import socket
from types import TracebackType
from typing import Self

from pharmacy.hl7.framing import Deframer, frame


class MllpError(Exception):
    """The message was not answered; the text is a sentence."""


class MllpClient:
    """A connection to an MLLP listener; use it in a `with` statement."""

    def __init__(self, host: str, port: int, timeout_s: float = 10.0) -> None:
        self._address = (host, port)
        self._timeout_s = timeout_s
        self._socket: socket.socket | None = None
        self._deframer = Deframer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next `send` opens a new one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def send(self, message: bytes) -> bytes:
        """Send one message and return the answer.

        Raises:
            MllpError: no connection, no answer in time, or the other side closed.
        """
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._address, self._timeout_s)
                self._deframer = Deframer()
            self._socket.sendall(frame(message))
            return self._answer(self._socket)
        except OSError as error:
            self.close()
            raise MllpError(
                f"{self._address[0]}:{self._address[1]} did not answer ({error}). The message may "
                "or may not have arrived; send it again with the same control id."
            ) from error

    def _answer(self, connection: socket.socket) -> bytes:
        while True:
            data = connection.recv(65_536)
            if not data:
                raise ConnectionResetError("the other side closed the connection")
            for framed in self._deframer.feed(data):
                if framed.kind == "message":
                    return framed.data


def send_once(host: str, port: int, message: bytes, timeout_s: float = 10.0) -> bytes:
    """Send one message over a connection of its own and return the answer.

    Raises:
        MllpError: no connection, no answer in time, or the other side closed.
    """
    with MllpClient(host, port, timeout_s) as client:
        return client.send(message)
