"""Pharmacy orders: what is ordered, how much, how often, and what to do with it."""

from decimal import Decimal

import pytest

from pharmacy.hl7.facts import (
    AmountFacts,
    Coded,
    DispenseFacts,
    DrugFacts,
    MessageFacts,
    Note,
    NotUnderstood,
    OrderFacts,
    Person,
    TimingFacts,
    When,
)
from pharmacy.hl7.understand import understand

ORC = "ORC|NW|RX7^EPMA|F9^PH||||||20260401080000|||C1^Osei^Kwame^^^Dr"
TQ1 = "TQ1|1||four times a day|0800~1200~1800~2200||D5|20260401080000|20260406080000|R"
RXE = (
    "RXE||DRG-1^Paracetamol 500 mg tablets^DEMO^^^^^^PARACETAMOL|1||g|TAB^tablet"
    "|^With water|||24|tablet|||P1^Lind^Mara|RX-55"
)


def only_order(raw: bytes) -> OrderFacts:
    found = understand(raw)
    assert isinstance(found, MessageFacts), found
    assert found.kind == "orders"
    assert len(found.orders) == 1
    return found.orders[0]


def refusal(raw: bytes) -> NotUnderstood:
    found = understand(raw)
    assert isinstance(found, NotUnderstood), found
    return found


def test_an_encoded_order_with_its_timing_is_read_whole(message, pid, pv1):
    starts = When("20260401080000", 1775026800, "second")
    ends = When("20260406080000", 1775458800, "second")
    drug = DrugFacts(
        code="DRG-1",
        text="Paracetamol 500 mg tablets",
        system="DEMO",
        original="PARACETAMOL",
        where="RXE-2",
    )
    assert only_order(
        message("RDE^O11^RDE_O11", pid, pv1, ORC, TQ1, RXE, "RXR|PO^oral")
    ) == OrderFacts(
        control="NW",
        action="new",
        placer="RX7",
        filler="F9",
        drug=drug,
        dose=AmountFacts(low=Decimal(1), unit=Coded("g")),
        form=Coded("TAB", "tablet"),
        routes=(Coded("PO", "oral"),),
        timings=(
            TimingFacts(
                where="TQ1",
                frequency="four times a day",
                times=("08:00", "12:00", "18:00", "22:00"),
                duration="D5",
                starts=starts,
                ends=ends,
                priority="R",
            ),
        ),
        starts=starts,
        ends=ends,
        instructions=("With water",),
        prescriber=Person(id="C1", family="Osei", given="Kwame", title="Dr"),
        pharmacist=Person(id="P1", family="Lind", given="Mara"),
        verified=True,
        ordered=When("20260401080000", 1775026800, "second"),
        dispense=DispenseFacts(
            drug=drug,
            amount=AmountFacts(low=Decimal(24), unit=Coded("tablet")),
            prescription="RX-55",
        ),
    )


def test_a_requested_order_gives_its_drug_and_dose_from_RXO(message, pid):
    order = only_order(
        message(
            "OMP^O09",
            pid,
            "ORC|NW|RX8",
            "TQ1|1||BID",
            "RXO|DRG-2^Ramipril 5 mg^DEMO|2.50|5.0|mg||^for the pharmacy|^at night"
            "|||||||||||||pain",
        )
    )
    assert order.drug == DrugFacts(code="DRG-2", text="Ramipril 5 mg", system="DEMO", where="RXO-1")
    assert order.dose == AmountFacts(low=Decimal("2.50"), high=Decimal("5.0"), unit=Coded("mg"))
    assert order.instructions == ("at night", "for the pharmacy")
    assert (order.indication, order.as_required, order.verified) == ("pain", False, False)


def test_a_23_order_carries_its_timing_in_ORC_7(message, pid):
    order = only_order(
        message(
            "ORM^O01",
            pid,
            'ORC|NW|RX9|||||1&tab^twice a day&0800,1800^D3^20260401080000^""^S^^with food',
            "RXO|DRG-2^Ramipril^DEMO|5||mg",
            version="2.3",
        )
    )
    assert order.timings == (
        TimingFacts(
            where="ORC-7",
            frequency="twice a day",
            times=("08:00", "18:00"),
            quantity=AmountFacts(low=Decimal(1), unit=Coded("tab")),
            duration="D3",
            starts=When("20260401080000", 1775026800, "second"),
            priority="S",
            text="with food",
        ),
    )
    assert order.stat


