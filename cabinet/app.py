"""Composition: which parts make a cabinet, said once, for real metal and for the simulated ward.

`compose` takes the metal, the clock, the journal and the keys, and gives a `Cabinet` that has read
its journal but has not started. `start()` writes the boot line and looks at every drawer; after
that a caller either gives the thread to `controller.run(stop)` or calls `controller.pump()` in
virtual time. Nothing in here asks whether it is real: `cabinet/__main__.py` passes real ports,
`sim` passes a world.
"""

from collections.abc import Callable

import msgspec

from cabinet.clock import Clock
from cabinet.controller import Controller
from cabinet.credentials import Credentials, PinFloor
from cabinet.doubts import Doubts
from cabinet.edge import Draw, Ports, Rows, Step
from cabinet.gate import Gate
from cabinet.ids import Ids
from cabinet.inbox import Inbox
from cabinet.journal import Journal
from cabinet.keys import CabinetKeys
from cabinet.recovery import recover
from cabinet.scan import ScanRules
from cabinet.screens import draw, rows
from cabinet.screens.frame import Surroundings
from cabinet.screens.screen import Screen
from cabinet.sync import frames
from cabinet.sync.client import SyncSession, unsent
from cabinet.translate import Translator
from statemachine.events import Booted
from statemachine.instant import Instant
from statemachine.machines import Machines
from statemachine.step import start
from statemachine.step import step as decide
from statemachine.ward import Ward

VERSION = "0.1.0"


def _draw(ward: Ward, machines: Machines, now: Instant, panel: int, around: Surroundings) -> Screen:
    return draw(ward, machines, now, panel, around=around)


class Minds(msgspec.Struct, frozen=True, kw_only=True):
    """What decides and what draws; the product's own unless a test says otherwise.

    Attributes:
        step: decides: `statemachine.step.step`.
        draw: makes screens: `cabinet.screens.draw`.
        rows: makes text of them: `cabinet.screens.rows`.
    """

    step: Step = decide
    draw: Draw = _draw
    rows: Rows = rows


class Cabinet(msgspec.Struct, frozen=True, kw_only=True):
    """A composed cabinet.

    Attributes:
        controller: the turn.
        inbox: hand `inbox.report` to hardware; it takes readings from any thread.
        journal: the signed log.
        credentials: badge and PIN.
        sync: what the sync process, or a simulator's network, talks to; controller's thread only.
        booted: the first event, made by recovery.
        doubts: tells people when an answer, or our own journal, cannot be believed.
        rolled_back: why the journal is older than its anchors; empty when it is not.
    """

    controller: Controller
    inbox: Inbox
    journal: Journal
    credentials: Credentials
    sync: SyncSession
    booted: Booted
    doubts: Doubts
    rolled_back: str = ""

    def start(self) -> None:
        """Write the boot line, look at every drawer, let waiting directives take effect."""
        self.controller.start(self.booted)
        if self.rolled_back:
            self.doubts.judge("our journal went back", self.rolled_back)

    def ask(self, kind: bytes, payload: bytes) -> tuple[bytes, bytes]:
        """Answer one question of the sync socket, on the controller's thread."""
        return answer(self.sync, kind, payload)

    def close(self) -> None:
        """Stop the worker and close the journal; the ports are their owner's to close."""
        self.credentials.close()
        self.journal.close()


