"""The matrix keypad on simulated lines with real ghosting, and the USB keypad's events."""

import os

import msgspec
import pytest
from evdev import ecodes

from hal.config import MatrixKeypad
from hal.keypad import MATRIX_KEYS, MatrixKeypadReader, UsbKeypadReader, key_codes, open_keypad
from hal.ports import HardwareFault
from hal.readings import KeyReading, PartReading
from sim.pins import PlainWires, WireFactory

ROWS, COLUMNS = (4, 5, 6, 7), (8, 9, 10, 11)


class MatrixWires(PlainWires):
    """Sixteen switches without diodes: pressed keys join rows and columns into one net."""

    def __init__(self, tick):
        super().__init__(tick)
        self.pressed = ""
        self.row_outputs_at_once = 0

    def level(self, pin):
        super().level(pin)
        driven_low = {row for row in ROWS if self.driven.get(row) is False}
        self.row_outputs_at_once = max(self.row_outputs_at_once, len(driven_low))
        return False if self._net(pin) & driven_low else None

    def _net(self, pin):
        joints = [
            (ROWS[row], COLUMNS[column])
            for row, keys in enumerate(MATRIX_KEYS)
            for column, key in enumerate(keys)
            if key in self.pressed
        ]
        net = {pin}
        while True:
            grown = net | {end for joint in joints if net & set(joint) for end in joint}
            if grown == net:
                return net
            net = grown


@pytest.fixture
def wires(tick):
    return MatrixWires(tick)


@pytest.fixture
def matrix(factory, heard):
    reader = MatrixKeypadReader(1, MatrixKeypad(rows=ROWS, columns=COLUMNS), factory, heard.append)
    yield reader
    reader.close()


def press(wires, tick, matrix, keys, ms=100):
    wires.pressed = keys
    tick.turn(matrix.poll, ms)
    wires.pressed = ""
    tick.turn(matrix.poll, 100)


def keys_of(heard):
    return "".join(r.key for r in heard if isinstance(r, KeyReading))


def test_all_sixteen_keys_are_read(wires, tick, matrix, heard):
    tick.turn(matrix.poll, 100)
    for key in "0123456789#*ABCD":
        press(wires, tick, matrix, key)
    assert keys_of(heard) == "0123456789#*ABCD"
    assert {r.panel for r in heard} == {1}


def test_between_scans_no_line_of_the_matrix_is_driven(wires, tick, matrix):
    tick.turn(matrix.poll, 100)
    assert set(wires.driven) == set(ROWS)
    assert set(wires.driven.values()) == {None}
    press(wires, tick, matrix, "5")
    assert wires.row_outputs_at_once == 1
    assert all(level is not True for _, _, level in wires.trace)


def test_F16_two_keys_and_ghosts_are_no_key(wires, tick, matrix, heard):
    tick.turn(matrix.poll, 100)
    press(wires, tick, matrix, "12")
    press(wires, tick, matrix, "124")
    press(wires, tick, matrix, "0123456789ABCD*#")
    assert heard == []
    press(wires, tick, matrix, "7")
    assert keys_of(heard) == "7"


def test_F16_a_stuck_key_is_said_once_and_the_rest_works(wires, tick, matrix, heard):
    tick.turn(matrix.poll, 100)
    wires.pressed = "8"
    tick.turn(matrix.poll, 6_000)
    wires.pressed = "83"
    tick.turn(matrix.poll, 100)
    wires.pressed = ""
    tick.turn(matrix.poll, 100)
    parts = [(r.part, r.working) for r in heard if isinstance(r, PartReading)]
    assert keys_of(heard) == "83"
    assert parts == [("key 8 of keypad 1", False), ("key 8 of keypad 1", True)]


def test_a_keypad_line_that_fails_is_reported_and_comes_back(wires, tick, matrix, heard):
    tick.turn(matrix.poll, 100)
    wires.broken = {ROWS[2]}
    tick.turn(matrix.poll, 100)
    wires.broken = set()
    press(wires, tick, matrix, "7")
    assert [(r.part, r.working) for r in heard if isinstance(r, PartReading)] == [
        ("keypad 1", False),
        ("keypad 1", True),
    ]
    assert keys_of(heard) == "7"


def test_a_keypad_line_that_is_taken_is_a_sentence_and_nothing_stays_claimed(tick, heard):
    wires = MatrixWires(tick)
    factory = WireFactory(wires, tick)
    wires.broken = {COLUMNS[3]}
    config = MatrixKeypad(rows=ROWS, columns=COLUMNS)
    with pytest.raises(HardwareFault, match="keypad of panel 1 could not be claimed"):
        MatrixKeypadReader(1, config, factory, heard.append)
    wires.broken = set()
    MatrixKeypadReader(1, config, factory, heard.append).close()
    factory.close()


