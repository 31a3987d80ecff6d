"""The fridge probe: a DS18B20 on the one-wire line, read as the kernel's file.

Reading it takes the kernel most of a second, so a thread does it and `milli_celsius` answers with
the last value - or with None when that is older than three readings ought to be, when the check sum
was wrong, or when it is the 85.000 degrees that the chip shows until it has measured once.
"""

import re
import threading
from pathlib import Path

from hal.ports import Report, Tick
from hal.readings import PartReading

READ_EVERY_MS = 10_000
"""How often the probe is read."""
STALE_MS = 3 * READ_EVERY_MS
"""Older than this, a temperature is not known."""
NOT_MEASURED_MILLI_C = 85_000
"""What the chip shows after power-on, before its first measurement."""
RANGE_MILLI_C = (-55_000, 125_000)
"""What the chip can measure."""
FILE_BYTES_MAX = 1_024
"""Most that is read of the kernel's file."""
_TEMPERATURE = re.compile(rb"crc=[0-9a-f]{2} YES\s.*\bt=(-?\d{1,6})\s*", re.DOTALL)


def milli_celsius_of(text: bytes) -> int | None:
    """The temperature in a `w1_slave` file, in thousandths of a degree, or None."""
    found = _TEMPERATURE.search(text)
    if found is None:
        return None
    value = int(found[1])
    low, high = RANGE_MILLI_C
    return value if low <= value <= high and value != NOT_MEASURED_MILLI_C else None


class FridgeProbe:
    """The `Thermometer` port.

    Args:
        path: the probe's `w1_slave` file.
        tick: monotonic milliseconds.
        report: takes `PartReading` of `fridge probe`.
    """

    part = "fridge probe"

    def __init__(self, path: Path, tick: Tick, report: Report) -> None:
        self._path = path
        self._tick = tick
        self._report = report
        self._mutex = threading.Lock()
        self._last: tuple[int, int] | None = None  # temperature, tick
        self._read_ms: int | None = None
        self._working = True

    def milli_celsius(self) -> int | None:
        """Thousandths of a degree Celsius, or None when the probe does not answer."""
        with self._mutex:
            last = self._last
        if last is None or self._tick() - last[1] > STALE_MS:
            return None
        return last[0]

    def poll(self, mono_ms: int) -> None:
        """Read the probe if it is time. Takes up to a second."""
        if self._read_ms is not None and mono_ms - self._read_ms < READ_EVERY_MS:
            return
        self._read_ms = mono_ms
        try:
            with self._path.open("rb") as file:
                value = milli_celsius_of(file.read(FILE_BYTES_MAX))
        except OSError as trouble:
            self._say_working(mono_ms, str(trouble))
            return
        if value is None:
            self._say_working(mono_ms, "it answers without a temperature")
            return
        with self._mutex:
            self._last = (value, mono_ms)
        self._say_working(mono_ms, "")

    def wait(self, timeout_s: float) -> None:
        """A probe has nothing to wait for."""
        threading.Event().wait(timeout_s)

    def close(self) -> None:
        """Nothing is held."""

    def _say_working(self, mono_ms: int, reason: str) -> None:
        working = not reason
        if working != self._working:
            self._working = working
            self._report(
                PartReading(mono_ms=mono_ms, part=self.part, working=working, reason=reason)
            )
