"""What the pharmacy can be asked to do: plain Python, each call one transaction.

`Services` is the only door: pages, HTTP, HL7 and the simulator all come through it. A call either
happened as a whole (rows, signed directives, live updates) or raised and changed nothing;
`ServiceError` carries a sentence for the person who asked.
"""

from pharmacy.services.inputs import (
    DrugCode,
    Frequency,
    Prescription,
    ServiceError,
    StockRow,
)
from pharmacy.services.office import Office
from pharmacy.services.services import Services

__all__ = [
    "DrugCode",
    "Frequency",
    "Office",
    "Prescription",
    "ServiceError",
    "Services",
    "StockRow",
]
