"""From administration times to windows: when a dose may be removed.

The pharmacy expands the times of an order once and signs the result; a cabinet never reads the text
of a frequency (R13). This is the arithmetic, for the pharmacy to call.

- A window opens `early_s` before the dose is due, but not before the dose before it was due: two
  doses of an hourly medicine never open together before the first of them is due.
- It closes half the interval to the next dose after it is due. The last dose uses the interval
  before it, a lone dose that of a day, so 12 h. Where the product sets its own limit, it closes
  that long after it is due, but never later than the next dose is due.
"""

from collections.abc import Iterable

from statemachine.ward.orders import Window

EARLY_S = 60 * 60
"""A dose may be removed so long before it is due, where neither product nor site says otherwise."""

LONE_INTERVAL_S = 24 * 3600
"""The interval of a dose without neighbours."""

AHEAD_MAX_S = 168 * 3600
"""Windows are planned so far ahead at most (RULES 4)."""


def expand(
    times_s: Iterable[int],
    early_s: int = EARLY_S,
    late_s: int | None = None,
    *,
    before_s: int | None = None,
    after_s: int | None = None,
) -> tuple[Window, ...]:
    """The windows of doses due at these times.

    Args:
        times_s: due times in seconds since 1970, in any order; repeated ones count once. A local
            hour that comes twice in October is two instants here: give the one that is meant.
        early_s: how long before due a dose may be removed.
        late_s: how long after due, by the product; None: half the interval.
        before_s: when the dose before the first one was due, if it is known and not planned here.
        after_s: when the dose after the last one is due, if it is known and not planned here.

    Returns:
        Windows by due time.

    Raises:
        ValueError: `early_s` or `late_s` is negative.
    """
    if early_s < 0 or (late_s is not None and late_s < 0):
        raise ValueError("A window cannot open after, or close before, its dose is due.")
    due = sorted(set(times_s))
    windows: list[Window] = []
    for at, due_s in enumerate(due):
        earlier_s = due[at - 1] if at else before_s
        later_s = due[at + 1] if at + 1 < len(due) else after_s
        if later_s is not None:
            interval_s = later_s - due_s
        elif earlier_s is not None:
            interval_s = due_s - earlier_s
        else:
            interval_s = LONE_INTERVAL_S
        opens_s = due_s - early_s if earlier_s is None else max(due_s - early_s, earlier_s)
        closes_s = due_s + (interval_s // 2 if late_s is None else min(late_s, interval_s))
        windows.append(Window(due_s=due_s, opens_s=opens_s, closes_s=closes_s))
    return tuple(windows)
