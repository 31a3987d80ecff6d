"""Write every document that is made from the code; with --check, only say which are stale.

A generated document is a function from nothing to text, registered below with its place. `make
docs` writes them, `make check` and a test compare them.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SOURCES: tuple[tuple[str, str], ...] = (
    ("cabinet.settings_page", "documents"),
    ("sim.play.documents", "documents"),
    ("statemachine.diagrams", "documents"),
)
"""(module, function): each returns a mapping from a path under the root to its text."""


def documents() -> Iterator[tuple[Path, str]]:
    """Every generated document with the text it should have."""
    for module, function in SOURCES:
        make: Callable[[], dict[str, str]] = getattr(importlib.import_module(module), function)
        for place, text in sorted(make().items()):
            yield ROOT / place, text


def main(arguments: list[str]) -> int:
    """Write, or with --check compare; 1 when something was stale."""
    stale = [
        (path, text) for path, text in documents() if not path.exists() or path.read_text() != text
    ]
    for path, text in stale:
        name = path.relative_to(ROOT)
        if "--check" in arguments:
            print(f"{name} is not what the code says now. Run `make docs`.")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"wrote {name}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
