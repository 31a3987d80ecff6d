"""From bytes to facts: the door of this package.

`understand` never raises and never returns nothing: any bytes give `MessageFacts` or
`NotUnderstood`, and both carry what an acknowledgement needs. Who answers what (HL7 2.5.1, 2.9.2):

- a kind of message we do not take, a version or separators we cannot read: AR, reject; sending it
  again will not help;
- a message of a kind we take with something wrong in it: AE, error, with segment and field;
- everything else: AA, even when a person must look at it before anything changes. Then it is ours
  to chase, not the sender's.

`NMD^N02` (application management) is the ePMA's heartbeat: it says "I am alive" and nothing else.
Any other valid message says the same by being sent.
"""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import msgspec
import structlog

from pharmacy.hl7.adt import understand_adt
from pharmacy.hl7.clean import clean, pieces, refused
from pharmacy.hl7.facts import Header, MessageFacts, Note, NotUnderstood
from pharmacy.hl7.given import understand_dispensed, understand_given
from pharmacy.hl7.header import read_header
from pharmacy.hl7.nhs import TEST_NUMBER
from pharmacy.hl7.orders import understand_orders
from pharmacy.hl7.reading import Reader, Segment, SegmentTooLongError

SITE_ZONE = "Europe/London"
"""Where no offset is said, times are the ward's."""

_log = structlog.get_logger()

Taker = Callable[[Header, list[Segment], list[Note]], MessageFacts | NotUnderstood]

_TAKERS: dict[str, tuple[Taker, frozenset[str]]] = {
    "ADT": (understand_adt, frozenset()),
    "RDE": (understand_orders, frozenset(("O01", "O11", "O25", "O49", ""))),
    "OMP": (understand_orders, frozenset(("O09", "O01", ""))),
    "ORM": (understand_orders, frozenset(("O01", ""))),
    "RDS": (understand_dispensed, frozenset(("O13", "O01", ""))),
    "RAS": (understand_given, frozenset(("O17", "O01", ""))),
}
"""Message codes we take, with their events (empty: the taker has a table of its own)."""


def understand(raw: bytes, zone: str = SITE_ZONE) -> MessageFacts | NotUnderstood:
    """Say what one message says.

    Args:
        raw: the bytes as received, without MLLP framing (remnants of it are taken off).
        zone: the site's time zone, for times sent without an offset.
    """
    try:
        return _understand(raw, ZoneInfo(zone))
    except SegmentTooLongError as error:
        result = refused(
            "AE", 102, str(error), 0, "This segment is longer than any real one (64 KiB). "
            "Nothing was applied. Shorten it and send the message again.",
        )  # fmt: skip
    except Exception as error:  # noqa: BLE001 - the last line of defence of the feed
        _log.error("hl7.fault", error=type(error).__name__, where=_where(error))
        result = refused(
            "AE", 207, "", 0, "The message could not be read, by a fault of ours. Nothing was "
            "applied. It is kept; the pharmacy's staff look at it.",
        )  # fmt: skip
    return msgspec.structs.replace(result, header=header_of(raw, zone))


def understand_all(
    raw: bytes, zone: str = SITE_ZONE
) -> tuple[tuple[bytes, MessageFacts | NotUnderstood], ...]:
    """Every message of a batch, a file, or one frame, each with its own bytes."""
    return tuple((piece, understand(piece, zone)) for piece in pieces(raw) or (raw,))


def header_of(raw: bytes, zone: str = SITE_ZONE) -> Header:
    """What can be read of MSH alone, for answering what cannot be understood; never raises."""
    try:
        head = clean(raw[:16_384].replace(b"\n", b"\r").lstrip().split(b"\r")[0])
        if isinstance(head, NotUnderstood):
            return Header()
        reader = Reader(head.separators, head.charset, ZoneInfo(zone))
        return read_header([Segment(head.segments[0], reader)], [])
    except Exception:  # noqa: BLE001 - without a header the answer is addressed to nobody
        return Header()