def compose(
    *,
    ports: Ports,
    clock: Clock,
    journal: Journal,
    keys: CabinetKeys,
    ids: Ids,
    hal: str,
    panels: int = 1,
    inbox: Inbox | None = None,
    scans: ScanRules | None = None,
    pins: PinFloor | None = None,
    reason: str = "start",
    minds: Minds | None = None,
    notify: Callable[[str], None] = lambda _state: None,
    threaded: bool = False,
) -> Cabinet:
    """Put a cabinet together over the given metal, clock and journal; see the module's essay.

    The journal must be enrolled; its boot is begun here.

    Args:
        ports: locks, lights, sounder, displays.
        clock: what the cabinet knows of time.
        journal: opened, with its genesis line.
        keys: this cabinet's keys.
        ids: randomness.
        hal: `real` or `sim`, for the boot line; genesis must say the same.
        panels: how many panels there are.
        inbox: the one that hardware already reports into, or None for a new one.
        scans: what a scan may be here; default: a real cabinet's rules (no barcode badges).
        pins: least cost of a PIN check; default: a real cabinet's.
        reason: why this boot: `start`, `restart`, `power`, `watchdog`.
        minds: what decides and draws; default: the product's own.
        notify: tells the service manager `READY=1`, `WATCHDOG=1`, `STOPPING=1`.
        threaded: check PINs on a worker thread (a real cabinet) or at once (virtual time).

    Raises:
        ValueError: genesis says another kind of hardware than `hal`, or there is no genesis.
        JournalFailed: the disk, or a journal that does not verify.
    """
    _demand_hardware(journal, hal)
    inbox = inbox if inbox is not None else Inbox()
    recovered = recover(journal)
    booted = Booted(
        at=clock.now(),
        boot=journal.begin_boot(),
        reason="rollback" if recovered.rolled_back else reason,
        version=VERSION,
        hal=hal,
        uncertain=recovered.uncertain,
    )
    credentials = _credentials(journal, keys, clock, pins or PinFloor(), inbox, threaded=threaded)
    controller = _controller(
        _Parts(ports=ports, clock=clock, journal=journal, inbox=inbox, credentials=credentials),
        start(recovered.ward, ports.locks.drawers(), panels),
        recovered.ward,
        Translator(scans or ScanRules()),
        minds or Minds(),
        notify,
    )
    return _talking(controller, journal, ids, credentials, booted, recovered.rolled_back)


class _Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What a controller is built on."""

    ports: Ports
    clock: Clock
    journal: Journal
    inbox: Inbox
    credentials: Credentials


def _demand_hardware(journal: Journal, hal: str) -> None:
    """Refuse a journal of the other kind: a simulated one never opens a real drawer."""
    said = journal.genesis.payload.hal
    if said != hal:
        raise ValueError(
            f"This journal was enrolled for {said} hardware and this program drives {hal} "
            "hardware. Nothing was started."
        )


def _credentials(
    journal: Journal,
    keys: CabinetKeys,
    clock: Clock,
    floor: PinFloor,
    inbox: Inbox,
    *,
    threaded: bool,
) -> Credentials:
    return Credentials(
        cabinet=journal.cabinet,
        key=keys.unseal,
        pepper=keys.pepper,
        clock=clock,
        floor=floor,
        post=inbox.post,
        threaded=threaded,
    )


def _controller(
    parts: _Parts,
    machines: Machines,
    ward: Ward,
    translator: Translator,
    minds: Minds,
    notify: Callable[[str], None],
) -> Controller:
    return Controller(
        clock=parts.clock,
        inbox=parts.inbox,
        translator=translator,
        journal=parts.journal,
        gate=Gate(parts.journal, parts.ports.locks),
        credentials=parts.credentials,
        ports=parts.ports,
        machines=machines,
        ward=ward,
        step=minds.step,
        draw=minds.draw,
        rows=minds.rows,
        unsent=lambda: unsent(parts.journal),
        notify=notify,
    )


def _talking(
    controller: Controller,
    journal: Journal,
    ids: Ids,
    credentials: Credentials,
    booted: Booted,
    rolled_back: str,
) -> Cabinet:
    """The cabinet, with its half of the sync."""
    doubts = Doubts(controller.clock, controller.handle)
    sync = SyncSession(
        journal=journal,
        clock=controller.clock,
        ids=ids,
        on_directives=controller.apply_directives,
        on_outcome=doubts.judge,
    )
    return Cabinet(
        controller=controller,
        inbox=controller.inbox,
        journal=journal,
        credentials=credentials,
        sync=sync,
        booted=booted,
        doubts=doubts,
        rolled_back=rolled_back,
    )


def answer(sync: SyncSession, kind: bytes, payload: bytes) -> tuple[bytes, bytes]:
    """Answer one question of the sync socket (`cabinet.sync.frames`)."""
    if kind == frames.NEXT_UP:
        return frames.DONE, sync.next_up() or b""
    if kind == frames.NEXT_DN:
        return frames.DONE, sync.next_dn().encode("ascii")
    if kind == frames.TOOK_UP:
        outcome = sync.took_up(payload)
    elif kind == frames.TOOK_DN:
        query, _, batch = payload.partition(b"\n")
        outcome = sync.took_dn(query.decode("ascii", "replace"), batch)
    else:
        return frames.REFUSED, b"question"
    moved = b"1" if outcome.moved else b"0"
    return frames.DONE, moved + outcome.code.encode("ascii")
