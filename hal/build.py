"""All the hardware of one cabinet, built together or not at all.

Order of building: lock lines first (they start safe), then the other lines, then parts that may
come and go. Order of closing: locks first. Whatever fails while building is collected, so that one
error names it all, and what was built is closed again.
"""

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from hal.badge import SerialBadgeReader
from hal.button import EmergencyButton
from hal.config import HardwareConfig, MatrixKeypad, Panel, TerminalDisplay, UsbKeypad
from hal.display import CharacterPanel, FullDisplay, open_lcd, open_terminal
from hal.factory import build_factory
from hal.gpio import GpioLocks
from hal.inventory import missing
from hal.keypad import MatrixKeypadReader, UsbKeypadReader, key_codes, open_keypad
from hal.lights import ExpanderLights, NoLights, open_bus
from hal.ports import Display, HardwareFault, Lights, Locks, Report, Sounder, Thermometer, Tick
from hal.probe import FridgeProbe
from hal.scanner import SerialScanner
from hal.serial_line import open_port
from hal.sounder import LineSounder, NoSounder
from hal.threads import Polled, Poller

READER_WAIT_S = 0.05
"""Longest wait of a reader's thread: the silence that ends a scan (`hal.frames.SILENCE_MS`)."""
GUARD_EVERY_S = 0.05
LIGHTS_EVERY_S = 0.05
DISPLAY_WAIT_S = 1.0
PROBE_EVERY_S = 1.0

T = TypeVar("T")


