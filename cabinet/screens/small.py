"""The 20x4 display: status, sign-in, counts, alarms, and the fallback when nothing larger works.

A lossy view with rules of its own: it never shows a patient or an order, because a cut name is
worse than none (RULES 10). Patient work needs the full display and this one says so.
"""

from cabinet.screens.frame import View, stock_leg
from cabinet.screens.screen import Screen
from cabinet.screens.text import wrap
from statemachine.machines import asks

COLUMNS = 20
ROWS = 4
NAMES = ("signin.", "handover.", "count.")
"""Screens whose one question fits here, by the start of their id."""


def rows_of(view: View, screen: Screen) -> tuple[str, ...]:
    """Exactly four rows of twenty characters."""
    if screen.notices and not screen.id.startswith("count."):
        rows = wrap(screen.notices[0], COLUMNS)
    elif screen.id == "signin.badge":
        rows = _idle(view)
    elif screen.id.startswith(NAMES) and screen.banner is None:
        rows = _question(view, screen)
    else:
        rows = ["Patient work is on", "the large display."]
    rows = rows[:ROWS] + [""] * (ROWS - len(rows))
    return tuple(row.ljust(COLUMNS)[:COLUMNS] for row in rows)


def _idle(view: View) -> list[str]:
    due = sum(1 for pocket in view.ward.stock.pockets.values() if pocket.count_due)
    when = view.ward.house.epma_s
    minutes = (view.now.hi_s - when) // 60 if when is not None and view.now.decided else None
    age = "orders ?" if minutes is None else f"orders {minutes} min"
    rows = ["Tap your badge", age, stock_leg(view)]
    return [*rows, f"{due} count{'s' if due != 1 else ''} due"] if due else rows


def _question(view: View, screen: Screen) -> list[str]:
    rows = wrap(screen.prompt or screen.title, COLUMNS)[: ROWS - 1]
    if asks(view.machines, view.panel) == "number":
        rows.append(f"[{view.around.typed:<4}] #=OK B=back"[:COLUMNS])
    elif asks(view.machines, view.panel) == "pin":
        rows.append("[" + "*" * min(view.memory.digits, 12) + "] #=OK")
    return rows
