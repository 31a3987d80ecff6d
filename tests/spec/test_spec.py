"""The published rules, each scenario played through the whole simulated cabinet."""

from pathlib import Path

import pytest

from sim.play.feature import Scenario, find_files, read_feature
from sim.play.runner import play

HERE = Path(__file__).parent
SCENARIOS = [scenario for path in find_files((HERE,)) for scenario in read_feature(path)]


@pytest.mark.parametrize(
    "scenario", [pytest.param(one, id=f"{one.path.stem}-{one.line}") for one in SCENARIOS]
)
def test_the_rule_holds(scenario: Scenario) -> None:
    outcome = play(scenario)
    assert outcome.failure == ""
