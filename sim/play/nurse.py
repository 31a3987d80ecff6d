"""A nurse at the panel: signs in and out, finds her way home, and chooses the patient."""

import datetime as dt
import re

from cabinet.screens.screen import Line, Screen
from sim.people import Person
from sim.play.stage import Stage, screen_text, words
from sim.play.thumb import find_line, has_key, look, press, tap, type_number
from statemachine.ward.patients import Patient

STEPS_MAX = 14
"""More screens than this on the way to one thing, and a nurse gives up."""
HANDS_IN_DRAWER = ("remove.release", "remove.open", "remove.wrong", "remove.left", "count.open")
"""Screens where `B` would give up what hands are doing."""
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

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
        if screen.id == "home.patients" or not step_aside(stage, screen):
            return


def step_aside(stage: Stage, screen: Screen) -> bool:
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
    confirm_patient(stage, patient)


def confirm_patient(stage: Stage, patient: Patient | None) -> None:
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
    confirm_patient(stage, None)
