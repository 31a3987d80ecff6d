"""How lines change the chapter of orders: prescriptions, windows, doses removed and given, tasks.

What was removed and what was given is kept for 48 h, because the longest question a rule asks is
"in the last 24 h", with as much again for a cabinet that knows its time badly. A dose whose window
is still open is kept longer: a weekly tablet removed on Monday must still be "already removed" on
Thursday. No patient keeps more than 200 of either.

Patients are merged here as well: orders, removals and administrations move to the one that lives
on, and later lines that still name the merged id are read as the survivor's.
"""

from collections.abc import Callable, Mapping
from typing import Any

from immutables import Map
from msgspec.structs import replace

from statemachine.dose import dose_due_s, dose_id
from statemachine.instant import UNKNOWN_UNTIL_S
from statemachine.ward.entry import Entry, Stamp
from statemachine.ward.maps import without
from statemachine.ward.orders import (
    Administration,
    KnownOrder,
    OpenTask,
    Order,
    Orders,
    OrderStop,
    OrderWindows,
    RemovalElsewhere,
    RemovalRecorded,
    Removed,
    TaskClosed,
    TaskOpened,
)
from statemachine.ward.patients import PatientMerge
from statemachine.ward.patients_fold import MERGES_FOLLOWED, resolve
from statemachine.ward.stock import Retire

KEPT_S = 48 * 3600
"""Removals and administrations are kept so long, unless their window is still open."""

KEPT_MAX = 200
"""Most removals, and most administrations, kept for one patient."""

WINDOWS_MAX = 500
"""Most windows kept of one order: hourly for 168 h is 168."""

TASKS_MAX = 5000
"""Most open tasks kept; the oldest gives way."""

TAKEN_BUT_LOST = frozenset({"vomited"})
"""Replacement reasons after which the first dose still counts: it was swallowed."""


def fold_orders(orders: Orders, merged: Map[str, str], entry: Entry, stamp: Stamp) -> Orders:
    """The chapter after one line; the same chapter when the line is not about orders.

    `merged` leads a merged patient id to the one that lives on, as of this line.
    """
    how = _FOLDS.get(type(entry))
    return orders if how is None else how(orders, merged, entry, stamp)


# --- orders ----------------------------------------------------------------------------------


def _order(orders: Orders, merged: Map[str, str], entry: Order, stamp: Stamp) -> Orders:
    patient = resolve(merged, entry.patient)
    if patient != entry.patient:
        entry = replace(entry, patient=patient)
    before = orders.known.get(entry.order)
    by_patient = orders.by_patient
    if before is not None and before.order.patient != patient:
        by_patient = _fewer(by_patient, before.order.patient, entry.order)
    listed = by_patient.get(patient, ())
    if entry.order not in listed:
        by_patient = by_patient.set(patient, (*listed, entry.order))
    windows = before.windows if before is not None else ()
    known = KnownOrder(order=entry, line=stamp.line, windows=windows)
    return replace(orders, known=orders.known.set(entry.order, known), by_patient=by_patient)


def _fewer(
    by_patient: Map[str, tuple[str, ...]], patient: str, order: str
) -> Map[str, tuple[str, ...]]:
    left = tuple(other for other in by_patient.get(patient, ()) if other != order)
    return by_patient.set(patient, left) if left else without(by_patient, patient)


def _windows(orders: Orders, _merged: Map[str, str], entry: OrderWindows, _stamp: Stamp) -> Orders:
    known = orders.known.get(entry.order)
    if known is None:
        return orders
    windows = tuple(sorted(entry.windows, key=lambda window: window.due_s))[:WINDOWS_MAX]
    return replace(orders, known=orders.known.set(entry.order, replace(known, windows=windows)))


def _stop(orders: Orders, _merged: Map[str, str], entry: OrderStop, _stamp: Stamp) -> Orders:
    known = orders.known.get(entry.order)
    if known is None:
        return orders
    return replace(orders, known=orders.known.set(entry.order, replace(known, stopped=entry)))


def _retire(orders: Orders, _merged: Map[str, str], entry: Retire, _stamp: Stamp) -> Orders:
    if entry.kind != "order":
        return orders
    known, by_patient = orders.known, orders.by_patient
    for order in entry.ids:
        gone = known.get(order)
        if gone is not None:
            known = known.delete(order)
            by_patient = _fewer(by_patient, gone.order.patient, order)
    return replace(orders, known=known, by_patient=by_patient)


