"""How old is what the cabinet knows, and what may still be done by it (RULES 9)?

The age of the orders is the time since the ePMA was last known alive, end to end: a quiet night is
not stale, and a dead ePMA behind a live pharmacy is. Three bands: normal (under 15 min), check the
chart (to 4 h: one confirming key per patient), downtime (beyond: orders as last known, a second
person for high-alert medicines). Beyond 168 h orders remove nothing.

A cabinet that never heard the ePMA is in downtime, not beyond the ceiling: it cannot show that its
orders are too old, and nobody is locked out because a server is missing. Ages are judged by the
upper end of now; a time too uncertain to judge by is asked of the nurse.
"""

from typing import Literal

from statemachine.instant import Instant
from statemachine.refusals import Reason, Refusal
from statemachine.rules.ask import Ask
from statemachine.rules.limits import CHECK_CHART_MIN, FRESH_MIN, ORDERS_OLD_H, limit
from statemachine.rules.person import may_be_second
from statemachine.rules.time import not_after
from statemachine.ward import Ward

Band = Literal["normal", "check the chart", "downtime"]

HIGH_ALERT = "high-alert"


def age_s(ward: Ward, now: Instant) -> int | None:
    """The age of the orders at the most, in seconds; None when the ePMA was never heard."""
    if ward.house.epma_s is None:
        return None
    return max(0, now.hi_s - ward.house.epma_s)


def band(ward: Ward, now: Instant) -> Band:
    """The band the orders are in now."""
    age = age_s(ward, now)
    settings = ward.stock.settings
    if age is None or age > limit(settings, CHECK_CHART_MIN) * 60:
        return "downtime"
    return "normal" if age < limit(settings, FRESH_MIN) * 60 else "check the chart"


def band_of(ask: Ask) -> Band:
    """The band of this ask, worked out once for all questions about one chart."""
    return ask.chart.once("band", lambda: band(ask.ward, ask.now))


def other_cabinets_are_known(ask: Ask) -> bool:
    """Whether the pharmacy, which tells of other cabinets' removals, was heard just now."""
    heard_s = ask.ward.house.heard_s
    fresh_s = limit(ask.ward.stock.settings, FRESH_MIN) * 60
    return heard_s is not None and ask.now.hi_s - heard_s < fresh_s


def band_changes_s(ward: Ward, now: Instant) -> int | None:
    """When the band gets worse next by itself, seconds since 1970; None when it cannot."""
    epma_s = ward.house.epma_s
    if epma_s is None:
        return None
    settings = ward.stock.settings
    edges = (
        epma_s + limit(settings, FRESH_MIN) * 60,
        epma_s + limit(settings, CHECK_CHART_MIN) * 60 + 1,
    )
    return min((edge for edge in edges if edge > now.hi_s), default=None)


def the_orders_are_not_too_old(ask: Ask) -> Refusal | None:
    """The orders are not older than the ceiling."""
    epma_s = ask.ward.house.epma_s
    if epma_s is None:
        return None
    hours = limit(ask.ward.stock.settings, ORDERS_OLD_H)
    if ask.now.hi_s <= epma_s + hours * 3600:
        return None
    old = Refusal(reason=Reason.ORDERS_TOO_OLD, at_s=epma_s, amount=hours)
    return not_after(ask.now, epma_s + hours * 3600, old)


def the_chart_was_checked_where_the_orders_are_old(ask: Ask) -> Refusal | None:
    """The orders are fresh, or the nurse has confirmed that she checked this patient's chart."""
    if ask.chart_checked:
        return None
    now_band = band_of(ask)
    if now_band == "normal":
        return None
    return Refusal(reason=Reason.CHART_NOT_CHECKED, at_s=ask.ward.house.epma_s, note=now_band)


def in_downtime_two_people_take_a_high_alert_medicine(ask: Ask) -> Refusal | None:
    """In downtime a second person has signed for a high-alert medicine."""
    if band_of(ask) != "downtime":
        return None
    alert = next((one for one in ask.products if HIGH_ALERT in one.flags), None)
    if alert is None:
        return None
    if may_be_second(ask.ward, ask.now, ask.actor, ask.second):
        return None
    return Refusal(reason=Reason.ANOTHER_PERSON, product=alert.product, note="downtime")
