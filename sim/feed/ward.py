"""What stands in a feed's TOML file: the pharmacist's set-up, patients, orders.

Both files of this folder are read by the same code: `ward.toml` (our own ward) and `manifest.toml`
(third-party messages). Minutes in them count from the moment the demo opens, because a demo that
opens at 03:00 must have something due at 03:10.
"""

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from pharmacy.services.inputs import DrugCode, Frequency
from statemachine.ward.entry import Decimal10
from statemachine.ward.stock import Ingredient, Opening, Pocket, Product

HERE = Path(__file__).parent
WARD_FILE = HERE / "ward.toml"
SITE_ZONE = ZoneInfo("Europe/London")
POCKETS_PER_DRAWER = 4


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What the pharmacist has done before the first message.

    Attributes:
        ward: the ward's name in PV1-3.
        products: the formulary.
        pockets: where each product lies, with its opening stock; ids are `drawer-place`.
        drugs: foreign code, product, units of issue for one dose where it cannot be computed.
        frequencies: text and meaning.
        queries: order numbers of the first orders that the pharmacist queries, and why.
        lockers: patient's number, medicine, and where it is kept outside the cabinet.
    """

    ward: str
    products: tuple[Product, ...]
    pockets: tuple[Pocket, ...]
    drugs: tuple[tuple[DrugCode, str, int | None], ...]
    frequencies: tuple[tuple[str, Frequency], ...]
    queries: tuple[tuple[str, str], ...] = ()
    lockers: tuple[tuple[str, str, str], ...] = ()


def read(path: Path) -> dict[str, Any]:
    """Read a feed's TOML file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def load_setup(opened_s: int, path: Path = WARD_FILE) -> Setup:
    """Read the pharmacist's set-up.

    Args:
        opened_s: when the demo opens, seconds since 1970.
        path: the feed's file.
    """
    data = read(path)
    return Setup(
        ward=data["ward"],
        products=tuple(_product(item) for item in data["product"]),
        pockets=_pockets(data["product"], opened_s),
        drugs=_drugs(data),
        frequencies=tuple(
            (text, _frequency(meaning, opened_s)) for text, meaning in data["frequencies"].items()
        ),
        queries=tuple((item["number"], item["reason"]) for item in data.get("query", ())),
        lockers=tuple(
            (item["mrn"], item["text"], item["place"]) for item in data.get("locker", ())
        ),
    )


def strength(text: str) -> Decimal10:
    """`2.5 mg` as an exact amount."""
    figure, unit = text.split(" ", 1)
    _, digits, exponent = Decimal(figure).as_tuple()
    assert isinstance(exponent, int)
    return Decimal10(n=int("".join(map(str, digits))), e=-exponent, unit=unit)


def _product(item: Mapping[str, Any]) -> Product:
    per_unit = item.get("per_unit")
    return Product(
        product=item["id"],
        generic=item["generic"],
        form=item["form"],
        strength=item["strength"],
        unit=item["unit"],
        issue=item.get("issue", "unit"),
        per_unit=strength(per_unit) if per_unit else None,
        ingredients=tuple(
            Ingredient(name=name, amount=strength(amount)) for name, amount in item["ingredients"]
        ),
        flags=tuple(item.get("flags", ())),
        gtins=(item["gtin"],),
    )


def _pockets(items: Sequence[Mapping[str, Any]], opened_s: int) -> tuple[Pocket, ...]:
    places: dict[int, int] = {}
    pockets: list[Pocket] = []
    for item in items:
        drawer = item["drawer"]
        places[drawer] = places.get(drawer, 0) + 1
        if places[drawer] > POCKETS_PER_DRAWER:
            raise ValueError(f"Drawer {drawer} has no fifth pocket for {item['id']}.")
        opening = Opening(
            quantity=item["opening"], lot=item["lot"], expires=_in_months(opened_s, item["months"])
        )
        pockets.append(
            Pocket(
                pocket=f"{drawer}-{places[drawer]}",
                drawer=drawer,
                product=item["id"],
                maximum=item["maximum"],
                opening=(opening,),
            )
        )
    return tuple(pockets)


def _in_months(opened_s: int, months: int) -> str:
    """The first of the month so many months on, `YYYY-MM-DD`."""
    today = dt.datetime.fromtimestamp(opened_s, SITE_ZONE)
    whole = today.year * 12 + today.month - 1 + months
    return f"{whole // 12:04d}-{whole % 12 + 1:02d}-01"


def _drugs(data: Mapping[str, Any]) -> tuple[tuple[DrugCode, str, int | None], ...]:
    found: list[tuple[DrugCode, str, int | None]] = []
    for code, item in data.get("drugs", {}).items():
        drug = DrugCode(system=data["code_system"], code=code, text=item["text"])
        found.append((drug, item["product"], item.get("units")))
    for item in data.get("drug", ()):
        drug = DrugCode(system=item["system"], code=item["code"], text=item["text"])
        found.append((drug, item["product"], item.get("units")))
    return tuple(found)


def _frequency(item: Mapping[str, Any], opened_s: int) -> Frequency:
    hours = item.get("every_h")
    return Frequency(
        kind=item.get("kind", "times"),
        times=tuple(
            time if isinstance(time, str) else clock(opened_s, time)
            for time in item.get("times", ())
        ),
        interval_s=hours * 3_600 if hours else None,
        max_per_24h=item.get("max_per_24h"),
    )


def clock(opened_s: int, minutes: int) -> str:
    """The ward's clock time so many minutes after the demo opened, `HH:MM`."""
    return dt.datetime.fromtimestamp(opened_s + minutes * 60, SITE_ZONE).strftime("%H:%M")


def stamp(at_s: int) -> str:
    """A moment as HL7 writes it, with the ward's offset."""
    return dt.datetime.fromtimestamp(at_s, SITE_ZONE).strftime("%Y%m%d%H%M%S%z")
