"""Two processes, a Unix socket between them: bytes, bounds, no way to hang the controller."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cabinet.config import SyncConfig
from cabinet.inbox import Inbox
from cabinet.sync import frames
from cabinet.sync.client import exchange, unsent
from cabinet.sync.frames import FRAME_BYTES_MAX, FrameError
from cabinet.sync.http import TransportFailed
from cabinet.sync.process import RemoteSession, SocketLost, run_sync
from cabinet.sync.server import CONNECTIONS_MAX, SyncServer


def until(fact: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not fact():
        assert time.monotonic() < deadline, what
        threading.Event().wait(0.01)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair()
    here.settimeout(2)
    there.settimeout(2)
    with here, there:
        yield here, there


def test_a_frame_arrives_whole_and_an_end_between_frames_is_an_end(pair) -> None:
    here, there = pair
    frames.send(here, b"u", b"")
    frames.send(here, b"D", b"xyz")
    assert frames.receive(there) == (b"u", b"")
    assert frames.receive(there) == (b"D", b"xyz")
    here.close()
    assert frames.receive(there) is None


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">I", 0),
        struct.pack(">I", FRAME_BYTES_MAX + 1) + b"x",
        struct.pack(">I", 0xFFFFFFFF),
        struct.pack(">I", 10) + b"cut",
        b"\x00\x00",
    ],
    ids=["empty", "too long", "four gigabytes", "cut off", "half a length"],
)
def test_a_frame_that_lies_about_its_length_is_refused_before_it_is_read(pair, data: bytes) -> None:
    here, there = pair
    here.sendall(data)
    here.close()
    with pytest.raises(FrameError):
        frames.receive(there)


def test_a_frame_too_long_is_not_sent(pair) -> None:
    with pytest.raises(FrameError):
        frames.send(pair[0], b"U", bytes(FRAME_BYTES_MAX))


def test_a_frame_that_comes_too_slowly_is_refused(pair) -> None:
    here, there = pair
    there.settimeout(0.05)
    here.sendall(struct.pack(">I", 5) + b"ab")
    with pytest.raises(FrameError, match="too slow"):
        frames.receive(there)


class Thread:
    """A controller's thread over an inbox."""

    def __init__(self, house) -> None:
        self.stop = threading.Event()
        self.house = house
        self.thread = threading.Thread(
            target=house.cabinet.controller.run, args=(self.stop,), daemon=True
        )
        self.thread.start()

    def close(self) -> None:
        self.stop.set()
        self.thread.join(5)


@pytest.fixture
def served(house, tmp_path: Path) -> Iterator[tuple["object", Path]]:
    path = tmp_path / "sync.sock"
    server = SyncServer(path, house.cabinet.inbox, house.cabinet.ask)
    thread = Thread(house)
    yield house, path
    thread.close()
    server.close()
    assert not path.exists()


def test_a_round_through_the_socket_does_what_a_round_inside_does(served) -> None:
    house, path = served
    with contextlib.closing(RemoteSession(str(path), "A")) as session:
        exchange(session, house.pharmacy)
    until(lambda: unsent(house.cabinet.journal) == 0, "everything sent")
    assert len(house.pharmacy.up) == house.cabinet.journal.tip("up").seq


def test_only_the_cabinets_group_may_use_the_socket(served) -> None:
    assert served[1].stat().st_mode & 0o777 == 0o660


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\xff" * 64,
        struct.pack(">I", 3) + b"?ab",
        struct.pack(">I", 1) + b"\x00",
        struct.pack(">I", 6) + b"Dxxxxx",
        struct.pack(">I", 4) + b"U\xff\xff\xff",
        b"",
    ],
    ids=["http", "noise", "no question", "zero", "no nonce", "no batch", "nothing"],
)
def test_T10_a_taken_over_sync_process_cannot_stop_or_move_the_controller(
    served, data: bytes
) -> None:
    house, path = served
    for _ in range(10):
        with socket.socket(socket.AF_UNIX) as hostile:
            hostile.settimeout(2)
            hostile.connect(str(path))
            hostile.sendall(data)
            hostile.shutdown(socket.SHUT_WR)
            with contextlib.suppress(OSError):
                while hostile.recv(4096):
                    pass
    house.pharmacy.say()
    with contextlib.closing(RemoteSession(str(path), "A")) as session:
        exchange(session, house.pharmacy)
    assert house.cabinet.controller.ward.house.ward == "7"


def test_I14_more_connections_than_allowed_are_hung_up_on(served) -> None:
    _, path = served
    with contextlib.ExitStack() as stack:
        opened = []
        for _ in range(CONNECTIONS_MAX):
            connection = stack.enter_context(socket.socket(socket.AF_UNIX))
            connection.settimeout(5)
            connection.connect(str(path))
            frames.send(connection, frames.NEXT_UP, b"")
            assert frames.receive(connection) is not None
            opened.append(connection)
        extra = stack.enter_context(socket.socket(socket.AF_UNIX))
        extra.settimeout(5)
        extra.connect(str(path))
        assert extra.recv(1) == b""


def test_a_controller_that_is_busy_is_said_to_be_busy(tmp_path: Path, monkeypatch) -> None:
    from cabinet.sync import server as module

    monkeypatch.setattr(module, "ANSWER_S", 0.05)
    path = tmp_path / "sync.sock"
    server = SyncServer(path, Inbox(), lambda _kind, _payload: (frames.DONE, b""))
    session = RemoteSession(str(path), "A")
    with contextlib.closing(session), pytest.raises(SocketLost, match="busy"):
        session.next_dn()
    server.close()


def test_a_controller_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SocketLost, match="does not answer"):
        RemoteSession(str(tmp_path / "nobody.sock"), "A")


class Flaky:
    """A pharmacy that is away until it is back."""

    def __init__(self, pharmacy) -> None:
        self.pharmacy, self.away, self.lock = pharmacy, True, threading.Lock()

    def post(self, path: str, body: bytes) -> bytes:
        return self._ask(lambda: self.pharmacy.post(path, body))

    def get(self, path: str) -> bytes:
        return self._ask(lambda: self.pharmacy.get(path))

    def _ask(self, ask: Callable[[], bytes]) -> bytes:
        with self.lock:
            if self.away:
                raise TransportFailed("unreachable")
            return ask()


def test_F22_the_sync_process_meets_a_pharmacy_that_comes_back_and_ends_when_asked(
    served,
) -> None:
    house, path = served
    config = SyncConfig(
        cabinet="A", pharmacy_url="https://pharmacy.example", socket_path=str(path), retry_max_s=5
    )
    stop, said = threading.Event(), []
    transport = Flaky(house.pharmacy)
    process = threading.Thread(
        target=run_sync,
        args=(config, stop),
        kwargs={"transport": transport, "notify": said.append},
    )
    process.start()
    until(lambda: "READY=1" in said, "ready")
    transport.away = False
    until(lambda: len(house.pharmacy.up) >= 2, "lines arrived")
    stop.set()
    process.join(10)
    assert not process.is_alive()
    assert said[-1] == "STOPPING=1"


def test_the_sync_process_waits_for_a_controller_that_is_not_there_yet(tmp_path: Path) -> None:
    config = SyncConfig(
        cabinet="A",
        pharmacy_url="https://pharmacy.example",
        socket_path=str(tmp_path / "later.sock"),
        retry_max_s=5,
    )
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    run_sync(config, stop, transport=Flaky(None))
    assert stop.is_set()
