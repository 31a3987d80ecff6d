"""What reaches the chip: the order of calls to lgpio, which the kernel's own gpio-sim confirmed."""

import lgpio
import pytest
from gpiozero import InputDevice, OutputDevice
from gpiozero.pins.lgpio import LGPIOFactory

from hal.factory import build_factory
from hal.ports import HardwareFault


class Chip:
    """Records what lgpio is asked, and refuses what it is told to refuse."""

    def __init__(self, monkeypatch):
        self.calls = []
        self.refused = set()
        self.outputs = set()
        for name in (
            "gpiochip_open",
            "gpiochip_close",
            "gpio_claim_input",
            "gpio_claim_output",
            "gpio_free",
            "gpio_write",
            "gpio_read",
            "gpio_get_mode",
            "gpio_set_debounce_micros",
        ):
            monkeypatch.setattr(lgpio, name, self._called(name))

    def _called(self, name):
        def call(*args):
            if name in ("gpiochip_open", "gpiochip_close"):
                if name in self.refused:
                    raise lgpio.error("can not open gpiochip")
                return 7
            if name in self.refused:
                raise lgpio.error("GPIO busy")
            pin = args[1]
            if name == "gpio_get_mode":
                return 2 if pin in self.outputs else 0
            if name == "gpio_read":
                return 0
            self.calls.append((name.removeprefix("gpio_"), *args[1:]))
            if name == "gpio_claim_output":
                self.outputs.add(pin)
            elif name in ("gpio_claim_input", "gpio_free"):
                self.outputs.discard(pin)
            return 0

        return call


@pytest.fixture
def chip(monkeypatch):
    monkeypatch.setattr(LGPIOFactory, "_get_revision", lambda _self: 0xC03111)
    return Chip(monkeypatch)


@pytest.fixture
def real(chip):
    factory = build_factory(0, {})
    assert chip.calls == []
    yield factory
    chip.refused = set()
    factory.close()


def test_an_output_is_claimed_with_its_level_in_one_step_and_never_high(chip, real):
    lock = OutputDevice(16, pin_factory=real)
    assert chip.calls == [("claim_input", 16, lgpio.SET_PULL_NONE), ("claim_output", 16, 0)]
    lock.close()


def test_an_output_that_is_given_back_is_low_and_pulled_down(chip, real):
    lock = OutputDevice(16, pin_factory=real)
    lock.on()
    chip.calls.clear()
    lock.close()
    assert chip.calls == [
        ("write", 16, 0),
        ("free", 16),
        ("claim_input", 16, lgpio.SET_PULL_DOWN),
    ]


def test_an_input_is_given_back_without_pull(chip, real):
    reed = InputDevice(5, pull_up=True, pin_factory=real)
    chip.calls.clear()
    reed.close()
    assert chip.calls == [("claim_input", 5, lgpio.SET_PULL_NONE)]


@pytest.mark.parametrize("refused", ["gpio_claim_input", "gpio_claim_output"])
def test_a_line_that_is_busy_is_an_OSError(chip, real, refused):
    chip.refused = {refused}
    with pytest.raises(OSError, match="GPIO busy"):
        OutputDevice(16, pin_factory=real)


def test_a_line_that_fails_in_use_is_an_OSError(chip, real):
    lock = OutputDevice(16, pin_factory=real)
    reed = InputDevice(5, pull_up=True, pin_factory=real)
    chip.refused = {"gpio_write", "gpio_read"}
    with pytest.raises(OSError, match="GPIO busy"):
        lock.on()
    with pytest.raises(OSError, match="GPIO busy"):
        _ = reed.is_active
    chip.refused = set()
    lock.close()
    reed.close()


def test_a_chip_that_cannot_be_opened_or_is_no_raspberry_pi_is_a_sentence(chip, monkeypatch):
    chip.refused = {"gpiochip_open"}
    with pytest.raises(HardwareFault, match=r"cannot be opened .* No drawer can be released"):
        build_factory(0, {})
    chip.refused = set()
    monkeypatch.undo()
    monkeypatch.setattr(lgpio, "gpiochip_open", lambda _chip: 7)
    monkeypatch.setattr(lgpio, "gpiochip_close", lambda _handle: 0)
    with pytest.raises(HardwareFault, match="Check that this is a Raspberry Pi"):
        build_factory(0, {})
