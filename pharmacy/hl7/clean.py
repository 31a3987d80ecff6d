"""From bytes as they really arrive to segments that can be read.

Real messages come with byte order marks, line feeds, blank lines, wrappers of batch files, doubled
backslashes, a character set that is not the one declared. All of that is repaired here and noted.
Two things are never repaired, because a repair could change a dose: a control character inside a
segment that we act upon (`50<FS>0 mg` must not become 500 mg), and a message cut off before its
end. Those are refused with the place, and the sender sends again.

Order of the work, which matters: size; transport remnants; character set (MSH-18, read from the
bytes, because text cannot be read before it is known); segments; separators; control characters.
Everything is bounded, nothing raises: any bytes give segments or `NotUnderstood`.
"""

import re
from itertools import pairwise

import msgspec

from pharmacy.hl7.said import Header, Note, NotUnderstood

MESSAGE_BYTES_MAX = 1 << 20
"""One message (ceiling in code)."""
SEGMENTS_MAX = 10_000
"""Segments of one message."""
PIECES_MAX = 1_000
"""Messages of one batch."""
CONTINUATIONS_NOTED = 3
"""Broken lines noted one by one; further ones are joined without a word each."""

ACTED_UPON = frozenset(
    [
        "MSH",
        "EVN",
        "PID",
        "PV1",
        "PV2",
        "MRG",
        "AL1",
        "IAM",
        "ORC",
        "TQ1",
        "RXO",
        "RXE",
        "RXR",
        "RXC",
        "RXD",
        "RXA",
        "NTE",
    ]
)
"""Segments whose content may open a drawer or name a patient."""

_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}(?![A-Za-z0-9])")
_MESSAGE_START = re.compile(rb"(?:(?<=[\r\n\x0b\x1c])|\A)[ \t]*(?=MSH[^A-Za-z0-9\s])")
_WRAPPER = re.compile(rb"[ \t]*(?:FHS|BHS|BTS|FTS)(?![A-Za-z0-9])")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")
_DIRECTION = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

_CHARSETS = {
    "ASCII": "ascii",
    "8859/1": "cp1252",
    "ISO 8859-1": "cp1252",
    "ISO-8859-1": "cp1252",
    "8859/2": "iso8859-2",
    "8859/3": "iso8859-3",
    "8859/4": "iso8859-4",
    "8859/5": "iso8859-5",
    "8859/6": "iso8859-6",
    "8859/7": "iso8859-7",
    "8859/8": "iso8859-8",
    "8859/9": "iso8859-9",
    "8859/15": "iso8859-15",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "UNICODE UTF-16": "utf-8",
    "UNICODE UTF-32": "utf-8",
    "WINDOWS-1252": "cp1252",
    "CP1252": "cp1252",
    "ISO IR87": "iso2022_jp",
    "ISO IR14": "shift_jis",
    "GB 18030-2000": "gb18030",
}
"""HL7 table 0211 and what is written instead of it. A text already turned from UTF-16 to UTF-8
(`unwrap`) is UTF-8 whatever MSH-18 says."""


class Cleaned(msgspec.Struct, frozen=True, kw_only=True):
    """A message fit to be read.

    Attributes:
        segments: one line each, MSH first, no separators repaired inside.
        separators: field, component, repetition, escape, subcomponent.
        charset: Python's name of the character set the bytes really were in.
        notes: what was repaired.
    """

    segments: tuple[str, ...]
    separators: str
    charset: str
    notes: tuple[Note, ...] = ()


def unwrap(raw: bytes) -> bytes:
    """Take off transport remnants and byte order marks; UTF-16 becomes UTF-8."""
    raw = raw.lstrip(b"\x0b \t\r\n")
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if raw.startswith(mark):
            raw = raw[2:].decode(codec, errors="replace").encode("utf-8")
    if raw.startswith((b"M\0S\0H\0", b"\0M\0S\0H")):
        codec = "utf-16-le" if raw[0] else "utf-16-be"
        raw = raw.decode(codec, errors="replace").encode("utf-8")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    body = raw.rstrip(b"\x1a\x1c \t\r\n")
    return body + b"\r" if set(raw[len(body) :]) & {0x1A, 0x1C} else raw


