"""Scanner and card reader over real pseudo-terminals, read by the real pyserial."""

import pytest

from hal.badge import SerialBadgeReader
from hal.config import SerialReader
from hal.frames import FRAME_BYTES_MAX
from hal.readings import BadgeReading, PartReading, ScanReading
from hal.scanner import SerialScanner
from hal.serial_line import open_port
from sim.serial import PtyCardReader, PtyScanner, SerialToy

GS1 = b"]d201050001234567891727083110AB12\x1d21XYZ"


@pytest.fixture
def toy(tmp_path):
    toy = PtyScanner(tmp_path / "scanner")
    yield toy
    toy.close()


@pytest.fixture
def scanner(toy, heard, tick):
    scanner = SerialScanner(1, lambda: open_port(SerialReader(device=toy.path)), heard.append)
    scanner.poll(tick())
    yield scanner
    scanner.close()


@pytest.fixture
def cards(tmp_path):
    toy = PtyCardReader(tmp_path / "cards")
    yield toy
    toy.close()


@pytest.fixture
def reader(cards, heard, tick):
    reader = SerialBadgeReader(2, lambda: open_port(SerialReader(device=cards.path)), heard.append)
    reader.poll(tick())
    yield reader
    reader.close()


def arrives(part, tick):
    """The bytes that were just sent reach the other end; then one poll."""
    part.wait(5.0)
    tick.now_ms += 1
    part.poll(tick())


def all_arrives(part, tick, heard, count):
    """As many readings as there must be; a pseudo-terminal may hand them over in pieces."""
    for _ in range(200):
        if len(heard) >= count:
            return
        arrives(part, tick)


def scan(mono_ms, frame, overlong=False):
    return ScanReading(mono_ms=mono_ms, panel=1, frame=frame, overlong=overlong)


def test_a_scan_arrives_with_its_symbology_identifier_and_GS(toy, scanner, heard, tick):
    toy.scan(GS1)
    arrives(scanner, tick)
    assert heard == [scan(1_001, GS1)]


@pytest.mark.parametrize("ending", [b"\r", b"\n", b"\r\n"])
def test_every_usual_ending_is_understood(toy, scanner, heard, tick, ending):
    toy.ending = ending
    toy.scan(b"]E05000123456784")
    arrives(scanner, tick)
    tick.turn(scanner.poll, 100)
    assert heard == [scan(1_001, b"]E05000123456784")]


def test_a_scanner_without_an_ending_is_understood_after_50_ms(toy, scanner, heard, tick):
    toy.ending = b""
    toy.scan(b"5000123456784")
    arrives(scanner, tick)
    tick.turn(scanner.poll, 40)
    assert heard == []
    tick.turn(scanner.poll, 10)
    assert heard == [scan(1_051, b"5000123456784")]


def test_T5_every_byte_value_comes_through_the_real_port_unchanged(toy, scanner, heard, tick):
    data = bytes(value for value in range(256) if value not in (0x0A, 0x0D))
    toy.scan(data)
    all_arrives(scanner, tick, heard, 1)
    assert [reading.frame for reading in heard] == [data]


def test_T5_a_code_of_thousands_of_characters_is_one_cut_scan(toy, scanner, heard, tick):
    toy.scan(b"A" * 3_000)
    toy.scan(b"good")
    all_arrives(scanner, tick, heard, 2)
    assert [(reading.frame, reading.overlong) for reading in heard] == [
        (b"A" * FRAME_BYTES_MAX, True),
        (b"good", False),
    ]


def test_T6_an_ending_that_changes_is_reported_at_the_first_scan(toy, scanner, heard, tick):
    toy.scan(b"one")
    arrives(scanner, tick)
    toy.ending = b"\n"
    toy.scan(b"two")
    toy.scan(b"three")
    all_arrives(scanner, tick, heard, 4)
    assert [type(reading) for reading in heard] == [
        ScanReading,
        PartReading,
        ScanReading,
        ScanReading,
    ]
    assert heard[1].part == "scanner 1"
    assert heard[1].working
    assert "ended with CR and now with LF" in heard[1].reason


