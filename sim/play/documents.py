"""Documents made from the scenarios: the words they are written in, and the rules as a manual."""

from pathlib import Path

from sim.play.feature import Scenario, Sentence, find_files, read_feature
from sim.play.registry import reference

SPEC = Path(__file__).resolve().parents[2] / "tests" / "spec"
STEPS_PAGE = "docs/reference/steps.md"
RULES_PAGE = "docs/specification.md"
_OPENING = """# The rules, as they are tested

<!-- Made from tests/spec/*.feature by `make docs`; change those, not this page. -->

Chapter by chapter after the ward's rules. Every sentence below is played through the whole
simulated cabinet on each run of `make test`; a chapter's first steps hold for each of its
scenarios.
"""


def documents() -> dict[str, str]:
    """Both pages by their places, for `docs/generate.py`."""
    return {STEPS_PAGE: reference(), RULES_PAGE: rules()}


def rules() -> str:
    """The manual."""
    parts = [_OPENING]
    for path in find_files((SPEC,)):
        scenarios = read_feature(path)
        parts.append(f"## {scenarios[0].feature}\n")
        shared = [said for said in scenarios[0].sentences if said.line < scenarios[0].line]
        if shared:
            parts.append("Throughout this chapter:\n\n" + _steps(shared))
        parts += [_section(scenario) for scenario in scenarios]
    return "\n".join(parts)


def _section(scenario: Scenario) -> str:
    """One scenario: its sentence, its tags, and the steps that are its own."""
    tags = f" ({', '.join(scenario.tags)})" if scenario.tags else ""
    own = [said for said in scenario.sentences if said.line >= scenario.line]
    return f"### {scenario.name}{tags}\n\n{_steps(own)}"


def _steps(sentences: list[Sentence]) -> str:
    return "".join(f"- {said.keyword.strip()} {said.text}\n" for said in sentences)