# --- what became of the doses ----------------------------------------------------------------


def _still_open(orders: Orders, order: str, dose: str, stamp: Stamp) -> bool:
    known = orders.known.get(order)
    if known is None:
        return False
    due_s = dose_due_s(dose)
    if not known.windows:
        one_off = known.order.kind in ("stat", "authority")
        return one_off and dose == dose_id(order, known.order.starts_s or 0)
    return any(
        window.due_s == due_s and window.closes_s >= stamp.wall_lo_s for window in known.windows
    )


def _removal(orders: Orders, merged: Map[str, str], entry: RemovalRecorded, stamp: Stamp) -> Orders:
    if entry.quantity <= 0:
        return orders
    patient = resolve(merged, entry.patient)
    before = orders.removed.get(patient, ())
    if entry.replaces and entry.replaces not in TAKEN_BUT_LOST:
        before = _replaced(before, entry)
    removed = Removed(
        dose=entry.dose,
        order=entry.order,
        patient=patient,
        product=entry.product,
        quantity=entry.quantity,
        at_lo_s=stamp.wall_lo_s,
        at_hi_s=stamp.wall_hi_s,
        actor=entry.actor,
        part=entry.part,
        line=stamp.line,
    )
    return _keep_removed(orders, patient, (*before, removed), stamp)


def _replaced(before: tuple[Removed, ...], entry: RemovalRecorded) -> tuple[Removed, ...]:
    """Mark what this removal replaces: the same dose and product, else the order's latest."""
    same = [
        removed.dose == entry.dose and removed.product == entry.product and not removed.replaced
        for removed in before
    ]
    if not any(same):
        latest = max(
            (
                at
                for at, removed in enumerate(before)
                if removed.order == entry.order
                and removed.product == entry.product
                and not removed.replaced
            ),
            default=-1,
        )
        same = [at == latest for at in range(len(before))]
    return tuple(
        replace(removed, replaced=True) if hit else removed
        for hit, removed in zip(same, before, strict=True)
    )


def _elsewhere(
    orders: Orders, merged: Map[str, str], entry: RemovalElsewhere, stamp: Stamp
) -> Orders:
    patient = resolve(merged, entry.patient)
    before = orders.removed.get(patient, ())
    if entry.quantity <= 0:
        return _keep_removed(orders, patient, _given_back(before, entry), stamp)
    removed = Removed(
        dose=entry.dose,
        order=entry.order,
        patient=patient,
        product=entry.product,
        quantity=entry.quantity,
        at_lo_s=entry.at_s,
        at_hi_s=entry.at_s,
    )
    return _keep_removed(orders, patient, (*before, removed), stamp)


def _given_back(before: tuple[Removed, ...], entry: RemovalElsewhere) -> tuple[Removed, ...]:
    """Take a return off the latest removals it can belong to; nothing goes below nothing."""
    back = -entry.quantity
    left: list[Removed] = []
    for removed in reversed(before):
        mine = (
            removed.line is None
            and removed.product == entry.product
            and (not entry.order or removed.order == entry.order)
            and (not entry.dose or removed.dose == entry.dose)
        )
        took = min(back, removed.quantity) if mine else 0
        back -= took
        if removed.quantity > took:
            left.append(replace(removed, quantity=removed.quantity - took) if took else removed)
    return tuple(reversed(left))


def _latest_s(removed: Removed) -> int:
    """When it happened at the latest; with no upper bound, 48 h count from the lower."""
    return removed.at_lo_s if removed.at_hi_s >= UNKNOWN_UNTIL_S else removed.at_hi_s


def _keep_removed(
    orders: Orders, patient: str, removed: tuple[Removed, ...], stamp: Stamp
) -> Orders:
    since_s = stamp.wall_lo_s - KEPT_S
    kept = tuple(
        one
        for one in removed
        if _latest_s(one) >= since_s or _still_open(orders, one.order, one.dose, stamp)
    )[-KEPT_MAX:]
    if not kept:
        return replace(orders, removed=without(orders.removed, patient))
    return replace(orders, removed=orders.removed.set(patient, kept))


