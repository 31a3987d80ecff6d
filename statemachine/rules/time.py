"""Before or after, when now is an interval (I10).

"Not before" needs the lower end of now, "not after" the upper. Where the two ends disagree, an
interval of up to 120 s is decided on the safe side; a wider one decides nothing, and the nurse is
asked for the time once.
"""

from statemachine.instant import Instant
from statemachine.refusals import Reason, Refusal

TIME_UNKNOWN = Refusal(reason=Reason.TIME_UNKNOWN)


def not_before(now: Instant, from_s: int, refusal: Refusal) -> Refusal | None:
    """Nothing when `from_s` has certainly passed; else `refusal`, or that the time is unknown."""
    if now.lo_s >= from_s:
        return None
    return refusal if now.hi_s < from_s or now.decided else TIME_UNKNOWN


def not_after(now: Instant, until_s: int, refusal: Refusal) -> Refusal | None:
    """Nothing when `until_s` has certainly not passed; else `refusal`, or that time is unknown."""
    if now.hi_s <= until_s:
        return None
    return refusal if now.lo_s > until_s or now.decided else TIME_UNKNOWN
