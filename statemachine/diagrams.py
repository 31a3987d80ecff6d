"""State diagrams and row listings, drawn from the same tables that run.

`documents()` gives one Markdown page a table: the mode, a drawer, and a session by task. Each page
holds the essay, a Mermaid diagram, every state with its meaning, and every row with its guards as
sentences. `docs/generate.py` writes them; a check fails when they are stale.
"""

from collections.abc import Callable

from statemachine.table import Cell, Guard, Row, Table, names
from statemachine.tables import drawer, mode, session
from statemachine.tasks import alarms, count, home, patient, remove, signin

SHARED = frozenset({"idle", "moved", "ward changed", "badge", "key C", "unreadable"})
"""Events that every phase of a session answers alike; drawn once, in the session's own page."""


class Page:
    """One page: a table, or the part of the session's table that one task owns."""

    def __init__(self, title: str, table: Table, essay: str, owns: Callable[[str], bool]) -> None:
        self.title = title
        self.table = table
        self.essay = essay
        self.owns = owns

    @property
    def states(self) -> tuple[str, ...]:
        """The states this page is about, in the order of their table."""
        return tuple(state for state in self.table.states if self.owns(state))

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows that start in one of them, in the order of their table."""
        return tuple(
            row for row in self.table.rows if any(self.owns(one) for one in names(row.source))
        )


def _tasks(*tasks: str) -> Callable[[str], bool]:
    return lambda state: state.partition(".")[0] in tasks


def pages() -> dict[str, Page]:
    """Every page by the path it is written to, under the root of the project."""
    here = "docs/reference/state-"
    return {
        f"{here}mode.md": Page("Cabinet mode", mode.TABLE, mode.__doc__ or "", _everything),
        f"{here}drawer.md": Page("Drawer", drawer.TABLE, drawer.__doc__ or "", _everything),
        f"{here}session.md": Page("Session", session.TABLE, session.__doc__ or "", _nothing),
        f"{here}signin.md": Page(
            "Signing in", session.TABLE, signin.__doc__ or "", _tasks("signin", "handover")
        ),
        f"{here}home.md": Page(
            "Choosing the patient",
            session.TABLE,
            home.__doc__ or "",
            lambda state: state in {phase.name for phase in home.PHASES},
        ),
        f"{here}patient.md": Page(
            "Opening a patient's list",
            session.TABLE,
            patient.__doc__ or "",
            lambda state: state in {phase.name for phase in patient.PHASES},
        ),
        f"{here}alarms.md": Page(
            "Alarms", session.TABLE, alarms.__doc__ or "", lambda state: state == "home.alarms"
        ),
        f"{here}remove.md": Page(
            "Removing a dose",
            session.TABLE,
            remove.__doc__ or "",
            lambda state: state in {phase.name for phase in remove.PHASES},
        ),
        f"{here}count.md": Page(
            "Counting a pocket", session.TABLE, count.__doc__ or "", _tasks("count")
        ),
    }


def _everything(_state: str) -> bool:
    return True


def _nothing(_state: str) -> bool:
    return False


def documents() -> dict[str, str]:
    """Every page's text by its path."""
    return {path: render(page) for path, page in pages().items()}


def render(page: Page) -> str:
    """One page as Markdown."""
    parts = [
        f"# States: {page.title}",
        "<!-- Written by docs/generate.py from the table that runs: change the table. -->",
        page.essay.strip(),
        _size(page.table),
    ]
    if page.states:
        parts += ["## Diagram", _diagram(page), "## States", _states(page), "## Rows"]
        parts.append(_rows(page.rows, page.owns))
    else:
        shared = tuple(row for row in page.table.rows if set(names(row.event)) <= SHARED)
        parts += ["## Rows that every phase shares", _rows(shared, _everything)]
    return "\n\n".join(parts) + "\n"


def _size(table: Table) -> str:
    kinds = list(table.matrix.values())
    return (
        f"Table `{table.name}`: {len(table.states)} states, {len(table.events)} events, "
        f"{len(kinds)} pairs: {kinds.count('rows')} in rows, {kinds.count('ignored')} ignored, "
        f"{kinds.count('impossible')} impossible."
    )


def _id(state: str) -> str:
    return state.replace(".", "_").replace(" ", "_")


def _diagram(page: Page) -> str:
    drawn: dict[tuple[str, str], list[str]] = {}
    for (state, event), cells in page.table.groups.items():
        if not page.owns(state) or (page.table is session.TABLE and event in SHARED):
            continue
        for cell in cells:
            if cell.dest != state:
                words = drawn.setdefault((state, cell.dest), [])
                label = _label(cell)
                if label not in words:
                    words.append(label)
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR"]
    shown = dict.fromkeys([*page.states, *(dest for _, dest in drawn)])
    lines += [f'    state "{state}" as {_id(state)}' for state in shown]
    if page.owns(page.table.initial):
        lines.append(f"    [*] --> {_id(page.table.initial)}")
    for (source, dest), words in drawn.items():
        lines.append(f"    {_id(source)} --> {_id(dest)}: {_joined(words)}")
    return "\n".join([*lines, "```"])


def _joined(words: list[str]) -> str:
    for reed in ("closed", "open", "unknown"):
        for tail in ("", *sorted({word[word.index(" [") :] for word in words if " [" in word})):
            three = [f"sensed {reed} {lock}{tail}" for lock in ("locked", "unlocked", "unknown")]
            if set(three) <= set(words):
                words = [f"sensed {reed}, any bolt{tail}"] + [w for w in words if w not in three]
    shown = words[:4]
    more = len(words) - len(shown)
    return ", ".join(shown) + (f", and {more} more" if more else "")


def _label(cell: Cell) -> str:
    return f"{cell.event} [{len(cell.guards)}]" if cell.guards else cell.event


def _states(page: Page) -> str:
    lines = ["| State | Means |", "|---|---|"]
    lines += [f"| `{state}` | {page.table.phases[state].why} |" for state in page.states]
    return "\n".join(lines)


def _rows(rows: tuple[Row, ...], owns: Callable[[str], bool]) -> str:
    lines = ["| In | On | If | Then | Why |", "|---|---|---|---|---|"]
    for row in rows:
        sources = " ".join(f"`{one}`" for one in names(row.source) if owns(one))
        events = ", ".join(names(row.event))
        guards = "<br>".join(_sentence(guard) for guard in row.guards) or "-"
        dest = f"`{row.dest}`" if row.dest is not None else "stays"
        lines.append(f"| {sources} | {events} | {guards} | {dest} | {row.why} |")
    return "\n".join(lines)


def _sentence(guard: Guard) -> str:
    said = (guard.__doc__ or guard.__name__).strip().splitlines()[0]
    return said.rstrip(".").replace("|", "/")
