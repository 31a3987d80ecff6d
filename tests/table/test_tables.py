"""Facts about the tables themselves: total, reachable, nothing automatic, the last row refuses."""

from collections import deque
from itertools import pairwise, product

import pytest
from transitions import Machine

from statemachine.machines import NUMBER_STATES, PIN_STATES
from statemachine.table import Phase, Row, Table, TableError
from statemachine.tables import drawer, mode, session
from statemachine.tables.drawer import SENSED

TABLES = [mode.TABLE, drawer.TABLE, session.TABLE]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_state_and_event_is_in_rows_or_ignored_or_impossible(table):
    assert set(table.matrix) == set(product(table.states, table.events))
    counts = {kind: list(table.matrix.values()).count(kind) for kind in ("rows", "ignored")}
    print(table.name, len(table.states), "states", len(table.events), "events", counts)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_last_row_of_every_group_has_no_guard_and_only_the_last(table):
    for (state, event), cells in table.groups.items():
        assert cells[-1].guards == (), (state, event)
        assert all(cell.guards for cell in cells[:-1]), (state, event)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_row_is_hidden_behind_an_earlier_one(table):
    for (state, event), cells in table.groups.items():
        for at, cell in enumerate(cells):
            hiding = [c for c in cells[:at] if set(c.guards) <= set(cell.guards)]
            assert hiding == [], (state, event, cell.why)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_state_is_reached_from_the_start_by_rows(table):
    seen, todo = {table.initial}, deque([table.initial])
    while todo:
        state = todo.popleft()
        for event in table.events:
            for cell in table.groups.get((state, event), ()):
                if cell.dest not in seen:
                    seen.add(cell.dest)
                    todo.append(cell.dest)
    assert seen == set(table.states)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_nothing_happens_by_itself_and_no_two_rows_are_the_same(table):
    assert set(table.machine.events) == {event for (_, event) in table.matrix}, (
        "an automatic transition exists"
    )
    assert table.machine.models == []
    assert not table.machine.has_queue
    assert table.machine.send_event is False
    assert not table.machine.ignore_invalid_triggers
    for state in table.machine.states.values():
        assert state.on_enter == []
        assert state.on_exit == []
        assert not state.final
    for one, other in pairwise(table.rows):
        assert one != other


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_guards_and_actions_are_functions_with_a_sentence_never_strings(table):
    for cells in table.groups.values():
        for cell in cells:
            for function in (*cell.guards, *cell.actions):
                assert callable(function)
                assert (function.__doc__ or "").strip(), function


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_row_and_every_state_says_why(table):
    assert all(row.why for row in table.rows)
    assert all(phase.why for phase in table.phases.values())
    assert len(table.essay) > 400


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_machine_never_rests_in_a_state_that_only_decides(table):
    for phase in table.phases.values():
        if phase.decides:
            live = {event for event in table.events if table.matrix[phase.name, event] == "rows"}
            assert live == {"go"}
            assert all(
                not table.phases[cell.dest].decides for cell in table.groups[phase.name, "go"]
            )


def test_every_row_that_enters_a_deciding_state_also_says_go():
    for cells in session.TABLE.groups.values():
        for cell in cells:
            entered = session.TABLE.phases[cell.dest].decides
            says_go = any(action.__name__ == "go" for action in cell.actions)
            assert entered == says_go, (cell.source, cell.event, cell.why)


def test_F9_every_combination_of_command_feedback_and_reed_has_a_named_reaction():
    for state, sensed in product(drawer.TABLE.states, SENSED):
        assert drawer.TABLE.matrix[state, sensed] == "rows", (state, sensed)


def test_digits_are_a_pin_or_a_number_only_where_the_table_waits_for_one():
    for state in session.TABLE.states:
        waits_number = (state, "number") in session.TABLE.groups
        waits_pin = (state, "pin entered") in session.TABLE.groups
        assert waits_number == (state in NUMBER_STATES), state
        assert waits_pin == (state in PIN_STATES), state


def test_back_and_leave_work_wherever_somebody_is_signed_in():
    for state in session.FREE:
        for key in ("key B", "key C"):
            assert session.TABLE.matrix[state, key] == "rows", (state, key)


def test_the_engine_is_one_shared_machine_a_table():
    for table in TABLES:
        assert type(table.machine) is Machine


def nothing(_turn):
    """Nothing."""


def _table(rows, phases=None, events=("ring",)):
    both = phases or (Phase("here", "h"), Phase("there", "t"))
    return Table(
        name="t",
        essay="",
        initial="here",
        events=events,
        phases=both,
        rows=rows,
        ignore=nothing,
        fault=nothing,
    )


def yes(_turn):
    """Yes."""
    return True


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((Row("ring", "here", "there"),), "there x ring is not declared"),
        ((Row("ring", ("here", "there"), "here", (yes,)),), "has a guard"),
        (
            (Row("ring", ("here", "there"), "here"), Row("ring", "here", "there", (yes,))),
            "behind an unguarded one",
        ),
        ((Row("ring", ("here", "there"), "nowhere"),), "goes to nowhere"),
        ((Row("knock", "here", "there"), Row("ring", ("here", "there"), None)), "knock, unknown"),
    ],
)
def test_a_table_that_contradicts_itself_does_not_start(rows, says):
    with pytest.raises(TableError, match=says):
        _table(rows)


def test_a_guard_that_is_not_really_a_boolean_does_not_pass_for_one():
    from statemachine.turn import Turning

    def a_full_list(_turn: Turning) -> bool:
        return [1]  # type: ignore[return-value] # the mistake this test is about

    table = _table(
        (
            Row("ring", ("here", "there"), "there", (a_full_list,)),
            Row("ring", ("here", "there"), None),
        )
    )

    class Stub:
        state = "here"

    stub = Stub()
    table.trigger(stub, "ring")
    assert stub.state == "here"
