"""The grammar of a scan: what bytes from a barcode reader may mean here, and nothing else (T5, T6).

A scan is hostile until it has a meaning. In this order, and the first rule broken is the one named:

1. at most 256 bytes, ASCII, no control character but GS (0x1D), and GS only in GS1 data;
2. the reader's symbology prefix (AIM, `]d2`) says what kind of data follows. Without it GS1 data is
   refused: batch and expiry would be guessed at. A reader that stops sending it, because somebody
   showed it a configuration barcode, is noticed at the next pack;
3. GS1 data is taken apart by biip, element by element, with three rules of our own, because biip
   (5.2) accepts them broken: the check digits of (01) and (8018); a separator, or the end, after
   every element of variable length; no element twice. Where no separator came at all and the last
   element could hide another one, the reader has lost FNC1 and the pack is refused: of 18 real
   packs 9 would have given a wrong batch in silence;
4. everything else is one of few short codes: EAN, in-house code, NHS number, hospital number, and
   in a demonstration a badge. What fits none of them, or two of them, is refused.

The years of expiry dates are of this century: biip asks the system clock for the century, and a Pi
that has lost its time would print 1927 on a pack.
"""

import calendar
import re
from typing import TYPE_CHECKING, Annotated

import msgspec

from statemachine.refusals import Reason

if TYPE_CHECKING:
    from biip.gs1_element_strings import GS1ElementString

SCAN_BYTES_MAX = 256
"""The longest scan that is looked at (T5)."""
GS = "\x1d"
GS1_PREFIXES = frozenset({"]d2", "]C1", "]e0", "]Q3", "]J1"})
"""GS1 DataMatrix, GS1-128, GS1 DataBar and composite, GS1 QR, GS1 DotCode (HARDWARE)."""
EAN_DIGITS = {"]E0": 13, "]E4": 8}
"""EAN-13 (UPC-A arrives as 13 digits too) and EAN-8."""
PLAIN_PREFIXES = frozenset({"]C0", "]d1", "]Q1", "]J0", "]A0"})
"""Code 128, Data Matrix, QR, DotCode, Code 39 without GS1 structure: short codes of the house."""
TICKET_PREFIX = "ODC-TICKET:"
"""What a bedside ticket's 2D code begins with (RULES 3 b)."""
HIDDEN_SERIAL_MIN = 6
"""A hidden (21) shorter than this is taken for a part of the batch."""

Pattern = Annotated[str, msgspec.Meta(max_length=100)]


class ScanRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan may be on this site.

    Attributes:
        badge_prefix: the demo's badges are barcodes that begin with this; empty on a real
            cabinet, which refuses barcode badges (RULES 2).
        house_pattern: what an in-house pack code looks like; empty: there are none.
        mrn_pattern: what a plain hospital number looks like; empty: only inside (91).
        ods_code: the hospital's code, which (91) begins with; empty: (91) is the number alone.
        gsrn_prefix: the company prefix of wristbands; empty: any, since NHS's own is unconfirmed.
    """

    badge_prefix: Pattern = ""
    house_pattern: Pattern = "[0-9]{7}"
    mrn_pattern: Pattern = ""
    ods_code: Pattern = ""
    gsrn_prefix: Pattern = ""


class Pack(msgspec.Struct, frozen=True):
    """A pack: GTIN-14 or in-house code; lot, expiry (`YYYY-MM-DD`) and serial where it has them."""

    code: str
    lot: str = ""
    expires: str = ""
    serial: str = ""


class Band(msgspec.Struct, frozen=True):
    """A wristband: NHS number, hospital number, or both."""

    nhs: str = ""
    mrn: str = ""


class Ticket(msgspec.Struct, frozen=True):
    """What says it is a bedside ticket; its signature and age are checked by the translator."""

    text: str


class Badge(msgspec.Struct, frozen=True):
    """A barcode that stands for a badge: demonstrations only."""

    badge: str


class Refused(msgspec.Struct, frozen=True):
    """No meaning here. The text is not kept."""

    reason: Reason


Scan = Pack | Band | Ticket | Badge | Refused


class _No(Exception):  # noqa: N818 - an answer on its way out of the grammar, not a defect
    """Carries the reason out of the grammar."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def read_scan(frame: bytes, rules: ScanRules) -> Scan:
    """The meaning of one frame, or why it has none. Total: never raises."""
    try:
        return _read(frame, rules)
    except _No as no:
        return Refused(no.reason)


