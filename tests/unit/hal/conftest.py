"""A hand-turned clock, a list of what was heard, lines of memory, and a whole configuration."""

from collections.abc import Callable, Iterator

import pytest

from hal.config import DrawerPins, HardwareConfig, Panel, SerialReader, TerminalDisplay, UsbKeypad
from hal.readings import Reading
from sim.pins import PlainWires, WireFactory


class Hand:
    """A clock that somebody turns."""

    def __init__(self) -> None:
        self.now_ms = 1_000

    def __call__(self) -> int:
        return self.now_ms

    def turn(self, poll: Callable[[int], None], ms: int, step_ms: int = 10) -> None:
        for _ in range(ms // step_ms):
            self.now_ms += step_ms
            poll(self.now_ms)


@pytest.fixture
def tick() -> Hand:
    return Hand()


@pytest.fixture
def heard() -> list[Reading]:
    return []


@pytest.fixture
def wires(tick: Hand) -> PlainWires:
    return PlainWires(tick)


@pytest.fixture
def factory(wires: PlainWires, tick: Hand) -> Iterator[WireFactory]:
    factory = WireFactory(wires, tick)
    yield factory
    factory.close()


@pytest.fixture
def config() -> HardwareConfig:
    """Six drawers and a USB keypad, as docs/how-to/wire-a-cabinet.md wires them."""
    return HardwareConfig(
        drawers=tuple(
            DrawerPins(drawer=n, lock=15 + n, feedback=21 + n, reed=4 + n) for n in range(1, 7)
        ),
        panels=(
            Panel(
                keypad=UsbKeypad(device="/dev/input/by-id/keypad"),
                display=TerminalDisplay(device="/dev/tty1"),
                scanner=SerialReader(device="/dev/serial/by-id/scanner"),
                badge=SerialReader(device="/dev/serial/by-id/cards"),
            ),
        ),
        sounder=12,
        button=11,
    )
