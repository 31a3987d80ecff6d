"""Scanners and card readers on real pseudo-terminals, read by the real pyserial code of `hal`.

The device file that the product is told of is a symbolic link, as `/dev/serial/by-id/...` is on a
Pi: unplugging removes it and hangs the line up, plugging in makes a new terminal behind the same
name. A pseudo-terminal refuses RTS and DTR and does not pace bytes at the baud rate; nothing here
or in `hal` relies on either. A real reader has no flow control: what the other side is too slow to
take is lost, and counted.
"""

import os
import tty
from pathlib import Path


class SerialToy:
    """A serial device that can be plugged in and pulled out.

    Args:
        link: the device file to make; its folder must exist. Plugged in at once.
    """

    def __init__(self, link: Path) -> None:
        self._link = link
        self._ours: int | None = None
        self._theirs: int | None = None
        self.lost_bytes = 0
        """Bytes that nobody took."""
        self.plug()

    @property
    def path(self) -> str:
        """The device file."""
        return str(self._link)

    def plug(self) -> None:
        """Plug it in; already plugged in is no error."""
        if self._ours is not None:
            return
        self._ours, self._theirs = os.openpty()
        # Raw: no echo, no line editing, so that every byte value passes.
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(os.ttyname(self._theirs))

    def unplug(self) -> None:
        """Pull it out; already out is no error."""
        if self._ours is None or self._theirs is None:
            return
        self._link.unlink(missing_ok=True)
        os.close(self._ours)
        os.close(self._theirs)
        self._ours = self._theirs = None

    def send(self, data: bytes) -> None:
        """Put bytes on the line; lost while it is unplugged or the other side is full."""
        if self._ours is None:
            self.lost_bytes += len(data)
            return
        try:
            sent = os.write(self._ours, data) if data else 0
        except BlockingIOError:
            sent = 0
        self.lost_bytes += len(data) - sent

    def close(self) -> None:
        """Pull it out for good."""
        self.unplug()


class PtyScanner(SerialToy):
    """A barcode scanner.

    Args:
        link: the device file to make.
        ending: what it sends after each code; a scan of its manual may change it (T6).
    """

    def __init__(self, link: Path, ending: bytes = b"\r") -> None:
        super().__init__(link)
        self.ending = ending

    def scan(self, code: bytes) -> None:
        """Read a code: symbology identifier and data as they would be sent."""
        self.send(code + self.ending)


class PtyCardReader(SerialToy):
    """A card reader that frames a card's number as many makes do: 0x02, number, 0x03."""

    def present(self, number: str) -> None:
        """Hold a card to it."""
        self.send(b"\x02" + number.encode("ascii") + b"\x03")
