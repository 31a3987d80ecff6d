"""What the words of a scenario mean: product names, amounts, pockets, lists."""

from sim.play.registry import StepFailed
from statemachine.ward.entry import Decimal10


def decimal(text: str, unit: str) -> Decimal10:
    """`2.5` as an exact amount of a unit."""
    whole, _, part = text.partition(".")
    return Decimal10(n=int(whole + part), e=len(part), unit=unit)


def split(text: str) -> list[str]:
    """Words of a list with commas and `and`."""
    return text.replace(" and ", ",").replace(",", " ").split()


def name_parts(name: str) -> tuple[str, str, str]:
    """`paracetamol 500 mg tablets` as (generic, strength, form)."""
    pieces = name.split()
    start = next((i for i, word in enumerate(pieces) if i and word[0].isdigit()), None)
    if start is None:
        return name, "", ""
    end = start + 1
    while end < len(pieces) and is_unit(pieces[end]):
        end += 1
    return " ".join(pieces[:start]), " ".join(pieces[start:end]), " ".join(pieces[end:])


def is_unit(word: str) -> bool:
    """Whether a word of a product's name belongs to its strength: `mg`, `mg/5`, `/`, `1`."""
    units = ("mg", "g", "ml", "l", "micrograms", "microgram", "units", "unit", "mmol", "%")
    return word[0].isdigit() or word == "/" or word.casefold().split("/")[0] in units


def in_house_gtin(number: int) -> str:
    """A GTIN-14 of the range kept for use inside one house (prefix 2), with its check digit."""
    body = f"02{number:011}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)


def drawer_of(pocket: str) -> int:
    """`3-2` is in drawer 3."""
    head = pocket.partition("-")[0]
    if not head.isdigit():
        raise StepFailed(f'pocket "{pocket}" is not named drawer-pocket, as "3-2".')
    return int(head)
