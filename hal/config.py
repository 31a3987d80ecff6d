"""What is wired to this cabinet: the part of `cabinet.toml` that names lines and devices.

Pure data, embedded by the cabinet's own configuration and checked by `hal.pinmap` (which lines may
do what) and `hal.inventory` (what is really there). Types and bounds stand here, so that a wrong
value is refused while the file is read, with its key.

What is deliberately not here: a lock's ceiling (code, `hal.ports`), and a lock that energises on
low. Lines of locks are pulled low at reset; a driver that energises on low would open its drawer
at every power-on, so no setting offers it.
"""

from typing import Annotated, Literal

import msgspec

PANELS_MAX = 4
"""Most panels one cabinet has."""
DRAWERS_MAX = 31
"""Most drawers one cabinet has (WIRE 5: 31 boards; bare pins hold far fewer)."""

Pin = Annotated[int, msgspec.Meta(ge=0, le=27)]
"""A line of the Pi's header, by its GPIO number (not by its place on the header)."""
DevicePath = Annotated[
    str, msgspec.Meta(min_length=6, max_length=200, pattern="^/dev/[^\\x00\\s]+$")
]
"""A device file; name serial devices by `/dev/serial/by-id/...`, which a replug does not change."""
Address = Annotated[int, msgspec.Meta(ge=0x08, le=0x77)]
"""An address on the I2C bus."""
Bus = Annotated[int, msgspec.Meta(ge=0, le=31)]
"""The number of an I2C bus: 1 is `/dev/i2c-1`."""
Baud = Literal[9600, 19200, 38400, 57600, 115200]
"""Speeds of serial lines; a USB reader ignores it."""
KeyName = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "#", "*", "A", "B", "C", "D"]
"""The keys a panel knows."""


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of every table here: an unknown key is an error, not a silence."""


class DrawerPins(_Part, frozen=True, kw_only=True):
    """The three lines of one drawer.

    Attributes:
        drawer: its number, printed on its front; from 1.
        lock: output to the lock's driver, high energises (9-13, 16-27).
        feedback: the contact that says the bolt is home, apart from the reed switch.
        reed: the reed switch that says the drawer is shut.
    """

    drawer: Annotated[int, msgspec.Meta(ge=1, le=DRAWERS_MAX)]
    lock: Pin
    feedback: Pin
    reed: Pin


class UsbKeypad(_Part, frozen=True, kw_only=True, tag_field="kind", tag="usb"):
    """A USB numeric keypad, read by evdev and grabbed, so that no other program hears it.

    Attributes:
        device: `/dev/input/by-id/...-event-kbd`.
        keys: kernel key names to panel keys, laid over the usual ones (`{"KEY_KPPLUS": "D"}`).
    """

    device: DevicePath
    keys: dict[str, KeyName] = {}


class MatrixKeypad(_Part, frozen=True, kw_only=True, tag_field="kind", tag="matrix"):
    """A 4x4 matrix keypad on eight lines, where lines are left (four drawers)."""

    rows: tuple[Pin, Pin, Pin, Pin]
    columns: tuple[Pin, Pin, Pin, Pin]


class SerialReader(_Part, frozen=True, kw_only=True):
    """A serial barcode scanner or card reader.

    Attributes:
        device: `/dev/serial/by-id/...`.
        baud: speed; a USB reader ignores it.
    """

    device: DevicePath
    baud: Baud = 9600


class TerminalDisplay(_Part, frozen=True, kw_only=True, tag_field="kind", tag="full"):
    """The full display: a text terminal that fills an HDMI screen."""

    device: DevicePath = "/dev/tty1"
    columns: Annotated[int, msgspec.Meta(ge=50, le=200)] = 80
    rows: Annotated[int, msgspec.Meta(ge=18, le=80)] = 30


class CharacterDisplay(_Part, frozen=True, kw_only=True, tag_field="kind", tag="character"):
    """A 20x4 character display behind a PCF8574 on I2C.

    Attributes:
        bus, address: 0x27 for a PCF8574, 0x3F for a PCF8574A.
        letters: the character ROM: `A00` (Japanese) or `A02` (Latin).
    """

    bus: Bus = 1
    address: Address = 0x27
    letters: Literal["A00", "A02"] = "A00"


class Panel(_Part, frozen=True, kw_only=True):
    """One place where a nurse stands: a keypad, a display, a scanner, a card reader."""

    panel: Annotated[int, msgspec.Meta(ge=1, le=PANELS_MAX)] = 1
    keypad: UsbKeypad | MatrixKeypad
    display: TerminalDisplay | CharacterDisplay
    scanner: SerialReader
    badge: SerialReader


class PocketLight(_Part, frozen=True, kw_only=True):
    """One guiding light: an output of an MCP23017 port expander on I2C."""

    pocket: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    address: Address = 0x20
    output: Annotated[int, msgspec.Meta(ge=0, le=15)]


class HardwareConfig(_Part, frozen=True, kw_only=True):
    """Everything that is wired to one cabinet.

    Attributes:
        drawers: the drawers on bare Pi pins.
        panels: the places to stand; at least one.
        gpio_chip: 0 is `/dev/gpiochip0`, the header of every Pi on a current kernel.
        contact: `to_ground`: a closed contact joins its line to ground (internal pull-up);
            `to_supply`: to 3.3 V (internal pull-down). Either way closed means drawer shut or bolt
            home, so that a broken wire reads as open.
        debounce_ms: how long a contact must hold still before it is believed (F3).
        sounder: line of the beeper, or None for a cabinet without one.
        button: line of the covered emergency button, or None.
        lights_bus: I2C bus of the pocket lights.
        lights: one entry a pocket; empty for a cabinet without lights.
        fridge_probe: the file of a DS18B20 (`/sys/bus/w1/devices/28-.../w1_slave`), or None.
    """

    drawers: Annotated[tuple[DrawerPins, ...], msgspec.Meta(min_length=1, max_length=DRAWERS_MAX)]
    panels: Annotated[tuple[Panel, ...], msgspec.Meta(min_length=1, max_length=PANELS_MAX)]
    gpio_chip: Annotated[int, msgspec.Meta(ge=0, le=31)] = 0
    contact: Literal["to_ground", "to_supply"] = "to_ground"
    debounce_ms: Annotated[int, msgspec.Meta(ge=20, le=50)] = 30
    sounder: Pin | None = None
    button: Pin | None = None
    lights_bus: Bus = 1
    lights: Annotated[tuple[PocketLight, ...], msgspec.Meta(max_length=512)] = ()
    fridge_probe: Annotated[str, msgspec.Meta(pattern="^/sys/[^\\x00\\s]+$")] | None = None
