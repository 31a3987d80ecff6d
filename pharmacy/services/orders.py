"""Orders: from a prescription to what a cabinet may release.

A prescription becomes an `order` line with its fulfilment sets, and an `order.windows` line with
its scheduled doses. Where a table does not know the drug's code or the frequency's text, or where
the dose does not come out in whole units, the order waits: nothing is guessed, a person is told,
and the order is sent as soon as the table is filled. What waits is never sent half, and an order
that was sent and now waits is stopped first.
"""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import delete, select

from pharmacy.clock import new_id
from pharmacy.db import AdministrationRow, OrderRow, WindowRow
from pharmacy.services import doses, maps, patients, tables, timing
from pharmacy.services.inputs import Frequency, Prescription, ServiceError
from pharmacy.services.office import Office, Unit
from pharmacy.services.resolving import (
    Resolved,
    Verdict,
    codes,
    directive,
    explicit_sets,
    mapped,
    resolve,
)
from pharmacy.services.text import ID_MAX, PROSE_MAX, WORD_MAX, clean, clean_struct, ident, word
from statemachine.dose import dose_id
from statemachine.ward.orders import (
    Administration,
    FulfilmentSet,
    OrderStop,
    OrderWindows,
    Window,
)

SETS_MAX = 20
UNITS_MAX = 1000
DOSE_N_MAX = 2**53 - 1
EXPAND_EVERY_S = 24 * 3600
"""Windows are made anew once a day, so they always reach at least 144 h ahead."""
MATCH_S = 6 * 3600
"""An administration without a dose belongs to a scheduled one at most so far from its time."""


def prescribe(office: Office, prescription: Prescription) -> str:
    """Take a prescription; see `Services.prescribe`."""
    return office.run(lambda unit: put_prescription(unit, prescription))


def judge(office: Office, order: str, verdict: Verdict, by: str, reason: str) -> None:
    """A pharmacist's word on an order; see `Services.verify`, `query`, `reject`."""

    def work(unit: Unit) -> None:
        row = known(unit, order)
        if row.status == "stopped":
            raise ServiceError("This order has ended. Nothing was changed.")
        row.seen, row.verdict = True, verdict
        row.judged_by, row.judged_s = word(by, "Your name"), unit.now_s
        row.judged_reason = word(reason, "The reason", PROSE_MAX)
        if row.status == "active":
            unit.direct(directive(row, resolve(unit, row)))
        unit.touch("orders")

    office.run(work)


def complete(
    office: Office,
    order: str,
    by: str,
    *,
    sets: Sequence[FulfilmentSet] = (),
    frequency: Frequency | None = None,
) -> bool:
    """A pharmacist says what one order could not; see `Services.complete_order`."""
    _check_sets(sets)
    if frequency is not None:
        maps.check_frequency(frequency)

    def work(unit: Unit) -> bool:
        row = known(unit, order)
        if row.status == "stopped":
            raise ServiceError("This order has ended. Nothing was changed.")
        if sets:
            row.sets = msgspec.json.encode(tuple(sets)).decode()
        if frequency is not None:
            row.kind = row.kind if frequency.kind == "times" else frequency.kind
            row.times = msgspec.json.encode(frequency.times).decode()
            row.interval_s, row.max_per_24h = frequency.interval_s, frequency.max_per_24h
        row.questions = "[]"
        row.judged_by, row.judged_s = word(by, "Your name"), unit.now_s
        row.seen = True
        settle(unit, row)
        return row.status == "active"

    return office.run(work)


def stop(office: Office, order: str, by: str, reason: str) -> None:
    """End an order; see `Services.stop`."""
    word(by, "Your name")
    office.run(lambda unit: stop_order(unit, known(unit, order), reason, None))


def administer(office: Office, administration: Administration) -> None:
    """Record what became of a dose; see `Services.record_administration`."""
    office.run(lambda unit: put_administration(unit, administration))


def put_prescription(unit: Unit, asked: Prescription) -> str:
    """Write a prescription, new or changed, and send it if nothing is missing.

    The same prescription again changes nothing, so a pharmacist's word on it stays.
    """
    asked = _checked(asked)
    asked = msgspec.structs.replace(asked, patient=patients.survivor(unit, asked.patient))
    text = msgspec.json.encode(asked).decode()
    row = _found(unit, asked)
    if row is None:
        row = OrderRow(
            order=asked.order or new_id(unit.office.clock, "o"),
            placer=asked.placer or None,
            prescribed_s=unit.now_s,
            sent=False,
        )
        unit.session.add(row)
    elif row.asked == text and row.status != "stopped":
        return row.order
    was_active = row.status == "active"
    row.asked, row.patient = text, asked.patient
    row.status = "active" if was_active else "waiting"
    row.stop_reason, row.stopped_s = "", None
    # A changed prescription is a new thing to look at.
    row.seen = asked.seen or asked.verdict != "none"
    row.verdict = asked.verdict
    _fill(row, asked)
    unit.session.flush()
    settle(unit, row)
    return row.order


