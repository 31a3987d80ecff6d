"""A small house around the real controller: real journal, real gate, real tables, memory metal.

The pharmacy here is tiny: it signs directives and heads with `cabinet.wire` and accepts what comes,
so that the cabinet's own half is tested without the server.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from cabinet.app import Cabinet, compose
from cabinet.clock import SystemClock
from cabinet.credentials import PinFloor
from cabinet.edge import Ports, Published
from cabinet.ids import Ids
from cabinet.journal import Journal
from cabinet.keys import CabinetKeys
from cabinet.scan import ScanRules
from cabinet.wire.b64 import enc
from cabinet.wire.body import seal_body
from cabinet.wire.file import read_batch, write_batch
from cabinet.wire.genesis import make_genesis
from cabinet.wire.head import make_head
from cabinet.wire.line import Signer, UpPayload, open_envelope, open_line, verify
from cabinet.wire.seal import seal
from hal.ports import HardwareFault
from hal.readings import BadgeReading, DrawerReading, KeyReading, LeaseReading, ScanReading
from statemachine.ward.entry import Directive, Entry
from statemachine.ward.house import Heartbeat
from statemachine.ward.orders import Order, OrderWindows, Window
from statemachine.ward.patients import Patient
from statemachine.ward.people import Credential, Staff
from statemachine.ward.stock import Formulary, Opening, Pocket, Product, Setting

MORNING_S = 1_795_420_800
"""23-Nov-2026 08:00 UTC, which is ward time in winter."""
GTIN = "05012345678900"
CHEAP = PinFloor(memory_kib=8, passes=1)


class SeededBytes:
    def __init__(self, seed: str) -> None:
        self.seed, self.drawn = seed, 0

    def __call__(self, size: int) -> bytes:
        out = b""
        while len(out) < size:
            self.drawn += 1
            out += hashlib.sha256(f"{self.seed}{self.drawn}".encode()).digest()
        return out[:size]


class Watch:
    """Monotonic seconds moved by hand."""

    def __init__(self) -> None:
        self.mono_s = 0.0

    def clock(self, floor_s: int = 0) -> SystemClock:
        return SystemClock(floor_s, mono=lambda: self.mono_s)


class MemoryMetal:
    """Locks, lights, sounder and a display that remember what they were told."""

    size = (50, 18)

    def __init__(self, drawers: tuple[int, ...]) -> None:
        self.leases: list[tuple[int, int, int]] = []
        self.ended: list[int] = []
        self.lit: list[tuple[str, str]] = []
        self.sounds: list[str] = []
        self.rows: tuple[str, ...] = ()
        self.levels: dict[int, tuple[bool | None, bool | None]] = dict.fromkeys(
            drawers, (True, True)
        )
        self.broken = False
        self.polled_ms: list[int] = []

    def lease(self, drawer: int, ms: int, intent: int) -> None:
        if self.broken:
            raise HardwareFault(f"The lock of drawer {drawer} does not answer.")
        self.leases.append((drawer, ms, intent))

    def end(self, drawer: int) -> None:
        self.ended.append(drawer)

    def drawers(self) -> tuple[int, ...]:
        return tuple(self.levels)

    def read(self, drawer: int) -> tuple[bool | None, bool | None]:
        return self.levels[drawer]

    def poll(self, mono_ms: int) -> None:
        self.polled_ms.append(mono_ms)

    def close(self) -> None:
        self.levels.clear()

    def play(self, pattern: str) -> None:
        if self.broken:
            raise HardwareFault("The sounder does not answer.")
        self.sounds.append(pattern)


class Lights:
    def __init__(self, metal: MemoryMetal) -> None:
        self.metal = metal

    def show(self, pocket: str, pattern: str) -> None:
        self.metal.lit.append((pocket, pattern))


class Display:
    size = (50, 18)

    def __init__(self, metal: MemoryMetal) -> None:
        self.metal = metal

    def show(self, rows: tuple[str, ...]) -> None:
        if self.metal.broken:
            raise HardwareFault("The display does not answer.")
        self.metal.rows = rows


class TinyPharmacy:
    """Signs `dn`, accepts `up`, keeps the time."""

    def __init__(self, cab: str = "A") -> None:
        self.cab = cab
        self.draw = SeededBytes("pharmacy")
        self.signer = Signer(Ed25519PrivateKey.from_private_bytes(self.draw(32)))
        self.now_s = MORNING_S
        self.items: list[tuple[bytes, bytes]] = []
        self.tip = ""
        self.up: list[bytes] = []
        self.up_hash = ""
        self.posts = 0

    def enrol(self, keys: CabinetKeys, hal: str = "sim") -> bytes:
        self.keys = keys
        genesis = make_genesis(
            self.signer,
            cab=self.cab,
            ep=1,
            hal="sim" if hal == "sim" else "real",
            iat=self.now_s,
            cabinet_key=keys.sign.public_key(),
        )
        self.tip = self.up_hash = open_envelope(genesis).hash
        return genesis

    def say(self, *directives: Directive) -> None:
        for directive in directives:
            data = msgspec.json.encode(directive, order="sorted")
            digest, record = seal_body(data, self.draw(16))
            raw = self.signer.sign(
                "adc-directive+jws",
                {
                    "v": 1,
                    "log": "dn",
                    "cab": self.cab,
                    "ep": 1,
                    "seq": len(self.items) + 1,
                    "prev": self.tip,
                    "type": directive.TYPE,
                    "body": digest,
                    "wall": self.now_s,
                    "up_ack": [1, len(self.up)],
                },
            )
            self.tip = open_envelope(raw).hash
            self.items.append((raw, record.encode()))

    def head(self, nonce: str | None = None) -> bytes:
        return make_head(
            self.signer,
            cab=self.cab,
            ep=1,
            seq=len(self.up),
            head=self.up_hash,
            dn=(1, len(self.items), self.tip),
            nonce=nonce,
            iat=self.now_s,
            exp=self.now_s + 300,
        )

    def dn_after(self, seq: int, nonce: str | None) -> bytes:
        lines = self.items[seq:]
        batch, _ = write_batch(lines, None)
        return batch + self.head(nonce) + b"\n"

    def accept_up(self, data: bytes) -> bytes:
        self.posts += 1
        for raw in read_batch(data).lines:
            line = open_line(raw)
            verify(line.envelope, self.keys.sign.public_key())
            if line.payload.seq == len(self.up) + 1 and line.payload.prev == self.up_hash:
                self.up.append(raw)
                self.up_hash = line.hash
        return self.head() + b"\n"

    # the two calls of a transport
    def post(self, path: str, body: bytes) -> bytes:
        assert path == f"/v1/cabinets/{self.cab}/up"
        return self.accept_up(body)

    def get(self, path: str) -> bytes:
        query = dict(part.split("=", 1) for part in path.partition("?")[2].split("&"))
        return self.dn_after(int(query["from"]), query.get("nonce"))

    def credential(self, actor: str, badge: str, pin: str, floor: PinFloor = CHEAP) -> Credential:
        text = Argon2id(
            salt=self.draw(16),
            length=32,
            iterations=floor.passes,
            lanes=1,
            memory_cost=floor.memory_kib,
        ).derive_phc_encoded(pin.encode())
        context = f"credential {self.cab} {actor}".encode()
        sealed = seal(self.keys.unseal.public_key(), text.encode(), context)
        return Credential(actor=actor, badge=badge, sealed=enc(sealed))

    def furnish(self) -> None:
        """A ward with two nurses, one patient, one order due now, one pocket."""
        self.say(
            Staff(actor="n1", family="BELL", given="Nina", privileges=("nurse",), wards=("7",)),
            self.credential("n1", "B1", "246810"),
            Staff(actor="n2", family="COX", given="Nora", privileges=("nurse",), wards=("7",)),
            self.credential("n2", "B2", "135791"),
            Setting(key="cabinet", value="A"),
            Setting(key="ward", value="7"),
            Formulary(
                products=(
                    Product(
                        product="para500",
                        generic="paracetamol",
                        form="tablets",
                        strength="500 mg",
                        gtins=(GTIN,),
                        early_s=3600,
                    ),
                )
            ),
            Pocket(
                pocket="3-2",
                drawer=3,
                product="para500",
                opening=(Opening(quantity=20, lot="L1", expires="2027-12-31"),),
            ),
            Patient(
                patient="p1",
                family="SMITH",
                given="John",
                born="1945-07-14",
                gender="male",
                nhs="9434765919",
                ward="7",
                bed="3",
                allergies_recorded=True,
            ),
            Order(
                order="o1",
                patient="p1",
                seen=True,
                verdict="verified",
                sets=((("para500", 2),),),
                starts_s=self.now_s - 86_400,
            ),
            OrderWindows(
                order="o1",
                windows=(Window(self.now_s, self.now_s - 3_600, self.now_s + 7_200),),
            ),
            Heartbeat(at_s=self.now_s, epma_s=self.now_s),
        )


class House:
    """One enrolled cabinet over memory metal and its tiny pharmacy."""

    def __init__(
        self,
        folder: Path,
        *,
        drawers: tuple[int, ...] = (1, 2, 3),
        panels: int = 1,
        enrolled: bool = True,
    ) -> None:
        self.folder = folder
        self.watch = Watch()
        self.draw = SeededBytes("cabinet")
        self.ids = Ids(self.draw)
        self.keys = CabinetKeys.draw(self.ids)
        self.pharmacy = TinyPharmacy()
        self.metal = MemoryMetal(drawers)
        self.panels = panels
        self.published: list[Published] = []
        self.options: dict[str, object] = {}
        self.cabinet: Cabinet
        if enrolled:
            self.enrol(self.pharmacy.enrol(self.keys), self.pharmacy.signer.public_key)

    def enrol(self, genesis: bytes, pharmacy: Ed25519PublicKey) -> None:
        journal = self.open_journal()
        journal.enrol(genesis, pharmacy)
        journal.close()

    def open_journal(self) -> Journal:
        return Journal.open(
            self.folder / "journal.db",
            cabinet="A",
            signer=Signer(self.keys.sign),
            salt=self.ids.salt,
        )

    def start(self, reason: str = "start", **options: object) -> Cabinet:
        journal = self.open_journal()
        self.watch.mono_s = 0.0
        clock = self.watch.clock(journal.floor_s())
        settings: dict[str, object] = {
            "scans": ScanRules(badge_prefix="BADGE-"),
            "pins": CHEAP,
            **options,
        }
        self.cabinet = compose(
            ports=Ports(
                locks=self.metal,
                lights=Lights(self.metal),  # type: ignore[arg-type] # str for Literal
                sounder=self.metal,  # type: ignore[arg-type] # as above
                displays={1: Display(self.metal)},
            ),
            clock=clock,
            journal=journal,
            keys=self.keys,
            ids=self.ids,
            hal="sim",
            panels=self.panels,
            reason=reason,
            **settings,  # type: ignore[arg-type] # a test's own choice
        )
        self.cabinet.controller.listen(self.published.append)
        self.cabinet.start()
        return self.cabinet

    def stop(self) -> None:
        self.cabinet.close()

    # --- what people and metal do ---

    def sync(self) -> None:
        from cabinet.sync.client import exchange

        exchange(self.cabinet.sync, self.pharmacy)

    def keys_pressed(self, keys: str, panel: int = 1) -> None:
        for key in keys:
            self.cabinet.inbox.report(KeyReading(mono_ms=self.mono, panel=panel, key=key))
            self.pump()

    def badge(self, badge: str, panel: int = 1) -> None:
        self.cabinet.inbox.report(BadgeReading(mono_ms=self.mono, panel=panel, badge=badge))
        self.pump()

    def scan(self, text: str, panel: int = 1) -> None:
        self.cabinet.inbox.report(ScanReading(mono_ms=self.mono, panel=panel, frame=text.encode()))
        self.pump()

    def drawer(self, drawer: int, *, closed: bool, locked: bool) -> None:
        self.metal.levels[drawer] = (closed, locked)
        self.cabinet.inbox.report(
            DrawerReading(mono_ms=self.mono, drawer=drawer, closed=closed, locked=locked)
        )
        self.pump()

    def lease_over(self, drawer: int, intent: int) -> None:
        self.cabinet.inbox.report(LeaseReading(mono_ms=self.mono, drawer=drawer, intent=intent))
        self.pump()

    def wait(self, seconds: float) -> None:
        """Let time pass, timer by timer."""
        controller = self.cabinet.controller
        end_s = self.watch.mono_s + seconds
        while (due := controller.next_deadline_ms()) is not None and due / 1000 <= end_s:
            self.watch.mono_s = max(self.watch.mono_s, due / 1000)
            controller.pump()
        self.watch.mono_s = end_s
        controller.pump()

    def sign_in(self, badge: str = "B1", pin: str = "246810", panel: int = 1) -> None:
        self.badge(badge, panel)
        self.keys_pressed(pin + "#", panel)

    def pump(self) -> None:
        for _ in range(50):
            if not self.cabinet.controller.pump():
                return
        raise AssertionError("the controller goes in circles")

    @property
    def mono(self) -> int:
        return int(self.watch.mono_s * 1000)

    @property
    def screen(self) -> str:
        """The screen's id and all its words."""
        shown = self.cabinet.controller.screen(1)
        words = [shown.id, *shown.notices, *(line.text for line in shown.lines), shown.prompt]
        return "\n".join(words)

    def types(self) -> list[str]:
        """The types of all `up` lines, in order."""
        return [line.type for line in self.cabinet.journal.lines_after("up", (1, 0), 10_000)]

    def entries(self, kind: type[Entry]) -> list[Entry]:
        found = [line.entry() for line in self.cabinet.journal.lines_after("up", (1, 0), 10_000)]
        return [entry for entry in found if isinstance(entry, kind)]


def up_payload(raw: bytes) -> UpPayload:
    payload = open_line(raw).payload
    assert isinstance(payload, UpPayload)
    return payload


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Builds houses and closes what was started."""
    built: list[House] = []

    def make(**options: object) -> House:
        folder = tmp_path / str(len(built))
        folder.mkdir()
        house = House(folder, **options)  # type: ignore[arg-type] # a test's own choice
        built.append(house)
        return house

    yield make
    for house in built:
        if hasattr(house, "cabinet"):
            house.stop()


@pytest.fixture
def house(build: Callable[..., House]) -> House:
    """A furnished, started, synced cabinet at 08:00."""
    made = build()
    made.pharmacy.furnish()
    made.start()
    made.sync()
    return made


@pytest.fixture
def build_unenrolled(build: Callable[..., House]) -> Callable[[], House]:
    """Builds a house whose cabinet has keys and no genesis line."""
    return lambda: build(enrolled=False)
