"""Counts: blind, once more when they differ, an origin where there is none."""

from statemachine.events import Booted, CountRequested
from statemachine.refusals import Reason
from statemachine.ward.drawers import ReleaseIntent
from statemachine.ward.stock import CountAsked, CountRecorded, DiscrepancyOpened, Pocket


def counting(desk, pocket="1-1"):
    desk.send(CountRequested, pocket=pocket)
    desk.signs_in()
    desk.fresh()
    desk.press("*1")
    assert desk.state() == "count.list"
    desk.press(str(desk.memory().listed.index(pocket) + 1))


def test_a_count_that_agrees_is_recorded_once_and_changes_nothing(desk):
    counting(desk)
    assert desk.state() == "count.release"
    assert desk.entries == [
        ReleaseIntent(
            drawer=1,
            panel=1,
            actor="nina",
            pocket="1-1",
            product="paracetamol",
            purpose="count",
            staff_line=desk.ward.people.persons["nina"].staff_line,
            authority="count",
            lease_ms=5000,
        )
    ]
    seq = desk.memory().intent
    desk.opens(1)
    desk.fresh()
    desk.number(20)
    assert desk.entries == [
        CountRecorded(
            actor="nina",
            panel=1,
            pocket="1-1",
            product="paracetamol",
            quantity=20,
            reason="asked",
            book=20,
            intent=seq,
        )
    ]
    assert desk.state() == "count.closing"
    desk.closes(1)
    assert desk.types() == ["count.recorded", "drawer.closed"]
    assert desk.state() == "count.list"
    assert desk.memory().listed == ()
    assert desk.ward.stock.pockets["1-1"].count_due is None


def test_a_difference_is_counted_once_more_and_then_one_discrepancy_carries_it(desk):
    counting(desk)
    desk.opens(1)
    desk.fresh()
    desk.number(17)
    assert desk.state() == "count.again"
    assert desk.entries == []
    desk.number(17)
    assert desk.types() == ["count.recorded", "discrepancy.opened"]
    opened = desk.entries[-1]
    assert isinstance(opened, DiscrepancyOpened)
    assert opened.quantity == -3
    assert desk.book("1-1") == 17
    desk.closes(1)
    assert desk.state() == "count.list"


def test_a_mistyped_first_answer_does_no_harm(desk):
    counting(desk)
    desk.opens(1)
    desk.fresh()
    desk.number(2)
    desk.number(20)
    assert desk.types() == ["count.recorded"]


def test_an_unbelievable_number_is_not_taken(desk):
    counting(desk)
    desk.opens(1)
    desk.fresh()
    desk.number(123_456)
    assert desk.state() == "count.open"
    assert desk.entries == []


def test_closed_without_an_answer_stays_due(desk):
    counting(desk)
    seq = desk.memory().intent
    desk.opens(1)
    desk.fresh()
    desk.closes(1)
    assert desk.entries[1:] == [
        CountAsked(pocket="1-1", reason="asked", intent=seq),
        CountAsked(pocket="1-2", reason="asked", intent=seq),
    ]
    assert desk.state() == "count.list"
    assert "1-1" in desk.memory().listed


def test_a_pocket_without_an_origin_is_counted_at_commissioning_with_one_answer(desk):
    desk.directs(Pocket(pocket="2-2", drawer=2, product="furosemide"))
    desk.signs_in()
    desk.fresh()
    desk.press("*11")
    assert desk.memory().counting == "2-2"
    assert desk.entries[-1].authority == "commissioning"
    desk.opens(2)
    desk.fresh()
    desk.number(12)
    assert desk.types() == ["count.recorded", "discrepancy.opened"]
    assert desk.entries[-1].reason == "commissioning"
    assert desk.book("2-2") == 12
    assert desk.ward.stock.pockets["2-2"].origin is not None


def test_an_empty_pocket_counted_at_commissioning_has_a_book_of_none(desk):
    desk.directs(Pocket(pocket="2-2", drawer=2, product="furosemide"))
    desk.signs_in()
    desk.press("*11")
    desk.opens(2)
    desk.fresh()
    desk.number(0)
    desk.closes(2)
    assert desk.state() == "count.list"
    assert "2-2" not in desk.memory().listed


def test_a_controlled_drug_is_not_counted_without_a_witness(desk):
    counting(desk, "3-2")
    assert desk.state() == "count.list"
    assert [r.reason for r in desk.memory().refusals] == [Reason.CONTROLLED]
    assert desk.types() == ["removal.refused"]
    assert desk.released() == []


def test_a_cabinet_being_commissioned_counts_and_does_not_release(bare, words):
    desk = bare()
    desk.send(Booted, boot=1, reason="start")
    assert desk.machines.mode == "commissioning"
    for drawer in (1, 2, 3):
        desk.sense(drawer, "closed", "locked")
    desk.directs(*words.staff("nina", "B1"), *words.stocked())
    assert desk.machines.mode == "normal"


def test_a_count_that_is_not_opened_stays_due(desk):
    counting(desk)
    desk.lease_runs_out(1)
    assert desk.state() == "count.list"
    assert desk.memory().said == "not opened"
    assert "1-1" in desk.memory().listed
