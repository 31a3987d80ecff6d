"""From a visit to a question for the removal rules, and the rules as guards.

A visit says what somebody wants; an `Ask` says it to the rules together with who, where and when.
Each rule becomes one guard, a function named like the rule, so that a row lists every reason that
could speak against it, and a diagram can be read by a pharmacist.
"""

from collections.abc import Callable

from statemachine.dose import dose_due_s
from statemachine.machines import Visit
from statemachine.refusals import Refusal
from statemachine.rules.ask import Ask, Rule
from statemachine.rules.chart import is_as_required
from statemachine.rules.removal import REMOVAL_RULES
from statemachine.table import Guard
from statemachine.tasks.common import visit
from statemachine.turn import Turning


def ask_for(turn: Turning, wanted: Visit) -> Ask:
    """The question a visit puts to the rules, for whoever is signed in here."""
    return turn.once(("ask", turn.panel, wanted), lambda: _ask(turn, wanted))


def _asked(turn: Turning, wanted: Visit) -> Ask:
    """As `ask_for`, for the same visit again and again: told by its identity, not by its fields."""
    kept = turn.once(("asked", turn.panel), dict[int, tuple[Visit, Ask]])
    found = kept.get(id(wanted))
    if found is None:
        found = kept[id(wanted)] = (wanted, ask_for(turn, wanted))
    return found[1]


def _ask(turn: Turning, wanted: Visit) -> Ask:
    memory = turn.memory
    known = turn.ward.orders.known.get(wanted.order)
    due_s = dose_due_s(wanted.dose)
    if known is not None and is_as_required(known) and wanted.part[0] == 1:
        due_s = None
    return Ask(
        ward=turn.ward,
        now=turn.now,
        actor=memory.actor,
        panel=turn.panel,
        patient=wanted.patient,
        order=wanted.order,
        due_s=due_s,
        product=wanted.product,
        quantity=wanted.quantity,
        replacement=wanted.replaces,
        chart_checked=wanted.patient in memory.charts,
        other_ward_reason=memory.why,
    )


def reasons(turn: Turning, wanted: Visit) -> tuple[Refusal, ...]:
    """Every reason of the removal rules against this visit; empty when all rules hold."""
    ask = ask_for(turn, wanted)
    found = (rule.check(ask) for rule in REMOVAL_RULES)
    return tuple(refusal for refusal in found if refusal is not None)


def _guard(rule: Rule) -> Callable[[Turning], bool]:
    check = rule.check

    def guard(turn: Turning) -> bool:
        return check(_asked(turn, visit(turn))) is None

    guard.__name__ = getattr(check, "__name__", "rule")
    guard.__qualname__ = guard.__name__
    guard.__doc__ = rule.name
    return guard


RULES: tuple[Guard, ...] = tuple(_guard(rule) for rule in REMOVAL_RULES)
"""The removal rules, one guard each, in their order."""
