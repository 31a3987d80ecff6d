"""Framing of scanner bytes: what people send, and what nobody should."""

from hypothesis import given
from hypothesis import strategies as st

from hal.frames import FRAME_BYTES_MAX, Frame, Frames, Throttle


def frame(data, ending="CR", overlong=False):
    return Frame(data=data, ending=ending, overlong=overlong)


def test_CR_LF_and_both_end_a_frame_once():
    frames = Frames()
    assert frames.feed(0, b"a\rb\nc\r\nd\r") == [
        frame(b"a"),
        frame(b"b", "LF"),
        frame(b"c"),
        frame(b"d"),
    ]


def test_a_frame_may_arrive_in_pieces():
    frames = Frames()
    assert frames.feed(0, b"]d2010") == []
    assert frames.feed(10, b"5000\x1d10AB") == []
    assert frames.feed(20, b"1\r") == [frame(b"]d20105000\x1d10AB1")]


def test_without_an_ending_50_ms_of_silence_end_a_frame():
    frames = Frames()
    assert frames.feed(0, b"12345") == []
    assert frames.rest(49) == []
    assert frames.rest(50) == [frame(b"12345", "silence")]
    assert frames.rest(1_000) == []


def test_silence_counts_from_the_last_byte_and_also_when_more_arrives_late():
    frames = Frames()
    frames.feed(0, b"12")
    frames.feed(40, b"34")
    assert frames.rest(80) == []
    assert frames.feed(200, b"56\r") == [frame(b"1234", "silence"), frame(b"56")]


def test_GS_and_every_other_byte_value_pass_unchanged():
    data = bytes(value for value in range(256) if value not in (0x0A, 0x0D))
    assert Frames().feed(0, data + b"\r") == [frame(data)]


def test_empty_frames_and_no_bytes_are_nothing():
    frames = Frames()
    assert frames.feed(0, b"") == []
    assert frames.feed(0, b"\r\n\r\n\n\n\r") == []
    assert frames.rest(1_000) == []


def test_T5_an_overlong_frame_is_cut_marked_and_its_tail_is_no_scan():
    frames = Frames()
    assert frames.feed(0, b"x" * FRAME_BYTES_MAX) == []
    assert frames.feed(1, b"tail that looks like a scan") == [
        frame(b"x" * FRAME_BYTES_MAX, None, overlong=True)
    ]
    assert frames.feed(2, b"more tail\rgood\r") == [frame(b"good")]


def test_T5_the_tail_of_an_overlong_frame_ends_with_silence_too():
    frames = Frames()
    assert len(frames.feed(0, b"x" * 1_000)) == 1
    assert frames.rest(100) == []
    assert frames.feed(101, b"good\r") == [frame(b"good")]


def test_a_frame_of_just_the_bound_is_whole():
    data = b"y" * FRAME_BYTES_MAX
    assert Frames().feed(0, data + b"\r") == [frame(data)]


def test_what_an_unplugged_scanner_had_half_said_is_forgotten():
    frames = Frames()
    frames.feed(0, b"half a co")
    frames.lost()
    assert frames.feed(10, b"whole\r") == [frame(b"whole")]


def test_0x03_ends_a_frame_only_where_asked():
    assert Frames(etx=True).feed(0, b"\x02AB12\x03") == [frame(b"\x02AB12", "ETX")]
    assert Frames().feed(0, b"\x02AB12\x03\r") == [frame(b"\x02AB12\x03")]


@given(st.lists(st.tuples(st.integers(0, 80), st.binary(max_size=300)), max_size=30))
def test_no_bytes_whatever_make_a_frame_longer_than_the_bound_or_with_an_ending_in_it(arrivals):
    frames = Frames()
    now_ms, seen = 0, []
    for wait_ms, data in arrivals:
        now_ms += wait_ms
        seen += frames.feed(now_ms, data)
    seen += frames.rest(now_ms + 50)
    for found in seen:
        assert 0 < len(found.data) <= FRAME_BYTES_MAX
        assert not set(found.data) & {0x0A, 0x0D}
        assert found.overlong == (found.ending is None)


@given(st.binary(max_size=600), st.lists(st.integers(0, 600), max_size=10))
def test_how_bytes_are_cut_into_pieces_makes_no_difference(data, cuts):
    whole = Frames().feed(0, data + b"\r")
    frames, pieces, at = Frames(), [], 0
    for cut in sorted(cuts):
        pieces += frames.feed(0, data[at:cut])
        at = max(at, cut)
    pieces += frames.feed(0, data[at:] + b"\r")
    assert pieces == whole


def test_F15_ten_scans_a_second_pass_and_of_more_the_oldest_are_dropped():
    throttle = Throttle()
    frames = [frame(b"%d" % n) for n in range(50)]
    assert throttle.pass_on(0, frames[:10]) == frames[:10]
    assert throttle.pass_on(100, frames[10:50]) == []
    assert throttle.flood(100) == 30
    assert throttle.pass_on(999, []) == []
    assert throttle.pass_on(1_000, []) == frames[40:50]


def test_F15_a_flood_is_reported_once_a_minute():
    throttle = Throttle()
    reports = []
    for second in range(130):
        now_ms = second * 1_000
        throttle.pass_on(now_ms, [frame(b"x")] * 25)
        dropped = throttle.flood(now_ms)
        if dropped:
            reports.append(now_ms)
    assert reports == [0, 60_000, 120_000]


def test_F15_no_drop_no_report():
    throttle = Throttle()
    for second in range(100):
        throttle.pass_on(second * 1_000, [frame(b"x")] * 10)
        assert throttle.flood(second * 1_000) == 0
