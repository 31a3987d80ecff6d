"""The world obeys physics, and tells only what its switches say."""

import pytest

from hal.ports import LeaseDenied
from hal.readings import DrawerReading, LeaseReading, Reading
from sim.clock import Timeline
from sim.people import Pack, Person
from sim.world import CannotHappen, World

START_S = 1_795_420_800


def a_world() -> tuple[World, Timeline, list[Reading]]:
    timeline = Timeline(START_S)
    world = World(timeline, {1: ("1-1", "1-2"), 2: ("2-1",)})
    told: list[Reading] = []
    world.power_up(told.append, lambda: timeline.true_ms - START_S * 1000)
    del told[:]
    return world, timeline, told


def test_a_lease_withdraws_the_bolt_and_ends_by_itself() -> None:
    world, timeline, told = a_world()
    world.lease(1, 5000, 7)
    assert world.state(1) == "released"
    timeline.advance(4_999)
    world.poll(0)
    assert world.state(1) == "released"
    timeline.advance(1)
    world.poll(0)
    assert world.state(1) == "locked"
    assert told == [
        DrawerReading(mono_ms=0, drawer=1, closed=True, locked=False, edges=1),
        LeaseReading(mono_ms=5000, drawer=1, intent=7),
        DrawerReading(mono_ms=5000, drawer=1, closed=True, locked=True, edges=1),
    ]


def test_a_repeated_lease_changes_nothing_and_is_received_once() -> None:
    world, timeline, _ = a_world()
    world.lease(1, 5000, 7)
    timeline.advance(4_000)
    world.lease(1, 5000, 7)
    timeline.advance(1_000)
    world.poll(0)
    assert world.state(1) == "locked"
    assert [(lease.drawer, lease.milliseconds, lease.intent) for lease in world.leases] == [
        (1, 5000, 7)
    ]


@pytest.mark.parametrize("ms", [0, -1, 15_001])
def test_a_lease_outside_its_ceiling_is_denied(ms: int) -> None:
    world, _, told = a_world()
    with pytest.raises(LeaseDenied):
        world.lease(1, ms, 7)
    assert (world.state(1), told, world.leases) == ("locked", [], [])


def test_a_second_lease_waits_for_the_first_and_for_the_coil_to_cool() -> None:
    world, timeline, _ = a_world()
    world.lease(1, 100, 7)
    with pytest.raises(LeaseDenied):
        world.lease(2, 100, 8)
    world.end(1)
    with pytest.raises(LeaseDenied):
        world.lease(1, 100, 9)
    timeline.advance(1_000)
    world.lease(1, 100, 9)
    assert world.state(1) == "released"


def test_an_open_drawer_keeps_its_bolt_out_until_it_is_shut() -> None:
    world, _, told = a_world()
    world.lease(1, 5000, 7)
    world.pull(1)
    world.end(1)
    del told[:]
    world.push(1)
    assert told == [DrawerReading(mono_ms=0, drawer=1, closed=True, locked=True, edges=2)]


def test_a_locked_drawer_does_not_open_but_can_be_forced() -> None:
    world, _, told = a_world()
    with pytest.raises(CannotHappen, match="locked"):
        world.pull(1)
    world.force(1)
    assert world.state(1) == "open"
    assert told == [DrawerReading(mono_ms=0, drawer=1, closed=False, locked=False, edges=2)]


def test_hands_take_only_what_is_there_and_only_from_an_open_drawer() -> None:
    world, _, _ = a_world()
    nina = Person(name="Nina")
    world.fill("1-2", [Pack("paracetamol")] * 3)
    with pytest.raises(CannotHappen, match="closed"):
        world.take(nina, 2, 1)
    world.lease(1, 5000, 7)
    world.pull(1)
    world.light("1-2", "remove")
    with pytest.raises(CannotHappen, match="holds 3; 4"):
        world.take(nina, 4, 1)
    assert world.take(nina, 2, 1) == "1-2"
    assert world.put_back(nina, 1, 1) == "1-2"
    assert (len(world.contents["1-2"]), len(nina.hands)) == (2, 1)
    with pytest.raises(CannotHappen, match="1 from drawer 1"):
        world.put_back(nina, 2, 1)


def test_power_gone_every_bolt_goes_home_and_nothing_is_told() -> None:
    world, _, told = a_world()
    world.lease(1, 5000, 7)
    del told[:]
    world.power_down()
    world.press(1, "A")
    assert (world.state(1), told) == ("locked", [])


@pytest.mark.parametrize(
    ("part", "fault", "sensed"),
    [
        ("reed", "stuck closed", (True, False)),
        ("reed", "stuck open", (False, False)),
        ("reed", "dead", (None, False)),
        ("feedback", "stuck closed", (False, True)),
        ("feedback", "dead", (False, None)),
        ("lock", "jammed", (True, True)),
    ],
)
def test_each_part_lies_on_its_own(
    part: str, fault: str, sensed: tuple[bool | None, bool | None]
) -> None:
    world, _, _ = a_world()
    world.break_drawer(part, 1, fault)  # type: ignore[arg-type]
    world.lease(1, 5000, 7)
    if part != "lock":
        world.pull(1)
    assert world.read(1) == sensed
    world.push(1) if world.state(1) == "open" else None
    world.end(1)
    world.break_drawer(part, 1, None)
    assert world.read(1) == (True, True)


def test_a_bouncing_switch_chatters_but_reports_one_change() -> None:
    world, _, told = a_world()
    world.break_drawer("reed", 1, "bouncing")
    world.lease(1, 5000, 7)
    del told[:]
    world.pull(1)
    assert told == [DrawerReading(mono_ms=0, drawer=1, closed=False, locked=False, edges=17)]
