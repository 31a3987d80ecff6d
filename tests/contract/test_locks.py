"""The promises of the `Locks` port (hal/ports.py), for every implementation."""

import pytest

from hal.ports import COOL_DOWN_MS, LEASE_MS_MAX, HardwareFault, LeaseDenied
from hal.readings import DrawerReading, LeaseReading, PartReading


def reading(
    mono_ms: int, drawer: int, closed: bool | None, locked: bool | None, edges: int = 0
) -> DrawerReading:
    return DrawerReading(mono_ms=mono_ms, drawer=drawer, closed=closed, locked=locked, edges=edges)


def ended(mono_ms: int, drawer: int, intent: int) -> LeaseReading:
    return LeaseReading(mono_ms=mono_ms, drawer=drawer, intent=intent)


def test_before_the_first_look_every_drawer_is_unknown(fresh):
    assert [fresh.locks.read(number) for number in (1, 2, 3)] == [(None, None)] * 3


def test_a_drawer_becomes_known_only_when_its_contacts_have_held_still(fresh):
    fresh.run(30)
    assert fresh.locks.read(1) == (None, None)
    fresh.run(10)
    assert fresh.locks.read(1) == (True, True)
    assert fresh.readings == [reading(1_040, number, True, True) for number in (1, 2, 3)]


def test_a_drawer_that_is_not_there_is_unknown_and_cannot_be_released(bench):
    assert bench.locks.drawers() == (1, 2, 3)
    assert bench.locks.read(9) == (None, None)
    with pytest.raises(LeaseDenied, match=r"rawer 9 .*Nothing was released"):
        bench.locks.lease(9, 1_000, 1)
    assert bench.trace() == []


def test_a_lease_energises_at_once_and_ends_by_itself(bench):
    begun_ms = bench.now_ms
    bench.locks.lease(2, 500, 7)
    bench.run(2_000)
    assert bench.trace() == [(begun_ms, 2, True), (begun_ms + 500, 2, False)]
    assert bench.readings == [
        reading(begun_ms + 40, 2, True, False),
        ended(begun_ms + 500, 2, 7),
        reading(begun_ms + 540, 2, True, True),
    ]


def test_no_lease_is_longer_than_the_ceiling_and_none_is_empty(bench):
    for ms in (0, -1, LEASE_MS_MAX + 1, 2**31):
        with pytest.raises(LeaseDenied, match="Nothing was released"):
            bench.locks.lease(1, ms, 1)
    assert bench.trace() == []
    begun_ms = bench.now_ms
    bench.locks.lease(1, LEASE_MS_MAX, 2)
    bench.run(LEASE_MS_MAX + 1_000)
    assert bench.trace() == [(begun_ms, 1, True), (begun_ms + LEASE_MS_MAX, 1, False)]


def test_repeating_a_running_lease_neither_pulses_nor_prolongs(bench):
    begun_ms = bench.now_ms
    bench.locks.lease(1, 500, 7)
    for _ in range(30):
        bench.run(10)
        bench.locks.lease(1, 500, 7)
        bench.locks.lease(1, LEASE_MS_MAX, 7)
    bench.run(1_000)
    assert bench.trace() == [(begun_ms, 1, True), (begun_ms + 500, 1, False)]


def test_an_intent_that_had_its_lease_never_pulses_again(bench):
    begun_ms = bench.now_ms
    bench.locks.lease(1, 100, 7)
    bench.run(5_000)
    bench.locks.lease(1, 100, 7)
    bench.run(1_000)
    assert bench.trace() == [(begun_ms, 1, True), (begun_ms + 100, 1, False)]


def test_one_lease_at_a_time_over_all_drawers(bench):
    begun_ms = bench.now_ms
    bench.locks.lease(1, 500, 7)
    for drawer, intent in ((1, 8), (2, 7), (3, 9)):
        with pytest.raises(LeaseDenied, match="stays locked"):
            bench.locks.lease(drawer, 500, intent)
    bench.run(500)
    bench.locks.lease(2, 300, 8)
    bench.run(1_000)
    assert bench.trace() == [
        (begun_ms, 1, True),
        (begun_ms + 500, 1, False),
        (begun_ms + 500, 2, True),
        (begun_ms + 800, 2, False),
    ]


def test_a_lock_cools_down_before_its_next_lease(bench):
    bench.locks.lease(1, 100, 7)
    bench.run(100)
    cold_ms = bench.now_ms
    bench.run(COOL_DOWN_MS - 10)
    with pytest.raises(LeaseDenied, match="stays locked"):
        bench.locks.lease(1, 100, 8)
    bench.run(10)
    bench.locks.lease(1, 100, 9)
    assert bench.trace()[-1] == (cold_ms + COOL_DOWN_MS, 1, True)


def test_a_lease_ends_when_the_drawer_has_opened(bench):
    begun_ms = bench.now_ms
    bench.locks.lease(3, 10_000, 7)
    bench.run(200)
    assert bench.cupboard[3].pull()
    bench.run(200)
    bench.cupboard[3].push()
    bench.run(200)
    assert bench.trace() == [(begun_ms, 3, True), (begun_ms + 240, 3, False)]
    assert bench.readings == [
        reading(begun_ms + 40, 3, True, False),
        reading(begun_ms + 240, 3, False, False, edges=1),
        ended(begun_ms + 240, 3, 7),
        reading(begun_ms + 440, 3, True, True, edges=1),
    ]


