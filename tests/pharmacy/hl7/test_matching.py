"""What the pharmacist's tables are asked with, and what only a person can say."""

from decimal import Decimal

import pytest

from pharmacy.hl7.facts import (
    AmountFacts,
    Coded,
    DrugFacts,
    Note,
    OrderFacts,
    TimingFacts,
    When,
)
from pharmacy.hl7.matching import Asked, Question, ask, candidates, dose_of, duration_s
from pharmacy.hl7.units import exact, normal_unit
from statemachine.ward.entry import Decimal10
from statemachine.ward.stock import Product

PARACETAMOL = DrugFacts(
    code="D1",
    text="Paracetamol 500 mg tablets",
    system="DEMO",
    alternates=(Coded("322236009", "Paracetamol 500mg tablet", "SCT"), Coded("", "words only")),
)


def test_an_order_asks_by_every_code_and_never_by_name():
    order = OrderFacts(
        placer="RX7",
        drug=PARACETAMOL,
        dose=AmountFacts(low=Decimal("1.0"), unit=Coded("g")),
        routes=(Coded("PO", "oral"),),
        timings=(
            TimingFacts(
                where="TQ1",
                frequency="four times a day",
                times=("08:00",),
                duration="D5",
                starts=When("20260401", 1775000000, "day"),
            ),
        ),
        starts=When("20260401", 1775000000, "day"),
        instructions=("With water.",),
        verified=True,
    )
    assert ask(order) == Asked(
        number="RX7",
        kind="regular",
        drugs=(
            Coded("D1", "Paracetamol 500 mg tablets", "DEMO"),
            Coded("322236009", "Paracetamol 500mg tablet", "SCT"),
        ),
        dose=Decimal10(n=1, unit="g"),
        route="oral",
        frequency="four times a day",
        times=("08:00",),
        text="Paracetamol 500 mg tablets. With water",
        starts_s=1775000000,
        ends_s=1775432000,
        verified=True,
    )


def test_a_drug_named_in_words_only_is_a_question_to_a_pharmacist():
    asked = ask(OrderFacts(drug=DrugFacts(text="Paracetamol 500 mg tablets")))
    assert asked.drugs == ()
    assert asked.questions == (
        Question("drug", "The order names its drug in words only. A pharmacist chooses."),
    )


def test_what_stops_an_order_is_a_question():
    order = OrderFacts(
        drug=PARACETAMOL, notes=(Note("TQ1", 1, "Which?", stop=True), Note("", 0, "x"))
    )
    assert ask(order).questions == (Question("order", "Which?"),)


DOSES = {
    ("1000", "mg"): Decimal10(n=1000, unit="mg"),
    ("2.50", "mg"): Decimal10(n=25, e=1, unit="mg"),
    ("0.025", "MG"): Decimal10(n=25, e=3, unit="mg"),
    ("75", "mcg"): Decimal10(n=75, unit="microgram"),
    ("75", "micrograms"): Decimal10(n=75, unit="microgram"),
    ("75", "\u00b5g"): Decimal10(n=75, unit="microgram"),
    ("5", "mL"): Decimal10(n=5, unit="ml"),
    ("5", "CC"): Decimal10(n=5, unit="ml"),
    ("10", "units"): Decimal10(n=10, unit="unit"),
    ("10", "[iU]"): Decimal10(n=10, unit="unit"),
    ("2", "Tabs"): Decimal10(n=2, unit="tablet"),
    ("2", "{tablet}"): Decimal10(n=2, unit="tablet"),
    ("2", "caps"): Decimal10(n=2, unit="capsule"),
    ("2", "puffs"): Decimal10(n=2, unit="puff"),
}


@pytest.mark.parametrize(("said", "dose"), DOSES.items())
def test_doses_are_exact_and_their_units_are_those_every_pharmacist_calls_the_same(said, dose):
    amount = AmountFacts(low=Decimal(said[0]), unit=Coded(said[1]))
    assert dose_of(amount) == (dose, None)


@pytest.mark.parametrize("unit", ["mg/hr", "gr", "%", "mg/kg", "stone", "dose form", "m"])
def test_a_unit_nobody_would_bet_on_is_a_question(unit):
    dose, question = dose_of(AmountFacts(low=Decimal(5), unit=Coded(unit)))
    assert dose is None
    assert question == Question(
        "dose",
        f"The unit of the dose ({unit}) is not one we know. A pharmacist says what makes a dose.",
    )


