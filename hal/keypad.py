"""The keypad of a panel: a USB numeric keypad by evdev, or a 4x4 matrix on lines.

The USB keypad is grabbed: while the cabinet runs, no console and no other program hears a PIN being
typed. Usual meaning of its keys, laid out as a numeric keypad is: digits as printed, Enter = `#`
(OK), `*` = `*` (other tasks), `+` = `A` (the offered answer), `-` or Backspace = `B` (back),
`/` = `C` (park and leave), `.` = `D` (details). The configuration may say otherwise key by key.

The matrix is scanned row by row: one row is driven low, the columns are read against their
pull-ups, and the row is let go again, so that between scans nothing is driven and two pressed keys
never short two outputs.
"""

import select
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from gpiozero import GPIODevice, InputDevice

from hal.config import MatrixKeypad
from hal.contact import PIN_TROUBLE
from hal.keys import HeldKeys, MatrixKeys
from hal.link import Link
from hal.ports import HardwareFault, Report
from hal.readings import KeyReading, PartReading

USUAL_KEYS: dict[str, str] = {
    **{f"KEY_KP{digit}": str(digit) for digit in range(10)},
    **{f"KEY_{digit}": str(digit) for digit in range(10)},
    "KEY_KPENTER": "#",
    "KEY_ENTER": "#",
    "KEY_KPASTERISK": "*",
    "KEY_KPPLUS": "A",
    "KEY_KPMINUS": "B",
    "KEY_BACKSPACE": "B",
    "KEY_KPSLASH": "C",
    "KEY_KPDOT": "D",
}
"""Kernel key names and what they mean here."""
MATRIX_KEYS = ("123A", "456B", "789C", "*0#D")
"""The keys of a 4x4 matrix, row by row, as they are printed on every such keypad."""
_EV_SYN, _EV_KEY, _SYN_DROPPED = 0, 1, 3
_UP, _DOWN = 0, 1


class KeyEvent(Protocol):
    """What is used of an evdev event."""

    type: int
    code: int
    value: int


class KeySource(Protocol):
    """What is used of an evdev `InputDevice`."""

    def read(self) -> Iterable[KeyEvent]:
        """Events that are there now; BlockingIOError when there are none."""

    def fileno(self) -> int:
        """For waiting."""

    def close(self) -> None:
        """Give it back."""


def key_codes(laid_over: Mapping[str, str]) -> dict[int, str]:
    """Kernel key codes and what they mean: the usual ones with the configured ones laid over.

    Raises:
        ValueError: a key name that the kernel does not know.
    """
    from evdev import ecodes

    codes: dict[int, str] = {}
    for name, key in {**USUAL_KEYS, **laid_over}.items():
        code = ecodes.ecodes.get(name)
        if code is None or not name.startswith("KEY_"):
            raise ValueError(f"The kernel knows no key named {name}; `evtest` shows their names.")
        codes[code] = key
    return codes


def open_keypad(path: str) -> KeySource:
    """Open and grab a keypad.

    Raises:
        OSError: not there, not permitted, or grabbed by another program.
    """
    from evdev import InputDevice as EventDevice

    device = EventDevice(path)
    try:
        device.grab()
    except OSError:
        device.close()
        raise
    source: KeySource = device
    return source


