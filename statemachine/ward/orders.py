"""Orders: what is prescribed, what makes one dose, when, and what has become of each dose."""

from typing import ClassVar, Literal

import msgspec
from immutables import Map

from statemachine.ward.entry import Decimal10, Directive, Entry, LineRef

OrderKind = Literal[
    "regular", "as-required", "stat", "variable", "range", "continuous", "authority"
]
Verdict = Literal["none", "verified", "queried", "rejected"]
DoseOutcome = Literal["given", "held", "omitted", "refused", "not given"]

FulfilmentSet = tuple[tuple[str, int], ...]
"""Products and whole units of issue that together make one dose: ((product, quantity), ...)."""


class Order(Directive, frozen=True, kw_only=True):
    """A prescription line (RULES 4). A later line of the same id replaces all of it but windows.

    Attributes:
        sets: alternatives, best first; each is what makes one dose.
        seen: a pharmacist has looked at it. Not seen is a normal removal, marked.
        verdict: the pharmacist's word; `queried` and `rejected` are refused.
        dose, route, frequency, text: what the screen shows; the cabinet decides nothing by them.
        interval_s: as-required: least time between doses, by ingredient.
        max_per_24h: as-required: most doses in any 24 h, by ingredient.
        allergy_reason: the prescriber's or pharmacist's reason to give in spite of an allergy.
        elsewhere: not in this cabinet: `own locker`, `infusion running`, `self-administered`, ...
    """

    TYPE: ClassVar[str] = "order"
    order: str
    patient: str
    kind: OrderKind = "regular"
    seen: bool = False
    verdict: Verdict = "none"
    sets: tuple[FulfilmentSet, ...] = ()
    dose: Decimal10 | None = None
    route: str = ""
    frequency: str = ""
    text: str = ""
    starts_s: int | None = None
    ends_s: int | None = None
    interval_s: int | None = None
    max_per_24h: int | None = None
    allergy_reason: str = ""
    elsewhere: str = ""


class Window(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One scheduled dose: due, earliest removal, last removal; seconds since 1970.

    Numbers make no circle, so the collector need not look at a hundred thousand of them.
    """

    due_s: int
    opens_s: int
    closes_s: int

    @property
    def last_s(self) -> int:
        """Its last second: screens say hours and minutes, so the minute that is named counts."""
        return self.closes_s + 59


class OrderWindows(Directive, frozen=True, kw_only=True):
    """The scheduled doses of an order, at most 168 h ahead. Replaces the earlier windows."""

    TYPE: ClassVar[str] = "order.windows"
    order: str
    windows: tuple[Window, ...] = ()


class OrderStop(Directive, frozen=True, kw_only=True):
    """The order ended early."""

    TYPE: ClassVar[str] = "order.stop"
    order: str
    reason: str = ""
    at_s: int | None = None


class Administration(Directive, frozen=True, kw_only=True):
    """What the ePMA recorded of a dose (RULES 1): given, held, omitted, refused."""

    TYPE: ClassVar[str] = "administration"
    patient: str
    outcome: DoseOutcome
    at_s: int
    order: str = ""
    dose: str = ""
    product: str = ""


class RemovalElsewhere(Directive, frozen=True, kw_only=True):
    """Another cabinet removed for this patient (or took it back: negative quantity)."""

    TYPE: ClassVar[str] = "removal.elsewhere"
    cabinet: str
    patient: str
    product: str
    quantity: int
    at_s: int
    order: str = ""
    dose: str = ""


class RemovalRecorded(Entry, frozen=True, kw_only=True):
    """The outcome of an intent: this amount left this pocket for this patient.

    Attributes:
        dose: `<order>@<due seconds>`, for as-required `<order>@<removal seconds>`.
        marks: `not yet seen`, `lot unknown`, `not scanned`, `orders old`, `patient not scanned`,
            `downtime`, `allergy reason`.
        scan: `scanned`, or the reason why not.
        replaces: the reason of a replacement (dropped, vomited, broken, lost line).
        part: (this, of): which component of the dose, from 1.
    """

    TYPE: ClassVar[str] = "removal.recorded"
    actor: str
    patient: str
    order: str
    dose: str
    product: str
    drawer: int
    pocket: str
    quantity: int
    panel: int
    intent: int
    lot: str = ""
    scan: str = ""
    replaces: str = ""
    marks: tuple[str, ...] = ()
    part: tuple[int, int] = (1, 1)
    witness: str | None = None


class RemovalRefused(Entry, frozen=True, kw_only=True):
    """The rules said no; every reason by its code, the first one is the one shown."""

    TYPE: ClassVar[str] = "removal.refused"
    actor: str
    panel: int
    reason: str
    reasons: tuple[str, ...] = ()
    patient: str = ""
    order: str = ""
    dose: str = ""
    product: str = ""
    quantity: int = 0


class NearMiss(Entry, frozen=True, kw_only=True):
    """The wrong pack was scanned at the drawer; it was stopped there (FEATURES 22)."""

    TYPE: ClassVar[str] = "near.miss"
    actor: str
    panel: int
    intent: int
    product: str
    scanned: str = ""
    patient: str = ""
    order: str = ""
    reason: str = "wrong pack"


class TaskOpened(Entry, frozen=True, kw_only=True):
    """Something a person must still do: account for a removal, return a changed order, ..."""

    TYPE: ClassVar[str] = "task.opened"
    task: str
    reason: str
    actor: str = ""
    patient: str = ""
    order: str = ""
    dose: str = ""
    pocket: str = ""
    due_s: int | None = None


class TaskClosed(Entry, frozen=True, kw_only=True):
    """The task is done, or was passed on."""

    TYPE: ClassVar[str] = "task.closed"
    task: str
    reason: str
    actor: str = ""


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """One removal as the order rules see it, from here or elsewhere.

    Attributes:
        at_lo_s, at_hi_s: when it happened, as an interval in seconds since 1970.
        quantity: units of issue still out (returns take away).
        line: the `up` line, None when it happened elsewhere.
    """

    dose: str
    order: str
    patient: str
    product: str
    quantity: int
    at_lo_s: int
    at_hi_s: int
    actor: str = ""
    replaced: bool = False
    part: tuple[int, int] = (1, 1)
    line: LineRef | None = None


class KnownOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order with its windows, its end, and where its latest line stands."""

    order: Order
    line: LineRef
    windows: tuple[Window, ...] = ()
    stopped: OrderStop | None = None


class OpenTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task not closed yet."""

    opened: TaskOpened
    line: LineRef


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """Orders by id and by patient; removals and administrations by patient; open tasks."""

    known: Map[str, KnownOrder] = msgspec.field(default_factory=Map)
    by_patient: Map[str, tuple[str, ...]] = msgspec.field(default_factory=Map)
    removed: Map[str, tuple[Removed, ...]] = msgspec.field(default_factory=Map)
    """By patient, oldest first, the last 48 h."""
    administered: Map[str, tuple[Administration, ...]] = msgspec.field(default_factory=Map)
    """By patient, oldest first, the last 48 h."""
    tasks: Map[str, OpenTask] = msgspec.field(default_factory=Map)
