import pytest

from hal.debounce import Debounce


def believed(hold_ms, looks):
    """The level after each look of (tick, level[, edges])."""
    contact = Debounce(hold_ms)
    return [(contact.sample(*look), contact.level)[1] for look in looks]


def test_a_level_is_believed_after_it_held_and_not_before():
    assert believed(30, [(0, True), (20, True), (29, True), (30, True)]) == [None, None, None, True]


def test_both_directions_are_debounced_alike():
    looks = [(0, True), (30, True), (40, False), (60, False), (70, False), (80, True), (110, True)]
    assert believed(30, looks) == [None, True, True, True, False, False, True]


def test_an_edge_between_two_looks_restarts_the_wait():
    looks = [(0, True), (30, True), (40, True, 2), (69, True), (70, True)]
    contact = Debounce(30)
    changes = [contact.sample(*look) for look in looks]
    assert changes == [False, True, False, False, False]
    looks = [(0, True), (20, True, 2), (40, True), (50, True)]
    assert believed(30, looks) == [None, None, None, True]


def test_a_pulse_shorter_than_the_hold_changes_nothing():
    looks = [(0, True), (30, True), (40, False), (60, True), (100, True)]
    assert believed(30, looks) == [None, True, True, True, True]


def test_what_cannot_be_read_is_unknown_at_once_and_must_hold_again():
    looks = [(0, True), (30, True), (40, None), (50, True), (79, True), (80, True)]
    assert believed(30, looks) == [None, True, None, None, None, True]


def test_F3_chatter_that_does_not_end_makes_the_level_unknown_until_it_holds():
    chatter = [(30 + n * 10, n % 2 == 0) for n in range(1, 60)]
    levels = believed(30, [(0, True), (30, True), *chatter, (640, True), (670, True)])
    assert levels[1:52] == [True] * 51
    assert levels[52:-1] == [None] * (len(levels) - 53)
    assert levels[-1] is True


@pytest.mark.parametrize("hold_ms", [-1, 0, 19, 51, 10_000])
def test_a_hold_outside_20_to_50_ms_is_refused(hold_ms):
    with pytest.raises(ValueError, match="between 20 and 50 ms"):
        Debounce(hold_ms)
