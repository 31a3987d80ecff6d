"""What lies on the tray: badges, wristbands and packs, each with its real barcode drawn.

The codes are what a reader would really send: GS1 data with its symbology identifier and GS, the
wristband with its GSRN, the badge as a card number (it stands for a card and is held to the card
reader, never to the scanner: a real cabinet refuses barcode badges).
"""

from functools import lru_cache

import msgspec
from ppf.datamatrix import DataMatrix

from statemachine.ward.patients import Patient
from statemachine.ward.stock import Product

GS = "\x1d"
GSRN_PREFIX = "9520000"
"""A company prefix of the range that GS1 keeps for examples; 7 digits, so 10 are left."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something to hold to a reader.

    Attributes:
        id: for the page.
        kind: `badge`, `wristband` or `pack`.
        title, detail: what is printed on it.
        frame: what the reader sends.
        svg: its barcode.
    """

    id: str
    kind: str
    title: str
    detail: str
    frame: str
    svg: str


def check_digit(digits: str) -> str:
    """The mod-10 check digit of GS1 for the digits before it."""
    weights = (3 if place % 2 == 0 else 1 for place in range(len(digits)))
    total = sum(
        int(digit) * weight for digit, weight in zip(reversed(digits), weights, strict=True)
    )
    return str(-total % 10)


@lru_cache(maxsize=256)
def drawing(text: str) -> str:
    """A DataMatrix as SVG; a GS1 one where the text is GS1 data."""
    printed = text.removeprefix("]d2").replace(GS, "\x1d")
    svg = str(DataMatrix(printed).svg())
    svg = svg[svg.index("<svg") :]
    size = svg.partition('height="')[2].partition("px")[0]
    return svg.replace("<svg ", f'<svg viewBox="0 0 {size} {size}" ', 1)


def pack_frame(product: Product, lot: str, expires: str) -> str:
    """What a scanner sends for a pack: GTIN, expiry, lot."""
    date = expires.replace("-", "")[2:] if expires else ""
    text = f"01{product.gtins[0]}"
    if date:
        text += f"17{date}"
    return f"]d2{text}10{lot}" if lot else f"]d2{text}"


def pack(product: Product, lot: str = "", expires: str = "") -> Item:
    """A pack of a product."""
    frame = pack_frame(product, lot, expires)
    return Item(
        id=f"pack {product.product}",
        kind="pack",
        title=f"{product.generic} {product.strength}",
        detail=f"lot {lot}" if lot else "loose pack",
        frame=frame,
        svg=drawing(frame),
    )


def wristband(patient: Patient) -> Item:
    """A wristband as DCB1077 prints it: a GSRN that holds the NHS number."""
    body = GSRN_PREFIX + patient.nhs
    frame = f"]d28018{body}{check_digit(body)}"
    return Item(
        id=f"band {patient.patient}",
        kind="wristband",
        title=f"{patient.family.upper()}, {patient.given}",
        detail=f"wristband, bed {patient.bed}",
        frame=frame,
        svg=drawing(frame),
    )


def badge(number: str, name: str, detail: str) -> Item:
    """A badge."""
    return Item(
        id=f"badge {number}",
        kind="badge",
        title=name,
        detail=detail,
        frame=number,
        svg=drawing(number),
    )
