"""The two tables a pharmacist fills once: drug codes, and what a frequency text means.

Names alone never match a product: only a code of a system that a pharmacist has looked at does.
The same holds for `BD` or `one a day with food`. Filling a row sends every order that waited for
it; correcting one sends every order that used it again.
"""

import msgspec
from sqlalchemy import ColumnElement, and_, or_, select

from pharmacy.db import DrugMapRow, FrequencyMapRow, OrderRow, ProductRow
from pharmacy.services import orders
from pharmacy.services.inputs import DrugCode, Frequency, ServiceError
from pharmacy.services.office import Office, Unit
from pharmacy.services.tables import drug_key, frequency_key, normal_frequency
from pharmacy.services.text import clean, ident, word
from pharmacy.services.timing import parse_time

UNITS_MAX = 100
LOCAL = "local"
"""The system of codes whose sender names none."""
INTERVAL_S_MAX = 31 * 24 * 3600
TIMES_MAX = 24


def map_drug(office: Office, drug: DrugCode, product: str, by: str, units: int | None) -> int:
    """Say what a drug code is; see `Services.map_drug`."""
    system = ident(drug.system or LOCAL, "The code's system")
    ident(drug.code, "The code")
    if units is not None and not 0 < units <= UNITS_MAX:
        raise ServiceError(f"A dose is 1 to {UNITS_MAX} units of issue. Nothing was changed.")

    def work(unit: Unit) -> int:
        if unit.session.get(ProductRow, product) is None:
            raise ServiceError("This product is not on the formulary. Add it first.")
        row = unit.session.get(DrugMapRow, (system, drug.code))
        if row is None:
            row = DrugMapRow(system=system, code=drug.code)
            unit.session.add(row)
        row.product, row.units = product, units
        row.text = clean(drug.text)[:250]
        row.filled_by, row.filled_s = word(by, "Your name"), unit.now_s
        unit.session.flush()
        unit.settle(drug_key(system, drug.code), by)
        unit.touch("formulary")
        return _again(unit, OrderRow.drug_system == system, OrderRow.drug_code == drug.code)

    return office.run(work)


def map_frequency(office: Office, text: str, frequency: Frequency, by: str) -> int:
    """Say what a frequency text means; see `Services.map_frequency`."""
    key = normal_frequency(text)
    if not key:
        raise ServiceError("An empty text cannot be given a meaning. Nothing was changed.")
    check_frequency(frequency)

    def work(unit: Unit) -> int:
        row = unit.session.get(FrequencyMapRow, key)
        if row is None:
            row = FrequencyMapRow(text=key)
            unit.session.add(row)
        row.kind = frequency.kind
        row.times = msgspec.json.encode(frequency.times).decode()
        row.days = msgspec.json.encode(frequency.days).decode()
        row.interval_s, row.max_per_24h = frequency.interval_s, frequency.max_per_24h
        row.filled_by, row.filled_s = word(by, "Your name"), unit.now_s
        unit.session.flush()
        unit.settle(frequency_key(key), by)
        unit.touch("formulary")
        return _again(unit, OrderRow.frequency_key == key)

    return office.run(work)


def check_frequency(frequency: Frequency) -> None:
    """Refuse what cannot be given a meaning.

    Raises:
        ServiceError: with what is wrong.
    """
    if frequency.kind == "times" and not 0 < len(frequency.times) <= TIMES_MAX:
        raise ServiceError("Write 1 to 24 times of day. Nothing was changed.")
    try:
        for text in frequency.times:
            parse_time(text)
    except ValueError as error:
        raise ServiceError(f"{error} Nothing was changed.") from None
    if any(not 1 <= day <= 7 for day in frequency.days):
        raise ServiceError("Days are 1 (Monday) to 7 (Sunday). Nothing was changed.")
    if frequency.kind == "as-required" and not (
        frequency.interval_s is not None and 0 < frequency.interval_s <= INTERVAL_S_MAX
    ):
        raise ServiceError(
            "As-required needs the least time between two doses. Nothing was changed."
        )
    if frequency.max_per_24h is not None and not 0 < frequency.max_per_24h <= 96:
        raise ServiceError("The most doses in 24 h is 1 to 96. Nothing was changed.")


def _again(unit: Unit, *where: ColumnElement[bool]) -> int:
    """Look again at every order that waits, and at those these table rows are about."""
    rows = unit.session.scalars(
        select(OrderRow)
        .where(or_(OrderRow.status == "waiting", and_(*where)), OrderRow.status != "stopped")
        .order_by(OrderRow.prescribed_s, OrderRow.order)
    ).all()
    sent = 0
    for row in rows:
        waited = row.status == "waiting"
        orders.settle(unit, row)
        if waited and row.status == "active":
            sent += 1
    return sent