def warm() -> None:
    """Import biip now (100 ms), so that the first scan does not wait; fit for a thread."""
    import biip.gs1_element_strings  # noqa: F401 - importing is the point


def check_digit_right(digits: str) -> bool:
    """Whether the last of these digits is the GS1 mod-10 check digit of the others."""
    total = sum(
        int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits))
    )
    return total % 10 == 0


def nhs_number_right(text: str) -> bool:
    """Whether this is ten digits with the mod-11 check digit of an NHS number.

    Ranges are not looked at: they only ever warn (TOOLS), and a check digit of 10 never matches.
    """
    if len(text) != 10 or not (text.isascii() and text.isdigit()):
        return False
    weighted = sum(int(digit) * (10 - place) for place, digit in enumerate(text[:9]))
    return (11 - weighted % 11) % 11 == int(text[9]) and len(set(text)) > 1


def _read(frame: bytes, rules: ScanRules) -> Scan:
    if len(frame) > SCAN_BYTES_MAX:
        raise _No(Reason.SCAN_TOO_LONG)
    if not frame:
        raise _No(Reason.SCAN_UNREADABLE)
    if not frame.isascii():
        raise _No(Reason.SCAN_UNREADABLE)
    text = frame.decode("ascii")
    if any((char < " " and char != GS) or char == "\x7f" for char in text):
        raise _No(Reason.SCAN_CONTROL)
    prefix, data = (text[:3], text[3:]) if text.startswith("]") else ("", text)
    if prefix in GS1_PREFIXES:
        return _gs1(data, rules)
    if GS in text:
        raise _No(Reason.SCAN_CONTROL if prefix else Reason.SCAN_NO_PREFIX)
    if prefix in EAN_DIGITS:
        return _ean(data, EAN_DIGITS[prefix])
    if prefix and prefix not in PLAIN_PREFIXES:
        raise _No(Reason.SCAN_UNKNOWN)
    return _plain(data, rules, prefixed=bool(prefix))


def _ean(data: str, digits: int) -> Pack:
    if len(data) != digits or not data.isdigit():
        raise _No(Reason.SCAN_UNREADABLE)
    if not check_digit_right(data):
        raise _No(Reason.SCAN_CHECK_DIGIT)
    return Pack(data.rjust(14, "0"))


def _plain(data: str, rules: ScanRules, *, prefixed: bool) -> Scan:
    if data.startswith(TICKET_PREFIX):
        return Ticket(data.removeprefix(TICKET_PREFIX))
    meanings: list[Scan] = []
    if rules.badge_prefix and data.startswith(rules.badge_prefix):
        badge = data.removeprefix(rules.badge_prefix)
        if 0 < len(badge) <= 64:
            meanings.append(Badge(badge))
    if rules.house_pattern and re.fullmatch(rules.house_pattern, data):
        meanings.append(Pack(data))
    if nhs_number_right(data):
        meanings.append(Band(nhs=data))
    if rules.mrn_pattern and re.fullmatch(rules.mrn_pattern, data):
        meanings.append(Band(mrn=data))
    if len(meanings) == 1:
        return meanings[0]
    if not meanings and not prefixed and _looks_like_gs1(data):
        raise _No(Reason.SCAN_NO_PREFIX)
    raise _No(Reason.SCAN_UNKNOWN)


def _looks_like_gs1(data: str) -> bool:
    """An EAN, a GTIN or an element string from a reader that does not say which."""
    return re.fullmatch(r"\d{8}|\d{12,14}|\(?(01|02|8018)\)?\d{14}.*", data) is not None


