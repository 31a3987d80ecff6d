"""The demo's cabinet: the product's own parts over simulated pins, terminals and a Unix socket.

Locks and contacts are `hal.gpio` on gpiozero; the scanner and the card reader are the real serial
readers on pseudo-terminals; lines reach the pharmacy through the real sync loops over HTTP. Only
what hangs on the wires is made of memory. Power may be cut at any moment: the controller's thread
is left where it stands, the files are what they are, and the next start is a new boot.
"""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from cabinet.app import Cabinet, compose
from cabinet.clock import SystemClock
from cabinet.config import SyncConfig
from cabinet.credentials import PinFloor
from cabinet.edge import Ports, Published
from cabinet.enrol import Request, request_for
from cabinet.ids import Ids
from cabinet.inbox import Inbox
from cabinet.journal import Journal
from cabinet.keys import CabinetKeys, make_keys
from cabinet.scan import ScanRules
from cabinet.sync.process import run_sync
from cabinet.sync.server import SyncServer
from cabinet.wire.line import Signer
from hal.badge import SerialBadgeReader
from hal.config import HardwareConfig, Panel, SerialReader, TerminalDisplay, UsbKeypad
from hal.gpio import GpioLocks
from hal.readings import KeyReading
from hal.scanner import SerialScanner
from hal.serial_line import open_port
from hal.threads import Poller
from sim.demo.time import LiveTimeline
from sim.demo.wires import WorldWires, drawer_pins
from sim.pins import WireFactory
from sim.serial import PtyCardReader, PtyScanner
from sim.world import World
from sim.world_ports import WorldLights, WorldSounder

NAME = "ward7-a"
POCKETS = 4
DRAWERS = 6
READER_WAIT_S = 0.05
CHEAP_PIN = PinFloor(memory_kib=8, passes=1)
"""The demo's PINs are printed on the page; a real cabinet's floor stands in the product."""


def layout() -> dict[int, tuple[str, ...]]:
    """Six drawers of four pockets."""
    return {
        drawer: tuple(f"{drawer}-{place}" for place in range(1, POCKETS + 1))
        for drawer in range(1, DRAWERS + 1)
    }


def hardware() -> HardwareConfig:
    """What is wired to the demo's Pi."""
    return HardwareConfig(
        drawers=drawer_pins(),
        panels=(
            Panel(
                keypad=UsbKeypad(device="/dev/input/by-id/demo-keypad"),
                display=TerminalDisplay(columns=80, rows=30),
                scanner=SerialReader(device="/dev/serial/by-id/demo-scanner"),
                badge=SerialReader(device="/dev/serial/by-id/demo-badge"),
            ),
        ),
    )