def test_no_unit_nothing_and_only_a_maximum_are_questions():
    assert dose_of(None) == (None, None)
    assert dose_of(AmountFacts(low=Decimal(5)))[1] == Question(
        "dose", "The dose has no unit. A pharmacist says what makes a dose."
    )
    assert dose_of(AmountFacts(low=Decimal(0), unit=Coded("mg")))[1] == Question(
        "dose", "The dose is nought. Ask the prescriber."
    )
    assert dose_of(AmountFacts(high=Decimal(5), unit=Coded("mg")))[1] == Question(
        "dose", "Only a maximum is said for the dose. Ask the prescriber."
    )


@pytest.mark.parametrize("figure", ["1000000001", "999999999999", "0.0000001", "0.123456789"])
def test_T23_a_dose_beyond_anything_given_is_a_question(figure):
    dose, question = dose_of(AmountFacts(low=Decimal(figure), unit=Coded("mg")))
    assert dose is None
    assert question == Question("dose", "No dose is that large or that exact. Ask the prescriber.")


def test_a_unit_code_that_says_nothing_leaves_its_text():
    assert normal_unit(Coded("385055001", "Tablet", "SCT")) == "tablet"
    assert normal_unit(Coded("43", "mg/hr")) == ""


def test_exact_amounts_carry_no_trailing_zeros_and_no_float():
    assert exact(Decimal("1E+3"), "mg") == Decimal10(n=1000, unit="mg")
    assert exact(Decimal(100), "mg") == Decimal10(n=100, unit="mg")
    assert exact(Decimal("0.10"), "mg") == Decimal10(n=1, e=1, unit="mg")


KINDS = [
    (OrderFacts(as_required=True, stat=True), "as-required"),
    (OrderFacts(stat=True), "stat"),
    (OrderFacts(stat=True, timings=(TimingFacts(frequency="BID"),)), "regular"),
    (OrderFacts(dose=AmountFacts(low=Decimal(1), high=Decimal(2))), "range"),
    (OrderFacts(dose=AmountFacts(low=Decimal(2), high=Decimal("2.0"))), "regular"),
    (OrderFacts(), "regular"),
]


@pytest.mark.parametrize(("order", "kind"), KINDS)
def test_the_kind_of_order_follows_from_what_is_said(order, kind):
    assert ask(order).kind == kind


def test_clock_times_of_an_as_required_order_are_not_its_times():
    order = OrderFacts(as_required=True, timings=(TimingFacts(times=("08:00",), interval_s=14400),))
    asked = ask(order)
    assert (asked.times, asked.interval_s) == ((), 14400)


def test_an_interval_in_figures_is_put_into_words_for_the_table():
    eight = OrderFacts(timings=(TimingFacts(interval_s=28800),))
    ninety = OrderFacts(timings=(TimingFacts(interval_s=5400),))
    assert (ask(eight).frequency, ask(ninety).frequency) == ("every 8 hours", "every 90 minutes")


DURATIONS = {"D4": 345600, "S50": 50, "M30": 1800, "H8": 28800, "W1": 604800, "3 Hr": 10800}
DURATIONS |= {"17 Hr": 61200, "INDEF": None, "": None, "X3": None, "D": None, "L1": None}


@pytest.mark.parametrize(("text", "seconds"), DURATIONS.items())
def test_durations_are_read_or_left_alone(text, seconds):
    assert duration_s(TimingFacts(duration=text)) == seconds


def test_the_text_for_people_says_range_rate_maximum_and_reason():
    order = OrderFacts(
        drug=DrugFacts(text="Oxycodone"),
        dose=AmountFacts(low=Decimal("2.5"), high=Decimal(5), unit=Coded("mg")),
        rate=AmountFacts(low=Decimal(23), unit=Coded("mL/hr")),
        max_per_day=AmountFacts(low=Decimal(20), unit=Coded("mg")),
        as_required=True,
        as_required_reason="pain",
    )
    assert ask(order).text == (
        "Oxycodone. 2.5 to 5 mg. at 23 mL/hr. at most 20 mg in 24 hours. for pain"
    )


def test_candidates_are_suggested_by_name_and_strength_and_decide_nothing():
    products = [
        Product(product="p500", generic="paracetamol", strength="500 mg"),
        Product(product="p1000", generic="paracetamol", strength="1000 mg"),
        Product(product="ibu", generic="ibuprofen", strength="400 mg"),
    ]
    assert candidates("Paracetamol 1000 mg tablets", products) == ("p1000", "p500")
    assert candidates("something else", products) == ()
