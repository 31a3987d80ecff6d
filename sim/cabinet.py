"""One simulated cabinet: the product's own controller, journal and gate over a world of memory.

Nothing of the product is replaced. The journal is an SQLite file, the clock is the product's clock
on a simulated oscillator, PINs are checked with Argon2id (cheaply), the gate reads committed rows.
A power cut takes the files as they lie on the disk at that instant and throws the rest away; the
next start is a new controller on those files, with the next boot number.
"""

import shutil
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cabinet.app import Cabinet, compose
from cabinet.controller import Controller
from cabinet.credentials import PinFloor
from cabinet.edge import Ports
from cabinet.ids import Ids
from cabinet.journal import Tip
from cabinet.keys import CabinetKeys
from cabinet.scan import ScanRules
from cabinet.screens.screen import Screen
from cabinet.wire.line import Signer
from sim import oracle
from sim.clock import Timeline, VirtualClock
from sim.cuts import Cuts, CuttableJournal, DiskFault
from sim.seeded import SeededBytes
from sim.world import Lease, PowerCut, World
from sim.world_ports import WorldDisplay, WorldLights, WorldSounder
from statemachine.ward.orders import KnownOrder
from statemachine.ward.patients import Patient
from statemachine.ward.stock import KnownPocket

DARK = Screen(id="dark", prompt="")
"""What a panel without power shows."""
CHEAP_PIN = PinFloor(memory_kib=8, passes=1)
"""Scenarios sign in thousands of times; a real cabinet's floor stands in the product."""
SCANS = ScanRules(mrn_pattern="[A-Z][A-Z0-9]{1,11}")
"""A real cabinet's rules, with hospital numbers that look like a scenario's handles."""
_DISK_FAULTS: dict[str, DiskFault] = {"full": "full", "read-only": "read only"}
PUMPS_MAX = 500
"""A controller that still has something to do after so many rounds is going in circles."""


class NotSeen(Exception):  # noqa: N818 - a fact about the world, not a defect
    """The cabinet has no power, or knows nothing of it: there is nothing to look at."""


