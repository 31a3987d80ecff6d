"""The 20x4 display: status, sign-in, counts, alarms, and the fallback when nothing larger works.

A lossy view with rules of its own: it never shows a patient or an order, because a cut name is
worse than none (RULES 10). Patient work needs the full display and this one says so.
"""

from cabinet.screens.screen import Screen
from cabinet.screens.text import wrap

COLUMNS = 20
ROWS = 4
QUESTIONS = ("signin.", "handover.", "count.")
"""Screens whose one question fits here, by the start of their id."""


def rows_of(screen: Screen) -> tuple[str, ...]:
    """Exactly four rows of twenty characters."""
    if screen.notices and not screen.id.startswith("count."):
        rows = wrap(screen.notices[0], COLUMNS)
    elif screen.id == "signin.badge":
        rows = [screen.prompt, *(row for line in screen.lines for row in _short(line.text))]
    elif screen.id.startswith(QUESTIONS) and screen.banner is None:
        rows = _question(screen)
    else:
        rows = ["Patient work is on", "the large display."]
    rows = rows[:ROWS] + [""] * (ROWS - len(rows))
    return tuple(row.ljust(COLUMNS)[:COLUMNS] for row in rows)


def _short(text: str) -> list[str]:
    """One status line as rows that fit: its parts stand four spaces apart."""
    return [row for part in text.split("    ") for row in wrap(part.strip(), COLUMNS)]


def _question(screen: Screen) -> list[str]:
    """The question on three rows, what is typed and the keys on the last."""
    typed = next((line.text for line in screen.lines if line.text.startswith("[")), "")
    stars = next((line.text for line in screen.lines if line.text.startswith("PIN")), "")
    rows = wrap(screen.prompt or screen.title, COLUMNS)[: ROWS - 1]
    keys = " ".join(f"{key.key}={key.meaning.split(',')[0]}" for key in screen.keys)
    field = typed.replace(" ", "") or stars
    return [*rows, f"{field} {keys}".strip()[:COLUMNS]]
