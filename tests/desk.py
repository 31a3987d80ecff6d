"""A cabinet of the state machine alone: events in, entries and effects out, no hardware, no clock.

`Desk` plays the controller: it feeds events, answers leases and keeps everything that came out.
"""

from typing import Any

from statemachine.effects import CheckCredential, Effect, EndLease, Release
from statemachine.events import (
    BadgeRead,
    Booted,
    CredentialChecked,
    DirectivesArrived,
    DrawerSensed,
    Event,
    KeyPressed,
    LeaseEnded,
    LeaseGiven,
    NumberEntered,
    PackScanned,
    PinEntered,
    TimerExpired,
)
from statemachine.instant import Instant
from statemachine.machines import Machines, Session, SessionMemory
from statemachine.step import Turn, start, step
from statemachine.ward import Ward
from statemachine.ward.entry import Directive, Entry, Stamp
from statemachine.ward.house import Heartbeat, House
from statemachine.ward.orders import Order, OrderWindows, Window
from statemachine.ward.patients import Patient
from statemachine.ward.people import Credential, Staff
from statemachine.ward.stock import Formulary, Ingredient, Opening, Pocket, Product

EIGHT_S = 1_795_420_800
"""23-Nov-2026 08:00 UTC."""

PARACETAMOL = Product(
    product="paracetamol",
    generic="paracetamol",
    form="tablets",
    strength="500 mg",
    ingredients=(Ingredient(name="paracetamol"),),
    gtins=("05012345678900",),
)
FUROSEMIDE = Product(
    product="furosemide",
    generic="furosemide",
    form="tablets",
    strength="40 mg",
    ingredients=(Ingredient(name="furosemide"),),
    gtins=("05012345678917",),
)
LEVO50 = Product(
    product="levo50",
    generic="levothyroxine",
    strength="50 micrograms",
    ingredients=(Ingredient(name="levothyroxine"),),
)
LEVO25 = Product(
    product="levo25",
    generic="levothyroxine",
    strength="25 micrograms",
    ingredients=(Ingredient(name="levothyroxine"),),
)
MORPHINE = Product(
    product="morphine",
    generic="morphine",
    strength="10 mg/1 mL",
    ingredients=(Ingredient(name="morphine"),),
    flags=("custody", "witness", "count"),
)


class Desk:
    """Feeds events and keeps what came out; time is a number it moves."""

    def __init__(self, drawers: int = 3, panels: int = 2) -> None:
        self.ward = Ward(house=House(cabinet="A", ward="7", drawers=drawers, panels=panels))
        self.machines: Machines = start(self.ward, tuple(range(1, drawers + 1)), panels)
        self.lo_s = EIGHT_S
        self.mono_ms = 0
        self.doubt_s = 0
        self.entries: list[Entry] = []
        self.effects: list[Effect] = []
        self.auto_lease = True
        self._dn = 0

    @property
    def now(self) -> Instant:
        hi_s = self.lo_s + self.doubt_s
        quality = "floor" if self.doubt_s else "signed"
        return Instant(lo_s=self.lo_s, hi_s=hi_s, mono_ms=self.mono_ms, quality=quality)

    def send(self, kind: type[Event], **fields: Any) -> Turn:
        turn = step(self.machines, self.ward, kind(at=self.now, **fields))
        self.machines, self.ward = turn.machines, turn.ward
        self.entries += turn.entries
        self.effects += turn.effects
        if self.auto_lease:
            for effect in turn.effects:
                if isinstance(effect, Release):
                    self.send(LeaseGiven, drawer=effect.drawer, intent=effect.intent)
                    self.sense(effect.drawer, "closed", "unlocked")
        return turn

    def fresh(self) -> None:
        """Forget what came out so far."""
        self.entries.clear()
        self.effects.clear()

    def passes(self, seconds: int) -> None:
        self.lo_s += seconds
        self.mono_ms += seconds * 1000

    def directs(self, *directives: Directive) -> Turn:
        stamped = []
        for directive in directives:
            self._dn += 1
            stamp = Stamp(line=(1, self._dn), wall_lo_s=self.lo_s, wall_hi_s=self.lo_s)
            stamped.append((stamp, directive))
        return self.send(DirectivesArrived, to=(1, self._dn), directives=tuple(stamped))

    def sense(self, drawer: int, reed: str, lock: str) -> Turn:
        return self.send(DrawerSensed, drawer=drawer, reed=reed, lock=lock)

    def opens(self, drawer: int) -> None:
        intent = self.machines.drawers[drawer].intent
        self.sense(drawer, "open", "unlocked")
        self.send(LeaseEnded, drawer=drawer, intent=intent or 0)

    def closes(self, drawer: int) -> None:
        self.sense(drawer, "closed", "unlocked")
        self.sense(drawer, "closed", "locked")

    def lease_runs_out(self, drawer: int) -> None:
        intent = self.machines.drawers[drawer].intent
        self.send(LeaseEnded, drawer=drawer, intent=intent or 0)
        self.sense(drawer, "closed", "locked")

    def press(self, keys: str, panel: int = 1) -> None:
        for key in keys:
            self.send(KeyPressed, panel=panel, key=key)

    def number(self, number: int, panel: int = 1) -> None:
        self.send(NumberEntered, panel=panel, number=number)

    def scan(self, code: str, panel: int = 1, **fields: Any) -> None:
        self.send(PackScanned, panel=panel, code=code, **fields)

    def timer(self, name: str) -> None:
        self.send(TimerExpired, timer=name)

    def badge(self, badge: str, panel: int = 1) -> None:
        self.send(BadgeRead, panel=panel, badge=badge)

    def pin(self, right: bool, panel: int = 1, count: int = 6) -> None:
        turn = self.send(PinEntered, panel=panel, count=count)
        for effect in turn.effects:
            if isinstance(effect, CheckCredential):
                self.send(CredentialChecked, panel=panel, actor=effect.actor, right=right)

    def signs_in(self, badge: str = "B1", panel: int = 1) -> None:
        self.badge(badge, panel)
        self.pin(True, panel)

    def session(self, panel: int = 1) -> Session:
        return self.machines.panels[panel]

    def state(self, panel: int = 1) -> str:
        return self.session(panel).state

    def memory(self, panel: int = 1) -> SessionMemory:
        return self.session(panel).memory

    def box(self, drawer: int) -> str:
        return self.machines.drawers[drawer].state

    def types(self) -> list[str]:
        """The types of the entries that came out, in order."""
        return [entry.TYPE for entry in self.entries]

    def released(self) -> list[int]:
        """The drawers released, in order."""
        return [effect.drawer for effect in self.effects if isinstance(effect, Release)]

    def ended(self) -> list[int]:
        """The leases ended early, in order."""
        return [effect.drawer for effect in self.effects if isinstance(effect, EndLease)]

    def book(self, pocket: str) -> int | None:
        return self.ward.stock.pockets[pocket].book


