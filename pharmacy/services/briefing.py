"""Briefing: everything that holds now, said to one cabinet that was just enrolled.

The order matters a little: settings and lists before what they bound, products before pockets and
orders, people before anybody can sign in. Nothing is said twice; from the end of the briefing on
the cabinet hears what every other cabinet hears.
"""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import select

from pharmacy.db import (
    AdministrationRow,
    CabinetRow,
    CredentialRow,
    ListRow,
    OrderRow,
    PatientRow,
    ProductRow,
    RecallRow,
    SettingRow,
    StaffRow,
)
from pharmacy.services import orders, patients, people, periodic
from pharmacy.services.office import Unit
from statemachine.ward.orders import Administration
from statemachine.ward.patients import PatientMerge
from statemachine.ward.people import Staff
from statemachine.ward.stock import Formulary, Product, Recall, Setting, WardList

FORMULARY_BYTES_MAX = 40_000
"""JSON of the products of one directive; a body record of 64 KiB holds 49,000 bytes of JSON."""

ADMINISTERED_BACK_S = 48 * 3600


def brief(unit: Unit, cab: str) -> None:
    """Say everything that holds to `cab`."""
    _house(unit, cab)
    _formulary(unit, cab)
    _people(unit, cab)
    _patients(unit, cab)
    _orders(unit, cab)
    periodic.say_heartbeat(unit, [cab])


def formulary_lines(products: Sequence[Product]) -> Iterable[Formulary]:
    """Split products over as many `formulary` directives as their bodies need."""
    chunk: list[Product] = []
    size = 0
    for product in products:
        length = len(msgspec.json.encode(product)) + 1
        if chunk and size + length > FORMULARY_BYTES_MAX:
            yield Formulary(products=tuple(chunk))
            chunk, size = [], 0
        chunk.append(product)
        size += length
    if chunk:
        yield Formulary(products=tuple(chunk))


def _house(unit: Unit, cab: str) -> None:
    where = unit.session.get_one(CabinetRow, cab).ward
    unit.direct(Setting(key="cabinet", value=cab), [cab])
    unit.direct(Setting(key="ward", value=where), [cab])
    for setting in unit.session.scalars(select(SettingRow).order_by(SettingRow.key)):
        value = msgspec.json.decode(setting.value, type=int | str)
        unit.direct(Setting(key=setting.key, value=value), [cab])
    for row in unit.session.scalars(select(ListRow).order_by(ListRow.name)):
        items = msgspec.json.decode(row.items, type=tuple[str, ...])
        unit.direct(WardList(name=row.name, items=items, review=row.review), [cab])


def _formulary(unit: Unit, cab: str) -> None:
    rows = unit.session.scalars(
        select(ProductRow.record).where(ProductRow.retired_s.is_(None)).order_by(ProductRow.product)
    )
    for line in formulary_lines([msgspec.json.decode(row, type=Product) for row in rows]):
        unit.direct(line, [cab])
    for recall in unit.session.scalars(
        select(RecallRow).where(RecallRow.lifted.is_(False)).order_by(RecallRow.recall)
    ):
        unit.direct(
            Recall(
                recall=recall.recall,
                product=recall.product,
                lot=recall.lot,
                recall_class=recall.recall_class,
            ),
            [cab],
        )


def _people(unit: Unit, cab: str) -> None:
    for record in unit.session.scalars(select(StaffRow.record).order_by(StaffRow.actor)):
        unit.direct(msgspec.json.decode(record, type=Staff), [cab])
    for row in unit.session.scalars(
        select(CredentialRow)
        .where(CredentialRow.withdrawn.is_(False))
        .order_by(CredentialRow.actor)
    ).all():
        people.send_credential(unit, row, cab=cab)


def _patients(unit: Unit, cab: str) -> None:
    rows = unit.session.scalars(
        select(PatientRow).where(PatientRow.forgotten_s.is_(None)).order_by(PatientRow.patient)
    ).all()
    for row in rows:
        if row.merged_into is None:
            unit.direct(patients.as_record(row), [cab], patient=row.patient)
        else:
            unit.direct(PatientMerge(patient=row.merged_into, merged=row.patient), [cab])


def _orders(unit: Unit, cab: str) -> None:
    for row in unit.session.scalars(
        select(OrderRow)
        .where(OrderRow.sent.is_(True), OrderRow.status == "active")
        .order_by(OrderRow.prescribed_s, OrderRow.order)
    ).all():
        orders.send(unit, row, [cab])
    since_s = unit.now_s - ADMINISTERED_BACK_S
    for given in unit.session.scalars(
        select(AdministrationRow)
        .where(AdministrationRow.at_s >= since_s)
        .order_by(AdministrationRow.id)
    ):
        unit.direct(as_administration(given), [cab])


def as_administration(row: AdministrationRow) -> Administration:
    """Return the directive of a recorded administration."""
    return msgspec.convert(
        {
            "patient": row.patient,
            "outcome": row.outcome,
            "at_s": row.at_s,
            "order": row.order,
            "dose": row.dose,
            "product": row.product,
        },
        Administration,
    )
