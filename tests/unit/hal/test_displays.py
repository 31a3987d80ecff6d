"""Displays: the real RPLCD on an emulated HD44780, and a real pseudo-terminal as the full one."""

import os
import threading

import pytest

from hal.config import CharacterDisplay
from hal.display import CharacterPanel, FullDisplay, open_lcd, open_terminal
from hal.readings import PartReading

ROW_STARTS = (0x00, 0x40, 0x14, 0x54)


class Glass:
    """An HD44780 behind a PCF8574, bit by bit as its data sheet has it.

    Attributes:
        memory: the 128 cells.
        writes: letters written since the last start.
        starts: how often it was initialised.
        unplugged: nothing answers.
    """

    def __init__(self):
        self.memory = [ord("#")] * 128
        self.writes = 0
        self.starts = 0
        self.unplugged = False
        self._four_bits = False
        self._half = None
        self._at = 0
        self._enable = False

    def open(self, _bus):
        return self

    def close(self):
        pass

    def write_byte(self, address, value):
        if self.unplugged or address != 0x27:
            raise OSError(121, "Remote I/O error")
        enable = bool(value & 0x04)
        if self._enable and not enable:
            self._latch(value >> 4, data=bool(value & 0x01))
        self._enable = enable

    def spark(self):
        """One clock too many on the enable line: from now on halves are mixed up."""
        self._latch(0x0, data=False)

    def _latch(self, nibble, data):
        if not self._four_bits:
            self._byte(nibble << 4, data)
        elif self._half is None:
            self._half = nibble
        else:
            byte, self._half = self._half << 4 | nibble, None
            self._byte(byte, data)

    def _byte(self, byte, data):
        if data:
            self.memory[self._at] = byte
            self._at = (self._at + 1) % 128
            self.writes += 1
        elif byte & 0x80:
            self._at = byte & 0x7F
        elif byte & 0xE0 == 0x20:
            self._four_bits = not byte & 0x10
            self._half = None
        elif byte == 0x01:
            self.memory = [ord(" ")] * 128
            self._at = 0
            self.starts += 1
            self.writes = 0

    @property
    def rows(self):
        return tuple(
            "".join(chr(cell) for cell in self.memory[start : start + 20]) for start in ROW_STARTS
        )


@pytest.fixture
def glass(monkeypatch):
    glass = Glass()
    monkeypatch.setattr("RPLCD.i2c.SMBus", glass.open)
    monkeypatch.setattr("RPLCD.common.time.sleep", lambda _s: None)
    return glass


@pytest.fixture
def panel(glass, heard):
    panel = CharacterPanel(1, lambda: open_lcd(CharacterDisplay()), heard.append)
    assert glass.starts == 0
    yield panel
    panel.close()


COUNT = ("Count pocket 3-2", "how many now?", "[   ]", "#=OK       B=back")


def test_four_rows_stand_where_they_belong(glass, panel, tick):
    assert panel.size == (20, 4)
    panel.show(COUNT)
    panel.poll(tick())
    assert glass.rows == tuple(row.ljust(20) for row in COUNT)


def test_only_changed_cells_are_written(glass, panel, tick):
    panel.show(COUNT)
    panel.poll(tick())
    before = glass.writes
    panel.show((*COUNT[:2], "[ 12]", COUNT[3]))
    panel.poll(tick())
    assert glass.rows[2] == "[ 12]".ljust(20)
    assert glass.writes - before == 2
    panel.poll(tick())
    assert glass.writes - before == 2


def test_showing_nothing_writes_nothing(glass, panel, tick):
    panel.poll(tick())
    assert (glass.starts, glass.writes, glass.rows) == (1, 0, (" " * 20,) * 4)


def test_a_row_too_long_is_marked_and_never_runs_on_into_another(glass, panel, tick):
    panel.show(("x" * 30, "", "", "last"))
    panel.poll(tick())
    assert glass.rows == ("x" * 19 + ">", " " * 20, " " * 20, "last".ljust(20))


def test_a_dose_in_micrograms_is_spelled_out(glass, panel, tick):
    panel.show(("50 µg at 5°C £2",))
    panel.poll(tick())
    assert glass.rows[0] == "50 micrograms at 5 >"


def test_writing_is_blind_so_a_garbled_display_heals_within_a_minute(glass, panel, tick):
    panel.show(COUNT)
    panel.poll(tick())
    glass.spark()
    panel.show((*COUNT[:2], "[ 12]", COUNT[3]))
    panel.poll(tick())
    assert glass.rows[2] != "[ 12]".ljust(20)
    tick.turn(panel.poll, 60_000, step_ms=1_000)
    assert glass.rows == tuple(row.ljust(20) for row in (*COUNT[:2], "[ 12]", COUNT[3]))


