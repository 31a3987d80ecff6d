"""From what an order says to what a cabinet can hand out. Pure; the tables are the pharmacist's.

A name never matches. `(code system, code)` is looked up in the table a pharmacist filled; what is
not there is a question to a person, with candidates that look alike to choose from. A frequency
text is looked up the same way. A dose becomes whole units of issue by exact arithmetic on the
product's strength, or it becomes a question; it is never rounded, except for the one kind of
container that may leave a rest (single use), where the next whole one is taken.

The answer is a `Match`: what could be made out, and every question that is left. With no question
left the order can go to the cabinet; with any, it waits and a person sees exactly what is missing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from itertools import combinations

import msgspec

from pharmacy.hl7.facts import AmountFacts, OrderFacts, TimingFacts
from pharmacy.hl7.units import (
    COUNTED,
    Amount,
    convert,
    from_decimal10,
    normal_unit,
    to_decimal10,
)
from statemachine.ward.entry import Decimal10
from statemachine.ward.orders import FulfilmentSet, OrderKind
from statemachine.ward.stock import Product

UNITS_PER_DOSE_MAX = 20
"""More units of issue than this never make one dose (ceiling in code)."""
SETS_MAX = 4
"""Alternatives offered for one dose."""
CANDIDATES_MAX = 5

_DURATION = re.compile(
    r"([SMHDW])(\d{1,4})|(\d{1,4}) ?(sec|min|h|hr|day|d|wk|week)s?", re.IGNORECASE
)
_DURATION_S = {
    "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3_600, "hr": 3_600, "d": 86_400, "day": 86_400,
    "w": 604_800, "wk": 604_800, "week": 604_800,
}  # fmt: skip


class DrugEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A pharmacist's word on one foreign code.

    Attributes:
        products: which of our products it is; several strengths may make one dose together.
        units: units of issue that make one dose, where that cannot be computed; else None.
    """

    products: tuple[str, ...]
    units: int | None = None


class FrequencyEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A pharmacist's word on one frequency text.

    Attributes:
        kind: `times`, `as-required` or `stat`.
        times: ward-local `HH:MM`.
        interval_s, max_per_24h: for as-required.
    """

    kind: str = "times"
    times: tuple[str, ...] = ()
    interval_s: int | None = None
    max_per_24h: int | None = None


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """What pharmacists have said so far.

    Attributes:
        drugs: by (system, code), both as sent.
        frequencies: by `normal_frequency`.
        products: the formulary by id.
    """

    drugs: Mapping[tuple[str, str], DrugEntry]
    frequencies: Mapping[str, FrequencyEntry]
    products: Mapping[str, Product]


class Question(msgspec.Struct, frozen=True):
    """What only a person can say before this order can be used.

    Attributes:
        about: `drug`, `dose`, `frequency`, or `order`.
        sentence: what is missing and what to do.
        candidates: products that look alike, for a person to choose from; never taken by itself.
    """

    about: str
    sentence: str
    candidates: tuple[str, ...] = ()


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """What an order comes to.

    Attributes:
        kind: as in the `order` directive.
        sets: alternatives, best first.
        dose: of one dose, exact; None when none was said or its unit is not known.
        times: ward-local `HH:MM`; empty for STAT and as-required.
        interval_s, max_per_24h: for as-required.
        ends_s: end, computed from a duration when no end was said.
        questions: what a person must say; empty means ready.
    """

    kind: OrderKind
    sets: tuple[FulfilmentSet, ...] = ()
    dose: Decimal10 | None = None
    times: tuple[str, ...] = ()
    interval_s: int | None = None
    max_per_24h: int | None = None
    starts_s: int | None = None
    ends_s: int | None = None
    questions: tuple[Question, ...] = ()


def normal_frequency(text: str) -> str:
    """A frequency text as the table knows it: case, spacing and full stops do not matter."""
    return " ".join(text.casefold().replace(".", "").split())


def match(order: OrderFacts, tables: Tables) -> Match:
    """Make of an order what can be made, and say what is left to ask."""
    questions = [Question("order", note.what) for note in order.notes if note.stop]
    products, units = _products(order, tables, questions)
    dose = _dose(order.dose)
    sets = _sets(order, products, units, questions) if products else ()
    kind, entry, times = _when(order, tables, questions)
    return Match(
        kind=kind,
        sets=sets,
        dose=to_decimal10(dose) if dose else None,
        times=times,
        interval_s=entry.interval_s if entry and kind == "as-required" else None,
        max_per_24h=entry.max_per_24h if entry and kind == "as-required" else None,
        starts_s=order.starts.at_s if order.starts else None,
        ends_s=ends_s(order),
        questions=tuple(questions),
    )


def _products(
    order: OrderFacts, tables: Tables, questions: list[Question]
) -> tuple[list[Product], int | None]:
    """The products that the table names for any coding of the drug."""
    named = [
        entry
        for coding in order.drug.codings
        if (entry := tables.drugs.get((coding.system, coding.code))) is not None
    ]
    if not named:
        looks_like = candidates(order.drug.words, tables.products.values())
        sentence = (
            "No pharmacist has said yet which product this drug code is. Fill the drug table."
            if order.drug.codings
            else "The order names its drug in words only. A pharmacist must choose the product."
        )
        questions.append(Question("drug", sentence, looks_like))
        return [], None
    if len({entry.products for entry in named}) > 1:
        questions.append(
            Question("drug", "The order's codes stand for different products. Ask the prescriber.")
        )
        return [], None
    found = [tables.products[p] for p in named[0].products if p in tables.products]
    if not found:
        questions.append(
            Question("drug", "The product for this drug code has left the formulary. Choose anew.")
        )
    return found, named[0].units


def _dose(amount: AmountFacts | None) -> Amount | None:
    """One exact dose with a unit we know; None otherwise."""
    if amount is None or amount.low is None:
        return None
    unit = normal_unit(amount.unit)
    return Amount(amount.low, unit) if unit else None


def _sets(
    order: OrderFacts, products: Sequence[Product], units: int | None, questions: list[Question]
) -> tuple[FulfilmentSet, ...]:
    if units is not None:
        return (((products[0].product, units),),)
    least = _dose(order.dose)
    if least is None:
        question = _no_dose(order)
        if question is None and len(products) == 1 and products[0].issue != "unit":
            return (((products[0].product, 1),),)
        questions.append(question or Question("dose", "The order says no dose. Say how many units "
                                              "make one dose, in the drug table."))  # fmt: skip
        return ()
    found = list(sets_for(least, products))
    most = order.dose.high if order.dose else None
    if most is not None and most != least.figure:
        found += [s for s in sets_for(Amount(most, least.unit), products) if s not in found]
    if not found:
        questions.append(
            Question("dose", "This dose is not a whole number of units of the product, or is in a "
                     "unit that its strength does not have. A pharmacist must say what makes a "
                     "dose.")
        )  # fmt: skip
    return tuple(found[: SETS_MAX * 2])


def _no_dose(order: OrderFacts) -> Question | None:
    if order.dose is not None and order.dose.low is not None:
        said = order.dose.unit.words or "none"
        return Question("dose", f"The unit of the dose ({said[:20]}) is not one we know. "
                        "Say how many units make one dose, in the drug table.")  # fmt: skip
    return None


def sets_for(dose: Amount, products: Sequence[Product]) -> tuple[FulfilmentSet, ...]:
    """Every way to make a dose of whole units, fewest units first.

    A whole pack or a bottle that stays is one, whatever the dose. Of single-use containers the next
    whole number is taken, and the rest is waste. Otherwise one product alone is preferred, then two
    strengths together (75 micrograms = 50 + 25).
    """
    if dose.figure <= 0:
        return ()
    alone: list[FulfilmentSet] = []
    for product in products:
        if product.issue in {"whole pack", "bottle"}:
            alone.append(((product.product, 1),))
            continue
        number = _number(dose, product)
        if number is not None:
            alone.append(((product.product, number),))
    together = [] if alone else _pairs(dose, products)
    found = sorted(alone + together, key=lambda s: (sum(q for _, q in s), s))
    return tuple(found[:SETS_MAX])


def _number(dose: Amount, product: Product) -> int | None:
    """How many units of one product make the dose; None when it is not a whole number."""
    if dose.unit in COUNTED:
        if normal_unit(product.unit) != dose.unit:
            return None
        share = dose.figure
    else:
        each = from_decimal10(product.per_unit) if product.per_unit else None
        wanted = convert(dose, each.unit) if each else None
        if each is None or wanted is None or each.figure <= 0:
            return None
        share = wanted.figure / each.figure
        if share * each.figure != wanted.figure and product.issue != "single-use container":
            return None
    whole = share.to_integral_value(ROUND_CEILING)
    if whole != share and product.issue != "single-use container":
        return None
    most = min(product.units_per_dose_max or UNITS_PER_DOSE_MAX, UNITS_PER_DOSE_MAX)
    return int(whole) if 0 < whole <= most else None


def _pairs(dose: Amount, products: Sequence[Product]) -> list[FulfilmentSet]:
    """Two strengths that together make the dose, each at least once."""
    found: list[FulfilmentSet] = []
    usable = [p for p in products if p.issue == "unit" and p.per_unit is not None]
    for one, other in combinations(usable, 2):
        first, second = _in(dose.unit, one), _in(dose.unit, other)
        if first is None or second is None:
            continue
        for number in range(1, UNITS_PER_DOSE_MAX):
            rest = dose.figure - number * first
            if rest <= 0:
                break
            share = rest / second
            if share == share.to_integral_value() and number + share <= UNITS_PER_DOSE_MAX:
                found.append(((one.product, number), (other.product, int(share))))
    return found


def _in(unit: str, product: Product) -> Decimal | None:
    each = from_decimal10(product.per_unit) if product.per_unit else None
    converted = convert(each, unit) if each else None
    return converted.figure if converted and converted.figure > 0 else None


def _when(
    order: OrderFacts, tables: Tables, questions: list[Question]
) -> tuple[OrderKind, FrequencyEntry | None, tuple[str, ...]]:
    """The kind of order and its times."""
    known = [
        entry
        for text in order.frequencies
        if (entry := tables.frequencies.get(normal_frequency(text))) is not None
    ]
    entry = known[0] if known else None
    if order.as_required or (entry is not None and entry.kind == "as-required"):
        if entry is None or entry.interval_s is None:
            questions.append(
                Question("frequency", "The order is as required, and nobody has said how often at "
                         "most. Fill the frequency table.")
            )  # fmt: skip
        return "as-required", entry, ()
    if entry is not None and entry.kind == "stat":
        return "stat", entry, ()
    if order.stat and entry is None and not order.times and not order.frequency:
        return "stat", None, ()
    if order.times:
        return _range_or(order, "regular"), entry, order.times
    if entry is not None and entry.times:
        return _range_or(order, "regular"), entry, entry.times
    said = f"'{order.frequency[:40]}'" if order.frequency else "nothing"
    questions.append(
        Question("frequency", f"The order says {said} for how often, and no pharmacist has set "
                 "times for it. Fill the frequency table.")
    )  # fmt: skip
    return _range_or(order, "regular"), entry, ()


def _range_or(order: OrderFacts, kind: OrderKind) -> OrderKind:
    dose = order.dose
    if dose is not None and dose.high is not None and dose.high != dose.low:
        return "range"
    return kind


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
