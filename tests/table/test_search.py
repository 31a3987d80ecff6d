"""Every path to a release, by exhaustive search over the tables themselves.

States are tuples of small integers; guards are free booleans, except those that only read where the
machines stand (is the drawer shut? does a lease run? is this panel's hand free?), which the model
knows. What an action signals is read from its source, so the model cannot drift from the code: an
action that releases, tells a drawer or tells a panel does so in the model because it does so in the
function. An event runs through a FIFO as in a turn.

Searched: one panel and one drawer over every task; then two panels and two drawers over what
drawers see, with every phase that has no drawer in hand seen as one.
"""

import ast
import inspect
from collections import deque
from functools import cache
from itertools import permutations, product
from pathlib import Path

import pytest

from statemachine.tables import drawer as drawer_table
from statemachine.tables import drawer_does, mode, session
from statemachine.tables.drawer import SENSED
from statemachine.tasks import count, remove
from statemachine.tasks.words import PERSON

SESSION, DRAWER, MODE = session.TABLE, drawer_table.TABLE, mode.TABLE
READY = {"closed", "jammed"}

# --- what an action does, read from its source ---------------------------------------------------

ROOT = Path(inspect.getfile(session)).parent.parent
MODULES = (
    "turn.py",
    *sorted(f"tables/{path.name}" for path in (ROOT / "tables").glob("*.py")),
    *sorted(f"tasks/{path.name}" for path in (ROOT / "tasks").glob("*.py")),
)


def _sources():
    for module in MODULES:
        tree = ast.parse((ROOT / module).read_text())
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                yield module, node


def _facts(node):
    """Signals sent, effects made and functions called by one function."""
    told, calls = [], []
    for call in (one for one in ast.walk(node) if isinstance(one, ast.Call)):
        name = (
            call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        )
        words = [
            one.value
            for one in call.args
            if isinstance(one, ast.Constant) and isinstance(one.value, str)
        ]
        if name == "tell":
            told.append(("panel", words[0]))
        elif name == "tell_drawer":
            told.append(("own drawer", words[0]))
        elif name == "signal" and words:
            kind = words[0]
            target = {"drawer": "drawer", "session": "session", "mode": "mode"}[kind]
            told.append((target, words[-1] if len(words) > 1 else "go"))
        elif name == "Release":
            told.append(("effect", "release"))
        else:
            calls.append(name)
    return tuple(told), tuple(calls)


@cache
def _functions():
    return {(module, node.name): _facts(node) for module, node in _sources()}


@cache
def _by_name():
    found = {}
    for (module, name), facts in _functions().items():
        found.setdefault(name, {})[module] = facts
    return found


def _module_of(action):
    path = inspect.getsourcefile(inspect.unwrap(action))
    return next((m for m in MODULES if path.endswith(m)), "")


@cache
def does(action):
    """All that an action signals and calls, with what it calls itself."""
    name = action.__qualname__.partition(".")[0]
    told, called, todo, seen = [], set(), [(_module_of(action), name)], set()
    while todo:
        module, one = todo.pop(0)
        if (module, one) in seen:
            continue
        seen.add((module, one))
        facts = _functions().get((module, one))
        if facts is None:
            candidates = _by_name().get(one, {})
            if len(candidates) != 1:
                continue
            ((module, facts),) = candidates.items()
        told += facts[0]
        called.add(one)
        todo += [(module, other) for other in facts[1]]
    return tuple(told), frozenset(called)


def test_the_reader_of_sources_sees_what_actions_do():
    assert ("effect", "release") in does(remove.releasing.release)[0]
    assert ("drawer", "release") in does(count.release_count)[0]
    assert ("panel", "drawer opened") in does(drawer_does.opened)[0]
    assert ("own drawer", "cancel") in does(remove.releasing.call_off)[0]
    assert ("session", "go") in does(remove.do.go)[0]


