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

from typing import Literal

import msgspec

from pharmacy.hl7.order_facts import (
    DispenseFacts,
    DrugFacts,
    GivenFacts,
    OrderFacts,
    TimingFacts,
)
from pharmacy.hl7.said import (
    AmountFacts,
    Coded,
    Header,
    Identifier,
    Note,
    NotUnderstood,
    Person,
    When,
)

__all__ = [
    "AllergyFacts",
    "AmountFacts",
    "Coded",
    "DispenseFacts",
    "DrugFacts",
    "Gender",
    "GivenFacts",
    "Header",
    "Identifier",
    "Kind",
    "MergeFacts",
    "MessageFacts",
    "NotUnderstood",
    "Note",
    "OrderFacts",
    "PatientFacts",
    "Person",
    "Place",
    "TimingFacts",
    "VisitFacts",
    "When",
]

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
