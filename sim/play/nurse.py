"""A nurse made of eyes and a thumb: reads the screen, presses the keys a person would press.

Nothing here talks to the machine behind its back. It knows what SCREENS says of the keypad (numbers
choose lines, `#` is OK or next, `A` the offered answer, `B` back, `C` leave, `D` more) and reads
everything else from the `Screen`. A choice that is not offered is a refusal: what was read about it
is remembered, and the step does not fail.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from cabinet.screens.screen import Line, Screen
from sim.people import Person
from sim.play.stage import HAND_MS, KEY_MS, Stage, screen_text, words
from statemachine.ward.patients import Patient
from statemachine.ward.stock import Product

PAGES_MAX = 30
STEPS_MAX = 14
"""More screens than this on the way to one thing, and a nurse gives up."""
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a nurse looks for in a patient's list: a product (so many of it) or an order."""

    product: Product | None = None
    quantity: int | None = None
    order: str = ""
    replacing: str = ""


# --- thumb, badge, scanner ---------------------------------------------------------------


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


# --- signing in --------------------------------------------------------------------------


def sign_in(stage: Stage, person: Person, pin: str | None) -> None:
    """Badge, then PIN; a hand-over at an occupied panel is answered yes.

    A parked round that is offered is left for the scenario to choose.
    """
    stage.she = person
    tap(stage, person)
    if look(stage).id.startswith("handover") and "pin" not in look(stage).id:
        press(stage, "A")
    if look(stage).id.endswith(".pin"):
        type_number(stage, person.pin if pin is None else pin)
    stage.actions = 0


def sign_out(stage: Stage) -> None:
    """The task "sign out"; with a drawer in hand, whatever `C` and `B` still do."""
    home(stage)
    if look(stage).id == "home.patients":
        press(stage, "*")
        line = find_line(stage, lambda line: "sign out" in words(line.text))
        if line is not None:
            press(stage, line.choice)
    for _ in range(STEPS_MAX):
        screen = look(stage)
        if screen.id.startswith("signin.badge"):
            return
        press(stage, "C" if has_key(screen, "C") or not has_key(screen, "B") else "B")


# --- patients ----------------------------------------------------------------------------


def home(stage: Stage) -> None:
    """Back to the list of patients, from wherever `B` leads there."""
    for _ in range(STEPS_MAX):
        screen = look(stage)
        if screen.id == "home.patients" or not _step_aside(stage, screen):
            return


def _step_aside(stage: Stage, screen: Screen) -> bool:
    """One key away from a screen that waits for nothing of hers; whether there was one.

    A drawer that she has shut and the cabinet still believes open is told to be closed.
    """
    if told_closed(stage, screen):
        return True
    if screen.id in {"remove.unscanned", "remove.not_opened"} and has_key(screen, "#"):
        press(stage, "#")
    elif has_key(screen, "B") and not screen.id.startswith(HANDS_IN_DRAWER):
        press(stage, "B")
    else:
        return False
    return True


def told_closed(stage: Stage, screen: Screen) -> bool:
    """Press "it is closed" where that is offered and true; whether it was."""
    key = next((one.key for one in screen.keys if "is closed" in words(one.meaning)), None)
    world = stage.cabinet.world
    if key is None or any(world.state(drawer) == "open" for drawer in world.drawers()):
        return False
    press(stage, key)
    return look(stage) != screen


def choose_patient(stage: Stage, patient: Patient) -> None:
    """From the list; the confirming key and the similar-name question included."""
    home(stage)
    line = find_line(stage, lambda line: says_patient(line, patient))
    if line is None:
        stage.refusals.append(words(f"{patient.family} is not in the list"))
        return
    press(stage, line.choice)
    _confirm_patient(stage, patient)


def _confirm_patient(stage: Stage, patient: Patient | None) -> None:
    """Yes, it is; and the birth day where a similar name makes the cabinet ask."""
    for _ in range(STEPS_MAX):
        screen = look(stage)
        if screen.id == "home.birth":
            born = patient.born if patient is not None else _born_on_ward(stage, screen)
            type_number(stage, born[8:10] + born[5:7])
        elif screen.id == "home.confirm":
            press(stage, "A")
        elif screen.id == "patient.time":
            say_the_time(stage)
        else:
            return
        if look(stage) == screen:
            return


