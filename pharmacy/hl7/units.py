"""Units of doses, by the few spellings that mean the same to every pharmacist.

What is not in this table is not guessed: `mg/hr` is a rate, `gr` is a grain, `%` is a strength, and
a dose in any of them waits for a person. Arithmetic on the normalised units is `services.doses`.
"""

from decimal import Decimal

from pharmacy.hl7.facts import Coded
from statemachine.ward.entry import Decimal10

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "kg": ("kilogram", "kilogramme"),
    "g": ("gm", "gms", "gram", "gramme"),
    "mg": ("mgs", "milligram", "milligramme"),
    "microgram": ("mcg", "mcgs", "ug", "\u00b5g", "\u03bcg", "microgramme", "micrograms", "mikrog"),
    "nanogram": ("ng", "nanogramme"),
    "l": ("litre", "liter"),
    "ml": ("mls", "millilitre", "milliliter", "cc", "cm3"),
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


def exact(figure: Decimal, unit: str) -> Decimal10:
    """An amount as the log writes it: an integer and a power of ten, no trailing zeros."""
    _, digits, exponent = figure.normalize().as_tuple()
    assert isinstance(exponent, int)
    number = int("".join(map(str, digits)) or "0")
    if exponent > 0:
        return Decimal10(n=number * 10**exponent, unit=unit)
    return Decimal10(n=number, e=-exponent, unit=unit)