class DemoCabinet:
    """One cabinet with a power switch and a network plug.

    Args:
        folder: where its journal, keys and sockets live.
        world: its drawers and what is in them.
        timeline: the truth about time.
        pharmacy_url: where the pharmacy serves, on loopback.
        publish: called after each item the controller took, on its thread.
    """

    def __init__(
        self,
        folder: Path,
        world: World,
        timeline: LiveTimeline,
        pharmacy_url: str,
        publish: Callable[[Published], None],
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.world = world
        self.timeline = timeline
        self.config = hardware()
        self.wires = WorldWires(world, self.config)
        self.ids = Ids()
        self.keys: CabinetKeys = make_keys(folder / "keys", folder / "keys" / "pepper", self.ids)
        self.scanner = PtyScanner(folder / "scanner")
        self.badges = PtyCardReader(folder / "badge-reader")
        self.running: Cabinet | None = None
        self._url = pharmacy_url
        self._publish = publish
        self._stack = contextlib.ExitStack()
        self._stop = threading.Event()
        self._network: tuple[threading.Event, threading.Thread] | None = None

    # --- enrolment ---------------------------------------------------------------------------

    @property
    def request(self) -> Request:
        """What the pharmacy is told of this cabinet."""
        return request_for(NAME, self.keys, "sim")

    def journal(self) -> Journal:
        """Open the journal."""
        return Journal.open(
            self.folder / "journal.db",
            cabinet=NAME,
            signer=Signer(self.keys.sign),
            salt=self.ids.salt,
        )

    # --- power -------------------------------------------------------------------------------

    def power_on(self, reason: str) -> None:
        """Start the controller on the files that are there."""
        if self.running is not None:
            return
        self._stop = threading.Event()
        self._stack = contextlib.ExitStack()
        journal = self.journal()
        self._stack.callback(journal.close)
        clock = SystemClock(
            journal.floor_s(),
            wall=lambda: self.timeline.true_ms / 1000,
            mono=lambda: self.timeline.true_ms / 1000,
            synchronised=lambda: True,
        )
        inbox = Inbox()
        locks = GpioLocks(
            self.config, WireFactory(self.wires, clock.mono_ms), clock.mono_ms, inbox.report
        )
        self._stack.callback(locks.close)
        made = compose(
            ports=Ports(locks=locks, lights=WorldLights(self.world), sounder=self._sounder()),
            clock=clock,
            journal=journal,
            keys=self.keys,
            ids=self.ids,
            hal="sim",
            inbox=inbox,
            scans=ScanRules(),
            pins=CHEAP_PIN,
            reason=reason,
            threaded=True,
        )
        self._stack.callback(made.credentials.close)
        made.controller.listen(self._publish)
        self._read_from_terminals(inbox, clock)
        server = SyncServer(self.folder / "sync.sock", inbox, made.ask)
        self._stack.callback(server.close)
        self.world.power_up(lambda _reading: None, clock.mono_ms)
        self.running = made
        thread = threading.Thread(target=self._serve, args=(made,), name="controller", daemon=True)
        self._stack.callback(thread.join)
        self._stack.callback(self._stop.set)
        thread.start()

    def _serve(self, made: Cabinet) -> None:
        made.start()
        made.controller.run(self._stop)

    def _sounder(self) -> WorldSounder:
        return WorldSounder(self.world)

    def _read_from_terminals(self, inbox: Inbox, clock: SystemClock) -> None:
        """The scanner and the card reader, each on its own pseudo-terminal and thread."""
        scanner = SerialReader(device=f"/dev/{self.folder.name}-scanner")
        for reader in (
            SerialScanner(1, lambda: open_port(self._at(scanner, self.scanner.path)), inbox.report),
            SerialBadgeReader(
                1, lambda: open_port(self._at(scanner, self.badges.path)), inbox.report
            ),
        ):
            poller = Poller(reader, clock.mono_ms, inbox.report, READER_WAIT_S)
            poller.start()
            self._stack.callback(reader.close)
            self._stack.callback(poller.stop)

    @staticmethod
    def _at(reader: SerialReader, path: str) -> SerialReader:
        """The same reader at a pseudo-terminal's own name, which no settings file may hold."""
        return msgspec.structs.replace(reader, device=path)

    def power_off(self) -> None:
        """The power fails: whatever the controller was about to do next does not happen."""
        if self.running is None:
            return
        self.running = None
        self._stack.close()
        with self.wires.lock:
            self.world.power_down()

    # --- network -----------------------------------------------------------------------------

    def plug_in(self) -> None:
        """Start the sync loops."""
        if self._network is not None:
            return
        stop = threading.Event()
        config = SyncConfig(
            cabinet=NAME,
            pharmacy_url=self._url,
            socket_path=str((self.folder / "sync.sock").resolve()),
            long_poll_s=5,
            timeout_s=10,
            retry_max_s=5,
        )
        thread = threading.Thread(target=run_sync, args=(config, stop), name="sync", daemon=True)
        self._network = (stop, thread)
        thread.start()

    def unplug(self) -> None:
        """Pull the network plug: the loops end after what is under way."""
        if self._network is None:
            return
        stop, _ = self._network
        stop.set()
        self._network = None

    @property
    def plugged_in(self) -> bool:
        """Whether the network plug is in."""
        return self._network is not None

    # --- the keypad --------------------------------------------------------------------------

    def press(self, key: str) -> None:
        """A finger on the USB keypad; a dark cabinet does not notice."""
        running = self.running
        if running is not None:
            running.inbox.report(
                KeyReading(mono_ms=running.controller.clock.mono_ms(), panel=1, key=key)
            )

    def close(self) -> None:
        """Stop everything; the files stay."""
        self.unplug()
        self.power_off()
        self.scanner.close()
        self.badges.close()
