"""Phases that several tasks share, written once: functions that build rows.

A list with pages, a wait for the one lease, a number that must match, a line of reasons: wherever a
task needs one it asks here, so that the same key means the same everywhere.
"""

from statemachine.table import Action, Guard, Row
from statemachine.tasks import common as do


def pages(state: str, *, back: bool = True) -> tuple[Row, ...]:
    """`D` turns to the next nine lines, `B` to the nine before; beyond the last, `D` ticks.

    Args:
        state: the phase with the list.
        back: whether `B` turns back; the task adds what `B` does on the first page.
    """
    rows = (
        Row("key D", state, None, (do.there_is_another_page,), (do.next_page,), "more"),
        Row("key D", state, None, (), (do.tick,), "no more"),
    )
    first = Row("key B", state, None, (do.this_is_not_the_first_page,), (do.page_back,), "back")
    return (*rows, first) if back else rows


def waits_for_the_lease(
    state: str, deciding: str, back: str, on_back: tuple[Action, ...]
) -> tuple[Row, ...]:
    """One lease at a time: whoever waits is asked again when it is free (WIRE 5)."""
    return (
        Row("lease free", state, deciding, (), (do.go,), "now"),
        Row("key B", state, back, (), on_back, "never mind"),
    )


def matching_answer(
    state: str,
    deciding: str,
    matches: Guard,
    answered: Action,
    back: str,
    on_back: tuple[Action, ...],
) -> tuple[Row, ...]:
    """A stop: the same number typed again goes on, another one does not (RULES 4)."""
    return (
        Row("number", state, deciding, (matches,), (answered, do.go), "the same number"),
        Row("number", state, None, (), (do.say("not the same"), do.tick), "another number"),
        Row("key B", state, back, (), on_back, "never mind"),
    )


Way = tuple[str, tuple[Guard, ...], tuple[Action, ...], str]
"""Where to, further guards, actions, why."""


def reasons(state: str, one_of: Guard, *ways: Way) -> tuple[Row, ...]:
    """A number chooses one of the reasons shown; any other number ticks.

    Args:
        state: the phase that shows them.
        one_of: whether the key is one of them.
        ways: tried in order; the last one has no further guards.
    """
    rows = tuple(
        Row("key number", state, dest, (one_of, *guards), actions, why)
        for dest, guards, actions, why in ways
    )
    return (*rows, Row("key number", state, None, (), (do.tick,), "no such reason"))
