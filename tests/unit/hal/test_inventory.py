"""Everything missing is listed at once; hardware is built whole or not at all."""

import os

import msgspec
import pytest

from hal.build import Hardware, HardwareMissing, assemble, build
from hal.config import (
    CharacterDisplay,
    MatrixKeypad,
    PocketLight,
    SerialReader,
    TerminalDisplay,
    UsbKeypad,
)
from hal.factory import build_factory, variable_set
from hal.inventory import look_at, missing
from hal.lights import ExpanderLights, NoLights
from hal.ports import HardwareFault
from hal.readings import BadgeReading, DrawerReading, ScanReading
from hal.sounder import NoSounder
from sim.pins import PlainWires, WireFactory
from sim.serial import PtyCardReader, PtyScanner

REAL = {"PATH": "/usr/bin"}


def there(_path):
    return "there"


def with_panel(config, **parts):
    panel = msgspec.structs.replace(config.panels[0], **parts)
    return msgspec.structs.replace(config, panels=(panel,))


def test_nothing_is_missing_on_a_machine_that_has_everything(config):
    assert missing(config, REAL, there) == ()


def test_every_missing_device_is_named_at_once(config):
    config = with_panel(config, display=CharacterDisplay(bus=1))
    config = msgspec.structs.replace(
        config,
        lights=(PocketLight(pocket="1-1", output=0),),
        lights_bus=3,
        fridge_probe="/sys/bus/w1/devices/28-absent/w1_slave",
    )
    sentences = missing(config, REAL, lambda _path: "absent")
    assert [sentence.split(",")[0] for sentence in sentences] == [
        "/dev/gpiochip0",
        "/dev/input/by-id/keypad",
        "/dev/serial/by-id/scanner",
        "/dev/serial/by-id/cards",
        "/dev/i2c-1",
        "/dev/i2c-3",
        "/sys/bus/w1/devices/28-absent/w1_slave",
    ]
    assert all("is not there. " in sentence for sentence in sentences)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_one_bus_for_two_parts_is_named_once_with_both(config):
    config = with_panel(config, display=CharacterDisplay())
    config = msgspec.structs.replace(config, lights=(PocketLight(pocket="1-1", output=0),))
    sights = {"/dev/i2c-1": "absent"}
    (sentence,) = missing(config, REAL, lambda path: sights.get(path, "there"))
    assert sentence.startswith(
        "/dev/i2c-1, the bus of the display of panel 1 and the pocket lights, is not there."
    )


def test_a_device_that_this_user_may_not_use_says_which_group_to_join(config):
    sights = {"/dev/gpiochip0": "denied", "/dev/serial/by-id/cards": "denied"}
    assert missing(config, REAL, lambda path: sights.get(path, "there")) == (
        (
            "/dev/gpiochip0, the lines of locks and contacts, may not be used by this user. "
            "Add the user to the group gpio and start again."
        ),
        (
            "/dev/serial/by-id/cards, the card reader of panel 1, may not be used by this user. "
            "Add the user to the group dialout and start again."
        ),
    )


def test_wrong_lines_wrong_keys_and_a_swapped_factory_stand_in_the_same_list(config):
    wrong = msgspec.structs.replace(config, sounder=2)
    keypad = UsbKeypad(device="/dev/input/by-id/keypad", keys={"KEY_NOPE": "A"})
    wrong = with_panel(wrong, keypad=keypad)
    sentences = missing(wrong, {"GPIOZERO_PIN_FACTORY": "mock"}, there)
    assert [sentence.split(" ", 4)[:4] for sentence in sentences] == [
        ["The", "environment", "sets", "GPIOZERO_PIN_FACTORY,"],
        ["GPIO", "2", "cannot", "be"],
        ["The", "keys", "of", "the"],
    ]


def test_a_matrix_keypad_and_a_character_display_need_no_device_files_of_their_own(config):
    config = with_panel(
        msgspec.structs.replace(config, drawers=config.drawers[:1], sounder=None, button=None),
        keypad=MatrixKeypad(rows=(6, 7, 8, 9), columns=(10, 11, 12, 13)),
        display=CharacterDisplay(),
    )
    sights = {"/dev/tty1": "absent", "/dev/input/by-id/keypad": "absent"}
    assert missing(config, REAL, lambda path: sights.get(path, "there")) == ()


def test_looking_tells_a_device_from_a_file_and_from_nothing(tmp_path):
    ours, theirs = os.openpty()
    assert look_at(os.ttyname(theirs)) == "there"
    os.close(ours)
    os.close(theirs)
    (tmp_path / "file").write_text("x")
    assert look_at(str(tmp_path / "file")) == "no device"
    assert look_at(str(tmp_path)) == "no device"
    assert look_at(str(tmp_path / "absent")) == "absent"
    assert look_at(str(tmp_path / "file" / "below")) == "absent"


def test_a_probe_that_is_a_folder_is_no_probe(config):
    wired = msgspec.structs.replace(config, fridge_probe="/sys/kernel")
    (sentence,) = missing(wired, REAL, there)
    assert sentence.startswith("/sys/kernel, the fridge probe, is not there. ")


