"""Who may sign in and work here, as the session's table asks it; the rules stand in `rules/`."""

from statemachine.instant import Instant
from statemachine.refusals import Reason, Refusal
from statemachine.rules.signin import check_entry, has_drawers
from statemachine.ward import Ward

PIN_DIGITS_MIN = 6
"""Shortest PIN there is (T2)."""
IN_CHARGE = frozenset({"nurse in charge", "pharmacist"})
"""Who may put a contradicting drawer, or a cabinet in safe hold, back into use."""


def why_not(ward: Ward, actor: str, now: Instant) -> tuple[Refusal, ...]:
    """Every reason why this person may not work at this cabinet; empty when they may."""
    if actor not in ward.people.credentials:
        return (Refusal(reason=Reason.SIGN_IN),)
    found = check_entry(ward, now, actor)
    if not found and not has_drawers(ward, actor):
        found = (Refusal(reason=Reason.PRIVILEGE, actor=actor),)
    return found


def may_work(ward: Ward, actor: str, now: Instant) -> bool:
    """Whether this person may work at this cabinet now."""
    return bool(actor) and not why_not(ward, actor, now)