def test_F27_a_display_that_does_not_answer_is_reported_once_and_found_again(
    glass, panel, heard, tick
):
    glass.unplugged = True
    panel.show(COUNT)
    tick.turn(panel.poll, 5_000, step_ms=100)
    assert [(r.part, r.working) for r in heard] == [("display 1", False)]
    glass.unplugged = False
    tick.turn(panel.poll, 10_000, step_ms=100)
    assert [(r.part, r.working) for r in heard[1:]] == [("display 1", True)]
    assert glass.rows == tuple(row.ljust(20) for row in COUNT)


def test_F27_a_display_lost_in_use_is_written_whole_when_it_is_back(glass, panel, heard, tick):
    panel.show(COUNT)
    panel.poll(tick())
    glass.unplugged = True
    panel.show(("Tap badge",))
    tick.turn(panel.poll, 1_000, step_ms=100)
    glass.unplugged = False
    tick.turn(panel.poll, 10_000, step_ms=100)
    assert [(r.part, r.working) for r in heard] == [("display 1", False), ("display 1", True)]
    assert glass.rows == ("Tap badge".ljust(20), " " * 20, " " * 20, " " * 20)


class Screen:
    """What a terminal would show: enough of it to read back what was written."""

    def __init__(self, fd, columns, rows):
        self._fd = fd
        self.cells = [["."] * columns for _ in range(rows)]
        self.bytes = 0

    def read(self):
        os.set_blocking(self._fd, False)
        try:
            text = os.read(self._fd, 65_536).decode()
        except BlockingIOError:
            text = ""
        self.bytes += len(text)
        for part in text.split("\x1b[")[1:]:
            if part == "?25l":
                continue
            if part == "2J":
                self.cells = [[" "] * len(row) for row in self.cells]
                continue
            place, letters = part.split("H", 1)
            row, column = (int(number) - 1 for number in place.split(";"))
            self.cells[row][column : column + len(letters)] = letters
        return tuple("".join(row) for row in self.cells)


@pytest.fixture
def pipe():
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


@pytest.fixture
def full(pipe, heard):
    display = FullDisplay(1, (50, 18), lambda: open_terminal(f"/dev/fd/{pipe[1]}"), heard.append)
    yield display
    display.close()


def test_the_full_display_shows_rows_and_sends_only_changed_ones(full, pipe, tick):
    screen = Screen(pipe[0], 50, 18)
    full.show(("WARD 7", "", "Tap your badge"))
    full.poll(tick())
    assert screen.read() == tuple(
        row.ljust(50) for row in ("WARD 7", "", "Tap your badge", *[""] * 15)
    )
    before = screen.bytes
    full.show(("WARD 7", "5°C", "Tap your badge"))
    full.poll(tick())
    assert screen.read()[1] == "5°C".ljust(50)
    assert screen.bytes - before == 56
    full.poll(tick())
    screen.read()
    assert screen.bytes - before == 56


def test_the_full_display_is_redrawn_once_a_minute_over_what_others_wrote(full, pipe, tick):
    screen = Screen(pipe[0], 50, 18)
    full.show(("WARD 7",))
    full.poll(tick())
    screen.read()
    screen.cells[0] = list("kernel: something happened".ljust(50))
    tick.turn(full.poll, 60_000, step_ms=1_000)
    assert screen.read()[0] == "WARD 7".ljust(50)


def test_T5_a_patients_name_cannot_move_the_cursor(full, pipe, tick):
    screen = Screen(pipe[0], 50, 18)
    full.show(("\x1b[2J\x1b[5;5HSMITH\r\nJohn",))
    full.poll(tick())
    assert screen.read()[0] == "?[2J?[5;5HSMITH??John".ljust(50)


def test_F27_a_terminal_that_is_gone_is_reported_and_opened_again(heard, tick, tmp_path):
    path = tmp_path / "tty"
    display = FullDisplay(2, (50, 18), lambda: open_terminal(str(path / "absent")), heard.append)
    display.show(("WARD 7",))
    tick.turn(display.poll, 5_000, step_ms=100)
    assert [(r.part, r.working) for r in heard] == [("display 2", False)]
    display.close()


def test_showing_returns_at_once_and_wakes_the_thread_that_writes(full):
    woken = threading.Event()

    def writer():
        full.wait(30)
        woken.set()

    thread = threading.Thread(target=writer)
    thread.start()
    full.show(("WARD 7",))
    assert woken.wait(10)
    thread.join()


def test_a_display_part_reading_names_its_panel(glass, heard, tick):
    glass.unplugged = True
    panel = CharacterPanel(3, lambda: open_lcd(CharacterDisplay()), heard.append)
    panel.poll(tick())
    assert heard == [
        PartReading(
            mono_ms=1_000,
            part="display 3",
            working=False,
            reason="[Errno 121] Remote I/O error",
        )
    ]
    panel.close()
