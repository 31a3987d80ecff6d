"""A small ward built the only way there is: by folding entries."""

from collections.abc import Callable
from typing import Any

import pytest

from statemachine.dose import dose_id
from statemachine.doses import DoseLine, dose_list
from statemachine.instant import Instant
from statemachine.refusals import Reason, Refusal
from statemachine.rules.ask import Ask
from statemachine.rules.removal import check_removal
from statemachine.ward import Ward
from statemachine.ward.entry import Entry, Stamp
from statemachine.ward.fold import fold
from statemachine.ward.house import Boot, Heartbeat
from statemachine.ward.orders import (
    Administration,
    Order,
    OrderWindows,
    RemovalElsewhere,
    RemovalRecorded,
)
from statemachine.ward.patients import Allergy, Patient
from statemachine.ward.people import Credential, SessionOpened, Staff
from statemachine.ward.stock import Formulary, Ingredient, Opening, Pocket, Product
from statemachine.windows import expand

MIDNIGHT_S = 1_795_392_000
"""23-Nov-2026 00:00 UTC."""


def seconds(clock: str) -> int:
    """`08:30` today, `+1 08:30` tomorrow, `-1 08:30` yesterday; seconds since 1970."""
    day, _, time = clock.rpartition(" ")
    hours, minutes = time.split(":")
    return MIDNIGHT_S + int(day or 0) * 86_400 + int(hours) * 3600 + int(minutes) * 60


def moment(clock: str, width_s: int = 0, mono_ms: int = 1_000_000) -> Instant:
    """Now, known to `width_s` seconds."""
    lo_s = seconds(clock)
    return Instant(lo_s=lo_s, hi_s=lo_s + width_s, mono_ms=mono_ms, quality="signed")


