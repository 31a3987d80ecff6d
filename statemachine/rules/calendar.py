"""Days as arithmetic: the little of a calendar that expiry dates need, without a clock or zones."""

from functools import lru_cache

DAY_S = 86_400


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar.

    Howard Hinnant's algorithm: years begin in March, so that the leap day is the last one.
    """
    year -= month <= 2
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468


@lru_cache(maxsize=4096)
def expires_s(date: str) -> int | None:
    """The first second at which stock marked with this date is out of date.

    `YYYY-MM-DD` is good to the end of that day, `YYYY-MM` and `YYYY-MM-00` to the end of the month
    (GS1 writes day 00 for that). Days are counted in UTC: a cabinet abroad differs by hours, and no
    medicine does.

    Returns:
        Seconds since 1970; None when the text is no date, which is treated as unknown.
    """
    parts = date.split("-")
    if len(parts) not in (2, 3) or not all(p.isascii() and p.isdigit() for p in parts):
        return None
    year, month, day = (*map(int, parts), 0)[:3]
    if not (1970 <= year <= 9999 and 1 <= month <= 12 and 0 <= day <= 31):
        return None
    if day == 0:
        year, month, day = (year + 1, 1, 0) if month == 12 else (year, month + 1, 0)
    return (days_from_civil(year, month, day) + 1) * DAY_S
