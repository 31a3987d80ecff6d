"""From what an order says to what the pharmacy asks its tables. Pure.

A name never matches. Every coding of the drug is handed on as (system, code) for the table that a
pharmacist filled; the words only suggest candidates to a person. A frequency text is handed on as
sent, for the table of administration times; clock times that stand in the message are used as they
are. A dose is an exact number of a unit that every pharmacist would call the same, or it is left
out and a question says why.

The answer is `Asked`: what a prescription of `services.orders` is made of, and the questions that
only a person can answer. With any question the order must wait.
"""

import re
from collections.abc import Iterable

import msgspec

from pharmacy.hl7.facts import AmountFacts, Coded, OrderFacts, TimingFacts
from pharmacy.hl7.units import exact, normal_unit
from statemachine.ward.entry import Decimal10
from statemachine.ward.orders import OrderKind
from statemachine.ward.stock import Product

CANDIDATES_MAX = 5
DOSE_FIGURE_MAX = 10**9
"""No dose of anything, in any unit, is larger (ceiling in code)."""
DOSE_PLACES_MAX = 6
"""Nor is one said more exactly."""
TEXT_CHARS_MAX = 500

_DURATION = re.compile(
    r"([SMHDW])(\d{1,4})|(\d{1,4}) ?(sec|min|h|hr|day|d|wk|week)s?", re.IGNORECASE
)
_DURATION_S = {
    "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3_600, "hr": 3_600, "d": 86_400, "day": 86_400,
    "w": 604_800, "wk": 604_800, "week": 604_800,
}  # fmt: skip


class Question(msgspec.Struct, frozen=True):
    """What only a person can say before this order can be used.

    Attributes:
        about: `drug`, `dose` or `order` (a frequency's question is the frequency table's).
        sentence: what is missing and what to do.
    """

    about: str
    sentence: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the pharmacy's services take it; the feed makes a `Prescription` of it.

    Attributes:
        number: the sender's order number, or empty.
        kind: as in the `order` directive.
        drugs: every coding, first one first; any of them may be in the drug table.
        dose: of one dose, exact; of a range, its lower end; None: not said, or a question.
        frequency: text for the frequency table.
        times: clock times that stand in the message, ward-local `HH:MM`.
        interval_s: least time between as-required doses, where the message says it.
        verified: the message says that a pharmacist verified it.
        questions: what a person must say; empty means nothing stands in the way but the tables.
    """

    number: str
    kind: OrderKind
    drugs: tuple[Coded, ...] = ()
    dose: Decimal10 | None = None
    route: str = ""
    frequency: str = ""
    times: tuple[str, ...] = ()
    text: str = ""
    starts_s: int | None = None
    ends_s: int | None = None
    interval_s: int | None = None
    verified: bool = False
    questions: tuple[Question, ...] = ()


def ask(order: OrderFacts) -> Asked:
    """Make of an order's facts what the tables are asked with, and what a person must say."""
    questions = [Question("order", note.what) for note in order.notes if note.stop]
    drugs = tuple(
        Coded(coding.code, coding.text or order.drug.words, coding.system)
        for coding in order.drug.codings
    )
    if not drugs and order.drug.words:
        questions.append(
            Question("drug", "The order names its drug in words only. A pharmacist chooses.")
        )
    dose, question = dose_of(order.dose)
    if question is not None:
        questions.append(question)
    kind = kind_of(order)
    return Asked(
        number=order.number,
        kind=kind,
        drugs=drugs,
        dose=dose,
        route=order.routes[0].words if order.routes else "",
        frequency=frequency_of(order),
        times=order.times if kind in {"regular", "range"} else (),
        text=text_of(order),
        starts_s=order.starts.at_s if order.starts else None,
        ends_s=ends_s(order),
        interval_s=_interval_s(order) if kind == "as-required" else None,
        verified=order.verified,
        questions=tuple(questions),
    )


