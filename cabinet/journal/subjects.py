"""What a line is the last word on: the subjects of `latest`.

The gate asks whether the line an intent names is still the latest for its subject. So everything
that ends, stops or replaces a thing shares the subject of that thing: an `order.stop` makes its
order's line old, a `retire` does, and so does a newer line of the same order.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from statemachine.ward.entry import Entry
from statemachine.ward.house import DirectivesApplied
from statemachine.ward.orders import Order, OrderStop
from statemachine.ward.patients import Patient, PatientMerge
from statemachine.ward.people import Credential, Staff
from statemachine.ward.stock import Formulary, Pocket, Retire

APPLIED: Final = "applied"
"""The last `directives.applied`."""

_SUBJECTS: Final[Mapping[type[Entry], Callable[[Any], tuple[str, ...]]]] = {
    Staff: lambda entry: (staff(entry.actor),),
    Credential: lambda entry: (f"credential:{entry.actor}",),
    Order: lambda entry: (order(entry.order),),
    OrderStop: lambda entry: (order(entry.order),),
    Patient: lambda entry: (f"patient:{entry.patient}",),
    PatientMerge: lambda entry: (merged(entry.merged),),
    Pocket: lambda entry: (pocket(entry.pocket),),
    Formulary: lambda entry: tuple(f"product:{one.product}" for one in entry.products),
    Retire: lambda entry: tuple(f"{entry.kind}:{one}" for one in entry.ids),
    DirectivesApplied: lambda _entry: (APPLIED,),
}

_NAMING: Final[Mapping[type[Entry], Callable[[Any], str]]] = {
    Patient: lambda entry: f"patient:{entry.patient}",
    Staff: lambda entry: staff(entry.actor),
}


def subjects(entry: Entry | None) -> tuple[str, ...]:
    """Everything this line is now the last word on."""
    how = _SUBJECTS.get(type(entry)) if entry is not None else None
    return () if how is None else how(entry)


def named(entry: Entry | None) -> str | None:
    """Whose name stands in this body, as a subject; None when it names nobody."""
    how = _NAMING.get(type(entry)) if entry is not None else None
    return None if how is None else how(entry)


def staff(actor: str) -> str:
    """The subject of a person."""
    return f"staff:{actor}"


def order(order_id: str) -> str:
    """The subject of an order."""
    return f"order:{order_id}"


def pocket(pocket_id: str) -> str:
    """The subject of a pocket."""
    return f"pocket:{pocket_id}"


def merged(patient: str) -> str:
    """The subject of a merge, by the record that ended."""
    return f"merge:{patient}"