def pieces(raw: bytes) -> tuple[bytes, ...]:
    """Split a batch, a file, or messages written one after another into single messages.

    Wrapper segments (FHS BHS BTS FTS) belong to no message. Bytes before the first MSH that are not
    wrappers are a piece of their own, so that they are refused and seen rather than dropped. More
    than `PIECES_MAX` messages stay one piece, which `clean` refuses.
    """
    raw = unwrap(raw)
    starts = [match.end() for match in _MESSAGE_START.finditer(raw)]
    if not starts or len(starts) > PIECES_MAX:
        return (raw,)
    bounds = [*starts, len(raw)]
    found = [_without_wrappers(raw[: starts[0]])] if starts[0] else []
    found += [_without_wrappers(raw[a:b]) for a, b in pairwise(bounds)]
    return tuple(piece for piece in found if piece.strip(b"\x0b\x1c \t\r\n"))


def _without_wrappers(piece: bytes) -> bytes:
    if b"FHS" not in piece and b"BHS" not in piece and b"TS" not in piece:
        return piece
    lines = re.split(rb"(?<=[\r\n])", piece)
    return b"".join(line for line in lines if not _WRAPPER.match(line))


def clean(raw: bytes) -> Cleaned | NotUnderstood:
    """Make one message readable; see the module's head for what is repaired and what is not."""
    if len(raw) > MESSAGE_BYTES_MAX:
        return refused(
            "AR", 207, "", 0, "The message is longer than 1 MiB. Nothing of it was applied. "
            "Send its parts as messages of their own.",
        )  # fmt: skip
    raw = unwrap(raw)
    start = _MESSAGE_START.search(raw)
    if start is None:
        return refused(
            "AR", 100, "MSH", 0, "This is not an HL7 message: no segment MSH begins it. "
            "Nothing was applied. Check what is sent to this address.",
        )  # fmt: skip
    notes: list[Note] = []
    before, raw = raw[: start.start()], raw[start.end() :]
    if before.strip():
        notes.append(Note("", 0, "Text before the segment MSH was not read.", stop=True))
    separators = _separators(raw, notes)
    if isinstance(separators, NotUnderstood):
        return separators
    text, charset = _decode(raw, separators, notes)
    if text.startswith(f"MSH{separators[0]}{separators[1:4]}{separators[3]}{separators[4:5]}"):
        text = text.replace(separators[3] * 2, separators[3])
        notes.append(Note("MSH", 2, "Every escape character came doubled; read as one."))
    segments = _segments(text, separators, notes)
    segments[:1] = [_head(line, separators) for line in segments[:1]]
    safe = _wrong_shape(segments) or _without_controls(segments, separators, notes)
    if isinstance(safe, NotUnderstood):
        return safe
    return Cleaned(segments=tuple(safe), separators=separators, charset=charset, notes=tuple(notes))


def _head(line: str, separators: str) -> str:
    """MSH with its separators written as they are meant, so that the library can read it."""
    fields = line.split(separators[0])
    return separators[0].join([fields[0], separators[1:], *(fields[2:] or [""])])


def _wrong_shape(segments: list[str]) -> NotUnderstood | None:
    """Too many segments, or more than one message."""
    if len(segments) > SEGMENTS_MAX:
        return refused(
            "AR", 207, "", 0, "The message has more than 10,000 segments. Nothing of it was "
            "applied. Send its parts as messages of their own.",
        )  # fmt: skip
    if sum(line.startswith("MSH") for line in segments) > 1:
        return refused(
            "AE", 100, "MSH", 0, "More than one message came as one. Nothing was applied. "
            "Send each message by itself, or fewer in a batch.",
        )  # fmt: skip
    return None


def refused(answer: str, code: int, segment: str, field: int, sentence: str) -> NotUnderstood:
    """A `NotUnderstood` without a header (the caller adds what can be read of it)."""
    return NotUnderstood(
        answer="AR" if answer == "AR" else "AE",
        code=code,
        segment=segment,
        field=field,
        sentence=sentence,
        header=Header(),
    )


