"""Turns a second without a disk: `step` alone, over the events of one removal after another.

The events are recorded once, by letting a nurse sign in, choose her patient, take a dose, scan its
pack, close the drawer and leave; then the same turns are decided again and again from the same
beginning. The peer is signing: a cabinet that decides no slower than it signs is never held up.
"""

import gc
from collections.abc import Iterator
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from statemachine.effects import CheckCredential, Release
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
    PackScanned,
    PinDigits,
    PinEntered,
    TimerExpired,
)
from statemachine.instant import Instant
from statemachine.machines import Machines
from statemachine.step import start, step
from statemachine.ward import Ward
from statemachine.ward.entry import Stamp
from tests.bench import ward as small_ward
from tests.bench.figures import Row, Say

TURNS_A_SECOND_MIN = 5_000.0


def measure(sizes: tuple[int, ...], seconds: float, say: Say) -> Iterator[Row]:
    """One row a number of orders."""
    for orders in sizes:
        say(f"turns without disk, {orders:,} orders")
        machines, ward, events = recorded(orders)
        rates, signs = [], []
        gc.freeze()  # as `cabinet run` does before its first turn
        for _ in range(5):
            signs.append(_signs_a_second(seconds / 20))
            rates.append(_turns_a_second(machines, ward, events, seconds / 5))
        gc.unfreeze()
        yield Row(
            name="turns a second without disk", size=f"{orders:,} orders",
            figure=sorted(rates)[2], unit="/s", floor=sorted(signs)[2],
            floor_name="Ed25519 signing", limit=TURNS_A_SECOND_MIN, relative=False, at_most=False,
        )  # fmt: skip


class Desk:
    """Feeds events to `step`, answers what a house answers, and keeps every event."""

    def __init__(self, orders: int) -> None:
        self.at = Instant(lo_s=small_ward.NOW_S, hi_s=small_ward.NOW_S, mono_ms=0, quality="signed")
        self.ward = Ward()
        self.machines = start(self.ward, tuple(range(1, small_ward.DRAWERS + 1)), 1)
        self.events: list[Event] = []
        self.send(Booted(at=self.at, boot=1, reason="start"))
        stamped = tuple(
            (Stamp(line=(1, seq), wall_lo_s=self.at.lo_s, wall_hi_s=self.at.lo_s), directive)
            for seq, directive in enumerate(small_ward.directives(orders), 1)
        )
        self.send(DirectivesArrived(at=self.at, to=(1, len(stamped)), directives=stamped))
        for number in range(1, small_ward.DRAWERS + 1):
            self.sense(number, "closed", "locked")
        self.events.clear()

    def send(self, event: Event) -> None:
        turn = step(self.machines, self.ward, event)
        self.events.append(event)
        self.machines, self.ward = turn.machines, turn.ward
        for effect in turn.effects:
            match effect:
                case CheckCredential(panel=panel, actor=actor):
                    self.send(CredentialChecked(at=self.at, panel=panel, actor=actor, right=True))
                case Release(drawer=drawer, intent=intent):
                    self.send(LeaseGiven(at=self.at, drawer=drawer, intent=intent))
                case _:
                    pass

    def sense(self, drawer: int, reed: str, lock: str) -> None:
        self.send(DrawerSensed(at=self.at, drawer=drawer, reed=reed, lock=lock))

    def press(self, keys: str) -> None:
        for key in keys:
            self.send(KeyPressed(at=self.at, panel=1, key=key))


def recorded(orders: int) -> tuple[Machines, Ward, tuple[Event, ...]]:
    """Where a removal begins, and its events to the end."""
    desk = Desk(orders)
    machines, ward = desk.machines, desk.ward
    desk.send(BadgeRead(at=desk.at, panel=1, badge="B1"))
    for count in range(1, 7):
        desk.send(PinDigits(at=desk.at, panel=1, count=count))
    desk.send(PinEntered(at=desk.at, panel=1, count=6))
    desk.press("1A1")
    box = next(box for box in desk.machines.drawers.values() if box.intent is not None)
    assert box.intent is not None
    desk.sense(box.drawer, "closed", "unlocked")
    desk.sense(box.drawer, "open", "unlocked")
    desk.send(LeaseEnded(at=desk.at, drawer=box.drawer, intent=box.intent))
    desk.send(PackScanned(at=desk.at, panel=1, code=small_ward.gtin(0), lot="L1"))
    desk.sense(box.drawer, "closed", "unlocked")
    desk.sense(box.drawer, "closed", "locked")
    desk.send(TimerExpired(at=desk.at, timer="tick"))
    desk.press("C")
    taken = desk.ward.orders.removed.get("p0")
    assert taken, "nothing was removed"
    return machines, ward, tuple(desk.events)


def _turns_a_second(
    machines: Machines, ward: Ward, events: tuple[Event, ...], seconds: float
) -> float:
    turns, begun_s = 0, perf_counter()
    while perf_counter() - begun_s < seconds:
        now, known = machines, ward
        for event in events:
            turn = step(now, known, event)
            now, known = turn.machines, turn.ward
        turns += len(events)
    return turns / (perf_counter() - begun_s)


def _signs_a_second(seconds: float) -> float:
    key, data = Ed25519PrivateKey.generate(), bytes(600)
    signed, begun_s = 0, perf_counter()
    while perf_counter() - begun_s < seconds:
        for _ in range(50):
            key.sign(data)
        signed += 50
    return signed / (perf_counter() - begun_s)
