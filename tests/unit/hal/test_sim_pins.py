"""The simulation's lines behave as the chip's do where `hal` relies on it."""

import pytest
from gpiozero import GPIODevice, GPIOPinInUse, InputDevice, OutputDevice, PinFixedPull, PinSetInput

from sim.pins import TRACE_MAX


def test_an_undriven_input_shows_its_pull_and_a_driven_one_the_outside(wires, factory):
    up = InputDevice(5, pull_up=True, pin_factory=factory)
    down = InputDevice(6, pull_up=False, pin_factory=factory)
    assert (up.pin.state, down.pin.state) == (True, False)
    wires.set(5, False)
    wires.set(6, True)
    assert (up.pin.state, down.pin.state) == (False, True)
    wires.set(5, None)
    assert up.pin.state is True
    up.close()
    down.close()


def test_two_devices_cannot_own_one_line(factory):
    lock = OutputDevice(16, pin_factory=factory)
    with pytest.raises(GPIOPinInUse):
        InputDevice(16, pull_up=True, pin_factory=factory)
    lock.close()


def test_an_input_cannot_be_set_and_the_i2c_lines_keep_their_pull(factory):
    device = GPIODevice(5, pin_factory=factory)
    with pytest.raises(PinSetInput):
        device.pin.state = True
    with pytest.raises(PinFixedPull):
        InputDevice(2, pull_up=False, pin_factory=factory)
    device.close()


def test_each_edge_is_told_once_with_the_level_seen_through_the_pull(wires, factory):
    seen = []

    def edge(ticks, level):
        seen.append((ticks, level))

    reed = InputDevice(5, pull_up=True, pin_factory=factory)
    reed.pin.edges = "both"
    reed.pin.when_changed = edge
    for level in (False, False, None, True, False):
        wires.set(5, level)
    reed.pin.edges = "rising"
    for level in (True, False):
        wires.set(5, level)
    reed.pin.when_changed = None
    wires.set(5, True)
    assert seen == [(1_000, level) for level in (False, True, False, True)]
    reed.close()


def test_the_trace_is_bounded_and_holds_only_changes(wires, factory, tick):
    lock = OutputDevice(16, pin_factory=factory)
    lock.off()
    lock.on()
    lock.on()
    tick.now_ms += 5
    lock.off()
    assert list(wires.trace) == [(1_000, 16, False), (1_000, 16, True), (1_005, 16, False)]
    for _ in range(TRACE_MAX):
        lock.toggle()
    assert len(wires.trace) == TRACE_MAX
    lock.close()


def test_time_is_the_tick_passed_in(factory, tick):
    tick.now_ms = 123
    assert factory.ticks() == 123
    assert factory.ticks_diff(2_500, 1_000) == 1.5
