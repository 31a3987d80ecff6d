"""The stage: everything one scenario is played on, and who stands on it.

A scenario begins with the world before. Its steps may be written in any order, so they are kept
until the first thing happens (the first step of another chapter), and then carried out cabinets
first, people before patients, products before pockets before orders. From there on every step is
carried out as it is read. The stage remembers who acted last ("she") and what was refused, because
scenarios speak of both.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select

from cabinet.screens.screen import Screen
from pharmacy.db import OrderRow
from pharmacy.services import Prescription
from sim.cabinet import SimulatedCabinet
from sim.clock import Timeline
from sim.people import Person
from sim.play.handles import Handles, plain
from sim.play.registry import StepFailed
from sim.ward import SimulatedWard
from statemachine.events import CountRequested
from statemachine.ward.patients import Allergy
from statemachine.ward.stock import Opening, Pocket, Product

WARD_ZONE = ZoneInfo("Europe/London")
"""Times in scenarios are ward-local."""
DEFAULT_START = dt.datetime(2026, 11, 23, 8, 0)  # noqa: DTZ001 - ward-local, made aware below
KEY_MS = 100
"""From one key to the next [G]: a quick thumb, so that badge and PIN fit into the first delay
after a wrong one and a scenario's own waits are what counts."""
POCKETS_PHASE = 6
"""Pockets are put together lot by lot, and sent once, behind the last step of this phase."""
HAND_MS = 1_000
"""One movement of a hand."""


