"""A simulated ward: one pharmacy, its cabinets, and the network between them, in one process.

In virtual time nothing waits. `settle` lets everything happen that can happen now: readings are
taken, turns are made, lines are exchanged, until all is quiet. `pass_time` moves the truth from one
deadline to the next (a timer, the end of a lease, a heartbeat) and settles at each, so six days
pass as quickly as their events allow, and in the same order every time.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from cabinet.journal import Tip
from pharmacy.app import Pharmacy, Settings, build
from pharmacy.services import Services
from pharmacy.services.periodic import say_heartbeat
from sim import oracle
from sim.cabinet import PUMPS_MAX, SimulatedCabinet
from sim.clock import Timeline
from sim.network import exchange
from sim.seeded import SeededBytes
from sim.world import World

BEAT_MS = 300_000
"""Heartbeats of the ePMA and the pharmacy's periodic work; five minutes keeps orders fresh."""
LONG_BEAT_MS = 840_000
"""The same while a long time passes with nobody there: still inside the first band (RULES 9)."""
TICK_MS = 3_600_000
"""How often the pharmacy does its other periodic work: windows, retention."""
LONG_MS = 3_600_000
"""What counts as long."""
CARD_MS = 3_600_000
"""How often an image of each card is kept, when a scenario asks for one."""


class PharmacyTime:
    """The pharmacy's clock and randomness, on the ward's timeline."""

    def __init__(self, timeline: Timeline, seed: int) -> None:
        self._timeline = timeline
        self._bytes = SeededBytes(f"{seed}/pharmacy")

    def now_s(self) -> int:
        """True time in seconds since 1970."""
        return self._timeline.true_s

    def random_bytes(self, length: int) -> bytes:
        """Repeatable bytes."""
        return self._bytes(length)


