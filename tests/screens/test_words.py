"""How figures, dates, names and numbers are written: the NHS display rules, example by example."""

from datetime import date

import pytest

from cabinet.screens import words
from cabinet.screens.sentences import SENTENCES, sentence
from statemachine.refusals import Reason, Refusal
from statemachine.ward import Ward
from statemachine.ward.entry import Decimal10
from statemachine.ward.patients import Patient
from statemachine.ward.stock import Product

NOON_S = 1_795_435_200
"""23-Nov-2026 12:00 UTC, which is also London time then."""


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Decimal10(n=5, e=1, unit="mg"), "0.5 mg"),
        (Decimal10(n=50, e=1, unit="mg"), "5 mg"),
        (Decimal10(n=25, e=1, unit="mg"), "2.5 mg"),
        (Decimal10(n=1000, unit="mg"), "1,000 mg"),
        (Decimal10(n=75, unit="mcg"), "75 micrograms"),
        (Decimal10(n=6, unit="IU"), "6 units"),
        (Decimal10(n=125, e=3, unit="g"), "0.125 g"),
        (Decimal10(n=1, e=-3, unit="mL"), "1,000 mL"),
    ],
)
def test_an_amount_leads_with_zero_never_trails_one_and_spells_what_has_killed(
    amount: Decimal10, written: str
) -> None:
    assert words.amount(amount) == written


@pytest.mark.parametrize(
    ("born", "written"),
    [
        (date(1945, 7, 14), "81y"),
        (date(2026, 11, 18), "5d"),
        (date(2026, 9, 1), "11w 6d"),
        (date(2025, 8, 20), "15m"),
        (date(2022, 8, 20), "4y 3m"),
        (date(2008, 11, 24), "17y 11m"),
        (date(2008, 11, 23), "18y"),
        (date(2027, 1, 1), "not born yet"),
    ],
)
def test_an_age_is_written_in_the_unit_that_matters(born: date, written: str) -> None:
    assert words.age(born, date(2026, 11, 23)) == written


def test_a_patient_is_named_family_first_and_never_cut() -> None:
    long = Patient(patient="p1", family="featherstonehaugh-cholmondeley", given="Alexandrina")
    assert words.patient_name(long) == "FEATHERSTONEHAUGH-CHOLMONDELEY, Alexandrina"
    titled = Patient(patient="p2", family="Smith", given="John", title="Mr")
    assert words.patient_name(titled) == "SMITH, John (Mr)"


def test_an_nhs_number_stands_in_groups_of_three_three_and_four() -> None:
    assert words.nhs_number("9434765919") == "943 476 5919"
    assert words.nhs_number("") == "not known"


def test_a_time_of_another_day_names_the_day() -> None:
    ward = Ward()
    assert words.clock_and_day(ward, NOON_S, NOON_S) == "12:00"
    assert words.clock_and_day(ward, NOON_S - 86_400, NOON_S) == "12:00 on 22-Nov-2026"


def test_summer_time_is_the_wards_own_time() -> None:
    assert words.clock(Ward(), 1_782_900_000) == "11:00"


def test_a_brand_stands_in_capitals_after_the_generic_name() -> None:
    product = Product(
        product="d1", generic="co-amoxiclav", brand="Augmentin", strength="500/125", form="tablets"
    )
    assert words.medicine(product) == "co-amoxiclav AUGMENTIN 500/125 tablets"


def test_every_reason_has_a_sentence_that_ends_like_one() -> None:
    ward = Ward()
    said = {
        reason: sentence(ward, Refusal(reason=reason, product="gone", amount=3), NOON_S)
        for reason in Reason
    }
    assert set(SENTENCES) == set(Reason)
    assert [text for text in said.values() if not text.endswith((".", "?"))] == []


def test_no_sentence_says_which_of_badge_and_pin_was_wrong() -> None:
    said = sentence(Ward(), Refusal(reason=Reason.SIGN_IN), NOON_S)
    assert said == "Badge or PIN is not right. Tap your badge and try again."


def test_the_words_that_people_listen_for_are_said() -> None:
    ward = Ward()
    words_of = {
        Reason.GIVEN: "given",
        Reason.STOPPED: "stopped",
        Reason.RECALLED: "recall",
        Reason.CHART_NOT_CHECKED: "check the chart",
        Reason.ORDERS_TOO_OLD: "downtime",
    }
    for reason, word in words_of.items():
        assert word in sentence(ward, Refusal(reason=reason), NOON_S).lower()


def test_the_hour_that_comes_twice_says_which_of_the_two_it_is() -> None:
    first_s = 1_792_888_200  # 25-Oct-2026 00:30 UTC
    assert words.clock(Ward(), first_s) == "01:30 BST"
    assert words.clock(Ward(), first_s + 3_600) == "01:30 GMT"
    assert words.clock(Ward(), first_s + 7_200) == "02:30"
