"""A session: what one person does at one panel. The sum of one table per task.

A state is `task.phase`. Each task's file opens with what it is for and holds its own rows; here are
only the rows that every phase shares, and the sum:

- **A key that means nothing ticks** and changes nothing.
- **Idle**: after 60 s with no drawer in hand the round is parked, not lost. With a drawer in hand,
  or a count under way, after 5 min an alarm, and the session ends as `left_open`; the drawer stays
  with itself and blocks nobody else (RULES 2, F7).
- **A second badge** is a question when no drawer is in hand, and not now otherwise (F28).
- **Revoked** people lose their session at once when no drawer is in hand, else when it closes; in
  between nothing more is released (I13).
- **What a defect brings about** ends this session, is journalled as a fault, and leaves the rest of
  the cabinet working.
"""

from statemachine.machines import IDLE_SESSION
from statemachine.table import Phase, Row, Table, names
from statemachine.tasks import alarms, count, home, patient, remove, signin
from statemachine.tasks import common as do
from statemachine.tasks.words import EVENTS
from statemachine.turn import Turning

IDLE_MS = 60_000
"""Idle so long with no drawer in hand: parked (RULES 2)."""
IDLE_IN_HAND_MS = 300_000
"""Idle so long with a drawer in hand: alarm, and the session ends (RULES 2)."""

PHASES: tuple[Phase, ...] = (
    *signin.PHASES,
    *home.PHASES,
    *patient.PHASES,
    *alarms.PHASES,
    *remove.PHASES,
    *count.PHASES,
)

_NOBODY = frozenset({"signin.badge", "signin.pin", "signin.checking"})
_TAKING_OVER = frozenset({"handover.ask", "handover.pin", "handover.checking"})

IN_HAND: tuple[str, ...] = tuple(
    phase.name for phase in PHASES if not phase.decides and "moved" in phase.impossible
)
"""Phases with a drawer in hand, or about to be."""
FREE: tuple[str, ...] = tuple(
    phase.name
    for phase in PHASES
    if not phase.decides and phase.name not in IN_HAND and phase.name not in _NOBODY
)
"""Phases in which somebody is signed in with no drawer in hand."""
_ASKABLE = tuple(name for name in FREE if name not in _TAKING_OVER)


def left_open(turn: Turning) -> None:
    """The person is gone and the drawer is open: alarm, and the drawer stays with itself."""
    for number, box in sorted(turn.machines.drawers.items()):
        if box.panel == turn.panel:
            turn.alarm(f"Drawer {number} was left open. Close it, and count it.", number)
            turn.signal("drawer", number, "let go")
    do.close_session("left_open")(turn)


COMMON: tuple[Row, ...] = (
    Row("idle", FREE, IDLE_SESSION, (), (do.park("idle"),), "the round is parked, not lost"),
    Row("idle", IN_HAND, IDLE_SESSION, (), (left_open,), "F7: 5 min with a drawer in hand"),
    Row("moved", FREE, IDLE_SESSION, (), (do.park("elsewhere"),), "signed in at another panel"),
    Row(
        "ward changed",
        FREE,
        None,
        (do.the_person_may_work_here,),
        (),
        "still welcome",
    ),
    Row("ward changed", FREE, IDLE_SESSION, (), (do.revoked,), "I13: revoked"),
    Row("key C", _ASKABLE, IDLE_SESSION, (), (do.park("left"),), "park and leave"),
    *signin.second_badge(_ASKABLE, IN_HAND),
    Row("unreadable", (*FREE, *IN_HAND), None, (), (do.scan_unreadable,), "T5: changes nothing"),
)

_OWN = (*signin.ROWS, *home.ROWS, *patient.ROWS, *alarms.ROWS, *remove.ROWS, *count.ROWS)
_TAKEN = {
    (state, event) for row in _OWN for state in names(row.source) for event in names(row.event)
}


def _unless_taken(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """A task's own rows come first: a shared row holds only where the task says nothing."""
    kept = []
    for row in rows:
        for event in names(row.event):
            left = tuple(state for state in names(row.source) if (state, event) not in _TAKEN)
            if left:
                kept.append(Row(event, left, row.dest, row.guards, row.actions, row.why))
    return tuple(kept)


TABLE = Table(
    name="session",
    essay=__doc__ or "",
    initial=IDLE_SESSION,
    events=EVENTS,
    phases=PHASES,
    rows=(*_OWN, *_unless_taken(COMMON)),
    ignore=do.ignored,
    fault=do.impossible,
    fault_state=IDLE_SESSION,
)