def _gs1(data: str, rules: ScanRules) -> Scan:
    found = _elements(data)
    if "01" in found and "8018" in found:
        raise _No(Reason.SCAN_UNKNOWN)
    if "01" in found:
        return _pack(found)
    if "8018" in found or "91" in found:
        return _band(found, rules)
    raise _No(Reason.SCAN_UNKNOWN)


def _elements(data: str) -> dict[str, str]:
    """Element strings by application identifier."""
    if not data:
        raise _No(Reason.SCAN_UNREADABLE)
    found: dict[str, str] = {}
    rest, last = data, ""
    while rest:
        element = _next_element(rest)
        identifier = element.ai.ai
        if identifier in found:
            raise _No(Reason.SCAN_UNREADABLE)
        found[identifier] = element.value
        rest = rest[len(element) :]
        if rest.startswith(GS):
            rest = rest[1:]
        elif rest and element.ai.separator_required:
            raise _No(Reason.SCAN_UNREADABLE)  # longer than allowed: FNC1 was lost
        last = identifier if element.ai.separator_required else ""
    if last and GS not in data and _hides_another(found[last], found):
        raise _No(Reason.SCAN_UNREADABLE)
    return found


def _next_element(rest: str) -> "GS1ElementString":
    from biip import ParseConfig, ParseError
    from biip.gs1_element_strings import GS1ElementString

    try:
        return GS1ElementString.extract(
            rest, config=ParseConfig(gs1_element_strings_verify_date=False)
        )
    except (ParseError, ArithmeticError, LookupError, ValueError) as error:
        raise _No(Reason.SCAN_UNREADABLE) from error


def _hides_another(value: str, found: dict[str, str]) -> bool:
    """Whether a last element, unseparated, could be two: its own end and one the pack lacks.

    Packs carry (17), (10) and (21) in any order; only those missing so far can hide.
    """
    for place in range(1, len(value) - 2):
        identifier, inner = value[place : place + 2], value[place + 2 :]
        if identifier in found:
            continue
        if identifier == "17" and re.match(r"\d{6}", inner) and _date(inner[:6]):
            return True
        if identifier == "21" and len(inner) >= HIDDEN_SERIAL_MIN:
            return True
        if identifier == "10" and "17" in found and len(inner) >= 4 and "21" in found:
            return True
    return False


def _pack(found: dict[str, str]) -> Pack:
    code = found["01"]
    if not check_digit_right(code):
        raise _No(Reason.SCAN_CHECK_DIGIT)
    expires = ""
    written = found.get("17", found.get("7003", ""))[:6]
    if written:
        expires = _date(written)
        if not expires:
            raise _No(Reason.SCAN_UNREADABLE)
    return Pack(code, found.get("10", ""), expires, found.get("21", ""))


def _date(digits: str) -> str:
    """`YYMMDD` of this century as `YYYY-MM-DD`; day 00 is the month's last; empty when none."""
    year, month, day = 2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if not 1 <= month <= 12:
        return ""
    last = calendar.monthrange(year, month)[1]
    if day > last:
        return ""
    return f"{year:04}-{month:02}-{day or last:02}"


def _band(found: dict[str, str], rules: ScanRules) -> Band:
    nhs, mrn = "", found.get("91", "")
    if "8018" in found:
        number = found["8018"]
        if not check_digit_right(number):
            raise _No(Reason.SCAN_CHECK_DIGIT)
        if rules.gsrn_prefix and not number.startswith(rules.gsrn_prefix):
            raise _No(Reason.SCAN_UNKNOWN)
        nhs = number[7:17]
        if not nhs_number_right(nhs):
            if not mrn:
                raise _No(Reason.SCAN_CHECK_DIGIT)
            nhs = ""
    if mrn and rules.ods_code:
        if not mrn.startswith(rules.ods_code):
            raise _No(Reason.SCAN_UNKNOWN)
        mrn = mrn.removeprefix(rules.ods_code)
    if not nhs and not mrn:
        raise _No(Reason.SCAN_UNKNOWN)
    return Band(nhs, mrn)
