"""Text on glass: what letters a display has, and which cells must be rewritten. Pure.

A 20x4 character display has no pound, micro or degree sign where a Latin text expects them, shows a
yen sign for a backslash and an arrow for a tilde. Such letters are written out as words: a dose is
never shown by a look-alike. What still has no letter is shown as `?`. A row that is too long ends
in `>`, so that a cut is seen; screens for 20x4 are worded so that it never happens.

Control characters never reach a display: on a terminal they are commands, and a patient's name may
not move the cursor (T5).
"""

import unicodedata

WORDS = {
    "µg": "micrograms",
    "μg": "micrograms",
    "µ": "micro",
    "μ": "micro",
    "°": " deg ",
    "£": "GBP ",
    "€": "EUR ",
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "×": "x",  # noqa: RUF001 - the letter is what is meant
    "–": "-",  # noqa: RUF001 - dashes of all lengths
    "—": "-",
    "‘": "'",  # noqa: RUF001 - quotation marks of all shapes
    "’": "'",  # noqa: RUF001 - as above
    "“": '"',
    "”": '"',
    "…": "...",
    "\\": "/",
    "~": "-",
}
"""Letters that a character display lacks or shows wrong, and what is written instead."""


def plain(text: str) -> str:
    """Text in the letters that every HD44780 has: ASCII without backslash and tilde."""
    for letter, words in WORDS.items():
        text = text.replace(letter, words)
    letters = []
    for letter in unicodedata.normalize("NFKD", text):
        if unicodedata.combining(letter):
            continue
        letters.append(letter if " " <= letter <= "}" and letter != "\\" else "?")
    return "".join(letters)


def shown(text: str) -> str:
    """Text fit for a terminal: everything that is no visible letter becomes `?`."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def fitted(rows: tuple[str, ...], columns: int, lines: int) -> tuple[str, ...]:
    """Exactly `lines` rows of exactly `columns` letters; what is cut ends in `>`."""
    filled = [*rows, *[""] * lines][:lines]
    return tuple(
        row.ljust(columns) if len(row) <= columns else row[: columns - 1] + ">" for row in filled
    )


def changed_runs(before: tuple[str, ...], after: tuple[str, ...]) -> list[tuple[int, int, str]]:
    """What to rewrite: (row, first column, letters), row by row, only cells that differ.

    Both must have the same shape; `fitted` makes it.
    """
    runs: list[tuple[int, int, str]] = []
    for row, (old, new) in enumerate(zip(before, after, strict=True)):
        begin: int | None = None
        for column, (was, now) in enumerate(zip(old, new, strict=True)):
            if was != now and begin is None:
                begin = column
            elif was == now and begin is not None:
                runs.append((row, begin, new[begin:column]))
                begin = None
        if begin is not None:
            runs.append((row, begin, new[begin:]))
    return runs
