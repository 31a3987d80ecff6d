"""The words of scenarios: how a wording is read, and what is said of words nobody knows."""

import datetime as dt

import pytest

from sim.play.pattern import BadValue, Pattern, unquote
from sim.play.registry import UnknownStep, all_steps, find, reference

POCKET = Pattern(
    "pocket {pocket:text} of {cabinet:text} holds {n:int} {product:text}"
    "[ lot {lot:text} expiring {expires:date}][ {unknown:flag:lot unknown}][ in truth {truth:int}]"
)


def test_optional_parts_may_come_in_any_order() -> None:
    text = 'pocket "3-2" of "A" holds 0 "senna" in truth 3 lot "L1" expiring 31-Dec-2027'
    assert POCKET.match(text) == {
        "pocket": "3-2",
        "cabinet": "A",
        "n": 0,
        "product": "senna",
        "lot": "L1",
        "expires": dt.date(2027, 12, 31),
        "unknown": False,
        "truth": 3,
    }


def test_spaces_between_words_do_not_matter_and_spaces_in_quotes_do() -> None:
    found = POCKET.match('pocket  "3-2"   of "A" holds 4 "senna  tablets"')
    assert found is not None
    assert found["product"] == "senna  tablets"


def test_text_in_quotes_takes_escapes() -> None:
    assert unquote(r'"]d2\x1D10L1\r\n\"end\""') == ']d2\x1d10L1\r\n"end"'


def test_an_unknown_escape_is_refused() -> None:
    with pytest.raises(BadValue, match=r"\\q"):
        unquote(r'"\q"')


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(BadValue, match="31-Feb-2027"):
        POCKET.match('pocket "1-1" of "A" holds 1 "x" lot "L" expiring 31-Feb-2027')


def test_an_unknown_step_names_itself_and_the_nearest_known_ones() -> None:
    with pytest.raises(UnknownStep) as raised:
        find('"Nina" signs inn')
    text = str(raised.value)
    assert text.startswith('unknown step: "Nina" signs inn')
    assert '"Nina" signs in' in text.partition("nearest known:")[2]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('"Nina" signs in', {"who": "Nina"}),
        ("she signs in", {"who": ""}),
        ('"Nina" signs in at panel 2 with PIN "1"', {"who": "Nina", "panel": 2, "pin": "1"}),
        ("6 days pass", {"number": 6, "unit": "days", "verb": "pass"}),
        ("1 min passes", {"number": 1, "unit": "min", "verb": "passes"}),
        ("exactly these drawers were released: 3, 5 and 6", {"drawers": (3, 5, 6)}),
        ("exactly these drawers were released: none", {"drawers": ()}),
        ('"Nina" presses 1 # A', {"who": "Nina", "keys": "1#A"}),
        (
            'the log holds removal.recorded with order "O1"',
            {"type": "removal.recorded", "field": "order", "value": "O1"},
        ),
        (
            "the power fails before the intent is recorded",
            {"moment": "before", "what": "intent", "how": "recorded"},
        ),
        (
            'an order "O1" for "P1": 2 "a" + 1 "b" at 08:00, 14:00 dose 75 micrograms',
            {
                "order": "O1",
                "patient": "P1",
                "quantity": 2,
                "product": "a",
                "second_quantity": 1,
                "second": "b",
                "times": ((8, 0), (14, 0)),
                "dose": "75",
                "unit": "micrograms",
            },
        ),
        (
            'an order "O1" for "P1": 1 "a" kind as-required every 240 min at most 4 in 24 h',
            {
                "order": "O1",
                "patient": "P1",
                "quantity": 1,
                "product": "a",
                "kind": "as-required",
                "every": 240,
                "most": 4,
            },
        ),
        (
            (
                'patient "P1" SMITH, John (Mr) born 14-Jul-1945 male NHS number 943 476 5919'
                ' in ward "7" bed "3"'
            ),
            {
                "handle": "P1",
                "name": "SMITH, John (Mr)",
                "born": dt.date(1945, 7, 14),
                "gender": "male",
                "nhs": "9434765919",
                "ward": "7",
                "bed": "3",
            },
        ),
    ],
)
def test_steps_are_read_as_typed_values(text: str, values: dict[str, object]) -> None:
    assert find(text)[1] == values


def test_no_text_means_two_steps() -> None:
    texts = [
        'nurse "Nina" with badge "B1" and PIN "246810"',
        '"O1" is stopped',
        '"P1" is discharged',
        'pocket "3-2" is lit',
        'pocket "3-2" is booked at 3',
        "drawer 3 is open",
        "drawer 3 opens by itself",
        "the power fails",
        "the power fails after the lease is sent",
        '"Nina" removes order "O1"',
        '"Nina" removes 2 "x"',
        '"Nina" chooses the next patient',
        '"Nina" chooses patient "P1"',
    ]
    for text in texts:
        assert [s.pattern.wording for s in all_steps() if s.pattern.match(text)].__len__() == 1


def test_the_reference_page_holds_every_step_once() -> None:
    page = reference()
    for step in all_steps():
        assert page.count(f"| `{step.pattern.shown.replace('|', chr(92) + '|')}` |") == 1
