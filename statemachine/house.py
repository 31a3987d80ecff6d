"""What the house itself does as time passes: freshness bands, names forgotten, parts that fail.

Called by `step` for the tick and for reports of parts; nobody's session is touched by it.
"""

from statemachine.effects import ForgetBodies
from statemachine.events import PartReported
from statemachine.rules.freshness import age_s, band
from statemachine.turn import Turning
from statemachine.ward.drawers import FaultCleared, FaultRaised
from statemachine.ward.house import FeedFresh, FeedStale
from statemachine.ward.patients import PatientForgotten

FORGET_AFTER_S = 72 * 3600
"""Names are forgotten so long after discharge (RULES 3)."""
FORGET_AT_ONCE = 8
"""Most patients forgotten in one tick; the rest follow with the next."""
WORSE = {"normal": 0, "check the chart": 1, "downtime": 2}
NEVER_HEARD_S = 2**31
"""The age that is journalled where the ePMA was never heard."""


def tick(turn: Turning) -> None:
    """Time passed: the freshness band, and names whose time is over."""
    _freshness(turn)
    _forget(turn)
    turn.set_machines(ignored=0)


def _freshness(turn: Turning) -> None:
    before, now = turn.ward.house.band, band(turn.ward, turn.now)
    if now == before:
        return
    age = age_s(turn.ward, turn.now)
    known_age_s = NEVER_HEARD_S if age is None else age
    if now == "normal":
        turn.add(FeedFresh(age_s=known_age_s))
    else:
        turn.add(FeedStale(band=now, age_s=known_age_s))


def _forget(turn: Turning) -> None:
    known = turn.ward.patients.known
    gone = sorted(
        patient
        for patient, one in known.items()
        if one.record.discharged_s is not None
        and one.record.status == "discharged"
        and one.record.family
        and turn.now.lo_s >= one.record.discharged_s + FORGET_AFTER_S
    )
    for patient in gone[:FORGET_AT_ONCE]:
        turn.add(PatientForgotten(patient=patient))
        turn.effect(ForgetBodies(patient=patient))


def part_reported(turn: Turning, event: PartReported) -> None:
    """A part fails, or works again; only a fault of a drawer's sensors is not cleared by itself."""
    part = event.part[:64]
    standing = part in turn.ward.drawers.faults
    if event.working and standing:
        turn.add(FaultCleared(fault=part))
    elif not event.working and not standing:
        turn.add(FaultRaised(fault=part, reason=event.reason[:200]))