@dataclass(slots=True)
class OrderNotes:
    """What a scenario said of an order: enough to make its doses' ids."""

    patient: str
    product: str = ""
    times: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Stage:
    """One scenario being played.

    Attributes:
        she: whoever acted last.
        kept_back: steps of the world before, with their phase, until something happens.
        actions: keys and scans since the last sign-in; a PIN is one.
        refusals: sentences that refused something, newest last.
        at_bedside: whose list each person last had open, as the banner named them.
    """

    folder: Path
    base: Path
    seed: int
    start: dt.datetime
    timeline: Timeline = field(init=False)
    handles: Handles = field(init=False)
    ward: SimulatedWard = field(init=False)
    people: dict[str, Person] = field(default_factory=dict)
    she: Person = field(default_factory=Person)
    products: dict[str, Product] = field(default_factory=dict)
    orders: dict[str, OrderNotes] = field(default_factory=dict)
    kept_back: list[tuple[int, int, Callable[[], None]]] = field(default_factory=list)
    begun: bool = False
    at_line: int = 0
    actions: int = 0
    refusals: list[str] = field(default_factory=list)
    gtins: int = 0
    allergies: dict[str, list[Allergy]] = field(default_factory=dict)
    prescriptions: dict[str, Prescription] = field(default_factory=dict)
    openings: dict[tuple[str, str], tuple[Pocket, list[Opening]]] = field(default_factory=dict)
    acks: list[bytes] = field(default_factory=list)
    zone: ZoneInfo = WARD_ZONE
    opened_for_count: int | None = None
    asked_counts: list[str] = field(default_factory=list)
    at_bedside: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The world exists, empty, at the scenario's start."""
        self.timeline = Timeline(self.epoch(self.start))
        self.handles = Handles(self.seed)
        self.ward = SimulatedWard(self.timeline, self.folder, self.seed)

    # --- time -----------------------------------------------------------------------------

    def epoch(self, local: dt.datetime) -> int:
        """Ward-local time in seconds since 1970."""
        return int(local.replace(tzinfo=WARD_ZONE).timestamp())

    def today(self) -> dt.date:
        """The ward-local day it is now, in truth."""
        return dt.datetime.fromtimestamp(self.timeline.true_s, WARD_ZONE).date()

    def at_clock(self, clock: tuple[int, int]) -> int:
        """Today at a ward-local time, in seconds since 1970."""
        return self.epoch(dt.datetime.combine(self.today(), dt.time(*clock)))

    def pass_time(self, ms: int) -> None:
        """Let virtual time pass, with everything that falls due in it."""
        self.ward.pass_time(ms)

    # --- the world before -----------------------------------------------------------------

    def keep_back(self, phase: int, line: int, doing: Callable[[], None]) -> None:
        """Carry out later, in order of phases."""
        self.kept_back.append((phase, line, doing))

    def begin(self) -> None:
        """Carry out the world before, in order; then things may happen. `at_line` tells where."""
        pockets_put = False
        for phase, line, doing in sorted(self.kept_back, key=lambda kept: kept[:2]):
            if phase > POCKETS_PHASE and not pockets_put:
                pockets_put = True
                self._send_pockets()
            self.at_line = line
            doing()
        self.kept_back.clear()
        if not pockets_put:
            self._send_pockets()
        self.begun = True
        self.ward.settle()

    def put_pocket(self, cabinet: str, pocket: Pocket, opening: Opening) -> None:
        """A pocket with one more lot in it; its opening is sent once, with all its lots."""
        _, lots = self.openings.setdefault((cabinet, pocket.pocket), (pocket, []))
        lots.append(opening)
        if self.begun:
            self._send_pockets()

    def _send_pockets(self) -> None:
        for (cabinet, _), (pocket, lots) in sorted(self.openings.items()):
            said = msgspec.structs.replace(pocket, opening=tuple(lots))
            self.ward.services.put_pocket(cabinet, said)

    def find_patient(self, handle: str) -> str:
        """The id of a patient of the scenario, or of one that a message brought.

        A patient nobody introduced is looked for by hospital number, NHS number or family name.

        Raises:
            StepFailed: nobody is known by that.
        """
        found = self.handles.find("patient", handle)
        if found is not None:
            return found
        self.ward.settle()
        for opaque, known in sorted(self.cabinet.controller.ward.patients.known.items()):
            record = known.record
            if plain(handle) in {plain(record.mrn), plain(record.nhs), plain(record.family)}:
                return opaque
        return self.handles.get("patient", handle)

    def find_order(self, handle: str) -> str:
        """The id of an order of the scenario, or of one that a message brought by its number.

        Raises:
            StepFailed: nobody knows it.
        """
        found = self.handles.find("order", handle)
        if found is not None:
            return found
        with self.ward.pharmacy.office.read() as session:
            opaque = session.scalar(select(OrderRow.order).where(OrderRow.placer.contains(handle)))
        if opaque is not None:
            self.handles.bind("order", handle, opaque)
        return self.handles.get("order", handle)

    def ask_count(self, pocket: str) -> None:
        """Somebody asks for a count of a pocket; the next nurse who counts goes there."""
        cabinet = self.cabinet
        cabinet.pocket(pocket)
        at = cabinet.clock.now()
        cabinet.parts.inbox.post(CountRequested(at=at, pocket=pocket, reason="asked"))
        self.asked_counts.append(pocket)
        self.ward.settle()

    # --- who and where ----------------------------------------------------------------------

    @property
    def cabinet(self) -> SimulatedCabinet:
        """The cabinet people stand at.

        Raises:
            StepFailed: there is none.
        """
        if not self.ward.cabinets:
            raise StepFailed('there is no cabinet; begin with: Given a cabinet "A" with ...')
        return next(iter(self.ward.cabinets.values()))

    def person(self, name: str) -> Person:
        """Somebody by name, or for an empty name whoever acted last; they act now.

        Raises:
            StepFailed: nobody introduced them.
        """
        if name:
            if name not in self.people:
                known = ", ".join(sorted(self.people)) or "nobody"
                raise StepFailed(f'nobody here is called "{name}"; introduced are: {known}.')
            self.she = self.people[name]
        return self.she

    def product(self, handle: str) -> Product:
        """A product by its handle.

        Raises:
            StepFailed: nobody introduced it.
        """
        self.handles.get("product", handle)
        return self.products[self.handles.get("product", handle)]

    def order_notes(self, handle: str) -> OrderNotes:
        """What is known of an order, from the scenario or from a message.

        Raises:
            StepFailed: there is no such order.
        """
        if handle not in self.orders:
            opaque = self.find_order(handle)
            self.orders[handle] = OrderNotes(patient=self.cabinet.order(opaque).order.patient)
        return self.orders[handle]

    def drawer(self) -> int:
        """The drawer released last.

        Raises:
            StepFailed: none was released yet.
        """
        released = self.cabinet.world.last_released
        if released is None:
            raise StepFailed("no drawer has been released yet." + self.seen())
        return released

    # --- what is seen -------------------------------------------------------------------------

    def screen(self) -> Screen:
        """What her panel shows."""
        return self.cabinet.screen(self.she.panel)

    def seen(self) -> str:
        """What a failed step reports: her screen and the last lines of the log."""
        if not self.ward.cabinets:
            return ""
        rows = screen_rows(self.screen()) or ["(dark)"]
        shown = "\n".join(f"        | {row}" for row in rows)
        lines = "\n".join(
            f"        {self.handles.named(line)}" for line in self.cabinet.last_lines(8)
        )
        return f"\n      the screen:\n{shown}\n      the last lines:\n{lines}"


def screen_rows(screen: Screen) -> list[str]:
    """A screen as plain rows: everything somebody standing there could read."""
    rows = [f"{screen.title}    {screen.status}".strip()]
    if screen.banner is not None:
        banner = screen.banner
        rows += [
            f"{banner.name}   Born {banner.born}   Gender {banner.gender}",
            f"NHS No. {banner.nhs}   {banner.place}",
            banner.allergies,
        ]
    rows += list(screen.notices)
    rows += [f"{line.choice:>2} {line.text}" for line in screen.lines]
    rows.append(screen.prompt)
    rows += [f"{key.key:>2} {key.meaning}" for key in screen.keys]
    return [row for row in rows if row.strip()]


def words(text: str) -> str:
    """A text without differences of case and spacing."""
    return " ".join(text.split()).casefold()


def screen_text(screen: Screen) -> str:
    """All a screen says, in one line, without case."""
    return words(" ".join(screen_rows(screen)))
