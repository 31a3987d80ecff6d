"""Patients and orders as the pharmacy knows them; the newest word on each.

Names, birth dates and numbers stand in `patients` and `patient_identifiers` only, and are blanked
72 h after discharge (RULES 3). Every other table knows a patient by opaque id.
"""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from pharmacy.db.base import AutoId, Base, Count, Id, MaybeSeconds, Prose, Seconds, Word


class PatientRow(Base):
    """The latest word on a patient; fields as in the `patient` directive.

    `allergies` is JSON as in the directive. `merged_into`: this record lives on as that one.
    `before` is JSON of (status, ward, bed, discharged_s, until_s) before the last movement, so that
    its cancellation can put them back. `forgotten_s`: when the names were forgotten here;
    `erased_s`: when the last body that held them was erased too.
    """

    __tablename__ = "patients"
    patient: Mapped[Id] = mapped_column(primary_key=True)
    family: Mapped[Word]
    given: Mapped[Word]
    title: Mapped[Word]
    born: Mapped[Word]
    gender: Mapped[Word]
    nhs: Mapped[Word]
    mrn: Mapped[Word]
    ward: Mapped[Word]
    bed: Mapped[Word]
    status: Mapped[Word]
    discharged_s: Mapped[MaybeSeconds]
    expected_s: Mapped[MaybeSeconds]
    until_s: Mapped[MaybeSeconds]
    allergies_recorded: Mapped[bool] = mapped_column(default=False)
    allergies: Mapped[Prose]
    merged_into: Mapped[Id | None] = mapped_column(default=None)
    before: Mapped[Prose]
    updated_s: Mapped[Seconds]
    forgotten_s: Mapped[MaybeSeconds]
    erased_s: Mapped[MaybeSeconds]
    __table_args__ = (
        Index("ix_patients_ward_status", "ward", "status"),
        Index("ix_patients_forgotten", "forgotten_s", "erased_s"),
    )


class PatientIdentifierRow(Base):
    """A number somebody knows a patient by: system `nhs`, `mrn`, `visit:<source>`, ..."""

    __tablename__ = "patient_identifiers"
    system: Mapped[Id] = mapped_column(primary_key=True)
    value: Mapped[Id] = mapped_column(primary_key=True)
    patient: Mapped[Id] = mapped_column(ForeignKey("patients.patient"), index=True)


class OrderRow(Base):
    """A prescription line, as prescribed and as the pharmacist judged it.

    `status`: `waiting` (something is not known yet; `waiting_for` says what), `active`, `stopped`.
    `asked` is JSON of the prescription as it came, to know a repetition by. `product`: the product,
    where it was named so; else `drug_*` is the first code it was named by and `also` JSON of the
    others. `sets` is JSON as in the `order` directive, where a person said them. `questions`: what
    only a person can answer. `placer` is the prescriber system's number.
    `dose_n * 10**-dose_e dose_unit` is the dose; rates and the like stand in `text`.
    """

    __tablename__ = "orders"
    order: Mapped[Id] = mapped_column(primary_key=True)
    patient: Mapped[Id] = mapped_column(ForeignKey("patients.patient"), index=True)
    kind: Mapped[Word]
    status: Mapped[Word]
    waiting_for: Mapped[Prose]
    seen: Mapped[bool] = mapped_column(default=False)
    verdict: Mapped[Word]
    judged_by: Mapped[Word]
    judged_s: Mapped[MaybeSeconds]
    judged_reason: Mapped[Prose]
    placer: Mapped[Id | None] = mapped_column(default=None, unique=True)
    product: Mapped[Word]
    drug_system: Mapped[Word]
    drug_code: Mapped[Word]
    drug_text: Mapped[Prose]
    also: Mapped[Prose]
    asked: Mapped[Prose]
    questions: Mapped[Prose]
    sets: Mapped[Prose]
    dose_n: Mapped[Count | None] = mapped_column(default=None)
    dose_e: Mapped[int] = mapped_column(default=0)
    dose_unit: Mapped[Word]
    route: Mapped[Word]
    frequency: Mapped[Prose]
    frequency_key: Mapped[Word] = mapped_column(index=True)
    text: Mapped[Prose]
    times: Mapped[Prose]
    starts_s: Mapped[MaybeSeconds]
    ends_s: Mapped[MaybeSeconds]
    interval_s: Mapped[int | None] = mapped_column(default=None)
    max_per_24h: Mapped[int | None] = mapped_column(default=None)
    allergy_reason: Mapped[Prose]
    elsewhere: Mapped[Word]
    stop_reason: Mapped[Prose]
    stopped_s: Mapped[MaybeSeconds]
    prescribed_s: Mapped[Seconds]
    sent: Mapped[bool] = mapped_column(default=False)
    expanded_to_s: Mapped[MaybeSeconds]
    __table_args__ = (Index("ix_orders_status", "status"),)


class WindowRow(Base):
    """One scheduled dose as last sent: due, earliest and last removal; seconds since 1970."""

    __tablename__ = "order_windows"
    order: Mapped[Id] = mapped_column(ForeignKey("orders.order"), primary_key=True)
    due_s: Mapped[Seconds] = mapped_column(primary_key=True, autoincrement=False)
    opens_s: Mapped[Seconds]
    closes_s: Mapped[Seconds]


class AdministrationRow(Base):
    """What the ePMA recorded of a dose: given, held, omitted, refused."""

    __tablename__ = "administrations"
    id: Mapped[AutoId]
    patient: Mapped[Id] = mapped_column(ForeignKey("patients.patient"), index=True)
    order: Mapped[Id]
    dose: Mapped[Word]
    product: Mapped[Id]
    outcome: Mapped[Word]
    at_s: Mapped[Seconds]
    __table_args__ = (Index("ix_administrations_dose", "order", "dose"),)
