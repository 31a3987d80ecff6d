"""What a scan means here, and everything that has no meaning here."""

import random

import pytest

from cabinet.scan import (
    Badge,
    Band,
    Pack,
    Refused,
    ScanRules,
    check_digit_right,
    nhs_number_right,
    read_scan,
)
from statemachine.refusals import Reason

SITE = ScanRules(mrn_pattern="H[0-9]{6}", ods_code="RXX")
GTIN = "05012345678900"
BAND = "505089899912345640"
PACK = f"]d201{GTIN}1727123110AB12\x1d21SERIAL0042"


def with_check_digit(digits: str) -> str:
    return next(digits + last for last in "0123456789" if check_digit_right(digits + last))


def test_a_data_matrix_gives_gtin_lot_expiry_and_serial() -> None:
    assert read_scan(PACK.encode(), SITE) == Pack(GTIN, "AB12", "2027-12-31", "SERIAL0042")


@pytest.mark.parametrize("prefix", ["]d2", "]C1", "]e0", "]Q3", "]J1"])
def test_every_gs1_symbology_is_read_the_same(prefix: str) -> None:
    assert read_scan(f"{prefix}01{GTIN}".encode(), SITE) == Pack(GTIN)


def test_a_trailing_separator_is_allowed() -> None:
    assert read_scan(f"]d201{GTIN}10AB\x1d".encode(), SITE) == Pack(GTIN, "AB")


def test_day_00_is_the_last_day_of_its_month() -> None:
    assert read_scan(f"]d201{GTIN}17280200".encode(), SITE) == Pack(GTIN, "", "2028-02-29")


def test_an_expiry_with_hours_is_read_to_the_day() -> None:
    assert read_scan(f"]d201{GTIN}70032705311830".encode(), SITE) == Pack(GTIN, "", "2027-05-31")


def test_a_pack_may_lack_batch_and_expiry() -> None:
    assert read_scan(f"]d201{GTIN}21S1".encode(), SITE) == Pack(GTIN, "", "", "S1")


@pytest.mark.parametrize(
    ("text", "code"),
    [("]E05012345678900", "05012345678900"), ("]E496385074", "00000096385074")],
)
def test_an_ean_becomes_a_gtin_of_14_digits(text: str, code: str) -> None:
    assert read_scan(text.encode(), SITE) == Pack(code)


def test_seven_digits_are_an_in_house_code_with_or_without_a_prefix() -> None:
    assert [read_scan(text, SITE) for text in (b"1234567", b"]C01234567", b"]d11234567")] == [
        Pack("1234567")
    ] * 3


def test_a_wristband_gives_nhs_number_and_hospital_number() -> None:
    gsrn = with_check_digit("5050898" + "9434765919")
    scan = f"]d28018{gsrn}\x1d91RXX00123"
    assert read_scan(scan.encode(), SITE) == Band("9434765919", "00123")


def test_a_wristband_of_a_patient_without_nhs_number_is_found_by_hospital_number() -> None:
    gsrn = with_check_digit("5050898" + "1234567890")
    assert read_scan(f"]d28018{gsrn}\x1d91RXX00123".encode(), SITE) == Band("", "00123")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (b"9434765919", Band(nhs="9434765919")),
        (b"]C09434765919", Band(nhs="9434765919")),
        (b"]C0H123456", Band(mrn="H123456")),
    ],
)
def test_a_plain_number_on_a_band_is_read(text: bytes, meaning: Band) -> None:
    assert read_scan(text, SITE) == meaning


