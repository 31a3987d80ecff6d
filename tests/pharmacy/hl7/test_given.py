"""What was handed out, and what was given: the other end of the loop."""

from decimal import Decimal

import pytest

from pharmacy.hl7.facts import (
    AmountFacts,
    Coded,
    DispenseFacts,
    DrugFacts,
    GivenFacts,
    MessageFacts,
    Note,
    NotUnderstood,
    Person,
    When,
)
from pharmacy.hl7.understand import understand

RXA = "RXA|0|1|20260401080500||DRG-1^Paracetamol^DEMO|{amount}|tablet||^{why}|N1^Ward^Nell"


def given(raw: bytes) -> GivenFacts:
    found = understand(raw)
    assert isinstance(found, MessageFacts), found
    assert (found.kind, len(found.administrations)) == ("given", 1)
    return found.administrations[0][1]


def test_an_administration_says_what_when_how_much_by_whom_and_for_which_dose(message, pid):
    raw = message(
        "RAS^O17^RAS_O17",
        pid,
        "ORC|RE|RX7^EPMA",
        "TQ1|1||||||20260401080000",
        "RXA|0|1|20260401080500||DRG-1^Paracetamol^DEMO|2|tablet||ok|N1^Ward^Nell"
        "|||||L1|20270101||||CP|A",
        "RXR|PO^oral",
    )
    found = understand(raw)
    assert isinstance(found, MessageFacts)
    order, dose = found.administrations[0]
    assert (order.number, order.action) == ("RX7", "information")
    assert dose == GivenFacts(
        drug=DrugFacts(code="DRG-1", text="Paracetamol", system="DEMO", where="RXA-5"),
        outcome="given",
        at=When("20260401080500", 1775027100, "second"),
        scheduled=When("20260401080000", 1775026800, "second"),
        amount=AmountFacts(low=Decimal(2), unit=Coded("tablet")),
        route=Coded("PO", "oral"),
        by=Person(id="N1", family="Ward", given="Nell"),
        lot="L1",
        expires=When("20270101", 1798761600, "day"),
    )


OUTCOMES = {
    "||||||||||CP": "given",
    "||||||||||PA": "given",
    "||||||||||RE": "refused",
    "||||||||||NA": "not given",
    "||||||||||Held": "held",
    "||||||||||Omitted": "omitted",
    "|||||||||||Given": "given",
    "": "given",
    "||||||||PATREF^refused": "refused",
}


@pytest.mark.parametrize(("rest", "outcome"), OUTCOMES.items())
def test_the_completion_status_says_what_happened(message, pid, rest, outcome):
    line = RXA.format(amount="1", why="asleep")
    dose = given(message("RAS^O17", pid, "ORC|RE|RX7", line + rest))
    assert dose.outcome == outcome
    assert bool(dose.reason) is (outcome != "given")


def test_no_status_and_nothing_given_is_not_given(message, pid):
    assert given(message("RAS^O17", pid, "ORC|RE|R", RXA.format(amount="0", why=""))).outcome == (
        "not given"
    )


def test_an_amount_of_999_means_that_nobody_wrote_it_down(message, pid):
    dose = given(message("RAS^O17", pid, "ORC|RE|R", RXA.format(amount="999", why="")))
    assert (dose.outcome, dose.amount) == ("given", None)


def test_a_record_can_be_taken_back(message, pid):
    line = RXA.format(amount="1", why="") + "||||||||||CP|D"
    assert given(message("RAS^O17", pid, "ORC|RE|R", line)).retracted


def test_a_status_nobody_knows_waits_for_a_person(message, pid):
    line = RXA.format(amount="1", why="") + "||||||||||ZZ"
    found = understand(message("RAS^O17", pid, "ORC|RE|R", line))
    assert isinstance(found, MessageFacts)
    assert found.stopped == (Note("RXA", 20, "This completion status is not known.", stop=True),)


def test_a_dispensing_says_what_was_handed_out_with_its_lot(message, pid):
    found = understand(
        message(
            "RDS^O13",
            pid,
            "ORC|RE|RX7",
            "RXE||DRG-1^Paracetamol^DEMO|1||g",
            "RXD|1|DRG-1^Paracetamol 500 mg^DEMO|20260401|24|tablet||RX-55|||D1^Disp|||7||||"
            "|LOT1|20270101",
        )
    )
    assert isinstance(found, MessageFacts)
    assert (found.kind, found.orders) == ("dispensed", ())
    order, dispensed = found.dispenses[0]
    assert order.number == "RX7"
    assert dispensed == DispenseFacts(
        drug=DrugFacts(code="DRG-1", text="Paracetamol 500 mg", system="DEMO", where="RXD-2"),
        at=When("20260401", 1774998000, "day"),
        amount=AmountFacts(low=Decimal(24), unit=Coded("tablet")),
        prescription="RX-55",
        by=Person(id="D1", family="Disp"),
        to="7",
        lot="LOT1",
        expires=When("20270101", 1798761600, "day"),
    )


@pytest.mark.parametrize(("kind", "segment"), [("RAS^O17", "RXA"), ("RDS^O13", "RXD")])
def test_a_report_of_nothing_is_an_error_that_names_the_segment(message, pid, kind, segment):
    found = understand(message(kind, pid, "ORC|RE|R"))
    assert isinstance(found, NotUnderstood)
    assert (found.answer, found.code, found.segment) == ("AE", 100, segment)
