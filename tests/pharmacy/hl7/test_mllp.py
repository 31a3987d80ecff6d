"""The listener over real sockets: slow, broken, hostile and too many senders."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pharmacy.hl7.ack import acknowledge
from pharmacy.hl7.framing import frame
from pharmacy.hl7.mllp import Limits, Listener
from pharmacy.hl7.mllp_client import MllpClient, MllpError, send_once
from pharmacy.hl7.mllp_thread import ListenerThread
from pharmacy.hl7.understand import understand

HOST = "127.0.0.1"


class Pharmacy:
    """Stands where `receive_hl7` stands: keeps what came and answers it."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.broken: list[tuple[bytes, str]] = []

    def receive(self, raw: bytes, source: str) -> bytes:
        assert source == "mllp:127.0.0.1"
        assert threading.current_thread().name.startswith("mllp")
        if raw == b"explode":
            raise RuntimeError("a fault")
        self.received.append(raw)
        return acknowledge(understand(raw), "A1", "20260401")

    def cut(self, raw: bytes, source: str, why: str) -> bytes:
        assert source == "mllp:127.0.0.1"
        self.broken.append((raw, why))
        return b"broken"


@contextmanager
def listening(limits: Limits | None = None) -> Iterator[tuple[Pharmacy, int]]:
    pharmacy = Pharmacy()
    with ListenerThread(pharmacy.receive, HOST, 0, broken=pharmacy.cut, limits=limits) as listener:
        yield pharmacy, listener.port


def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        threading.Event().wait(0.005)


def read_all(connection: socket.socket) -> bytes:
    connection.settimeout(5)
    found = b""
    while data := connection.recv(65_536):
        found += data
    return found


@pytest.fixture
def admission(message, pid) -> bytes:
    return message("ADT^A01", pid, control="M1")


def test_a_message_is_answered_on_the_same_connection_again_and_again(admission):
    with listening() as (pharmacy, port), MllpClient(HOST, port) as client:
        answers = [client.send(admission) for _ in range(3)]
    assert pharmacy.received == [admission] * 3
    assert [b"MSA|AA|M1" in answer for answer in answers] == [True] * 3


def test_messages_sent_in_one_breath_are_answered_one_by_one_in_order(message, pid):
    sent = [message("ADT^A01", pid, control=f"M{n}") for n in range(5)]
    with listening() as (pharmacy, port), socket.create_connection((HOST, port)) as connection:
        connection.sendall(b"".join(frame(one) for one in sent))
        connection.shutdown(socket.SHUT_WR)
        answers = read_all(connection).split(b"\x1c\r")
    assert pharmacy.received == sent
    assert [a.split(b"MSA|AA|")[1].strip() for a in answers[:-1]] == [
        b"M0",
        b"M1",
        b"M2",
        b"M3",
        b"M4",
    ]


