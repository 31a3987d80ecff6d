"""Stock: products, pockets, the book of each pocket, counts and discrepancies.

The book of a pocket is the sum of signed changes and is never edited (RULES 8, I4). Where hand and
book disagree one `discrepancy.opened` carries the difference, hand minus book, and that entry is
itself a signed change: after it the book says what the hand saw, and the log says why.
"""

from typing import ClassVar, Literal

import msgspec
from immutables import Map

from statemachine.ward.entry import Decimal10, Directive, Entry, LineRef

UnitOfIssue = Literal["unit", "whole pack", "bottle", "single-use container"]


class Ingredient(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is inside, in lower case, and how much of it one unit of issue holds."""

    name: str
    amount: Decimal10 | None = None


class Product(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A medicine as the hospital stocks it.

    Attributes:
        product: opaque id (for dm+d products `d` and the AMP or VMP code).
        generic: generic name in lower case, `paracetamol`.
        brand: brand in capitals, or empty.
        form, strength: as shown, `tablets`, `500 mg`.
        issue: what leaves the pocket as one.
        unit: the word for one of them, `tablet`.
        per_unit: strength of one unit of issue, for arithmetic on doses.
        flags: `custody witness count register destruction high-alert paralysing fridge
            time-critical`; any of the first five makes it a controlled drug here.
        gtins: 14-digit GTINs of its packs.
        codes: in-house codes on labels.
        early_s, late_s: may be removed so long before due, and so long after; None: site defaults.
        verify_first: on the list that demands a pharmacist's verification.
        units_per_dose_max: above this many units for one dose the cabinet stops and asks.
        removal_units_max: never more than this many in one removal.
    """

    product: str
    generic: str
    form: str = ""
    strength: str = ""
    brand: str = ""
    issue: UnitOfIssue = "unit"
    unit: str = "unit"
    per_unit: Decimal10 | None = None
    ingredients: tuple[Ingredient, ...] = ()
    flags: tuple[str, ...] = ()
    gtins: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    early_s: int | None = None
    late_s: int | None = None
    verify_first: bool = False
    units_per_dose_max: int | None = None
    removal_units_max: int | None = None


class Formulary(Directive, frozen=True, kw_only=True):
    """Products, new or changed; what leaves the list is retired explicitly."""

    TYPE: ClassVar[str] = "formulary"
    products: tuple[Product, ...] = ()


class Opening(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the pharmacy put into a pocket when it commissioned it: a legal origin of stock."""

    quantity: int
    lot: str = ""
    expires: str = ""


class Pocket(Directive, frozen=True, kw_only=True):
    """A pocket and what belongs in it. `opening` counts once, when the pocket has no book yet."""

    TYPE: ClassVar[str] = "pocket"
    pocket: str
    drawer: int
    product: str | None = None
    maximum: int | None = None
    lidded: bool = False
    opening: tuple[Opening, ...] = ()


class WardList(Directive, frozen=True, kw_only=True):
    """A signed list of product or group ids: override, emergency, verification, interaction."""

    TYPE: ClassVar[str] = "list"
    name: str
    items: tuple[str, ...] = ()
    review: str = ""


class Setting(Directive, frozen=True, kw_only=True):
    """A site's choice, bounded by a ceiling in code. Numbers carry their unit in the key."""

    TYPE: ClassVar[str] = "setting"
    key: str
    value: int | str


class Recall(Directive, frozen=True, kw_only=True):
    """Hold a lot, or with `lot` None every lot of a product, at once and everywhere."""

    TYPE: ClassVar[str] = "recall"
    recall: str
    product: str
    lot: str | None = None
    recall_class: int = 2
    lifted: bool = False


class Retire(Directive, frozen=True, kw_only=True):
    """These ids left a list: `product`, `pocket`, `staff`, `order`."""

    TYPE: ClassVar[str] = "retire"
    kind: str
    ids: tuple[str, ...] = ()


class CountAsked(Entry, frozen=True, kw_only=True):
    """Somebody should count this pocket; nothing is blocked by it for ordinary medicines."""

    TYPE: ClassVar[str] = "count.asked"
    pocket: str
    reason: str
    intent: int | None = None


class CountRecorded(Entry, frozen=True, kw_only=True):
    """A hand counted a pocket.

    Attributes:
        quantity: what the hand saw, before anything was taken in this visit.
        book: what the book said then; None when it knew nothing.
        reason: `asked`, `commissioning`, `left after taking`, `recount`.
    """

    TYPE: ClassVar[str] = "count.recorded"
    actor: str
    panel: int
    pocket: str
    product: str
    quantity: int
    reason: str
    book: int | None = None
    intent: int | None = None
    witness: str | None = None


class DiscrepancyOpened(Entry, frozen=True, kw_only=True):
    """Hand minus book, once for a visit."""

    TYPE: ClassVar[str] = "discrepancy.opened"
    discrepancy: str
    pocket: str
    product: str
    quantity: int
    actor: str
    reason: str = ""
    lot: str = ""


class DiscrepancyClosed(Entry, frozen=True, kw_only=True):
    """Explained, with a reason and a witness where the product asks for one."""

    TYPE: ClassVar[str] = "discrepancy.closed"
    discrepancy: str
    actor: str
    reason: str
    witness: str | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One signed change to the book of a pocket: the whole of I4 is the sum of these."""

    pocket: str
    product: str
    quantity: int
    lot: str = ""
    expires: str = ""


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """Stock of one lot in a pocket; `lot` empty means unknown; `expires` `YYYY-MM-DD` or empty."""

    lot: str
    quantity: int
    expires: str = ""


class KnownPocket(msgspec.Struct, frozen=True, kw_only=True):
    """A pocket, its book, and what is doubtful about it.

    Attributes:
        book: sum of signed changes in units of issue; None: stock has no origin yet.
        lots: the book by lot, first-expiring first.
        count_due: why a count is due, or None.
        origin: the line that first gave the pocket stock.
    """

    pocket: Pocket
    line: LineRef
    book: int | None = None
    lots: tuple[Lot, ...] = ()
    count_due: str | None = None
    counted_s: int | None = None
    origin: LineRef | None = None


class OpenDiscrepancy(msgspec.Struct, frozen=True, kw_only=True):
    """A discrepancy nobody has explained yet."""

    opened: DiscrepancyOpened
    line: LineRef


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """Products and pockets by id, GTINs and in-house codes to product, recalls, lists, settings."""

    products: Map[str, Product] = msgspec.field(default_factory=Map)
    by_code: Map[str, str] = msgspec.field(default_factory=Map)
    pockets: Map[str, KnownPocket] = msgspec.field(default_factory=Map)
    by_product: Map[str, tuple[str, ...]] = msgspec.field(default_factory=Map)
    discrepancies: Map[str, OpenDiscrepancy] = msgspec.field(default_factory=Map)
    recalls: Map[str, Recall] = msgspec.field(default_factory=Map)
    lists: Map[str, WardList] = msgspec.field(default_factory=Map)
    settings: Map[str, int | str] = msgspec.field(default_factory=Map)
