"""Every row of every table fires through the real `step`, and invariants hold on the way.

A seeded walk plays people at two panels, three drawers, a pharmacy that changes its mind and
sensors that lie, on the state machine alone. After each step: whatever is released has its intent
in the log; every intent ends once; the book is the sum of its changes; one panel, one drawer. The
stories beside this file are witnesses of the rows: together they make each one fire.
"""

import random
from collections import Counter

import pytest
from transitions.core import Transition

from statemachine.effects import CheckCredential, EndLease, Release, StartTimer, StopTimer
from statemachine.events import (
    BadgeRead,
    BandScanned,
    Booted,
    CountRequested,
    CredentialChecked,
    DrawerSensed,
    KeyPressed,
    LeaseEnded,
    LeaseRefused,
    NumberEntered,
    PackScanned,
    PinDigits,
    PinEntered,
    ScanUnreadable,
    TicketScanned,
    TimerExpired,
)
from statemachine.machines import asks
from statemachine.rounds import day_and_month
from statemachine.step import start
from statemachine.tables import drawer, mode, session
from statemachine.ward.house import Heartbeat
from statemachine.ward.orders import Administration, OrderStop
from statemachine.ward.people import Staff
from statemachine.ward.stock import Pocket, Recall, Setting
from tests import desk as desks
from tests.table import drawer_stories, people_stories, stories

TABLES = (mode.TABLE, drawer.TABLE, session.TABLE)
SEEDS = range(4)
STEPS = 3_000
PACKS = ("05012345678900", "05012345678917")


@pytest.fixture(scope="module")
def cells():
    """Which row of which table each transition of the engine is."""
    found = {}
    for table in TABLES:
        for (state, event), group in table.groups.items():
            for cell, transition in zip(
                group, table.machine.events[event].transitions[state], strict=True
            ):
                found[id(transition)] = (table.name, cell.number)
    return found


@pytest.fixture
def fired(cells, monkeypatch):
    """Every row that fired."""
    seen = Counter()
    execute = Transition.execute

    def watched(self, event_data):
        done = execute(self, event_data)
        if done and id(self) in cells:
            seen[cells[id(self)]] += 1
        return done

    monkeypatch.setattr(Transition, "execute", watched)
    return seen


