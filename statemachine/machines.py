"""Where every machine stands: the cabinet's mode, each drawer, and the session at each panel.

`Machines` is the other half of the known world. The `Ward` says what the logs say; `Machines` says
what is going on right now: which drawer is open by its sensors, who stands where, which pocket they
are being led to. It is frozen, small, and made of names and facts only, never of engine objects, so
`step` can throw a turn away and nothing has changed.

State names of sessions are `task.phase` (`remove.open`); the rows that move between them stand in
`statemachine/tables` and `statemachine/tasks`. Screens read this and the ward, and nothing else.
"""

from typing import Literal

import msgspec
from immutables import Map

from statemachine.refusals import Refusal

IDLE_SESSION = "signin.badge"
"""The state of a panel with nobody at it."""

PIN_STATES = frozenset({"signin.pin", "handover.pin"})
"""States in which digits are a PIN: the edge keeps them and sends `PinDigits`, `PinEntered`."""

NUMBER_STATES = frozenset(
    {
        "home.bed",
        "home.birth",
        "home.number",
        "patient.amount",
        "remove.left",
        "remove.left_shut",
        "remove.many",
        "count.open",
        "count.again",
    },
)
"""States in which digits are a number: the edge collects them until `#` and sends `NumberEntered`.

`#` with no digit typed reaches the machine as the key `#`; every other key at once as `KeyPressed`.
"""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One planned visit to one pocket for one part of one dose; an intent is made from it.

    Attributes:
        patient, order, dose, product: what it is for.
        quantity: units of issue to take.
        drawer, pocket: where.
        part: (this, of) of the dose, from 1.
        replaces: the reason of a replacement, or empty.
        answered: stops already answered for this visit (`many`).
    """

    patient: str
    order: str
    dose: str
    product: str
    quantity: int
    drawer: int
    pocket: str
    part: tuple[int, int] = (1, 1)
    replaces: str = ""
    answered: tuple[str, ...] = ()


class SessionMemory(msgspec.Struct, frozen=True, kw_only=True):
    """What a session must remember between two events. All of it is bounded.

    Who:
        actor: who is signed in, or empty.
        candidate: whose badge waits for a PIN (sign-in or hand-over); empty for a badge that
            nobody here knows, which is asked for a PIN all the same.
        digits: how many PIN digits the edge holds.
        tried: at least one wrong try since the badge.

    What was said last:
        refusals: why not, first one first; shown until the next key.
        said: a code of what just ended, for the screen to say plainly: `removed`, `nothing taken`,
            `not opened`, `not scanned`, `counted`, `counted with difference`, `parked`, `put back`,
            `no change`, `wrong birth day`, `not found`, `jammed`, `nothing due`, `signed out`,
            `closed`, `power` and the like.

    The round:
        patient: the patient whose list is open, or empty.
        asked: the patient who is being confirmed but is not open yet.
        by: how that patient was found: `list`, `ticket`, `wristband`, `number`.
        why: the reason given for opening a patient by number.
        first: where the parked round went on when she signed in, or empty.
        done: patients finished or passed over in this round.
        charts: patients for whom "check the chart" was confirmed in this session.
        page: page of a long list, from 0; nine lines a page.
        chosen: the dose a refusal or replacement speaks of.
        later_s: how much later than the earliest possible time it is, as she says, in seconds.
        amount: another quantity than the one shown, typed before the line is chosen; 0: as shown.
        listed: what the numbers choose, nine a page: patients on `home.patients`, doses on
            `patient.list`, pockets on `count.list`. Fixed when shown, so that a number means what
            the person saw.

    The visit to a pocket:
        queue: visits still to come; `visit`: the one under way; `index`, `total`: "1 of 2".
        intent: seq of its intent, or None.
        scan: empty, `scanned`, or the reason why not (`strip`, `ampoule`, `half`, `no code`).
        lot: from the scanned code.
        wrong: the code of a wrong pack last scanned here, or empty.
        ask_left: the book said none, too few or nothing at release: ask once how many are left.
        cancelled: she said that nothing was taken.
        orphan: nothing more may be taken in this visit (order stopped, person revoked).

    The count:
        counting: the pocket being counted, or empty; `why_count`: `asked`, `commissioning`, ...
        counted: the answer that stands, to be recorded at closing.
    """

    actor: str = ""
    candidate: str = ""
    digits: int = 0
    tried: bool = False

    refusals: tuple[Refusal, ...] = ()
    said: str = ""

    patient: str = ""
    asked: str = ""
    by: Literal["list", "ticket", "wristband", "number"] = "list"
    why: str = ""
    first: str = ""
    done: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    page: int = 0
    chosen: str = ""
    amount: int = 0
    later_s: int = 0
    listed: tuple[str, ...] = ()

    queue: tuple[Visit, ...] = ()
    visit: Visit | None = None
    index: int = 0
    total: int = 0
    intent: int | None = None
    scan: str = ""
    lot: str = ""
    wrong: str = ""
    ask_left: bool = False
    cancelled: bool = False
    orphan: bool = False

    counting: str = ""
    why_count: str = ""
    counted: int | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One panel: its state and what it remembers."""

    panel: int
    state: str = IDLE_SESSION
    memory: SessionMemory = msgspec.field(default_factory=SessionMemory)


