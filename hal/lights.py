"""Guiding lights, one a pocket: LEDs on MCP23017 port expanders on the I2C bus.

The four patterns differ in rhythm and not in colour, so that nobody needs to tell red from green:
`remove` is steady, `fill` blinks slowly, `count` quickly, `return` flashes twice and rests. At most
a handful of registers change at a time and only those are written. A light is help, never a
permission: a bus that fails is reported, opened again with patience, and nothing else waits for it.
"""

import threading
from collections.abc import Callable
from typing import Literal, Protocol

from hal.config import PocketLight
from hal.link import Link
from hal.ports import Report

Pattern = Literal["remove", "fill", "count", "return", "off"]
RHYTHM_MS: dict[str, tuple[int, ...]] = {
    "remove": (1_000,),
    "fill": (800, 800),
    "count": (200, 200),
    "return": (150, 150, 150, 750),
}
"""Milliseconds on, off, on, ... of each pattern, over and over."""
_DIRECTION, _LATCH = 0x00, 0x14
"""Registers of an MCP23017: which way its outputs A go, and their levels; B is one further."""


class Bus(Protocol):
    """What is used of smbus2's `SMBus`."""

    def write_byte_data(self, address: int, register: int, value: int) -> None:
        """Write one register; raises OSError when nothing answers."""

    def close(self) -> None:
        """Give it back."""


def open_bus(number: int) -> Bus:
    """Open `/dev/i2c-<number>`.

    Raises:
        OSError: not there or not permitted.
    """
    from smbus2 import SMBus

    bus: Bus = SMBus(number)
    return bus


def is_lit(pattern: str, mono_ms: int) -> bool:
    """Whether a light of this pattern is on at this tick."""
    rhythm = RHYTHM_MS.get(pattern)
    if rhythm is None:
        return False
    at_ms = mono_ms % sum(rhythm)
    for number, part_ms in enumerate(rhythm):
        if at_ms < part_ms:
            return number % 2 == 0
        at_ms -= part_ms
    return False


class ExpanderLights:
    """The `Lights` port.

    Args:
        lights: which output lights which pocket.
        open_device: opens the bus (`open_bus`).
        report: takes `PartReading` of `lights`.
    """

    part = "lights"

    def __init__(
        self, lights: tuple[PocketLight, ...], open_device: Callable[[], Bus], report: Report
    ) -> None:
        self._places = {light.pocket: (light.address, light.output) for light in lights}
        self._addresses = sorted({light.address for light in lights})
        self._mutex = threading.Lock()
        self._patterns: dict[str, str] = {}
        self._written: dict[int, int] = {}
        self._link = Link(self.part, open_device, report, lost=self._written.clear)

    def show(self, pocket: str, pattern: Pattern) -> None:
        """Light a pocket from now on; a pocket without a light is no error."""
        with self._mutex:
            if pattern == "off":
                self._patterns.pop(pocket, None)
            elif pocket in self._places:
                self._patterns[pocket] = pattern

    def poll(self, mono_ms: int) -> None:
        """Write what changed since the last poll."""
        levels = dict.fromkeys(self._addresses, 0)
        with self._mutex:
            for pocket, pattern in self._patterns.items():
                address, output = self._places[pocket]
                levels[address] |= is_lit(pattern, mono_ms) << output
        for address, level in levels.items():
            if self._written.get(address) != level:
                self._write(mono_ms, address, level)

    def _write(self, mono_ms: int, address: int, level: int) -> None:
        first = address not in self._written

        def work(bus: Bus) -> bool:
            bus.write_byte_data(address, _LATCH, level & 0xFF)
            bus.write_byte_data(address, _LATCH + 1, level >> 8)
            if first:  # levels before direction, so that nothing flickers at the start
                bus.write_byte_data(address, _DIRECTION, 0)
                bus.write_byte_data(address, _DIRECTION + 1, 0)
            return True

        if self._link.use(mono_ms, work):
            self._written[address] = level

    def wait(self, timeout_s: float) -> None:
        """Lights have their rhythm and nothing to wait for."""
        threading.Event().wait(timeout_s)

    def close(self) -> None:
        """All dark, then give the bus back."""
        self._patterns.clear()
        self.poll(0)
        self._link.close()


class NoLights:
    """The `Lights` port of a cabinet that was built without pocket lights."""

    def show(self, pocket: str, pattern: Pattern) -> None:
        """Nothing: the screen names drawer and pocket in words as well."""
