"""What makes one dose: exact, in whole units, or a question (RULES 4)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pharmacy.services.doses import SETS_MAX, UNITS_MAX, measure, sets_for
from statemachine.ward.entry import Decimal10
from statemachine.ward.stock import Product


def tablets(product, n, unit="microgram", issue="unit", word="tablet"):
    return Product(product=product, generic="levothyroxine", form="tablets", issue=issue,
                   unit=word, per_unit=Decimal10(n=n, unit=unit))  # fmt: skip


T25, T50, T100 = tablets("t25", 25), tablets("t50", 50), tablets("t100", 100)


def dose(n, unit="micrograms", e=0):
    return Decimal10(n=n, e=e, unit=unit)


def test_75_micrograms_is_50_and_25():
    assert sets_for(dose(75), T50, [T25, T50, T100])[0] == (("t50", 1), ("t25", 1))


def test_alternatives_come_with_the_fewest_units_first():
    found = sets_for(dose(100), T50, [T25, T50, T100])
    assert found == (
        (("t100", 1),),
        (("t50", 2),),
        (("t50", 1), ("t25", 2)),
        (("t25", 4),),
    )


@pytest.mark.parametrize(
    ("asked", "units"),
    [
        (dose(1, "g"), 2),
        (dose(1000, "mg"), 2),
        (dose(5, "g", 1), 1),
        (dose(10, "g", 1), 2),
        (dose(500_000, "microgram"), 1),
        (dose(2, "tablets"), 2),
        (dose(1, "tab"), 1),
    ],
)
def test_a_dose_is_the_same_in_every_spelling(asked, units):
    product = tablets("p500", 500, "mg")
    assert sets_for(asked, product, [product])[0] == (("p500", units),)


@pytest.mark.parametrize(
    "asked",
    [
        dose(250, "mg"),  # half a tablet
        dose(500, "mL"),  # another family
        dose(500, "mg/hr"),  # a rate
        dose(500, ""),
        dose(0, "mg"),
        dose(-500, "mg"),
        dose(2, "capsules"),  # not what the product is
        dose(15, "tablet", 1),  # one and a half
        dose(10**15, "kg"),
        dose(500, "mg", 10**9),
        dose(500, "mg", -(10**9)),
        dose(1, "tablet", 10**9),
    ],
)
def test_what_is_no_whole_number_of_units_is_a_question(asked):
    product = tablets("p500", 500, "mg")
    assert sets_for(asked, product, [product]) == ()


def test_the_next_whole_single_use_container_is_taken():
    ampoule = tablets("a10", 10, "mg", issue="single-use container", word="ampoule")
    assert sets_for(dose(5, "mg"), ampoule, [ampoule]) == ((("a10", 1),),)
    assert sets_for(dose(15, "mg"), ampoule, [ampoule]) == ((("a10", 2),),)


def test_a_bottle_that_stays_and_a_whole_pack_are_one_whatever_the_dose():
    for issue in ("bottle", "whole pack"):
        product = tablets("b", 100, "mL", issue=issue, word="bottle")
        assert sets_for(dose(10, "mL"), product, [product]) == ((("b", 1),),)


def test_a_strength_in_another_family_takes_no_part():
    liquid = Product(product="l", generic="levothyroxine", form="tablets",
                     per_unit=Decimal10(n=25, unit="mL"))  # fmt: skip
    assert sets_for(dose(25), T25, [T25, liquid]) == ((("t25", 1),),)


@settings(deadline=None)
@given(
    n=st.integers(1, 10**6),
    strengths=st.lists(st.integers(1, 1000), min_size=1, max_size=8, unique=True),
)
def test_every_set_makes_exactly_the_dose_and_is_small(n, strengths):
    products = [tablets(f"t{s}", s) for s in strengths]
    found = sets_for(dose(n), products[0], products)
    assert len(found) <= SETS_MAX
    for one in found:
        assert sum(int(product[1:]) * quantity for product, quantity in one) == n
        assert sum(quantity for _, quantity in one) <= UNITS_MAX


@settings(deadline=None)
@given(st.integers(-(2**53), 2**53), st.integers(-(2**53), 2**53), st.text(max_size=8))
def test_no_amount_is_a_fault(n, e, unit):
    measure(Decimal10(n=n, e=e, unit=unit))
    sets_for(Decimal10(n=n, e=e, unit=unit), T25, [T25])
