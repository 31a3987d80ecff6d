"""How things are written for people: NHS Common User Interface rules in one place (RULES 10).

Dates `DD-Mmm-YYYY`, times `HH:mm` on the 24 h clock, names `SMITH, John (Mr)` never cut, NHS number
in groups of 3 3 4, a leading zero always and a trailing zero never, a comma from 1,000, and units
in words where an abbreviation has killed (micrograms, nanograms, units).
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from statemachine.ward import Ward
from statemachine.ward.entry import Decimal10
from statemachine.ward.patients import Patient
from statemachine.ward.people import Person
from statemachine.ward.stock import Product

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

SPELLED = {
    "mcg": "micrograms",
    "ug": "micrograms",
    "\N{MICRO SIGN}g": "micrograms",
    "microgram": "micrograms",
    "ng": "nanograms",
    "nanogram": "nanograms",
    "iu": "units",
    "u": "units",
    "unit": "units",
    "ml": "mL",
    "l": "L",
}
DEFAULT_ZONE = "Europe/London"


def zone(ward: Ward) -> ZoneInfo:
    """The ward's time zone: a site setting, `Europe/London` unless said."""
    return ZoneInfo(str(ward.stock.settings.get("timezone", DEFAULT_ZONE)))


def local(ward: Ward, at_s: int) -> datetime:
    """Seconds since 1970 as ward-local time."""
    return datetime.fromtimestamp(at_s, tz=UTC).astimezone(zone(ward))


def clock(ward: Ward, at_s: int) -> str:
    """`08:03`; `01:30 GMT` in the hour that comes twice in October, so that no two are mixed up."""
    when = local(ward, at_s)
    twice = when.replace(fold=0).utcoffset() != when.replace(fold=1).utcoffset()
    return f"{when:%H:%M %Z}" if twice else f"{when:%H:%M}"


def day(when: date) -> str:
    """`23-Nov-2026`."""
    return f"{when.day:02d}-{MONTHS[when.month - 1]}-{when.year:04d}"


def clock_and_day(ward: Ward, at_s: int, now_s: int) -> str:
    """`08:03`, with the day when it is not today: a nurse must not read yesterday's 08:00."""
    when, today = local(ward, at_s), local(ward, now_s).date()
    text = clock(ward, at_s)
    return text if when.date() == today else f"{text} on {day(when.date())}"


def iso_day(iso: str) -> str:
    """`1945-07-14` as `14-Jul-1945`; what is no date is shown as it is, never guessed."""
    try:
        return day(date.fromisoformat(iso))
    except ValueError:
        return iso or "not known"


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


def elapsed(seconds: int) -> str:
    """A span for a person: `under a minute`, `12 min`, `1 h 12 min`, `3 days`."""
    minutes = max(seconds, 0) // 60
    if minutes < 1:
        return "under 1 min"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{hours // 24} days"


def elapsed_s(seconds: int) -> str:
    """A short span to the second: `8 s`, `5 min`."""
    return f"{seconds} s" if seconds < 120 else elapsed(seconds)


def patient_name(patient: Patient) -> str:
    """`SMITH, John (Mr)`; never cut."""
    name = patient.family.upper() or "NAME NOT KNOWN"
    if patient.given:
        name += f", {patient.given}"
    return f"{name} ({patient.title})" if patient.title else name


def born(patient: Patient, today: date | None) -> str:
    """`14-Jul-1945 (61y)`; without the age where today is not known."""
    text = iso_day(patient.born)
    if today is None:
        return text
    try:
        return f"{text} ({age(date.fromisoformat(patient.born), today)})"
    except ValueError:
        return text


def nhs_number(number: str) -> str:
    """`943 476 5919`, or `not known`."""
    if len(number) != 10:
        return number or "not known"
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def bed(text: str) -> str:
    """`bed 4` for a plain number; `Bay A A1` as the hospital calls it."""
    return f"bed {text}" if text[:1].isdigit() else text


def person_name(person: Person | None) -> str:
    """`NINA B.`: enough to be called by, not enough to be looked up."""
    if person is None:
        return "somebody"
    given, family = person.staff.given, person.staff.family
    if not given and not family:
        return "somebody"
    return f"{given} {family[:1]}.".strip().upper() if family else given.upper()


def number(amount: Decimal10) -> str:
    """An exact amount as RULES 10 writes figures: `0.5`, `2.5`, `1,000`; never `.5` or `1.0`."""
    digits = str(abs(amount.n))
    if amount.e > 0:
        digits = digits.rjust(amount.e + 1, "0")
        whole, part = digits[: -amount.e], digits[-amount.e :].rstrip("0")
    else:
        whole, part = digits + "0" * -amount.e, ""
    grouped = f"{int(whole):,}"
    sign = "-" if amount.n < 0 else ""
    return f"{sign}{grouped}.{part}" if part else f"{sign}{grouped}"


def unit(text: str) -> str:
    """A unit spelled so that it cannot be misread."""
    return SPELLED.get(text.strip().lower(), text.strip())


def amount(value: Decimal10) -> str:
    """`500 mg`, `75 micrograms`."""
    return f"{number(value)} {unit(value.unit)}".strip()


def medicine(product: Product | None) -> str:
    """`paracetamol 500 mg tablets`, with the brand in capitals before it when there is one."""
    if product is None:
        return "a medicine not in this cabinet's list"
    name = f"{product.generic} {product.brand.upper()}" if product.brand else product.generic
    return " ".join(part for part in (name, product.strength, product.form) if part)


def medicine_columns(product: Product) -> str:
    """The medication line: `paracetamol  tablets 500 mg`."""
    name = f"{product.generic} {product.brand.upper()}" if product.brand else product.generic
    return f"{name}  {product.form} {product.strength}".rstrip()


def count_of(quantity: int, product: Product | None) -> str:
    """`2 tablets`, `1 tablet`: the unit of issue in words."""
    word = product.unit if product else "unit"
    if quantity != 1 and not word.endswith("s"):
        word += "s"
    return f"{quantity:,} {word}"
