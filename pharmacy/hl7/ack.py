"""Acknowledgements: what the sender hears.

Original mode, always: MSA says AA, AE or AR, repeats the sender's control id, and ERR says where
and why. The shape of ERR changed with version 2.5, so the answer is written in the version of the
question: before, one field `segment^sequence^field^code&text`; from 2.5 on location, code, severity
and a sentence for people. Before 2.5 the sentence stands in MSA-3, where old senders look for it.

The answer is written in ASCII with escapes, with the separators of the question when those are
usable, and is bounded: nothing of the sender's but a few names comes back. A batch is answered by a
batch of as many acknowledgements.
"""

from collections.abc import Sequence

from pharmacy.hl7.facts import Header, MessageFacts, NotUnderstood

OUR_NAME = "OPEN-DRUG-CABINET"
"""MSH-3 of everything we send."""
OUR_FACILITY = "PHARMACY"
"""MSH-4 when the sender did not say whom it wrote to."""

_WORDS = {
    100: "Segment sequence error",
    101: "Required field missing",
    102: "Data type error",
    103: "Table value not found",
    200: "Unsupported message type",
    201: "Unsupported event code",
    202: "Unsupported processing id",
    203: "Unsupported version id",
    204: "Unknown key identifier",
    205: "Duplicate key identifier",
    206: "Application record locked",
    207: "Application internal error",
}
"""HL7 table 0357."""
_SENTENCE_CHARS_MAX = 250
_USUAL = "|^~\\&"


def escape(text: str, separators: str) -> str:
    r"""Text as it may stand in a field: separators escaped, anything but ASCII as `\X..\`."""
    field, component, repetition, esc, sub = tuple(separators)
    names = {field: "F", component: "S", repetition: "R", esc: "E", sub: "T"}
    out: list[str] = []
    for char in text:
        if char in names:
            out.append(f"{esc}{names[char]}{esc}")
        elif char.isascii() and char.isprintable():
            out.append(char)
        elif char.isprintable():
            out.append(f"{esc}X{char.encode().hex().upper()}{esc}")
        else:
            out.append(" ")
    return "".join(out)


def acknowledge(result: MessageFacts | NotUnderstood, own_id: str, at: str) -> bytes:
    """The answer to one message.

    Args:
        result: what `understand` said.
        own_id: our control id for the answer (at most 20 characters).
        at: now, `YYYYMMDDHHMMSS+ZZZZ`.
    """
    if isinstance(result, MessageFacts):
        return answer(result.header, "AA", own_id, at)
    return answer(
        result.header,
        result.answer,
        own_id,
        at,
        code=result.code,
        segment=result.segment,
        field=result.field,
        sentence=result.sentence,
    )


def answer(
    header: Header,
    said: str,
    own_id: str,
    at: str,
    *,
    code: int = 0,
    segment: str = "",
    field: int = 0,
    sentence: str = "",
) -> bytes:
    """An acknowledgement for `header`; the feed uses this when applying fails after reading.

    Args:
        header: of the message that is answered.
        said: `AA`, `AE` or `AR`.
        own_id: our control id.
        at: now, `YYYYMMDDHHMMSS+ZZZZ`.
        code: HL7 table 0357, 0 for none.
        segment: where it went wrong, or empty.
        field: number of the field, or 0.
        sentence: for people; no patient's name belongs here.
    """
    marks = header.separators if len(header.separators) == 5 else _USUAL
    f, c = marks[0], marks[1]
    version = header.version or "2.4"
    modern = _at_least(version, 2, 5)

    def plain(text: str, most: int = 199) -> str:
        return escape(text[:most], marks)

    kind = f"ACK{c}{plain(header.event, 16)}" if header.event else "ACK"
    if header.event and _at_least(version, 2, 4):
        kind += f"{c}ACK"
    msh = f.join(
        [
            "MSH",
            marks[1:],
            plain(OUR_NAME),
            plain(header.receiver_facility) or OUR_FACILITY,
            plain(header.sender),
            plain(header.sender_facility),
            at,
            "",
            kind,
            plain(own_id, 20),
            plain(header.processing, 8) or "P",
            plain(version, 16),
        ]
    )
    lines = [msh]
    words = plain(sentence, _SENTENCE_CHARS_MAX)
    msa = ["MSA", said, plain(header.control_id)]
    if sentence and not modern:
        msa.append(words)
    lines.append(f.join(msa))
    if code:
        lines.append(_err(marks, modern=modern, code=code, place=(segment, field), words=words))
    return ("\r".join(lines) + "\r").encode("ascii")


def _err(marks: str, *, modern: bool, code: int, place: tuple[str, int], words: str) -> str:
    f, c, sub = marks[0], marks[1], marks[4]
    segment, field = place
    text = _WORDS.get(code, "Error")
    where = f"{segment}{c}1" + (f"{c}{field}" if field else "") if segment else ""
    if modern:
        return f.join(["ERR", "", where, f"{code}{c}{text}{c}HL70357", "E", "", "", "", words])
    coded = f"{code}{sub}{text}{sub}HL70357"
    return f.join(["ERR", f"{segment}{c}1{c}{field or ''}{c}{coded}"])


def _at_least(version: str, major: int, minor: int) -> bool:
    parts = version.split(".")
    try:
        return (int(parts[0]), int(parts[1]) if len(parts) > 1 else 0) >= (major, minor)
    except ValueError:
        return False


def batch(answers: Sequence[bytes], own_id: str, at: str) -> bytes:
    """Several acknowledgements as one batch; one alone stays as it is."""
    if len(answers) == 1:
        return answers[0]
    head = f"BHS|^~\\&|{OUR_NAME}|{OUR_FACILITY}|||{at}||||{escape(own_id[:20], _USUAL)}"
    body = b"".join(answers)
    return head.encode("ascii") + b"\r" + body + f"BTS|{len(answers)}\r".encode("ascii")
