"""The wiring guide says what the code accepts: its tables and its settings are tried here."""

import re
from pathlib import Path

import msgspec
import pytest

from hal.config import DrawerPins, HardwareConfig, MatrixKeypad
from hal.pinmap import mistakes

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "wire-a-cabinet.md"


@pytest.fixture(scope="module")
def guide():
    return GUIDE.read_text()


@pytest.fixture(scope="module")
def written(guide):
    """The settings of the guide's first example, with the drawers of its table."""
    toml = re.search(r"```toml\n(.*?)```", guide, re.DOTALL)
    assert toml is not None
    rows = re.findall(r"^\| (\d) \| (\d+) \| (\d+) \| (\d+) \|$", guide, re.MULTILINE)
    raw = msgspec.toml.decode(toml[1])["hardware"]
    raw["drawers"] += [
        dict(zip(("drawer", "lock", "feedback", "reed"), map(int, row), strict=True))
        for row in rows[1:]
    ]
    assert raw["drawers"][0] == dict(
        zip(("drawer", "lock", "feedback", "reed"), map(int, rows[0]), strict=True)
    )
    return msgspec.convert(raw, HardwareConfig)


def test_the_guides_six_drawers_may_be_wired_as_they_stand_there(written):
    assert len(written.drawers) == 6
    assert mistakes(written) == ()


def test_the_guides_four_drawers_with_a_matrix_keypad_may_be_wired_too(guide, written):
    matrix = msgspec.toml.decode(re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)[1])
    keypad = matrix["hardware"]["panels"]["keypad"]
    assert keypad.pop("kind") == "matrix"
    panel = msgspec.structs.replace(written.panels[0], keypad=msgspec.convert(keypad, MatrixKeypad))
    assert "Locks 16-19, feedback 20-23, reed switches 24-27" in guide
    drawers = tuple(
        DrawerPins(drawer=n, lock=15 + n, feedback=19 + n, reed=23 + n) for n in range(1, 5)
    )
    wired = HardwareConfig(drawers=drawers, panels=(panel,), sounder=12, button=13)
    assert mistakes(wired) == ()
