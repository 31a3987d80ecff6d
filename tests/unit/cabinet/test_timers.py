"""Timers run out in order, once, and never pile up."""

import pytest

from cabinet.timers import TIMERS_MAX, Timers


def test_timers_run_out_in_order_of_their_deadlines_and_then_of_starting() -> None:
    timers = Timers()
    for name, due_ms in (("b", 20), ("a", 10), ("c", 20)):
        timers.start(name, due_ms)
    taken = [timers.take_due(20) for _ in range(4)]
    assert taken == ["a", "b", "c", None]


def test_a_timer_does_not_run_out_before_its_time() -> None:
    timers = Timers()
    timers.start("a", 10)
    assert (timers.take_due(9), timers.next_due_ms(), timers.take_due(10)) == (None, 10, "a")
    assert timers.next_due_ms() is None


def test_starting_again_moves_the_deadline_and_stopping_forgets_it() -> None:
    timers = Timers()
    timers.start("a", 10)
    timers.start("a", 30)
    timers.start("b", 20)
    timers.stop("b")
    timers.stop("never started")
    assert (timers.take_due(25), timers.take_due(30), timers.running()) == (None, "a", ())


def test_I14_restarting_a_timer_for_a_year_does_not_grow_the_heap() -> None:
    timers = Timers()
    for due_ms in range(10_000):
        timers.start("idle", due_ms)
    assert len(timers._heap) <= 2 * TIMERS_MAX + 1
    assert timers.take_due(9_998) is None
    assert timers.take_due(9_999) == "idle"


def test_I14_too_many_timers_are_a_defect_and_said_so() -> None:
    timers = Timers()
    for number in range(TIMERS_MAX):
        timers.start(str(number), 1)
    with pytest.raises(ValueError, match="256 timers are running"):
        timers.start("one more", 1)
    timers.start("7", 2)
