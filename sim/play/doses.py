"""A nurse at a patient's list and at a pocket: takes, replaces, cannot scan, counts."""

import re
from dataclasses import dataclass

from cabinet.screens.screen import Line
from sim.play.nurse import STEPS_MAX, confirm_patient, home, step_aside
from sim.play.stage import HAND_MS, Stage, words
from sim.play.thumb import (
    answer,
    asks_number,
    find_line,
    has_key,
    look,
    press,
    read_pages,
    turn_to,
    type_number,
)
from statemachine.ward.stock import Product


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a nurse looks for in a patient's list: a product (so many of it) or an order."""

    product: Product | None = None
    quantity: int | None = None
    order: str = ""
    replacing: str = ""


# --- doses -------------------------------------------------------------------------------


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
            confirm_patient(stage, None)
        elif (
            screen.id in {"patient.list", "home.patients"}
            or not screen.id.startswith("remove.")
            or not step_aside(stage, screen)
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
        confirm_patient(stage, None)
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


# --- counts ---


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
