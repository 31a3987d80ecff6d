"""What follows at the pharmacy from what a cabinet said, in the same transaction.

A removal at one cabinet is told to the others, so that nobody is given twice (RULES 4). Forced
drawers, wrong drawers, faults, rollbacks and discrepancies come before a person here too, because
an alarm at the ward that nobody answers must not stay there.
"""

from collections.abc import Iterable

from pharmacy.ledger.book import Placed
from pharmacy.services.office import Unit
from statemachine.ward.drawers import DrawerForced, DrawerWrong, FaultCleared, FaultRaised
from statemachine.ward.entry import Entry
from statemachine.ward.house import RollbackDetected
from statemachine.ward.orders import RemovalElsewhere, RemovalRecorded
from statemachine.ward.stock import DiscrepancyClosed, DiscrepancyOpened
from statemachine.ward.stock_fold import COMMISSIONING


def follow(unit: Unit, cab: str, entries: Iterable[Placed]) -> None:
    """Do what follows from newly appended entries of a cabinet; duplicates never come here."""
    others: list[str] | None = None
    for placed in entries:
        entry = placed.entry
        if isinstance(entry, RemovalRecorded):
            elsewhere = _elsewhere(cab, entry, placed, unit.now_s)
            if others is None:
                others = [one for one in unit.concerned(elsewhere) if one != cab]
            unit.direct(elsewhere, others)
        else:
            _alarm(unit, cab, entry)


def _elsewhere(cab: str, entry: RemovalRecorded, placed: Placed, now_s: int) -> RemovalElsewhere:
    return RemovalElsewhere(
        cabinet=cab,
        patient=entry.patient,
        product=entry.product,
        quantity=entry.quantity,
        at_s=placed.stamp.wall_lo_s or now_s,
        order=entry.order,
        dose=entry.dose,
    )


def _alarm(unit: Unit, cab: str, entry: Entry) -> None:
    match entry:
        case DrawerForced(drawer=drawer):
            unit.attend(
                "alarm",
                f"forced:{cab}:{drawer}",
                f"Drawer {drawer} of cabinet {cab} was opened without being released. Everything "
                "in it waits for a count.",
                subject=cab,
            )
        case DrawerWrong(drawer=drawer, leased=leased):
            unit.attend(
                "alarm",
                f"wrong:{cab}:{drawer}",
                f"Cabinet {cab} released drawer {leased} and drawer {drawer} opened. It releases "
                "nothing more until it was looked at.",
                subject=cab,
            )
        case FaultRaised(fault=fault, drawer=drawer):
            where = "" if drawer is None else f", drawer {drawer}"
            unit.attend(
                "alarm",
                f"fault:{cab}:{fault}:{drawer}",
                f"Cabinet {cab}{where}: {fault}. Have it looked at.",
                subject=cab,
            )
        case FaultCleared(fault=fault, drawer=drawer):
            unit.settle(f"fault:{cab}:{fault}:{drawer}", by=cab)
        case RollbackDetected():
            unit.attend(
                "alarm",
                f"rollback:{cab}",
                f"Cabinet {cab} found its own journal older than its drawers. Its card was "
                "restored or lost lines: count what it asks for.",
                subject=cab,
            )
        case DiscrepancyOpened(reason=reason) if reason != COMMISSIONING:
            unit.attend(
                "discrepancy",
                f"discrepancy:{cab}:{entry.discrepancy}",
                f"Pocket {entry.pocket} of cabinet {cab}: the hand found {entry.quantity:+d} "
                "against the book.",
                subject=cab,
            )
        case DiscrepancyClosed(discrepancy=discrepancy):
            unit.settle(f"discrepancy:{cab}:{discrepancy}", by=cab)
        case _:
            pass