def test_a_message_dribbling_in_byte_by_byte_arrives_whole(admission):
    with listening() as (pharmacy, port), socket.create_connection((HOST, port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in frame(admission):
            connection.send(bytes((byte,)))
        connection.shutdown(socket.SHUT_WR)
        assert b"MSA|AA|M1" in read_all(connection)
    assert pharmacy.received == [admission]


def test_garbage_before_the_start_sign_is_dropped(admission):
    with listening() as (pharmacy, port), socket.create_connection((HOST, port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n" + frame(admission))
        connection.shutdown(socket.SHUT_WR)
        assert b"MSA|AA|M1" in read_all(connection)
    assert pharmacy.received == [admission]


def test_a_part_of_a_message_is_never_received_as_a_message(admission):
    with listening() as (pharmacy, port), socket.create_connection((HOST, port)) as connection:
        connection.sendall(b"\x0b" + admission[:-20])
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == frame(b"broken")
    assert (pharmacy.received, pharmacy.broken) == ([], [(admission[:-20], "cut off")])


def test_a_sender_that_forgets_the_last_byte_and_waits_is_answered(admission):
    limits = Limits(missing_cr_s=0.05)
    with listening(limits) as (_, port), socket.create_connection((HOST, port)) as connection:
        connection.settimeout(5)
        connection.sendall(frame(admission)[:-1])
        assert b"MSA|AA|M1" in connection.recv(4096)


def test_a_frame_longer_than_the_bound_is_answered_as_broken_and_the_next_one_is_taken(admission):
    limits = Limits(frame_bytes=1000)
    with (
        listening(limits) as (pharmacy, port),
        socket.create_connection((HOST, port)) as connection,
    ):
        connection.sendall(frame(b"x" * 5000) + frame(admission))
        connection.shutdown(socket.SHUT_WR)
        first, second, _ = read_all(connection).split(b"\x1c\r")
    assert first == b"\x0bbroken"
    assert b"MSA|AA|M1" in second
    assert [why for _, why in pharmacy.broken] == ["too long"]


def test_a_silent_connection_is_closed_after_its_time():
    with (
        listening(Limits(idle_s=0.05)) as (_, port),
        socket.create_connection((HOST, port)) as connection,
    ):
        assert read_all(connection) == b""


def test_a_half_sent_message_waits_only_so_long(admission):
    with listening(Limits(partial_frame_s=0.05)) as (pharmacy, port):
        with socket.create_connection((HOST, port)) as connection:
            connection.sendall(b"\x0bMSH|")
            assert read_all(connection) == frame(b"broken")
        assert pharmacy.broken == [(b"MSH|", "cut off")]
        assert b"MSA|AA" in send_once(HOST, port, admission)


def test_connections_beyond_the_bound_are_turned_away_and_the_others_live_on(admission):
    with (
        listening(Limits(connections=2)) as (_, port),
        MllpClient(HOST, port) as one,
        MllpClient(HOST, port) as two,
    ):
        assert b"AA" in one.send(admission)
        assert b"AA" in two.send(admission)
        with pytest.raises(MllpError):
            send_once(HOST, port, admission)
        assert b"AA" in one.send(admission)


def test_when_receiving_fails_the_sender_gets_no_answer_and_keeps_its_message(admission):
    with listening() as (pharmacy, port):
        with pytest.raises(MllpError):
            send_once(HOST, port, b"explode")
        assert b"MSA|AA" in send_once(HOST, port, admission)
    assert pharmacy.received == [admission]


def test_a_sender_that_hangs_up_before_its_answer_harms_nobody(admission):
    with listening() as (pharmacy, port):
        with socket.create_connection((HOST, port)) as connection:
            connection.sendall(frame(admission))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        assert b"MSA|AA" in send_once(HOST, port, admission)
        until(lambda: len(pharmacy.received) >= 1)


def test_many_senders_at_once_are_all_answered(message, pid):
    answers: list[bytes] = []
    with listening() as (pharmacy, port):

        def send(number: int) -> None:
            raw = message("ADT^A01", pid, control=f"T{number}")
            answers.append(send_once(HOST, port, raw))

        threads = [threading.Thread(target=send, args=(n,)) for n in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(pharmacy.received) == 16
    assert all(b"MSA|AA|T" in answer for answer in answers)


def test_stopping_finishes_the_message_in_hand_and_answers_it(admission):
    began, go_on = threading.Event(), threading.Event()

    def slow(raw: bytes, source: str) -> bytes:
        assert (raw, source) == (admission, "mllp:127.0.0.1")
        began.set()
        assert go_on.wait(5)
        return b"done"

    listener = ListenerThread(slow, HOST, 0)
    listener.start()
    with socket.create_connection((HOST, listener.port)) as connection:
        connection.sendall(frame(admission))
        assert began.wait(5)
        stopping = threading.Thread(target=listener.stop)
        stopping.start()
        go_on.set()
        assert read_all(connection) == frame(b"done")
        stopping.join()
    with pytest.raises(MllpError):
        send_once(HOST, listener.port, admission, timeout_s=1)


def test_an_address_that_is_taken_is_an_error_when_starting():
    with listening() as (_, port), pytest.raises(OSError, match="in use"):
        ListenerThread(Pharmacy().receive, HOST, port).start()


def test_it_runs_inside_a_loop_that_is_already_there(admission):
    async def live() -> bytes:
        listener = Listener(Pharmacy().receive, HOST, 0)
        with pytest.raises(ValueError, match="not running"):
            assert listener.port
        await listener.start()
        answer = await asyncio.to_thread(send_once, HOST, listener.port, admission)
        await listener.stop()
        return answer

    assert b"MSA|AA|M1" in asyncio.run(live())