def test_the_real_factory_is_refused_when_the_environment_would_swap_it():
    with pytest.raises(HardwareFault, match="sets GPIOZERO_PIN_FACTORY"):
        build_factory(0, {"GPIOZERO_PIN_FACTORY": ""})
    assert variable_set({}) == ""


def test_a_machine_without_lines_is_refused_and_never_given_simulated_ones():
    with pytest.raises(HardwareFault, match=r"/dev/gpiochip31 cannot be opened .* Raspberry Pi"):
        build_factory(31, REAL)


def test_building_here_names_everything_in_one_error(config, tick, heard):
    with pytest.raises(HardwareMissing) as refused:
        build(config, tick, heard.append, REAL)
    assert len(refused.value.problems) >= 3
    assert str(refused.value).count("\n- ") == len(refused.value.problems) - 1
    assert all(f"- {problem}" in str(refused.value) for problem in refused.value.problems)


@pytest.fixture
def toys(tmp_path):
    toys = (PtyScanner(tmp_path / "scanner"), PtyCardReader(tmp_path / "cards"))
    yield toys
    for toy in toys:
        toy.close()


@pytest.fixture
def wired(config, wires, toys):
    """A configuration whose serial devices are real pseudo-terminals."""
    for pins in config.drawers:
        wires.set(pins.reed, False)
        wires.set(pins.feedback, False)
    scanner, cards = (msgspec.structs.replace(SerialReader(device="/dev/x")) for _ in toys)
    msgspec.structs.force_setattr(scanner, "device", toys[0].path)
    msgspec.structs.force_setattr(cards, "device", toys[1].path)
    return with_panel(
        config, scanner=scanner, badge=cards, display=TerminalDisplay(device="/dev/null")
    )


def test_all_hardware_is_built_polled_by_threads_and_closed(
    wired, factory, wires, toys, tick, heard
):
    hardware = assemble(wired, factory, tick, heard.append)
    hardware.start()
    for _ in range(10):
        tick.now_ms += 10
        hardware.locks.poll(tick())
        for poll in hardware.pollers:
            poll(tick())
    assert hardware.locks.read(6) == (True, True)
    assert [type(r) for r in heard if isinstance(r, DrawerReading)] == [DrawerReading] * 6
    hardware.displays[1].show(("WARD 7",))
    hardware.sounder.play("tick")
    hardware.lights.show("1-1", "remove")
    assert isinstance(hardware.lights, NoLights)
    assert hardware.thermometer is None

    def both_heard():
        # Again and again: what is sent before the threads have opened their ports is lost.
        toys[0].scan(b"]d2010500012345678917270831")
        toys[1].present("04A1B2C3")
        return {ScanReading, BadgeReading} <= {type(r) for r in heard}

    _until(both_heard)
    hardware.locks.lease(1, 10_000, 1)
    hardware.close()
    hardware.close()
    assert set(wires.driven.values()) == {None}


def _until(true):
    import select

    for _ in range(2_000):
        if true():
            return
        select.select([], [], [], 0.005)
    raise AssertionError("it did not happen within ten seconds")


def test_with_all_parts_built_in_each_port_has_its_own(wired, factory, tick, heard):
    config = msgspec.structs.replace(
        wired,
        lights=(PocketLight(pocket="1-1", output=0),),
        fridge_probe="/sys/bus/w1/devices/28-absent/w1_slave",
    )
    hardware = assemble(config, factory, tick, heard.append)
    assert isinstance(hardware.lights, ExpanderLights)
    assert hardware.thermometer is not None
    assert hardware.thermometer.milli_celsius() is None
    assert not isinstance(hardware.sounder, NoSounder)
    assert len(hardware.pollers) == 2
    hardware.close()


def test_a_cabinet_with_a_matrix_keypad_polls_it_with_its_locks(wired, factory, tick, heard):
    config = with_panel(
        msgspec.structs.replace(wired, drawers=wired.drawers[:1], sounder=None, button=None),
        keypad=MatrixKeypad(rows=(6, 7, 8, 9), columns=(10, 11, 12, 13)),
        display=CharacterDisplay(bus=31),
    )
    hardware = assemble(config, factory, tick, heard.append)
    assert len(hardware.pollers) == 1
    assert hardware.displays[1].size == (20, 4)
    hardware.close()


def test_all_lines_that_fail_are_named_in_one_error_and_nothing_stays_claimed(wired, tick, heard):
    wires = PlainWires(tick)
    wires.broken = {wired.drawers[2].lock, 11, 12}
    factory = WireFactory(wires, tick)
    with pytest.raises(HardwareMissing) as refused:
        assemble(wired, factory, tick, heard.append)
    assert len(refused.value.problems) == 3
    for words in ("lock of drawer 3", "sounder's line, GPIO 12", "button's line, GPIO 11"):
        assert words in str(refused.value)
    assert set(wires.driven.values()) <= {None}
    wires.broken = set()
    assemble(wired, factory, tick, heard.append).close()
    factory.close()


def test_locks_are_closed_first():
    order = []
    hardware = Hardware()
    hardware.closers = [lambda: order.append("locks"), lambda: order.append("scanner")]
    hardware.close()
    assert order == ["locks", "scanner"]