def test_F15_a_stuck_trigger_floods_nothing_and_is_said_once(toy, scanner, heard, tick):
    for _ in range(40):
        toy.scan(b"again")
    while toy.lost_bytes == 0 and len(heard) < 11:
        arrives(scanner, tick)
        if tick.now_ms > 1_100:
            break
    scans = [reading for reading in heard if isinstance(reading, ScanReading)]
    reports = [reading for reading in heard if isinstance(reading, PartReading)]
    assert len(scans) == 10
    assert [(r.part, r.working) for r in reports] == [("scanner 1", True)]
    assert "more than 10 scans a second" in reports[0].reason


def test_F15_an_unplugged_scanner_is_reported_once_and_opened_again(toy, scanner, heard, tick):
    toy.send(b"half a co")
    arrives(scanner, tick)
    toy.unplug()
    tick.turn(scanner.poll, 5_000, step_ms=50)
    lost = [reading for reading in heard if isinstance(reading, PartReading)]
    assert [(r.part, r.working) for r in lost] == [("scanner 1", False)]
    assert lost[0].reason
    toy.plug()
    tick.turn(scanner.poll, 30_000, step_ms=50)
    toy.scan(b"whole")
    arrives(scanner, tick)
    rest = heard[heard.index(lost[0]) + 1 :]
    assert [(type(r), getattr(r, "frame", None)) for r in rest] == [
        (PartReading, None),
        (ScanReading, b"whole"),
    ]
    assert rest[0].working


def test_a_scanner_that_was_never_there_is_reported_once_and_found_later(tmp_path, heard, tick):
    reader = SerialReader(device="/dev/absent")
    link = tmp_path / "late"

    def open_late():
        return open_port(SerialReader(device=str(link)) if link.exists() else reader)

    scanner = SerialScanner(1, open_late, heard.append)
    tick.turn(scanner.poll, 10_000, step_ms=50)
    assert [(r.part, r.working) for r in heard] == [("scanner 1", False)]
    toy = PtyScanner(link)
    tick.turn(scanner.poll, 30_000, step_ms=50)
    assert [(r.part, r.working) for r in heard[1:]] == [("scanner 1", True)]
    scanner.close()
    toy.close()


@pytest.mark.usefixtures("scanner")
def test_two_programs_cannot_read_one_scanner(toy):
    with pytest.raises(OSError, match="lock"):
        open_port(SerialReader(device=toy.path))


def test_a_card_is_one_badge_however_long_it_lies_there(cards, reader, heard, tick):
    for _ in range(3):
        cards.present("04A1B2C3")
        arrives(reader, tick)
    tick.turn(reader.poll, 1_500)
    cards.present("04A1B2C3")
    arrives(reader, tick)
    assert [(r.panel, r.badge, r.card) for r in heard] == [(2, "04A1B2C3", "static")] * 2


def test_two_cards_in_a_second_are_two_badges(cards, reader, heard, tick):
    cards.present("04A1B2C3")
    cards.present("04A1B2C4")
    all_arrives(reader, tick, heard, 2)
    assert [r.badge for r in heard] == ["04A1B2C3", "04A1B2C4"]


@pytest.mark.parametrize(
    "data",
    [
        b"ABC\r",
        b"A" * 65 + b"\r",
        b"A" * 5_000 + b"\r",
        b"12 34\r",
        b"1234\x005678\r",
        b"\xff\xfe1234\r",
        b"'; drop table staff\r",
        b"\x1b[2J1234\r",
        b"\x02\x0212345\x03",
    ],
)
def test_what_is_no_card_number_is_no_badge_and_said_once_a_minute(
    cards, reader, heard, tick, data
):
    for _ in range(3):
        cards.send(data)
        arrives(reader, tick)
        tick.turn(reader.poll, 200)
    assert [(type(r), r.part, r.working) for r in heard] == [(PartReading, "card reader 2", True)]
    cards.present("04A1B2C3")
    arrives(reader, tick)
    assert isinstance(heard[-1], BadgeReading)


def test_a_toy_that_is_unplugged_or_full_loses_bytes_and_counts_them(tmp_path):
    toy = SerialToy(tmp_path / "toy")
    toy.unplug()
    toy.send(b"12345")
    assert toy.lost_bytes == 5
    toy.plug()
    for _ in range(100):
        toy.send(b"x" * 1_000)
    assert toy.lost_bytes > 5
    toy.close()
    toy.close()
