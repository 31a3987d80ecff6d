"""One cabinet over metal of memory, on a real journal: what lease and start are measured on."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter_ns

from cabinet.app import Cabinet, compose
from cabinet.clock import SystemClock
from cabinet.edge import Ports
from cabinet.ids import Ids
from cabinet.scan import ScanRules
from hal.readings import BadgeReading, DrawerReading, KeyReading, LeaseReading
from tests.bench import ward


class Metal:
    """Locks, lights and sounder that note when a lease came and do nothing else."""

    def __init__(self, drawers: int) -> None:
        self.levels: dict[int, tuple[bool | None, bool | None]] = dict.fromkeys(
            range(1, drawers + 1), (True, True)
        )
        self.leased_ns = 0
        self.last: tuple[int, int] = (0, 0)

    def lease(self, drawer: int, ms: int, intent: int) -> None:
        self.leased_ns = perf_counter_ns()
        del ms  # nothing is energised here
        self.last = (drawer, intent)

    def end(self, drawer: int) -> None: ...

    def drawers(self) -> tuple[int, ...]:
        return tuple(self.levels)

    def read(self, drawer: int) -> tuple[bool | None, bool | None]:
        return self.levels[drawer]

    def poll(self, mono_ms: int) -> None: ...

    def close(self) -> None: ...

    def play(self, pattern: str) -> None: ...


class Lights:
    def show(self, pocket: str, pattern: str) -> None: ...


class Display:
    """A full display, so that rows are made as on a real one."""

    size = (50, 18)

    def __init__(self) -> None:
        self.rows: tuple[str, ...] = ()
        self.at_first: Callable[[], None] = lambda: None

    def show(self, rows: tuple[str, ...]) -> None:
        if not self.rows:
            self.at_first()
        self.rows = rows


class House:
    """A composed cabinet, its hand-moved time, and a nurse's fingers."""

    def __init__(self, path: Path, notify: Callable[[str], None] = lambda _state: None) -> None:
        self.metal = Metal(ward.DRAWERS)
        self.display = Display()
        self.mono_s = 0.0
        journal = ward.open_journal(path)
        clock = SystemClock(journal.floor_s(), mono=lambda: self.mono_s)
        clock.trust(ward.NOW_S, 0)
        try:
            self.cabinet: Cabinet = compose(
                ports=Ports(
                    locks=self.metal,
                    lights=Lights(),
                    sounder=self.metal,
                    displays={1: self.display},
                ),
                clock=clock,
                journal=journal,
                keys=ward.cabinet_keys(),
                ids=Ids(),
                hal="sim",
                scans=ScanRules(badge_prefix="BADGE-"),
                pins=ward.CHEAP,
                notify=notify,
            )
        except BaseException:
            journal.close()
            raise

    def start(self) -> None:
        self.cabinet.start()

    @property
    def mono_ms(self) -> int:
        return int(self.mono_s * 1000)

    def pump(self) -> None:
        while self.cabinet.controller.pump():
            pass

    def press(self, keys: str) -> None:
        for key in keys:
            self.cabinet.inbox.report(KeyReading(mono_ms=self.mono_ms, panel=1, key=key))
            self.pump()

    def sign_in(self) -> None:
        self.cabinet.inbox.report(BadgeReading(mono_ms=self.mono_ms, panel=1, badge="B1"))
        self.pump()
        self.press(ward.PIN + "#")

    def choose_first_patient(self) -> None:
        """The first patient of the list, with whatever the cabinet asks about names alike."""
        self.press("1A")
        if "Day and month" in self.screen:
            self.press("1407#")

    def drawer(self, number: int, *, closed: bool, locked: bool) -> None:
        self.metal.levels[number] = (closed, locked)
        self.cabinet.inbox.report(
            DrawerReading(mono_ms=self.mono_ms, drawer=number, closed=closed, locked=locked)
        )
        self.pump()

    def never_opened(self) -> None:
        """The lease ends and the drawer stayed shut: the dose is still there to be chosen."""
        drawer, intent = self.metal.last
        self.drawer(drawer, closed=True, locked=False)
        self.cabinet.inbox.report(LeaseReading(mono_ms=self.mono_ms, drawer=drawer, intent=intent))
        self.pump()
        self.drawer(drawer, closed=True, locked=True)

    def key_to_lease_ns(self, key: str) -> int:
        """Press the key that decides; nanoseconds until the lock was leased."""
        self.metal.leased_ns = 0
        begun_ns = perf_counter_ns()
        self.cabinet.inbox.report(KeyReading(mono_ms=self.mono_ms, panel=1, key=key))
        self.cabinet.controller.pump(1)
        took_ns = self.metal.leased_ns - begun_ns
        self.pump()
        if took_ns <= 0:
            raise AssertionError(f"No lease came:\n{self.screen}")
        return took_ns

    @property
    def screen(self) -> str:
        return "\n".join(self.display.rows)


@contextlib.contextmanager
def housed(path: Path) -> Iterator[House]:
    """A started house; closed afterwards."""
    house = House(path)
    try:
        house.start()
        house.pump()
        yield house
    finally:
        house.cabinet.close()
