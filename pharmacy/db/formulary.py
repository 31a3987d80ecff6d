"""What the hospital stocks, where it lies, and the tables a pharmacist fills."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from pharmacy.db.base import Base, Count, Id, MaybeSeconds, Prose, Seconds, Word


class ProductRow(Base):
    """A medicine; `record` is JSON of `statemachine.ward.stock.Product`."""

    __tablename__ = "products"
    product: Mapped[Id] = mapped_column(primary_key=True)
    generic: Mapped[Word]
    strength: Mapped[Word]
    form: Mapped[Word]
    brand: Mapped[Word]
    record: Mapped[Prose]
    retired_s: Mapped[MaybeSeconds]


class PocketRow(Base):
    """A pocket as directed and, once the cabinet applied it, as its log says.

    `directed` is JSON of the last `pocket` directive (empty: the log moved stock in a pocket that
    nobody assigned). `known` is JSON of the fold's `KnownPocket`: book, lots, count due; empty
    until the cabinet applied the directive. `drawer`, `product`, `maximum` are as directed.
    """

    __tablename__ = "pockets"
    cab: Mapped[Id] = mapped_column(ForeignKey("cabinets.cab"), primary_key=True)
    pocket: Mapped[Id] = mapped_column(primary_key=True)
    drawer: Mapped[Count]
    product: Mapped[Id | None] = mapped_column(default=None)
    maximum: Mapped[Count | None] = mapped_column(default=None)
    directed: Mapped[Prose]
    known: Mapped[Prose]
    retired_s: Mapped[MaybeSeconds]


class DrugMapRow(Base):
    """A pharmacist's word on somebody else's drug code: it is this product.

    Names alone never match. `units`: units of issue that make one dose, for orders whose dose
    cannot be computed from the product's strength (`1 puff`); None: compute.
    """

    __tablename__ = "drug_map"
    system: Mapped[Id] = mapped_column(primary_key=True)
    code: Mapped[Id] = mapped_column(primary_key=True)
    product: Mapped[Id] = mapped_column(ForeignKey("products.product"), index=True)
    units: Mapped[int | None] = mapped_column(default=None)
    text: Mapped[Word]
    filled_by: Mapped[Word]
    filled_s: Mapped[Seconds]


class FrequencyMapRow(Base):
    """A pharmacist's word on a frequency text: ward-local times, or as-required, or once.

    `text` is as `services.maps.normal_frequency` writes it. `kind`: `times` (JSON list of `HH:MM`
    in `times`; `days`: JSON list of weekdays 1-7, empty for every day), `as-required` (least
    `interval_s`, at most `max_per_24h`), `stat` (once, now).
    """

    __tablename__ = "frequency_map"
    text: Mapped[Word] = mapped_column(primary_key=True)
    kind: Mapped[Word]
    times: Mapped[Prose]
    days: Mapped[Prose]
    interval_s: Mapped[int | None] = mapped_column(default=None)
    max_per_24h: Mapped[int | None] = mapped_column(default=None)
    filled_by: Mapped[Word]
    filled_s: Mapped[Seconds]


class ListRow(Base):
    """A signed list as last sent; `items` is JSON."""

    __tablename__ = "lists"
    name: Mapped[Id] = mapped_column(primary_key=True)
    items: Mapped[Prose]
    review: Mapped[Word]


class SettingRow(Base):
    """A site's choice as last sent; `value` is JSON of an integer or a text."""

    __tablename__ = "settings"
    key: Mapped[Id] = mapped_column(primary_key=True)
    value: Mapped[Prose]


class RecallRow(Base):
    """A recall: a lot of a product, or with `lot` None every lot."""

    __tablename__ = "recalls"
    recall: Mapped[Id] = mapped_column(primary_key=True)
    product: Mapped[Id]
    lot: Mapped[Id | None] = mapped_column(default=None)
    recall_class: Mapped[Count]
    lifted: Mapped[bool] = mapped_column(default=False)
    opened_s: Mapped[Seconds]