def _understand(raw: bytes, zone: ZoneInfo) -> MessageFacts | NotUnderstood:
    cleaned = clean(raw)
    if isinstance(cleaned, NotUnderstood):
        return msgspec.structs.replace(cleaned, header=header_of(raw, zone.key))
    reader = Reader(cleaned.separators, cleaned.charset, zone)
    segments = [Segment(line, reader) for line in cleaned.segments]
    notes = list(cleaned.notes)
    header = read_header(segments, notes)
    result = _dispatch(header, segments, notes)
    if isinstance(result, NotUnderstood):
        return msgspec.structs.replace(result, header=header)
    return result


def _dispatch(
    header: Header, segments: list[Segment], notes: list[Note]
) -> MessageFacts | NotUnderstood:
    if header.version and not header.version.startswith("2"):
        return refused(
            "AR", 203, "MSH", 12, "This version of HL7 is not taken here, only version 2. "
            "Nothing was applied.",
        )  # fmt: skip
    if not header.version:
        notes.append(Note("MSH", 12, "No version is said; read as version 2."))
    if not header.kind:
        return refused(
            "AR", 200, "MSH", 9, "The message does not say what it is (MSH-9). Nothing was "
            "applied. Send it again with its type.",
        )  # fmt: skip
    if not header.control_id:
        notes.append(Note("MSH", 10, "No control id; a second sending cannot be recognised."))
    if header.kind == "NMD":
        return MessageFacts(kind="alive", header=header, notes=tuple(notes))
    taker, events = _TAKERS.get(header.kind, (None, frozenset()))
    if taker is None:
        return refused(
            "AR", 200, "MSH", 9, "This kind of message is not taken here: only ADT, RDE, OMP, ORM, "
            "RDS, RAS and NMD. It is kept and was not applied.",
        )  # fmt: skip
    if events and header.event not in events:
        return refused(
            "AR", 201, "MSH", 9, "This event does not belong to this kind of message. "
            "It is kept and was not applied.",
        )  # fmt: skip
    _unread(segments, notes)
    result = taker(header, segments, notes)
    if isinstance(result, MessageFacts) and header.processing in {"T", "D"}:
        # Numbers kept for tests are no surprise in a message that says it is one.
        kept = tuple(note for note in result.notes if note.what != TEST_NUMBER)
        return msgspec.structs.replace(result, notes=kept)
    return result


_READ = frozenset(
    [
        "MSH",
        "SFT",
        "EVN",
        "PID",
        "PD1",
        "NK1",
        "PV1",
        "PV2",
        "MRG",
        "AL1",
        "IAM",
        "ORC",
        "TQ1",
        "TQ2",
        "RXO",
        "RXE",
        "RXR",
        "RXC",
        "RXD",
        "RXA",
        "NTE",
        "OBR",
        "OBX",
        "DG1",
        "PR1",
        "GT1",
        "IN1",
        "IN2",
        "IN3",
        "ROL",
        "PRT",
        "DB1",
        "ACC",
        "ARV",
        "UAC",
        "DRG",
        "PDA",
        "CON",
        "CTD",
        "FT1",
        "BLG",
        "CTI",
        "CDO",
        "UB1",
        "UB2",
        "ODS",
        "ODT",
        "SPM",
        "SAC",
        "RF1",
        "RGS",
        "ABS",
        "OH1",
        "OH2",
        "OH3",
        "OH4",
    ]
)
"""Segments of the standard that stand in such messages; the ones we do not use are known."""


def _unread(segments: list[Segment], notes: list[Note]) -> None:
    """Name each segment that the standard does not have here, once."""
    names = sorted({segment.name for segment in segments} - _READ)[:8]
    notes.extend(Note(name, 0, "This segment is not one we read; it is kept.") for name in names)


def _where(error: BaseException) -> str:
    """File and line of a fault, without a word of the message it happened on."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
