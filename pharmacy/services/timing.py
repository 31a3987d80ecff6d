"""When doses are due: from ward-local times to instants, at most 168 h ahead.

The cabinet reads no frequency text and knows no time zone; it gets windows. A window opens before
the dose is due (60 min by default, or the product's own time) and closes after it (half the
interval to the next dose by default). Ward-local time has two odd nights a year: an hour that comes
twice in October is one dose, at its first coming; an hour that March leaves out is given at the
instant it would have been.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pharmacy.services.inputs import Frequency
from statemachine.ward.orders import Window
from statemachine.windows import expand

AHEAD_S = 168 * 3600
"""Windows reach at most so far ahead (RULES 4)."""
BACK_S = 24 * 3600
"""Windows that closed within the last day are still sent, so that a missed dose is seen."""
EARLY_S = 3600
STAT_OPEN_S = 24 * 3600
"""A STAT dose stays removable for a day; it is shown first until it is taken."""
WINDOWS_MAX = 500


def windows(
    plan: Frequency,
    *,
    now_s: int,
    starts_s: int,
    ends_s: int | None,
    zone: ZoneInfo,
    early_s: int = EARLY_S,
    late_s: int | None = None,
) -> tuple[Window, ...]:
    """Return the windows of an order that matter now, in order.

    Args:
        plan: what the frequency means.
        now_s: now; windows reach from a day before to 168 h after.
        starts_s: no dose is due before.
        ends_s: no dose is due from then on; None: no end.
        zone: the ward's.
        early_s: how long before due it may be removed.
        late_s: how long after due; None: half the interval to the next dose.
    """
    if plan.kind == "stat":
        return (Window(starts_s, starts_s - early_s, starts_s + (late_s or STAT_OPEN_S)),)
    if plan.kind != "times" or not plan.times:
        return ()
    first_s, last_s = max(now_s - BACK_S, starts_s), now_s + AHEAD_S
    planned = expand(_dues(plan, first_s, last_s, zone), early_s, late_s)
    return tuple(
        window
        for window in planned
        if first_s <= window.due_s <= last_s and (ends_s is None or window.due_s < ends_s)
    )[:WINDOWS_MAX]


def _dues(plan: Frequency, first_s: int, last_s: int, zone: ZoneInfo) -> Iterator[int]:
    """Yield due instants from about `first_s` to the first one after `last_s`, ascending."""
    clock = sorted({parse_time(text) for text in plan.times})
    day = datetime.fromtimestamp(first_s, zone).date() - timedelta(days=1)
    last_day = datetime.fromtimestamp(last_s, zone).date() + timedelta(days=8)
    before = 0
    while day <= last_day:
        if not plan.days or day.isoweekday() in plan.days:
            for at in clock:
                due_s = instant(day, at, zone)
                if due_s > before:
                    yield due_s
                    if due_s > last_s:
                        return
                    before = due_s
        day += timedelta(days=1)


def instant(day: date, at: time, zone: ZoneInfo) -> int:
    """Return the instant of a ward-local time, seconds since 1970.

    Of an hour that comes twice, the first; of one that is left out, the instant it would have been.
    """
    local = datetime.combine(day, at, tzinfo=zone).replace(fold=0)
    return int(local.astimezone(UTC).timestamp())


def parse_time(text: str) -> time:
    """Read `HH:MM`.

    Raises:
        ValueError: it is not a time of day.
    """
    hours, _, minutes = text.partition(":")
    if (
        len(hours) != 2
        or len(minutes) != 2
        or not ((hours + minutes).isascii() and (hours + minutes).isdigit())
    ):
        raise ValueError(f"{text} is not a time of day; write HH:MM.")
    return time(int(hours), int(minutes))


def shortest(values: Sequence[int | None], default: int | None) -> int | None:
    """Return the least of the values that are said, else the default."""
    said = [value for value in values if value is not None]
    return min(said) if said else default
