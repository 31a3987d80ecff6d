"""The small words of HL7 facts: a note, a moment, a code, a number, a person, an amount.

They stand apart from `facts` only so that each file can be read in one sitting; users import them
from `pharmacy.hl7.facts`.
"""

from decimal import Decimal
from typing import Literal

import msgspec


class Note(msgspec.Struct, frozen=True):
    """Something a person should know about a message: a doubt, or a thing not understood.

    Attributes:
        segment: three letters, or empty for the whole message.
        field: number of the field from 1, 0 for the whole segment.
        what: one plain sentence.
        stop: the message or order it belongs to must not be applied without a person.
    """

    segment: str
    field: int
    what: str
    stop: bool = False


class When(msgspec.Struct, frozen=True):
    """A moment as sent.

    Attributes:
        text: the digits as sent, `20260401083000+0100`.
        at_s: its first second, since 1970.
        precision: how exactly it was said.
        zone_given: the sender gave the offset; otherwise it was read in the site's own zone.
    """

    text: str
    at_s: int
    precision: Literal["year", "month", "day", "hour", "minute", "second"]
    zone_given: bool = False


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends what to whom (MSH); all an acknowledgement needs.

    Attributes:
        kind: message code, `ADT`.
        event: trigger event, `A01`; from MSH-9, never from EVN-1.
        occurred: when it happened (EVN-6), else when it was recorded (EVN-2), else MSH-7.
        accept_ack, application_ack: MSH-15 and MSH-16 (`AL NE ER SU` or empty).
        separators: field, component, repetition, escape and subcomponent separator.
    """

    control_id: str = ""
    kind: str = ""
    event: str = ""
    structure: str = ""
    version: str = ""
    processing: str = ""
    sender: str = ""
    sender_facility: str = ""
    receiver: str = ""
    receiver_facility: str = ""
    sent: When | None = None
    occurred: When | None = None
    accept_ack: str = ""
    application_ack: str = ""
    charset: str = ""
    separators: str = "|^~\\&"


class Coded(msgspec.Struct, frozen=True):
    """A code in somebody's code system, and its words."""

    code: str = ""
    text: str = ""
    system: str = ""

    @property
    def words(self) -> str:
        """The text, or the code where there is none."""
        return self.text or self.code


class Identifier(msgspec.Struct, frozen=True):
    """A number of a patient or visit.

    Attributes:
        authority: who gave it: `NHS`, `RXH`, ...
        type: HL7 table 0203: `MR`, `NH`, `AN`, `SS`, `VN`, ...
        value: as sent, without spaces around it.
    """

    authority: str
    type: str
    value: str


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff as named in a message."""

    id: str = ""
    family: str = ""
    given: str = ""
    title: str = ""
    authority: str = ""


class AmountFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An exact amount, or a range, of a unit as sent. `low` alone when no range was said."""

    low: Decimal | None = None
    high: Decimal | None = None
    unit: Coded = Coded()


class NotUnderstood(msgspec.Struct, frozen=True, kw_only=True):
    """Why a message cannot be applied at all; it is kept, answered and shown to a person.

    Attributes:
        answer: `AE` for wrong content, `AR` for a kind of message we do not take.
        code: HL7 table 0357: 100 segment sequence, 101 required field missing, 102 data type,
            103 table value not found, 200 unsupported message type, 201 unsupported event,
            202 unsupported processing id, 203 unsupported version, 207 internal.
        segment, field: where; empty and 0 when it is the whole message.
        sentence: what happened, what is safe, what to do next.
        header: what could still be read of MSH.
    """

    answer: Literal["AE", "AR"]
    code: int
    segment: str
    field: int
    sentence: str
    header: Header = Header()
