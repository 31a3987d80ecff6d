"""How lines change the chapter of drawers: intents until their end, faults, doubts.

Every intent ends exactly once (I2): closed after opening, refused, expired, jammed, or
indeterminate. Until then it stands here under the seq of its line; a second end finds nothing and
changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from statemachine.ward.drawers import (
    DrawerClosed,
    DrawerForced,
    DrawerOpened,
    Drawers,
    DrawerWrong,
    FaultCleared,
    FaultRaised,
    KnownDrawer,
    OpenIntent,
    ReleaseExpired,
    ReleaseIndeterminate,
    ReleaseIntent,
    ReleaseJammed,
    ReleaseRefused,
)
from statemachine.ward.entry import Entry, Stamp
from statemachine.ward.maps import without
from statemachine.ward.orders import RemovalRecorded

FAULTS_MAX = 50
"""Most faults remembered for one drawer, and for the cabinet itself."""


def fold_drawers(drawers: Drawers, entry: Entry, stamp: Stamp) -> Drawers:
    """The chapter after one line; the same chapter when the line is not about drawers."""
    how = _FOLDS.get(type(entry))
    return drawers if how is None else how(drawers, entry, stamp)


def _drawer(drawers: Drawers, number: int) -> KnownDrawer:
    return drawers.known.get(number) or KnownDrawer(drawer=number)


def _with(drawers: Drawers, drawer: KnownDrawer) -> Drawers:
    return replace(drawers, known=drawers.known.set(drawer.drawer, drawer))


def _intent(drawers: Drawers, entry: ReleaseIntent, stamp: Stamp) -> Drawers:
    known = OpenIntent(intent=entry, line=stamp.line)
    return replace(drawers, intents=drawers.intents.set(stamp.line[1], known))


def _end(drawers: Drawers, entry: ReleaseRefused | ReleaseExpired, _stamp: Stamp) -> Drawers:
    return replace(drawers, intents=without(drawers.intents, entry.intent))


def _opened(drawers: Drawers, entry: DrawerOpened, _stamp: Stamp) -> Drawers:
    known = drawers.intents.get(entry.intent) if entry.intent is not None else None
    if known is None or entry.intent is None:
        return drawers
    opened = replace(known, opened=True)
    drawers = replace(drawers, intents=drawers.intents.set(entry.intent, opened))
    drawer = _drawer(drawers, entry.drawer)
    return _with(drawers, replace(drawer, jams=0)) if drawer.jams else drawers


def _closed(drawers: Drawers, entry: DrawerClosed, _stamp: Stamp) -> Drawers:
    if entry.intent is None:
        return drawers
    return replace(drawers, intents=without(drawers.intents, entry.intent))


def _jammed(drawers: Drawers, entry: ReleaseJammed, _stamp: Stamp) -> Drawers:
    drawers = replace(drawers, intents=without(drawers.intents, entry.intent))
    drawer = _drawer(drawers, entry.drawer)
    return _with(drawers, replace(drawer, jams=drawer.jams + 1))


def _doubt(
    drawers: Drawers, entry: DrawerForced | DrawerWrong | ReleaseIndeterminate, _stamp: Stamp
) -> Drawers:
    if isinstance(entry, ReleaseIndeterminate):
        drawers = replace(drawers, intents=without(drawers.intents, entry.intent))
    drawer = _drawer(drawers, entry.drawer)
    return _with(drawers, replace(drawer, suspect=drawer.suspect + 1))


def _recorded(drawers: Drawers, entry: RemovalRecorded, _stamp: Stamp) -> Drawers:
    known = drawers.intents.get(entry.intent)
    if known is None:
        return drawers
    return replace(
        drawers, intents=drawers.intents.set(entry.intent, replace(known, recorded=True))
    )


def _added(faults: tuple[str, ...], fault: str) -> tuple[str, ...]:
    return faults if fault in faults else (*faults, fault)[-FAULTS_MAX:]


def _raised(drawers: Drawers, entry: FaultRaised, _stamp: Stamp) -> Drawers:
    if entry.drawer is None:
        return replace(drawers, faults=_added(drawers.faults, entry.fault))
    drawer = _drawer(drawers, entry.drawer)
    return _with(drawers, replace(drawer, faults=_added(drawer.faults, entry.fault)))


def _cleared(drawers: Drawers, entry: FaultCleared, _stamp: Stamp) -> Drawers:
    if entry.drawer is None:
        left = tuple(fault for fault in drawers.faults if fault != entry.fault)
        return replace(drawers, faults=left)
    drawer = drawers.known.get(entry.drawer)
    if drawer is None:
        return drawers
    left = tuple(fault for fault in drawer.faults if fault != entry.fault)
    return _with(drawers, replace(drawer, faults=left, jams=0 if not left else drawer.jams))


_FOLDS: Mapping[type[Entry], Callable[[Drawers, Any, Stamp], Drawers]] = {
    ReleaseIntent: _intent,
    ReleaseRefused: _end,
    ReleaseExpired: _end,
    ReleaseJammed: _jammed,
    ReleaseIndeterminate: _doubt,
    DrawerOpened: _opened,
    DrawerClosed: _closed,
    DrawerForced: _doubt,
    DrawerWrong: _doubt,
    RemovalRecorded: _recorded,
    FaultRaised: _raised,
    FaultCleared: _cleared,
}
