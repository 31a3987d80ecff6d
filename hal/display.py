"""The displays of a panel: the full one (a text terminal on an HDMI screen) and the 20x4 one.

`show` only says what is wanted and returns; writing happens in `poll`, on the display's own thread,
because a character display takes a millisecond a letter and locks must not wait for glass. Only
changes are written. Writing to a character display is blind: it is initialised anew once a minute,
so that one that lost power or caught a spark heals by itself; the terminal is redrawn as often, in
case something else wrote on it. A display that fails is reported and opened again with patience
(F27): the cabinet goes on with sounder and keypad.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from hal import config
from hal.cells import changed_runs, fitted, plain, shown
from hal.link import Link
from hal.ports import Report

REDRAW_MS = 60_000
"""How often a display is written anew from nothing."""
CHARACTER_SIZE = (20, 4)
"""Columns and rows of the character display."""


class Terminal(Protocol):
    """A terminal that takes bytes."""

    def write(self, data: bytes, /) -> int | None:
        """Write bytes; returns how many were taken."""

    def close(self) -> None:
        """Give it back."""


class Lcd(Protocol):
    """What is used of RPLCD's `CharLCD`."""

    cursor_pos: tuple[int, int]

    def write_string(self, text: str) -> None:
        """Write from the cursor on."""

    def close(self) -> None:
        """Give it back."""


class _Wanted:
    """What a display should show, handed from the controller's thread to the display's."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._mutex = threading.Lock()
        self._rows: tuple[str, ...] = ()
        self._news = threading.Event()

    @property
    def size(self) -> tuple[int, int]:
        """(columns, rows) of text."""
        return self._size

    def show(self, rows: tuple[str, ...]) -> None:
        """Show exactly these rows, soon."""
        with self._mutex:
            self._rows = rows
        self._news.set()

    def wait(self, timeout_s: float) -> None:
        """Return when there is something new to show or the time is up."""
        self._news.wait(timeout_s)

    def _take(self) -> tuple[str, ...]:
        self._news.clear()
        with self._mutex:
            return self._rows


class FullDisplay(_Wanted):
    """A text terminal.

    Args:
        panel: the panel it belongs to.
        size: columns and rows.
        open_device: opens the terminal (`open_terminal`).
        report: takes `PartReading`.
    """

    def __init__(
        self,
        panel: int,
        size: tuple[int, int],
        open_device: Callable[[], Terminal],
        report: Report,
    ) -> None:
        super().__init__(size)
        self.part = f"display {panel}"
        self._on_glass: tuple[str, ...] | None = None
        self._drawn_ms = 0
        self._link = Link(self.part, open_device, report, lost=self._lost)

    def poll(self, mono_ms: int) -> None:
        """Write the rows that changed."""
        columns, lines = self.size
        rows = fitted(tuple(shown(row) for row in self._take()), columns, lines)
        before = self._on_glass
        if before is None or mono_ms - self._drawn_ms >= REDRAW_MS:
            text = "\x1b[?25l\x1b[2J"  # no cursor; clear
            changed = list(range(lines))
        else:
            text = ""
            changed = [line for line in range(lines) if rows[line] != before[line]]
        if not changed:
            return
        text += "".join(f"\x1b[{line + 1};1H{rows[line]}" for line in changed)
        if self._link.use(mono_ms, lambda terminal: _write(terminal, text.encode())):
            if len(changed) == lines:
                self._drawn_ms = mono_ms
            self._on_glass = rows

    def close(self) -> None:
        """Give the terminal back."""
        self._link.close()

    def _lost(self) -> None:
        self._on_glass = None


def _write(terminal: Terminal, data: bytes) -> bool:
    while data:
        taken = terminal.write(data)
        if not taken:
            raise OSError("the terminal takes nothing")
        data = data[taken:]
    return True


def open_terminal(path: str) -> Terminal:
    """Open a terminal for writing.

    Raises:
        OSError: not there or not permitted.
    """
    terminal: Terminal = Path(path).open("wb", buffering=0)  # noqa: SIM115 - the display closes it
    return terminal


class CharacterPanel(_Wanted):
    """A 20x4 character display.

    Args:
        panel: the panel it belongs to.
        open_device: opens and initialises it (`open_lcd`).
        report: takes `PartReading`.
    """

    def __init__(self, panel: int, open_device: Callable[[], Lcd], report: Report) -> None:
        super().__init__(CHARACTER_SIZE)
        self.part = f"display {panel}"
        self._blank = fitted((), *CHARACTER_SIZE)
        self._on_glass = self._blank
        self._opened_ms: int | None = None
        self._link = Link(self.part, open_device, report, lost=self._lost)

    def poll(self, mono_ms: int) -> None:
        """Rewrite the cells that changed; initialise anew when it is time."""
        rows = fitted(tuple(plain(row) for row in self._take()), *CHARACTER_SIZE)
        if self._opened_ms is not None and mono_ms - self._opened_ms >= REDRAW_MS:
            self._link.close()
            self._lost()
        if not self._link.open(mono_ms):
            return
        if self._opened_ms is None:
            self._opened_ms = mono_ms
        runs = changed_runs(self._on_glass, rows)
        written = self._link.use(mono_ms, lambda lcd: _rewrite(lcd, runs))
        if written:
            self._on_glass = rows

    def close(self) -> None:
        """Give the bus back."""
        self._link.close()

    def _lost(self) -> None:
        self._on_glass = self._blank
        self._opened_ms = None


def _rewrite(lcd: Lcd, runs: list[tuple[int, int, str]]) -> bool:
    for row, column, letters in runs:
        lcd.cursor_pos = (row, column)
        lcd.write_string(letters)
    return True


def open_lcd(wired: config.CharacterDisplay) -> Lcd:
    """Open a display behind a PCF8574 and initialise it, which clears it.

    Raises:
        OSError: no such bus, not permitted, or nothing answers at the address.
    """
    from RPLCD.i2c import CharLCD

    columns, rows = CHARACTER_SIZE
    lcd: Lcd = CharLCD(
        "PCF8574",
        wired.address,
        port=wired.bus,
        cols=columns,
        rows=rows,
        charmap=wired.letters,
        auto_linebreaks=False,
    )
    return lcd