class Event(msgspec.Struct):
    type: int
    code: int
    value: int


class FakeKeypad:
    """What the kernel would hand over; the real one needs a kernel with uinput."""

    def __init__(self):
        self.events = []
        self.unplugged = False
        self._ends = os.pipe()

    def read(self):
        if self.unplugged:
            raise OSError(19, "No such device")
        if not self.events:
            raise BlockingIOError
        events, self.events = self.events, []
        return events

    def fileno(self):
        return self._ends[0]

    def close(self):
        pass

    def destroy(self):
        for end in self._ends:
            os.close(end)

    def key(self, name, value):
        self.events.append(Event(ecodes.EV_KEY, ecodes.ecodes[name], value))
        self.events.append(Event(ecodes.EV_SYN, 0, 0))

    def type(self, *names):
        for name in names:
            self.key(name, 1)
            self.key(name, 0)


@pytest.fixture
def device():
    device = FakeKeypad()
    yield device
    device.destroy()


@pytest.fixture
def usb(device, heard):
    def open_device():
        if device.unplugged:
            raise OSError(2, "No such file or directory")
        return device

    reader = UsbKeypadReader(1, key_codes({}), open_device, heard.append)
    yield reader
    reader.close()


def test_a_usb_numeric_keypad_types_all_sixteen_keys(device, usb, heard, tick):
    device.type(*(f"KEY_KP{n}" for n in range(10)), "KEY_KPENTER", "KEY_KPASTERISK")
    device.type("KEY_KPPLUS", "KEY_KPMINUS", "KEY_KPSLASH", "KEY_KPDOT", "KEY_BACKSPACE")
    usb.poll(tick())
    assert keys_of(heard) == "0123456789#*ABCDB"


def test_autorepeat_and_keys_without_a_meaning_are_nothing(device, usb, heard, tick):
    device.key("KEY_KP5", 1)
    for _ in range(20):
        device.key("KEY_KP5", 2)
    device.key("KEY_KP5", 0)
    device.type("KEY_NUMLOCK", "KEY_A", "KEY_POWER", "KEY_TAB")
    usb.poll(tick())
    assert keys_of(heard) == "5"


def test_F16_a_usb_key_held_over_5_s_is_said_and_said_again_when_let_go(device, usb, heard, tick):
    device.key("KEY_KP5", 1)
    tick.turn(usb.poll, 6_000)
    device.type("KEY_KP6")
    device.key("KEY_KP5", 2)
    tick.turn(usb.poll, 100)
    device.key("KEY_KP5", 0)
    tick.turn(usb.poll, 100)
    assert keys_of(heard) == "56"
    assert [(r.part, r.working) for r in heard if isinstance(r, PartReading)] == [
        ("key 5 of keypad 1", False),
        ("key 5 of keypad 1", True),
    ]


def test_lost_events_do_not_leave_a_key_held_for_ever(device, usb, heard, tick):
    device.key("KEY_KP5", 1)
    device.events.append(Event(ecodes.EV_SYN, 3, 0))
    tick.turn(usb.poll, 6_000)
    device.type("KEY_KP5")
    usb.poll(tick())
    assert keys_of(heard) == "55"
    assert not [r for r in heard if isinstance(r, PartReading)]


def test_F16_an_unplugged_keypad_is_reported_and_works_when_it_is_back(device, usb, heard, tick):
    usb.poll(tick())
    device.unplugged = True
    tick.turn(usb.poll, 3_000, step_ms=100)
    device.unplugged = False
    tick.turn(usb.poll, 10_000, step_ms=100)
    device.type("KEY_KP1")
    usb.poll(tick())
    assert [(r.part, r.working) for r in heard if isinstance(r, PartReading)] == [
        ("keypad 1", False),
        ("keypad 1", True),
    ]
    assert keys_of(heard) == "1"


def test_keys_can_be_laid_out_differently():
    codes = key_codes({"KEY_KPPLUS": "D", "KEY_F1": "A"})
    assert codes[ecodes.KEY_KPPLUS] == "D"
    assert codes[ecodes.KEY_F1] == "A"
    assert codes[ecodes.KEY_KP7] == "7"


@pytest.mark.parametrize("name", ["KEY_NOPE", "BTN_LEFT", "", "__class__"])
def test_a_key_name_that_the_kernel_lacks_is_a_sentence(name):
    with pytest.raises(ValueError, match="The kernel knows no key named"):
        key_codes({name: "A"})


def test_a_keypad_that_is_not_there_is_an_OSError():
    with pytest.raises(OSError, match="No such file"):
        open_keypad("/dev/input/absent")
