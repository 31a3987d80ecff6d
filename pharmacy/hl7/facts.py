"""What an HL7 message says, in the ward's words.

This is the whole language between the HL7 part and the rest of the pharmacy: `understand` makes
these from bytes, `services.feed` applies them to the database. Nothing here names a segment except
where something must be pointed out to a person (`Note`), and nothing is decided here: facts are
what the sender said, not what we believe. Three rules hold everywhere:

- Amounts are exact decimals, as sent. No float, no rounding, no unit conversion (`matching` does
  that, and only on units a pharmacist would call the same).
- "Not said" and "delete what you have" differ. Empty fields are `""`, `None` or `()`; a field sent
  as `""` (two quotes) is named in `deleted`.
- What is not understood is not dropped: it stands in `notes` and a person sees it.
"""

from decimal import Decimal
from typing import Literal

import msgspec

Kind = Literal[
    "admit",
    "transfer",
    "discharge",
    "register",
    "pre-admit",
    "change to in-patient",
    "change to out-patient",
    "update",
    "cancel admit",
    "cancel transfer",
    "cancel discharge",
    "cancel pre-admit",
    "leave",
    "return from leave",
    "cancel leave",
    "cancel return",
    "new person",
    "merge",
    "change identifiers",
    "allergies",
    "pending",
    "for a person",
    "orders",
    "dispensed",
    "given",
    "alive",
]
"""What a message does. `pending` announces something that changes nothing yet; `for a person` is
understood well enough to be kept and shown, and must not be applied by a program."""

Gender = Literal["male", "female", "other", "unknown"]


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


class PatientFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Who the message is about.

    Attributes:
        identifiers: every number sent, in the order sent, NHS number included.
        nhs: ten digits when one was sent and its check digit is right, else empty.
        mrn: the hospital's own number, else the first that is neither NHS number nor social
            security; empty when there is none.
        born: date as sent; may be a year only.
        other_names: further names as sent, `FAMILY, given`.
        account: PID-18.
        deleted: attributes of this struct that the sender asks to be emptied.
    """

    identifiers: tuple[Identifier, ...] = ()
    nhs: str = ""
    mrn: str = ""
    family: str = ""
    given: str = ""
    middle: str = ""
    title: str = ""
    other_names: tuple[str, ...] = ()
    born: When | None = None
    gender: Gender | None = None
    died: When | None = None
    account: str = ""
    deleted: tuple[str, ...] = ()

    @property
    def born_iso(self) -> str:
        """`YYYY-MM-DD`, or empty when the day is not known."""
        if self.born is None or self.born.precision in {"year", "month"}:
            return ""
        return f"{self.born.text[:4]}-{self.born.text[4:6]}-{self.born.text[6:8]}"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A location: ward, room, bed. `text` is the free description (PV1-3.9)."""

    ward: str = ""
    room: str = ""
    bed: str = ""
    facility: str = ""
    building: str = ""
    floor: str = ""
    text: str = ""


class VisitFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The stay the message is about.

    Attributes:
        patient_class: PV1-2: `I` in-patient, `O` out-patient, `E` emergency, `P` pre-admit, ...
        ward: PV1-3.1, else PV1-3.9 (some senders put the ward only there).
        place, prior, temporary, pending: PV1-3, PV1-6, PV1-11, PV1-42.
        number: visit number (PV1-19), else empty.
        expected: PV2-8 expected admission.
        deleted: attributes that the sender asks to be emptied.
    """

    patient_class: str = ""
    ward: str = ""
    room: str = ""
    bed: str = ""
    facility: str = ""
    place: Place | None = None
    prior: Place | None = None
    temporary: Place | None = None
    pending: Place | None = None
    number: str = ""
    specialty: str = ""
    consultant: Person | None = None
    admitted: When | None = None
    discharged: When | None = None
    expected: When | None = None
    expected_discharge: When | None = None
    deleted: tuple[str, ...] = ()


class MergeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Two records are one: what `gone` names lives on as `into`.

    Attributes:
        what: the patient, or only a visit or an account of the same or another patient.
        into: the patient that stays.
        gone: identifiers that are no longer to be used.
    """

    what: Literal["patient", "visit", "account"]
    into: PatientFacts
    gone: tuple[Identifier, ...] = ()
    gone_visit: str = ""
    gone_account: str = ""


class AllergyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One allergy (AL1 or IAM).

    Attributes:
        substance: as sent, with alternates.
        kind: `drug`, `food`, `environment`, ... in words, or the sender's own code.
        severity: `severe`, `moderate`, `mild`, or empty.
        reactions: texts as sent.
        adverse: `allergy`, `intolerance`, `anaphylaxis` where the message lets one tell them apart.
        action: `add` unless the sender said otherwise.
        none_known: this line says that there are no known allergies.
    """

    substance: Coded
    alternates: tuple[Coded, ...] = ()
    kind: str = ""
    severity: str = ""
    reactions: tuple[str, ...] = ()
    adverse: Literal["allergy", "intolerance", "anaphylaxis"] = "allergy"
    identified: When | None = None
    action: Literal["add", "delete", "update"] = "add"
    none_known: bool = False


class DrugFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A medicine as the sender names it.

    Attributes:
        code, text, system: the first coding.
        alternates: further codings of the same field.
        original: the text as the prescriber saw it (component 9), or empty.
        where: field it came from, `RXE-2`.
    """

    code: str = ""
    text: str = ""
    system: str = ""
    alternates: tuple[Coded, ...] = ()
    original: str = ""
    where: str = ""

    @property
    def codings(self) -> tuple[Coded, ...]:
        """Every code given, first one first, without those that are only text."""
        first = Coded(self.code, self.text, self.system)
        return tuple(coding for coding in (first, *self.alternates) if coding.code)

    @property
    def words(self) -> str:
        """What to show: text, else original text, else an alternate's text, else the code."""
        texts = (self.text, self.original, *(coding.text for coding in self.alternates))
        return next((text for text in texts if text), self.code)


class AmountFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An exact amount, or a range, of a unit as sent. `low` alone when no range was said."""

    low: Decimal | None = None
    high: Decimal | None = None
    unit: Coded = Coded()


class TimingFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One timing (a TQ1, or one repetition of RXE-1 or ORC-7).

    Attributes:
        where: `TQ1`, `RXE-1` or `ORC-7`.
        frequency: the sender's text for how often: `BID`, `Q24H`, `Every 6 hours`; may be empty.
        times: clock times that stand in the message, `HH:MM`.
        interval_s: an interval said in figures (TQ1-3), in seconds.
        quantity: amount for each service, where it stands in the timing.
        duration: as sent: `D4`, `3 Hr`.
        as_required: `PRN` in frequency, priority or text.
        condition: free text.
    """

    where: str = ""
    frequency: str = ""
    times: tuple[str, ...] = ()
    interval_s: int | None = None
    quantity: AmountFacts | None = None
    duration: str = ""
    starts: When | None = None
    ends: When | None = None
    priority: str = ""
    condition: str = ""
    text: str = ""
    as_required: bool = False
    occurrences: int | None = None


class DispenseFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the pharmacy handed out (RXD), or is asked to (RXO, RXE).

    Attributes:
        prescription: prescription number.
        lot, expires: where the sender says them.
    """

    drug: DrugFacts = DrugFacts()
    at: When | None = None
    amount: AmountFacts | None = None
    prescription: str = ""
    by: Person | None = None
    to: str = ""
    lot: str = ""
    expires: When | None = None


class GivenFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One administration (RXA).

    Attributes:
        outcome: in the words of the `administration` directive.
        retracted: the sender takes an earlier record back (RXA-21 `D`).
        at: start of administration.
        scheduled: the dose it belongs to, where the message says it (TQ1-7 of the same group).
        reason: why not, where it was not given.
    """

    drug: DrugFacts = DrugFacts()
    outcome: Literal["given", "held", "omitted", "refused", "not given"] = "given"
    retracted: bool = False
    at: When | None = None
    scheduled: When | None = None
    amount: AmountFacts | None = None
    route: Coded = Coded()
    by: Person | None = None
    reason: str = ""
    lot: str = ""
    expires: When | None = None


class OrderFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One pharmacy order: everything between an ORC and the next.

    Attributes:
        control: ORC-1: `NW` new, `XO` change, `RP` replace, `CA` cancel, `DC` stop, `HD` hold,
            `RL` release, `RE` observations follow, ... as sent; empty when not sent.
        action: the same in words, for orders that a program may act on.
        placer, filler: order numbers as sent (the entity id; the authority after `^`).
        status: ORC-5 as sent.
        drug: the encoded order's drug (RXE-2), else the requested one (RXO-1).
        also_named: other drugs named for the same order: where they differ a note says so.
        components: parts of a mixture (RXC).
        dose: amount of one dose; `low` and `high` for a range.
        strength: strength of the preparation where sent (RXE-25, RXO-18).
        rate: rate of an infusion.
        routes: each route once, in the order sent.
        timings: TQ1 first, then RXE-1, then ORC-7.
        stat: the sender calls it STAT, ASAP or urgent.
        as_required, as_required_reason: PRN, and for what.
        max_per_day: total daily dose (RXE-19, RXO-23).
        instructions: texts for whoever gives it, each once.
        prescriber: ORC-12.
        pharmacist: who verified it (RXE-14, RXO-15).
        verified: the message itself says that a pharmacist verified it.
        notes: what a person should know of this order.
    """

    control: str = ""
    action: Literal["new", "change", "stop", "hold", "release", "information", "unknown"] = "new"
    placer: str = ""
    filler: str = ""
    group: str = ""
    status: str = ""
    drug: DrugFacts = DrugFacts()
    also_named: tuple[DrugFacts, ...] = ()
    components: tuple[DrugFacts, ...] = ()
    dose: AmountFacts | None = None
    strength: AmountFacts | None = None
    rate: AmountFacts | None = None
    form: Coded = Coded()
    routes: tuple[Coded, ...] = ()
    timings: tuple[TimingFacts, ...] = ()
    starts: When | None = None
    ends: When | None = None
    stat: bool = False
    as_required: bool = False
    as_required_reason: str = ""
    indication: str = ""
    max_per_day: AmountFacts | None = None
    instructions: tuple[str, ...] = ()
    prescriber: Person | None = None
    pharmacist: Person | None = None
    verified: bool = False
    ordered: When | None = None
    dispense: DispenseFacts | None = None
    notes: tuple[Note, ...] = ()

    @property
    def frequencies(self) -> tuple[str, ...]:
        """Every frequency text once, TQ1 before RXE-1 before ORC-7."""
        return tuple(dict.fromkeys(t.frequency for t in self.timings if t.frequency))

    @property
    def frequency(self) -> str:
        """The first frequency text, or empty."""
        return next(iter(self.frequencies), "")

    @property
    def times(self) -> tuple[str, ...]:
        """Clock times of the first timing that has any, `HH:MM`."""
        return next((t.times for t in self.timings if t.times), ())

    @property
    def number(self) -> str:
        """What the order is known by: the placer's number, else the filler's, else empty."""
        return self.placer or self.filler


class MessageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a message says.

    Attributes:
        kind: what it does.
        header: who sent it; what an acknowledgement needs.
        allergies_said: the message speaks of allergies (then `allergies` is the whole list for AL1,
            or changes for IAM, by each one's `action`).
        orders, dispenses, administrations: an item of the latter two carries its order beside it.
        notes: doubts and things not understood; nothing is dropped in silence.
    """

    kind: Kind
    header: Header
    patient: PatientFacts | None = None
    visit: VisitFacts | None = None
    merges: tuple[MergeFacts, ...] = ()
    allergies: tuple[AllergyFacts, ...] = ()
    allergies_said: bool = False
    orders: tuple[OrderFacts, ...] = ()
    dispenses: tuple[tuple[OrderFacts, DispenseFacts], ...] = ()
    administrations: tuple[tuple[OrderFacts, GivenFacts], ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def control_id(self) -> str:
        """The sender's number for this message (MSH-10)."""
        return self.header.control_id

    @property
    def stopped(self) -> tuple[Note, ...]:
        """Notes that keep the whole message from being applied by a program."""
        return tuple(note for note in self.notes if note.stop)


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
