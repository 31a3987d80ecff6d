"""Benches: every implementation of `Locks` on the same three drawers, with the same hands.

A new implementation joins the suite by one more class here and one more name in `BENCHES`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from hal.config import DrawerPins, HardwareConfig, Panel, SerialReader, TerminalDisplay, UsbKeypad
from hal.gpio import GpioLocks
from hal.ports import Locks
from sim.memory_ports import Drawer, MemoryLocks
from sim.pins import PlainWires, WireFactory

if TYPE_CHECKING:
    from hal.readings import Reading

DRAWERS = (1, 2, 3)
STEP_MS = 10


class Bench:
    """Locks under test, a clock that is turned by hand, and what was heard and driven."""

    locks: Locks

    def __init__(self) -> None:
        self.now_ms = 1_000
        self.readings: list[Reading] = []
        self.cupboard = {number: Drawer() for number in DRAWERS}

    def tick(self) -> int:
        return self.now_ms

    def run(self, ms: int) -> None:
        """Let time pass in steps of 10 ms, polling as the controller does."""
        for _ in range(ms // STEP_MS):
            self.now_ms += STEP_MS
            self.locks.poll(self.now_ms)

    def settle(self) -> None:
        """Start-up: until every contact is believed; what was heard so far is forgotten."""
        self.run(100)
        self.readings.clear()

    def trace(self) -> list[tuple[int, int, bool]]:
        """(tick, drawer, level) of every change of every lock since the start."""
        raise NotImplementedError

    def lines(self) -> dict[int, bool]:
        """Which lock is energised now."""
        raise NotImplementedError

    def close(self) -> None:
        self.locks.close()


class MemoryBench(Bench):
    def __init__(self) -> None:
        super().__init__()
        self._memory = MemoryLocks(self.cupboard, self.tick, self.readings.append)
        self.locks = self._memory

    def trace(self) -> list[tuple[int, int, bool]]:
        return list(self._memory.trace)

    def lines(self) -> dict[int, bool]:
        return {number: drawer.coil for number, drawer in self.cupboard.items()}


class CupboardWires(PlainWires):
    """The cupboard's coils and contacts on the lines of `pin_bench_config`."""

    def __init__(self, bench: Bench, config: HardwareConfig) -> None:
        super().__init__(bench.tick)
        self._drawers = bench.cupboard
        self._locks = {pins.lock: pins.drawer for pins in config.drawers}
        self._reeds = {pins.reed: pins.drawer for pins in config.drawers}
        self._feedbacks = {pins.feedback: pins.drawer for pins in config.drawers}
        for pins in config.drawers:
            drawer = self._drawers[pins.drawer]
            drawer.changed = lambda pins=pins: self._changed(pins)
            self._changed(pins)

    def _changed(self, pins: DrawerPins) -> None:
        drawer = self._drawers[pins.drawer]
        # A closed contact joins its line to ground; an open one leaves it to the pull-up.
        self.set(pins.reed, False if drawer.reed else None)
        self.set(pins.feedback, False if drawer.feedback else None)

    def level(self, pin: int) -> bool | None:
        number = self._reeds.get(pin, self._feedbacks.get(pin))
        if number is not None and self._drawers[number].wire_cut:
            raise OSError(f"GPIO {pin} does not answer")
        return super().level(pin)

    def drive(self, pin: int, level: bool | None) -> None:
        before = bool(self.driven.get(pin))
        super().drive(pin, level)
        if pin in self._locks and bool(level) != before:
            self._drawers[self._locks[pin]].energise(bool(level))


def pin_bench_config() -> HardwareConfig:
    reader = SerialReader(device="/dev/ttyACM0")
    return HardwareConfig(
        drawers=tuple(
            DrawerPins(drawer=number, lock=15 + number, feedback=21 + number, reed=4 + number)
            for number in DRAWERS
        ),
        panels=(
            Panel(
                keypad=UsbKeypad(device="/dev/input/event0"),
                display=TerminalDisplay(),
                scanner=reader,
                badge=reader,
            ),
        ),
    )


class PinBench(Bench):
    def __init__(self) -> None:
        super().__init__()
        self.config = pin_bench_config()
        self.wires = CupboardWires(self, self.config)
        self.factory = WireFactory(self.wires, self.tick)
        self.gpio = GpioLocks(self.config, self.factory, self.tick, self.readings.append)
        self.locks = self.gpio
        self.claimed = list(self.wires.trace)
        self.wires.trace.clear()

    def trace(self) -> list[tuple[int, int, bool]]:
        locks = {pins.lock: pins.drawer for pins in self.config.drawers}
        return [
            (tick, locks[pin], bool(level))
            for tick, pin, level in self.wires.trace
            if level is not None
        ]

    def lines(self) -> dict[int, bool]:
        return {pins.drawer: bool(self.wires.driven[pins.lock]) for pins in self.config.drawers}

    def close(self) -> None:
        super().close()
        self.factory.close()


BENCHES: dict[str, type[Bench]] = {"memory": MemoryBench, "simulated pins": PinBench}


@pytest.fixture(params=BENCHES.values(), ids=BENCHES.keys())
def fresh(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Locks that have just been started and not polled yet."""
    bench = request.param()
    yield bench
    bench.close()


@pytest.fixture
def bench(fresh: Bench) -> Bench:
    """Locks whose contacts are all believed."""
    fresh.settle()
    return fresh


@pytest.fixture
def pin_bench() -> Iterator[PinBench]:
    """Facts that only lines have."""
    bench = PinBench()
    yield bench
    bench.close()
