r"""One segment at a time, through the library `hl7`.

A whole parsed tree takes a hundred times the room of its message, so none is kept and none is made:
a segment that somebody asks about is parsed alone and dropped. Three traps of the library are met
here and nowhere else. It removes the text of an escape it does not know (a site's name with a
backslash in it would lose words) and writes the field, a patient's name, into the log; so only
sequences that the standard knows are handed to it, one by one, and the rest stays as sent. It reads
`\X..\` as code points; here they are bytes in the message's own character set. It counts fields
of MSH from the separator; so do we, because people who read error messages do.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

import hl7

from pharmacy.hl7.said import AmountFacts, Coded, Note, Person, When
from pharmacy.hl7.times import moment

SEGMENT_CHARS_MAX = 65_536
"""A segment we act upon is never longer; longer ones are refused, not parsed."""
REPEATS_MAX = 64
"""More repetitions of one field than this are noted and not read."""
TEXT_CHARS_MAX = 2_000
"""No text of a message is kept longer than this."""

NOTHING = '""'
"""How a sender says: delete what you have."""

_DECIMAL = re.compile(r"\d{1,12}(?:\.\d{0,9})?|\.\d{1,9}")


class SegmentTooLongError(ValueError):
    """A segment that we act upon is longer than any real one."""


class Reader:
    """How to read the segments of one message: separators, character set, the site's zone."""

    def __init__(self, separators: str, charset: str, zone: ZoneInfo) -> None:
        self.separators = separators
        self.charset = charset
        self.zone = zone
        esc = re.escape(separators[3])
        self._known = re.compile(
            rf"{esc}(?:[FSTREHN]|X(?:[0-9A-Fa-f]{{2}})+|\.(?:br|sp|fi|nf|in|ti|sk|ce)[+-]?\d{{0,2}})"
            rf"{esc}"
        )
        self._head = f"MSH{separators[0]}{separators[1:]}{separators[0]}"
        self._plain = hl7.parse(self._head)

    def plain(self, text: str) -> str:
        """A text with its escapes resolved, trimmed and bounded; `""` gives empty."""
        if text == NOTHING:
            return ""
        if self.separators[3] in text:
            text = self._known.sub(lambda match: self._resolve(match.group(0)), text)
        return text.strip()[:TEXT_CHARS_MAX]

    def _resolve(self, sequence: str) -> str:
        body = sequence[1:-1]
        if body.startswith("X"):
            text = bytes.fromhex(body[1:]).decode(self.charset, errors="replace")
            return "".join(c if c.isprintable() else " " for c in text)
        if body in {"H", "N"}:
            return ""
        if body.startswith("."):
            return " "
        return str(self._plain.unescape(sequence))

    def parse(self, line: str) -> hl7.Segment:
        """The library's segment for one line.

        Raises:
            SegmentTooLongError: longer than any real one.
        """
        if len(line) > SEGMENT_CHARS_MAX:
            raise SegmentTooLongError(line[:3])
        if line.startswith("MSH"):
            return hl7.parse(line)[0]
        return hl7.parse(f"{self._head}\r{line}")[1]


class Segment:
    """One segment; fields, components and subcomponents are counted from 1."""

    __slots__ = ("_parsed", "line", "name", "reader")

    def __init__(self, line: str, reader: Reader) -> None:
        self.line = line
        self.name = line[:3]
        self.reader = reader
        self._parsed: hl7.Segment | None = None

    def _field(self, field: int) -> object:
        if self._parsed is None:
            self._parsed = self.reader.parse(self.line)
        return self._parsed[field] if field < len(self._parsed) else ""

    def repeats(self, field: int) -> int:
        """How many repetitions the field has (at most `REPEATS_MAX`)."""
        value = self._field(field)
        if isinstance(value, hl7.Field):
            return min(len(value), REPEATS_MAX) if str(value) else 0
        return 1 if str(value) else 0

    def raw(self, field: int, component: int = 1, repeat: int = 1, sub: int = 1) -> str:
        """The text as sent, escapes and `""` included; empty when there is none."""
        value = self._field(field)
        for kind, index in (
            (hl7.Field, repeat),
            (hl7.Repetition, component),
            (hl7.Component, sub),
        ):
            if isinstance(value, kind):
                if index > len(value):
                    return ""
                value = value[index - 1]
            elif index > 1:
                return ""
        return str(value).strip()

    def text(self, field: int, component: int = 1, repeat: int = 1, sub: int = 1) -> str:
        """The text with escapes resolved; empty when absent or `""`."""
        return self.reader.plain(self.raw(field, component, repeat, sub))

    def whole(self, field: int) -> str:
        """The whole field as sent, every separator included."""
        return str(self._field(field)).strip()

    def deleted(self, field: int, component: int = 1, repeat: int = 1) -> bool:
        """Whether the sender asks to delete this."""
        return self.raw(field, component, repeat) == NOTHING

    def coded(self, field: int, repeat: int = 1, first: int = 1) -> Coded:
        """Three components from `first` as a code."""
        return Coded(
            self.text(field, first, repeat),
            self.text(field, first + 1, repeat),
            self.text(field, first + 2, repeat),
        )

    def person(self, field: int, repeat: int = 1) -> Person | None:
        """An XCN (or PPN): id, family, given, title; None when nothing is said."""
        person = Person(
            id=self.text(field, 1, repeat),
            family=self.text(field, 2, repeat),
            given=self.text(field, 3, repeat),
            title=self.text(field, 6, repeat),
            authority=self.text(field, 9, repeat),
        )
        return person if person.id or person.family or person.given else None

    def when(
        self, field: int, notes: list[Note], component: int = 1, repeat: int = 1
    ) -> When | None:
        """A moment; one that cannot be read is noted."""
        text = self.text(field, component, repeat)
        if not text:
            return None
        found = moment(text, self.reader.zone)
        if found is None:
            notes.append(Note(self.name, field, "A date or time here could not be read."))
        return found

    def decimal(
        self, field: int, notes: list[Note], component: int = 1, repeat: int = 1, sub: int = 1
    ) -> Decimal | None:
        """An exact amount; anything but plain digits is noted and not guessed at."""
        text = self.text(field, component, repeat, sub)
        if not text:
            return None
        found = decimal(text)
        if found is None:
            notes.append(Note(self.name, field, "An amount here is not a plain number."))
        return found

    def amount(
        self, low: int, high: int | None, unit: int, notes: list[Note]
    ) -> AmountFacts | None:
        """An amount in three fields: minimum, maximum (or None), unit."""
        least = self.decimal(low, notes)
        most = self.decimal(high, notes) if high is not None else None
        if least is None and most is None:
            return None
        return AmountFacts(low=least, high=most, unit=self.coded(unit))

    def quantity(self, field: int, notes: list[Note], repeat: int = 1) -> AmountFacts | None:
        """An amount in one field (CQ): `7^mg`, `1^385055001&Tablet&SCT`."""
        least = self.decimal(field, notes, 1, repeat)
        if least is None:
            return None
        unit = Coded(*(self.text(field, 2, repeat, sub) for sub in (1, 2, 3)))
        return AmountFacts(low=least, unit=unit)

    def texts(self, field: int) -> Iterator[str]:
        """The words of each repetition: the second component where it has one, else the first."""
        for repeat in range(1, self.repeats(field) + 1):
            words = self.text(field, 2, repeat) or self.text(field, 1, repeat)
            if words:
                yield words


def decimal(text: str) -> Decimal | None:
    """Plain digits with at most one point as an exact number; None for anything else."""
    if not (text.isascii() and _DECIMAL.fullmatch(text)):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