def test_release_effects_are_made_in_three_places_only():
    made = {name for (_, name), (told, _) in _functions().items() if ("effect", "release") in told}
    assert made == {"lease", "lease_again"}
    rows = [
        (cell.source, cell.event)
        for table in (SESSION, DRAWER, MODE)
        for cells in table.groups.values()
        for cell in cells
        if any(("effect", "release") in does(action)[0] for action in cell.actions)
    ]
    assert rows == [("remove.next", "go"), ("count.next", "go"), ("retrying", "timer")]


def test_the_row_that_releases_a_removal_carries_every_guard_of_access_and_every_rule():
    from statemachine.rules.removal import REMOVAL_RULES

    cells = SESSION.groups["remove.next", "go"]
    (cell,) = [c for c in cells if c.dest == "remove.release"]
    assert set(remove.RELEASE) <= set(cell.guards)
    assert len(remove.RULES) == len(REMOVAL_RULES) > 30
    assert [guard.__doc__ for guard in remove.RULES] == [rule.name for rule in REMOVAL_RULES]


# --- the model -----------------------------------------------------------------------------------

PATIENT, COUNT = 1, 2
FREE = "free"


ALIKE = {
    "remove.wrong_pack": "remove.open",
    "remove.cannot_scan": "remove.open",
    "remove.left": "remove.open",
    "remove.nothing": "remove.open",
    "count.again": "count.open",
}
"""Phases that a drawer cannot tell apart: searched as one that may do what any of them may."""


