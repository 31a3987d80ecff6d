"""What must then be true. A step that does not hold says what was seen instead."""

from typing import Any

import msgspec

from sim import oracle
from sim.play.registry import StepFailed, later, step
from sim.play.stage import Stage, screen_text, words
from sim.play.steps_given import EVERY_TASK
from statemachine.ward.fold import TYPES
from statemachine.ward.orders import RemovalRecorded

MUST = 3
AGREE_MS = 10_000
"""How long cabinet and pharmacy have until they must agree."""
WAIT_STEP_MS = 250


def must(stage: Stage, holds: bool, otherwise: str) -> None:
    """Fail with what was seen."""
    if not holds:
        raise StepFailed(otherwise + stage.seen())


# --- drawers -----------------------------------------------------------------------------


@step("drawer {drawer:int} is {state:word:locked|released|open}", chapter=MUST)
def drawer_is(stage: Stage, drawer: int, state: str) -> None:
    """In truth, whatever its switches say."""
    truth = stage.cabinet.world.state(drawer)
    must(stage, truth == state, f"drawer {drawer} is {truth}.")


@step("pocket {pocket:text} is lit", chapter=MUST)
def pocket_is_lit(stage: Stage, pocket: str) -> None:
    """Its guiding light is on, and no other."""
    lit = stage.cabinet.world.lit
    must(stage, pocket in lit, f"lit are: {', '.join(sorted(lit)) or 'none'}.")


@step("no drawer is released", chapter=MUST)
def none_released(stage: Stage) -> None:
    """Every bolt of a closed drawer is home."""
    world = stage.cabinet.world
    out = [drawer for drawer in world.drawers() if world.state(drawer) == "released"]
    must(stage, not out, f"released: {out}.")


@step("exactly these drawers were released: {drawers:drawers}", chapter=MUST)
def exactly_released(stage: Stage, drawers: tuple[int, ...]) -> None:
    """In the whole scenario so far, in order; a retry of one intent counts once."""
    seen: list[int] = []
    intents: set[int] = set()
    for lease in stage.cabinet.world.leases:
        if lease.intent not in intents:
            seen.append(lease.drawer)
        intents.add(lease.intent)
    shown = ", ".join(map(str, seen)) or "none"
    must(stage, tuple(seen) == drawers, f"released were: {shown}.")


# --- screens -----------------------------------------------------------------------------


@step("the screen says {text:text}", chapter=MUST)
def screen_says(stage: Stage, text: str) -> None:
    """Anywhere on her screen."""
    must(stage, words(text) in screen_text(stage.screen()), f'the screen does not say "{text}".')


@step("the screen offers {text:text}", chapter=MUST)
def screen_offers(stage: Stage, text: str) -> None:
    """On a live key or a line with a key, not as something that may not be chosen."""
    screen = stage.screen()
    offers = [f"{line.choice} {line.text}" for line in screen.lines if line.choice]
    offers += [f"{key.key} {key.meaning}" for key in screen.keys]
    wanted = words(text)
    must(
        stage,
        any(wanted in words(offer) for offer in offers),
        f'the screen does not offer "{text}"; it offers: {"; ".join(offers) or "nothing"}.',
    )


@step("the screen does not say {text:text}", chapter=MUST)
def screen_does_not_say(stage: Stage, text: str) -> None:
    """Nowhere on her screen."""
    said = words(text) in screen_text(stage.screen())
    must(stage, not said, f'the screen does say "{text}".')


@step("{who:who} is refused because {text:text}", chapter=MUST)
def is_refused(stage: Stage, who: str, text: str) -> None:
    """The screen says why, and no drawer is released."""
    if who:
        stage.person(who)
    said = words(" ".join([screen_text(stage.screen()), *stage.refusals]))
    must(stage, words(text) in said, f'she is not told "{text}".')
    none_released(stage)


@step("it took at most {number:int} action[s]", chapter=MUST)
def took_at_most(stage: Stage, number: int) -> None:
    """Keys and scans since she signed in; a PIN is one, hands are none."""
    must(stage, stage.actions <= number, f"it took {stage.actions} actions.")


@step("an alarm says {text:text}", chapter=MUST)
def alarm_says(stage: Stage, text: str) -> None:
    """An alarm of the cabinet that stands, a notice on any panel, or a warning of an idle one."""
    cabinet = stage.cabinet
    said = [*cabinet.controller.alarms]
    for panel in cabinet.controller.panels:
        screen = cabinet.screen(panel)
        said += screen.notices
        if screen.id == "signin.badge":
            said += [line.text for line in screen.lines if line.mark == "warn"]
    must(
        stage,
        any(words(text) in words(one) for one in said),
        f'no alarm says "{text}"; alarms are: {"; ".join(said) or "none"}.',
    )


# --- the log -----------------------------------------------------------------------------


