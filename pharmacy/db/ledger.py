"""The ledger: both signed logs of every cabinet, what is held of them, and the stock they make.

Lines are stored as the bytes that were signed and are never dropped or changed (WIRE 1). Bodies lie
beside them by digest; a forgotten body keeps its row and loses its record. `pocket_stock` is a
projection: the sum of `stock_changes`, which `rebuild` makes again from the lines alone.
"""

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from pharmacy.db.base import AutoId, Base, Count, Id, MaybeSeconds, Prose, Raw, Seconds, Word


class CabinetRow(Base):
    """A cabinet that this pharmacy enrolled.

    `hal` is `sim` or `real`, as its genesis says. `applied_ep/applied_seq`: the last directive the
    cabinet says it applied. `quarantined_s`: when a fork of its log was first seen (WIRE 1).
    """

    __tablename__ = "cabinets"
    cab: Mapped[Id] = mapped_column(primary_key=True)
    ward: Mapped[Id]
    hal: Mapped[Id]
    ep: Mapped[int]
    genesis: Mapped[Raw]
    genesis_hash: Mapped[Id]
    seal_key: Mapped[Raw]
    enrolled_s: Mapped[Seconds]
    seen_s: Mapped[MaybeSeconds]
    applied_ep: Mapped[int] = mapped_column(default=1)
    applied_seq: Mapped[Count] = mapped_column(default=0)
    quarantined_s: Mapped[MaybeSeconds]


class CabinetKeyRow(Base):
    """A key a cabinet signs with; revoked from a seq on, earlier lines stay evidence (WIRE 3)."""

    __tablename__ = "cabinet_keys"
    kid: Mapped[Id] = mapped_column(primary_key=True)
    cab: Mapped[Id] = mapped_column(ForeignKey("cabinets.cab"), index=True)
    public: Mapped[Raw]
    added_s: Mapped[Seconds]
    revoked_ep: Mapped[int | None] = mapped_column(default=None)
    revoked_seq: Mapped[Count | None] = mapped_column(default=None)


class HeadRow(Base):
    """The last line held of one log of one cabinet; `up` rows are taken FOR UPDATE to append."""

    __tablename__ = "heads"
    cab: Mapped[Id] = mapped_column(ForeignKey("cabinets.cab"), primary_key=True)
    log: Mapped[Id] = mapped_column(primary_key=True)
    ep: Mapped[int]
    seq: Mapped[Count]
    hash: Mapped[Id]


class UpLineRow(Base):
    """A line a cabinet wrote, as received; `hash` is over its JWS signing input."""

    __tablename__ = "up_lines"
    cab: Mapped[Id] = mapped_column(ForeignKey("cabinets.cab"), primary_key=True)
    ep: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[Count] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[Id]
    type: Mapped[Id]
    body: Mapped[Id]
    wall_s: Mapped[MaybeSeconds]
    received_s: Mapped[Seconds]
    raw: Mapped[Raw]
    __table_args__ = (Index("ix_up_lines_received", "received_s"),)


class DnLineRow(Base):
    """A directive this pharmacy signed for a cabinet."""

    __tablename__ = "dn_lines"
    cab: Mapped[Id] = mapped_column(ForeignKey("cabinets.cab"), primary_key=True)
    ep: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[Count] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[Id]
    type: Mapped[Id]
    body: Mapped[Id]
    wall_s: Mapped[Seconds]
    raw: Mapped[Raw]
    __table_args__ = (Index("ix_dn_lines_body", "body"),)


class BodyRow(Base):
    """A body by digest, shared by every line that names it.

    `record` is None once forgotten. `patient` names whose it is, so that it can be forgotten.
    """

    __tablename__ = "bodies"
    digest: Mapped[Id] = mapped_column(primary_key=True)
    record: Mapped[bytes | None] = mapped_column(default=None)
    patient: Mapped[Id | None] = mapped_column(default=None)
    forgotten_s: Mapped[MaybeSeconds]
    # Few bodies hold a name; the many that do not cost the index nothing.
    __table_args__ = (
        Index(
            "ix_bodies_patient",
            "patient",
            sqlite_where=text("patient IS NOT NULL"),
            postgresql_where=text("patient IS NOT NULL"),
        ),
    )


class EvidenceRow(Base):
    """A line that contradicts one we hold (fork): both are kept, neither is overwritten."""

    __tablename__ = "evidence"
    id: Mapped[AutoId]
    cab: Mapped[Id] = mapped_column(ForeignKey("cabinets.cab"), index=True)
    ep: Mapped[int]
    seq: Mapped[Count]
    hash: Mapped[Id]
    reason: Mapped[Prose]
    received_s: Mapped[Seconds]
    raw: Mapped[Raw]
    __table_args__ = (UniqueConstraint("cab", "hash"),)


class PocketStockRow(Base):
    """The book of a pocket by product and lot (empty: unknown): the sum of its signed changes."""

    __tablename__ = "pocket_stock"
    cab: Mapped[Id] = mapped_column(ForeignKey("cabinets.cab"), primary_key=True)
    pocket: Mapped[Id] = mapped_column(primary_key=True)
    product: Mapped[Id] = mapped_column(primary_key=True)
    lot: Mapped[Id] = mapped_column(primary_key=True)
    quantity: Mapped[Count]
    expires: Mapped[Word]


class StockChangeRow(Base):
    """One signed change and the `up` line that made it; `part` counts changes of one line."""

    __tablename__ = "stock_changes"
    cab: Mapped[Id] = mapped_column(ForeignKey("cabinets.cab"), primary_key=True)
    ep: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[Count] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pocket: Mapped[Id]
    product: Mapped[Id]
    lot: Mapped[Id]
    expires: Mapped[Word]
    quantity: Mapped[Count]
    type: Mapped[Id]
    wall_s: Mapped[MaybeSeconds]
