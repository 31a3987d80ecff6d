"""`cabinet run`: a real cabinet from its settings to its last line, in the order that is safe.

Settings, then everything that is missing at once, then keys and journal, then metal: nothing is
energised or claimed before it is known that what happens can be written down.
"""

import contextlib
import gc
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from cabinet import logs, scan
from cabinet.app import Cabinet, compose
from cabinet.clock import SystemClock, network_time_in_use
from cabinet.config import CabinetConfig
from cabinet.edge import Ports
from cabinet.ids import Ids
from cabinet.inbox import Inbox
from cabinet.journal import Journal, JournalFailed
from cabinet.keys import CabinetKeys, KeysError, load_keys
from cabinet.screens import rows
from cabinet.screens.screen import Screen
from cabinet.sync.server import SyncServer
from cabinet.wire.line import Signer
from hal.build import Hardware, HardwareMissing, build
from hal.config import HardwareConfig
from hal.inventory import missing
from hal.ports import HardwareFault, Report, Tick

KERNEL_BOOT = Path("/proc/sys/kernel/random/boot_id")

NOT_ENROLLED = (
    "This cabinet is not enrolled. Run `cabinet enrol`, compare the words with the pharmacy, and "
    "install the genesis line it answers with."
)


SIMULATED = (
    "The journal in this cabinet's folder belongs to a simulated cabinet. Nothing was started. "
    "Move it away, and enrol this cabinet."
)

SORRY_S = 15.0
"""How long the panels show why the cabinet cannot start; the service manager waits 20 s."""

Make = Callable[[HardwareConfig, Tick, Report], Hardware]
"""Builds the hardware of a configuration, not yet started."""


class CannotStart(Exception):  # noqa: N818 - an answer for a person, not a defect
    """The cabinet cannot start; one sentence for each reason."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


def say_to_manager() -> Callable[[str], None]:
    """How to talk to systemd, or to nobody when nobody listens."""
    if not os.environ.get("NOTIFY_SOCKET"):
        return lambda _state: None
    import sdnotify

    notifier = sdnotify.SystemdNotifier()

    def notify(state: str) -> None:
        notifier.notify(state)
        if state == "STOPPING=1" and notifier.socket is not None:
            notifier.socket.close()  # the library never does
            notifier.socket = None

    return notify


def open_journal(config: CabinetConfig, keys: CabinetKeys, ids: Ids) -> Journal:
    """The journal of this cabinet.

    Raises:
        JournalFailed: the disk, or a damaged file.
    """
    config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Journal.open(
        config.data_dir / "journal.db",
        cabinet=config.cabinet.id,
        signer=Signer(keys.sign),
        salt=ids.salt,
    )


def serve(config: CabinetConfig, stop: threading.Event) -> None:
    """Run a real cabinet until `stop` is set.

    Raises:
        CannotStart: with every reason.
        KeysError, JournalFailed: keys or journal cannot be used.
    """
    problems = missing(config.hardware)
    if problems:
        raise CannotStart(*problems)
    serve_with(config, stop, build)


def serve_with(config: CabinetConfig, stop: threading.Event, make: Make) -> None:
    """Run a cabinet on the hardware that `make` builds; see `serve`."""
    try:
        _serve_with(config, stop, make)
    except JournalFailed as failed:
        _say_on_displays(config, stop, make, failed.sentence)
        raise


def _say_on_displays(
    config: CabinetConfig, stop: threading.Event, make: Make, sentence: str
) -> None:
    """Let the panels say why nothing works, until the service manager tries again (F17, F18)."""
    try:
        hardware = make(config.hardware, SystemClock().mono_ms, lambda _reading: None)
    except HardwareMissing:
        return
    try:
        hardware.start()
        screen = Screen(id="fault", title="OUT OF USE", notices=(sentence,))
        for display in hardware.displays.values():
            with contextlib.suppress(HardwareFault):
                display.show(rows(screen, display.size))
        stop.wait(SORRY_S)
    finally:
        hardware.close()


def _serve_with(config: CabinetConfig, stop: threading.Event, make: Make) -> None:
    ids = Ids()
    keys = load_keys(config.data_dir / "keys", config.pepper_path)
    journal = open_journal(config, keys, ids)
    try:
        if not journal.enrolled:
            raise CannotStart(NOT_ENROLLED)
        if journal.genesis.payload.hal != "real":
            raise CannotStart(SIMULATED)
        clock = SystemClock(journal.floor_s(), synchronised=network_time_in_use)
        inbox = Inbox()
        try:
            hardware = make(config.hardware, clock.mono_ms, inbox.report)
        except HardwareMissing as lacking:
            raise CannotStart(*lacking.problems) from lacking
        try:
            cabinet = compose(
                ports=Ports(
                    locks=hardware.locks,
                    lights=hardware.lights,
                    sounder=hardware.sounder,
                    displays=hardware.displays,
                    pollers=hardware.pollers,
                ),
                clock=clock,
                journal=journal,
                keys=keys,
                ids=ids,
                hal="real",
                panels=len(config.hardware.panels),
                inbox=inbox,
                scans=config.scans.rules(),
                reason=why_started(config.data_dir / "running"),
                notify=say_to_manager(),
                threaded=True,
            )
            hardware.start()
            _run(cabinet, config, stop)
        finally:
            hardware.close()
    finally:
        journal.close()


def _run(cabinet: Cabinet, config: CabinetConfig, stop: threading.Event) -> None:
    try:
        cabinet.start()
        server = SyncServer(Path(config.cabinet.socket_path), cabinet.inbox, cabinet.ask)
        try:
            # The ward and the modules stay: the collector need not walk them between two keys.
            gc.freeze()
            threading.Thread(target=_warm, name="warm", daemon=True).start()
            cabinet.controller.run(stop)
        finally:
            server.close()
        (config.data_dir / "running").unlink(missing_ok=True)
    finally:
        cabinet.credentials.close()


def _warm() -> None:
    """Load, once the cabinet is ready, what the first scan and log line would wait for."""
    scan.warm()
    logs.warm()


def why_started(marker: Path, kernel_boot: Path = KERNEL_BOOT) -> str:
    """Why this run began, from what the last one left; leaves the mark of this one.

    Returns:
        `start` after a clean end; `power` when the machine started anew since; `restart` when only
        this program did (a crash, the watchdog).
    """
    now = kernel_boot.read_text("ascii").strip() if kernel_boot.exists() else ""
    before = marker.read_text("ascii").strip() if marker.exists() else None
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.write_text(now, "ascii")
    if before is None:
        return "start"
    return "restart" if before == now else "power"


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return stop


def what_is_missing(config: CabinetConfig) -> tuple[str, ...]:
    """Everything that keeps `cabinet run` from starting, as sentences; nothing is changed."""
    problems = list(missing(config.hardware))
    try:
        keys = load_keys(config.data_dir / "keys", config.pepper_path)
    except KeysError as lacking:
        return (*problems, str(lacking))
    if not (config.data_dir / "journal.db").exists():
        return (*problems, NOT_ENROLLED)
    try:
        journal = open_journal(config, keys, Ids())
    except JournalFailed as failed:
        return (*problems, str(failed))
    try:
        if not journal.enrolled:
            problems.append(NOT_ENROLLED)
    finally:
        journal.close()
    return tuple(problems)