class UsbKeypadReader:
    """A USB keypad.

    Args:
        panel: the panel it belongs to.
        codes: kernel key codes and their keys (`key_codes`).
        open_device: opens and grabs it (`open_keypad`).
        report: takes `KeyReading` and `PartReading`.
    """

    def __init__(
        self,
        panel: int,
        codes: Mapping[int, str],
        open_device: Callable[[], KeySource],
        report: Report,
    ) -> None:
        self.part = f"keypad {panel}"
        self._panel = panel
        self._codes = codes
        self._report = report
        self._held = HeldKeys()
        self._now_ms = 0
        self._link = Link(self.part, open_device, report, lost=self._nothing_held)

    def poll(self, mono_ms: int) -> None:
        """Report keys that were pressed. Never waits."""
        self._now_ms = mono_ms
        for event in self._link.use(mono_ms, _events) or ():
            if event.type == _EV_SYN and event.code == _SYN_DROPPED:
                self._nothing_held()
            elif event.type == _EV_KEY and event.code in self._codes:
                self._key(mono_ms, self._codes[event.code], event.value)
        for key in self._held.newly_stuck(mono_ms):
            self._report(_stuck(mono_ms, self._panel, key))

    def wait(self, timeout_s: float) -> None:
        """Return when a key moved or the time is up."""
        source = self._link.device
        select.select([] if source is None else [source.fileno()], [], [], timeout_s)

    def close(self) -> None:
        """Let go of the keypad."""
        self._link.close()

    def _key(self, mono_ms: int, key: str, value: int) -> None:
        if value == _DOWN and self._held.press(mono_ms, key):
            self._report(KeyReading(mono_ms=mono_ms, panel=self._panel, key=key))
        elif value == _UP and self._held.let_go(key):
            self._report(_well(mono_ms, self._panel, key))

    def _nothing_held(self) -> None:
        for key in self._held.forget():
            self._report(_well(self._now_ms, self._panel, key))


def _events(source: KeySource) -> list[KeyEvent]:
    try:
        return list(source.read())
    except BlockingIOError:
        return []


class MatrixKeypadReader:
    """A 4x4 matrix keypad.

    Args:
        panel: the panel it belongs to.
        config: its eight lines.
        factory: the gpiozero factory that makes the lines. Never taken from the environment.
        report: takes `KeyReading` and `PartReading`.

    Raises:
        HardwareFault: a line could not be claimed; none stays claimed.
    """

    def __init__(self, panel: int, config: MatrixKeypad, factory: Any, report: Report) -> None:
        self.part = f"keypad {panel}"
        self._panel = panel
        self._report = report
        self._keys = MatrixKeys()
        self._working = True
        self._rows: list[Any] = []
        self._columns: list[Any] = []
        try:
            for pin in config.rows:
                self._rows.append(GPIODevice(pin, pin_factory=factory))
                self._rows[-1].pin.input_with_pull("up")
            for pin in config.columns:
                self._columns.append(InputDevice(pin, pull_up=True, pin_factory=factory))
        except PIN_TROUBLE as trouble:
            self.close()
            raise HardwareFault(
                f"Lines of the keypad of panel {panel} could not be claimed ({trouble}). "
                "See that no other program holds them and that this user may use them."
            ) from trouble

    def poll(self, mono_ms: int) -> None:
        """Scan once and report a key that was pressed. Takes well under a millisecond."""
        try:
            down = self._scan()
        except PIN_TROUBLE as trouble:
            self._say_working(mono_ms, str(trouble))
            return
        self._say_working(mono_ms, "")
        key = self._keys.look(mono_ms, down)
        if key is not None:
            self._report(KeyReading(mono_ms=mono_ms, panel=self._panel, key=key))
        stuck, freed = self._keys.stuck_and_freed(mono_ms)
        for key in stuck:
            self._report(_stuck(mono_ms, self._panel, key))
        for key in freed:
            self._report(_well(mono_ms, self._panel, key))

    def _scan(self) -> frozenset[str]:
        down = set()
        for row, keys in zip(self._rows, MATRIX_KEYS, strict=True):
            row.pin.output_with_state(False)
            try:
                for column, key in zip(self._columns, keys, strict=True):
                    if column.is_active:
                        down.add(key)
            finally:
                row.pin.input_with_pull("up")
        return frozenset(down)

    def close(self) -> None:
        """Give the lines back."""
        for device in (*self._rows, *self._columns):
            device.close()

    def _say_working(self, mono_ms: int, reason: str) -> None:
        working = not reason
        if working != self._working:
            self._working = working
            self._report(
                PartReading(mono_ms=mono_ms, part=self.part, working=working, reason=reason)
            )


def _stuck(mono_ms: int, panel: int, key: str) -> PartReading:
    return PartReading(
        mono_ms=mono_ms,
        part=f"key {key} of keypad {panel}",
        working=False,
        reason="it is held down; it is ignored until it is let go",
    )


def _well(mono_ms: int, panel: int, key: str) -> PartReading:
    return PartReading(mono_ms=mono_ms, part=f"key {key} of keypad {panel}", working=True)
