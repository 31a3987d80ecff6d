"""The hospital's systems, as far as the demo needs them: admissions, orders, signs of life.

Everything goes over real MLLP to the pharmacy, message by message, each waiting for its answer. An
answer other than AA is said aloud and the next message goes on. When the pharmacy is not there yet,
or has gone, the feeder waits and tries the same message again: nothing is left out.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Protocol

from pharmacy.clock import Clock
from pharmacy.hl7.mllp_client import MllpClient, MllpError

HEARTBEAT_S = 60
RETRY_S = 1.0


class Messages(Protocol):
    """Where the messages come from: our own ward, or a manifest of third-party ones."""

    @property
    def every_s(self) -> int:
        """Seconds between later orders; 0 means there are none."""
        ...

    def admissions(self, now_s: int) -> Iterator[bytes]:
        """Admissions, in the order to send them."""
        ...

    def orders(self, now_s: int) -> Iterator[bytes]:
        """Orders that stand when the demo opens."""
        ...

    def heartbeat(self, now_s: int) -> bytes:
        """A sign of life."""
        ...


class Feeder:
    """Sends a ward's messages to one MLLP address.

    Args:
        messages: what to send.
        host, port: where the pharmacy listens.
        clock: wall time.
        say: told of every answer that is not AA, in a sentence.
        opened: called once all that stands when the demo opens was sent.
    """

    def __init__(
        self,
        messages: Messages,
        host: str,
        port: int,
        clock: Clock,
        say: Callable[[str], None],
        opened: Callable[[], None] = lambda: None,
    ) -> None:
        self._messages = messages
        self._opened = opened
        self._client = MllpClient(host, port)
        self._clock = clock
        self._say = say
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._turn = 0
        self.accepted = 0
        self.refused = 0

    def open(self) -> None:
        """Send every admission, then every order, then a heartbeat."""
        for message in self._messages.admissions(self._clock.now_s()):
            self.send(message)
        for message in self._messages.orders(self._clock.now_s()):
            self.send(message)
        self.send(self._messages.heartbeat(self._clock.now_s()))

    def send(self, message: bytes) -> None:
        """Send one message until it is answered, or until the feeder is stopped."""
        while not self._stop.is_set():
            try:
                answer = self._client.send(message)
            except MllpError:
                self._stop.wait(RETRY_S)
                continue
            if b"MSA|AA|" in answer:
                self.accepted += 1
            else:
                self.refused += 1
                fields = message.split(b"\r", 1)[0].split(b"|")
                name = fields[8].decode("ascii", "replace") if len(fields) > 8 else "a message"
                self._say(f"The pharmacy did not take {name}: {_why(answer)}")
            return

    def start(self) -> None:
        """Open the ward and keep it alive, in a thread of its own."""
        self._thread = threading.Thread(target=self._live, name="feeder", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the message being sent."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._client.close()

    def _live(self) -> None:
        self.open()
        if not self._stop.is_set():
            self._opened()
        next_beat_s = self._clock.now_s() + HEARTBEAT_S
        next_order_s = self._clock.now_s() + self._messages.every_s
        while not self._stop.wait(1.0):
            now_s = self._clock.now_s()
            if now_s >= next_beat_s:
                self.send(self._messages.heartbeat(now_s))
                next_beat_s = now_s + HEARTBEAT_S
            if self._messages.every_s and now_s >= next_order_s:
                self._later(now_s)
                next_order_s = now_s + self._messages.every_s

    def _later(self, now_s: int) -> None:
        later = getattr(self._messages, "later", None)
        if later is not None:
            self.send(later(now_s, self._turn))
            self._turn += 1


def _why(answer: bytes) -> str:
    """The sentence of an acknowledgement: MSA-3 before version 2.5, ERR-8 from then on."""
    for line in answer.decode("ascii", "replace").split("\r"):
        fields = line.split("|")
        if fields[0] == "MSA" and len(fields) > 3:
            return fields[3]
        if fields[0] == "ERR" and len(fields) > 8:
            return fields[8]
    return "it did not say why."
