"""A serial port by pyserial, read without waiting."""

import select
import termios
from collections.abc import Callable
from typing import Protocol

from hal.config import SerialReader
from hal.link import Link
from hal.ports import Report

READ_BYTES_MAX = 4_096
"""Most bytes taken in one poll; the kernel keeps the rest."""


class Port(Protocol):
    """What is used of pyserial's `Serial`."""

    def read(self, size: int) -> bytes:
        """At most `size` bytes that are there now; raises OSError when the device is gone."""

    def fileno(self) -> int:
        """For waiting."""

    def close(self) -> None:
        """Give it back."""


def open_port(reader: SerialReader) -> Port:
    """Open a reader's port: 8N1, no flow control, no waiting, for this process alone.

    Raises:
        OSError: not there, not permitted, or held by another program (pyserial's
            SerialException is one).
    """
    import serial

    port: Port = serial.Serial(
        reader.device, baudrate=reader.baud, timeout=0, write_timeout=1, exclusive=True
    )
    return port


class SerialLine:
    """Bytes from a reader that may be unplugged.

    Args:
        part: its name in readings.
        open_device: opens the port.
        report: takes the word of its going and coming.
        lost: called when it is lost.
    """

    def __init__(
        self, part: str, open_device: Callable[[], Port], report: Report, lost: Callable[[], None]
    ) -> None:
        self._link = Link(part, open_device, report, (termios.error,), lost)

    def read(self, mono_ms: int) -> bytes:
        """What has arrived; empty when nothing has or nobody is there."""
        return self._link.use(mono_ms, lambda port: port.read(READ_BYTES_MAX)) or b""

    def wait(self, timeout_s: float) -> None:
        """Return when bytes are there or the time is up. Does not read."""
        port = self._link.device
        watched = [] if port is None else [port.fileno()]
        select.select(watched, [], [], timeout_s)

    def close(self) -> None:
        """Give the port back."""
        self._link.close()
