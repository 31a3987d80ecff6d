"""What the house itself does as time passes: freshness bands, names forgotten, parts that fail.

Called by `step` for the tick and for reports of parts; nobody's session is touched by it.
"""

from statemachine.effects import ForgetBodies
from statemachine.events import PartReported
from statemachine.rules.freshness import age_s, band
from statemachine.turn import Turning
from statemachine.ward import Ward
from statemachine.ward.drawers import FaultCleared, FaultRaised
from statemachine.ward.house import FeedFresh, FeedStale, RollbackDetected
from statemachine.ward.patients import PatientForgotten

ROLLED_BACK = "rolled back"
"""The fault of a journal that is older than its anchors (WIRE 2)."""
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
    """A part fails, or works again, each journalled once.

    A drawer that does not answer is not released meanwhile. What a drawer's own table raised is
    never cleared here.
    """
    part = event.part[:64]
    number = event.drawer if event.drawer in turn.machines.drawers else None
    standing = part in faults_of(turn.ward, number)
    if event.working and standing:
        turn.add(FaultCleared(fault=part, drawer=number))
        if number is not None and not faults_of(turn.ward, number):
            turn.signal("drawer", number, "cleared")
    elif not event.working and not standing:
        if part == ROLLED_BACK:
            turn.add(RollbackDetected(reason=event.reason[:200]))
            turn.alarm(event.reason[:200] or "The journal on this disk is an old copy.")
        turn.add(FaultRaised(fault=part, drawer=number, reason=event.reason[:200]))
    if number is None:
        turn.signal("mode", 0, "ward changed")


def emergency_pressed(turn: Turning) -> None:
    """No emergency drawers are configured on this cabinet: say so, and what to do instead."""
    turn.add(FaultRaised(fault="emergency button", reason="pressed; no emergency drawers here"))
    turn.alarm(
        "Emergency button: this cabinet has no emergency drawers. Use the sealed key or the "
        "resuscitation trolley."
    )


def faults_of(ward: Ward, drawer: int | None) -> tuple[str, ...]:
    """The faults that stand: of one drawer, or of the cabinet itself."""
    if drawer is None:
        return ward.drawers.faults
    known = ward.drawers.known.get(drawer)
    return () if known is None else known.faults
