"""Rules about the sources that no linter knows: what a reviewer would otherwise have to repeat."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
PACKAGES = ("statemachine", "hal", "cabinet", "pharmacy", "sim")
SOURCES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)
TABLES = frozenset(
    {
        # Tables read top to bottom in one file: that is the point of them.
        "statemachine/tasks/remove.py",
        "statemachine/tables/drawer.py",
    }
)


def name(path: Path) -> str:
    """The path as a reader would write it."""
    return path.relative_to(ROOT).as_posix()


def tracked() -> list[Path]:
    """Every file that is committed or about to be."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in done.stdout.splitlines() if (ROOT / line).is_file()]


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_file_is_short_enough_to_be_read_at_once(path: Path) -> None:
    if name(path) in TABLES:
        return
    assert len(path.read_text().splitlines()) <= FILE_LINES_MAX


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_function_is_short_enough_to_be_held_in_the_head(path: Path) -> None:
    long = [
        f"{node.name}: {(node.end_lineno or 0) - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_only_the_gate_asks_a_lock_for_a_lease() -> None:
    callers = {
        name(path)
        for path in SOURCES
        if path.is_relative_to(ROOT / "cabinet")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "lease"
    }
    assert callers == {"cabinet/gate.py"}


def test_the_contract_of_the_pharmacy_names_every_room_of_the_cabinet_but_the_wire() -> None:
    import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    named = next(c for c in contracts if c["name"].startswith("of the cabinet"))
    rooms = {
        f"cabinet.{path.stem}"
        for path in (ROOT / "cabinet").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    }
    assert set(named["forbidden_modules"]) == rooms - {"cabinet.wire"}


def test_the_gate_can_be_read_in_one_sitting() -> None:
    assert len((ROOT / "cabinet" / "gate.py").read_text().splitlines()) < 150


def test_nothing_is_left_for_later_in_the_text() -> None:
    words = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    assert [name(path) for path in SOURCES if words.search(path.read_text())] == []


def test_nothing_committed_names_a_machine_or_a_registry() -> None:
    told = re.compile(
        r"/wo" + r"rk/|\.libr" + r"ary|farm-" + r"(studio|bench)|py" + r"pi\.org|pythonhos" + r"ted"
    )
    guilty = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if told.search(text):
            guilty.append(name(path))
    assert guilty == []


def test_no_third_party_message_was_copied_in() -> None:
    corpora = ROOT.parent / "shared" / "corpora"
    if not corpora.is_dir():
        pytest.skip("the third-party corpora are not beside this checkout")
    theirs = {
        path.read_bytes().strip()
        for path in corpora.rglob("*.hl7")
        if len(path.read_bytes().strip()) > 80
    }
    copied = [name(path) for path in tracked() if path.read_bytes().strip() in theirs]
    assert copied == []


def test_our_own_statemachine_is_imported_and_not_the_library_of_that_name() -> None:
    import statemachine

    assert Path(str(statemachine.__file__)).is_relative_to(ROOT)


def test_every_generated_document_is_current() -> None:
    import sys

    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
