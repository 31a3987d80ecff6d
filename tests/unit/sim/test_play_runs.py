"""`cabinet-sim play`: what it says, what it leaves behind, and that it repeats itself."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sim.__main__ import main

WARD = """Feature: F
  Background:
    Given a cabinet "A" with 3 drawers of 2 pockets
    And the time is 23-Nov-2026 08:00
    And nurse "Nina" with badge "B1" and PIN "246810"
    And patient "P1" SMITH, John (Mr) born 14-Jul-1945 male NHS number 943 476 5919
    And product "senna 7.5 mg tablets"
    And pocket "3-2" of "A" holds 40 "senna 7.5 mg tablets"
    And an order "O1" for "P1": 2 "senna 7.5 mg tablets" at 08:00, 20:00
  Scenario: S
"""
REMOVAL = """
    When "Nina" signs in
    And "Nina" chooses patient "P1"
    And "Nina" takes all that is due
    And she opens the drawer
    And she takes 2
    And "Nina" scans the pack of "senna 7.5 mg tablets"
    And she closes the drawer
    Then pocket "3-2" is booked at 38 and holds 38 in truth
"""


def played(folder: Path, steps: str, *options: str) -> Result:
    path = folder / "a.feature"
    path.write_text(WARD + steps)
    return CliRunner().invoke(main, ["play", str(path), *options])


def test_a_scenario_that_holds_exits_0(tmp_path: Path) -> None:
    result = played(tmp_path, REMOVAL)
    assert result.exit_code == 0
    assert re.search(r"^ok .*a\.feature:10  S$", result.output, re.MULTILINE)
    assert "1 scenarios, 0 did not hold" in result.output


def test_the_first_step_that_does_not_hold_is_named_by_file_and_line_with_what_was_seen(
    tmp_path: Path,
) -> None:
    result = played(tmp_path, '    When "Nina" signs in\n    Then drawer 1 is open\n')
    assert result.exit_code == 1
    assert f"{tmp_path}/a.feature:12: Then drawer 1 is open\n      drawer 1 is locked." in (
        result.output
    )
    assert "SMITH, John (Mr)" in result.output
    assert "session.opened" in result.output


def test_a_step_of_the_world_before_that_fails_is_named_by_its_own_line(tmp_path: Path) -> None:
    result = played(
        tmp_path,
        '    Given an order "O2" for "P9": 1 "senna 7.5 mg tablets"\n    When "Nina" signs in\n',
    )
    assert result.exit_code == 1
    assert f'{tmp_path}/a.feature:11: Given an order "O2"' in result.output


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ('    When "Nina" dances\n', "unknown step"),
        ('    When "Wes" witnesses\n', 'not built yet: it comes with "Every task'),
        ("    When she takes 2\n", "no drawer has been released yet"),
        ('    When "Nobody" signs in\n', 'nobody here is called "Nobody"; introduced are: Nina'),
        ("    When drawer 9 opens by itself\n", "There is no drawer 9"),
    ],
)
def test_what_the_world_cannot_do_fails_with_a_sentence(
    tmp_path: Path, steps: str, says: str
) -> None:
    result = played(tmp_path, steps)
    assert result.exit_code == 1
    assert says in result.output
    assert "Traceback" not in result.output


def test_a_choice_that_is_not_offered_is_a_refusal_and_not_a_failed_step(tmp_path: Path) -> None:
    steps = """
    When "Nina" signs in
    And "Nina" removes order "O1"
    And "Nina" chooses patient "P1"
    And "Nina" answers "no such answer"
    And "Nina" removes 9 "senna 7.5 mg tablets"
    Then no drawer is released
    And the log holds no release.intent
"""
    assert played(tmp_path, steps).output.startswith("ok")


def test_artifacts_are_what_a_stranger_needs(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = played(tmp_path, REMOVAL, "--artifacts", str(out))
    assert result.exit_code == 0
    (folder,) = out.iterdir()
    assert sorted(path.name for path in folder.iterdir()) == [
        "bodies.txt",
        "cabinet.pem",
        "dn.jws",
        "journal.sqlite",
        "leases.jsonl",
        "pharmacy.pem",
        "pharmacy.sqlite",
        "up.jws",
    ]
    leases = [json.loads(line) for line in (folder / "leases.jsonl").read_text().splitlines()]
    assert [sorted(lease) for lease in leases] == [["drawer", "intent", "milliseconds", "time"]]
    assert (leases[0]["drawer"], leases[0]["milliseconds"]) == (3, 5000)


def test_equal_seeds_write_equal_logs_and_other_seeds_others(tmp_path: Path) -> None:
    logs = []
    for name, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        out = tmp_path / name
        assert played(tmp_path, REMOVAL, "--artifacts", str(out), "--seed", seed).exit_code == 0
        (folder,) = out.iterdir()
        # Not dn.jws: each sealed PIN verifier has a fresh ephemeral key, as it must.
        logs.append(((folder / "up.jws").read_text(), (folder / "leases.jsonl").read_text()))
    assert logs[0] == logs[1]
    assert logs[0][0] != logs[2][0]


def test_power_that_fails_twice_is_a_mistake_of_the_scenario(tmp_path: Path) -> None:
    result = played(tmp_path, "    When the power fails\n    And the power fails\n")
    assert "the power has failed already" in result.output


def test_six_days_pass_without_sleeping(tmp_path: Path) -> None:
    steps = "    When the power fails\n    And 6 days pass\n    Then drawer 3 is locked\n"
    assert played(tmp_path, steps).exit_code == 0
