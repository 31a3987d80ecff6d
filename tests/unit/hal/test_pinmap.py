import msgspec
import pytest

from hal.config import DrawerPins, HardwareConfig, MatrixKeypad, PocketLight
from hal.pinmap import LOCK_LINES, SENSOR_LINES, mistakes


def changed(config, **drawer):
    first = msgspec.structs.replace(config.drawers[0], **drawer)
    return msgspec.structs.replace(config, drawers=(first, *config.drawers[1:]))


def test_six_drawers_with_a_usb_keypad_fit_as_the_guide_wires_them(config):
    assert mistakes(config) == ()


def test_there_are_22_lines_and_17_of_them_may_hold_a_lock():
    assert len(SENSOR_LINES) == 22
    assert len(LOCK_LINES) == 17
    assert LOCK_LINES < SENSOR_LINES


def test_four_drawers_with_a_matrix_keypad_fit(config):
    matrix = MatrixKeypad(rows=(4, 5, 6, 7), columns=(8, 9, 10, 11))
    drawers = tuple(
        DrawerPins(drawer=n, lock=15 + n, feedback=19 + n, reed=pin)
        for n, pin in ((1, 24), (2, 25), (3, 26), (4, 27))
    )
    panel = msgspec.structs.replace(config.panels[0], keypad=matrix)
    fits = HardwareConfig(drawers=drawers, panels=(panel,), sounder=12, button=13)
    assert mistakes(fits) == ()


@pytest.mark.parametrize("pin", [4, 5, 6, 7, 8])
def test_a_lock_never_sits_on_a_line_that_is_high_at_reset(config, pin):
    free = changed(msgspec.structs.replace(config, button=None), lock=pin, reed=13)
    text = "\n".join(mistakes(free))
    assert f"GPIO {pin} cannot be the lock of drawer 1: it is pulled high at reset" in text
    assert "Use one of 9 to 13 and 16 to 27." in text


@pytest.mark.parametrize(
    ("pin", "why"),
    [(2, "I2C"), (3, "I2C"), (14, "drawer boards"), (15, "drawer boards"), (0, "add-on boards")],
)
@pytest.mark.parametrize("line", ["lock", "reed", "feedback"])
def test_reserved_lines_hold_neither_lock_nor_contact(config, pin, why, line):
    (sentence,) = mistakes(changed(config, **{line: pin}))
    assert sentence.startswith(f"GPIO {pin} cannot be the ")
    assert why in sentence


def test_every_line_that_may_not_hold_a_lock_is_refused_and_every_other_one_is_not(config):
    alone = msgspec.structs.replace(config, sounder=None, button=None)
    for pin in range(28):
        drawer = DrawerPins(
            drawer=1, lock=pin, feedback=9 if pin != 9 else 10, reed=11 if pin != 11 else 12
        )
        wired = msgspec.structs.replace(alone, drawers=(drawer,))
        assert bool(mistakes(wired)) == (pin not in LOCK_LINES), pin


def test_a_line_given_twice_is_named_with_both_uses(config):
    assert mistakes(changed(config, reed=12)) == (
        (
            "GPIO 12 is given 2 times: the reed switch of drawer 1, the sounder. "
            "A line does one thing."
        ),
    )


def test_drawers_panels_readers_and_lights_described_twice_are_all_named_at_once(config):
    twice = msgspec.structs.replace(
        config,
        drawers=(*config.drawers[:5], msgspec.structs.replace(config.drawers[5], drawer=1)),
        panels=config.panels * 2,
        lights=(PocketLight(pocket="1-1", output=3), PocketLight(pocket="1-2", output=3)),
    )
    assert mistakes(twice) == (
        "Drawer 1 is described more than once. Give each its own number.",
        "Panel 1 is described more than once. Give each its own number.",
        (
            "/dev/serial/by-id/scanner is given 2 times: the scanner of panel 1, "
            "the scanner of panel 1. Each reader has its own."
        ),
        (
            "/dev/serial/by-id/cards is given 2 times: the card reader of panel 1, "
            "the card reader of panel 1. Each reader has its own."
        ),
        "Output 3 of the expander at 0x20 lights more than one pocket.",
    )


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("debounce_ms", 51, "`int` <= 50 - at `$.debounce_ms`"),
        ("lease_ms_max", 60_000, "unknown field `lease_ms_max`"),
        ("sounder", 28, "`int` <= 27 - at `$.sounder`"),
        ("gpio_chip", "0", "Expected `int`, got `str` - at `$.gpio_chip`"),
        ("contact", "sideways", "Invalid enum value 'sideways' - at `$.contact`"),
        ("drawers", [], "length >= 1 - at `$.drawers`"),
        ("fridge_probe", "/etc/passwd", "at `$.fridge_probe`"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_key(config, key, value, said):
    whole = msgspec.to_builtins(config)
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert({**whole, key: value}, HardwareConfig)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "device",
    ["ttyACM0", "/dev/", "/dev/tty ACM0", "/dev/x\x00y", "/etc/shadow", "/dev/" + "x" * 300],
)
def test_a_device_is_a_path_under_dev_without_blanks(config, device):
    whole = msgspec.to_builtins(config)
    whole["panels"][0]["scanner"]["device"] = device
    with pytest.raises(msgspec.ValidationError, match=r"scanner\.device"):
        msgspec.convert(whole, HardwareConfig)
