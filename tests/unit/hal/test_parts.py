"""Lights, sounder, emergency button, fridge probe, and the threads that poll slow parts."""

import itertools
import threading

import pytest

from hal.button import EmergencyButton
from hal.config import PocketLight
from hal.lights import RHYTHM_MS, ExpanderLights, NoLights, is_lit
from hal.link import BACK_OFF_MS, Link
from hal.ports import HardwareFault
from hal.probe import STALE_MS, FridgeProbe, milli_celsius_of
from hal.readings import ButtonReading, PartReading
from hal.sounder import LineSounder, NoSounder
from hal.threads import Poller

LIGHTS = (
    PocketLight(pocket="1-1", output=0),
    PocketLight(pocket="1-2", output=9),
    PocketLight(pocket="2-1", address=0x21, output=15),
)


class FakeBus:
    """The registers of port expanders."""

    def __init__(self):
        self.registers = {}
        self.writes = []
        self.unplugged = False

    def write_byte_data(self, address, register, value):
        if self.unplugged:
            raise OSError(121, "Remote I/O error")
        self.registers[address, register] = value
        self.writes.append((address, register, value))

    def close(self):
        pass


@pytest.fixture
def bus():
    return FakeBus()


@pytest.fixture
def lights(bus, heard):
    lights = ExpanderLights(LIGHTS, lambda: bus, heard.append)
    yield lights
    lights.close()


def test_outputs_have_their_level_before_they_become_outputs(bus, lights):
    lights.show("1-2", "remove")
    lights.poll(0)
    assert bus.writes == [
        (0x20, 0x14, 0),
        (0x20, 0x15, 2),
        (0x20, 0x00, 0),
        (0x20, 0x01, 0),
        (0x21, 0x14, 0),
        (0x21, 0x15, 0),
        (0x21, 0x00, 0),
        (0x21, 0x01, 0),
    ]


def test_only_expanders_whose_lights_changed_are_written(bus, lights):
    lights.poll(0)
    bus.writes.clear()
    lights.show("2-1", "remove")
    lights.poll(50)
    lights.poll(100)
    assert bus.writes == [(0x21, 0x14, 0), (0x21, 0x15, 0x80)]
    lights.show("2-1", "off")
    lights.poll(150)
    assert bus.writes[2:] == [(0x21, 0x14, 0), (0x21, 0x15, 0)]


def test_the_patterns_differ_by_rhythm_so_colour_is_not_needed():
    rhythms = {
        pattern: tuple(is_lit(pattern, mono_ms) for mono_ms in range(0, 2_400, 50))
        for pattern in RHYTHM_MS
    }
    assert len(set(rhythms.values())) == 4
    assert all(rhythms["remove"])
    assert rhythms["fill"] == (*[True] * 16, *[False] * 16, *[True] * 16)
    assert not is_lit("off", 0)


def test_a_pocket_without_a_light_is_no_error_and_a_cabinet_without_lights_has_none(bus, lights):
    lights.show("9-9", "remove")
    lights.poll(0)
    assert bus.registers[0x20, 0x14] == 0
    NoLights().show("1-1", "remove")


def test_a_bus_that_fails_is_reported_and_written_whole_when_it_is_back(bus, lights, heard, tick):
    lights.show("1-1", "remove")
    tick.turn(lights.poll, 100)
    bus.unplugged = True
    lights.show("1-2", "remove")
    tick.turn(lights.poll, 2_000, step_ms=50)
    bus.unplugged = False
    bus.registers.clear()
    tick.turn(lights.poll, 10_000, step_ms=50)
    assert [(r.part, r.working) for r in heard] == [("lights", False), ("lights", True)]
    assert bus.registers[0x20, 0x14] == 1
    assert bus.registers[0x20, 0x15] == 2


def test_closing_leaves_all_lights_dark(bus, heard):
    lights = ExpanderLights(LIGHTS, lambda: bus, heard.append)
    lights.show("1-1", "remove")
    lights.poll(0)
    lights.close()
    assert bus.registers[0x20, 0x14] == 0


@pytest.fixture
def sounder(factory, heard):
    sounder = LineSounder(12, factory, heard.append)
    yield sounder
    sounder.close()


def changes(wires, begin_ms):
    return [(tick - begin_ms, level) for tick, pin, level in wires.trace if pin == 12][1:]


def test_a_sound_is_played_once(sounder, wires, tick):
    begin_ms = tick()
    sounder.play("refused")
    tick.turn(sounder.poll, 3_000)
    assert changes(wires, begin_ms) == [
        (10, True),
        (130, False),
        (210, True),
        (330, False),
        (410, True),
        (710, False),
    ]


