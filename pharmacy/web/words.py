"""How things are written for people: the display rules of RULES 10, for the pharmacy's pages.

Dates `DD-Mmm-YYYY`, times `HH:mm` on the 24 h clock in ward-local time, names `SMITH, John (Mr)`
never cut, NHS number in groups of 3 3 4, a leading zero always and a trailing zero never, a comma
from 1,000, and units in words where an abbreviation has killed. What other systems wrote is cleaned
again before it is shown (T23): a text may not change how the text around it is read.
"""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from pharmacy.services.text import clean
from statemachine.ward.entry import Decimal10
from statemachine.ward.patients import Patient
from statemachine.ward.stock import Product

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OPEN = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"
_CLOSE = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
_CONTROLS = (
    *("NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF"),
    *("VT", "FF", "CR", "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK"),
    *("SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SPELLED = {
    "mcg": "micrograms",
    "ug": "micrograms",
    "\N{MICRO SIGN}g": "micrograms",
    "\N{GREEK SMALL LETTER MU}g": "micrograms",
    "microgram": "micrograms",
    "ng": "nanograms",
    "nanogram": "nanograms",
    "iu": "units",
    "u": "units",
    "unit": "units",
    "ml": "mL",
    "l": "L",
}


def day(when: date) -> str:
    """`23-Nov-2026`."""
    return f"{when.day:02d}-{MONTHS[when.month - 1]}-{when.year:04d}"


def local(zone: ZoneInfo, at_s: int) -> datetime:
    """Seconds since 1970 as ward-local time; what no calendar holds is the calendar's end."""
    bounded = min(max(at_s, 0), 253_402_214_400)
    return datetime.fromtimestamp(bounded, tz=UTC).astimezone(zone)


def moment(zone: ZoneInfo, at_s: int | None) -> str:
    """`23-Nov-2026 08:03`; None is `not known`, never a made-up time."""
    if at_s is None:
        return "not known"
    when = local(zone, at_s)
    return f"{day(when)} {when:%H:%M}"


def clock(zone: ZoneInfo, at_s: int | None, now_s: int) -> str:
    """`08:03`, with the day before it when it is not today."""
    if at_s is None:
        return "not known"
    when = local(zone, at_s)
    return f"{when:%H:%M}" if when.date() == local(zone, now_s).date() else moment(zone, at_s)


def iso_day(iso: str) -> str:
    """`1945-07-14` as `14-Jul-1945`; what is no date is shown as it is, never guessed."""
    try:
        return day(date.fromisoformat(iso))
    except ValueError:
        return clean(iso) or "not known"


def age(born: date, today: date) -> str:
    """Age as the NHS writes it: `61y`; under 18 `4y 3m`, under 2 years `15m`, first weeks `5d`."""
    days = (today - born).days
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if days < 0:
        return "not born yet"
    if days < 28:
        return f"{days}d"
    if days < 365:
        return f"{days // 7}w" + (f" {days % 7}d" if days % 7 else "")
    if months < 24:
        return f"{months}m"
    years, rest = divmod(months, 12)
    return f"{years}y {rest}m" if years < 18 and rest else f"{years}y"


def born(iso: str, today: date) -> str:
    """`14-Jul-1945 (61y)`."""
    try:
        return f"{iso_day(iso)} ({age(date.fromisoformat(iso), today)})"
    except ValueError:
        return iso_day(iso)


def elapsed(seconds: int) -> str:
    """A span for a person: `under 1 min`, `12 min`, `1 h 12 min`, `3 days`."""
    minutes = max(seconds, 0) // 60
    if minutes < 1:
        return "under 1 min"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{hours // 24} days"


def patient_name(patient: Patient) -> str:
    """`SMITH, John (Mr)`; never cut."""
    name = clean(patient.family).upper() or "NAME NOT KNOWN"
    if patient.given:
        name += f", {clean(patient.given)}"
    return f"{name} ({clean(patient.title)})" if patient.title else name


def nhs_number(number: str) -> str:
    """`943 476 5919`, or `not known`."""
    if len(number) != 10:
        return clean(number) or "not known"
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def bed(text: str) -> str:
    """`bed 4` for a plain number; `Bay A A1` as the hospital calls it."""
    shown = clean(text)
    return f"bed {shown}" if shown[:1].isdigit() else shown


def number(amount: Decimal10) -> str:
    """An exact amount: `0.5`, `2.5`, `1,000`; never `.5` or `1.0`."""
    digits = str(abs(amount.n))
    if amount.e > 0:
        digits = digits.rjust(amount.e + 1, "0")
        whole, part = digits[: -amount.e], digits[-amount.e :].rstrip("0")
    else:
        whole, part = digits + "0" * -amount.e, ""
    sign = "-" if amount.n < 0 else ""
    return f"{sign}{int(whole):,}" + (f".{part}" if part else "")


def unit(text: str) -> str:
    """A unit spelled so that it cannot be misread."""
    return SPELLED.get(text.strip().lower(), clean(text))


def amount(value: Decimal10) -> str:
    """`500 mg`, `75 micrograms`."""
    return f"{number(value)} {unit(value.unit)}".strip()


def medicine(product: Product) -> str:
    """`paracetamol 500 mg tablets`, with the brand in capitals after the name if it has one."""
    name = f"{product.generic} {product.brand.upper()}" if product.brand else product.generic
    return clean(" ".join(part for part in (name, product.strength, product.form) if part))


def count_of(quantity: int, product: Product | None) -> str:
    """`2 tablets`, `1 tablet`: the unit of issue in words."""
    return f"{quantity:,} {unit_of_issue(quantity, product)}"


def unit_of_issue(quantity: int, product: Product | None) -> str:
    """The word for what a pocket holds, in the number it needs."""
    word = clean(product.unit) if product else "unit"
    return word if quantity == 1 or word.endswith("s") else f"{word}s"


def signed(quantity: int) -> str:
    """A change with its sign: `+30`, `-2` with a real minus, `0`."""
    return f"+{quantity:,}" if quantity > 0 else f"{quantity:,}".replace("-", "\N{MINUS SIGN}")


def every(interval_s: int) -> str:
    """`4 h`, `90 min`."""
    hours, rest = divmod(interval_s, 3600)
    return f"{hours} h" if not rest else f"{interval_s // 60} min"


def visible(data: bytes) -> list[str]:
    r"""Lines of raw bytes with nothing hidden: each control character is shown by its short name.

    Bytes that are no UTF-8 are shown as `\xNN`, direction marks and invisible characters by their
    number. A carriage return ends a line, as it does a segment. (Control pictures would be shorter,
    but most fonts have none.)
    """
    text = data.decode("utf-8", "backslashreplace")
    shown = [""]
    for place, char in enumerate(text):
        code = ord(char)
        shown[-1] += char if char.isprintable() else f"{_OPEN}{_named(code)}{_CLOSE}"
        if char == "\n" or (char == "\r" and text[place + 1 : place + 2] != "\n"):
            shown.append("")
    return shown if shown[-1] else shown[:-1]


def unbroken(text: str) -> str:
    """A figure and its unit kept on one line: `10 mg/1 mL` is never read as `10 mg/1`."""
    return re.sub(r"(?<=[0-9]) (?=[A-Za-z])", "\N{NO-BREAK SPACE}", text)


def _named(code: int) -> str:
    if code < 0x20:
        return _CONTROLS[code]
    return "DEL" if code == 0x7F else f"U+{code:04X}"
