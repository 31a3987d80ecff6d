"""The demo's house: a pharmacy that serves, one cabinet with power, messages that arrive.

Everything talks as it does in a hospital: HL7 over MLLP into the pharmacy, signed lines over HTTP
between pharmacy and cabinet, pins and terminals between cabinet and world. What is set up here is
only what people would have set up: staff, formulary, pockets, the pharmacist's two tables.

All data stays in one folder; started again, the demo goes on where it was.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import uvicorn

from cabinet.wire.b64 import dec
from pharmacy.app import Pharmacy, Settings, build
from pharmacy.hl7.mllp import Listener
from sim.demo.cabinet import NAME, DemoCabinet, layout
from sim.demo.pharmacist import go_round
from sim.demo.time import DemoClock, LiveTimeline
from sim.feed.feeder import Feeder, Messages
from sim.feed.ward import WARD_FILE, Setup, load_setup
from sim.people import Pack, Person
from sim.world import World
from statemachine.ward.people import Staff

TICK_S = 2.0
"""How often the pharmacy does what is due."""
STARTED_S = 15.0
"""How long a server of ours may take to listen."""


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can sign in at the demo's cabinet; badge and PIN are printed for the visitor."""

    actor: str
    given: str
    family: str
    privilege: str
    badge: str
    pin: str


COLLEAGUES = (
    Colleague(actor="u101", given="Nina", family="Bell", privilege="nurse", badge="70010001",
              pin="246810"),
    Colleague(actor="u102", given="Omar", family="Reid", privilege="nurse in charge",
              badge="70010002", pin="135790"),
    Colleague(actor="u103", given="Tess", family="Wood", privilege="technician", badge="70010003",
              pin="112358"),
)  # fmt: skip # one person a paragraph


class Kept(msgspec.Struct, kw_only=True):
    """What lies where in the world, kept so that the demo goes on where it was."""

    opened_s: int
    contents: dict[str, list[tuple[str, str, str]]]
    hands: list[tuple[str, str, str, str]] = []


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything listens, on loopback."""

    cabinet_port: int = 8080
    pharmacy_port: int = 8081
    mllp_port: int = 2575

    @property
    def pharmacy_url(self) -> str:
        """The pharmacy's pages."""
        return f"http://127.0.0.1:{self.pharmacy_port}"


class CannotServe(Exception):  # noqa: N818 - an answer for a person
    """An address is taken, or the data cannot be used; with a sentence."""


