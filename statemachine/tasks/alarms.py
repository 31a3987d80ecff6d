"""What stands: alarms seen, drawers put back into use, safe hold ended.

An alarm stands on every panel until somebody who is signed in says that they have seen it; that
takes it off only where its cause is over by the sensors. A drawer that contradicted itself, and a
cabinet in safe hold, stay out of use until the nurse in charge or a pharmacist says that it was put
right, and even then only where the sensors agree with each other (I11: nothing clears a
contradiction by itself).
"""

from statemachine.machines import Standing
from statemachine.refusals import Reason, Refusal
from statemachine.table import Phase, Row
from statemachine.tasks import access
from statemachine.tasks import common as do
from statemachine.tasks.words import resting
from statemachine.turn import Turning
from statemachine.ward.drawers import FaultCleared

_AGREES = frozenset({"closed", "jammed", "suspect"})
"""States of a drawer whose sensors agree that it is shut and bolted."""


def in_charge(turn: Turning) -> bool:
    """Nurse in charge or pharmacist."""
    person = turn.ward.people.persons.get(turn.memory.actor)
    return person is not None and bool(access.IN_CHARGE & set(person.staff.privileges))


def nothing_is_out_of_use(turn: Turning) -> bool:
    """No drawer and no cabinet waits to be put back into use."""
    held = turn.machines.mode == "safe_hold" or "impossible" in turn.ward.drawers.faults
    return not _faulty(turn) and not held


def every_sensor_agrees(turn: Turning) -> bool:
    """Every drawer out of use is shut and bolted by its own sensors."""
    drawers = turn.machines.drawers
    return all(drawers[number].state in _AGREES for number in _faulty(turn) if number in drawers)


def _faulty(turn: Turning) -> tuple[int, ...]:
    return tuple(
        number for number, known in sorted(turn.ward.drawers.known.items()) if known.faults
    )


def _is_over(turn: Turning, standing: Standing) -> bool:
    if standing.drawer is None:
        return turn.machines.mode != "safe_hold"
    box = turn.machines.drawers.get(standing.drawer)
    known = turn.ward.drawers.known.get(standing.drawer)
    faults = known is not None and bool(known.faults)
    return not faults and (box is None or box.state in {"closed", "jammed"})


def seen(turn: Turning) -> None:
    """Take off what is over; the rest stands."""
    turn.alarm_over(*(each for each in turn.machines.alarms if _is_over(turn, each)))
    turn.remember(said="seen" if not turn.machines.alarms else "some stand", refusals=())
    do.accepted(turn)


def put_right(turn: Turning) -> None:
    """Put back into use, and say who did it."""
    actor = turn.memory.actor
    for number in _faulty(turn):
        for fault in turn.ward.drawers.known[number].faults:
            turn.add(FaultCleared(fault=fault, drawer=number, actor=actor))
        if number in turn.machines.drawers:
            turn.signal("drawer", number, "cleared")
    for fault in ("safe hold", "impossible"):
        if fault in turn.ward.drawers.faults:
            turn.add(FaultCleared(fault=fault, actor=actor))
    turn.signal("mode", 0, "cleared")
    turn.alarm_over(*turn.machines.alarms)
    turn.remember(said="put right", refusals=())
    do.accepted(turn)


def refuse_putting_right(turn: Turning) -> None:
    """Who may, or which drawer is not shut."""
    if not in_charge(turn):
        do.refuse(turn, (Refusal(reason=Reason.PRIVILEGE, actor=turn.memory.actor),))
        return
    drawers = turn.machines.drawers
    do.refuse(
        turn,
        tuple(
            Refusal(reason=Reason.DRAWER_FAULT, amount=number)
            for number in _faulty(turn)
            if number in drawers and drawers[number].state not in _AGREES
        ),
    )


PHASES: tuple[Phase, ...] = (
    resting("home.alarms", "what stands: A seen, D put back into use (nurse in charge)"),
)

ROWS: tuple[Row, ...] = (
    Row("key A", "home.alarms", None, (), (seen,), "seen"),
    Row("key D", "home.alarms", None, (nothing_is_out_of_use,), (do.tick,), "nothing to put right"),
    Row(
        "key D",
        "home.alarms",
        None,
        (in_charge, every_sensor_agrees),
        (put_right,),
        "put back into use",
    ),
    Row("key D", "home.alarms", None, (), (refuse_putting_right,), "not yet, or not you"),
    Row("key B", "home.alarms", "home.patients", (), (do.show_patients, do.say("")), "back"),
)