def test_timings_are_believed_TQ1_first_then_RXE_1_then_ORC_7(message, pid):
    order = only_order(
        message(
            "RDE^O11",
            pid,
            "ORC|NW|RX1|||||^C",
            "TQ1|1||ordered",
            "RXE|^B|D1^x|1||mg",
            "TQ1|1||encoded",
        )
    )
    assert [timing.where for timing in order.timings] == ["TQ1", "TQ1", "RXE-1", "ORC-7"]
    assert order.frequencies == ("encoded", "ordered", "B", "C")
    assert order.frequency == "encoded"


def test_an_unresolved_template_in_RXE_2_leaves_the_drug_of_RXO_1(message, pid):
    order = only_order(
        message(
            "RDE^O01",
            pid,
            "ORC|NW|31320845^HNAM_ORDERID",
            "RXO|CD:14490226^Diltiazem^NHS_LEG_INT^^Diltiazem|120||mg^^^^120 mg / 1 capsule",
            "RXR|PO^oral",
            'RXE|^twice a day^""|##ITEM##,KEY,1,CE^##ITEM##,DESC,1^^^Diltiazem|120||mg',
            "RXR|PO^oral",
        )
    )
    assert (order.drug.code, order.drug.system, order.drug.where) == (
        "CD:14490226",
        "NHS_LEG_INT",
        "RXO-1",
    )
    assert order.drug.words == "Diltiazem"
    assert order.dose == AmountFacts(low=Decimal(120), unit=Coded("mg"))
    assert order.routes == (Coded("PO", "oral"),)
    assert order.notes == (Note("RXE", 2, "The drug code is a template nobody filled in."),)


def test_when_request_and_encoding_name_different_drugs_only_the_encoded_ones_words_count(
    message, pid
):
    order = only_order(
        message(
            "RDE^O11",
            pid,
            "ORC|NW|RX1",
            "TQ1|1||TID",
            "RXO|A1^Ampicillin^X|500||mg||^ask|||||||||||||||||4^mg",
            "RXR|IV",
            "RXE||B2^Doxycycline^X|100||mg",
            "RXR|PO",
        )
    )
    assert (order.drug.code, order.also_named[0].code) == ("B2", "A1")
    assert order.dose == AmountFacts(low=Decimal(100), unit=Coded("mg"))
    assert (order.routes, order.max_per_day, order.instructions) == ((Coded("PO"),), None, ())
    assert order.frequencies == ()
    assert order.notes == (
        Note("RXE", 2, "Another drug is named in RXO-1; RXE-2 counts, look at both."),
    )


def test_a_drug_named_only_as_an_alternate_is_still_named(message, pid):
    order = only_order(
        message("RDE^O11", pid, "ORC|NW|1", "RXE||^^^16714022504^LOSARTAN^NDC|50||mg")
    )
    assert order.drug == DrugFacts(code="16714022504", text="LOSARTAN", system="NDC", where="RXE-2")


ACTIONS = {
    "NW": "new",
    "SN": "new",
    "OP": "new",
    "XO": "change",
    "RP": "change",
    "CA": "stop",
    "DC": "stop",
    "OC": "stop",
    "HD": "hold",
    "RL": "release",
    "RE": "information",
    "SC": "information",
    "UA": "information",
}


@pytest.mark.parametrize(("control", "action"), ACTIONS.items())
def test_the_control_code_says_what_to_do(message, pid, control, action):
    order = only_order(message("RDE^O11", pid, f"ORC|{control}|RX1", "RXE||D1^x|1||mg"))
    assert (order.control, order.action) == (control, action)


