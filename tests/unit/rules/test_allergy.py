"""Does an allergy speak against a product?"""

import pytest

from statemachine.rules.allergy import conflict, same
from statemachine.ward import Ward
from statemachine.ward.entry import Stamp
from statemachine.ward.fold import fold
from statemachine.ward.patients import Allergy
from statemachine.ward.stock import Ingredient, Product, WardList


@pytest.mark.parametrize(
    ("against", "ingredient"),
    [
        ("aspirin", "aspirin"),
        ("insulin", "insulin glargine"),
        ("penicillin", "benzylpenicillin"),
        ("penicillins", "amoxicillin"),
        ("penicillin", "pivmecillinam hydrochloride"),
        ("penicillin v", "phenoxymethylpenicillin"),
        ("penicillin", "co-amoxiclav"),
        ("cephalosporin", "cefalexin"),
        ("codeine", "codeine phosphate"),
    ],
)
def test_the_same_substance_under_another_name_is_found(against, ingredient):
    assert same(against, ingredient)


@pytest.mark.parametrize(
    ("against", "ingredient"),
    [
        ("iron", "spironolactone"),
        ("sodium valproate", "sodium chloride"),
        ("penicillin", "paracetamol"),
        ("penicillin", "penicillamine"),
        ("cephalosporin", "paracetamol"),
        ("aspirin", "ibuprofen"),
    ],
)
def test_a_name_that_only_looks_alike_is_not(against, ingredient):
    assert not same(against, ingredient)


def test_the_signed_group_list_names_products_and_ingredients():
    listed = WardList(name="interaction nsaid", items=("d9", "Naproxen"))
    ward = fold(Ward(), listed, Stamp(line=(1, 1), wall_lo_s=0, wall_hi_s=0))
    allergy = Allergy(ingredient="NSAIDs")
    by_id = Product(product="d9", generic="ibuprofen")
    by_name = Product(product="d8", generic="x", ingredients=(Ingredient(name="naproxen"),))
    other = Product(product="d7", generic="paracetamol")
    singular = Allergy(ingredient="NSAID")
    found = [conflict(ward, (singular,), one) is not None for one in (by_id, by_name, other)]
    assert found == [True, True, False]
    assert conflict(ward, (allergy,), other) is None


def test_anaphylaxis_is_told_before_intolerance():
    product = Product(product="p", generic="co-codamol", ingredients=(
        Ingredient(name="codeine"), Ingredient(name="paracetamol"),
    ))  # fmt: skip
    allergies = (
        Allergy(ingredient="codeine", kind="intolerance"),
        Allergy(ingredient="paracetamol", kind="anaphylaxis"),
    )
    found = conflict(Ward(), allergies, product)
    assert found is not None
    assert (found.allergy.ingredient, found.ingredient) == ("paracetamol", "paracetamol")


def test_a_product_without_ingredients_is_judged_by_its_generic_name():
    product = Product(product="p", generic="Flucloxacillin")
    assert conflict(Ward(), (Allergy(ingredient="Penicillin"),), product) is not None


def test_an_empty_allergy_speaks_against_nothing():
    product = Product(product="p", generic="paracetamol")
    assert conflict(Ward(), (Allergy(ingredient="  "),), product) is None