def test_a_real_cabinet_refuses_a_barcode_badge_and_the_demo_takes_it() -> None:
    scan = b"]C0BADGE-B1"
    assert read_scan(scan, SITE) == Refused(Reason.SCAN_UNKNOWN)
    assert read_scan(scan, ScanRules(badge_prefix="BADGE-")) == Badge("B1")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", Reason.SCAN_UNREADABLE),
        (b"]", Reason.SCAN_UNKNOWN),
        (b"]d2", Reason.SCAN_UNREADABLE),
        (b"x" * 257, Reason.SCAN_TOO_LONG),
        (f"01{GTIN}".encode(), Reason.SCAN_NO_PREFIX),
        (f"01{GTIN}1727123110AB\x1d21S".encode(), Reason.SCAN_NO_PREFIX),
        (b"5012345678900", Reason.SCAN_NO_PREFIX),
        (b"8018" + BAND.encode(), Reason.SCAN_NO_PREFIX),
        (f"]d1{GTIN}\x1d10A".encode(), Reason.SCAN_CONTROL),
        (f"]d201{GTIN[:-1]}1".encode(), Reason.SCAN_CHECK_DIGIT),
        (b"]E05012345678901", Reason.SCAN_CHECK_DIGIT),
        (b"]E0501234567891", Reason.SCAN_UNREADABLE),
        (b"]E050123456789", Reason.SCAN_UNREADABLE),
        (b"]E0501234567890X", Reason.SCAN_UNREADABLE),
        (b"]d28018505089894347659190", Reason.SCAN_CHECK_DIGIT),
        (f"]d201{GTIN}17271331".encode(), Reason.SCAN_UNREADABLE),
        (f"]d201{GTIN}17270230".encode(), Reason.SCAN_UNREADABLE),
        (f"]d201{GTIN}01{GTIN}".encode(), Reason.SCAN_UNREADABLE),
        (f"]d201{GTIN}10A\x1d10B".encode(), Reason.SCAN_UNREADABLE),
        (f"]d2\x1d01{GTIN}".encode(), Reason.SCAN_UNREADABLE),
        (f"]d201{GTIN}\x1d\x1d10A".encode(), Reason.SCAN_UNREADABLE),
        (b"]d200373400306809981733", Reason.SCAN_UNKNOWN),
        (b"]d291QYY00123", Reason.SCAN_UNKNOWN),
        (b"]d2https://id.example/01/05012345678900", Reason.SCAN_UNREADABLE),
        ("]d201\u0665".encode(), Reason.SCAN_UNREADABLE),
        (b"\xff\xfe", Reason.SCAN_UNREADABLE),
        (b"1234567 ", Reason.SCAN_UNKNOWN),
        (b"9434765918", Reason.SCAN_UNKNOWN),
        (b"'; DROP TABLE up_line; --", Reason.SCAN_UNKNOWN),
        (b"%s%n{0}$(reboot)", Reason.SCAN_UNKNOWN),
    ],
)
def test_T5_what_has_no_meaning_is_refused_with_its_reason(text: bytes, reason: Reason) -> None:
    assert read_scan(text, SITE) == Refused(reason)


@pytest.mark.parametrize(
    "text",
    [
        f"]d201{GTIN}1727123110AB1221SERIAL0042",
        f"]d201{GTIN}21SERIAL00421727123110AB12",
        f"]d201{GTIN}10AB121727123121SERIAL0042",
        f"]d201{GTIN}172712312112345678901210LOT77",
        f"]d201{GTIN}10ABCDEFGHIJKLMNOPQRST1727123121S",
        "]d280185050898943476591" + "9291RXX00123",
    ],
)
def test_a_pack_whose_separators_were_lost_is_refused_and_not_guessed_at(text: str) -> None:
    assert read_scan(text.encode(), SITE) == Refused(Reason.SCAN_UNREADABLE)


@pytest.mark.parametrize(
    "code",
    [b"\x16M\rTERMID0.", b"$%0100#", b"^#^", b"\x16T\r", b"]C4N00D01", b"%%%HID-KBD", b"\x02\x1bP"],
)
def test_T6_a_configuration_barcode_changes_nothing_here(code: bytes) -> None:
    assert isinstance(read_scan(code, SITE), Refused)


def test_T6_a_scanner_that_stops_sending_its_prefix_is_noticed_at_the_next_pack() -> None:
    assert read_scan(PACK[3:].encode(), SITE) == Refused(Reason.SCAN_NO_PREFIX)


def test_T5_no_control_character_at_any_place_ever_gives_a_meaning() -> None:
    for code in (*range(0x20), 0x7F):
        if code == 0x1D:
            continue
        for place in range(len(PACK) + 1):
            scan = PACK[:place] + chr(code) + PACK[place:]
            assert read_scan(scan.encode(), SITE) == Refused(Reason.SCAN_CONTROL), (code, place)


def test_T5_every_ascii_character_at_every_place_is_refused_or_reads_as_data() -> None:
    for code in range(0x20, 0x7F):
        for place in range(len(PACK)):
            scan = PACK[:place] + chr(code) + PACK[place + 1 :]
            meaning = read_scan(scan.encode(), SITE)
            assert isinstance(meaning, Pack | Refused), (code, place)


def test_T5_random_bytes_never_raise() -> None:
    seed = 20261123
    print("seed", seed)
    dice = random.Random(seed)
    for _ in range(3_000):
        head = dice.choice([b"", b"]d2", b"]C1", b"]d201", b"]d28018", b"]E0", b"]"])
        frame = head + dice.randbytes(dice.randrange(0, 40))
        assert read_scan(frame, SITE) is not None
    for _ in range(3_000):
        digits = "".join(dice.choice("0123456789\x1dAZ") for _ in range(dice.randrange(60)))
        assert read_scan(b"]d2" + digits.encode(), SITE) is not None


def test_a_code_with_two_meanings_on_this_site_is_refused() -> None:
    both = ScanRules(mrn_pattern="[0-9]{7}")
    assert read_scan(b"1234567", both) == Refused(Reason.SCAN_UNKNOWN)


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("9434765919", True),
        ("9990000018", True),
        ("9990000019", False),
        ("9434765918", False),
        ("943476591", False),
        ("94347659190", False),
        ("943476591X", False),
        ("0000000000", False),
        ("1111111111", False),
    ],
)
def test_an_nhs_number_needs_its_check_digit(number: str, right: bool) -> None:
    assert nhs_number_right(number) is right
