"""Moments in HL7: `YYYY[MM[DD[HH[MM[SS[.S]]]]]][+ZZZZ]`.

A moment without an offset is in the site's own zone, because that is what every sender in one
hospital means by it. In the hour that comes twice in October the earlier one is taken: a dose read
as due an hour early is asked about, one read as due an hour late is missed.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo

from pharmacy.hl7.said import When

_DTM = re.compile(
    r"(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.\d{1,6})?)?)?)?)?)?"
    r"([+-]\d{4})?"
)
_PRECISIONS: tuple[Literal["year", "month", "day", "hour", "minute", "second"], ...] = (
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
)
_CLOCK = re.compile(r"([01]\d|2[0-3]):?([0-5]\d)(?::?[0-5]\d)?(?:\.\d+)?(?:[+-]\d{4})?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(text: str, zone: ZoneInfo) -> When | None:
    """Read one HL7 moment; None when it is not one (the caller says so in a note)."""
    text = text.strip()
    match = _DTM.fullmatch(text)
    if match is None or not text.isascii():
        return None
    parts = [int(part) for part in match.groups()[:6] if part is not None]
    year, month, day, hour, minute, second = _pad(parts)
    offset = match.group(7)
    try:
        tz = zone if offset is None else _offset(offset)
        at = datetime(year, month, day, hour, minute, second, tzinfo=tz)
        at_s = (at - _EPOCH) // timedelta(seconds=1)
    except (ValueError, OverflowError):
        return None
    return When(text, at_s, _PRECISIONS[len(parts) - 1], offset is not None)


def _pad(parts: list[int]) -> tuple[int, int, int, int, int, int]:
    """Fill what was not said with the first month, day, midnight."""
    full = parts + [0, 1, 1, 0, 0, 0][len(parts) :]
    return full[0], full[1], full[2], full[3], full[4], full[5]


def _offset(text: str) -> timezone:
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[3:5])))


def clock_time(text: str) -> str:
    """`0600`, `06:00`, `06:00:00` as `06:00`; empty when it is not a time of day."""
    match = _CLOCK.fullmatch(text.strip())
    return f"{match.group(1)}:{match.group(2)}" if match else ""
