"""A pharmacist at the tables' page, for scenarios that begin with a message.

The product never takes a name for a match (R5): somebody has to say once what a foreign drug code
is, and what a frequency text means. In a scenario nobody can click, so this plays the person: a
waiting order whose drug text names exactly one product of the scenario, by generic name and
strength, gets its code entered; common frequency words get their usual times. What a person could
not decide stays waiting.
"""

from sqlalchemy import select

from pharmacy.db import OrderRow
from pharmacy.services import Frequency, Services
from pharmacy.services.resolving import codes
from statemachine.ward.stock import Product

TIMES: dict[str, tuple[str, ...]] = {
    "od": ("08:00",),
    "om": ("08:00",),
    "mane": ("08:00",),
    "on": ("22:00",),
    "nocte": ("22:00",),
    "bd": ("08:00", "20:00"),
    "bid": ("08:00", "20:00"),
    "tds": ("08:00", "14:00", "22:00"),
    "tid": ("08:00", "14:00", "22:00"),
    "qds": ("08:00", "12:00", "18:00", "22:00"),
    "qid": ("08:00", "12:00", "18:00", "22:00"),
}
"""What a UK ward usually means by these words."""
MEASURED = frozenset({"mg", "g", "ml", "l", "micrograms", "microgram", "mcg", "ug", "mmol"})


def fill_tables(services: Services, products: dict[str, Product]) -> None:
    """Say what can be said of every order that waits."""
    with services.office.read() as session:
        rows = list(session.scalars(select(OrderRow).where(OrderRow.status == "waiting")))
        waiting = [(codes(row), row.frequency, _units(row)) for row in rows]
    for drugs, frequency, units in waiting:
        words = frequency.casefold().split()
        times = next((TIMES[word] for word in words if word in TIMES), None)
        if times is not None:
            services.map_frequency(frequency, Frequency(kind="times", times=times), "play")
        for drug in drugs:
            named = [one for one in products.values() if _names(drug.text, one)]
            if len(named) == 1:
                services.map_drug(drug, named[0].product, "play", units)


def _names(text: str, product: Product) -> bool:
    said = " ".join(text.casefold().split())
    return product.generic.casefold() in said and product.strength.casefold() in said


def _units(row: OrderRow) -> int | None:
    """How many units make the dose, where the message counts tablets instead of milligrams."""
    if row.dose_n is None or row.dose_e or row.dose_unit.casefold() in MEASURED:
        return None
    return row.dose_n