class SimulatedWard:
    """Pharmacy, cabinets and time.

    Args:
        timeline: the truth.
        folder: where all files live.
        seed: makes keys and ids; equal seeds give equal wards.
    """

    def __init__(self, timeline: Timeline, folder: Path, seed: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.timeline = timeline
        self.folder = folder
        self.seed = seed
        self.reachable = True
        self.feed_lives = True
        self.keeps_cards = False
        self.cabinets: dict[str, SimulatedCabinet] = {}
        self._clock = PharmacyTime(timeline, seed)
        self._images: list[tuple[int, Path]] = []
        self.pharmacy = self._build()
        self._news: dict[str, bool] = {}
        self._heard_boot: dict[str, int] = {}
        self._sent: dict[str, Tip] = {}
        self._beat_ms = BEAT_MS
        self._next_tick_ms = 0
        self._next_beat_ms = timeline.true_ms + BEAT_MS
        self._next_card_ms = timeline.true_ms + CARD_MS
        self.beat(now=True)

    @property
    def services(self) -> Services:
        """What the pharmacy can be asked to do; whoever asks may have made news for cabinets."""
        self._news_for_all()
        return self.pharmacy.services

    def add_cabinet(
        self, name: str, drawers: dict[int, tuple[str, ...]], *, ward: str = "7", panels: int = 1
    ) -> SimulatedCabinet:
        """Enrol a cabinet and start it for the first time."""
        world = World(self.timeline, drawers, panels)
        made = SimulatedCabinet(
            name, ward, self.folder / f"cabinet-{name}", world, self.timeline, self.seed
        )
        genesis = self.services.enrol_cabinet(
            name, ward=ward, hal="sim", public_jwk=made.public_jwk, seal_key=made.seal_key
        )
        made.enrol(genesis, self.pharmacy.office.keys.public_pem)
        self.cabinets[name] = made
        made.start("start")
        return made

    def _build(self) -> Pharmacy:
        url = f"sqlite:///{self.folder / 'pharmacy.sqlite'}"
        return build(Settings(database_url=url, demo=True, clock=self._clock))

    def restore_pharmacy(self, hours: int) -> bool:
        """Put in the newest image of the pharmacy's database that is at least so old.

        Returns:
            Whether there was one.
        """
        before_s = self.timeline.true_s - hours * 3600
        images = [place for at_s, place in self._images if at_s <= before_s]
        if not images:
            return False
        self.pharmacy.close()
        self._copy_database(images[-1], self.folder)
        self.pharmacy = self._build()
        self._sent.clear()
        self._news_for_all()
        return True

    @staticmethod
    def _copy_database(source: Path, target: Path) -> None:
        target.mkdir(parents=True, exist_ok=True)
        for name in ("pharmacy.sqlite", "pharmacy.sqlite-wal", "pharmacy.sqlite-shm"):
            (target / name).unlink(missing_ok=True)
        for name in ("pharmacy.sqlite", "pharmacy.sqlite-wal"):
            if (source / name).exists():
                shutil.copyfile(source / name, target / name)

    # --- time -----------------------------------------------------------------------------

    def settle(self) -> None:
        """Let everything happen that can happen now.

        Raises:
            RuntimeError: it never becomes quiet, which is a defect.
        """
        for _ in range(PUMPS_MAX):
            busy = [cabinet.pump() for cabinet in self.cabinets.values()]
            if not any(busy) and not (self.reachable and self._exchange()):
                return
        raise RuntimeError("The ward never becomes quiet.")

    def _exchange(self) -> bool:
        """One round of every cabinet with the pharmacy; whether anything moved."""
        moved = False
        for name, cabinet in self.cabinets.items():
            if not cabinet.running:
                continue
            asks = self._news.pop(name, False) or self._heard_boot.get(name) != cabinet.boots
            if not asks and cabinet.parts.journal.tip("up") == self._sent.get(name):
                continue
            self._heard_boot[name] = cabinet.boots
            if exchange(self.pharmacy.services, cabinet, news=asks):
                moved = True
                self._news |= dict.fromkeys(set(self.cabinets) - {name}, True)
            sent = cabinet.sent_up_to()
            if sent is not None:
                self._sent[name] = sent
        return moved

    def _news_for_all(self) -> None:
        self._news = dict.fromkeys(self.cabinets, True)

    def pass_time(self, ms: int) -> None:
        """Let so many milliseconds pass, with everything that falls due in them."""
        end_ms = self.timeline.true_ms + ms
        self._beat_ms = LONG_BEAT_MS if ms > LONG_MS else BEAT_MS
        self._next_beat_ms = min(self._next_beat_ms, self.timeline.true_ms + self._beat_ms)
        self.settle()
        while self.timeline.true_ms < end_ms:
            due = [cabinet.next_deadline_ms() for cabinet in self.cabinets.values()]
            next_ms = min([end_ms, self._next_beat_ms, *(d for d in due if d is not None)])
            self.timeline.advance(max(next_ms - self.timeline.true_ms, 1))
            self._periodic()
            self.settle()
        if ms > LONG_MS:
            self._beat_ms = BEAT_MS
            self.beat(now=True)
            self.settle()

    def set_reachable(self, *, reachable: bool) -> None:
        """The network between pharmacy and cabinets fails, or works again.

        Signs of life pass up to the very moment it fails, and from the moment it works.
        """
        if self.reachable:
            self.beat(now=True)
            self.settle()
        self.reachable = reachable
        if reachable:
            self.beat(now=True)

    def set_feed(self, *, lives: bool) -> None:
        """The ePMA dies, having lived until this moment, or lives again."""
        self.beat(now=True)
        self.settle()
        self.feed_lives = lives
        self.beat(now=True)

    def beat(self, *, now: bool = False) -> None:
        """The ePMA gives a sign of life, if it lives, and the pharmacy does what is due.

        Heartbeats that nobody could hear are not said; the next one that is heard says as much.

        Args:
            now: tell the cabinets at once, not when the pharmacy's next heartbeat is due.
        """
        heard = now or (self.reachable and any(one.running for one in self.cabinets.values()))
        if self.feed_lives and heard:
            self.services.epma_alive()
        if now or self.timeline.true_ms >= self._next_tick_ms:
            self._next_tick_ms = self.timeline.true_ms + TICK_MS
            self.services.tick()
        if heard:
            self._news_for_all()
            self.pharmacy.office.run(say_heartbeat)

    def _periodic(self) -> None:
        if self.timeline.true_ms >= self._next_beat_ms:
            self._next_beat_ms = self.timeline.true_ms + self._beat_ms
            self.beat()
        if self.keeps_cards and self.timeline.true_ms >= self._next_card_ms:
            self._next_card_ms += CARD_MS
            for cabinet in self.cabinets.values():
                cabinet.keep_copy()
            image = self.folder / f"pharmacy-{self.timeline.true_s}"
            self._copy_database(self.folder, image)
            self._images.append((self.timeline.true_s, image))

    def wait_until(self, holds: Callable[[], bool], within_ms: int, step_ms: int = 250) -> bool:
        """Let time pass in small steps until it holds; whether it came to hold."""
        self.settle()
        passed = 0
        while not holds() and passed < within_ms:
            self.pass_time(step_ms)
            passed += step_ms
        return holds()

    # --- what is believed -----------------------------------------------------------------

    def pharmacy_book(self, cabinet: str, pocket: str) -> int | None:
        """What the pharmacy believes a pocket holds, over its lots; None when it knows nothing."""
        rows = [row for row in self.pharmacy.services.stock(cabinet) if row.pocket == pocket]
        known = [row.quantity for row in rows if row.quantity is not None]
        return sum(known) if known else None

    def disagreements(self) -> list[str]:
        """Where the lines, the cabinet and the pharmacy differ about the book of a pocket."""
        wrong = []
        for name, cabinet in self.cabinets.items():
            for pocket, book in oracle.books(cabinet.log_lines()).items():
                believed = self.pharmacy_book(name, pocket)
                if believed != book:
                    wrong.append(f"pocket {pocket}: lines say {book}, pharmacy {believed}")
                if cabinet.running and cabinet.pocket(pocket).book != book:
                    here = cabinet.pocket(pocket).book
                    wrong.append(f"pocket {pocket}: lines say {book}, cabinet {here}")
        return wrong

    def close(self) -> None:
        """Stop everything; the files stay."""
        for cabinet in self.cabinets.values():
            cabinet.shut_down()
        self.pharmacy.close()