def _administration(
    orders: Orders, merged: Map[str, str], entry: Administration, stamp: Stamp
) -> Orders:
    patient = resolve(merged, entry.patient)
    if patient != entry.patient:
        entry = replace(entry, patient=patient)
    before = [one for one in orders.administered.get(patient, ()) if not _corrects(entry, one)]
    before.append(entry)
    before.sort(key=lambda one: one.at_s)
    return _keep_administered(orders, patient, before, stamp)


def _corrects(entry: Administration, before: Administration) -> bool:
    """A later line about the same dose replaces the earlier: the ePMA changed its record."""
    if entry.dose:
        return entry.dose == before.dose
    return (
        not before.dose
        and entry.order == before.order
        and entry.product == before.product
        and entry.at_s == before.at_s
    )


def _keep_administered(
    orders: Orders, patient: str, given: list[Administration], stamp: Stamp
) -> Orders:
    since_s = stamp.wall_lo_s - KEPT_S
    kept = tuple(
        one
        for one in given
        if one.at_s >= since_s or _still_open(orders, one.order, one.dose, stamp)
    )[-KEPT_MAX:]
    if not kept:
        return replace(orders, administered=without(orders.administered, patient))
    return replace(orders, administered=orders.administered.set(patient, kept))


# --- merges and tasks ------------------------------------------------------------------------


def _merge(orders: Orders, merged: Map[str, str], entry: PatientMerge, stamp: Stamp) -> Orders:
    survivor = resolve(merged, entry.merged)
    gone = entry.merged
    for _ in range(MERGES_FOLLOWED):
        if gone == survivor:
            break
        orders = _move(orders, gone, survivor, stamp)
        gone = merged.get(gone, survivor)
    return orders


def _move(orders: Orders, gone: str, survivor: str, stamp: Stamp) -> Orders:
    """Everything of the merged id becomes the survivor's."""
    known = orders.known
    moved = orders.by_patient.get(gone, ())
    for order in moved:
        here = known.get(order)
        if here is not None:
            known = known.set(order, replace(here, order=replace(here.order, patient=survivor)))
    removed = sorted(
        (
            *orders.removed.get(survivor, ()),
            *(replace(one, patient=survivor) for one in orders.removed.get(gone, ())),
        ),
        key=lambda one: one.at_lo_s,
    )
    given = sorted(
        (
            *orders.administered.get(survivor, ()),
            *(replace(one, patient=survivor) for one in orders.administered.get(gone, ())),
        ),
        key=lambda one: one.at_s,
    )
    by_patient = without(orders.by_patient, gone)
    both = tuple(dict.fromkeys((*by_patient.get(survivor, ()), *moved)))
    orders = replace(
        orders,
        known=known,
        by_patient=by_patient.set(survivor, both) if both else by_patient,
        removed=without(orders.removed, gone),
        administered=without(orders.administered, gone),
    )
    orders = _keep_removed(orders, survivor, tuple(removed), stamp)
    return _keep_administered(orders, survivor, given, stamp)


def _task(orders: Orders, _merged: Map[str, str], entry: TaskOpened, stamp: Stamp) -> Orders:
    tasks = orders.tasks
    if entry.task not in tasks and len(tasks) >= TASKS_MAX:
        oldest = min(tasks.items(), key=lambda item: (item[1].line, item[0]))[0]
        tasks = tasks.delete(oldest)
    return replace(orders, tasks=tasks.set(entry.task, OpenTask(opened=entry, line=stamp.line)))


def _task_closed(
    orders: Orders, _merged: Map[str, str], entry: TaskClosed, _stamp: Stamp
) -> Orders:
    return replace(orders, tasks=without(orders.tasks, entry.task))


_FOLDS: Mapping[type[Entry], Callable[[Orders, Map[str, str], Any, Stamp], Orders]] = {
    Order: _order,
    OrderWindows: _windows,
    OrderStop: _stop,
    Retire: _retire,
    RemovalRecorded: _removal,
    RemovalElsewhere: _elsewhere,
    Administration: _administration,
    PatientMerge: _merge,
    TaskOpened: _task,
    TaskClosed: _task_closed,
}
