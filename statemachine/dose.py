"""What a dose is called.

A dose is its order and its instant: `<order>@<seconds since 1970>`. The instant is when it was due;
for an as-required dose, when it was removed. A local hour that comes twice in October is still one
instant, one dose (RULES 9).
"""


def dose_id(order: str, at_s: int) -> str:
    """The dose of `order` due (as-required: removed) at `at_s`, seconds since 1970."""
    return f"{order}@{at_s}"


def dose_due_s(dose: str) -> int | None:
    """The instant in a dose's id, seconds since 1970; None when it names none."""
    digits = dose.rpartition("@")[2]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None