class Built:
    """A ward under construction: nurse Nina at panel 1, patient P1, fresh orders at 08:00."""

    def __init__(self) -> None:
        self.ward = Ward()
        self.ward = self._named(self.ward)
        self.now = moment("08:00")
        self.up = 0
        self.dn = 0
        self.say(Boot(reason="start"))
        self.staff("Nina", "nurse")
        self.say(SessionOpened(actor="Nina", panel=1, staff_line=(1, 1)))
        self.patient("P1")
        self.heard("08:00")

    @staticmethod
    def _named(ward: Ward) -> Ward:
        import msgspec

        house = msgspec.structs.replace(ward.house, cabinet="A", ward="7")
        return msgspec.structs.replace(ward, house=house)

    def say(self, entry: Entry) -> None:
        """Fold one entry as of now."""
        if entry.LOG == "up":
            self.up += 1
            stamp = Stamp(
                line=(1, self.up),
                wall_lo_s=self.now.lo_s,
                wall_hi_s=self.now.hi_s,
                mono_ms=self.now.mono_ms,
                boot=1,
            )
        else:
            self.dn += 1
            stamp = Stamp(line=(1, self.dn), wall_lo_s=self.now.lo_s, wall_hi_s=self.now.hi_s)
        self.ward = fold(self.ward, entry, stamp)

    def at(self, clock: str, width_s: int = 0) -> "Built":
        """It is now this time; the ePMA was heard a minute ago."""
        self.now = moment(clock, width_s)
        self.say(Heartbeat(at_s=self.now.lo_s - 60, epma_s=self.now.lo_s - 60))
        return self

    def later(self, clock: str, width_s: int = 0) -> "Built":
        """It is now this time, and nothing was heard since."""
        self.now = moment(clock, width_s)
        return self

    def heard(self, clock: str) -> None:
        self.say(Heartbeat(at_s=seconds(clock), epma_s=seconds(clock)))

    def staff(self, actor: str, *privileges: str, **more: Any) -> None:
        more.setdefault("wards", ("7",))
        self.say(Staff(actor=actor, privileges=privileges, **more))
        self.say(Credential(actor=actor, badge=f"B-{actor}", sealed="s"))

    def patient(self, patient: str, *allergies: Allergy, **more: Any) -> None:
        more.setdefault("ward", "7")
        self.say(Patient(patient=patient, allergies=allergies, allergies_recorded=True, **more))

    def product(self, product: str, *ingredients: str, flags: str = "", **more: Any) -> None:
        self.say(
            Formulary(
                products=(
                    Product(
                        product=product,
                        generic=more.pop("generic", product),
                        ingredients=tuple(Ingredient(name=name) for name in ingredients),
                        flags=tuple(flags.split()),
                        **more,
                    ),
                )
            )
        )

    def pocket(
        self, pocket: str, product: str, quantity: int = 10, lot: str = "L1",
        expires: str = "2027-12-31",
    ) -> None:  # fmt: skip
        opening = (Opening(quantity=quantity, lot=lot, expires=expires),) if quantity else ()
        drawer = int(pocket.split("-", maxsplit=1)[0])
        self.say(Pocket(pocket=pocket, drawer=drawer, product=product, opening=opening))

    def order(
        self,
        order: str = "O1",
        *parts: tuple[str, int],
        at: str = "",
        late_s: int | None = None,
        patient: str = "P1",
        **more: Any,
    ) -> None:
        more.setdefault("seen", True)
        more.setdefault("verdict", "verified")
        sets = more.pop("sets", (parts or (("para", 2),),))
        self.say(Order(order=order, patient=patient, sets=sets, **more))
        if at:
            windows = expand((seconds(one.strip()) for one in at.split(",")), late_s=late_s)
            self.say(OrderWindows(order=order, windows=windows))

    def simple(self, at: str = "08:00, 14:00, 22:00", **more: Any) -> "Built":
        """Paracetamol in pocket 3-2, two of it ordered as O1 at these times."""
        self.product("para", "paracetamol")
        self.pocket("3-2", "para")
        self.order("O1", ("para", 2), at=at, **more)
        return self

    def removed(
        self, clock: str, order: str = "O1", due: str = "08:00", quantity: int = 2,
        product: str = "para", replaces: str = "", actor: str = "Nina",
    ) -> None:  # fmt: skip
        """Somebody removed it here at that time."""
        now, self.now = self.now, moment(clock)
        self.say(
            RemovalRecorded(
                actor=actor, patient="P1", order=order,
                dose=dose_id(order, seconds(due or clock)), product=product, drawer=3,
                pocket="3-2", quantity=quantity, panel=1, intent=1, replaces=replaces,
            )
        )  # fmt: skip
        self.now = now

    def elsewhere(
        self, clock: str, order: str = "", quantity: int = 2, product: str = "para",
        due: str = "",
    ) -> None:  # fmt: skip
        """Another cabinet removed it, or took it back."""
        dose = dose_id(order, seconds(due)) if due else ""
        self.say(
            RemovalElsewhere(
                cabinet="B", patient="P1", product=product, quantity=quantity,
                at_s=seconds(clock), order=order, dose=dose,
            )
        )  # fmt: skip

    def recorded(
        self, clock: str, outcome: Any = "given", order: str = "O1", due: str = "",
        product: str = "",
    ) -> None:  # fmt: skip
        """The ePMA recorded it."""
        dose = dose_id(order, seconds(due)) if due else ""
        self.say(
            Administration(
                patient="P1", outcome=outcome, at_s=seconds(clock), order=order, dose=dose,
                product=product,
            )
        )  # fmt: skip

    def ask(self, order: str = "O1", due: str = "", **more: Any) -> Ask:
        more.setdefault("actor", "Nina")
        more.setdefault("patient", "P1")
        due_s = seconds(due) if due else None
        return Ask(ward=self.ward, now=self.now, order=order, due_s=due_s, **more)

    def refusals(self, order: str = "O1", due: str = "08:00", **more: Any) -> tuple[Refusal, ...]:
        return check_removal(self.ask(order, due, **more))

    def why(self, order: str = "O1", due: str = "08:00", **more: Any) -> list[Reason]:
        """The reasons against it, in the order told."""
        return [refusal.reason for refusal in self.refusals(order, due, **more)]

    def lines(self) -> tuple[DoseLine, ...]:
        return dose_list(self.ward, "P1", self.now)


@pytest.fixture
def built() -> Built:
    return Built()


@pytest.fixture
def at() -> Callable[[str], int]:
    return seconds
