"""What the configuration names and this machine lacks: everything, at once, as sentences.

Somebody stands before an open cabinet with a screwdriver. Being told of one missing wire, then of
the next, costs them an afternoon. So `cabinet run` asks here first and prints the whole list.

Nothing is opened or changed: device files are looked at, and that this user may use them. What only
opening can tell (a port held by another program) is reported while running, as a part that is lost.
"""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from hal import pinmap
from hal.config import CharacterDisplay, HardwareConfig, Panel, TerminalDisplay, UsbKeypad
from hal.factory import variable_set
from hal.keypad import key_codes

Sight = Literal["there", "absent", "denied", "no device"]
"""What looking at a path shows."""
Look = Callable[[str], Sight]


def look_at(path: str) -> Sight:
    """Look at a device file without opening it."""
    try:
        mode = Path(path).stat().st_mode
    except PermissionError:
        return "denied"
    except OSError:
        return "absent"
    if not stat.S_ISCHR(mode):
        return "no device"
    return "there" if os.access(path, os.R_OK | os.W_OK) else "denied"


def missing(
    config: HardwareConfig, environ: Mapping[str, str] = os.environ, look: Look = look_at
) -> tuple[str, ...]:
    """All that keeps this configuration from working here; empty when nothing does.

    Args:
        config: what should be wired.
        environ: the environment, which must not swap the hardware (`hal.factory`).
        look: how to look at a path.
    """
    refused = variable_set(environ)
    return (
        *((refused,) if refused else ()),
        *pinmap.mistakes(config),
        *_device(
            look,
            f"/dev/gpiochip{config.gpio_chip}",
            "the lines of locks and contacts",
            "Check that this is a Raspberry Pi and that gpio_chip is right.",
            "gpio",
        ),
        *(sentence for panel in config.panels for sentence in _panel(panel, look)),
        *_buses(config, look),
        *_probe(config),
    )


def _device(look: Look, path: str, what: str, hint: str, group: str) -> Iterator[str]:
    sight = look(path)
    if sight == "absent":
        yield f"{path}, {what}, is not there. {hint}"
    elif sight == "denied":
        yield (
            f"{path}, {what}, may not be used by this user. Add the user to the group {group} "
            "and start again."
        )
    elif sight == "no device":
        yield f"{path}, {what}, is no device. {hint}"


def _panel(panel: Panel, look: Look) -> Iterator[str]:
    number = panel.panel
    plugged = "Check that it is plugged in and that the name is right"
    if isinstance(panel.keypad, UsbKeypad):
        what = f"the keypad of panel {number}"
        yield from _device(
            look, panel.keypad.device, what, f"{plugged} (`ls /dev/input/by-id`).", "input"
        )
        try:
            key_codes(panel.keypad.keys)
        except ValueError as trouble:
            yield f"The keys of {what} are wrong. {trouble}"
    for reader, what in (
        (panel.scanner, f"the scanner of panel {number}"),
        (panel.badge, f"the card reader of panel {number}"),
    ):
        yield from _device(
            look,
            reader.device,
            what,
            f"{plugged} (`ls /dev/serial/by-id`); a scanner must be set to USB-CDC or RS-232.",
            "dialout",
        )
    if isinstance(panel.display, TerminalDisplay):
        yield from _device(
            look,
            panel.display.device,
            f"the display of panel {number}",
            "Check that the console exists and that no login runs on it.",
            "tty",
        )


def _buses(config: HardwareConfig, look: Look) -> Iterator[str]:
    users: dict[int, list[str]] = {}
    for panel in config.panels:
        if isinstance(panel.display, CharacterDisplay):
            users.setdefault(panel.display.bus, []).append(f"the display of panel {panel.panel}")
    if config.lights:
        users.setdefault(config.lights_bus, []).append("the pocket lights")
    for bus, whats in sorted(users.items()):
        yield from _device(
            look,
            f"/dev/i2c-{bus}",
            f"the bus of {' and '.join(whats)}",
            "Switch I2C on (`raspi-config`, Interface Options) and start again.",
            "i2c",
        )


def _probe(config: HardwareConfig) -> Iterator[str]:
    path = config.fridge_probe
    if path is None:
        return
    try:
        regular = stat.S_ISREG(Path(path).stat().st_mode)
    except OSError:
        regular = False
    if not regular:
        yield (
            f"{path}, the fridge probe, is not there. Switch one-wire on (`raspi-config`, "
            "Interface Options), check its three wires, and `ls /sys/bus/w1/devices`."
        )
    elif not os.access(path, os.R_OK):
        yield f"{path}, the fridge probe, may not be read by this user. Check its permissions."
