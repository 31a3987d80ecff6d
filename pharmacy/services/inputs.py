"""What services are asked with, where the log's own structs do not fit.

Everything that goes to a cabinet as it stands is asked for as its directive (`Patient`, `Staff`,
`Product`, `Pocket`, `Administration`). A prescription is not: the prescriber writes a drug, a dose
and a frequency, and the pharmacy makes fulfilment sets and windows of them.
"""

from typing import Literal

import msgspec

from statemachine.ward.entry import Decimal10
from statemachine.ward.orders import FulfilmentSet, OrderKind

FrequencyKind = Literal["times", "as-required", "stat"]


class DrugCode(msgspec.Struct, frozen=True, kw_only=True):
    """A drug as somebody else's system names it; only (system, code) can match a product."""

    system: str
    code: str
    text: str = ""


class Prescription(msgspec.Struct, frozen=True, kw_only=True):
    """A prescription line as it reaches the pharmacy.

    Say what makes a dose in one of three ways: `sets` (exact), `product` with `dose` (computed from
    the product's strength), or `drug` with `dose` (the drug map finds the product). Say when in one
    of three ways: `times` (ward-local `HH:MM`), `interval_s` with kind `as-required`, or
    `frequency` (a text that the frequency map must know). What the maps do not know yet keeps the
    order waiting; it is sent as soon as a pharmacist fills the map.

    Attributes:
        order: our id, or empty for a new one.
        also: further codes of the same drug; any of them may be in the drug map.
        questions: what only a person can say before the order may be used.
        placer: the prescriber system's number, or empty; a later line of it replaces the earlier.
        seen, verdict: as in the `order` directive.
        elsewhere: not in this cabinet: `own locker`, ...
    """

    patient: str
    order: str = ""
    placer: str = ""
    kind: OrderKind = "regular"
    sets: tuple[FulfilmentSet, ...] = ()
    product: str = ""
    drug: DrugCode | None = None
    also: tuple[DrugCode, ...] = ()
    dose: Decimal10 | None = None
    route: str = ""
    frequency: str = ""
    times: tuple[str, ...] = ()
    text: str = ""
    starts_s: int | None = None
    ends_s: int | None = None
    interval_s: int | None = None
    max_per_24h: int | None = None
    allergy_reason: str = ""
    elsewhere: str = ""
    seen: bool = False
    verdict: Literal["none", "verified", "queried", "rejected"] = "none"
    questions: tuple[str, ...] = ()


class Frequency(msgspec.Struct, frozen=True, kw_only=True):
    """A pharmacist's word on one frequency text.

    Attributes:
        kind: `times` (give at `times` on `days`), `as-required`, `stat` (once, now).
        times: ward-local `HH:MM`.
        days: ISO weekdays 1 (Monday) to 7; empty means every day.
        interval_s, max_per_24h: for as-required.
    """

    kind: FrequencyKind
    times: tuple[str, ...] = ()
    days: tuple[int, ...] = ()
    interval_s: int | None = None
    max_per_24h: int | None = None


class ServiceError(Exception):
    """A service refused; the text is a sentence: what happened, what is safe, what to do next."""


class StockRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the stock page: a lot in a pocket of a cabinet.

    Attributes:
        quantity: the book in units of issue; None: the pocket's stock has no origin yet.
        lot: empty means unknown.
        count_due: why a count is due, or empty.
    """

    cab: str
    ward: str
    pocket: str
    drawer: int
    product: str
    name: str
    quantity: int | None
    lot: str = ""
    expires: str = ""
    maximum: int | None = None
    count_due: str = ""