class House:
    """Pharmacy, cabinet, world and messages.

    Args:
        data: the folder of everything.
        addresses: where to listen.
        messages: makes the messages, given when the demo was first opened (seconds since 1970).
        ward_file: what the pharmacist has set up.
        say: takes sentences for the terminal.
    """

    def __init__(
        self,
        data: Path,
        addresses: Addresses,
        messages: Callable[[int], Messages],
        say: Callable[[str], None],
        ward_file: Path = WARD_FILE,
    ) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.addresses = addresses
        self.timeline = LiveTimeline()
        self.first_time = not (data / "world.json").exists()
        self.visitor = Person(name="visitor")
        self.world = World(self.timeline, layout())
        self.kept = self._keep_or_make()
        self.setup: Setup = load_setup(self.kept.opened_s, ward_file)
        self.pharmacy: Pharmacy = build(
            Settings(
                database_url=f"sqlite:///{data / 'pharmacy.sqlite'}",
                keys=data / "pharmacy.keys",
                demo=True,
                clock=DemoClock(self.timeline),
            )
        )
        self.password = self.pharmacy.services.first_user()
        self._listeners: list[Callable[[object], None]] = []
        self.cabinet = DemoCabinet(
            data / "cabinet", self.world, self.timeline, addresses.pharmacy_url, self._published
        )
        self._messages = messages(self.kept.opened_s)
        self._say = say
        self._feeder: Feeder | None = None
        self._stack = contextlib.ExitStack()
        self._stop = threading.Event()
        self.feed_lives = True

    def listen(self, listener: Callable[[object], None]) -> None:
        """Be told whatever the controller publishes, on its thread."""
        self._listeners.append(listener)

    def _published(self, published: object) -> None:
        for listener in self._listeners:
            listener(published)

    # --- starting and stopping ---------------------------------------------------------------

    def start(self) -> None:
        """Serve the pharmacy, set the ward up the first time, switch the cabinet on.

        Raises:
            CannotServe: an address is taken.
        """
        self._serve_pharmacy()
        self._serve_mllp()
        if self.first_time:
            self._set_up()
        self._enrol()
        if self.first_time:
            self.fill()
            self.keep()
            for pocket in self.setup.pockets:
                self.pharmacy.services.put_pocket(NAME, pocket)
        self._every(TICK_S, self.pharmacy.tick)
        self.cabinet.power_on("start" if self.first_time else "power")
        self._stack.callback(self.cabinet.close)
        self.cabinet.plug_in()
        self.start_feed()
        self._stack.callback(self.stop_feed)

    def close(self) -> None:
        """Stop everything in the order it was started backwards; the files stay."""
        self._stop.set()
        self.keep()
        self._stack.close()
        self.pharmacy.close()

    def start_feed(self) -> None:
        """The hospital's systems send: everything once, then signs of life and new orders."""
        if self._feeder is None:
            self._feeder = Feeder(
                self._messages,
                "127.0.0.1",
                self.addresses.mllp_port,
                DemoClock(self.timeline),
                self._say,
                lambda: go_round(self.pharmacy, self.setup),
            )
            self._feeder.start()

    def stop_feed(self) -> None:
        """The hospital's systems fall silent."""
        if self._feeder is not None:
            self._feeder.stop()
            self._feeder = None

    def _serve_pharmacy(self) -> None:
        server = uvicorn.Server(
            uvicorn.Config(
                self.pharmacy.asgi,
                host="127.0.0.1",
                port=self.addresses.pharmacy_port,
                log_level="critical",
                timeout_graceful_shutdown=1,
            )
        )
        thread = threading.Thread(target=server.run, name="pharmacy", daemon=True)
        thread.start()
        pause = threading.Event()
        for _ in range(int(STARTED_S / 0.05)):
            if server.started or not thread.is_alive():
                break
            pause.wait(0.05)
        if not server.started:
            raise CannotServe(
                f"Port {self.addresses.pharmacy_port} is taken. Stop what uses it, or choose"
                " another with --pharmacy-port."
            )

        def stop() -> None:
            server.should_exit = True
            thread.join(5)

        self._stack.callback(stop)

    def _serve_mllp(self) -> None:
        loop = asyncio.new_event_loop()
        listener = Listener(self.pharmacy.services.receive_hl7, port=self.addresses.mllp_port)
        thread = threading.Thread(target=loop.run_forever, name="mllp loop", daemon=True)
        thread.start()

        def stop() -> None:
            asyncio.run_coroutine_threadsafe(listener.stop(), loop).result(15)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(5)
            loop.close()

        try:
            asyncio.run_coroutine_threadsafe(listener.start(), loop).result(STARTED_S)
        except OSError as taken:
            loop.call_soon_threadsafe(loop.stop)
            raise CannotServe(
                f"Port {self.addresses.mllp_port} is taken. Stop what uses it, or choose another"
                " with --mllp-port."
            ) from taken
        self._stack.callback(stop)

    def _every(self, seconds: float, do: Callable[[], None]) -> None:
        def run() -> None:
            while not self._stop.wait(seconds):
                do()

        thread = threading.Thread(target=run, name="tick", daemon=True)
        thread.start()
        self._stack.callback(thread.join)
        self._stack.callback(self._stop.set)

    # --- what people would have set up -------------------------------------------------------

    def _set_up(self) -> None:
        services = self.pharmacy.services
        services.put_products(self.setup.products)
        for drug, product, units in self.setup.drugs:
            services.map_drug(drug, product, "pharmacist", units)
        for text, frequency in self.setup.frequencies:
            services.map_frequency(text, frequency, "pharmacist")
        for one in COLLEAGUES:
            services.put_staff(
                Staff(
                    actor=one.actor,
                    family=one.family,
                    given=one.given,
                    privileges=(one.privilege,),
                    wards=(self.setup.ward,),
                )
            )
            services.set_credential(one.actor, one.badge, one.pin)

    def _enrol(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        with contextlib.closing(self.cabinet.journal()) as journal:
            if journal.enrolled:
                return
            asked = self.cabinet.request
            genesis = self.pharmacy.services.enrol_cabinet(
                NAME,
                ward=self.setup.ward,
                hal="sim",
                public_jwk=asked.key,
                seal_key=dec(asked.seal),
            )
            key = load_pem_public_key(self.pharmacy.office.keys.public_pem)
            assert isinstance(key, Ed25519PublicKey)
            journal.enrol(genesis, key)

    # --- the world, from one run to the next -------------------------------------------------

    def _keep_or_make(self) -> Kept:
        path = self.data / "world.json"
        if self.first_time:
            return Kept(opened_s=self.timeline.true_s, contents={})
        kept = msgspec.json.decode(path.read_bytes(), type=Kept)
        for pocket, packs in kept.contents.items():
            self.world.contents[pocket] = [Pack(*pack) for pack in packs]
        self.visitor.hands = [(Pack(*pack[:3]), pack[3]) for pack in kept.hands]
        return kept

    def fill(self) -> None:
        """Put into the pockets what the pharmacy says it put there, the first time."""
        for pocket in self.setup.pockets:
            for lot in pocket.opening:
                pack = Pack(pocket.product or "", lot.lot, lot.expires)
                self.world.fill(pocket.pocket, [pack] * lot.quantity)

    def keep(self) -> None:
        """Write down what lies where."""
        with self.cabinet.wires.lock:
            self.kept.contents = {
                pocket: [(pack.product, pack.lot, pack.expires) for pack in packs]
                for pocket, packs in self.world.contents.items()
            }
            self.kept.hands = [
                (pack.product, pack.lot, pack.expires, pocket)
                for pack, pocket in self.visitor.hands
            ]
        path = self.data / "world.json"
        new = path.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(self.kept))
        new.replace(path)
