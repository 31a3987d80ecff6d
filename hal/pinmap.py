"""Which line of a Raspberry Pi may do what (WIRE 5), and why.

At reset, before any program of ours runs, the Pi itself decides the level of each line: 0 to 8 are
pulled high, 9 to 27 low. A lock on a line that is pulled high would open at every power-on, so
locks sit on lines that are pulled low. 2 and 3 carry fixed pull-ups and belong to I2C (display,
lights); 14 and 15 are the serial port that drawer boards will use and stay free; 0 and 1 belong to
the identification chip of add-on boards. That leaves 22 lines. 7 to 11 are the SPI port's and 4 is
the usual one-wire line: they are ours only while those interfaces are switched off, which
`docs/how-to/wire-a-cabinet.md` says.

Pure: everything wrong is listed at once, as sentences for the person with the screwdriver.
"""

from collections.abc import Iterator

from hal.config import HardwareConfig, MatrixKeypad

LOCK_LINES = frozenset({*range(9, 14), *range(16, 28)})
"""Lines pulled low at reset: the only ones that may energise anything."""
SENSOR_LINES = frozenset({*range(4, 14), *range(16, 28)})
"""Lines that may be read; all 22 there are."""
_I2C = frozenset({2, 3})
_UART = frozenset({14, 15})
_BOARD_ID = frozenset({0, 1})


def uses(config: HardwareConfig) -> Iterator[tuple[int, str, bool]]:
    """Every line in use: its number, what it is for, whether it is an output that drives a load."""
    for drawer in config.drawers:
        name = f"drawer {drawer.drawer}"
        yield drawer.lock, f"the lock of {name}", True
        yield drawer.feedback, f"the lock feedback of {name}", False
        yield drawer.reed, f"the reed switch of {name}", False
    for panel in config.panels:
        if isinstance(panel.keypad, MatrixKeypad):
            for number, pin in enumerate(panel.keypad.rows, start=1):
                yield pin, f"row {number} of the keypad of panel {panel.panel}", False
            for number, pin in enumerate(panel.keypad.columns, start=1):
                yield pin, f"column {number} of the keypad of panel {panel.panel}", False
    if config.sounder is not None:
        yield config.sounder, "the sounder", True
    if config.button is not None:
        yield config.button, "the emergency button", False


def mistakes(config: HardwareConfig) -> tuple[str, ...]:
    """All that is wrong with the lines and numbers of a configuration; empty when it may be wired.

    Source of the rules: WIRE 5, last paragraph.
    """
    return tuple(_wrong_lines(config)) + tuple(_shared_lines(config)) + tuple(_twice(config))


def _wrong_lines(config: HardwareConfig) -> Iterator[str]:
    for pin, what, drives in uses(config):
        reason = _why_not(pin, drives=drives)
        if reason:
            allowed = "9 to 13 and 16 to 27" if drives else "4 to 13 and 16 to 27"
            yield f"GPIO {pin} cannot be {what}: {reason} Use one of {allowed}."


def _why_not(pin: int, *, drives: bool) -> str:
    if pin in _I2C:
        return "it is wired to pull-ups and carries the I2C bus of display and lights."
    if pin in _UART:
        return "it is the serial port, kept free for drawer boards."
    if pin in _BOARD_ID:
        return "it belongs to the identification chip of add-on boards."
    if drives and pin not in LOCK_LINES:
        return "it is pulled high at reset, so that the load would be on at every power-on."
    if not drives and pin not in SENSOR_LINES:
        return "the header has no such line."
    return ""


def _shared_lines(config: HardwareConfig) -> Iterator[str]:
    owners: dict[int, list[str]] = {}
    for pin, what, _ in uses(config):
        owners.setdefault(pin, []).append(what)
    for pin, whats in sorted(owners.items()):
        if len(whats) > 1:
            all_of_them = ", ".join(whats)
            yield f"GPIO {pin} is given {len(whats)} times: {all_of_them}. A line does one thing."


def _twice(config: HardwareConfig) -> Iterator[str]:
    for name, numbers in (
        ("Drawer", [drawer.drawer for drawer in config.drawers]),
        ("Panel", [panel.panel for panel in config.panels]),
    ):
        for number in sorted({n for n in numbers if numbers.count(n) > 1}):
            yield f"{name} {number} is described more than once. Give each its own number."
    devices: dict[str, list[str]] = {}
    for panel in config.panels:
        devices.setdefault(panel.scanner.device, []).append(f"the scanner of panel {panel.panel}")
        devices.setdefault(panel.badge.device, []).append(f"the card reader of panel {panel.panel}")
    for path, whats in devices.items():
        if len(whats) > 1:
            all_of_them = ", ".join(whats)
            yield f"{path} is given {len(whats)} times: {all_of_them}. Each reader has its own."
    lights = [(light.address, light.output) for light in config.lights]
    for address, output in sorted({light for light in lights if lights.count(light) > 1}):
        yield f"Output {output} of the expander at 0x{address:02X} lights more than one pocket."
