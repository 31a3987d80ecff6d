"""`cabinet sync`: the process with the network and without devices, keys or trust (DESIGN 5).

Two loops, a thread each, so that a question that waits for news never delays a line on its way up:
one posts what the controller has, one asks for directives. Both only carry bytes between the
controller's socket and the pharmacy. What is wrong is logged by its code when it changes, not every
second; a pharmacy that is away for days is met again within one pause (F22).
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable

from cabinet.config import SyncConfig
from cabinet.ids import Ids
from cabinet.logs import Log
from cabinet.sync import frames
from cabinet.sync.backoff import Backoff
from cabinet.sync.client import Outcome, fetch_dn, send_up
from cabinet.sync.frames import FrameError, Question
from cabinet.sync.http import Https, Transport, TransportFailed

LOOK_MS = 200
"""How often the controller is asked whether there is something to send."""
SLICE_S = 1.0
"""A pause is waited in slices, each of which says that the loop is alive."""
HUNG_S = 110
"""A loop that was silent for so long has hung; the service manager then restarts the process."""
ANSWER_S = 20
"""How long the controller may take."""

STOP_S = 2.0
"""How long a loop may take to end; one that waits for the pharmacy's answer is left behind: it
holds nothing that could be lost."""

log = Log("cabinet.sync")


class SocketLost(Exception):  # noqa: N818 - the world's fault, not ours
    """The controller is not there, or hung up."""


class RemoteSession:
    """The controller's sync session, asked through its socket.

    Args:
        path: the Unix socket.
        cabinet: whose log it is, for the address at the pharmacy.

    Raises:
        SocketLost: from every method, when the controller cannot be asked.
    """

    def __init__(self, path: str, cabinet: str) -> None:
        self._cabinet = cabinet
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(ANSWER_S)
        try:
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise SocketLost(f"The controller's socket {path} does not answer.") from error

    @property
    def cabinet(self) -> str:
        """Whose log this is."""
        return self._cabinet

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def next_up(self) -> bytes | None:
        """The next batch to post, or None."""
        return self._ask(frames.NEXT_UP, b"") or None

    def took_up(self, answer: bytes) -> Outcome:
        """Hand over the answer to a post."""
        return _outcome(self._ask(frames.TOOK_UP, answer))

    def next_dn(self) -> str:
        """The query to ask."""
        return self._ask(frames.NEXT_DN, b"").decode("ascii", "replace")

    def took_dn(self, query: str, answer: bytes) -> Outcome:
        """Hand over the answer to a query."""
        return _outcome(self._ask(frames.TOOK_DN, query.encode("ascii") + b"\n" + answer))

    def _ask(self, kind: Question, payload: bytes) -> bytes:
        try:
            frames.send(self._socket, kind, payload)
            answer = frames.receive(self._socket)
        except FrameError as error:
            raise SocketLost(str(error)) from error
        if answer is None or answer[0] != frames.DONE:
            code = "" if answer is None else answer[1].decode("ascii", "replace")[:40]
            raise SocketLost(f"The controller did not answer ({code or 'hung up'}).")
        return answer[1]


def _outcome(answer: bytes) -> Outcome:
    return Outcome(moved=answer[:1] == b"1", code=answer[1:].decode("ascii", "replace")[:40])


class Loop:
    """One of the two loops.

    Args:
        name: `up` or `dn`.
        work: one round over a session; returns (code, whether it may go on at once).
        pause_ms: after a round with nothing left to do.
        longest_ms: after failures.
    """

    def __init__(
        self,
        name: str,
        *,
        connect: Callable[[], RemoteSession],
        work: Callable[[RemoteSession], str],
        pause_ms: int,
        longest_ms: int,
        stop: threading.Event,
    ) -> None:
        self.alive_s = time.monotonic()
        self._name = name
        self._connect = connect
        self._work = work
        self._pause_ms = pause_ms
        self._backoff = Backoff(longest_ms, Ids())
        self._stop = stop
        self._code = ""
        self._thread = threading.Thread(target=self._run, name=f"sync {name}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait for its end, after `stop` was set."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with contextlib.closing(self._connect()) as session:
                    self._serve(session)
            except SocketLost:
                self._say("controller away")
                self._wait(self._backoff.failed())

    def _serve(self, session: RemoteSession) -> None:
        while not self._stop.is_set():
            try:
                code = self._work(session)
            except TransportFailed as failed:
                code = failed.code
            self._say(code)
            if code == "ok":
                self._backoff.worked()
                self._wait(self._pause_ms)
            else:
                self._wait(self._backoff.failed())

    def _say(self, code: str) -> None:
        if code != self._code:
            log.info("sync", loop=self._name, code=code)
            self._code = code

    def _wait(self, pause_ms: int) -> None:
        left_s = pause_ms / 1000
        self.alive_s = time.monotonic()
        while left_s > 0 and not self._stop.wait(min(left_s, SLICE_S)):
            left_s -= SLICE_S
            self.alive_s = time.monotonic()


def run_sync(
    config: SyncConfig,
    stop: threading.Event,
    *,
    transport: Transport | None = None,
    notify: Callable[[str], None] = lambda _state: None,
) -> None:
    """Carry bytes until `stop` is set.

    Args:
        config: `sync.toml`.
        stop: ends both loops.
        transport: for tests; default HTTPS as configured.
        notify: tells the service manager that this process is ready, alive, stopping.

    Raises:
        ValueError: the pharmacy's address is not one that may be used.
        OSError: a certificate file cannot be used.
    """
    carried = transport or https(config)
    longest_ms = config.retry_max_s * 1000
    waits = iter((0,))

    def connect() -> RemoteSession:
        return RemoteSession(config.socket_path, config.cabinet)

    def down(session: RemoteSession) -> str:
        # The first answer comes at once, so that it bounds the time of day tightly (WIRE 4).
        return fetch_dn(session, carried, next(waits, config.long_poll_s)).code

    loops = (
        Loop(
            "up",
            connect=connect,
            work=lambda session: send_up(session, carried).code,
            pause_ms=LOOK_MS,
            longest_ms=longest_ms,
            stop=stop,
        ),
        Loop("dn", connect=connect, work=down, pause_ms=LOOK_MS, longest_ms=longest_ms, stop=stop),
    )
    for loop in loops:
        loop.start()
    notify("READY=1")
    while not stop.wait(SLICE_S):
        if all(time.monotonic() - loop.alive_s < HUNG_S for loop in loops):
            notify("WATCHDOG=1")
    notify("STOPPING=1")
    for loop in loops:
        loop.join(STOP_S)


def https(config: SyncConfig) -> Https:
    """The way to the pharmacy as `sync.toml` says."""
    return Https(
        config.pharmacy_url,
        timeout_s=config.timeout_s,
        cert_file=config.client_cert_file,
        key_file=config.client_key_file,
        ca_file=config.server_ca_file,
    )
