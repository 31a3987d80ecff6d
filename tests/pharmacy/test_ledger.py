"""The ledger: lines accepted once, in order, with the stock they move."""

from statemachine.ward.house import Boot, DirectivesApplied
from statemachine.ward.orders import RemovalRecorded
from statemachine.ward.stock import Opening, Pocket, Product


def stocked(pharmacy, cabinet):
    services = pharmacy.services
    services.put_product(Product(product="para", generic="paracetamol", strength="500 mg",
                                 form="tablets", unit="tablet"))  # fmt: skip
    services.put_pocket(cabinet.cab, Pocket(pocket="3-2", drawer=3, product="para",
                                    opening=(Opening(quantity=40, lot="L1"),)))  # fmt: skip
    to = len(cabinet.directives())
    cabinet.applied = to
    cabinet.send(Boot(reason="start"), DirectivesApplied(to=(1, to)))


def removal(quantity=2, intent=3):
    return RemovalRecorded(actor="u1", patient="p1", order="o1", dose="o1@1", product="para",
                           drawer=3, pocket="3-2", quantity=quantity, panel=1, intent=intent,
                           lot="L1")  # fmt: skip


def book(pharmacy, cab="A"):
    return [(row.pocket, row.lot, row.quantity) for row in pharmacy.services.stock(cab)]


def test_a_removal_makes_the_stock_fall(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    stocked(pharmacy, cabinet)
    assert book(pharmacy) == [("3-2", "L1", 40)]
    head = cabinet.send(removal())
    assert (head.ep, head.seq, head.head) == (1, 3, cabinet.prev)
    assert book(pharmacy) == [("3-2", "L1", 38)]
