"""Feature files: from bytes somebody wrote to scenarios that can be played.

Gherkin is read by the official parser. What it lets through and we do not: a file without a
scenario, a scenario without a step, an outline without an example row, and a misspelt keyword
(`Scenarioo:`), which the parser takes for prose. A hostile file (binary, huge, wrong encoding) is
refused with a sentence.
"""

import difflib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gherkin.errors import CompositeParserException, ParserException
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from sim.play.pattern import BadValue
from sim.play.registry import StepFailed, find

FILE_BYTES_MAX = 1024 * 1024
FILES_MAX = 2_000
SCENARIOS_MAX = 5_000
LINE_MAX = 4_000

_KEYWORDS = (
    "Background:",
    "Scenario:",
    "Scenario Outline:",
    "Scenario Template:",
    "Example:",
    "Examples:",
)
"""Keywords that steps or rows stand below."""
_STEP_WORDS = ("Given ", "When ", "Then ", "And ", "But ", "* ")


class BadFeature(Exception):  # noqa: N818 - a sentence for the author of a file
    """A feature file cannot be played; the message names file, line and what to do."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One step as written: its text and where it stands."""

    keyword: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario, outlines already filled in."""

    path: Path
    line: int
    feature: str
    name: str
    tags: tuple[str, ...]
    sentences: tuple[Sentence, ...]


def find_files(places: tuple[Path, ...]) -> tuple[Path, ...]:
    """The `.feature` files meant by files and folders, in order, each once.

    Raises:
        BadFeature: a place does not exist, is no feature file, or a folder holds none.
    """
    found: dict[Path, None] = {}
    for place in places:
        if place.is_dir():
            inside = sorted(path for path in place.rglob("*.feature") if path.is_file())
            if not inside:
                raise BadFeature(f"{place}: there is no .feature file in this folder.")
            found.update(dict.fromkeys(inside))
        elif place.is_file():
            found[place] = None
        else:
            raise BadFeature(f"{place}: there is no such file or folder.")
        if len(found) > FILES_MAX:
            raise BadFeature(f"{place}: more than {FILES_MAX} files; play them folder by folder.")
    return tuple(found)


def read_feature(path: Path) -> tuple[Scenario, ...]:
    """The scenarios of one file.

    Raises:
        BadFeature: it cannot be read, is hostile, or holds nothing to play.
    """
    text = _read_text(path)
    try:
        document: Any = Parser().parse(text)
    except CompositeParserException as error:
        raise BadFeature(f"{path}: {_first_error(error.errors[0])}") from error
    except ParserException as error:
        raise BadFeature(f"{path}: {_first_error(error)}") from error
    feature = document.get("feature")
    if feature is None:
        raise BadFeature(f"{path}: there is no Feature in this file.")
    _refuse_prose_that_looks_like_steps(path, feature)
    lines = dict(_step_lines(feature))
    names = dict(_scenarios(feature))
    if not names:
        raise BadFeature(f"{path}: there is no scenario in this file.")
    _refuse_empty(path, names.values())
    document["uri"] = str(path)
    pickles: list[Any] = list(Compiler().compile(document))
    if len(pickles) > SCENARIOS_MAX:
        raise BadFeature(f"{path}: {len(pickles)} scenarios; at most {SCENARIOS_MAX} are played.")
    return tuple(_scenario(path, feature["name"], pickle, lines) for pickle in pickles)


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise BadFeature(f"{path}: cannot be read ({error.strerror}).") from error
    if len(data) > FILE_BYTES_MAX:
        raise BadFeature(f"{path}: longer than {FILE_BYTES_MAX} bytes; this is no feature file.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFeature(
            f"{path}: not UTF-8 text (byte {error.start}); save the file as UTF-8."
        ) from error
    control = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text)
    if control is not None:
        line = text.count("\n", 0, control.start()) + 1
        raise BadFeature(
            f"{path}:{line}: control character {control.group()!r}; inside quotes write \\x1D."
        )
    for number, line_text in enumerate(text.splitlines(), 1):
        if len(line_text) > LINE_MAX:
            raise BadFeature(f"{path}:{number}: a line longer than {LINE_MAX} characters.")
    return text


def _first_error(error: Exception) -> str:
    location = getattr(error, "location", None) or {}
    text = " ".join(str(error).split())
    return f"line {location.get('line', '?')}: {text}"


def _children(feature: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every background and scenario, rules opened."""
    for child in feature["children"]:
        if "rule" in child:
            yield from _children(child["rule"])
        else:
            yield from child.values()


def _step_lines(feature: dict[str, Any]) -> Iterator[tuple[str, tuple[int, str]]]:
    for child in _children(feature):
        for one in child["steps"]:
            yield one["id"], (one["location"]["line"], one["keyword"].strip())


def _scenarios(feature: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for child in _children(feature):
        if "examples" in child:
            yield child["id"], child


def _refuse_empty(path: Path, scenarios: Any) -> None:
    for scenario in scenarios:
        line = scenario["location"]["line"]
        if not scenario["steps"]:
            raise BadFeature(f"{path}:{line}: this scenario has no step.")
        for one in scenario["steps"]:
            if "docString" in one or "dataTable" in one:
                at = one["location"]["line"]
                raise BadFeature(f"{path}:{at}: steps take no tables and no texts below them.")
        rows = sum(len(examples.get("tableBody", ())) for examples in scenario["examples"])
        if (scenario["examples"] or "Outline" in scenario["keyword"]) and not rows:
            raise BadFeature(f"{path}:{line}: this outline has no example row.")
        if any(not examples.get("tableBody") for examples in scenario["examples"]):
            raise BadFeature(f"{path}:{line}: a table of examples of this outline has no row.")


def _refuse_prose_that_looks_like_steps(path: Path, feature: dict[str, Any]) -> None:
    """The parser takes a misspelt keyword for prose; its steps would never be played."""
    holders = [feature, *(c["rule"] for c in feature["children"] if "rule" in c)]
    holders += list(_children(feature))
    holders += [e for c in _children(feature) for e in c.get("examples", ())]
    for holder in holders:
        start = holder["location"]["line"]
        lines = [line.strip() for line in holder.get("description", "").splitlines()]
        lines = [line for line in lines if line]
        for line, after in itertools.pairwise([*lines, ""]):
            like = difflib.get_close_matches(line.partition(":")[0] + ":", _KEYWORDS, 1, 0.75)
            if ":" in line and like and after.startswith(_STEP_WORDS):
                raise BadFeature(
                    f'{path}: after line {start}: "{line[:60]}" reads as prose. '
                    f'Did you mean "{like[0]}"?'
                )
            if _is_step(line):
                raise BadFeature(
                    f'{path}: after line {start}: the step "{line[:60]}" belongs to no scenario.'
                )


def _is_step(line: str) -> bool:
    try:
        find(line.partition(" ")[2].strip())
    except (StepFailed, BadValue):
        return False
    return True


def _scenario(
    path: Path, feature: str, pickle: dict[str, Any], lines: dict[str, tuple[int, str]]
) -> Scenario:
    sentences = []
    for one in pickle["steps"]:
        line, keyword = lines[one["astNodeIds"][0]]
        sentences.append(Sentence(keyword, one["text"], line))
    return Scenario(
        path=path,
        line=pickle["location"]["line"],
        feature=feature,
        name=pickle["name"],
        tags=tuple(tag["name"] for tag in pickle["tags"]),
        sentences=tuple(sentences),
    )
