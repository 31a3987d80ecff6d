"""A screen as rows of text: the full display's 50 x 18, or any other size.

Nothing that names a patient or a medicine is ever cut: a line that is too long wraps between words
and goes on, indented, below. Where a body is too long for the display the rows say how many more
there are; the machine pages lists at nine lines so that this stays rare.
"""

import textwrap

from cabinet.screens.screen import Banner, Key, Line, Screen

COLUMNS = 50
ROWS = 18
INDENT = "     "


def wrap(text: str, columns: int, indent: str = "") -> list[str]:
    """Wrap between words; a single word longer than the row is broken, not cut."""
    if not text:
        return [""]
    return textwrap.wrap(
        text,
        columns,
        subsequent_indent=indent,
        drop_whitespace=True,
        break_on_hyphens=False,
        replace_whitespace=False,
    ) or [""]


def sides(left: str, right: str, columns: int) -> list[str]:
    """One row with text at both ends, or two rows where they do not fit."""
    if not right:
        return wrap(left, columns)
    if len(left) + len(right) + 1 <= columns:
        return [left + " " * (columns - len(left) - len(right)) + right]
    return [*wrap(left, columns), right.rjust(columns)[-columns:]]


def banner_rows(banner: Banner, columns: int) -> list[str]:
    """Who it is: two or three rows, and the allergy strip in rows of its own."""
    rows = sides(banner.name, f"Born {banner.born}", columns)
    rows += sides(f"NHS No. {banner.nhs}", f"Gender {banner.gender}", columns)
    if banner.place:
        rows += [banner.place.rjust(columns)[-columns:]]
    rows += wrap(banner.allergies, columns, INDENT)
    return [*rows, "-" * columns]


def line_rows(line: Line, columns: int) -> list[str]:
    """One line of the body with its choice number."""
    if line.mark == "rule":
        return ["-" * columns]
    lead = f"{line.choice:>2}  " if line.choice else ""
    return wrap(lead + line.text, columns, INDENT if lead else "  " * bool(line.text))


def key_rows(keys: tuple[Key, ...], columns: int) -> list[str]:
    """The live keys, `A  take all due`, as many to a row as fit."""
    rows: list[str] = []
    for key in keys:
        word = f"{key.key}  {key.meaning}"
        if rows and len(rows[-1]) + 4 + len(word) <= columns:
            rows[-1] += "    " + word
        else:
            rows += wrap(word, columns, "   ")
    return rows


def rows_of(screen: Screen, columns: int = COLUMNS, rows: int = ROWS) -> tuple[str, ...]:
    """The whole screen as exactly `rows` rows of at most `columns` characters."""
    head = sides(screen.title, screen.status, columns) if screen.title or screen.status else []
    for notice in screen.notices:
        head += wrap(f"! {notice}", columns, "  ")
    if screen.banner:
        head += banner_rows(screen.banner, columns)
    foot = wrap(screen.prompt, columns) if screen.prompt else []
    foot += key_rows(screen.keys, columns)
    body = [row for line in screen.lines for row in line_rows(line, columns)]
    space = max(rows - len(head) - len(foot), 0)
    if len(body) > space:
        more = len(body) - space + 1
        body = [*body[: max(space - 1, 0)], f"  ... {more} more rows: press D"][:space]
    body += [""] * (space - len(body))
    return tuple(row.ljust(columns)[:columns] for row in (head + body + foot)[:rows])


def words_of(screen: Screen) -> str:
    """Everything on the screen as one string, for looking words up in it."""
    parts = [screen.title, screen.status, *screen.notices]
    if screen.banner:
        banner = screen.banner
        parts += [
            banner.name,
            f"Born {banner.born}",
            f"Gender {banner.gender}",
            f"NHS No. {banner.nhs}",
            banner.place,
            banner.allergies,
        ]
    parts += [f"{line.choice} {line.text}".strip() for line in screen.lines]
    parts += [screen.prompt, *(f"{key.key} {key.meaning}" for key in screen.keys)]
    return "\n".join(part for part in parts if part)
