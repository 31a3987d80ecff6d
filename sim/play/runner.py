"""Playing scenarios: one stage each, step by step, and what is said when one does not hold."""

import datetime as dt
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hal.ports import HardwareFault
from pharmacy.services import ServiceError
from sim.cabinet import NotSeen
from sim.play.artifacts import write_artifacts
from sim.play.feature import BadFeature, Scenario, Sentence, read_feature
from sim.play.pattern import BadValue
from sim.play.registry import Step, StepFailed, find
from sim.play.stage import DEFAULT_START, Stage
from sim.world import CannotHappen

MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - a disk of memory where the system has one; files are private
"""Journals are committed thousands of times a scenario; in memory that costs nothing."""

CAN_FAIL = (BadValue, CannotHappen, HardwareFault, NotSeen, ServiceError)
"""What a step that cannot be carried out raises, beside StepFailed: sentences."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a scenario ended.

    Attributes:
        failure: empty when all held, else the first failing step, with what was seen.
    """

    scenario: Scenario
    failure: str = ""

    @property
    def held(self) -> bool:
        """Whether every step held."""
        return not self.failure


def play_file(path: Path, *, seed: int = 0, artifacts: Path | None = None) -> Iterator[Outcome]:
    """Play the scenarios of one file.

    Raises:
        BadFeature: the file cannot be played at all.
    """
    for scenario in read_feature(path):
        yield play(scenario, seed=seed, artifacts=artifacts)


def play(scenario: Scenario, *, seed: int = 0, artifacts: Path | None = None) -> Outcome:
    """Play one scenario on a stage of its own."""
    found: list[tuple[Sentence, Step, dict[str, Any]]] = []
    for sentence in scenario.sentences:
        try:
            found.append((sentence, *find(sentence.text)))
        except (StepFailed, BadValue) as error:
            return Outcome(scenario, _where(scenario, sentence.line, sentence, str(error)))
    with _folder() as folder:
        try:
            failure = _play_on_a_stage(scenario, found, folder, seed, artifacts)
        except Exception as defect:  # noqa: BLE001 - a defect fails its scenario; others are played
            failure = f"{scenario.path}:{scenario.line}: {_defect(defect)}"
    return Outcome(scenario, failure)


def _play_on_a_stage(
    scenario: Scenario,
    found: list[tuple[Sentence, Step, dict[str, Any]]],
    folder: Path,
    seed: int,
    artifacts: Path | None,
) -> str:
    """The first failure, or nothing; what is left for strangers is written either way."""
    stage = Stage(folder=folder, base=scenario.path.parent, seed=seed, start=_start(found))
    try:
        stage.ward.keeps_cards = any("is restored from" in s.text for s in scenario.sentences)
        failure = _play_steps(stage, scenario, found)
        if artifacts is not None:
            write_artifacts(stage, artifacts / folder_name(scenario))
    finally:
        stage.ward.close()
    return failure


def _defect(defect: Exception) -> str:
    where = traceback.extract_tb(defect.__traceback__)[-1]
    return (
        f"a defect: {type(defect).__name__} in {Path(where.filename).name}:{where.lineno}: {defect}"
    )


def _play_steps(
    stage: Stage, scenario: Scenario, found: list[tuple[Sentence, Step, dict[str, Any]]]
) -> str:
    """The first failure, or nothing."""
    for place, (sentence, known, values) in enumerate(found):
        if known.sets_the_scene and not stage.begun:
            if known.later:
                return _where(scenario, sentence.line, sentence, _not_built(known))
            stage.keep_back(known.phase, place, _doing(stage, known, values))
            continue
        if not stage.begun:
            failure = _attempt(stage, stage.begin)
            if failure:
                failed = found[stage.at_line][0]
                return _where(scenario, failed.line, failed, failure)
        before_a_step(stage, known)
        failure = _attempt(stage, _doing(stage, known, values))
        if failure:
            return _where(scenario, sentence.line, sentence, failure)
    if not stage.begun:
        failure = _attempt(stage, stage.begin)
        if failure:
            failed = found[stage.at_line][0]
            return _where(scenario, failed.line, failed, failure)
    return ""


PEOPLE_DO = 1
"""The chapter of steps that can be refused: a refusal is about the last of them."""
MUST_BE_TRUE = 3
"""The chapter of steps that only look."""
AT_THE_DRAWER = frozenset(
    {"counts", "closes", "takes", "puts_back", "leaves_open", "answers", "presses"}
)
"""Steps that a drawer opened for a count stays open for."""


def before_a_step(stage: Stage, known: Step) -> None:
    """What ends where a new step begins."""
    if known.chapter < MUST_BE_TRUE and known.doing.__name__ not in AT_THE_DRAWER:
        shut_after_count(stage)
    if known.chapter == PEOPLE_DO:
        stage.refusals.clear()


def shut_after_count(stage: Stage) -> None:
    """Whoever opened a drawer to count shuts it before turning to something else."""
    drawer, stage.opened_for_count = stage.opened_for_count, None
    world = stage.cabinet.world
    if drawer is not None and world.state(drawer) == "open":
        world.push(drawer)
        stage.ward.settle()


def _doing(stage: Stage, known: Step, values: dict[str, Any]) -> Callable[[], None]:
    return lambda: known.run(stage, values)


def _not_built(known: Step) -> str:
    return f'not built yet: it comes with "{known.later}".'


def _attempt(stage: Stage, doing: Callable[[], None]) -> str:
    """Carry something out; the sentence it failed with, or nothing."""
    try:
        doing()
    except StepFailed as error:
        return str(error)
    except CAN_FAIL as error:
        text = str(error.args[0]) if error.args else type(error).__name__
        return text + stage.seen()
    except Exception as defect:  # noqa: BLE001 - as above
        return _defect(defect) + stage.seen()
    return ""


def _where(scenario: Scenario, line: int, sentence: Sentence, failure: str) -> str:
    return f"{scenario.path}:{line}: {sentence.keyword} {sentence.text}\n      {failure}"


def _start(found: list[tuple[Sentence, Step, dict[str, Any]]]) -> dt.datetime:
    """The last `the time is` before anything happens."""
    start = DEFAULT_START
    for _, known, values in found:
        if not known.sets_the_scene:
            break
        start = values.get("at", start)
    return start


def folder_name(scenario: Scenario) -> str:
    """A folder's name for a scenario: file, line and title, in plain characters."""
    plain = "".join(c if c.isalnum() else "-" for c in scenario.name.casefold())
    return f"{scenario.path.stem}-{scenario.line}-{'-'.join(filter(None, plain.split('-')))[:60]}"


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder of its own for one scenario, in memory where there is such a disk."""
    parent = MEMORY_DISK if MEMORY_DISK.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="cabinet-sim-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


__all__ = ["BadFeature", "Outcome", "folder_name", "play", "play_file"]