class HardwareMissing(HardwareFault):
    """Hardware that the configuration names is not usable.

    Attributes:
        problems: one sentence each.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(f"- {problem}" for problem in problems))
        self.problems = problems


class Hardware:
    """The ports of one cabinet.

    Attributes:
        locks: all drawers; poll it every 20 ms.
        lights, sounder: one of each; silent ones where none is built in.
        displays: one a panel.
        thermometer: the fridge probe, or None.
        pollers: quick parts for the thread that polls the locks.
        threads: slow parts and readers; `start` starts them.
        closers: what gives each part back; locks stand first.
    """

    def __init__(self) -> None:
        self.locks: Locks
        self.lights: Lights = NoLights()
        self.sounder: Sounder = NoSounder()
        self.displays: dict[int, Display] = {}
        self.thermometer: Thermometer | None = None
        self.pollers: tuple[Callable[[int], None], ...] = ()
        self.threads: list[Poller] = []
        self.closers: list[Callable[[], None]] = []

    def start(self) -> None:
        """Start the threads of readers, displays, lights, probe and the guard of the leases."""
        for thread in self.threads:
            thread.start()

    def close(self) -> None:
        """De-energise every lock, then stop and give back everything else."""
        for close in self.closers[:1]:
            close()
        for thread in self.threads:
            thread.stop()
        for close in self.closers[1:]:
            close()
        self.closers.clear()
        self.threads.clear()


def build(
    config: HardwareConfig,
    tick: Tick,
    report: Report,
    environ: Mapping[str, str] = os.environ,
) -> Hardware:
    """The real hardware of this machine. Call `start` on it.

    Args:
        config: what is wired.
        tick: monotonic milliseconds.
        report: takes readings, from any thread.
        environ: must not set GPIOZERO_PIN_FACTORY.

    Raises:
        HardwareMissing: with every problem there is; nothing stays claimed.
    """
    problems = missing(config, environ)
    if problems:
        raise HardwareMissing(problems)
    try:
        factory = build_factory(config.gpio_chip, environ)
    except HardwareFault as fault:
        raise HardwareMissing((str(fault),)) from fault
    hardware = assemble(config, factory, tick, report)
    hardware.closers.append(factory.close)
    return hardware


def assemble(config: HardwareConfig, factory: Any, tick: Tick, report: Report) -> Hardware:
    """The hardware on lines of this gpiozero factory; serial and I2C parts as configured.

    Raises:
        HardwareMissing: lines that could not be claimed, all of them; nothing stays claimed.
    """
    return _Assembly(config, factory, tick, report).run()


class _Assembly:
    """One run of building; collects what went wrong."""

    def __init__(self, config: HardwareConfig, factory: Any, tick: Tick, report: Report) -> None:
        self._config = config
        self._factory = factory
        self._tick = tick
        self._report = report
        self._hardware = Hardware()
        self._problems: list[str] = []

    def run(self) -> Hardware:
        hardware = self._hardware
        try:
            self._lines()
            for panel in self._config.panels:
                self._panel(panel)
            self._slow_parts()
        except BaseException:
            hardware.close()
            raise
        if self._problems:
            hardware.close()
            raise HardwareMissing(tuple(self._problems))
        return hardware

    def _lines(self) -> None:
        config, hardware = self._config, self._hardware
        locks = self._try(lambda: GpioLocks(config, self._factory, self._tick, self._report))
        if locks is not None:
            hardware.locks = locks
            hardware.closers.append(locks.close)
            self._thread(_Guard(locks), GUARD_EVERY_S)
        sounder_pin, button_pin = config.sounder, config.button
        if sounder_pin is not None:
            sounder = self._try(lambda: LineSounder(sounder_pin, self._factory, self._report))
            if sounder is not None:
                hardware.sounder = sounder
                self._quick(sounder.poll, sounder.close)
        if button_pin is not None:
            button = self._try(
                lambda: EmergencyButton(button_pin, config, self._factory, self._report)
            )
            if button is not None:
                self._quick(button.poll, button.close)

    def _panel(self, panel: Panel) -> None:
        number, report = panel.panel, self._report
        self._keypad(number, panel.keypad)
        scanner = SerialScanner(number, lambda: open_port(panel.scanner), report)
        self._slow(scanner, scanner.close, READER_WAIT_S)
        badge = SerialBadgeReader(number, lambda: open_port(panel.badge), report)
        self._slow(badge, badge.close, READER_WAIT_S)
        wired = panel.display
        display: FullDisplay | CharacterPanel
        if isinstance(wired, TerminalDisplay):
            size, path = (wired.columns, wired.rows), wired.device
            display = FullDisplay(number, size, lambda: open_terminal(path), report)
        else:
            display = CharacterPanel(number, lambda: open_lcd(wired), report)
        self._hardware.displays[number] = display
        self._slow(display, display.close, DISPLAY_WAIT_S)

    def _keypad(self, panel: int, wired: UsbKeypad | MatrixKeypad) -> None:
        if isinstance(wired, UsbKeypad):
            path, codes = wired.device, key_codes(wired.keys)
            usb = UsbKeypadReader(panel, codes, lambda: open_keypad(path), self._report)
            self._slow(usb, usb.close, READER_WAIT_S)
            return
        matrix = self._try(lambda: MatrixKeypadReader(panel, wired, self._factory, self._report))
        if matrix is not None:
            self._quick(matrix.poll, matrix.close)

    def _slow_parts(self) -> None:
        config = self._config
        if config.lights:
            bus = config.lights_bus
            lights = ExpanderLights(config.lights, lambda: open_bus(bus), self._report)
            self._hardware.lights = lights
            self._slow(lights, lights.close, LIGHTS_EVERY_S)
        if config.fridge_probe is not None:
            probe = FridgeProbe(Path(config.fridge_probe), self._tick, self._report)
            self._hardware.thermometer = probe
            self._slow(probe, probe.close, PROBE_EVERY_S)

    def _try(self, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except HardwareFault as fault:
            self._problems.append(str(fault))
            return None

    def _quick(self, poll: Callable[[int], None], close: Callable[[], None]) -> None:
        self._hardware.pollers = (*self._hardware.pollers, poll)
        self._hardware.closers.append(close)

    def _slow(self, part: Polled, close: Callable[[], None], timeout_s: float) -> None:
        self._thread(part, timeout_s)
        self._hardware.closers.append(close)

    def _thread(self, part: Polled, timeout_s: float) -> None:
        self._hardware.threads.append(Poller(part, self._tick, self._report, timeout_s))


class _Guard:
    """Ends a lease that polling should have ended (`hal.gpio`)."""

    part = "lock guard"

    def __init__(self, locks: GpioLocks) -> None:
        self._locks = locks

    def poll(self, mono_ms: int) -> None:
        self._locks.guard(mono_ms)

    def wait(self, timeout_s: float) -> None:
        threading.Event().wait(timeout_s)