class Model:
    """Panels and drawers as integers.

    A state is (mode, session of each panel, (state, panel, authority) of each drawer), every name
    as its index. `authority` says by which guards the drawer's open intent was made.
    """

    def __init__(self, panels, drawers, *, quotient):
        self.panels, self.drawers, self.quotient = panels, drawers, quotient
        names = list(SESSION.states)
        if quotient:
            names = [FREE, "remove.next", "count.next", "remove.wait", "count.wait"]
            names += [name for name in session.IN_HAND if name not in ALIKE]
        self.sessions = names
        self.index = {name: at for at, name in enumerate(names)}
        self.boxes = list(DRAWER.states)
        self.box_index = {name: at for at, name in enumerate(self.boxes)}
        self.releases, self.fired, self.edges = set(), set(), 0
        self.plans = {}

    def seen_as(self, name):
        if self.quotient:
            name = ALIKE.get(name, name)
        return name if name in self.index else FREE

    def members(self, name):
        """The phases that are searched as this one."""
        if not self.quotient:
            return (name,)
        return (name, *(one for one, other in ALIKE.items() if other == name))

    def start(self):
        idle = self.index[self.seen_as("signin.badge")]
        unknown = self.box_index["unknown"]
        return ("starting", (idle,) * self.panels, ((unknown, -1, 0),) * self.drawers)

    # events of the world, as first signals
    def events(self):
        yield ("mode", 0, "booted")
        yield ("mode", 0, "ward changed")
        if self.drawers == 1:
            yield ("mode", 0, "wrong drawer")
        for panel in range(self.panels):
            for event in SESSION.events:
                if event != "go" and not event.startswith("drawer ") and event != "lease free":
                    yield ("session", panel, event)
        for number in range(self.drawers):
            for event in (*SENSED, "lease given", "lease ended", "lease refused", "timer"):
                yield ("drawer", number, event)
            yield ("drawer", number, "cleared")

    def after(self, state):
        """Every state one event leads to."""
        for event in self.events():
            if (event[2] == "booted") != (state[0] == "starting"):
                continue
            if event[2] == "wrong drawer" and state[0] == "safe_hold":
                continue  # every lease has ended, so no lease can have opened another drawer
            if not self.happens(state, event) or self.says_nothing_new(state, event):
                continue
            first = (event,)
            if event[0] == "session" and event[2] in PERSON:
                own = [n for n in range(self.drawers) if state[2][n][1] == event[1]]
                first = (*(("drawer", n, "activity") for n in own), event)
            yield from self.run(state, first)

    def happens(self, state, event):
        """Whether the world can bring this about: a lease ends only where one was given."""
        target, number, name = event
        if target == "drawer" and name.startswith("lease"):
            return state[2][number][2] != 0
        if target == "session" and name == "moved":
            return self.sessions[state[1][number]] not in session.IN_HAND
        return True

    def says_nothing_new(self, state, event):
        """Whether a free panel seen as one did the same before, or every phase ignores it."""
        target, panel, name = event
        if target != "session":
            return False
        source = self.sessions[state[1][panel]]
        if source == FREE:
            return name != "key A"
        held = any(who == panel for _, who, _ in state[2])
        return not held and all(
            SESSION.matrix[one, name] == "ignored" for one in self.members(source)
        )

    def canonical(self, state):
        """Panels are alike, drawers are alike: one way to number them stands for all."""
        if self.panels == 1 and self.drawers == 1:
            return state
        found = []
        for panels in permutations(range(self.panels)):
            moved = {old: new for new, old in enumerate(panels)} | {-1: -1}
            sessions = tuple(state[1][old] for old in panels)
            boxes = tuple(sorted((box, moved[who], by) for box, who, by in state[2]))
            found.append((state[0], sessions, boxes))
        return min(found)

    def run(self, state, first):
        todo, done = [(state, first)], set()
        while todo:
            now, waiting = todo.pop()
            if not waiting:
                if now not in done:
                    done.add(now)
                    self.edges += 1
                    yield now
                continue
            assert len(waiting) < 40, (first, waiting)
            for then, told in self.step(now, waiting[0]):
                todo.append((then, waiting[1:] + told))

    def step(self, state, signal):
        target, number, name = signal
        if target == "mode":
            yield from self.step_mode(state, name)
        elif target == "drawer":
            yield from self.step_drawer(state, number, name)
        else:
            yield from self.step_session(state, number, name)

    # mode
    def step_mode(self, state, name):
        if MODE.matrix[state[0], name] != "rows":
            assert MODE.matrix[state[0], name] == "ignored", (state[0], name)
            yield state, ()
            return
        for cell in MODE.groups[state[0], name]:
            told = []
            for action in cell.actions:
                for kind, word in does(action)[0]:
                    if kind == "drawer":
                        told += [("drawer", n, word) for n in range(self.drawers)]
                    elif kind == "session":
                        told += [
                            ("session", p, word)
                            for p in range(self.panels)
                            if self.sessions[state[1][p]].endswith(".wait")
                        ]
            yield (cell.dest, *state[1:]), tuple(told)

    # drawer
    def step_drawer(self, state, number, name):  # noqa: C901 - one event, all it can tell
        box, panel, authority = state[2][number]
        source = self.boxes[box]
        kind = DRAWER.matrix[source, name]
        assert kind != "impossible", ("a drawer was asked what cannot be", source, name)
        if kind == "ignored":
            yield state, ()
            return
        cells = DRAWER.groups[source, name]
        known = drawer_guards(state, self, number)
        for at, cell in enumerate(cells):
            if not self.may(cells, at, known):
                continue
            self.fired.add(("drawer", cell.number))
            told, who, by = [], panel, authority
            for action in cell.actions:
                signals, called = does(action)
                for target, word in signals:
                    if target == "panel" and who >= 0:
                        told.append(("session", who, word))
                    elif target == "drawer":
                        told.append(("drawer", number, word))
                    elif target == "mode":
                        told.append(("mode", 0, word))
                    elif target == "effect":
                        self.releases.add(by)
                        assert by in (PATIENT, COUNT), (source, name, cell.why)
                if called & {"_rest", "end_quietly"}:
                    who, by = -1, 0
                if called & {"let_go", "abandoned"}:
                    who = -1
            boxes = replaced(state[2], number, (self.box_index[cell.dest], who, by))
            yield (state[0], state[1], boxes), tuple(told)

    # session
    def step_session(self, state, panel, name):
        source = self.sessions[state[1][panel]]
        if source == FREE:
            yield from self.step_free(state, panel, name)
            return
        kinds = {one: SESSION.matrix[one, name] for one in self.members(source)}
        assert set(kinds.values()) != {"impossible"}, ("a session cannot", source, name)
        if "ignored" in kinds.values():
            yield state, ()
        for one, kind in kinds.items():
            if kind == "rows":
                for at in range(len(SESSION.groups[one, name])):
                    yield from self.take(state, panel, SESSION.groups[one, name], at)

    def step_free(self, state, panel, name):
        """Seen as one: any free phase may lead to any other, or to a release being decided."""
        assert not name.startswith("drawer "), ("a drawer spoke to a free panel", name)
        yield state, ()
        for deciding in ("remove.next", "count.next"):
            sessions = replaced(state[1], panel, self.index[deciding])
            yield (state[0], sessions, state[2]), (("session", panel, "go"),)

    def take(self, state, panel, cells, at):  # noqa: C901 - one row, all it can tell
        cell = cells[at]
        releases = any("lease" in does(action)[1] for action in cell.actions)
        for number in range(self.drawers) if releases else (None,):
            if not self.may(cells, at, session_guards(state, self, panel, number)):
                continue
            self.fired.add(("session", cell.number))
            sessions = replaced(state[1], panel, self.index[self.seen_as(cell.dest)])
            boxes, told = state[2], []
            own = [n for n in range(self.drawers) if state[2][n][1] == panel]
            for action in cell.actions:
                for target, word in does(action)[0]:
                    if target == "own drawer" or (target == "drawer" and word == "let go"):
                        told += [("drawer", n, word) for n in own]
                    elif target == "drawer" and word == "release":
                        told.append(("drawer", number, word))
                    elif target == "drawer":
                        told += [("drawer", n, word) for n in range(self.drawers)]
                    elif target == "mode":
                        told.append(("mode", 0, word))
                    elif target == "session" and word == "go":
                        if cell.dest in self.index:
                            told.append(("session", panel, "go"))
                    elif target == "effect":
                        by = self.authority(cell)
                        self.releases.add(by)
                        box = boxes[number]
                        assert box[1] == -1, "a drawer in hand was released again"
                        boxes = replaced(boxes, number, (box[0], panel, by))
            yield (state[0], sessions, boxes), tuple(told)

    def authority(self, cell):
        if set(remove.RELEASE) <= set(cell.guards):
            return PATIENT
        if set(count.COUNT_RELEASE) <= set(cell.guards):
            return COUNT
        raise AssertionError(("a release without its guards", cell.source, cell.why))

    def may(self, cells, at, known):
        """A row may fire when its known guards hold and every row above it can be denied."""
        key = (cells[at].source, cells[at].event, at)
        if key not in self.plans:
            self.plans[key] = plan(cells, at)
        needed, above = self.plans[key]
        return all(known.get(name, True) for name in needed) and not any(
            all(known.get(name, False) for name in names) for names in above
        )


