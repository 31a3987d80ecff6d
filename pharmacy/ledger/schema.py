"""How the bodies of `up` lines are read: by the ward's own entry classes, with bounds.

A body is signed, but a signature only says whose word it is. What goes into columns of the ledger
is bounded here, so that a broken or stolen cabinet cannot write what the database cannot hold.
"""

from collections.abc import Callable, Iterable

import msgspec

from statemachine.ward import drawers, house, orders, patients, people, stock
from statemachine.ward.entry import Entry

TEXT_MAX = 128
"""Longest id in a body, in characters."""

_ID_FIELDS = (
    "actor",
    "discrepancy",
    "dose",
    "expires",
    "lot",
    "order",
    "patient",
    "pocket",
    "product",
    "task",
    "witness",
)

CHAPTERS = (drawers, house, orders, patients, people, stock)


def entry_types() -> dict[str, type[Entry]]:
    """Every entry class of either log by its line type."""
    found: dict[str, type[Entry]] = {}
    for entry in _below(Entry):
        if entry.TYPE:
            found[entry.TYPE] = entry
    return found


def _below(base: type[Entry]) -> Iterable[type[Entry]]:
    for entry in base.__subclasses__():
        yield entry
        yield from _below(entry)


def _reader(entry: type[Entry]) -> Callable[[bytes], Entry]:
    decode = msgspec.json.Decoder(entry).decode
    ids = tuple(name for name in _ID_FIELDS if name in entry.__struct_fields__)

    def read(data: bytes) -> Entry:
        body = decode(data)
        for name in ids:
            value = getattr(body, name)
            if value is not None and len(value) > TEXT_MAX:
                raise ValueError(f"An id is longer than {TEXT_MAX} characters - at `$.{name}`")
        return body

    return read


_READERS = {name: _reader(entry) for name, entry in entry_types().items()}
_UP = {name: read for name, read in _READERS.items() if entry_types()[name].LOG == "up"}


def up_schema(line_type: str) -> Callable[[bytes], Entry] | None:
    """Return how a body of this `up` type is read, None when nobody here knows the type."""
    return _UP.get(line_type)


def read_directive(line_type: str, data: bytes) -> Entry:
    """Read a body this pharmacy wrote itself."""
    return _READERS[line_type](data)
