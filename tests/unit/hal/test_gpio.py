"""Facts about locks that only lines have: how they are claimed, how they fail, how they end."""

import pytest
from gpiozero import OutputDevice

from hal.gpio import GUARD_GRACE_MS, GpioLocks
from hal.pinmap import LOCK_LINES
from hal.ports import HardwareFault
from hal.readings import LeaseReading, PartReading
from sim.pins import PlainWires, WireFactory


@pytest.fixture
def wires(tick, config):
    wires = PlainWires(tick)
    for pins in config.drawers:
        wires.set(pins.reed, False)
        wires.set(pins.feedback, False)
    return wires


@pytest.fixture
def locks(config, factory, tick, heard):
    locks = GpioLocks(config, factory, tick, heard.append)
    yield locks
    locks.close()


def test_lock_lines_are_claimed_first_and_low_and_nothing_goes_high(wires, locks, config):
    claimed = [(pin, level) for _, pin, level in wires.trace]
    first = [(pins.lock, False) for pins in config.drawers]
    assert claimed[: len(first)] == first
    assert [level for _, level in claimed if level] == []
    assert locks.drawers() == (1, 2, 3, 4, 5, 6)


def test_sensor_lines_are_only_ever_inputs(wires, locks, tick, config):
    tick.turn(locks.poll, 200)
    locks.lease(1, 100, 1)
    tick.turn(locks.poll, 200)
    driven = {pin for _, pin, level in wires.trace if level is not None}
    assert driven == {pins.lock for pins in config.drawers}
    assert driven <= LOCK_LINES


def test_a_broken_sensor_wire_reads_as_open(wires, locks, tick, config):
    wires.set(config.drawers[0].reed, None)
    wires.set(config.drawers[0].feedback, None)
    tick.turn(locks.poll, 100)
    assert locks.read(1) == (False, False)
    assert locks.read(2) == (True, True)


def test_contacts_to_supply_read_a_broken_wire_as_open_too(config, tick, heard):
    import msgspec

    wires = PlainWires(tick)
    wires.set(config.drawers[1].reed, True)
    factory = WireFactory(wires, tick)
    config = msgspec.structs.replace(config, contact="to_supply")
    locks = GpioLocks(config, factory, tick, heard.append)
    tick.turn(locks.poll, 100)
    assert locks.read(1) == (False, False)
    assert locks.read(2) == (True, False)
    locks.close()
    factory.close()


def test_close_leaves_every_line_low_and_then_let_go(wires, locks, tick, config):
    locks.lease(3, 10_000, 1)
    wires.trace.clear()
    locks.close()
    lock = config.drawers[2].lock
    assert [entry for entry in wires.trace if entry[1] == lock] == [
        (tick(), lock, False),
        (tick(), lock, None),
    ]
    assert {wires.driven[pins.lock] for pins in config.drawers} == {None}


def test_lines_can_be_claimed_again_after_close(config, factory, tick, heard):
    for _ in range(2):
        GpioLocks(config, factory, tick, heard.append).close()


def test_all_lines_that_cannot_be_claimed_are_named_and_none_stays_claimed(config, tick, heard):
    wires = PlainWires(tick)
    wires.broken = {config.drawers[0].lock, config.drawers[3].reed, config.drawers[5].feedback}
    factory = WireFactory(wires, tick)
    with pytest.raises(HardwareFault) as refused:
        GpioLocks(config, factory, tick, heard.append)
    for words in (
        "no drawer can be released",
        "GPIO 16, lock of drawer 1",
        "GPIO 8, reed switch of drawer 4",
        "GPIO 27, lock feedback of drawer 6",
    ):
        assert words in str(refused.value)
    assert set(wires.driven.values()) == {None}
    wires.broken = set()
    GpioLocks(config, factory, tick, heard.append).close()
    factory.close()


def test_a_line_held_by_another_device_is_refused(config, factory, tick, heard):
    other = OutputDevice(config.drawers[4].lock, pin_factory=factory)
    with pytest.raises(HardwareFault, match=r"GPIO 20, lock of drawer 5: .*in use"):
        GpioLocks(config, factory, tick, heard.append)
    other.close()


def test_a_lock_line_that_does_not_answer_is_refused_and_the_others_still_release(
    wires, locks, tick, heard, config
):
    tick.turn(locks.poll, 100)
    heard.clear()
    wires.broken = {config.drawers[0].lock}
    with pytest.raises(HardwareFault, match="was not released"):
        locks.lease(1, 500, 1)
    assert wires.driven[config.drawers[0].lock] is False
    assert [(r.part, r.working) for r in heard if isinstance(r, PartReading)] == [("lock 1", False)]
    wires.broken = set()
    tick.turn(locks.poll, 20)
    assert [(r.part, r.working) for r in heard[1:]] == [("lock 1", True)]
    locks.lease(2, 500, 2)
    assert wires.driven[config.drawers[1].lock] is True


def test_a_line_that_does_not_go_off_is_tried_again_and_blocks_every_release(
    wires, locks, tick, heard, config
):
    line = config.drawers[0].lock
    tick.turn(locks.poll, 100)
    heard.clear()
    locks.lease(1, 100, 1)
    wires.broken = {line}
    tick.turn(locks.poll, 3_000)
    assert wires.driven[line] is True
    assert [(type(r), getattr(r, "part", None)) for r in heard] == [
        (PartReading, "lock 1"),
        (LeaseReading, None),
    ]
    with pytest.raises(HardwareFault, match=r"drawer 1 does not go off\. Nothing is released"):
        locks.lease(2, 100, 2)
    wires.broken = set()
    tick.turn(locks.poll, 10)
    assert wires.driven[line] is False
    locks.lease(2, 100, 3)


def test_the_guard_ends_a_lease_when_nobody_polls(wires, locks, tick, heard, config):
    tick.turn(locks.poll, 100)
    heard.clear()
    locks.lease(1, 500, 1)
    tick.turn(locks.guard, 500 + GUARD_GRACE_MS - 10)
    assert wires.driven[config.drawers[0].lock] is True
    tick.turn(locks.guard, 10)
    assert wires.driven[config.drawers[0].lock] is False
    assert heard == [LeaseReading(mono_ms=tick(), drawer=1, intent=1)]
    tick.turn(locks.guard, 1_000)
    tick.turn(locks.poll, 1_000)
    assert len(heard) == 1


def test_polling_after_close_touches_nothing(wires, locks, tick):
    locks.close()
    wires.trace.clear()
    tick.turn(locks.poll, 200)
    tick.turn(locks.guard, 200)
    assert list(wires.trace) == []
