"""How a table becomes a machine.

A table is read top to bottom. A row says: in this state, on this event, if every guard holds, do
this and go there. Rows of one event and one state form a **group**, tried in order; the last row of
a group has no guard, so a group always answers. Every pair of state and event that has no row is
declared by the phase it belongs to, as

- `ignored`: it may happen and changes nothing (a dead key ticks, a late answer is thrown away), or
- `impossible`: only a defect or tampering brings it about; it is journalled as a fault and the
  machine goes where its table says faults go.

Nothing else exists: a pair that is neither in rows, nor ignored, nor impossible is a `TableError`
when the module is imported, and so is a group whose last row has a guard, a row behind an unguarded
one (never reached), two equal rows, or a state or event nobody declared.

The engine is `transitions`, used as DESIGN 3 measured it: one shared machine a table, no model of
its own, no automatic transitions, no queue of its own, guards and actions as plain functions.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Literal

import msgspec
from transitions import Machine

from statemachine.turn import Turning

Guard = Callable[[Turning], bool]
Action = Callable[[Turning], None]
Verdict = Literal["rows", "ignored", "impossible"]


class TableError(Exception):
    """A table contradicts itself; the house does not start with such a table."""


class Row(msgspec.Struct, frozen=True):
    """One row: event(s), state(s), where to, what must hold, what happens, and why.

    Attributes:
        event: one name, or several that are treated alike.
        source: one state, or several.
        dest: the state after it; None stays where it is.
        guards: all must hold; each is named as a sentence.
        actions: entries, effects and signals, in order.
        why: one line for the diagram and the reader.
    """

    event: str | tuple[str, ...]
    source: str | tuple[str, ...]
    dest: str | None
    guards: tuple[Guard, ...] = ()
    actions: tuple[Action, ...] = ()
    why: str = ""


class Phase(msgspec.Struct, frozen=True):
    """A state: what it means, and what may happen in it that has no row.

    Attributes:
        name: the state.
        why: what it is, in one sentence.
        ignored: events without a row that may happen here and change nothing.
        impossible: events without a row that only a defect brings here.
        decides: a state the machine never rests in: it is left in the turn it is entered.
    """

    name: str
    why: str
    ignored: frozenset[str] = frozenset()
    impossible: frozenset[str] = frozenset()
    decides: bool = False


class Cell(msgspec.Struct, frozen=True):
    """One row, for one state and one event: an edge."""

    event: str
    source: str
    dest: str
    guards: tuple[Guard, ...]
    actions: tuple[Action, ...]
    why: str
    number: int
    """The row's place in its table, from 0."""


