"""MLLP frames out of any stream of bytes."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pharmacy.hl7.framing import BROKEN_BYTES_KEPT, Deframer, Framed, frame


def everything(deframer: Deframer, *chunks: bytes) -> list[Framed]:
    return [framed for chunk in chunks for framed in deframer.feed(chunk)]


def test_a_frame_is_its_message():
    assert everything(Deframer(), frame(b"MSH|x\r")) == [Framed("message", b"MSH|x\r")]


def test_several_frames_in_one_read_are_several_messages():
    assert everything(Deframer(), frame(b"a") + frame(b"b")) == [
        Framed("message", b"a"),
        Framed("message", b"b"),
    ]


def test_a_frame_in_pieces_is_one_message():
    whole = frame(b"MSH|abc\r")
    assert everything(Deframer(), *(whole[i : i + 1] for i in range(len(whole)))) == [
        Framed("message", b"MSH|abc\r")
    ]


def test_garbage_between_frames_is_counted_and_dropped():
    deframer = Deframer()
    assert everything(deframer, b"noise" + frame(b"a") + b"\r\nmore" + frame(b"b")) == [
        Framed("message", b"a"),
        Framed("message", b"b"),
    ]
    assert deframer.garbage == 9


def test_an_end_sign_inside_a_message_does_not_end_it():
    assert everything(Deframer(), b"\x0bdose 50\x1c0 mg\x1c\r") == [
        Framed("message", b"dose 50\x1c0 mg")
    ]


def test_a_new_start_cuts_the_frame_before_it_and_the_part_is_no_message():
    assert everything(Deframer(), b"\x0bORC|NW" + frame(b"next")) == [
        Framed("cut off", b"ORC|NW"),
        Framed("message", b"next"),
    ]


def test_the_end_of_the_connection_cuts_the_last_frame():
    deframer = Deframer()
    assert everything(deframer, b"\x0bORC|NW") == []
    assert deframer.close() == Framed("cut off", b"ORC|NW")
    assert Deframer().close() is None


def test_silence_after_the_end_sign_completes_a_frame_without_its_last_byte():
    deframer = Deframer()
    assert everything(deframer, b"\x0bmessage\x1c") == []
    assert deframer.awaits_cr
    assert deframer.silence() == Framed("message", b"message")
    assert deframer.silence() is None


def test_a_frame_of_the_greatest_length_passes_and_one_byte_more_does_not():
    assert everything(Deframer(10), frame(b"x" * 10)) == [Framed("message", b"x" * 10)]
    assert [f.kind for f in everything(Deframer(10), frame(b"x" * 11), frame(b"ok"))] == [
        "too long",
        "message",
    ]


def test_an_endless_frame_holds_no_more_than_its_bound():
    deframer = Deframer(1 << 20)
    found = list(deframer.feed(b"\x0bMSH|"))
    for _ in range(64):
        found += deframer.feed(b"y" * 65_536)
    assert found == []
    (broken,) = deframer.feed(b"\x1c\r")
    assert (broken.kind, len(broken.data)) == ("too long", BROKEN_BYTES_KEPT)
    assert broken.data.startswith(b"MSH|yyy")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.binary(max_size=40), max_size=8), st.lists(st.integers(1, 30), max_size=30))
def test_however_the_bytes_are_cut_into_reads_the_frames_are_the_same(parts, cuts):
    stream = b"".join(frame(part) if i % 3 else part for i, part in enumerate(parts))
    whole = Deframer(64)
    expected = [*whole.feed(stream), whole.close()]
    pieces, rest = [], stream
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    cut_up = Deframer(64)
    assert [*everything(cut_up, *pieces, rest), cut_up.close()] == expected
