"""The figures of the rules: defaults, and ceilings that no setting can pass.

A site may choose within the ceiling by a signed `setting` whose key names its unit. A setting that
is no whole number is passed over, one above its ceiling counts as the ceiling: a wrong line from
the pharmacy makes the cabinet stricter or leaves it as it was, never looser than this file.
Source: RULES 1, 2, 4 and 9.
"""

from typing import NamedTuple

from immutables import Map


class Limit(NamedTuple):
    """A figure: the key of its setting, its default and its ceiling, all in the key's unit."""

    key: str
    default: int
    ceiling: int


FRESH_MIN = Limit("fresh_min", 15, 60)
"""Younger than this the orders are fresh."""

CHECK_CHART_MIN = Limit("check_chart_min", 4 * 60, 12 * 60)
"""Up to this age "check the chart", beyond it downtime."""

ORDERS_OLD_H = Limit("orders_old_h", 168, 168)
"""Older orders remove nothing."""

LATE_AFTER_MIN = Limit("late_after_min", 60, 240)
"""So long after its due time a dose is shown as late."""

LATE_AFTER_TIME_CRITICAL_MIN = Limit("late_after_time_critical_min", 30, 120)
"""The same for time-critical medicines."""

REMOVAL_UNITS = Limit("removal_units_max", 40, 40)
"""The hard ceiling: no removal takes more units of issue than this, whatever is ordered."""

REMOVAL_UNITS_CEILING = REMOVAL_UNITS.ceiling
"""The hard ceiling in code (RULES 4)."""

UNITS_PER_DOSE = Limit("units_per_dose_max", 4, 10)
"""More units than this for one dose: the cabinet stops and asks."""

RESUME_MIN = Limit("resume_min", 30, 30)
"""So long after a PIN here a tap alone resumes one's own parked round."""

PIN_DELAY_MAX_S = 300
"""The longest delay after wrong PINs."""


def limit(settings: Map[str, int | str], figure: Limit) -> int:
    """The site's choice of a figure, bounded; in the unit its key names."""
    value = settings.get(figure.key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        return figure.default
    return min(value, figure.ceiling)