class DrawerState(msgspec.Struct, frozen=True, kw_only=True):
    """One drawer as its sensors and its lease say right now.

    Attributes:
        state: a state of `tables/drawer.py`; `unknown` until its sensors have been read.
        reed, lock: the last readings, raw.
        panel: the panel whose visit this is, None when nobody's.
        intent: the intent of the running or last visit, until the drawer is closed.
        lease_ms: how long the lock may be energised for it.
        moved: the lock feedback has shown "unlocked" during this lease.
        touched: a scan or a word of the person says it was opened, though no reed saw it (F1).
        ended: we ended the lease ourselves before its time.
        retried: the one retry of a jam is used up (F4).
        reminders: how often "left open" was said (F7).
        suspect: how often this drawer contradicted itself; 2 takes it out of use (F1).
    """

    drawer: int
    state: str = "unknown"
    reed: Literal["open", "closed", "unknown"] = "unknown"
    lock: Literal["locked", "unlocked", "unknown"] = "unknown"
    panel: int | None = None
    intent: int | None = None
    lease_ms: int = 0
    moved: bool = False
    touched: bool = False
    ended: bool = False
    retried: bool = False
    reminders: int = 0
    suspect: int = 0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that stands: shown on every panel until it is over, said again in words."""

    alarm: str
    drawer: int | None = None


class Machines(msgspec.Struct, frozen=True, kw_only=True):
    """All machines of one cabinet.

    Attributes:
        mode: a state of `tables/mode.py`: `starting`, `commissioning`, `normal`, `safe_hold`,
            `rolled_back`.
        drawers: by number.
        panels: sessions by panel, from 1.
        alarms: what stands, in the order it arose.
        uncertain: intents that power left open, as (seq, drawer), until their count is done or
            put off; each panel shows them once.
        uncertain_products: what each of them released, as (seq, product), for the screen.
        ignored: events that changed nothing since the last tick; the controller tells the service's
            log once a tick (DESIGN 3), not the journal: nothing happened.
    """

    mode: str = "starting"
    drawers: Map[int, DrawerState] = msgspec.field(default_factory=Map)
    panels: Map[int, Session] = msgspec.field(default_factory=Map)
    alarms: tuple[Standing, ...] = ()
    uncertain: tuple[tuple[int, int], ...] = ()
    uncertain_products: tuple[tuple[int, str], ...] = ()
    ignored: int = 0


Asks = Literal["keys", "pin", "number"]


def asks(machines: Machines, panel: int) -> Asks:
    """What the digits 0-9 and `#` mean at this panel now; the edge routes them by it.

    Raises:
        ValueError: there is no such panel.
    """
    session = machines.panels.get(panel)
    if session is None:
        raise ValueError(f"There is no panel {panel}; nothing was changed.")
    if session.state in PIN_STATES:
        return "pin"
    if session.state in NUMBER_STATES:
        return "number"
    return "keys"
