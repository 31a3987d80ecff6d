"""People, sign-in, incoming messages, and what waits for a person."""

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pharmacy.db.base import AutoId, Base, Count, Id, MaybeSeconds, Prose, Raw, Seconds, Word


class StaffRow(Base):
    """Ward staff as last sent; `record` is JSON of the `staff` directive."""

    __tablename__ = "staff"
    actor: Mapped[Id] = mapped_column(primary_key=True)
    family: Mapped[Word]
    given: Mapped[Word]
    record: Mapped[Prose]
    revoked: Mapped[bool] = mapped_column(default=False)


class CredentialRow(Base):
    """A person's badge and PIN verifier.

    `verifier` is the Argon2id text encrypted under the pharmacy's own key (a hash of six digits
    falls in hours), kept so that a cabinet enrolled later can be told; never sent but sealed.
    """

    __tablename__ = "credentials"
    actor: Mapped[Id] = mapped_column(primary_key=True)
    badge: Mapped[Id] = mapped_column(unique=True)
    verifier: Mapped[Raw]
    card: Mapped[Word]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    set_s: Mapped[Seconds]


class Hl7MessageRow(Base):
    """A message exactly as received, stored before anything is made of it.

    `status`: `received`, `applied`, `waiting` (applied, but something waits for a person),
    `refused`, `duplicate`. `reason` says why in a sentence; `ack` is what was answered. `patient`:
    whom it names; `raw` is emptied when that patient's names are forgotten.
    """

    __tablename__ = "hl7_messages"
    id: Mapped[AutoId]
    source: Mapped[Word]
    control_id: Mapped[Word]
    kind: Mapped[Word]
    digest: Mapped[Id]
    received_s: Mapped[Seconds]
    status: Mapped[Word]
    reason: Mapped[Prose]
    patient: Mapped[Id | None] = mapped_column(default=None, index=True)
    raw: Mapped[Raw]
    ack: Mapped[bytes | None] = mapped_column(default=None)
    __table_args__ = (Index("ix_hl7_messages_control", "source", "control_id"),)


class AttentionRow(Base):
    """Something a person must see: an unmapped code, a refused message, a fork, ...

    `kind`: `message`, `drug`, `frequency`, `order`, `patient`, `alarm`. `key` makes it one item
    however often it happens; `open_key` equals it while open, so that the database itself keeps
    two open items of one key apart. `subject` is the id (message, order, cabinet) it is about.
    """

    __tablename__ = "attention"
    id: Mapped[AutoId]
    kind: Mapped[Word]
    key: Mapped[Word]
    open_key: Mapped[str | None] = mapped_column(default=None)
    sentence: Mapped[Prose]
    subject: Mapped[Word]
    message: Mapped[Count | None] = mapped_column(default=None)
    times: Mapped[Count] = mapped_column(default=1)
    opened_s: Mapped[Seconds]
    closed_s: Mapped[MaybeSeconds]
    closed_by: Mapped[Word]
    __table_args__ = (
        UniqueConstraint("open_key"),
        Index("ix_attention_closed", "closed_s"),
    )


class UserRow(Base):
    """Somebody who may sign in to the pharmacy's pages.

    `role`: `pharmacist`, `technician`, `viewer`. `password` is an Argon2id text. `must_change`:
    the first-start password was never replaced. `failures` and `failed_s` slow guessing down.
    """

    __tablename__ = "users"
    user: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[Word]
    role: Mapped[Word]
    password: Mapped[Prose]
    must_change: Mapped[bool] = mapped_column(default=False)
    disabled: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[Count] = mapped_column(default=0)
    failed_s: Mapped[MaybeSeconds]


class SessionRow(Base):
    """A signed-in browser, by the SHA-256 of its cookie; `csrf` must come back with each form."""

    __tablename__ = "sessions"
    digest: Mapped[Id] = mapped_column(primary_key=True)
    user: Mapped[Id]
    csrf: Mapped[Word]
    created_s: Mapped[Seconds]
    seen_s: Mapped[Seconds]
    expires_s: Mapped[Seconds]


class ChangeCounterRow(Base):
    """How often a topic changed; pages of every server process watch it (`pharmacy.live`)."""

    __tablename__ = "changes"
    topic: Mapped[Id] = mapped_column(primary_key=True)
    count: Mapped[Count]


class FactRow(Base):
    """A single fact of the whole office: `epma_s`, `heartbeat_s`, ...; `value` is JSON."""

    __tablename__ = "facts"
    name: Mapped[Id] = mapped_column(primary_key=True)
    value: Mapped[Prose]
