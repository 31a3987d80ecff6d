"""How the pages write dates, names, amounts, raw bytes, and a book over time (RULES 10)."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from pharmacy.web import chart, words
from pharmacy.web.reading.tables import likely
from statemachine.ward.entry import Decimal10
from statemachine.ward.patients import Patient
from statemachine.ward.stock import Product

LONDON = ZoneInfo("Europe/London")


def test_dates_are_day_month_by_name_and_year_in_ward_time():
    assert words.moment(LONDON, 1_795_420_800) == "23-Nov-2026 08:00"
    assert words.moment(LONDON, 1_784_534_400) == "20-Jul-2026 09:00"
    assert words.moment(LONDON, None) == "not known"
    assert words.iso_day("1945-07-14") == "14-Jul-1945"
    assert words.iso_day("yesterday") == "yesterday"
    assert words.iso_day("") == "not known"


def test_a_clock_names_the_day_when_it_is_not_today():
    now_s = 1_795_420_800
    assert words.clock(LONDON, now_s - 60, now_s) == "07:59"
    assert words.clock(LONDON, now_s - 86_400, now_s) == "22-Nov-2026 08:00"


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(1945, 7, 14), "81y"),
        (date(2022, 8, 1), "4y 3m"),
        (date(2025, 8, 1), "15m"),
        (date(2026, 9, 1), "11w 6d"),
        (date(2026, 11, 18), "5d"),
        (date(2027, 1, 1), "not born yet"),
    ],
)
def test_ages_are_written_as_the_nhs_writes_them(born, age):
    assert words.age(born, date(2026, 11, 23)) == age


def test_names_are_family_in_capitals_given_and_title_and_never_cut():
    long = Patient(patient="p", family="de la " + "Longname" * 20, given="Ann", title="Mrs")
    assert words.patient_name(long) == f"DE LA {'LONGNAME' * 20}, Ann (Mrs)"
    assert words.patient_name(Patient(patient="p")) == "NAME NOT KNOWN"
    assert words.nhs_number("9434765919") == "943 476 5919"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal10(n=500, unit="mg"), "500 mg"),
        (Decimal10(n=5, e=1, unit="mg"), "0.5 mg"),
        (Decimal10(n=10, e=1, unit="mg"), "1 mg"),
        (Decimal10(n=250, e=2, unit="mL"), "2.5 mL"),
        (Decimal10(n=75, unit="mcg"), "75 micrograms"),
        (Decimal10(n=1000, unit="iu"), "1,000 units"),
        (Decimal10(n=5, e=3, unit="ug"), "0.005 micrograms"),
    ],
)
def test_amounts_have_no_trailing_zero_a_leading_zero_and_spelled_units(amount, text):
    assert words.amount(amount) == text


def test_changes_carry_their_sign():
    assert [words.signed(n) for n in (30, -2, 0, 1500)] == ["+30", "\u22122", "0", "+1,500"]


def test_raw_bytes_show_everything_that_cannot_be_seen():
    assert words.visible(b"MSH|a\x0b\rPID|\xe9\x00\n\x1c\r\n") == [
        "MSH|a\u2039VT\u203a\u2039CR\u203a",
        "PID|\\xe9\u2039NUL\u203a\u2039LF\u203a",
        "\u2039FS\u203a\u2039CR\u203a\u2039LF\u203a",
    ]
    assert words.visible("a\u202eb\u200b".encode()) == ["a\u2039U+202E\u203ab\u2039U+200B\u203a"]
    assert words.visible(b"") == []
    assert words.visible(b"abc") == ["abc"]


def test_a_figure_and_its_unit_stay_on_one_line():
    assert words.unbroken("morphine 10 mg/1 mL") == "morphine 10\u00a0mg/1\u00a0mL"


def test_a_book_is_drawn_as_steps_that_never_run_backwards():
    drawn = chart.draw([(100, 40), (200, 38), (150, 35)], 0, 300, 50)
    assert drawn is not None
    assert drawn.path == "M52 190H52V50H379V57H379V67H706"
    assert drawn.dots == ((52, 50), (379, 57), (379, 67))
    assert [level.text for level in drawn.levels] == ["0", "10", "20", "30", "40", "50"]
    assert drawn.sentence == "The book went from 0 to 35 over 3 entries; least 0, most 40."


@pytest.mark.parametrize(
    ("points", "before"),
    [([(1, -5)], 0), ([(1, 10**9)], -(10**9)), ([(1, 0)], 0), ([(5, 1)] * 500, 1)],
)
def test_every_book_can_be_drawn_inside_its_frame(points, before):
    drawn = chart.draw(points, before, 1, None)
    assert drawn is not None
    assert all(
        chart.LEFT <= x <= chart.WIDTH - chart.RIGHT
        and chart.TOP <= y <= chart.HEIGHT - chart.BOTTOM
        for x, y in drawn.dots
    )
    assert 1 <= len(drawn.levels) <= 7


def test_nothing_is_drawn_of_nothing():
    assert chart.draw([], 0, 1, 50) is None


def test_candidates_share_the_generic_name_and_the_closest_stand_first():
    known = {
        p.product: p
        for p in (
            Product(product="a", generic="paracetamol", strength="500 mg", form="tablets"),
            Product(product="b", generic="paracetamol", strength="120 mg/5 mL", form="liquid"),
            Product(product="c", generic="ibuprofen", strength="500 mg", form="tablets"),
        )
    }
    assert [p for p, _ in likely("PARACETAMOL 500mg TABLETS", known)] == ["a", "b"]
    assert likely("tablets 500 mg", known) == ()
    assert likely("", known) == ()