def test_an_alarm_goes_on_until_quiet_and_no_tick_silences_it(sounder, wires, tick):
    begin_ms = tick()
    sounder.play("alarm")
    tick.turn(sounder.poll, 1_000)
    sounder.play("tick")
    tick.turn(sounder.poll, 1_000)
    sounder.play("quiet")
    tick.turn(sounder.poll, 2_000)
    assert changes(wires, begin_ms) == [
        (10, True),
        (510, False),
        (760, True),
        (1_260, False),
        (1_510, True),
        (2_010, False),
    ]
    NoSounder().play("alarm")


def test_a_new_sound_takes_the_place_of_the_old(sounder, wires, tick):
    begin_ms = tick()
    sounder.play("reminder")
    tick.turn(sounder.poll, 100)
    sounder.play("tick")
    tick.turn(sounder.poll, 1_000)
    assert changes(wires, begin_ms) == [(10, True), (130, False)]


def test_a_sounder_that_fails_is_reported_once_and_comes_back(sounder, wires, heard, tick):
    sounder.play("alarm")
    wires.broken = {12}
    tick.turn(sounder.poll, 100)
    wires.broken = set()
    tick.turn(sounder.poll, 100)
    assert [(r.part, r.working) for r in heard] == [("sounder", False), ("sounder", True)]


def test_a_sounder_line_that_is_taken_is_a_sentence(factory, sounder, heard):
    assert sounder.part == "sounder"
    with pytest.raises(HardwareFault, match="GPIO 12, could not be claimed"):
        LineSounder(12, factory, heard.append)


@pytest.fixture
def button(config, factory, heard):
    button = EmergencyButton(11, config, factory, heard.append)
    yield button
    button.close()


def test_the_emergency_button_counts_once_a_press(button, wires, heard, tick):
    tick.turn(button.poll, 100)
    for _ in range(2):
        wires.set(11, False)
        tick.turn(button.poll, 2_000)
        wires.set(11, None)
        tick.turn(button.poll, 100)
    assert heard == [ButtonReading(mono_ms=1_140), ButtonReading(mono_ms=3_240)]


def test_a_spark_or_a_button_held_at_start_is_no_emergency(config, factory, wires, heard, tick):
    wires.set(11, False)
    button = EmergencyButton(11, config, factory, heard.append)
    tick.turn(button.poll, 1_000)
    wires.set(11, None)
    tick.turn(button.poll, 100)
    wires.set(11, False)
    tick.turn(button.poll, 10)
    wires.set(11, None)
    tick.turn(button.poll, 100)
    assert heard == []
    button.close()


def test_a_button_whose_line_fails_is_reported_and_pressing_it_later_counts(
    button, wires, heard, tick
):
    tick.turn(button.poll, 100)
    wires.broken = {11}
    tick.turn(button.poll, 100)
    wires.broken = set()
    tick.turn(button.poll, 100)
    wires.set(11, False)
    tick.turn(button.poll, 100)
    assert [getattr(r, "working", "pressed") for r in heard] == [False, True, "pressed"]
    with pytest.raises(HardwareFault, match="GPIO 11, could not be claimed"):
        EmergencyButton(11, *_again(button), heard.append)


def _again(button):
    from hal.config import (
        DrawerPins,
        HardwareConfig,
        Panel,
        SerialReader,
        TerminalDisplay,
        UsbKeypad,
    )

    reader = SerialReader(device="/dev/ttyACM0")
    panel = Panel(
        keypad=UsbKeypad(device="/dev/input/event0"),
        display=TerminalDisplay(),
        scanner=reader,
        badge=reader,
    )
    drawer = DrawerPins(drawer=1, lock=16, feedback=22, reed=5)
    config = HardwareConfig(drawers=(drawer,), panels=(panel,))
    return config, button._contact._device.pin_factory


GOOD = b"5d 01 4b 46 7f ff 0c 10 e2 : crc=e2 YES\n5d 01 4b 46 7f ff 0c 10 e2 t=%s\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (GOOD % b"4312", 4_312),
        (GOOD % b"-18500", -18_500),
        (GOOD % b"0", 0),
        (GOOD % b"85000", None),
        (GOOD % b"126000", None),
        (GOOD % b"9999999", None),
        ((GOOD % b"4312").replace(b"YES", b"NO"), None),
        (b"", None),
        (b"t=4312\n", None),
        (GOOD[:60], None),
        (b"\x00" * 1_000, None),
        (GOOD % b"4312x", 4_312),
    ],
)
def test_a_temperature_is_believed_only_with_its_check_sum_and_in_range(text, value):
    assert milli_celsius_of(text) == value


