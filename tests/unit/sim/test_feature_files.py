"""Feature files that cannot be played are refused with a sentence."""

from pathlib import Path

import pytest

from sim.play.feature import FILE_BYTES_MAX, BadFeature, find_files, read_feature

GOOD = 'Feature: F\n  Scenario: S\n    When "Nina" signs in\n'


def written(folder: Path, data: bytes) -> Path:
    path = folder / "a.feature"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no Feature"),
        (b"Feature: F\n", "no scenario"),
        (b"Feature: F\n  Scenario: S\n", "no step"),
        (b"Feature: F\n  Scenarioo: S\n    When she takes 2\n", 'Did you mean "Scenario:"'),
        (
            (
                b"Feature: F\n  Scenarioo: A\n    When she takes 2\n"
                b"  Scenario: B\n    When she takes 2\n"
            ),
            'Did you mean "Scenario:"',
        ),
        (b"Feature: F\n  When she takes 2\n  Scenario: B\n    When she takes 2\n", "no scenario"),
        (b"Feature: F\n  Scenario Outline: S <n>\n    When she takes <n>\n", "no example row"),
        (
            (
                b"Feature: F\n  Scenario Outline: S\n    When she takes <n>\n"
                b"    Examples:\n      | n |\n"
            ),
            "no example row",
        ),
        (b"Feature: F\n  Scenario: S\n    Given x\n      | a |\n", "no tables"),
        (
            b"Feature: F\n  Scenario: S\n    Whenn she takes 2\n    Then she takes 2\n",
            "belongs to no scenario",
        ),
        (b"\xff\xfe\x00F", "not UTF-8"),
        ("Feature: é".encode("latin-1"), "not UTF-8"),
        (b"Feature: F\n  Scenario: \x00\n", "control character"),
        (b"\x7fELF\x02\x01\x01\x00", "control character"),
        (b"Feature: " + b"x" * FILE_BYTES_MAX, "longer than"),
        (b"Feature: " + b"x" * 5_000, "a line longer"),
        (b"# language: xx\nFeature: F\n", "line 1"),
    ],
)
def test_what_cannot_be_played_is_refused_with_a_sentence(
    tmp_path: Path, data: bytes, says: str
) -> None:
    with pytest.raises(BadFeature, match=r"a\.feature") as raised:
        read_feature(written(tmp_path, data))
    assert says in str(raised.value)


def test_prose_is_welcome_in_descriptions(tmp_path: Path) -> None:
    text = GOOD.replace(
        "Feature: F\n", "Feature: F\n  Rules: given by the ward.\n  When in doubt.\n"
    )
    assert [s.name for s in read_feature(written(tmp_path, text.encode()))] == ["S"]


def test_rules_backgrounds_tags_and_outlines_are_read(tmp_path: Path) -> None:
    text = b"""@chapter
Feature: F
  Background:
    Given the time is 23-Nov-2026 08:00
  Rule: R
    Background:
      Given the pharmacy is unreachable
    @feature-9
    Scenario Outline: takes <n>
      When she takes <n>
      Examples:
        | n |
        | 1 |
        | 2 |
"""
    read = read_feature(written(tmp_path, text))
    assert [(s.name, s.tags, [(t.line, t.text) for t in s.sentences]) for s in read] == [
        (
            f"takes {n}",
            ("@chapter", "@feature-9"),
            [
                (4, "the time is 23-Nov-2026 08:00"),
                (7, "the pharmacy is unreachable"),
                (10, f"she takes {n}"),
            ],
        )
        for n in (1, 2)
    ]


def test_a_folder_without_feature_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFeature, match=r"no \.feature file"):
        find_files((tmp_path,))


def test_a_place_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFeature, match="no such file"):
        find_files((tmp_path / "missing",))
