import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.cells import changed_runs, fitted, plain, shown


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("50 µg", "50 micrograms"),
        ("50 μg", "50 micrograms"),
        ("4 µL", "4 microL"),
        ("5°C", "5 deg C"),
        ("£5", "GBP 5"),
        ("Siân Ó Brádaigh", "Sian O Bradaigh"),
        ("1\\2~3", "1/2-3"),
        ("½ tablet – “now”", '1/2 tablet - "now"'),  # noqa: RUF001 - a dash that people type
        ("a\x00b\x1b[2Jc\nd", "a?b?[2Jc?d"),
        ("漢字", "??"),
    ],
)
def test_letters_a_character_display_lacks_are_written_out(text, written):
    assert plain(text) == written


@given(st.text())
def test_no_text_whatever_sends_a_control_character_or_a_wrong_glyph(text):
    assert all(" " <= letter <= "}" and letter != "\\" for letter in plain(text))
    assert shown(text).isprintable()
    assert len(shown(text)) == len(text)


def test_T5_a_name_cannot_command_the_terminal():
    assert shown("SMITH\x1b[2J\r\n\x07, John\u202e\u200b") == "SMITH?[2J???, John??"


def test_rows_are_filled_cut_with_a_mark_and_never_more_or_fewer():
    assert fitted(("ab", "abcdef", "abcd"), 4, 4) == ("ab  ", "abc>", "abcd", "    ")
    assert fitted(("1", "2", "3"), 1, 2) == ("1", "2")


def test_only_changed_cells_are_rewritten():
    before = fitted(("Tap badge     08:02", "orders 1 min  OK"), 20, 4)
    after = fitted(("Tap badge     08:03", "orders 2 min  OK"), 20, 4)
    assert changed_runs(before, after) == [(0, 18, "3"), (1, 7, "2")]
    assert changed_runs(after, after) == []


@given(
    st.lists(st.text("ab ", min_size=6, max_size=6), min_size=3, max_size=3),
    st.lists(st.text("ab ", min_size=6, max_size=6), min_size=3, max_size=3),
)
def test_writing_the_changed_runs_over_the_old_text_gives_the_new(before, after):
    glass = [list(row) for row in before]
    written = 0
    for row, column, letters in changed_runs(tuple(before), tuple(after)):
        glass[row][column : column + len(letters)] = letters
        written += len(letters)
    assert ["".join(row) for row in glass] == after
    assert written == sum(
        a != b
        for old, new in zip(before, after, strict=True)
        for a, b in zip(old, new, strict=True)
    )
