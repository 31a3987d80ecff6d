"""What an order, a dispensing or an administration says (see `facts` for the rules)."""

from typing import Literal

import msgspec

from pharmacy.hl7.said import AmountFacts, Coded, Note, Person, When


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
