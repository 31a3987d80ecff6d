"""The promises of `Display` and `Sounder`, for memory and for the real ones on what runs here."""

import os

import pytest

from hal.display import FullDisplay, open_terminal
from hal.sounder import LineSounder
from sim.memory_ports import (
    MemoryDisplay,
    MemoryLights,
    MemorySounder,
    MemoryThermometer,
)
from sim.pins import PlainWires, WireFactory


class MemorySounds:
    def __init__(self):
        self.port = MemorySounder()

    def alarm_after(self, _ms):
        return self.port.alarm

    def close(self):
        pass


class LineSounds:
    def __init__(self):
        self._now_ms = 0
        self._wires = PlainWires(lambda: self._now_ms)
        self._factory = WireFactory(self._wires, lambda: self._now_ms)
        self.port = LineSounder(12, self._factory, lambda _reading: None)

    def alarm_after(self, ms):
        """Whether it still sounds within the last second of this time."""
        end_ms = self._now_ms + ms
        while self._now_ms < end_ms:
            self._now_ms += 20
            self.port.poll(self._now_ms)
        return any(level for tick, _, level in self._wires.trace if tick > end_ms - 1_000) or bool(
            self._wires.driven[12]
        )

    def close(self):
        self.port.close()
        self._factory.close()


@pytest.fixture(params=[MemorySounds, LineSounds], ids=["memory", "simulated pins"])
def sounds(request):
    sounds = request.param()
    yield sounds
    sounds.close()


def test_an_alarm_goes_on_until_quiet_whatever_else_is_played(sounds):
    sounds.port.play("alarm")
    assert sounds.alarm_after(30_000)
    for other in ("tick", "accepted", "refused", "reminder"):
        sounds.port.play(other)
    assert sounds.alarm_after(30_000)
    sounds.port.play("quiet")
    assert not sounds.alarm_after(2_000)


@pytest.mark.parametrize("sound", ["tick", "accepted", "refused", "reminder"])
def test_every_other_sound_ends_by_itself(sounds, sound):
    sounds.port.play(sound)
    assert not sounds.alarm_after(5_000)


class MemoryGlass:
    def __init__(self):
        self.port = MemoryDisplay((50, 18))
        self._seen = 0

    def rewritten(self):
        seen, self._seen = self._seen, self.port.changes
        return self.port.changes != seen

    def close(self):
        pass


class TerminalGlass:
    def __init__(self):
        self._ours, self._theirs = os.pipe()
        os.set_blocking(self._ours, False)
        path = f"/dev/fd/{self._theirs}"
        self.port = FullDisplay(1, (50, 18), lambda: open_terminal(path), lambda _reading: None)

    def rewritten(self):
        self.port.poll(0)
        try:
            return bool(os.read(self._ours, 65_536))
        except BlockingIOError:
            return False

    def close(self):
        self.port.close()
        os.close(self._ours)
        os.close(self._theirs)


@pytest.fixture(params=[MemoryGlass, TerminalGlass], ids=["memory", "terminal"])
def glass(request):
    glass = request.param()
    yield glass
    glass.close()


def test_a_display_is_written_only_when_what_it_shows_changes(glass):
    assert glass.port.size == (50, 18)
    glass.port.show(("WARD 7", "Tap your badge"))
    assert glass.rewritten()
    glass.port.show(("WARD 7", "Tap your badge"))
    assert not glass.rewritten()
    glass.port.show(("WARD 7", "NINA B."))
    assert glass.rewritten()


def test_memory_lights_and_probe_keep_what_they_were_told():
    lights = MemoryLights()
    lights.show("1-1", "remove")
    lights.show("1-2", "count")
    lights.show("1-1", "off")
    lights.show("9-9", "off")
    assert lights.lit == {"1-2": "count"}
    probe = MemoryThermometer()
    assert probe.milli_celsius() == 4_500
    probe.now = None
    assert probe.milli_celsius() is None