KNOWN = {
    "the_cabinet_works_normally",
    "the_cabinet_may_count",
    "no_lease_runs",
    "no_other_drawer_in_hand",
    "the_drawer_is_known_closed",
    "an_outcome_is_owed",
    "somebody_says_it_opened",
    "another_drawer_has_a_lease",
}
"""Guards that read only where the machines stand; all others are free booleans."""


def plan(cells, at):
    """What the model must know for a row to fire, and what would make a row above it fire."""
    cell = cells[at]
    needed = tuple({guard.__name__ for guard in cell.guards} & KNOWN)
    above = []
    for other in cells[:at]:
        rest = {guard.__name__ for guard in other.guards if guard not in cell.guards}
        if rest <= KNOWN:
            above.append(tuple(rest))
    return needed, tuple(above)


def replaced(values, at, value):
    return (*values[:at], value, *values[at + 1 :])


def drawer_guards(state, model, number):
    others = [
        model.boxes[box] in drawer_does.RELEASING and by != 0
        for n, (box, _, by) in enumerate(state[2])
        if n != number
    ]
    by = state[2][number][2]
    return {
        **({"another_drawer_has_a_lease": any(others)} if model.drawers > 1 else {}),
        **({"another_drawer_has_a_lease": False} if state[0] == "safe_hold" else {}),
        "an_outcome_is_owed": by != 0,
        **({} if by else {"somebody_says_it_opened": False}),
    }