def staff(actor: str, badge: str, *privileges: str) -> tuple[Directive, ...]:
    return (
        Staff(actor=actor, family=actor.upper(), privileges=privileges or ("nurse",), wards=("7",)),
        Credential(actor=actor, badge=badge, sealed=f"sealed-{actor}"),
    )


def patient(patient: str, family: str, bed: str, born: str = "1945-07-14", **more: Any) -> Patient:
    return Patient(
        patient=patient,
        family=family,
        given="Ann",
        born=born,
        ward=more.pop("ward", "7"),
        bed=bed,
        allergies_recorded=True,
        **more,
    )


def order(
    order: str, patient: str, *parts: tuple[str, int], due_s: int = EIGHT_S, **more: Any
) -> tuple[Directive, ...]:
    return (
        Order(
            order=order,
            patient=patient,
            seen=True,
            verdict=more.pop("verdict", "verified"),
            sets=(parts,),
            starts_s=EIGHT_S - 86_400,
            **more,
        ),
        OrderWindows(
            order=order,
            windows=(
                Window(due_s=due_s, opens_s=due_s - 3600, closes_s=due_s + 3 * 3600),
                Window(due_s=due_s + 21_600, opens_s=due_s + 18_000, closes_s=due_s + 30_000),
            ),
        ),
    )


def stocked() -> tuple[Directive, ...]:
    return (
        Formulary(products=(PARACETAMOL, FUROSEMIDE, LEVO50, LEVO25, MORPHINE)),
        Pocket(
            pocket="1-1",
            drawer=1,
            product="paracetamol",
            opening=(Opening(quantity=20, lot="L1", expires="2027-12-31"),),
        ),
        Pocket(
            pocket="1-2",
            drawer=1,
            product="furosemide",
            opening=(Opening(quantity=10, lot="F1", expires="2027-12-31"),),
        ),
        Pocket(pocket="2-1", drawer=2, product="levo50", opening=(Opening(quantity=10),)),
        Pocket(pocket="3-1", drawer=3, product="levo25", opening=(Opening(quantity=10),)),
        Pocket(pocket="3-2", drawer=3, product="morphine", opening=(Opening(quantity=5),)),
    )


def furnished() -> Desk:
    desk = Desk()
    desk.send(Booted, boot=1, reason="start")
    for drawer in (1, 2, 3):
        desk.sense(drawer, "closed", "locked")
    desk.directs(
        Heartbeat(at_s=EIGHT_S, epma_s=EIGHT_S),
        *staff("nina", "B1"),
        *staff("bea", "B2"),
        *staff("ian", "B3", "nurse in charge"),
        *stocked(),
        patient("P1", "SMITH", "3"),
        patient("P2", "JONES", "4", born="1950-02-02"),
        *order("O1", "P1", ("paracetamol", 2)),
    )
    desk.timer("tick")
    desk.fresh()
    return desk