def names(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """One name or several, as several."""
    return (value,) if isinstance(value, str) else value


class Table:
    """A table, checked, with its full matrix and its machine.

    Args:
        name: for messages and diagrams.
        essay: what the table is about; the docstring of its module.
        initial: where a machine starts.
        events: every event there is for this kind of machine.
        phases: every state.
        rows: the specification, top to bottom.
        ignore: what an ignored event does (a tick, a count).
        fault: what an impossible event does.
        fault_state: where an impossible event leads; None stays.

    Raises:
        TableError: the table contradicts itself; the message names every contradiction.
    """

    def __init__(
        self,
        *,
        name: str,
        essay: str,
        initial: str,
        events: Iterable[str],
        phases: tuple[Phase, ...],
        rows: tuple[Row, ...],
        ignore: Action,
        fault: Action,
        fault_state: str | None = None,
    ) -> None:
        self.name = name
        self.essay = essay
        self.initial = initial
        self.events = tuple(events)
        self.phases = {phase.name: phase for phase in phases}
        self.rows = rows
        self.states = tuple(phase.name for phase in phases)
        self.fault_state = fault_state
        self._ignore = ignore
        self._fault = fault
        self.groups = _groups(rows)
        self.matrix = self._matrix()
        self._check()
        self.machine = self._machine()

    # --- running -----------------------------------------------------------------------------

    def trigger(self, turn: Turning, event: str) -> None:
        """Let one event happen to the machine whose state stands in `turn.state`.

        Raises:
            ValueError: no such event in this table.
            TableError: no row answered, which the checks above make impossible.
        """
        declared = self.machine.events.get(event)
        if declared is None:
            raise ValueError(f"The table {self.name} has no event {event}; nothing was changed.")
        if not declared.trigger(turn, turn):
            raise TableError(f"{self.name}: no row answered {event} in {turn.state}.")

    # --- building ----------------------------------------------------------------------------

    def _matrix(self) -> Mapping[tuple[str, str], Verdict]:
        matrix: dict[tuple[str, str], Verdict] = {}
        for state, event in product(self.states, self.events):
            phase = self.phases[state]
            if (state, event) in self.groups:
                matrix[state, event] = "rows"
            elif event in phase.ignored:
                matrix[state, event] = "ignored"
            elif event in phase.impossible:
                matrix[state, event] = "impossible"
        return matrix

    def _check(self) -> None:
        wrong = [
            f"{state} x {event} is not declared"
            for state, event in product(self.states, self.events)
            if (state, event) not in self.matrix
        ]
        for phase in self.phases.values():
            twice = phase.ignored & phase.impossible
            wrong += [f"{phase.name} both ignores and forbids {event}" for event in sorted(twice)]
            unknown = (phase.ignored | phase.impossible) - set(self.events)
            wrong += [f"{phase.name} speaks of {event}, unknown" for event in sorted(unknown)]
        for (state, event), cells in self.groups.items():
            if state not in self.phases:
                wrong.append(f"a row starts in {state}, unknown")
            if event not in self.events:
                wrong.append(f"a row waits for {event}, unknown")
            wrong += [
                f"{state} x {event} goes to {c.dest}, unknown"
                for c in cells
                if c.dest not in self.phases
            ]
            if cells[-1].guards:
                wrong.append(f"the last row of {state} x {event} has a guard")
            wrong += [
                f"{state} x {event} has a row behind an unguarded one"
                for cell in cells[:-1]
                if not cell.guards
            ]
            same = {(cell.dest, cell.guards, cell.actions) for cell in cells}
            if len(same) != len(cells):
                wrong.append(f"{state} x {event} has two equal rows")
        if wrong:
            raise TableError(f"{self.name}: " + "; ".join(wrong))

    def _machine(self) -> Machine:
        machine = Machine(
            model=None,
            states=list(self.states),
            initial=self.initial,
            auto_transitions=False,
            queued=False,
            send_event=False,
            ignore_invalid_triggers=False,
        )
        for (state, event), verdict in self.matrix.items():
            if verdict == "rows":
                for cell in self.groups[state, event]:
                    machine.add_transition(
                        event,
                        state,
                        None if cell.dest == state else cell.dest,
                        conditions=[_all_of(cell.guards)] if cell.guards else [],
                        before=list(cell.actions),
                    )
            elif verdict == "ignored":
                machine.add_transition(event, state, None, before=[self._ignore])
            else:
                machine.add_transition(event, state, self.fault_state, before=[self._fault])
        return machine


def _all_of(guards: tuple[Guard, ...]) -> Guard:
    """All guards as one condition, asked in order until one says no.

    The engine spends more on calling a condition than most guards take, and a release has fifty of
    them between the last key and the lease.
    """

    def hold(turn: Turning) -> bool:
        return all(guard(turn) is True for guard in guards)  # a truthy list is no yes

    return hold


def _groups(rows: tuple[Row, ...]) -> dict[tuple[str, str], tuple[Cell, ...]]:
    groups: dict[tuple[str, str], tuple[Cell, ...]] = {}
    for number, row in enumerate(rows):
        for state, event in product(names(row.source), names(row.event)):
            cell = Cell(
                event=event,
                source=state,
                dest=state if row.dest is None else row.dest,
                guards=row.guards,
                actions=row.actions,
                why=row.why,
                number=number,
            )
            groups[state, event] = (*groups.get((state, event), ()), cell)
    return groups
