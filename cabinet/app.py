"""Composition: which parts make a cabinet, said once, for real metal and for the simulated ward.

`compose` takes the metal, the clock, the journal and the keys, and gives a `Cabinet` that has read
its journal but has not started. `start()` writes the boot line and looks at every drawer; after
that a caller either gives the thread to `controller.run(stop)` or calls `controller.pump()` in
virtual time. Nothing in here asks whether it is real: `cabinet/__main__.py` passes real ports,
`sim` passes a world.
"""

from collections.abc import Callable

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from cabinet.clock import Clock
from cabinet.controller import Controller
from cabinet.credentials import Credentials, PinFloor
from cabinet.edge import Draw, Ports, Rows, Step
from cabinet.gate import Gate
from cabinet.ids import Ids
from cabinet.inbox import Inbox
from cabinet.journal import Journal
from cabinet.recovery import recover
from cabinet.scan import ScanRules
from cabinet.sync.client import SyncSession
from cabinet.translate import Translator
from statemachine.events import Booted

VERSION = "0.1.0"


class CabinetKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys made at enrolment, never exported (WIRE 3).

    Attributes:
        sign: signs the `up` log.
        unseal: opens what is sealed to this cabinet: PIN verifiers.
        pepper: 32 bytes bound to this device; verifiers in memory are keyed with it.
    """

    sign: Ed25519PrivateKey
    unseal: X25519PrivateKey
    pepper: bytes


class Cabinet(msgspec.Struct, frozen=True, kw_only=True):
    """A composed cabinet.

    Attributes:
        controller: the turn.
        inbox: hand `inbox.report` to hardware; it takes readings from any thread.
        journal: the signed log.
        credentials: badge and PIN.
        sync: what the sync process, or a simulator's network, talks to; controller's thread only.
        booted: the first event, made by recovery.
    """

    controller: Controller
    inbox: Inbox
    journal: Journal
    credentials: Credentials
    sync: SyncSession
    booted: Booted

    def start(self) -> None:
        """Write the boot line, look at every drawer, let waiting directives take effect."""
        self.controller.start(self.booted)

    def close(self) -> None:
        """Stop the worker, close the journal and the locks. Nothing may be called after it."""
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
    step: Step | None = None,
    draw: Draw | None = None,
    rows: Rows | None = None,
    floor: Callable[[int], None] = lambda _wall_s: None,
    notify: Callable[[str], None] = lambda _state: None,
    threaded: bool = False,
) -> Cabinet:
    """Put a cabinet together over the given metal, clock and journal; see the module's essay.

    Args:
        hal: `real` or `sim`, for the boot line; genesis must say the same.
        panels: how many panels there are.
        inbox: the one that hardware already reports into, or None for a new one.
        scans: what a scan may be here; default: a real cabinet's rules (no barcode badges).
        pins: least cost of a PIN check; default: a real cabinet's.
        reason: why this boot: `start`, `restart`, `power`, `watchdog`.
        step, draw, rows: for tests; default: `statemachine.step` and `cabinet.screens`.
        floor: remembers the earliest possible wall time, each tick.
        notify: tells the service manager `READY=1`, `WATCHDOG=1`, `STOPPING=1`.
        threaded: check PINs on a worker thread (a real cabinet) or at once (virtual time).
    """
    raise NotImplementedError