def test_the_probe_answers_its_last_reading_until_that_is_stale(tmp_path, tick, heard):
    path = tmp_path / "w1_slave"
    probe = FridgeProbe(path, tick, heard.append)
    assert probe.milli_celsius() is None
    path.write_bytes(GOOD % b"4312")
    probe.poll(tick())
    assert probe.milli_celsius() == 4_312
    path.write_bytes(GOOD % b"85000")
    tick.turn(probe.poll, STALE_MS, step_ms=1_000)
    assert probe.milli_celsius() == 4_312
    tick.turn(probe.poll, 1_000, step_ms=1_000)
    assert probe.milli_celsius() is None
    path.unlink()
    tick.turn(probe.poll, 20_000, step_ms=1_000)
    path.write_bytes(GOOD % b"5000")
    tick.turn(probe.poll, 20_000, step_ms=1_000)
    assert probe.milli_celsius() == 5_000
    assert [(r.part, r.working) for r in heard] == [
        ("fridge probe", False),
        ("fridge probe", True),
    ]
    probe.close()


def test_a_lost_part_is_tried_again_with_growing_patience(heard):
    tries = []

    def absent():
        tries.append(now_ms)
        raise OSError("not there")

    link = Link("scanner 1", absent, heard.append)
    for now_ms in range(0, 130_000, 100):
        link.open(now_ms)
    waits = tuple(later - earlier for earlier, later in itertools.pairwise(tries))
    assert waits == (*BACK_OFF_MS, 30_000, 30_000)
    assert heard == [PartReading(mono_ms=0, part="scanner 1", working=False, reason="not there")]


class LoosePlug:
    """Works once each time it is opened."""

    def __init__(self):
        self.used = False

    def use(self):
        if self.used:
            raise OSError("loose")
        self.used = True

    def close(self):
        pass


def test_F15_a_loose_plug_is_not_reported_faster_and_faster(heard, tick):
    link = Link("scanner 1", LoosePlug, heard.append)
    tick.turn(lambda mono_ms: link.use(mono_ms, LoosePlug.use), 300_000, step_ms=50)
    assert len([r for r in heard if r.mono_ms > 62_000]) <= 2 * 240 // 30 + 2
    assert len(heard) < 40


def test_a_device_that_worked_for_ten_seconds_is_tried_again_soon(heard, tick):
    class Device:
        broken = False

        def close(self):
            pass

    def work(device):
        if device.broken:
            raise OSError("gone")

    link = Link("scanner 1", Device, heard.append)

    def poll(mono_ms):
        link.use(mono_ms, work)

    for _ in range(5):
        Device.broken = False
        tick.turn(poll, 12_000, step_ms=50)
        Device.broken = True
        tick.turn(poll, 100, step_ms=50)
    lost = [r.mono_ms for r in heard if not r.working]
    back = [r.mono_ms for r in heard if r.working]
    assert [there - gone for gone, there in zip(lost, back, strict=False)] == [500] * 4


def test_a_device_that_cannot_even_be_closed_is_given_up(heard):
    class Dead:
        def close(self):
            raise OSError("gone")

    link = Link("scanner 1", Dead, heard.append)
    assert link.open(0)
    link.close()
    assert link.device is None


class Part:
    """Polls until it has been polled `enough` times; fails at first as often as told."""

    part = "scanner 1"

    def __init__(self, failures=0, enough=3):
        self.failures = failures
        self.enough = enough
        self.polls = []
        self.done = threading.Event()

    def poll(self, mono_ms):
        self.polls.append(mono_ms)
        if len(self.polls) <= self.failures:
            raise RuntimeError("a defect")
        if len(self.polls) >= self.enough:
            self.done.set()

    def wait(self, timeout_s):
        self.done.wait(timeout_s)


def test_a_thread_polls_its_part_until_it_is_stopped(tick, heard):
    part = Part()
    poller = Poller(part, tick, heard.append, 0.001)
    poller.start()
    assert part.done.wait(20)
    poller.stop()
    count = len(part.polls)
    assert set(part.polls) == {1_000}
    assert heard == []
    assert len(part.polls) == count


def test_a_defect_in_a_reader_is_reported_and_does_not_end_its_thread(tick, heard):
    part = Part(failures=1, enough=2)
    poller = Poller(part, tick, heard.append, 0.001)
    poller.start()
    assert part.done.wait(20)
    poller.stop()
    assert heard[0] == PartReading(
        mono_ms=1_000, part="scanner 1", working=False, reason="RuntimeError: a defect"
    )