def session_guards(state, model, panel, number):
    leased = any(
        model.boxes[box] in drawer_does.RELEASING or (model.boxes[box] in READY and by)
        for box, _, by in state[2]
    )
    known = {
        "the_cabinet_works_normally": state[0] == "normal",
        "the_cabinet_may_count": state[0] in {"normal", "commissioning"},
        "no_lease_runs": not leased,
        "no_other_drawer_in_hand": all(who != panel for _, who, _ in state[2]),
    }
    if number is not None:
        box, who, by = state[2][number]
        known["the_drawer_is_known_closed"] = model.boxes[box] in READY and who == -1 and not by
    return known


def search(model, limit=2_000_000):
    seen = {model.start()}
    todo = deque(seen)
    back = {}
    while todo:
        state = todo.popleft()
        for then in {model.canonical(one) for one in model.after(state)}:
            back.setdefault(then, []).append(state)
            if then not in seen:
                assert len(seen) < limit, "the model grew beyond its limit"
                seen.add(then)
                todo.append(then)
    return seen, back


def leases_running(model, state):
    return [
        n
        for n, (box, _, by) in enumerate(state[2])
        if by and model.boxes[box] in {"leased", "retrying", "released", "blind"}
    ]


@pytest.mark.timeout(300)
def test_one_panel_every_task_every_release_passes_its_guards():
    model = Model(1, 1, quotient=False)
    seen, back = search(model)
    print(f"one panel, one drawer: {len(seen)} states, {model.edges} edges")
    assert model.releases == {PATIENT, COUNT}
    in_hand = set(session.IN_HAND)
    for state in seen:
        name = model.sessions[state[1][0]]
        assert not SESSION.phases[name].decides
        if state[2][0][1] == 0:
            assert name in in_hand, ("a drawer is held by a panel that is elsewhere", name)
        if name in in_hand:
            assert state[2][0][1] == 0, ("a visit without its drawer", name, state)
    # R7: from everywhere there is a way back to an empty panel, whatever the drawer does.
    idle = model.index["signin.badge"]
    home = {state for state in seen if state[1][0] == idle}
    todo = deque(home)
    while todo:
        for before in back.get(todo.popleft(), ()):
            if before not in home:
                home.add(before)
                todo.append(before)
    assert home == seen
    fired = {number for kind, number in model.fired if kind == "session"}
    silent = [row.why for at, row in enumerate(SESSION.rows) if at not in fired]
    assert silent == [], "rows that can never fire"


@pytest.mark.timeout(300)
def test_I3_two_panels_two_drawers_never_share_a_drawer_and_never_two_leases():
    model = Model(2, 2, quotient=True)
    seen, _ = search(model)
    print(f"two panels, two drawers: {len(seen)} states, {model.edges} edges")
    assert model.releases == {PATIENT, COUNT}
    for state in seen:
        holders = [who for _, who, _ in state[2] if who >= 0]
        assert len(holders) == len(set(holders)), "one panel holds two drawers"
        assert len(leases_running(model, state)) <= 1, "two leases at once"
    fired = {number for kind, number in model.fired if kind == "drawer"}
    silent = [(row.source, row.event) for at, row in enumerate(DRAWER.rows) if at not in fired]
    assert silent == [], "rows that can never fire"


def test_every_state_event_pair_was_looked_at():
    assert len(SESSION.matrix) == len(list(product(SESSION.states, SESSION.events)))
