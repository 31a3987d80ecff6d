"""Eyes and a thumb: what a person at a panel reads, presses, taps and holds before the scanner.

Nothing here talks to the machine behind its back. It knows what SCREENS says of the keypad (numbers
choose lines, `#` is OK or next, `A` the offered answer, `B` back, `C` leave, `D` more) and reads
everything else from the `Screen`. A choice that is not offered is a refusal: what was read about it
is remembered, and the step does not fail.
"""

import re
from collections.abc import Callable

from cabinet.screens.screen import Line, Screen
from sim.people import Person
from sim.play.stage import KEY_MS, Stage, screen_text, words

PAGES_MAX = 30


def press(stage: Stage, key: str) -> None:
    """One key; counted as one action."""
    stage.actions += 1
    _thumb(stage, key)


def _thumb(stage: Stage, key: str) -> None:
    stage.pass_time(KEY_MS)
    stage.cabinet.world.press(stage.she.panel, key)
    stage.ward.settle()
    _remember_refusal(stage)


def type_number(stage: Stage, digits: str) -> None:
    """Digits and `#`; counted as one action."""
    stage.actions += 1
    for digit in digits + "#":
        _thumb(stage, digit)


def tap(stage: Stage, person: Person) -> None:
    """The badge on the reader."""
    stage.pass_time(KEY_MS)
    stage.cabinet.world.tap(person.panel, person.badge)
    stage.ward.settle()
    stage.actions += 1


def scan(stage: Stage, frame: bytes) -> None:
    """Something before the scanner of her panel."""
    stage.pass_time(KEY_MS)
    stage.actions += 1
    stage.cabinet.world.scan(stage.she.panel, frame)
    stage.ward.settle()
    _remember_refusal(stage)


def look(stage: Stage) -> Screen:
    """What her panel shows."""
    return stage.screen()


def has_key(screen: Screen, key: str) -> bool:
    """Whether the screen shows this key as live."""
    return any(one.key == key for one in screen.keys)


def _remember_refusal(stage: Stage) -> None:
    if not stage.cabinet.running:
        return
    screen = look(stage)
    if screen.banner is not None and screen.id.startswith(("patient.", "remove.")):
        stage.at_bedside[stage.she.name] = screen.banner.name
    if "refused" in screen.id:
        stage.refusals.append(screen_text(screen))


# --- lines and answers ---


def find_line(stage: Stage, fits: Callable[[Line], bool]) -> Line | None:
    """The line that fits and can be chosen, its page turned to; what cannot is remembered."""
    for page, screen in enumerate(read_pages(stage)):
        for line in screen.lines:
            if fits(line) and line.choice:
                turn_to(stage, page)
                return line
            if fits(line):
                stage.refusals.append(words(line.text))
    return None


def read_pages(stage: Stage) -> list[Screen]:
    """Every page of a list, from the one shown on; ends on the last."""
    pages = [look(stage)]
    for _ in range(pages_of(pages[0]) - 1):
        press(stage, "D")
        pages.append(look(stage))
    return pages


def pages_of(screen: Screen) -> int:
    """How many pages the list says it has."""
    for key in screen.keys:
        found = re.search(r"page \d+ of (\d+)", key.meaning)
        if key.key == "D" and found is not None:
            return min(int(found[1]), PAGES_MAX)
    return 1


def turn_to(stage: Stage, page: int) -> None:
    """From the last page on to this one; `D` goes round."""
    pages = pages_of(look(stage))
    for _ in range((page + 1) % pages):
        press(stage, "D")


def asks_number(screen: Screen) -> bool:
    """Whether the screen has a field for a figure."""
    return any(line.text.strip().startswith("[") for line in screen.lines)


def answer(stage: Stage, text: str) -> None:
    """The line or key that says so; a figure where one is asked for."""
    wanted = words(text)
    screen = look(stage)
    if wanted.isdigit() and asks_number(screen):
        type_number(stage, wanted)
        return
    if wanted in {words(key.key) for key in screen.keys}:
        press(stage, wanted.upper())
        return
    line = find_line(stage, lambda line: wanted in words(line.text))
    if line is not None:
        press(stage, line.choice)
        return
    key = next((one.key for one in screen.keys if wanted in words(one.meaning)), None)
    if key is None:
        stage.refusals.append(words(f"{text} is not offered here"))
        return
    press(stage, key)
