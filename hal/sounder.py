"""The beeper on one line, and what its patterns sound like.

A pattern is a list of milliseconds on, off, on, ...; `alarm` goes on until `quiet`. A new sound
takes the place of the one being played, except that nothing but `quiet` silences an alarm.
"""

from typing import Any, Literal

from gpiozero import OutputDevice

from hal.contact import PIN_TROUBLE
from hal.ports import HardwareFault, Report
from hal.readings import PartReading

Sound = Literal["tick", "accepted", "refused", "reminder", "alarm", "quiet"]
SOUNDS_MS: dict[str, tuple[int, ...]] = {
    "tick": (15,),
    "accepted": (80,),
    "refused": (120, 80, 120, 80, 300),
    "reminder": (250, 250, 250),
    "alarm": (500, 250),
}
"""Milliseconds on, off, on, ... of each sound."""


class LineSounder:
    """The `Sounder` port on one line.

    Args:
        pin: its GPIO number; high sounds.
        factory: the gpiozero factory that makes the line. Never taken from the environment.
        report: takes `PartReading` of `sounder`.

    Raises:
        HardwareFault: the line could not be claimed.
    """

    part = "sounder"

    def __init__(self, pin: int, factory: Any, report: Report) -> None:
        self._report = report
        self._working = True
        self._playing: tuple[int, ...] = ()
        self._begun_ms: int | None = None
        self._alarm = False
        try:
            self._line = OutputDevice(pin, initial_value=False, pin_factory=factory)
        except PIN_TROUBLE as trouble:
            raise HardwareFault(
                f"The sounder's line, GPIO {pin}, could not be claimed ({trouble}). "
                "See that no other program holds it and that this user may use it."
            ) from trouble

    def play(self, pattern: Sound) -> None:
        """Play once, from the next poll on; `alarm` until `quiet`."""
        if pattern == "quiet":
            self._alarm = False
            self._playing = ()
        elif pattern == "alarm":
            self._alarm = True
            self._playing = SOUNDS_MS["alarm"]
            self._begun_ms = None
        elif not self._alarm:
            self._playing = SOUNDS_MS[pattern]
            self._begun_ms = None

    def poll(self, mono_ms: int) -> None:
        """Switch the line as the sound wants it now."""
        on = self._sounding(mono_ms)
        try:
            if bool(self._line.value) != on:
                self._line.value = on
        except PIN_TROUBLE as trouble:
            self._say_working(mono_ms, str(trouble))
        else:
            self._say_working(mono_ms, "")

    def _sounding(self, mono_ms: int) -> bool:
        if not self._playing:
            return False
        if self._begun_ms is None:
            self._begun_ms = mono_ms
        at_ms = mono_ms - self._begun_ms
        if self._alarm:
            at_ms %= sum(self._playing)
        for number, part_ms in enumerate(self._playing):
            if at_ms < part_ms:
                return number % 2 == 0
            at_ms -= part_ms
        self._playing = ()
        return False

    def close(self) -> None:
        """Silence, then give the line back."""
        self._line.close()

    def _say_working(self, mono_ms: int, reason: str) -> None:
        working = not reason
        if working != self._working:
            self._working = working
            self._report(
                PartReading(mono_ms=mono_ms, part=self.part, working=working, reason=reason)
            )


class NoSounder:
    """The `Sounder` port of a cabinet that was built without a beeper."""

    def play(self, pattern: Sound) -> None:
        """Nothing: what it would say stands on the screen as well."""