class SimulatedCabinet:
    """A cabinet of the simulated ward, with or without power.

    Args:
        name: its id.
        ward: where it stands.
        folder: where its files live; made when missing.
        world: its metal.
        pharmacy_key: the pharmacy's raw public key, for the genesis line.
    """

    def __init__(
        self, name: str, ward: str, folder: Path, world: World, timeline: Timeline, seed: int
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.ward = ward
        self.folder = folder
        self.world = world
        self.timeline = timeline
        self.cuts = Cuts()
        self.witnessed: list[tuple[Lease, bool]] = []
        self.networked = True
        self.trusting = True
        self.offset_s = 0
        self.boots = 0
        self._bytes = SeededBytes(f"{seed}/{name}")
        self.keys = CabinetKeys(
            sign=Ed25519PrivateKey.from_private_bytes(self._bytes(32)),
            unseal=X25519PrivateKey.from_private_bytes(self._bytes(32)),
            pepper=self._bytes(32),
        )
        self._signer = Signer(self.keys.sign)
        self.pharmacy_pem = b""
        self._running: Cabinet | None = None
        self._clock = VirtualClock(timeline)
        self._journal_path = folder / "journal.sqlite"
        self._kept: list[tuple[int, Path]] = []
        self._disk: DiskFault | None = None
        self._lying_since: Path | None = None
        world.before_lease = self._before_lease
        world.after_lease = self._after_lease

    # --- keys and enrolment ---------------------------------------------------------------

    @property
    def public_jwk(self) -> dict[str, str]:
        """Its signing key, as the pharmacy enrols it."""
        raw = self.keys.sign.public_key().public_bytes_raw()
        return {"crv": "Ed25519", "kty": "OKP", "x": oracle.base64url(raw)}

    @property
    def seal_key(self) -> bytes:
        """The key that PIN verifiers are sealed to."""
        return self.keys.unseal.public_key().public_bytes_raw()

    @property
    def public_pem(self) -> bytes:
        """Its signing key for openssl."""
        return self.keys.sign.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )

    def enrol(self, genesis: bytes, pharmacy_pem: bytes) -> None:
        """Install the genesis line before the first start."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        key = load_pem_public_key(pharmacy_pem)
        assert isinstance(key, Ed25519PublicKey)
        self.pharmacy_pem = pharmacy_pem
        journal = self._open_journal()
        journal.enrol(genesis, key)
        journal.close()

    # --- power ----------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether it has power and a controller."""
        return self._running is not None

    @property
    def parts(self) -> Cabinet:
        """The running parts.

        Raises:
            NotSeen: there is none.
        """
        if self._running is None:
            raise NotSeen("the cabinet has no power.")
        return self._running

    @property
    def controller(self) -> Controller:
        """The running controller.

        Raises:
            NotSeen: there is none.
        """
        return self.parts.controller

    @property
    def clock(self) -> VirtualClock:
        """Its clock, of this boot or the last one."""
        return self._clock

    @property
    def journal_path(self) -> Path:
        """The journal's file."""
        return self._journal_path

    def start(self, reason: str) -> None:
        """Power comes: a new controller on the files that are there."""
        self.boots += 1
        journal = self._open_journal()
        journal.cuts = self.cuts
        journal.disk = self._disk
        self._clock = VirtualClock(
            self.timeline,
            journal.floor_s(),
            networked=self.networked,
            offset_s=self.offset_s,
            trusting=self.trusting,
        )
        made = compose(
            ports=Ports(
                locks=self.world,
                lights=WorldLights(self.world),
                sounder=WorldSounder(self.world),
                displays={
                    panel: WorldDisplay(self.world, panel)
                    for panel in range(1, self.world.panels + 1)
                },
            ),
            clock=self._clock,
            journal=journal,
            keys=self.keys,
            ids=Ids(self._bytes),
            hal="sim",
            panels=self.world.panels,
            scans=SCANS,
            pins=CHEAP_PIN,
            reason=reason,
        )
        self._running = made
        self.world.power_up(made.inbox.report, self._clock.mono_ms)
        try:
            made.start()
        except PowerCut:
            self.cut_power()

    def cut_power(self) -> None:
        """Power fails: what lies on the disk now is all there is."""
        if self._running is None:
            return
        taken = self.folder / f"boot-{self.boots + 1}"
        if self._lying_since is None:
            self._take_files(taken)
        else:
            shutil.copytree(self._lying_since, taken)
            self._lying_since = None
        self.world.power_down()
        self._running.close()
        self._running = None
        self.offset_s = self._clock.offset_s
        self._journal_path = taken / "journal.sqlite"

    def pump(self) -> bool:
        """Let the controller do what is due; whether it did anything. A cut ends it."""
        if self._running is None:
            return False
        try:
            self.world.poll(self._clock.mono_ms())
            return self._running.controller.pump() > 0
        except PowerCut:
            self.cut_power()
            return True

    def next_deadline_ms(self) -> int | None:
        """True time at which something falls due here, or None."""
        if self._running is None:
            return None
        ends_ms = self.world.next_end_ms()
        due_ms = self._running.controller.next_deadline_ms()
        if due_ms is None:
            return ends_ms
        due_ms += self.timeline.true_ms - self._clock.mono_ms()
        return due_ms if ends_ms is None else min(due_ms, ends_ms)

    def shut_down(self) -> None:
        """Stop cleanly at the end of a scenario; the files stay."""
        if self._running is not None:
            self.world.power_down()
            self._running.close()
            self._running = None

    # --- time and cards -------------------------------------------------------------------

    def lose_time(self) -> None:
        """Nobody's word for the time is taken any more, through restarts too."""
        self.trusting = False
        self._clock.lose_time()

    def trust_time_again(self) -> None:
        """Signed and network time are taken again."""
        self.trusting = True
        self._clock.trust_again()

    def keep_copy(self) -> None:
        """Keep an image of the card as it is now."""
        place = self.folder / f"card-{self.timeline.true_s}"
        self._take_files(place)
        self._kept.append((self.timeline.true_s, place))

    def restore(self, hours: int) -> bool:
        """Put in the newest image that is at least so old, and start from it."""
        before_s = self.timeline.true_s - hours * 3600
        images = [place for at_s, place in self._kept if at_s <= before_s]
        if not images:
            return False
        self.cut_power()
        taken = self.folder / f"restored-{self.boots + 1}"
        shutil.copytree(images[-1], taken)
        self._journal_path = taken / "journal.sqlite"
        self.start("power")
        return True

    def break_disk(self, fault: str | None) -> None:
        """The disk is `full`, `read-only` or `lying`, or repaired with None.

        A lying disk acknowledges what it forgets when the power fails.
        """
        self._disk = _DISK_FAULTS.get(fault or "")
        if self._running is not None:
            journal = self._running.journal
            assert isinstance(journal, CuttableJournal)
            journal.disk = self._disk
        self._lying_since = None
        if fault == "lying":
            self._lying_since = self.folder / f"lying-{self.timeline.true_ms}"
            self._take_files(self._lying_since)

    # --- what is seen ---------------------------------------------------------------------

    def screen(self, panel: int) -> Screen:
        """What a panel shows; dark without power."""
        if self._running is None or f"display {panel}" in self.world.dead_parts:
            return DARK
        return self._running.controller.screen(panel)

    def pocket(self, pocket: str) -> KnownPocket:
        """What the cabinet knows of a pocket.

        Raises:
            NotSeen: nothing, or it has no power.
        """
        known = self.controller.ward.stock.pockets.get(pocket)
        if known is None:
            raise NotSeen(f"the cabinet knows no pocket {pocket}.")
        return known

    def order(self, order: str) -> KnownOrder:
        """What the cabinet knows of an order.

        Raises:
            NotSeen: nothing, or it has no power.
        """
        known = self.controller.ward.orders.known.get(order)
        if known is None:
            raise NotSeen("the cabinet has not received that order.")
        return known

    def patient(self, patient: str) -> Patient:
        """What the cabinet knows of a patient.

        Raises:
            NotSeen: nothing, or it has no power.
        """
        known = self.controller.ward.patients.known.get(patient)
        if known is None:
            raise NotSeen("the cabinet has not heard of that patient.")
        return known.record

    def log_lines(self) -> tuple[oracle.LogLine, ...]:
        """Both logs, read by the oracle's own reader."""
        return oracle.read_lines(self._journal_path)

    def last_lines(self, count: int) -> list[str]:
        """The last lines of `up`, for people."""
        return [line.short() for line in oracle.read_lines(self._journal_path, "up")[-count:]]

    def export(self) -> oracle.Export:
        """Both logs as a stranger gets them."""
        return oracle.read_export(self._journal_path, self.public_pem, self.pharmacy_pem)

    def moved(self) -> tuple[object, ...]:
        """Where both logs and the receipt stand; differs when anything moved."""
        journal = self.parts.journal
        receipt = journal.receipt()
        return journal.tip("up"), journal.tip("dn"), receipt.up if receipt is not None else None

    def sent_up_to(self) -> Tip | None:
        """The head of `up`, when the pharmacy has acknowledged all of it; None otherwise."""
        if self._running is None or not self._running.sync.sent:
            return None
        return self._running.journal.tip("up")

    # --- inside ---------------------------------------------------------------------------

    def _open_journal(self) -> CuttableJournal:
        opened = CuttableJournal.open(
            self._journal_path,
            cabinet=self.name,
            signer=self._signer,
            salt=lambda: self._bytes(16),
        )
        assert isinstance(opened, CuttableJournal)
        return opened

    def _take_files(self, place: Path) -> None:
        place.mkdir(parents=True, exist_ok=True)
        for ending in ("", "-wal"):
            source = self._journal_path.with_name(self._journal_path.name + ending)
            if source.exists():
                shutil.copyfile(source, place / f"journal.sqlite{ending}")

    def _before_lease(self, drawer: int, intent: int) -> None:
        self.cuts.look("before", "lease", "recorded")
        del drawer, intent

    def _after_lease(self, drawer: int, intent: int) -> None:
        durable = oracle.intent_is_durable(self._journal_path, intent, drawer)
        self.witnessed.append((self.world.leases[-1], durable))
        self.cuts.look("after", "lease", "recorded")
