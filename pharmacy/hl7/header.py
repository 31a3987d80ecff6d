"""Who sends what: MSH and EVN.

MSH-9 says what a message is. EVN-1 repeats it, and some senders of a cancelled transfer (A12) leave
A02 there: MSH-9 wins, the doubt is noted. Where MSH-9 names no event, EVN-1 does.
"""

import re

from pharmacy.hl7.reading import Segment
from pharmacy.hl7.said import Header, Note

_VERSION = re.compile(r"2\.\d(?:\.\d)?")


def read_header(segments: list[Segment], notes: list[Note]) -> Header:
    """Read MSH and the times of EVN; nothing here refuses."""
    msh = segments[0]
    evn = next((segment for segment in segments if segment.name == "EVN"), None)
    kind, event = msh.text(9).upper(), msh.text(9, 2).upper()
    if not event and " " in kind:
        kind, event = kind.split(" ", 1)
    repeated = evn.text(1).upper() if evn else ""
    if not event and repeated:
        event = repeated
        notes.append(Note("MSH", 9, "No event here; the one in EVN-1 was taken."))
    elif repeated and repeated != event and kind == "ADT":
        notes.append(
            Note("EVN", 1, f"Says {repeated[:8]} where MSH-9 says {event[:8]}; MSH-9 counts.")
        )
    if not msh.text(11):
        notes.append(Note("MSH", 11, "The processing id is empty; read as production."))
    sent = msh.when(7, notes)
    recorded = evn.when(2, notes) if evn else None
    occurred = evn.when(6, notes) if evn else None
    return Header(
        control_id=msh.text(10)[:199],
        kind=kind[:16],
        event=event[:16],
        structure=msh.text(9, 3)[:16],
        version=version(msh),
        processing=msh.text(11)[:8],
        sender=msh.text(3)[:199],
        sender_facility=msh.text(4)[:199],
        receiver=msh.text(5)[:199],
        receiver_facility=msh.text(6)[:199],
        sent=sent,
        occurred=occurred or recorded or sent,
        accept_ack=msh.text(15)[:8],
        application_ack=msh.text(16)[:8],
        charset=msh.text(18)[:32],
        separators=msh.reader.separators,
    )


def version(msh: Segment) -> str:
    """MSH-12 without what some senders write around it (`2.6.1`, `2.5^DEU`); may be empty."""
    said = msh.text(12)[:16]
    match = _VERSION.match(said)
    return match.group(0) if match else said
