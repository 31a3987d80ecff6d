"""Units of doses, by the few spellings that mean the same to every pharmacist.

Exact arithmetic only. What is not in this table is not guessed: `mg/hr` is a rate, `gr` is a grain,
`%` is a strength, and a dose in any of them waits for a person. Units of one family convert by
powers of ten; families never convert into each other (millilitres of what?).
"""

from decimal import Decimal

import msgspec

from pharmacy.hl7.facts import Coded
from statemachine.ward.entry import Decimal10

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "kg": ("kilogram", "kilogramme"),
    "g": ("gm", "gms", "gram", "gramme"),
    "mg": ("mgs", "milligram", "milligramme"),
    "microgram": ("mcg", "mcgs", "ug", "\u00b5g", "\u03bcg", "microgramme", "micrograms", "mikrog"),
    "nanogram": ("ng", "nanogramme"),
    "L": ("l", "litre", "liter"),
    "mL": ("ml", "mls", "millilitre", "milliliter", "cc", "cm3"),
    "microlitre": ("ul", "\u00b5l", "\u03bcl", "microliter"),
    "unit": ("u", "iu", "[iu]", "[iU]", "international unit", "unt", "i.u."),
    "mmol": ("millimole", "mmols"),
    "tablet": ("tab", "tabs", "tbl"),
    "capsule": ("cap", "caps"),
    "puff": ("puffs", "actuation", "inhalation", "dose inhaled", "spray inhaled"),
    "drop": ("gtt", "gtts"),
    "patch": ("patches", "plaster"),
    "sachet": (),
    "suppository": ("suppositories", "supp"),
    "pessary": ("pessaries",),
    "ampoule": ("amp", "ampule"),
    "vial": (),
    "bag": (),
    "bottle": (),
    "syringe": ("pre-filled syringe",),
    "nebule": ("neb", "nebules"),
    "lozenge": (),
    "spray": ("sprays",),
    "application": ("app",),
    "each": ("ea", "pc", "piece"),
}
_BY_SPELLING = {
    spelling.casefold(): unit
    for unit, spellings in _SPELLINGS.items()
    for name in (unit, *spellings)
    for spelling in (name, f"{name}s", f"{{{name}}}")
}
_FAMILY: dict[str, tuple[str, int]] = {
    "kg": ("mass", 3),
    "g": ("mass", 0),
    "mg": ("mass", -3),
    "microgram": ("mass", -6),
    "nanogram": ("mass", -9),
    "L": ("volume", 0),
    "mL": ("volume", -3),
    "microlitre": ("volume", -6),
}
COUNTED = frozenset(_SPELLINGS) - set(_FAMILY) - {"unit", "mmol"}
"""Units that count things one can hold."""


class Amount(msgspec.Struct, frozen=True):
    """An exact amount of a normalised unit."""

    figure: Decimal
    unit: str


def normal_unit(unit: Coded | str) -> str:
    """The unit in our spelling, or empty when it is not one we know.

    A coded unit is taken by its code when that is a known spelling, else by its text: SNOMED and
    house codes say nothing by themselves.
    """
    spellings = (unit,) if isinstance(unit, str) else (unit.code, unit.text)
    for spelling in spellings:
        known = _BY_SPELLING.get(" ".join(spelling.casefold().split()).rstrip("."), "")
        if known:
            return known
    return ""


def convert(amount: Amount, unit: str) -> Amount | None:
    """The same amount in another unit of its family; None when that cannot be said."""
    if amount.unit == unit:
        return amount
    one, other = _FAMILY.get(amount.unit), _FAMILY.get(unit)
    if one is None or other is None or one[0] != other[0]:
        return None
    return Amount(amount.figure.scaleb(one[1] - other[1]), unit)


def from_decimal10(amount: Decimal10) -> Amount | None:
    """A strength as the formulary writes it; None when its unit is not known."""
    unit = normal_unit(amount.unit)
    return Amount(Decimal(amount.n).scaleb(-amount.e), unit) if unit else None


def to_decimal10(amount: Amount) -> Decimal10:
    """An amount as the log writes it: no trailing zeros, no exponent below zero."""
    sign, digits, exponent = amount.figure.normalize().as_tuple()
    assert isinstance(exponent, int)
    number = int("".join(map(str, digits)) or "0") * (-1 if sign else 1)
    if exponent > 0:
        return Decimal10(n=number * 10**exponent, e=0, unit=amount.unit)
    return Decimal10(n=number, e=-exponent, unit=amount.unit)
