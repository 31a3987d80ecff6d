"""The NHS number: the check digit decides, the range only warns."""

import pytest

from pharmacy.hl7.nhs import check_digit, nhs_number, tidy, warning

GOOD = ["9434765919", "943 476 5919", "943-476-5919", " 9434765919 ", "0113011113", "9990000018"]


@pytest.mark.parametrize("text", GOOD)
def test_a_right_check_digit_is_enough(text):
    assert nhs_number(text) == tidy(text)


@pytest.mark.parametrize(
    "text", ["9434765918", "", "garbage", "943476591", "94347659190", "943476591X", "\u0669" * 10]
)
def test_anything_else_is_no_nhs_number(text):
    assert nhs_number(text) == ""


def test_some_nine_digits_have_no_check_digit_at_all():
    assert check_digit("000000006") is None
    assert all(nhs_number(f"000000006{digit}") == "" for digit in range(10))


def test_ranges_only_warn():
    assert warning("9434765919") == "The NHS number is in the range kept for tests."
    assert warning("0101011113") == "The NHS number is a Scottish (CHI) number."
    assert warning("4000000632") == ""
