"""Rules of signing in: who may try, how long a wrong PIN makes them wait, who may resume by a tap.

After wrong PINs a person waits 1, 2, 4 ... 300 s on monotonic time; a try inside the delay is
refused and not counted; after a restart the whole delay runs again, because the monotonic clock
began anew; after ten the person is locked until a new credential comes (RULES 2). Failures of
badges that nobody knows slow this cabinet for unknown badges only, never for a person who has not
failed. No refusal here says which of badge and PIN was wrong.
"""

from statemachine.instant import Instant
from statemachine.refusals import Reason, Refusal
from statemachine.rules.limits import PIN_DELAY_MAX_S, RESUME_MIN, limit
from statemachine.rules.person import HAS_DRAWERS, may, standing
from statemachine.ward import Ward


def delay_s(failures: int) -> int:
    """The delay after so many wrong PINs in a row, in seconds: 0, 1, 2, 4 ... 300."""
    if failures <= 0:
        return 0
    return min(PIN_DELAY_MAX_S, 1 << min(failures - 1, 16))


def wait_ms(failures: int, failed_boot: int, failed_mono_ms: int, boot: int, mono_ms: int) -> int:
    """How much of a delay is left, in milliseconds.

    Args:
        failures: wrong PINs in a row.
        failed_boot: the boot in which the last one was.
        failed_mono_ms: milliseconds into that boot.
        boot: this boot. In another boot the whole delay runs again from its start.
        mono_ms: milliseconds into this boot.
    """
    since_ms = failed_mono_ms if failed_boot == boot else 0
    return max(0, delay_s(failures) * 1000 - max(0, mono_ms - since_ms))


def check_try(ward: Ward, now: Instant, actor: str) -> tuple[Refusal, ...]:
    """Why this person may not try a PIN now; empty when they may. Such a try is never counted.

    An empty or unknown `actor` is a stranger's badge.
    """
    people, boot = ward.people, ward.house.boot
    person = people.persons.get(actor) if actor else None
    if person is None:
        left_ms = wait_ms(
            people.stranger_failures,
            people.stranger_failed_boot,
            people.stranger_failed_mono_ms,
            boot,
            now.mono_ms,
        )
        reason = Reason.PANEL_SLOW
    elif person.locked:
        return (Refusal(reason=Reason.LOCKED, actor=actor),)
    else:
        left_ms = wait_ms(
            person.failures, person.failed_boot, person.failed_mono_ms, boot, now.mono_ms
        )
        reason = Reason.DELAY
    if left_ms == 0:
        return ()
    return (Refusal(reason=reason, actor=actor, amount=-(-left_ms // 1000)),)


def check_entry(ward: Ward, now: Instant, actor: str) -> tuple[Refusal, ...]:
    """Why this person may not be let in after a right PIN; empty when they may.

    Whoever holds any privilege may sign in; what they may do is asked of every step.
    """
    refusal = standing(ward, now, actor)
    if refusal is not None:
        return (refusal,)
    if not ward.people.persons[actor].staff.privileges:
        return (Refusal(reason=Reason.PRIVILEGE),)
    return ()


def has_drawers(ward: Ward, actor: str) -> bool:
    """Whether this person's privileges have work at drawers; a witness only has none."""
    return may(ward, actor, HAS_DRAWERS)


def may_resume_by_tap(ward: Ward, now: Instant, actor: str) -> bool:
    """Whether a tap alone resumes this person's own parked round.

    Only with a challenge-response card, within 30 min of a PIN at this cabinet in this boot, for a
    round of their own, and only while nothing else speaks against them. For non-controlled doses
    only: a controlled drug takes a fresh PIN in any case.
    """
    people, boot = ward.people, ward.house.boot
    credential = people.credentials.get(actor)
    pin_at = people.pin_at.get(actor)
    if actor not in people.rounds or credential is None or credential.card != "challenge":
        return False
    if pin_at is None or pin_at[0] != boot or check_entry(ward, now, actor):
        return False
    person = people.persons[actor]
    if person.locked or person.failures:
        return False
    minutes = limit(ward.stock.settings, RESUME_MIN)
    return 0 <= now.mono_ms - pin_at[1] <= minutes * 60_000