def say_the_time(stage: Stage) -> None:
    """Move the time shown on to what her watch says, and confirm it."""
    found = re.search(r"(\d\d):(\d\d)\s+(\d\d)-(\w{3})-(\d{4})", _strong(look(stage)))
    if found is None:
        return
    hour, minute, day, month, year = found.groups()
    shown = dt.datetime(int(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute))  # noqa: DTZ001 - ward-local, made aware by `epoch`
    late_s = stage.timeline.true_s - stage.epoch(shown)
    for key, step_s in (("1", 86_400), ("2", 3_600), ("3", 600), ("4", 60)):
        for _ in range(max(late_s, 0) // step_s):
            press(stage, key)
        late_s = max(late_s, 0) % step_s
    press(stage, "A")


def _strong(screen: Screen) -> str:
    return " ".join(line.text for line in screen.lines if line.mark == "strong")


def _born_on_ward(stage: Stage, screen: Screen) -> str:
    """The birth date of the patient a screen names: it stands on the wristband and the chart."""
    known = stage.cabinet.controller.ward.patients.known.values()
    text = screen_text(screen)
    for one in known:
        if words(f"{one.record.family}, {one.record.given}") in text:
            return one.record.born
    return ""


def says_patient(line: Line, patient: Patient) -> bool:
    """Whether a line names this patient: name and date of birth."""
    text = words(line.text)
    born = ""
    if patient.born:
        year, month, day = patient.born.split("-")
        born = f"{day}-{MONTHS[int(month) - 1]}-{year}"
    return words(f"{patient.family}, {patient.given}") in text and words(born) in text


def choose_next(stage: Stage) -> None:
    """The key that offers the next patient; from elsewhere, the list first."""
    screen = look(stage)
    key = next((one.key for one in screen.keys if "next patient" in words(one.meaning)), None)
    if key is None:
        home(stage)
        key = "A"
    press(stage, key)
    _confirm_patient(stage, None)


# --- doses -------------------------------------------------------------------------------

HANDS_IN_DRAWER = ("remove.release", "remove.open", "remove.wrong", "remove.left", "count.open")
"""Screens where `B` would give up what hands are doing."""


def take_all(stage: Stage) -> None:
    """`A`: all that is due; "check the chart" is confirmed first where it is asked."""
    back_to_patient(stage)
    screen = look(stage)
    if screen.id == "patient.list" and not has_key(screen, "A"):
        stage.refusals.append(words("nothing is due"))
        return
    press(stage, "A")


def to_dose_list(stage: Stage) -> None:
    """To this patient's list from a refusal, or past the question for the chart."""
    for _ in range(STEPS_MAX):
        screen = look(stage)
        if screen.id == "patient.chart":
            press(stage, "A")
        elif screen.id in {"patient.time", "home.confirm"}:
            _confirm_patient(stage, None)
        elif (
            screen.id in {"patient.list", "home.patients"}
            or not screen.id.startswith("remove.")
            or not _step_aside(stage, screen)
        ):
            return


def back_to_patient(stage: Stage) -> None:
    """Open the same patient's list again when their round had moved on."""
    to_dose_list(stage)
    name = stage.at_bedside.get(stage.she.name)
    if look(stage).id != "home.patients" or name is None:
        return
    line = find_line(stage, lambda line: words(name) in words(line.text))
    if line is not None:
        press(stage, line.choice)
        _confirm_patient(stage, None)
        to_dose_list(stage)


def remove(stage: Stage, wanted: Wanted) -> None:
    """The line of a product or an order, pages turned; refusals remembered."""
    back_to_patient(stage)
    found = [
        (page, line)
        for page, screen in enumerate(read_pages(stage))
        for line in screen.lines
        if says_wanted(stage, line, wanted)
    ]
    offered = [(page, line) for page, line in found if line.choice]
    if not offered:
        stage.refusals += [words(line.text) for _, line in found]
        return
    page, line = min(offered, key=lambda one: _how_likely(stage, one[1], wanted))
    if not choose_quantity(stage, line, wanted):
        return
    turn_to(stage, page)
    press(stage, line.choice)
    if wanted.replacing:
        replace(stage, wanted.replacing)


def _how_likely(stage: Stage, line: Line, wanted: Wanted) -> tuple[int, int]:
    """Which of several lines of one medicine somebody means: the dose for now.

    What can be taken comes first (for a replacement: what was taken), then the dose whose due time
    is nearest.
    """
    first = line.mark == "done" if wanted.replacing else "take " in line.text
    found = re.search(r"\bdue (?:(\d\d)-(\w{3})(?:-\d{4})? )?(\d\d):(\d\d)", line.text)
    away_s = 0
    if found is not None:
        due_s = stage.at_clock((int(found[3]), int(found[4])))
        away_s = abs(due_s - stage.timeline.true_s) + (86_400 if found[1] else 0)
    return (0 if first else 1, away_s)


def choose_quantity(stage: Stage, line: Line, wanted: Wanted) -> bool:
    """Whether the figure shown is the one wanted, or another one could be asked for."""
    if wanted.quantity is None:
        return True
    shown = [int(figure.replace(",", "")) for figure in re.findall(r"take ([\d,]+)", line.text)]
    if not shown or wanted.quantity in shown:
        return True
    return change_quantity(stage, wanted.quantity)


def replace(stage: Stage, reason: str) -> None:
    """From "already removed" to the reason of a replacement."""
    screen = look(stage)
    key = next((one.key for one in screen.keys if "replace" in words(one.meaning)), None)
    if key is None:
        return
    press(stage, key)
    answer(stage, reason)


def change_quantity(stage: Stage, quantity: int) -> bool:
    """The key that offers another quantity, then the figure; whether there is one."""
    screen = look(stage)
    key = next((one.key for one in screen.keys if "quantity" in words(one.meaning)), None)
    if key is None:
        stage.refusals.append(words(f"{quantity} is not offered; another quantity is no choice"))
        return False
    press(stage, key)
    type_number(stage, str(quantity))
    return True


def says_wanted(stage: Stage, line: Line, wanted: Wanted) -> bool:
    """Whether a line of the list is about it."""
    text = words(line.text)
    if wanted.product is not None:
        return says_product(text, wanted.product)
    order = stage.cabinet.order(wanted.order).order
    return any(
        says_product(text, stage.products[product])
        for alternative in order.sets
        for product, _ in alternative
        if product in stage.products
    )


def says_product(text: str, product: Product) -> bool:
    """Generic name, strength and form all stand there, in whatever order."""
    parts = (product.generic, product.strength, product.form)
    return all(words(part) in text for part in parts)


def cannot_scan(stage: Stage, reason: str) -> None:
    """The key for it, then the reason."""
    screen = look(stage)
    key = next((one.key for one in screen.keys if "cannot scan" in words(one.meaning)), None)
    if key is None:
        stage.refusals.append(words("cannot scan is not offered here"))
        return
    press(stage, key)
    answer(stage, reason)


# --- answers and counts ------------------------------------------------------------------


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


def count(stage: Stage, number: int) -> None:
    """Types the figure; where no count is asked yet, goes to the one that is due and opens."""
    say_how_many_are_left(stage)
    if not asks_number(look(stage)):
        go_and_count(stage)
    if asks_number(look(stage)):
        type_number(stage, str(number))
    else:
        stage.refusals.append(words("no count is asked for here"))


def say_how_many_are_left(stage: Stage) -> None:
    """At a pocket whose book knew nothing: the key that asks for the figure."""
    screen = look(stage)
    asked = any(one.key == "#" and "left" in words(one.meaning) for one in screen.keys)
    if asked or screen.id == "remove.unscanned":
        press(stage, "#")


def pass_unscanned(stage: Stage) -> None:
    """Somebody who goes on to the next drawer has said that she does not scan this one."""
    if look(stage).id == "remove.unscanned":
        press(stage, "#")


def go_and_count(stage: Stage) -> None:
    """Other tasks, the count that was asked for, and the drawer it releases.

    The drawer is opened on the way, because nobody counts what they cannot see; it is closed before
    the next step that is not about it.
    """
    if not look(stage).id.startswith("count."):
        home(stage)
        press(stage, "*")
        line = find_line(stage, lambda line: "count" in words(line.text))
        if line is None:
            return
        press(stage, line.choice)
    if look(stage).id == "count.list":
        asked = stage.asked_counts[-1] if stage.asked_counts else "pocket "
        line = find_line(stage, lambda line: words(asked) in words(line.text))
        if line is None:
            return
        press(stage, line.choice)
    released = stage.cabinet.world.last_released
    if look(stage).id == "count.release" and released is not None:
        stage.pass_time(HAND_MS)
        stage.cabinet.world.pull(released)
        stage.opened_for_count = released
        stage.ward.settle()


def asks_number(screen: Screen) -> bool:
    """Whether the screen has a field for a figure."""
    return any(line.text.strip().startswith("[") for line in screen.lines)


# --- lines -------------------------------------------------------------------------------


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
