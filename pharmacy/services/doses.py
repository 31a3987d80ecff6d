"""What makes one dose: from an amount of substance to whole units of issue.

75 micrograms of levothyroxine is 50 + 25: two products, one dose. The pharmacy works it out once,
exactly, in integers, and signs the result as fulfilment sets, best first; the cabinet computes
nothing. Fewest units come first, then fewest different products. What does not come out in whole
units (half a tablet, part of a vial) is not guessed at: the order waits for a pharmacist.
"""

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

from pharmacy.hl7.units import normal_unit
from statemachine.ward.entry import Decimal10
from statemachine.ward.orders import FulfilmentSet
from statemachine.ward.stock import Product

SETS_MAX = 4
"""Most alternatives signed for one order."""
UNITS_MAX = 12
"""Most units of issue that a computed set may take for one dose; more is a pharmacist's word."""
STRENGTHS_MAX = 6
EXPONENT_MAX = 12
"""No amount on a prescription needs more places; a larger one is not an amount."""

_SCALE: dict[str, tuple[str, Fraction]] = {
    "kg": ("mass", Fraction(10**12)),
    "g": ("mass", Fraction(10**9)),
    "mg": ("mass", Fraction(10**6)),
    "microgram": ("mass", Fraction(10**3)),
    "nanogram": ("mass", Fraction(1)),
    "l": ("volume", Fraction(10**6)),
    "ml": ("volume", Fraction(10**3)),
    "microlitre": ("volume", Fraction(1)),
    "unit": ("units", Fraction(1)),
    "mmol": ("mmol", Fraction(1)),
}
"""Units that measure: their family, and how much of its smallest unit one of them is."""


def measure(amount: Decimal10) -> tuple[str, Fraction] | None:
    """Return (family, exact figure in its smallest unit); None: not a measure.

    Spellings that a pharmacist would call the same are the same (`pharmacy.hl7.units`); families
    never convert into each other.
    """
    scale = _SCALE.get(normal_unit(amount.unit))
    if scale is None or abs(amount.e) > EXPONENT_MAX:
        return None
    return scale[0], Fraction(amount.n) / Fraction(10) ** amount.e * scale[1]


def sets_for(
    dose: Decimal10, prescribed: Product, alike: Sequence[Product]
) -> tuple[FulfilmentSet, ...]:
    """Return what makes `dose` of the prescribed product, best first; empty: cannot be computed.

    `alike` are the products that may take part: same generic name, form and brand.
    """
    counted = _counted(dose, prescribed)
    if counted is not None:
        return counted
    wanted = measure(dose)
    if wanted is None or wanted[1] <= 0:
        return ()
    if prescribed.issue in {"whole pack", "bottle"}:
        return (((prescribed.product, 1),),)
    if prescribed.issue == "single-use container":
        return _opened(wanted, prescribed)
    strengths = _strengths(wanted[0], [prescribed, *alike])
    found = sorted(
        _combinations(*_whole(wanted[1], strengths), UNITS_MAX),
        key=lambda one: (sum(n for _, n in one), len(one), one[0][0] != prescribed.product, one),
    )
    return tuple(found[:SETS_MAX])


def follows_from_strength(dose: Decimal10, product: Product) -> bool:
    """Whether the product's own strength (or its unit of issue) decides how many make `dose`.

    Then nothing else may: a drug code that stands for "one unit" must not turn an order for 50 mg
    into one tablet of 25 mg, nor round one for 30 mg.
    """
    word = dose.unit.strip().lower()
    if word in {product.unit.lower(), f"{product.unit.lower()}s"}:
        return True
    if normal_unit(dose.unit) and normal_unit(dose.unit) == normal_unit(product.unit):
        return True
    wanted = measure(dose)
    each = measure(product.per_unit) if product.per_unit is not None else None
    return wanted is not None and each is not None and wanted[0] == each[0]


def _counted(dose: Decimal10, product: Product) -> tuple[FulfilmentSet, ...] | None:
    """Read a dose said in things one can hold: `2 tablets`; None when it is not said so."""
    unit = normal_unit(dose.unit)
    own_word = dose.unit.strip().lower() in {product.unit.lower(), f"{product.unit.lower()}s"}
    if unit in _SCALE or not (unit or own_word):
        return None
    if not own_word and unit != normal_unit(product.unit):
        return ()
    value = Fraction(dose.n) / Fraction(10) ** min(max(dose.e, 0), EXPONENT_MAX)
    if dose.e < 0 or value.denominator != 1 or not 0 < value <= UNITS_MAX:
        return ()
    return (((product.product, int(value)),),)


def _opened(wanted: tuple[str, Fraction], product: Product) -> tuple[FulfilmentSet, ...]:
    """Take the next whole number of containers that are used once; the rest is waste."""
    each = measure(product.per_unit) if product.per_unit is not None else None
    if each is None or each[0] != wanted[0] or each[1] <= 0:
        return ()
    number = math.ceil(wanted[1] / each[1])
    return (((product.product, number),),) if number <= UNITS_MAX else ()


def _strengths(dimension: str, products: Iterable[Product]) -> list[tuple[str, Fraction]]:
    """Return (product, amount in one unit of issue), strongest first, one product once."""
    found: dict[str, Fraction] = {}
    for product in products:
        if product.per_unit is None or product.issue != "unit":
            continue
        said = measure(product.per_unit)
        if said is not None and said[0] == dimension and said[1] > 0:
            found.setdefault(product.product, said[1])
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return ordered[:STRENGTHS_MAX]


def _combinations(
    wanted: int, strengths: Sequence[tuple[str, int]], units: int
) -> list[FulfilmentSet]:
    """Return every way to make `wanted` exactly with at most `units` units of issue."""
    if wanted == 0:
        return [()]
    if not strengths or wanted > strengths[0][1] * units:
        return []
    product, strength = strengths[0]
    if len(strengths) == 1:
        number, rest = divmod(wanted, strength)
        return [((product, number),)] if rest == 0 and number <= units else []
    found: list[FulfilmentSet] = []
    for number in range(min(units, wanted // strength), -1, -1):
        here: FulfilmentSet = ((product, number),) if number else ()
        left = _combinations(wanted - strength * number, strengths[1:], units - number)
        found += [here + one for one in left]
    return found


def _whole(
    wanted: Fraction, strengths: Sequence[tuple[str, Fraction]]
) -> tuple[int, list[tuple[str, int]]]:
    """Write exact fractions as integers of one small unit: the search is quick only with those."""
    scale = math.lcm(wanted.denominator, *(each.denominator for _, each in strengths))
    return int(wanted * scale), [(product, int(each * scale)) for product, each in strengths]
