"""What an order comes to by the tables as they are now. Reads only.

An order names its drug by somebody's code and its times by somebody's text. Both are looked up
anew whenever the order is looked at, so filling or correcting a table row is all it takes. Whatever
cannot be said for certain is said to be missing, in a sentence for the pharmacist; nothing is
guessed and nothing is rounded.
"""

from typing import Literal

import msgspec

from pharmacy.db import DrugMapRow, OrderRow
from pharmacy.services import doses, stock, tables, timing
from pharmacy.services.inputs import DrugCode, Frequency
from pharmacy.services.office import Unit
from statemachine.ward.entry import Decimal10
from statemachine.ward.orders import FulfilmentSet, Order, OrderKind

Verdict = Literal["none", "verified", "queried", "rejected"]

NO_PRODUCT = "Nobody has said yet which product the drug is."
NO_DOSE = "The dose does not come out in whole units of the products stocked."
NO_TIMES = "Nobody has said yet when to give it."
TWO_PRODUCTS = "The order's codes stand for different products. Ask the prescriber."
RETIRED = "The product is not on the formulary any more."
TIMES_FOR_PRN = "The frequency has times, but the order is as-required. Say the least interval."


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """What an order comes to; with anything in `missing` (sentences) it must wait."""

    kind: OrderKind
    sets: tuple[FulfilmentSet, ...] = ()
    plan: Frequency | None = None
    early_s: int = timing.EARLY_S
    late_s: int | None = None
    missing: tuple[str, ...] = ()


def resolve(unit: Unit, row: OrderRow) -> Resolved:
    """Work out sets and plan of an order."""
    sets, no_sets = _sets(unit, row)
    kind, plan, no_plan = _plan(unit, row)
    found = [stock.product(unit, product) for product, _ in (sets[0] if sets else ())]
    products = [product for product in found if product is not None]
    default_early_s = stock.setting(unit, "early_s", timing.EARLY_S)
    questions = msgspec.json.decode(row.questions or "[]", type=tuple[str, ...])
    return Resolved(
        kind=kind,
        sets=sets,
        plan=plan,
        early_s=timing.shortest([p.early_s for p in products], default_early_s) or 0,
        late_s=timing.shortest([p.late_s for p in products], None),
        missing=tuple(text for text in (*questions, no_sets, no_plan) if text),
    )


def directive(row: OrderRow, resolved: Resolved) -> Order:
    """Return the `order` directive of a row."""
    plan = resolved.plan if resolved.kind == "as-required" else None
    return Order(
        order=row.order,
        patient=row.patient,
        kind=resolved.kind,
        seen=row.seen,
        verdict=msgspec.convert(row.verdict or "none", Verdict),
        sets=resolved.sets,
        dose=_dose(row),
        route=row.route,
        frequency=row.frequency,
        text=row.text or row.drug_text,
        starts_s=row.starts_s,
        ends_s=row.ends_s,
        interval_s=None if plan is None else plan.interval_s,
        max_per_24h=None if plan is None else plan.max_per_24h,
        allergy_reason=row.allergy_reason,
        elsewhere=row.elsewhere,
    )


def codes(row: OrderRow) -> list[DrugCode]:
    """Return every code the drug was named by, the first one first."""
    also = msgspec.json.decode(row.also or "[]", type=list[DrugCode])
    first = DrugCode(system=row.drug_system, code=row.drug_code, text=row.drug_text)
    return [code for code in (first, *also) if code.code]


def mapped(unit: Unit, row: OrderRow) -> list[DrugMapRow]:
    """Return what pharmacists said of the order's codes."""
    found = (unit.session.get(DrugMapRow, (one.system, one.code)) for one in codes(row))
    return [one for one in found if one is not None]


def explicit_sets(row: OrderRow) -> tuple[FulfilmentSet, ...]:
    """Return the sets a person said for this order, or none."""
    return msgspec.json.decode(row.sets or "[]", type=tuple[FulfilmentSet, ...])


def _sets(unit: Unit, row: OrderRow) -> tuple[tuple[FulfilmentSet, ...], str]:
    """Return the fulfilment sets, or none and what is missing."""
    given = explicit_sets(row)
    if given or row.elsewhere:
        return given, ""
    named = mapped(unit, row)
    products = {row.product} if row.product else {one.product for one in named}
    if len(products) != 1:
        return (), TWO_PRODUCTS if products else NO_PRODUCT
    product = stock.product(unit, products.pop())
    if product is None:
        return (), RETIRED
    dose = _dose(row)
    units = named[0].units if named and not row.product else None
    if units is not None and not (dose and doses.follows_from_strength(dose, product)):
        return (((product.product, units),),), ""
    sets = () if dose is None else doses.sets_for(dose, product, stock.alike(unit, product))
    return sets, "" if sets else NO_DOSE


def _plan(unit: Unit, row: OrderRow) -> tuple[OrderKind, Frequency | None, str]:
    """Return the kind, what the timing means, and what is missing."""
    kind: OrderKind = msgspec.convert(row.kind, OrderKind)
    said = _said(row, kind)
    if said is None and row.frequency_key:
        said = tables.frequency(unit, row.frequency_key)
    if said is None:
        needed = not row.elsewhere and kind not in {"continuous", "authority"}
        return kind, None, NO_TIMES if needed else ""
    if kind == "as-required" and said.kind != "as-required":
        return kind, None, TIMES_FOR_PRN
    if said.kind == "as-required":
        return "as-required", _least(row, said), ""
    return "stat" if said.kind == "stat" else kind, said, ""


def _said(row: OrderRow, kind: OrderKind) -> Frequency | None:
    """Return the timing that the order itself says, without any table."""
    if kind == "stat":
        return Frequency(kind="stat")
    if kind == "as-required" and row.interval_s is not None:
        return Frequency(kind="as-required", interval_s=row.interval_s)
    times = msgspec.json.decode(row.times or "[]", type=tuple[str, ...])
    return Frequency(kind="times", times=times) if times else None


def _least(row: OrderRow, said: Frequency) -> Frequency:
    """Return an as-required plan; what the prescriber said goes before the table."""
    return Frequency(
        kind="as-required",
        interval_s=row.interval_s or said.interval_s,
        max_per_24h=row.max_per_24h or said.max_per_24h,
    )


def _dose(row: OrderRow) -> Decimal10 | None:
    if row.dose_n is None:
        return None
    return Decimal10(n=row.dose_n, e=row.dose_e, unit=row.dose_unit)
