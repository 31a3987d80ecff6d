"""The controller's end of the sync socket: bytes in, bytes out, no trust and no decision.

A few connections at most, a thread each, because reading from a socket may wait. What was read is
run on the controller's own thread through the inbox, so the journal has one user and a flood from
a taken-over sync process costs one queue slot at a time (T10).
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Empty, Queue

from cabinet.inbox import Call, Inbox, InboxFull
from cabinet.logs import Log
from cabinet.losses import whereabouts
from cabinet.sync import frames
from cabinet.sync.frames import FrameError

CONNECTIONS_MAX = 4
IDLE_S = 300
"""A connection that asks nothing for so long is closed."""
ANSWER_S = 10
"""How long a question may wait for the controller's thread."""

SLICE_S = 0.1
"""A question waits in slices, so that closing the socket does not wait for it."""

log = Log("cabinet.sync")

Answer = tuple[bytes, bytes]
Ask = Callable[[bytes, bytes], Answer]
"""(question, payload) -> (DONE or REFUSED, payload); called on the controller's thread."""


class SyncServer:
    """Listens on the Unix socket until closed.

    Args:
        path: where; an old socket file there is replaced.
        inbox: the way to the controller's thread.
        ask: answers a question there.
    """

    def __init__(self, path: Path, inbox: Inbox, ask: Ask) -> None:
        self._path = path
        self._inbox = inbox
        self._ask = ask
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._listener.bind(str(path))
            path.chmod(0o660)
            self._listener.listen(CONNECTIONS_MAX)
        except OSError:
            self._listener.close()
            raise
        self._accepting = threading.Thread(target=self._accept, name="sync socket", daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Hang up on everybody and remove the socket."""
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            threads = list(self._threads)
        self._accepting.join()
        for thread in threads:
            thread.join()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if len(self._open) >= CONNECTIONS_MAX or self._closing.is_set():
                    connection.close()
                    continue
                self._open.add(connection)
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.add(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(IDLE_S)
            while (frame := frames.receive(connection)) is not None:
                frames.send(connection, *self._answer(*frame))
        except FrameError as error:
            if not self._closing.is_set():
                log.warning("sync socket hung up", why=str(error))
        finally:
            with self._lock:
                self._open.discard(connection)
                self._threads.discard(threading.current_thread())
            connection.close()

    def _answer(self, kind: bytes, payload: bytes) -> Answer:
        if kind not in frames.QUESTIONS:
            return frames.REFUSED, b"question"
        answers: Queue[Answer] = Queue(1)

        def run() -> None:
            try:
                answers.put_nowait(self._ask(kind, payload))
            except Exception as error:  # noqa: BLE001 - a question must not stop the turn
                log.warning("sync question failed", why=whereabouts(error))
                answers.put_nowait((frames.REFUSED, type(error).__name__.encode()))

        try:
            self._inbox.post(Call(run))
        except InboxFull:
            return frames.REFUSED, b"busy"
        for _ in range(int(ANSWER_S / SLICE_S)):
            with contextlib.suppress(Empty):
                return answers.get(timeout=SLICE_S)
            if self._closing.is_set():
                break
        return frames.REFUSED, b"busy"
