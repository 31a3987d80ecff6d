"""A nurse made of eyes and a thumb: reads the screen, presses the keys a person would press.

Nothing here talks to the machine behind its back. It knows what SCREENS says of the keypad (numbers
choose lines, `#` is OK or next, `A` the offered answer, `B` back, `C` leave, `D` more) and reads
everything else from the `Screen`. A choice that is not offered is a refusal: what was read about it
is remembered, and the step does not fail.
"""

from dataclasses import dataclass

from cabinet.screens.screen import Line, Screen
from sim.people import Person
from sim.play.registry import StepFailed
from sim.play.stage import KEY_MS, Stage, screen_text, words
from statemachine.ward.patients import Patient
from statemachine.ward.stock import Product

PAGES_MAX = 30
STEPS_MAX = 14
"""More screens than this on the way to one thing, and a nurse gives up."""
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a nurse looks for in a patient's list: a product (so many of it) or an order."""

    product: Product | None = None
    quantity: int | None = None
    order: str = ""
    replacing: str = ""


# --- thumb, badge, scanner -------------------------------------------------------------------------


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
    if "refused" in screen.id:
        stage.refusals.append(screen_text(screen))


# --- signing in ------------------------------------------------------------------------------------


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
    """`C` until nobody is signed in; back from screens that do not offer it."""
    for _ in range(STEPS_MAX):
        screen = look(stage)
        if screen.id.startswith("signin.badge"):
            return
        press(stage, "C" if has_key(screen, "C") or not has_key(screen, "B") else "B")


# --- patients --------------------------------------------------------------------------------------


def home(stage: Stage) -> None:
    """Back to the list of patients, from wherever `B` leads there."""
    for _ in range(STEPS_MAX):
        screen = look(stage)
        if is_patient_list(screen) or not has_key(screen, "B"):
            return
        press(stage, "B")


def is_patient_list(screen: Screen) -> bool:
    """The list of patients after signing in."""
    return screen.id in {"home.patients", "home.list", "home.round"} or (
        screen.id.startswith("home") and screen.banner is None and _choices(screen) != []
    )


def choose_patient(stage: Stage, patient: Patient) -> None:
    """From the list; the confirming key and the similar-name question included."""
    home(stage)
    line = find_line(stage, lambda line: says_patient(line, patient))
    if line is None:
        stage.refusals.append(words(f"{patient.family} is not in the list"))
        return
    press_choice(stage, line)
    for _ in range(STEPS_MAX):
        screen = look(stage)
        if screen.id == "home.birth":
            type_number(stage, patient.born[8:10] + patient.born[5:7])
        elif screen.id in {"home.confirm", "home.patient"}:
            press(stage, "A" if has_key(screen, "A") else "#")
        else:
            return
        if look(stage) == screen:
            return


def says_patient(line: Line, patient: Patient) -> bool:
    """Whether a line names this patient: name and date of birth."""
    text = words(line.text)
    born = ""
    if patient.born:
        year, month, day = patient.born.split("-")
        born = f"{day}-{MONTHS[int(month) - 1]}-{year}"
    return words(f"{patient.family}, {patient.given}") in text and words(born) in text


def choose_next(stage: Stage) -> None:
    """`#` after the last dose, or `A` where the list offers the next of the round."""
    screen = look(stage)
    if is_patient_list(screen):
        press(stage, "A")
    elif any(key.key == "#" and "next" in words(key.meaning) for key in screen.keys):
        press(stage, "#")
    else:
        home(stage)
        press(stage, "A")
    if look(stage).id in {"home.confirm", "home.patient"}:
        press(stage, "A" if has_key(look(stage), "A") else "#")


# --- doses -----------------------------------------------------------------------------------------


def take_all(stage: Stage) -> None:
    """`A`: all that is due; "check the chart" is confirmed first where it is asked."""
    to_dose_list(stage)
    press(stage, "A")


def to_dose_list(stage: Stage) -> None:
    """Back to this patient's list from a refusal or another screen of theirs."""
    for _ in range(STEPS_MAX):
        screen = look(stage)
        if screen.id.startswith(("patient", "home", "signin")) or not has_key(screen, "B"):
            return
        if screen.id.startswith("remove.") and screen.id not in {
            "remove.refused",
            "remove.replace",
            "remove.not_opened",
        }:
            return
        press(stage, "B")


def remove(stage: Stage, wanted: Wanted) -> None:
    """The line of a product or an order, pages turned; refusals remembered."""
    to_dose_list(stage)
    stage.refusals.append(screen_text(look(stage)))
    line = find_line(stage, lambda line: says_wanted(stage, line, wanted))
    if line is None:
        return
    press_choice(stage, line)
    if wanted.replacing:
        replace(stage, wanted.replacing)
    if wanted.quantity is not None:
        adjust(stage, wanted.quantity)


def replace(stage: Stage, reason: str) -> None:
    """From "already removed" to the reason of a replacement."""
    screen = look(stage)
    key = next((one.key for one in screen.keys if "replace" in words(one.meaning)), None)
    if key is None:
        return
    press(stage, key)
    answer(stage, reason)


def adjust(stage: Stage, quantity: int) -> None:
    """Nothing yet where the quantity shown is the one wanted."""
    del stage, quantity


def change_quantity(stage: Stage, quantity: int) -> None:
    """The key that offers another quantity, then the figure."""
    screen = look(stage)
    key = next((one.key for one in screen.keys if "quantity" in words(one.meaning)), None)
    if key is None:
        stage.refusals.append(words("another quantity is not offered here"))
        return
    press(stage, key)
    type_number(stage, str(quantity))


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


# --- answers and counts ----------------------------------------------------------------------------


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
        press_choice(stage, line)
        return
    key = next((one.key for one in screen.keys if wanted in words(one.meaning)), None)
    if key is None:
        stage.refusals.append(words(f"{text} is not offered here"))
        return
    press(stage, key)


def count(stage: Stage, number: int) -> None:
    """Types the figure; where no count is asked yet, goes to the one that is due and opens."""
    if not asks_number(look(stage)):
        go_and_count(stage)
    if asks_number(look(stage)):
        type_number(stage, str(number))


def go_and_count(stage: Stage) -> None:
    """Other tasks, the first count that is due, and the drawer it releases."""
    raise StepFailed("no count is asked for here." + stage.seen())


def ask_count(stage: Stage, pocket: str) -> None:
    """Choose a pocket to count on the list of counts."""
    raise StepFailed(f"nobody can ask for a count of {pocket} here." + stage.seen())


def asks_number(screen: Screen) -> bool:
    """Whether the screen has a field for a figure."""
    return any(line.text.strip().startswith("[") for line in screen.lines)


# --- lines -----------------------------------------------------------------------------------------


def _choices(screen: Screen) -> list[Line]:
    return [line for line in screen.lines if line.choice]


def find_line(stage: Stage, fits) -> Line | None:  # type: ignore[no-untyped-def]  # replaced below
    """The line that fits and can be chosen, pages turned by `D`; None leaves it read and refused."""
    first = look(stage)
    for _ in range(PAGES_MAX):
        screen = look(stage)
        for line in screen.lines:
            if fits(line):
                if line.choice:
                    return line
                stage.refusals.append(screen_text(screen))
        more = next((k for k in screen.keys if k.key == "D" and "more" in words(k.meaning)), None)
        if more is None:
            return None
        press(stage, "D")
        if look(stage) == first:
            return None
    return None


def press_choice(stage: Stage, line: Line) -> None:
    """The number beside a line."""
    press(stage, line.choice)
