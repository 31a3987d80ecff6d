"""The two tables a pharmacist fills, with what waits for a row on top.

Candidates are suggested by words that the prescriber's text and a product's name share. They only
put likely products first in the list to choose from; nothing is chosen by a name (names alone never
match).
"""

import re

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pharmacy.db import AttentionRow, DrugMapRow, FrequencyMapRow, OrderRow
from pharmacy.services import Office
from pharmacy.services.inputs import Frequency
from pharmacy.services.tables import drug_key, frequency_key
from pharmacy.services.text import clean
from pharmacy.web import words
from pharmacy.web.reading import names
from pharmacy.web.reading.orders import dose_text, frequency_words
from statemachine.ward.stock import Product

ROWS_MAX = 1000
CANDIDATES_MAX = 8


class WaitingCode(msgspec.Struct, frozen=True, kw_only=True):
    """A drug code nobody has mapped; `doses` are what the waiting orders ask for."""

    system: str
    code: str
    text: str
    orders: int
    first: str
    doses: tuple[str, ...]
    likely: tuple[tuple[str, str], ...]


class WaitingText(msgspec.Struct, frozen=True, kw_only=True):
    """A frequency text nobody has given a meaning."""

    text: str
    orders: int
    first: str
    as_required: bool


class MappedCode(msgspec.Struct, frozen=True, kw_only=True):
    """A filled row of the drug table."""

    system: str
    code: str
    text: str
    product: str
    name: str
    units: int | None
    by: str
    at_s: int


class MappedText(msgspec.Struct, frozen=True, kw_only=True):
    """A filled row of the frequency table."""

    text: str
    frequency: Frequency
    meaning: str
    by: str
    at_s: int


class Drugs(msgspec.Struct, frozen=True, kw_only=True):
    """The drug table; `products` are (id, name) of the whole formulary."""

    waiting: tuple[WaitingCode, ...]
    mapped: tuple[MappedCode, ...]
    products: tuple[tuple[str, str], ...]


class Frequencies(msgspec.Struct, frozen=True, kw_only=True):
    """The frequency table."""

    waiting: tuple[WaitingText, ...]
    mapped: tuple[MappedText, ...]


def drugs(office: Office) -> Drugs:
    """Everything the drug page shows."""
    with office.read() as session:
        known = names.products(session)
        mapped = session.scalars(
            select(DrugMapRow).order_by(DrugMapRow.text, DrugMapRow.code).limit(ROWS_MAX)
        ).all()
        return Drugs(
            waiting=tuple(_waiting_codes(session, known)),
            mapped=tuple(
                MappedCode(
                    system=row.system,
                    code=row.code,
                    text=row.text,
                    product=row.product,
                    name=names.medicine(known, row.product),
                    units=row.units,
                    by=row.filled_by,
                    at_s=row.filled_s,
                )
                for row in mapped
            ),
            products=tuple(
                (product, name)
                for name, product in sorted((words.medicine(p), p.product) for p in known.values())
            ),
        )


def frequencies(office: Office) -> Frequencies:
    """Everything the frequency page shows."""
    with office.read() as session:
        mapped = session.scalars(
            select(FrequencyMapRow).order_by(FrequencyMapRow.text).limit(ROWS_MAX)
        ).all()
        found = []
        for row in mapped:
            frequency = msgspec.convert(
                {
                    "kind": row.kind,
                    "times": msgspec.json.decode(row.times),
                    "days": msgspec.json.decode(row.days),
                    "interval_s": row.interval_s,
                    "max_per_24h": row.max_per_24h,
                },
                Frequency,
            )
            found.append(
                MappedText(
                    text=row.text,
                    frequency=frequency,
                    meaning=frequency_words(frequency),
                    by=row.filled_by,
                    at_s=row.filled_s,
                )
            )
        return Frequencies(waiting=tuple(_waiting_texts(session)), mapped=tuple(found))


def _open_keys(session: Session, kind: str) -> set[str]:
    return set(
        session.scalars(
            select(AttentionRow.key).where(
                AttentionRow.closed_s.is_(None), AttentionRow.kind == kind
            )
        )
    )


def _waiting_codes(session: Session, known: dict[str, Product]) -> list[WaitingCode]:
    open_keys = _open_keys(session, "drug")
    groups = session.execute(
        select(
            OrderRow.drug_system,
            OrderRow.drug_code,
            func.min(OrderRow.drug_text),
            func.count(),
            func.min(OrderRow.order),
        )
        .where(OrderRow.status == "waiting", OrderRow.drug_code != "")
        .group_by(OrderRow.drug_system, OrderRow.drug_code)
        .order_by(func.count().desc(), OrderRow.drug_code)
        .limit(ROWS_MAX)
    ).all()
    found = []
    for system, code, text, orders, first in groups:
        if drug_key(system, code) not in open_keys:
            continue
        found.append(
            WaitingCode(
                system=system,
                code=code,
                text=clean(text) or "no name given",
                orders=orders,
                first=first,
                doses=_asked_doses(session, system, code),
                likely=likely(text, known),
            )
        )
    return found


def _asked_doses(session: Session, system: str, code: str) -> tuple[str, ...]:
    rows = session.scalars(
        select(OrderRow)
        .where(
            OrderRow.status == "waiting",
            OrderRow.drug_system == system,
            OrderRow.drug_code == code,
        )
        .limit(50)
    )
    return tuple(sorted({dose_text(row) for row in rows} - {""}))


def _waiting_texts(session: Session) -> list[WaitingText]:
    open_keys = _open_keys(session, "frequency")
    groups = session.execute(
        select(
            OrderRow.frequency_key,
            func.count(),
            func.min(OrderRow.order),
            func.count().filter(OrderRow.kind == "as-required"),
        )
        .where(OrderRow.status == "waiting", OrderRow.frequency_key != "")
        .group_by(OrderRow.frequency_key)
        .order_by(func.count().desc(), OrderRow.frequency_key)
        .limit(ROWS_MAX)
    ).all()
    return [
        WaitingText(text=key, orders=orders, first=first, as_required=bool(required))
        for key, orders, first, required in groups
        if frequency_key(key) in open_keys
    ]


def likely(text: str, known: dict[str, Product]) -> tuple[tuple[str, str], ...]:
    """Products that share words with a text, best first, one of them of the generic name."""
    said = _words(text)
    scored = []
    for product in known.values():
        name = words.medicine(product)
        if _words(product.generic) & said:
            scored.append((-len(_words(name) & said), name, product.product))
    return tuple((product, name) for _score, name, product in sorted(scored)[:CANDIDATES_MAX])


def _words(text: str) -> set[str]:
    spread = re.sub(r"([0-9])([a-z])", r"\1 \2", text.lower())
    return set(re.findall(r"[a-z]{3,}|[0-9]+(?:\.[0-9]+)?", spread))