def settle(unit: Unit, row: OrderRow) -> None:
    """Look at what the tables say now: send the order, or say what it waits for."""
    resolved = resolve(unit, row)
    unit.touch("orders")
    if resolved.missing:
        if row.status == "active" and row.sent:
            reason = "changed; the new order waits for a pharmacist"
            unit.direct(OrderStop(order=row.order, reason=reason, at_s=unit.now_s))
        row.status, row.waiting_for = "waiting", " ".join(resolved.missing)
        _ask(unit, row, resolved)
        return
    row.status, row.waiting_for = "active", ""
    unit.settle(f"order:{row.order}")
    unit.session.flush()
    send(unit, row)


def send(unit: Unit, row: OrderRow, cabs: Iterable[str] | None = None) -> None:
    """Send an order and its windows to cabinets (None: all)."""
    to = None if cabs is None else list(cabs)
    resolved = resolve(unit, row)
    unit.direct(directive(row, resolved), to)
    _send_windows(unit, row, resolved, to)
    row.sent = True


def expand_due(unit: Unit, limit: int = 500) -> int:
    """Make windows anew for orders whose last were made a day ago; returns of how many."""
    rows = unit.session.scalars(
        select(OrderRow)
        .where(
            OrderRow.status == "active",
            OrderRow.expanded_to_s.is_not(None),
            OrderRow.expanded_to_s <= unit.now_s + timing.AHEAD_S - EXPAND_EVERY_S,
        )
        .order_by(OrderRow.expanded_to_s, OrderRow.order)
        .limit(limit)
    ).all()
    for row in rows:
        _send_windows(unit, row, resolve(unit, row), None)
    return len(rows)


def stop_order(unit: Unit, row: OrderRow, reason: str, at_s: int | None) -> None:
    """End an order; the same again does nothing."""
    if row.status == "stopped":
        return
    row.status, row.stop_reason = "stopped", word(reason, "The reason", PROSE_MAX)
    row.stopped_s = unit.now_s if at_s is None else at_s
    if row.sent:
        unit.direct(OrderStop(order=row.order, reason=row.stop_reason, at_s=row.stopped_s))
    unit.settle(f"order:{row.order}")
    unit.touch("orders")


def put_administration(unit: Unit, said: Administration) -> None:
    """Write and send what became of a dose; the same again does nothing."""
    said = clean_struct(said, "The administration")
    said = msgspec.structs.replace(said, patient=patients.survivor(unit, said.patient))
    if said.order and not said.dose:
        said = msgspec.structs.replace(said, dose=_nearest_dose(unit, said.order, said.at_s))
    values = msgspec.structs.asdict(said)
    if unit.session.scalars(select(AdministrationRow.id).filter_by(**values)).first() is not None:
        return
    unit.session.add(AdministrationRow(**values))
    unit.direct(said)
    unit.touch("orders")


def known(unit: Unit, order: str) -> OrderRow:
    """Return an order's row.

    Raises:
        ServiceError: no such order.
    """
    row = unit.session.get(OrderRow, order)
    if row is None:
        raise ServiceError("No order of this id is known here. Nothing was changed.")
    return row


def by_placer(unit: Unit, placer: str) -> OrderRow | None:
    """Return the order the prescriber's system knows by this number."""
    return unit.session.scalars(select(OrderRow).where(OrderRow.placer == placer)).one_or_none()


def _ask(unit: Unit, row: OrderRow, resolved: Resolved) -> None:
    """Put what is missing before a pharmacist; a table row is asked for once for all orders."""
    asked = 0
    first = next(iter(codes(row)), None)
    named = bool(row.product or row.elsewhere or explicit_sets(row))
    if first is not None and not named and not mapped(unit, row):
        asked += 1
        unit.attend(
            "drug",
            tables.drug_key(first.system, first.code),
            f"Say which product {first.text or first.code} ({first.system} {first.code}) is. "
            "Orders wait for it.",
            subject=row.order,
        )
    key = row.frequency_key
    timed = resolved.plan is not None or not key
    if not timed and tables.frequency(unit, key) is None:
        asked += 1
        unit.attend(
            "frequency",
            tables.frequency_key(key),
            f"Say when to give {key}. Orders wait for it.",
            subject=row.order,
        )
    if len(resolved.missing) > asked:
        unit.attend(
            "order", f"order:{row.order}", f"An order waits. {row.waiting_for}", subject=row.order
        )
    else:
        unit.settle(f"order:{row.order}")