@step(
    "the log holds {type:word_dotted}[ with {field:name} {value:text}]"
    "[ and {field2:name} {value2:text}][ and {field3:name} {value3:text}]",
    chapter=MUST,
)
def log_holds(stage: Stage, type: str, **said: Any) -> None:  # noqa: A002 - the wording's own word
    """A line of this type, in either log, whose body says so."""
    wanted = [
        (said[f"field{n}"], stage.handles.meanings(said[f"value{n}"]))
        for n in ("", "2", "3")
        if f"field{n}" in said
    ]
    lines = [line for line in stage.cabinet.log_lines() if line.type == type]
    good = [
        line
        for line in lines
        if all(oracle.field_says(whole_body(line), field, values) for field, values in wanted)
    ]
    there = "; ".join(stage.handles.named(line.short()) for line in lines[-5:]) or "none"
    must(stage, bool(good), f"the log holds no such {type}; of that type it holds: {there}.")


def whole_body(line: oracle.LogLine) -> dict[str, Any] | None:
    """A body with the fields that were left out because they say what they always say."""
    schema = TYPES.get(line.type)
    if line.body is None or schema is None:
        return line.body
    defaults = {
        field.encode_name: field.default
        for field in msgspec.structs.fields(schema)
        if field.default is not msgspec.NODEFAULT
    }
    whole = {**defaults, **line.body}
    if line.type == RemovalRecorded.TYPE:
        # A removal's reason is that of a replacement, or why the pack could not be scanned.
        whole["reason"] = whole["replaces"] or whole["scan"]
    return whole


@step("the log holds no {type:word_dotted}", chapter=MUST)
def log_holds_no(stage: Stage, type: str) -> None:  # noqa: A002 - as above
    """No line of this type in either log."""
    lines = [line for line in stage.cabinet.log_lines() if line.type == type]
    there = "; ".join(stage.handles.named(line.short()) for line in lines[-5:])
    must(stage, not lines, f"the log holds {len(lines)}: {there}.")


@step("every release has its intent before it", chapter=MUST)
def releases_have_intents(stage: Stage) -> None:
    """Each lease the world received was durable as an intent before it came."""
    for cabinet in stage.ward.cabinets.values():
        wrong = oracle.leases_without_intent(cabinet.log_lines(), cabinet.witnessed)
        must(stage, not wrong, f"leases without an intent before them: {'; '.join(wrong)}.")


@step("both logs verify", chapter=MUST)
def logs_verify(stage: Stage) -> None:
    """Checked by a verifier that shares no code with the product."""
    for name, cabinet in stage.ward.cabinets.items():
        wrong = oracle.verify_logs(cabinet.export())
        must(stage, not wrong, f'cabinet "{name}": {"; ".join(wrong[:5])}.')


# --- stock -------------------------------------------------------------------------------


@step("pocket {pocket:text} is booked at {book:int}[ and holds {truth:int} in truth]", chapter=MUST)
def is_booked(stage: Stage, pocket: str, book: int, truth: int | None = None) -> None:
    """What the cabinet believes, and what is really there."""
    believed = stage.cabinet.pocket(pocket).book
    must(stage, believed == book, f"pocket {pocket} is booked at {believed}.")
    if truth is not None:
        there = len(stage.cabinet.world.contents[pocket])
        must(stage, there == truth, f"pocket {pocket} holds {there} in truth.")


@step(
    "the pharmacy believes pocket {pocket:text} holds {book:int}[ within {seconds:int} s]",
    chapter=MUST,
)
def pharmacy_believes(stage: Stage, pocket: str, book: int, seconds: int = 0) -> None:
    """Its own fold of the lines it received."""
    cabinet = stage.cabinet

    def holds() -> bool:
        return stage.ward.pharmacy_book(cabinet.name, pocket) == book

    wait(stage, seconds * 1000, holds)
    believed = stage.ward.pharmacy_book(cabinet.name, pocket)
    must(stage, believed == book, f"the pharmacy believes pocket {pocket} holds {believed}.")


@step("a discrepancy of {difference:int} is open for pocket {pocket:text}", chapter=MUST)
def discrepancy_open(stage: Stage, difference: int, pocket: str) -> None:
    """Hand minus book."""
    known = stage.cabinet.controller.ward.stock.discrepancies.values()
    found = sorted(one.opened.quantity for one in known if one.opened.pocket == pocket)
    shown = ", ".join(map(str, found)) or "none"
    must(stage, difference in found, f"open for pocket {pocket}: {shown}.")


@step("a count is due for pocket {pocket:text}", chapter=MUST)
def count_due(stage: Stage, pocket: str) -> None:
    """Somebody should count it."""
    must(stage, stage.cabinet.pocket(pocket).count_due is not None, "no count is due there.")


@step("cabinet and pharmacy agree", chapter=MUST)
def they_agree(stage: Stage) -> None:
    """Within ten seconds of virtual time, when they can reach each other."""
    wait(stage, AGREE_MS, lambda: not stage.ward.disagreements())
    wrong = stage.ward.disagreements()
    must(stage, not wrong, f"they disagree: {'; '.join(wrong[:5])}.")


later(
    EVERY_TASK,
    MUST,
    "{name:text} has an open task for order {order:text}",
    "the register line says {text:text}",
)


def wait(stage: Stage, ms: int, holds: Any) -> None:
    """Let time pass in small steps until it holds, at most so long."""
    passed = 0
    stage.ward.settle()
    while not holds() and passed < ms:
        stage.pass_time(WAIT_STEP_MS)
        passed += WAIT_STEP_MS
