"""The fold: what each line makes of the ward.

One rule for every line of both logs: `ward' = fold(ward, entry, stamp)`. It asks nothing but the
line and the ward before it, so the same lines in the same order give the same ward on the cabinet
after a power cut, at the pharmacy, and in a test. It is total: an entry about a person, order or
pocket nobody knows changes what it can and never raises; a line whose body is unknown or forgotten
only moves the head of its log. It is bounded: whatever grows has its limit in its chapter's file.

Each chapter's part stands beside its entries, in `<chapter>_fold.py`. Order matters once: stock is
folded before drawers, because an uncertain release is about an intent that ends with that line; and
patients before orders, because a merge moves both.
"""

from msgspec.structs import replace

from statemachine.ward import Ward, drawers, house, orders, patients, people, stock
from statemachine.ward.drawers_fold import fold_drawers
from statemachine.ward.entry import Entry, Log, Stamp
from statemachine.ward.house import DirectivesApplied
from statemachine.ward.house_fold import fold_house
from statemachine.ward.orders_fold import fold_orders
from statemachine.ward.patients_fold import fold_patients
from statemachine.ward.people_fold import fold_people
from statemachine.ward.stock_fold import fold_stock

ENTRIES: tuple[type[Entry], ...] = (
    # dn
    people.Staff,
    people.Credential,
    patients.Patient,
    patients.PatientMerge,
    orders.Order,
    orders.OrderWindows,
    orders.OrderStop,
    orders.Administration,
    orders.RemovalElsewhere,
    stock.Formulary,
    stock.Pocket,
    stock.WardList,
    stock.Setting,
    stock.Recall,
    stock.Retire,
    house.Heartbeat,
    # up
    house.Boot,
    house.Checkpoint,
    house.DirectivesApplied,
    house.FeedStale,
    house.FeedFresh,
    house.TimeConfirmed,
    house.RollbackDetected,
    house.PinChanged,
    people.SessionOpened,
    people.SessionRefused,
    people.SessionParked,
    people.SessionClosed,
    people.Handover,
    patients.PatientForgotten,
    patients.PatientChosen,
    orders.RemovalRecorded,
    orders.RemovalRefused,
    orders.NearMiss,
    orders.TaskOpened,
    orders.TaskClosed,
    stock.CountAsked,
    stock.CountRecorded,
    stock.DiscrepancyOpened,
    stock.DiscrepancyClosed,
    drawers.ReleaseIntent,
    drawers.ReleaseRefused,
    drawers.DrawerOpened,
    drawers.DrawerClosed,
    drawers.DrawerLeftOpen,
    drawers.DrawerForced,
    drawers.DrawerWrong,
    drawers.ReleaseExpired,
    drawers.ReleaseJammed,
    drawers.ReleaseIndeterminate,
    drawers.ScanAccepted,
    drawers.ScanRefused,
    drawers.FaultRaised,
    drawers.FaultCleared,
)

TYPES: dict[str, type[Entry]] = {entry.TYPE: entry for entry in ENTRIES}
"""Every line type that has a body class, by its name in the line."""


def fold(ward: Ward, entry: Entry | None, stamp: Stamp, log: Log | None = None) -> Ward:
    """The ward after one line.

    Args:
        ward: the ward before it.
        entry: the line's body; None when its type is unknown here or its body was forgotten. Then
            only the head of its log moves.
        stamp: the line's place in its log, and its time.
        log: whose line it is. Needed only where the body is None; without it the stamp tells: boots
            are numbered from 1, and `dn` lines have none.

    Returns:
        The new ward. Never raises for anything an entry can say.
    """
    if entry is None:
        if log == "up" or (log is None and stamp.boot):
            return replace(ward, up=stamp.line)
        return replace(ward, dn=max(ward.dn, stamp.line))
    up, dn = ward.up, ward.dn
    if entry.LOG == "up":
        up = stamp.line
        if isinstance(entry, DirectivesApplied):
            dn = max(dn, entry.to)
    else:
        # Directives never go back: a head that a batch has passed stays passed (I9).
        dn = max(dn, stamp.line)
    patients_now = fold_patients(ward.patients, entry, stamp)
    return Ward(
        up=up,
        dn=dn,
        house=fold_house(ward.house, entry, stamp),
        people=fold_people(ward.people, entry, stamp),
        patients=patients_now,
        orders=fold_orders(ward.orders, patients_now.merged, entry, stamp),
        stock=fold_stock(ward.stock, ward.drawers, entry, stamp),
        drawers=fold_drawers(ward.drawers, entry, stamp),
    )