@pytest.mark.parametrize("control", ["", "QQ"])
def test_without_a_known_control_code_a_person_decides(message, pid, control):
    order = only_order(message("RDE^O11", pid, f"ORC|{control}|RX1", "RXE||D1^x|1||mg"))
    assert order.action == "unknown"
    assert [(note.segment, note.field, note.stop) for note in order.notes] == [("ORC", 1, True)]


@pytest.mark.parametrize(
    ("status", "action"), [("CA", "stop"), ("DC", "stop"), ("CM", "stop"), ("HD", "hold")]
)
def test_a_status_can_only_make_an_order_more_careful(message, pid, status, action):
    order = only_order(message("RDE^O11", pid, f"ORC|NW|RX1|||{status}", "RXE||D1^x|1||mg"))
    assert order.action == action
    stopped = only_order(message("RDE^O11", pid, "ORC|CA|RX1|||IP", "RXE||D1^x|1||mg"))
    assert stopped.action == "stop"


@pytest.mark.parametrize(
    ("timing", "rest"),
    [
        ("^every 4 hours PRN", ""),
        ("^every 6 hours when required", ""),
        ("^q6h^^^^PRN", ""),
        ("^q6h", "||||||||||||||||||||||R1^headache^PRN"),
    ],
)
def test_as_required_is_seen_wherever_it_is_said(message, pid, timing, rest):
    order = only_order(message("RDE^O11", pid, "ORC|NW|RX1", f"RXE|{timing}|D1^x|1||mg{rest}"))
    assert order.as_required


def test_as_required_with_clock_times_waits_for_a_person(message, pid):
    order = only_order(message("RDE^O11", pid, "ORC|NW|RX1", "RXE|^PRN&0800|D1^x|1||mg"))
    assert order.notes == (
        Note("", 0, "The order is as required and names clock times.", stop=True),
    )


def test_an_interval_in_figures_is_kept_as_seconds(message, pid):
    order = only_order(
        message("RDE^O11", pid, "ORC|NW|RX1", "TQ1|1||^^^^8^h|113005", "RXE||D1^x|1||mg")
    )
    assert (order.timings[0].interval_s, order.times, order.frequency) == (28800, ("11:30",), "")


def test_several_timings_side_by_side_wait_for_a_person(message, pid):
    order = only_order(
        message("RDE^O11", pid, "ORC|NW|R", "TQ1|1||BID", "TQ1|2||TID", "RXE||D1^x|1||mg")
    )
    assert order.notes == (
        Note(
            "TQ1", 1, "Several timings stand for one order; a person says which holds.", stop=True
        ),
    )


@pytest.mark.parametrize("amount", ["1,000", "5-10", "1/2", "-5", "1e3", "\u0665", "NaN", "<5"])
def test_an_amount_that_is_not_a_plain_number_is_never_guessed_at(message, pid, amount):
    order = only_order(message("RDE^O11", pid, "ORC|NW|RX1", f"RXE||D1^x|{amount}||mg"))
    assert order.dose is None
    assert order.notes == (Note("RXE", 3, "An amount here is not a plain number."),)


def test_amounts_are_exact_as_sent(message, pid):
    for text in ("0.1", ".5", "2.50", "123456789012", "7."):
        order = only_order(message("RDE^O11", pid, "ORC|NW|RX1", f"RXE||D1^x|{text}||mg"))
        assert order.dose == AmountFacts(low=Decimal(text), unit=Coded("mg"))


def test_an_order_that_names_no_drug_waits_for_a_person_unless_it_stops(message, pid):
    new = only_order(message("RDE^O11", pid, "ORC|NW|RX1", "RXE|^BID||1||mg"))
    assert Note("RXE", 2, "No drug is named.", stop=True) in new.notes
    stop = only_order(message("RDE^O11", pid, "ORC|DC|RX1"))
    assert (stop.action, stop.notes) == ("stop", ())


def test_a_verifier_who_is_also_the_prescriber_verifies_nothing(message, pid):
    orc = "ORC|NW|RX1||||||||^Reed^Matt||C1^Osei"
    entered = only_order(message("RDE^O11", pid, orc, "RXE||D1^x|1||mg|||||||||^Reed^Matt|1"))
    other = only_order(message("RDE^O11", pid, orc, "RXE||D1^x|1||mg|||||||||P1^Lind|1"))
    assert (entered.verified, other.verified) == (False, True)


