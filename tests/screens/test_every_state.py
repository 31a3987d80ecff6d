"""Every state that a panel can rest in has a screen, and every screen belongs to a state."""

import re
from pathlib import Path

from cabinet.screens import SCREENS, home, signin
from statemachine.tables import session

ROOT = Path(__file__).resolve().parents[2]


def test_every_resting_state_has_a_screen_and_no_screen_is_left_over() -> None:
    resting = {phase.name for phase in session.PHASES if not phase.decides}
    assert set(SCREENS) == resting


def test_every_word_a_machine_says_has_a_sentence() -> None:
    said = set()
    for path in (ROOT / "statemachine" / "tasks").glob("*.py"):
        said |= set(re.findall(r'say\("([^"]+)"\)|said="([^"]+)"', path.read_text()))
    words = {word for pair in said for word in pair if word}
    silent = {"count again", "scanned"}  # their screens say it in the prompt
    assert words - set(home.SAID) - set(signin.SAID) - silent == set()
