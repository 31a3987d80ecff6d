"""Reading what a form says: numbers, times, spans; a sentence where it says nothing usable."""

import re

from pharmacy.services import Frequency, ServiceError
from pharmacy.web.site import Visit

_WHOLE = re.compile(r"[0-9]{1,6}\Z")


def whole(text: str, what: str, largest: int) -> int:
    """A whole number from 1.

    Raises:
        ServiceError: it is none, or too large.
    """
    if _WHOLE.fullmatch(text) is None or not 0 < int(text) <= largest:
        raise ServiceError(
            f"{what}: write a whole number from 1 to {largest:,}. Nothing was changed."
        )
    return int(text)


def read_frequency(visit: Visit) -> Frequency:
    """A frequency as the form's fields `kind`, `times`, `days`, `hours`, `minutes`, `most` say it.

    Raises:
        ServiceError: they do not make one.
    """
    kind = visit.form.get("kind", "")
    if kind == "stat":
        return Frequency(kind="stat")
    if kind == "times":
        times = tuple(dict.fromkeys(_time(text) for text in re.split(r"[\s,;]+", visit.field(
            "times")) if text))  # fmt: skip
        days = tuple(
            sorted({int(value) for name, value in visit.fields if name == "days" and value in
                    {"1", "2", "3", "4", "5", "6", "7"}})
        )  # fmt: skip
        return Frequency(
            kind="times", times=tuple(sorted(times)), days=() if len(days) == 7 else days
        )
    if kind == "as-required":
        hours, minutes = visit.field("hours"), visit.field("minutes")
        interval_s = 0
        if hours:
            interval_s += whole(hours, "Hours between doses", 744) * 3600
        if minutes and minutes != "0":
            interval_s += whole(minutes, "Minutes between doses", 59) * 60
        most = visit.field("most")
        return Frequency(
            kind="as-required",
            interval_s=interval_s or None,
            max_per_24h=whole(most, "Most doses in 24 h", 96) if most else None,
        )
    raise ServiceError("Choose what the text means. Nothing was changed.")


def _time(text: str) -> str:
    """`8:00`, `0800` and `08.00` as `08:00`; anything else is left for the service to refuse."""
    digits = re.sub(r"[:.]", "", text)
    if re.fullmatch(r"[0-9]{3,4}", digits) is None:
        return text
    padded = digits.rjust(4, "0")
    return f"{padded[:2]}:{padded[2:]}"