def _send_windows(
    unit: Unit, row: OrderRow, resolved: Resolved, cabs: Sequence[str] | None
) -> None:
    plan = resolved.plan
    made: tuple[Window, ...] = ()
    if plan is not None:
        made = timing.windows(
            plan,
            now_s=unit.now_s,
            starts_s=row.prescribed_s if row.starts_s is None else row.starts_s,
            ends_s=row.ends_s,
            zone=unit.office.zone,
            early_s=resolved.early_s,
            late_s=resolved.late_s,
        )
    timed = plan is not None and plan.kind == "times"
    if cabs is not None:
        if made:
            unit.direct(OrderWindows(order=row.order, windows=made), cabs)
        return
    row.expanded_to_s = unit.now_s + timing.AHEAD_S if timed else None
    if _stored_windows(unit, row.order) != made:
        _store_windows(unit, row.order, made)
        unit.direct(OrderWindows(order=row.order, windows=made))


def _stored_windows(unit: Unit, order: str) -> tuple[Window, ...]:
    rows = unit.session.scalars(
        select(WindowRow).where(WindowRow.order == order).order_by(WindowRow.due_s)
    )
    return tuple(Window(row.due_s, row.opens_s, row.closes_s) for row in rows)


def _store_windows(unit: Unit, order: str, made: tuple[Window, ...]) -> None:
    unit.session.execute(delete(WindowRow).where(WindowRow.order == order))
    unit.session.add_all(
        WindowRow(order=order, due_s=w.due_s, opens_s=w.opens_s, closes_s=w.closes_s) for w in made
    )
    unit.session.flush()


def _nearest_dose(unit: Unit, order: str, at_s: int) -> str:
    """Return the scheduled dose an administration belongs to, or "" when none is near."""
    near = [
        window
        for window in _stored_windows(unit, order)
        if window.opens_s <= at_s <= window.closes_s and abs(window.due_s - at_s) <= MATCH_S
    ]
    if not near:
        return ""
    return dose_id(order, min(near, key=lambda w: (abs(w.due_s - at_s), w.due_s)).due_s)


def _checked(asked: Prescription) -> Prescription:
    if asked.order:
        ident(asked.order, "The order's id")
    if asked.placer:
        ident(asked.placer, "The order's number")
    _check_sets(asked.sets)
    if asked.dose is not None and (
        not 0 <= asked.dose.n <= DOSE_N_MAX or abs(asked.dose.e) > doses.EXPONENT_MAX
    ):
        raise ServiceError("This dose is not an amount anybody gives. Nothing was changed.")
    if asked.times:
        maps.check_frequency(Frequency(kind="times", times=asked.times))
    return clean_struct(asked, "The order")


def _check_sets(sets: Sequence[FulfilmentSet]) -> None:
    if len(sets) > SETS_MAX or any(
        not 0 < quantity <= UNITS_MAX for one in sets for _product, quantity in one
    ):
        raise ServiceError(f"A dose is 1 to {UNITS_MAX} units of issue. Nothing was changed.")


def _found(unit: Unit, asked: Prescription) -> OrderRow | None:
    if asked.order:
        return unit.session.get(OrderRow, asked.order)
    return by_placer(unit, asked.placer) if asked.placer else None


def _fill(row: OrderRow, asked: Prescription) -> None:
    """Write what was asked; lengths are those of the columns."""
    drug, dose = asked.drug, asked.dose
    row.kind, row.product, row.elsewhere = asked.kind, asked.product, asked.elsewhere
    row.drug_system = clean(drug.system or maps.LOCAL)[:ID_MAX] if drug else ""
    row.drug_code = clean(drug.code)[:ID_MAX] if drug else ""
    row.drug_text = clean(drug.text)[:PROSE_MAX] if drug else ""
    row.also = msgspec.json.encode(asked.also).decode()
    row.questions = msgspec.json.encode(asked.questions).decode()
    row.sets = msgspec.json.encode(asked.sets).decode()
    row.dose_n, row.dose_e = (dose.n, dose.e) if dose else (None, 0)
    row.dose_unit = clean(dose.unit)[:WORD_MAX] if dose else ""
    row.route, row.text, row.allergy_reason = asked.route, asked.text, asked.allergy_reason
    row.frequency = asked.frequency
    row.frequency_key = tables.normal_frequency(
        asked.frequency, as_required=asked.kind == "as-required"
    )
    row.times = msgspec.json.encode(asked.times).decode()
    row.starts_s, row.ends_s = asked.starts_s, asked.ends_s
    row.interval_s, row.max_per_24h = asked.interval_s, asked.max_per_24h
