"""A drug code that stands for so many units says it only where the strength cannot."""

import pytest

from pharmacy.services import DrugCode, Prescription
from statemachine.ward.entry import Decimal10
from statemachine.ward.orders import Order
from statemachine.ward.patients import Patient
from statemachine.ward.stock import Product

CODE = DrugCode(system="EPMA", code="D1", text="dexamethasone 4 mg")
DEXA = Product(product="dexa", generic="dexamethasone", strength="4 mg", form="tablets",
               unit="tablet", per_unit=Decimal10(n=4, unit="mg"))  # fmt: skip
INHALER = Product(product="dexa", generic="salbutamol", form="inhaler", unit="inhaler",
                  issue="whole pack")  # fmt: skip


def sets_told(pharmacy, cabinet_of, product, dose):
    """The sets of every order sent for one prescription; the code stands for one unit."""
    cabinet = cabinet_of(pharmacy)
    pharmacy.services.put_product(product)
    pharmacy.services.admit(Patient(patient="p1", family="SMITH", ward="7"))
    pharmacy.services.map_drug(CODE, "dexa", "pat", 1)
    pharmacy.services.prescribe(
        Prescription(patient="p1", order="o1", drug=CODE, dose=dose, times=("08:00",))
    )
    return [entry.sets for entry in cabinet.directives() if isinstance(entry, Order)]


def test_a_dose_of_two_tablets_strength_is_two_tablets_whatever_the_code_stands_for(
    pharmacy, cabinet_of
):
    dose = Decimal10(n=8, unit="mg")
    assert sets_told(pharmacy, cabinet_of, DEXA, dose) == [((("dexa", 2),),)]


@pytest.mark.parametrize("dose", [Decimal10(n=6, unit="mg"), Decimal10(n=15, e=1, unit="tablet")])
def test_a_dose_that_is_no_whole_number_of_tablets_is_never_rounded_to_the_codes_one(
    pharmacy, cabinet_of, dose
):
    assert sets_told(pharmacy, cabinet_of, DEXA, dose) == []


@pytest.mark.parametrize("dose", [Decimal10(n=2, unit="puff"), None])
def test_where_no_strength_says_how_many_the_code_does(pharmacy, cabinet_of, dose):
    assert sets_told(pharmacy, cabinet_of, INHALER, dose) == [((("dexa", 1),),)]