def dose_of(amount: AmountFacts | None) -> tuple[Decimal10 | None, Question | None]:
    """The dose exactly (of a range, its lower end), or why it cannot be said."""
    if amount is None:
        return None, None
    if amount.low is None:
        return None, Question("dose", "Only a maximum is said for the dose. Ask the prescriber.")
    if amount.low <= 0:
        return None, Question("dose", "The dose is nought. Ask the prescriber.")
    said_exactly = exact(amount.low, "")
    if amount.low > DOSE_FIGURE_MAX or said_exactly.e > DOSE_PLACES_MAX:
        return None, Question("dose", "No dose is that large or that exact. Ask the prescriber.")
    unit = normal_unit(amount.unit)
    if not unit:
        said = f"The unit of the dose ({amount.unit.words[:20]}) is not one we know."
        if not amount.unit.words:
            said = "The dose has no unit."
        return None, Question("dose", f"{said} A pharmacist says what makes a dose.")
    return exact(amount.low, unit), None


def kind_of(order: OrderFacts) -> OrderKind:
    """Regular, as-required, at once, or a range."""
    if order.as_required:
        return "as-required"
    if order.stat and not order.frequency and not order.times:
        return "stat"
    if order.dose is not None and order.dose.high not in {None, order.dose.low}:
        return "range"
    return "regular"


def frequency_of(order: OrderFacts) -> str:
    """The frequency text for the table; an interval in figures is put into words."""
    if order.frequency:
        return order.frequency
    seconds = next((t.interval_s for t in order.timings if t.interval_s), None)
    if seconds is None:
        return ""
    if seconds % 3_600 == 0:
        return f"every {seconds // 3_600} hours"
    return f"every {seconds // 60} minutes"


def text_of(order: OrderFacts) -> str:
    """What a person reads: the drug's words, the maximum, the instructions, bounded."""
    parts = [order.drug.original or order.drug.words]
    if order.dose is not None and order.dose.high not in {None, order.dose.low}:
        parts.append(f"{order.dose.low or 0:f} to {order.dose.high:f} {order.dose.unit.words}")
    if order.rate is not None and order.rate.low is not None:
        parts.append(f"at {order.rate.low:f} {order.rate.unit.words}")
    if order.max_per_day is not None and order.max_per_day.low is not None:
        most = order.max_per_day
        parts.append(f"at most {most.low:f} {most.unit.words} in 24 hours")
    if order.as_required_reason:
        parts.append(f"for {order.as_required_reason}")
    parts += order.instructions
    return ". ".join(part.strip(" .") for part in parts if part.strip(" ."))[:TEXT_CHARS_MAX]


def _interval_s(order: OrderFacts) -> int | None:
    return next((t.interval_s for t in order.timings if t.interval_s), None)


def ends_s(order: OrderFacts) -> int | None:
    """When the order ends: as said, else its start and duration; None when neither is said."""
    if order.ends is not None:
        return order.ends.at_s
    for timing in order.timings:
        length = duration_s(timing)
        if length is not None and timing.starts is not None:
            return timing.starts.at_s + length
    return None


def duration_s(timing: TimingFacts) -> int | None:
    """A duration such as `D4` or `3 Hr` in seconds; `INDEF` and what is not known give None."""
    found = _DURATION.fullmatch(timing.duration.strip())
    if found is None:
        return None
    letter, count, figure, word = found.groups()
    return int(count or figure) * _DURATION_S[(letter or word).lower()]


def candidates(words: str, products: Iterable[Product]) -> tuple[str, ...]:
    """Products whose generic name stands in the order's words, likeliest first; a hint only."""
    said = set(re.findall(r"[a-z0-9.]+", words.casefold()))
    scored: list[tuple[int, str]] = []
    for product in products:
        name = set(re.findall(r"[a-z]+", product.generic.casefold())) - {"and", "with"}
        strength = set(re.findall(r"[a-z0-9.]+", product.strength.casefold()))
        if name and name <= said:
            scored.append((-len(name) * 10 - len(strength & said), product.product))
    return tuple(product for _, product in sorted(scored)[:CANDIDATES_MAX])