def _separators(raw: bytes, notes: list[Note]) -> str | NotUnderstood:
    """Read MSH-1 and MSH-2; missing ones are the usual ones when nothing clashes."""
    head = raw[3:16].decode("latin-1")
    field = head[0]
    given = re.split(r"[\r\n]", head[1:])[0].split(field)[0]
    if len(given) >= 4 and given[2] == given[3]:
        given = given[:3] + given[4:]  # a doubled backslash: `^~\\&`
    marks = field + given[:4]
    if len(given) < 4:
        marks += "^~\\&"[len(given) :]
        notes.append(Note("MSH", 2, "Not all separators are said; the usual ones were assumed."))
    usable = all(mark.isascii() and mark.isprintable() and not mark.isalnum() for mark in marks)
    if not usable or " " in marks or len(set(marks)) != 5:
        return refused(
            "AR", 102, "MSH", 2, "The separators in MSH-1 and MSH-2 cannot be used: five different "
            "signs are needed, no letters, digits or spaces. Nothing was applied.",
        )  # fmt: skip
    return marks


def _decode(raw: bytes, separators: str, notes: list[Note]) -> tuple[str, str]:
    """Decode by MSH-18; what does not fit is read as UTF-8, else as Windows Latin, and noted."""
    first = re.split(rb"[\r\n]", raw, maxsplit=1)[0].decode("latin-1")
    fields = first.split(separators[0])
    said = fields[17].split(separators[2])[0].strip().upper() if len(fields) > 17 else ""
    codec = _CHARSETS.get(said, "")
    if said and not codec:
        notes.append(Note("MSH", 18, "This character set is not known; names may look wrong."))
    for candidate in dict.fromkeys((codec or "utf-8", "utf-8", "cp1252")):
        try:
            text = raw.decode(candidate)
        except UnicodeDecodeError:
            continue
        if codec and candidate != codec:
            notes.append(
                Note("MSH", 18, f"The bytes are not {said}; read as {candidate}, check the names.")
            )
        return text, candidate
    notes.append(Note("MSH", 18, "Some letters could not be read; check the names."))
    return raw.decode("latin-1"), "latin-1"


def _segments(text: str, separators: str, notes: list[Note]) -> list[str]:
    """Split at CR, LF or both; a line that begins no segment continues the one before it."""
    segments: list[str] = []
    joined = 0
    for raw_line in re.split(r"[\r\n]+", text):
        line = raw_line.strip(" \t")
        if not line:
            continue
        match = _SEGMENT.match(line)
        if match and (len(line) == 3 or line[3] == separators[0]):
            segments.append(line)
            continue
        if segments:
            esc = separators[3]
            segments[-1] += f"{esc}.br{esc}{line}"
            joined += 1
            if joined <= CONTINUATIONS_NOTED:
                notes.append(
                    Note(segments[-1][:3], 0, "A line break stood inside this segment; joined.",
                         stop=segments[-1][:3] in ACTED_UPON - {"NTE"})
                )  # fmt: skip
        if len(segments) > SEGMENTS_MAX:
            break
    return segments


def _without_controls(
    segments: list[str], separators: str, notes: list[Note]
) -> list[str] | NotUnderstood:
    """Refuse control characters where they could change a meaning; elsewhere blank them."""
    safe: list[str] = []
    for sent in segments:
        line = sent
        found = _CONTROL.search(line)
        if found and line[:3] in ACTED_UPON:
            field = line.count(separators[0], 0, found.start()) + (line[:3] == "MSH")
            return refused(
                "AE", 102, line[:3], field, "A control character stands inside this field. "
                "Nothing was applied, because taking it out could change what is meant. "
                "Send the message again.",
            )  # fmt: skip
        if found:
            notes.append(Note(line[:3], 0, "Control characters were replaced by spaces."))
            line = _CONTROL.sub(" ", line)
        if _DIRECTION.search(line):
            notes.append(Note(line[:3], 0, "Invisible characters were taken out."))
            line = _DIRECTION.sub("", line)
        safe.append(line.replace("\t", " "))
    return safe