class Walk:
    """People, drawers and a pharmacy, drawn by one seed."""

    def __init__(self, desk, words, seed):
        self.desk, self.words, self.draw = desk, words, random.Random(seed)
        desk.auto_lease = False
        self.timers = {}
        self.leases = {}
        self.open_intents = set()
        self.orders = 0
        self.boots = 1

    def turn(self, kind, **fields):
        desk = self.desk
        before = desk.ward
        count = len(desk.entries)
        turn = desk.send(kind, **fields)
        self.check(before, desk.entries[count:], turn)
        for effect in turn.effects:
            self.perform(effect)

    def perform(self, effect):
        if isinstance(effect, StartTimer):
            self.timers[effect.timer] = self.desk.mono_ms + effect.after_ms
        elif isinstance(effect, StopTimer):
            self.timers.pop(effect.timer, None)
        elif isinstance(effect, Release):
            self.leases[effect.drawer] = effect.intent
        elif isinstance(effect, EndLease):
            intent = self.leases.pop(effect.drawer, None)
            if intent is not None:
                self.turn(LeaseEnded, drawer=effect.drawer, intent=intent)
        elif isinstance(effect, CheckCredential) and self.draw.random() < 0.95:
            right = effect.actor != "" and self.draw.random() < 0.9
            self.turn(CredentialChecked, panel=effect.panel, actor=effect.actor, right=right)

    def check(self, before, entries, turn):
        for at, entry in enumerate(entries):
            seq = before.up[1] + 1 + at
            if entry.TYPE == "release.intent":
                self.open_intents.add(seq)
            if entry.TYPE in {
                "release.refused",
                "release.expired",
                "release.jammed",
                "release.indeterminate",
            } or (entry.TYPE == "drawer.closed" and entry.intent is not None):
                assert entry.intent in self.open_intents, ("ended twice", entry)
                self.open_intents.discard(entry.intent)
            assert entry.TYPE != "fault.raised" or entry.fault != "impossible", entry
        assert set(turn.ward.drawers.intents) == self.open_intents
        for effect in turn.effects:
            if isinstance(effect, Release):
                assert effect.intent in turn.ward.drawers.intents, "a lease without its intent"
                intent = turn.ward.drawers.intents[effect.intent].intent
                assert intent.drawer == effect.drawer
                assert intent.order_line or intent.authority in {"count", "commissioning"}
        holders = [box.panel for box in turn.machines.drawers.values() if box.panel is not None]
        assert len(holders) == len(set(holders))
        for panel, one in turn.machines.panels.items():
            assert not session.TABLE.phases[one.state].decides
            assert (one.state in session.IN_HAND) == (panel in holders), (panel, one.state)
            assert (turn.ward.people.panels.get(panel, "") == one.memory.actor) or (
                one.state.startswith("signin.")
            )
        for known in turn.ward.stock.pockets.values():
            if known.book is not None:
                assert known.book == sum(lot.quantity for lot in known.lots)

    # --- one step of the walk ----------------------------------------------------------------

    def step(self):
        self.desk.passes(self.draw.choice((0, 0, 0, 0, 1, 2, 5)))
        kind = self.draw.random()
        if kind < 0.55:
            self.person(self.draw.choice((1, 1, 1, 2)))
        elif kind < 0.86:
            self.hand_or_sensor(self.draw.choice((1, 2, 3)))
        elif kind < 0.93:
            self.clock()
        else:
            self.pharmacy()

    def person(self, panel):
        draw, memory = self.draw, self.desk.memory(panel)
        state = self.desk.state(panel)
        if state == "signin.badge" or draw.random() < 0.02:
            badge = draw.choice(("B1", "B2", "B3", "B1", "B9"))
            self.turn(BadgeRead, panel=panel, badge=badge)
            return
        if asks(self.desk.machines, panel) == "pin" and draw.random() < 0.9:
            self.turn(PinDigits, panel=panel, count=draw.randrange(7))
            count = draw.choice((6, 6, 6, 6, 4))
            if asks(self.desk.machines, panel) == "pin":
                self.turn(PinEntered, panel=panel, count=count)
            return
        if asks(self.desk.machines, panel) == "number" and draw.random() < 0.85:
            self.turn(NumberEntered, panel=panel, number=self.number(panel, memory))
            return
        if draw.random() < 0.2:
            self.scan(panel)
            return
        live = [
            key
            for key in "123456789#*ABCD0"
            if self.key_kind(state, key) == "rows" and (key not in "BC" or draw.random() < 0.35)
        ]
        key = draw.choice(live or ["0"])
        if key.isdigit() and draw.random() < 0.7:
            key = draw.choice("1122334")
        self.turn(KeyPressed, panel=panel, key=key)

    def key_kind(self, state, key):
        name = "key number" if key in "123456789" else f"key {key}"
        return session.TABLE.matrix[state, name]

    def number(self, panel, memory):
        draw, desk = self.draw, self.desk
        right = {
            "home.bed": draw.choice((3, 4, 9)),
            "home.number": draw.choice((4321, 9_434_765_919, 5)),
            "remove.many": memory.queue[0].quantity if memory.queue else 0,
        }.get(desk.state(panel))
        if desk.state(panel) == "home.birth":
            known = desk.ward.patients.known.get(memory.asked)
            right = day_and_month(known.record.born) if known else 0
        if right is None:
            pocket = memory.counting or (memory.visit.pocket if memory.visit else "")
            known = desk.ward.stock.pockets.get(pocket)
            right = max((known.book if known else 0) or 0, 0)
        return draw.choice((right, right, right, right + 1, 99_999))

    def scan(self, panel):
        draw = self.draw
        kind = draw.random()
        if kind < 0.75:
            lot, expires = draw.choice((("", ""), ("L1", "2027-12-31"), ("L1", "2020-01-01")))
            code = draw.choice((*PACKS, *PACKS, "04006381333931"))
            self.turn(PackScanned, panel=panel, code=code, lot=lot, expires=expires)
        elif kind < 0.85:
            nhs = draw.choice(("9434765919", "9000000009", "1"))
            self.turn(BandScanned, panel=panel, nhs=nhs)
        elif kind < 0.93:
            self.turn(TicketScanned, panel=panel, patient=draw.choice(("P1", "P2", "nobody")))
        else:
            self.turn(ScanUnreadable, panel=panel, reason="not readable")

    def hand_or_sensor(self, number):
        draw, box = self.draw, self.desk.machines.drawers[number]
        busy = [n for n, one in self.desk.machines.drawers.items() if one.panel is not None]
        if busy and draw.random() < 0.8:
            number = draw.choice(busy)
            box = self.desk.machines.drawers[number]
        if draw.random() < 0.02:
            reed = draw.choice(("open", "closed", "unknown"))
            lock = draw.choice(("locked", "unlocked", "unknown"))
        elif number in self.leases and draw.random() < 0.12:
            intent = self.leases.pop(number)
            kind = draw.choice((LeaseEnded, LeaseEnded, LeaseRefused))
            fields = {"reason": "no"} if kind is LeaseRefused else {}
            self.turn(kind, drawer=number, intent=intent, **fields)
            return
        elif number in self.leases:
            steps = {"locked": ("closed", "unlocked"), "unlocked": ("open", "unlocked")}
            reed, lock = steps.get(box.lock, ("closed", "unlocked"))
        elif box.reed == "open":
            reed, lock = draw.choice((("open", "unlocked"), ("closed", "unlocked")))
        else:
            reed, lock = "closed", "locked"
        self.sense(number, reed, lock)

    def sense(self, number, reed, lock):
        self.turn(DrawerSensed, drawer=number, reed=reed, lock=lock)

    def clock(self):
        draw = self.draw
        due = sorted(self.timers)
        if not due or draw.random() < 0.1:
            self.turn(TimerExpired, timer="tick")
            return
        timer = draw.choice(due)
        if timer.startswith("idle") and draw.random() < 0.7:
            return
        self.desk.passes(max(0, (self.timers.pop(timer) - self.desk.mono_ms) // 1000 + 1))
        self.turn(TimerExpired, timer=timer)

    def pharmacy(self):
        desk, draw = self.desk, self.draw
        self.orders += 1
        name = f"X{self.orders}"
        patient = draw.choice(("P1", "P2"))
        parts = draw.choice(
            (
                (("paracetamol", 1),),
                (("furosemide", 1),),
                (("levo50", 1), ("levo25", 1)),
                (("levo50", 6),),
                (("morphine", 1),),
            )
        )
        what = draw.randrange(9)
        if what < 4:
            due_s = desk.lo_s - draw.choice((0, 600, 1200))
            desk.directs(*self.words.order(name, patient, *parts, due_s=due_s))
        elif what == 4:
            some = draw.choice(sorted(desk.ward.orders.known))
            desk.directs(OrderStop(order=some, at_s=desk.lo_s))
        elif what == 5:
            some = draw.choice(sorted(desk.ward.orders.known))
            desk.directs(
                Administration(patient=patient, outcome="given", at_s=desk.lo_s, order=some)
            )
        elif what == 6:
            gone = draw.random() < 0.25
            actor = draw.choice(("nina", "bea"))
            staff = Staff(actor=actor, privileges=("nurse",), wards=("7",), revoked=gone)
            desk.directs(staff)
        elif what == 7:
            desk.directs(
                Heartbeat(at_s=desk.lo_s, epma_s=desk.lo_s),
                Recall(recall="R", product="paracetamol", lot="L1", lifted=draw.random() < 0.8),
                Pocket(pocket="2-2", drawer=2, product=draw.choice(("furosemide", None))),
                Setting(key="choosing", value=draw.choice(("list", "list, wristband, ticket"))),
            )
        else:
            pocket = draw.choice(("1-1", "1-2", "2-1", "3-1", "3-2"))
            self.turn(CountRequested, pocket=pocket)
        self.open_intents = set(desk.ward.drawers.intents)

    def mends(self):
        """Everything is shut and repaired, and the nurse in charge puts it back into use."""
        for number in (1, 2, 3):
            self.sense(number, "closed", "unlocked")
            self.sense(number, "closed", "locked")
        for actor in ("nina", "bea"):
            self.desk.directs(Staff(actor=actor, privileges=("nurse",), wards=("7",)))
        self.desk.directs(
            Recall(recall="R", product="paracetamol", lot="L1", lifted=True),
            Pocket(pocket="2-2", drawer=2, product="furosemide"),
            Heartbeat(at_s=self.desk.lo_s, epma_s=self.desk.lo_s),
        )
        for panel in (1, 2):
            if self.desk.state(panel) == "signin.badge":
                self.turn(BadgeRead, panel=panel, badge="B3")
                self.turn(PinEntered, panel=panel, count=6)
                for key in "*3DA4":
                    self.turn(KeyPressed, panel=panel, key=key)
                for key in "*4":
                    self.turn(KeyPressed, panel=panel, key=key)
                return

    def power(self):
        """Everything stops and starts again; what was under way is uncertain."""
        desk = self.desk
        self.boots += 1
        self.timers.clear()
        self.leases.clear()
        desk.mono_ms = 0
        desk.machines = start(desk.ward, (1, 2, 3), 2)
        uncertain = tuple((seq, "power") for seq in sorted(desk.ward.drawers.intents))
        self.turn(Booted, boot=self.boots, reason="power", uncertain=uncertain)
        assert not desk.ward.drawers.intents


def ready(*more):
    """A ward with a patient of another ward besides the usual people."""
    desk = desks.furnished()
    desk.directs(desks.patient("P5", "BROWN", "9", ward="8", nhs="9000000009", mrn="4321"), *more)
    return desk


NAMESAKE = desks.patient("P4", "SMYTH", "4", born="1950-05-06", nhs="9434765919")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.timeout(300)
def test_a_walk_keeps_every_invariant(seed):
    print("seed", seed)
    walk = Walk(ready(NAMESAKE), desks, seed)
    for at in range(STEPS):
        walk.step()
        if at % 900 == 899:
            walk.power()
        if at % 150 == 149:
            walk.mends()


def test_every_row_of_every_table_fires_in_a_story(fired, cells):
    for story in (*drawer_stories.ALL, *stories.ALL, *people_stories.ALL):
        story(ready())
    by_name = {table.name: table for table in TABLES}
    missing = sorted(set(cells.values()) - set(fired))
    for name, number in missing:
        row = by_name[name].rows[number]
        print(name, number, row.source, row.event, row.dest, row.why)
    print(sum(fired.values()), "rows fired,", len(set(cells.values())), "rows")
    assert missing == []
