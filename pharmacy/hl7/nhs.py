"""The NHS number: its check digit decides, its range only warns.

Ten digits, the last a modulus 11 check digit (NHS Data Dictionary). The ranges say who issued it;
they have been changed before, and some published checkers refuse numbers that are in use because a
Scottish number "cannot" be a birth date. So only the check digit refuses. The number is never the
only key by which a patient is matched.
"""

import re

_TIDY = re.compile(r"[\s-]+")
TEST_NUMBER = "The NHS number is in the range kept for tests."
"""A warning that is no surprise in a test message."""
_RANGES = (
    (10_000_000, 99_999_999, "The NHS number is in a range that was never issued."),
    (101_000_000, 3_112_999_999, "The NHS number is a Scottish (CHI) number."),
    (3_200_000_000, 3_999_999_999, "The NHS number is a Northern Irish number."),
    (8_000_000_000, 8_599_999_999, "The NHS number is an Irish number."),
    (9_000_000_000, 9_999_999_999, TEST_NUMBER),
)


def tidy(text: str) -> str:
    """The number without the spaces and hyphens people write into it."""
    return _TIDY.sub("", text.strip())


def check_digit(first_nine: str) -> int | None:
    """The check digit of nine digits, or None when no digit can be right."""
    total = sum(
        int(digit) * weight for digit, weight in zip(first_nine, range(10, 1, -1), strict=True)
    )
    digit = 11 - total % 11
    if digit == 10:
        return None
    return 0 if digit == 11 else digit


def nhs_number(text: str) -> str:
    """The ten digits when `text` is an NHS number with the right check digit, else empty."""
    number = tidy(text)
    if len(number) != 10 or not (number.isascii() and number.isdigit()):
        return ""
    if check_digit(number[:9]) != int(number[9]):
        return ""
    return number


def warning(number: str) -> str:
    """What is remarkable about the range of a valid number, or empty: never a refusal."""
    value = int(number)
    for low, high, words in _RANGES:
        if low <= value <= high:
            return words
    return ""
