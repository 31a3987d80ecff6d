"""Products, patients and people by id, as pages name them."""

from collections.abc import Iterable
from datetime import date

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from pharmacy.db import PatientRow, ProductRow, StaffRow
from pharmacy.services.patients import as_record
from pharmacy.web import words
from statemachine.ward.patients import Patient
from statemachine.ward.people import Staff
from statemachine.ward.stock import Product


class Banner(msgspec.Struct, frozen=True, kw_only=True):
    """A patient as the banner of every patient page says it (RULES 10).

    `allergies`: None where nothing is recorded, which is never shown as "none known".
    """

    patient: str
    name: str
    born: str
    gender: str
    nhs: str
    where: str
    status: str
    allergies: tuple[str, ...] | None
    forgotten: bool


def products(session: Session) -> dict[str, Product]:
    """Every product ever on the formulary, by id."""
    rows = session.execute(select(ProductRow.product, ProductRow.record))
    return {product: msgspec.json.decode(record, type=Product) for product, record in rows}


def medicine(known: dict[str, Product], product: str) -> str:
    """A product's name; what was never on the formulary is said so."""
    found = known.get(product)
    return words.medicine(found) if found is not None else f"a product not known here ({product})"


def banner(row: PatientRow, today: date) -> Banner:
    """A patient's banner."""
    patient = as_record(row)
    return Banner(
        patient=row.patient,
        name="NAME FORGOTTEN" if row.forgotten_s is not None else words.patient_name(patient),
        born=words.born(patient.born, today),
        gender=patient.gender.capitalize(),
        nhs=words.nhs_number(patient.nhs),
        where=place(patient.ward, patient.bed),
        status=patient.status,
        allergies=_allergies(patient),
        forgotten=row.forgotten_s is not None,
    )


def banners(session: Session, ids: Iterable[str], today: date) -> dict[str, Banner]:
    """Banners by id; merged records show whom they live on as."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.scalars(select(PatientRow).where(PatientRow.patient.in_(wanted)))
    return {row.patient: banner(row, today) for row in rows}


def place(ward: str, bed: str) -> str:
    """`ward 7, bed 4`."""
    parts = [f"ward {ward}" if ward else "", words.bed(bed) if bed else ""]
    return ", ".join(part for part in parts if part) or "place not known"


def people(session: Session) -> dict[str, str]:
    """Ward staff by actor id, `Nina Bell (nurse)`."""
    found = {}
    for actor, record in session.execute(select(StaffRow.actor, StaffRow.record)):
        staff = msgspec.json.decode(record, type=Staff)
        name = " ".join(part for part in (staff.given, staff.family.title()) if part) or actor
        role = f" ({staff.privileges[0]})" if staff.privileges else ""
        found[actor] = name + role
    return found


def _allergies(patient: Patient) -> tuple[str, ...] | None:
    if not patient.allergies_recorded:
        return None
    return tuple(
        one.ingredient if one.kind == "allergy" else f"{one.ingredient} \N{EN DASH} {one.kind}"
        for one in patient.allergies
    )
