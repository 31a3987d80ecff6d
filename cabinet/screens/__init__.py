"""Screens: machines + ward + now -> what a panel shows. Pure; one small module beside each task.

`draw` is the only entry; a state with no screen of its own is a failing test, not a blank panel.
"""

from collections.abc import Callable

from cabinet.screens import count, home, patient, remove, signin, small, text
from cabinet.screens.frame import Surroundings, View
from cabinet.screens.screen import Screen
from statemachine.instant import Instant
from statemachine.machines import Machines
from statemachine.ward import Ward

SCREENS: dict[str, Callable[[View], Screen]] = {
    "signin.badge": signin.badge,
    "signin.pin": signin.pin,
    "signin.checking": signin.checking,
    "handover.ask": signin.handover,
    "handover.pin": signin.pin,
    "handover.checking": signin.checking,
    "home.patients": home.patients,
    "home.bed": home.bed,
    "home.number": home.number,
    "home.confirm": home.confirm,
    "home.birth": home.birth,
    "home.reason": home.reason,
    "home.tasks": home.tasks,
    "home.alarms": home.alarms,
    "patient.chart": patient.chart,
    "patient.list": patient.listing,
    "patient.amount": patient.amount,
    "patient.time": patient.time,
    "remove.refused": remove.refused,
    "remove.replace": remove.replace,
    "remove.many": remove.many,
    "remove.wait": remove.wait,
    "remove.release": remove.release,
    "remove.open": remove.opened,
    "remove.wrong_pack": remove.wrong_pack,
    "remove.cannot_scan": remove.cannot_scan,
    "remove.left": remove.left,
    "remove.left_shut": remove.left,
    "remove.nothing": remove.nothing,
    "remove.why_unscanned": remove.cannot_scan,
    "remove.unscanned": remove.unscanned,
    "remove.not_opened": remove.not_opened,
    "count.list": count.due,
    "count.wait": count.wait,
    "count.release": count.release,
    "count.open": count.opened,
    "count.again": count.again,
    "count.closing": count.closing,
}


def draw(
    ward: Ward,
    machines: Machines,
    now: Instant,
    panel: int,
    typed: str = "",
    around: Surroundings | None = None,
) -> Screen:
    """What a panel shows now.

    Args:
        ward: all that is known.
        machines: where everything stands.
        now: the present, as an interval.
        panel: which panel.
        typed: digits of a number typed so far; never those of a PIN.
        around: what the house adds: lines not sent yet, a fault of its own.
    """
    surroundings = around or Surroundings(typed=typed)
    view = View(machines=machines, ward=ward, now=now, panel=panel, around=surroundings)
    return SCREENS[view.session.state](view)


def rows(screen: Screen, size: tuple[int, int]) -> tuple[str, ...]:
    """A screen as text for a display of (columns, rows)."""
    if size[0] <= small.COLUMNS:
        return small.rows_of(screen)
    return text.rows_of(screen, *size)