def test_an_order_the_sender_wants_looked_at_is_not_verified(message, pid):
    order = only_order(
        message("RDE^O11", pid, "ORC|NW|RX1", "RXE||D1^x|1||mg|||||||||P1^Lind||||||Y")
    )
    assert not order.verified
    assert order.notes == (Note("RXE", 20, "The sender asks for a person to look at this order."),)


def test_two_encoded_orders_under_one_number_wait_for_a_person(message, pid):
    found = understand(message("RDE^O11", pid, "ORC|NW|RX1", "RXE||D1^x|1||mg", "RXE||D2^y|1||mg"))
    assert isinstance(found, MessageFacts)
    assert [order.number for order in found.orders] == ["RX1", ""]
    assert found.orders[1].notes[0] == Note(
        "RXE", 0, "Two encoded orders stand under one order number.", stop=True
    )


def test_several_orders_in_one_message_keep_their_own_words(message, pid):
    found = understand(
        message(
            "RDE^O11",
            pid,
            "ORC|NW|RX1",
            "RXE|^A|D1^x|1||mg",
            "NTE|1||first",
            "ORC|DC|RX2",
            "RXE|^B|D2^y|2||g",
            "NTE|1||second",
        )
    )
    assert isinstance(found, MessageFacts)
    said = [(o.number, o.action, o.drug.code, o.frequency, o.instructions) for o in found.orders]
    assert said == [
        ("RX1", "new", "D1", "A", ("first",)),
        ("RX2", "stop", "D2", "B", ("second",)),
    ]


def test_orders_for_other_things_are_accepted_and_kept_for_a_person(message, pid):
    found = understand(message("ORM^O01", pid, "ORC|NW|1", "OBR|1|||XR^chest X-ray"))
    assert isinstance(found, MessageFacts)
    assert (found.kind, found.orders) == ("for a person", ())
    assert found.notes[-1] == Note(
        "OBR", 0, "No medicine is ordered here; kept for a person to see."
    )


def test_an_order_message_without_an_order_is_an_error(message, pid):
    found = refusal(message("ORM^O01", pid))
    assert (found.answer, found.code, found.segment) == ("AE", 100, "ORC")


def test_an_order_for_nobody_and_an_order_for_two_people_are_errors(message, pid):
    nobody = refusal(message("RDE^O11", ORC, RXE))
    two = refusal(message("RDE^O11", pid, "PID|2||D2^^^R^MR||OTHER^One", ORC, RXE))
    assert [(f.answer, f.code, f.segment) for f in (nobody, two)] == [("AE", 100, "PID")] * 2


def test_more_orders_than_any_real_message_are_refused(message, pid):
    found = refusal(message("RDE^O11", pid, *["ORC|NW|R", "RXE||D^x|1||mg"] * 501))
    assert (found.answer, found.code, found.segment) == ("AE", 207, "ORC")


def test_times_before_the_start_are_noted(message, pid):
    order = only_order(
        message("RDE^O11", pid, "ORC|NW|R", "RXE|^BID^^20260402^20260401|D1^x|1||mg")
    )
    assert order.notes == (Note("RXE", 0, "The order ends before it starts."),)


def test_a_mixture_waits_for_a_pharmacist_and_a_single_part_of_the_same_drug_does_not(message, pid):
    head = (pid, "ORC|NW|R", "RXE||N1^Sodium chloride 0.9%^X|250||mL")
    base, additive = "RXC|B|N1^Sodium chloride 0.9%^X|250|mL", "RXC|A|P1^Pantoprazole^X|80|mg"
    mixed = only_order(message("RDE^O11", *head, base, additive))
    assert [part.code for part in mixed.components] == ["N1", "P1"]
    assert [(note.segment, note.stop) for note in mixed.notes] == [("RXC", True)]
    assert only_order(message("RDE^O11", *head, base)).notes == ()