def test_a_lease_can_be_ended_and_ending_again_is_no_error(bench):
    begun_ms = bench.now_ms
    bench.locks.lease(1, 10_000, 7)
    bench.run(50)
    bench.locks.end(2)
    bench.locks.end(1)
    bench.locks.end(1)
    bench.run(100)
    bench.locks.end(1)
    assert bench.trace() == [(begun_ms, 1, True), (begun_ms + 50, 1, False)]
    assert [r for r in bench.readings if isinstance(r, LeaseReading)] == [
        ended(begun_ms + 50, 1, 7)
    ]


def test_close_de_energises_and_nothing_is_released_after_it(bench):
    bench.locks.lease(2, 10_000, 7)
    bench.run(50)
    bench.locks.close()
    bench.locks.close()
    assert bench.lines() == {1: False, 2: False, 3: False}
    with pytest.raises(HardwareFault, match="Nothing was released"):
        bench.locks.lease(1, 100, 8)
    bench.run(100)
    assert bench.lines() == {1: False, 2: False, 3: False}


def test_F6_a_forced_drawer_is_reported_within_100_ms(bench):
    forced_ms = bench.now_ms
    bench.cupboard[2].force()
    bench.run(100)
    assert bench.readings == [reading(forced_ms + 40, 2, False, True, edges=1)]
    assert bench.trace() == []


def test_F4_a_jammed_lock_runs_its_lease_out_and_nothing_else_moves(bench):
    begun_ms = bench.now_ms
    bench.cupboard[1].jammed = True
    bench.locks.lease(1, 500, 7)
    bench.run(250)
    assert not bench.cupboard[1].pull()
    bench.run(1_000)
    assert bench.trace() == [(begun_ms, 1, True), (begun_ms + 500, 1, False)]
    assert bench.readings == [ended(begun_ms + 500, 1, 7)]


def test_F3_a_bouncing_reed_is_one_opening_with_all_its_edges_counted(bench):
    begun_ms = bench.now_ms
    bench.locks.lease(1, 10_000, 7)
    bench.run(100)
    bench.cupboard[1].pull()
    for _ in range(4):
        bench.cupboard[1].chatter(3)
        bench.run(10)
    bench.run(200)
    opened = [r for r in bench.readings if isinstance(r, DrawerReading) and r.closed is False]
    assert opened == [reading(begun_ms + 170, 1, False, False, edges=25)]
    assert bench.trace() == [(begun_ms, 1, True), (begun_ms + 170, 1, False)]


def test_F3_a_spark_between_two_looks_opens_nothing(bench):
    for _ in range(20):
        bench.cupboard[1].chatter(1)
        bench.run(40)
    assert bench.readings == []
    assert bench.locks.read(1) == (True, True)


def test_F3_a_reed_that_never_comes_to_rest_is_unknown_not_closed(bench):
    began_ms = bench.now_ms
    for _ in range(60):
        bench.cupboard[1].chatter(1)
        bench.run(10)
    assert bench.locks.read(1) == (None, True)
    assert bench.readings[0] == reading(began_ms + 510, 1, None, True, edges=102)
    bench.run(100)
    assert bench.locks.read(1) == (True, True)


def test_F1_a_reed_stuck_closed_still_shows_the_bolt_moving(bench):
    bench.cupboard[1].reed_stuck = True
    begun_ms = bench.now_ms
    bench.locks.lease(1, 500, 7)
    bench.run(100)
    bench.cupboard[1].pull()
    bench.run(900)
    assert bench.trace() == [(begun_ms, 1, True), (begun_ms + 500, 1, False)]
    assert bench.readings == [reading(begun_ms + 40, 1, True, False), ended(begun_ms + 500, 1, 7)]


def test_F2_a_reed_stuck_open_reads_open_with_the_bolt_home(bench):
    bench.cupboard[1].reed_stuck = False
    bench.cupboard[1].changed()
    bench.run(100)
    assert bench.locks.read(1) == (False, True)


def test_F5_a_bolt_that_does_not_come_home_is_reported_apart_from_the_reed(bench):
    begun_ms = bench.now_ms
    bench.locks.lease(1, 500, 7)
    bench.run(100)
    bench.cupboard[1].feedback_stuck = False
    bench.run(1_000)
    assert bench.locks.read(1) == (True, False)
    assert bench.readings == [reading(begun_ms + 40, 1, True, False), ended(begun_ms + 500, 1, 7)]


def test_F8_another_drawer_opening_is_reported_under_its_own_number(bench):
    begun_ms = bench.now_ms
    bench.locks.lease(1, 500, 7)
    bench.run(100)
    bench.cupboard[2].force()
    bench.run(100)
    assert bench.readings == [
        reading(begun_ms + 40, 1, True, False),
        reading(begun_ms + 140, 2, False, True, edges=1),
    ]
    bench.locks.end(1)
    assert bench.lines() == {1: False, 2: False, 3: False}


def test_a_lost_drawer_is_unknown_and_reported_once_and_comes_back_by_itself(bench):
    lost_ms = bench.now_ms + 10
    bench.cupboard[1].wire_cut = True
    bench.run(200)
    assert bench.locks.read(1) == (None, None)
    assert bench.locks.read(2) == (True, True)
    bench.cupboard[1].wire_cut = False
    bench.run(200)
    assert bench.readings == [
        reading(lost_ms, 1, None, None),
        PartReading(
            mono_ms=lost_ms, part="drawer 1", working=False, reason="its contacts cannot be read"
        ),
        PartReading(mono_ms=lost_ms + 200, part="drawer 1", working=True),
        reading(lost_ms + 230, 1, True, True),
    ]
