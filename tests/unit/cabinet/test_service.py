"""`cabinet run` from settings to the last line, on metal made of memory."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cabinet.config import CabinetConfig, read_cabinet_config
from cabinet.ids import Ids
from cabinet.journal import Journal, JournalFailed
from cabinet.keys import CabinetKeys, make_keys
from cabinet.recovery import recover
from cabinet.service import NOT_ENROLLED, SIMULATED, CannotStart, serve_with, what_is_missing
from cabinet.sync.client import exchange
from cabinet.sync.process import RemoteSession
from cabinet.wire.line import Signer
from hal.build import Hardware, HardwareMissing
from hal.ports import Report
from hal.readings import BadgeReading, KeyReading

SETTINGS = """
[cabinet]
id = "A"
data_dir = "{folder}/data"
socket_path = "{folder}/sync.sock"

[hardware]
drawers = [{{ drawer = 3, lock = 17, feedback = 5, reed = 6 }}]

[[hardware.panels]]
keypad = {{ kind = "usb", device = "/dev/input/by-id/pad-event-kbd" }}
display = {{ kind = "full" }}
scanner = {{ device = "/dev/serial/by-id/scanner" }}
badge = {{ device = "/dev/serial/by-id/badge" }}
"""


@pytest.fixture
def config(tmp_path: Path) -> CabinetConfig:
    path = tmp_path / "cabinet.toml"
    path.write_text(SETTINGS.format(folder=tmp_path))
    return read_cabinet_config(path)


def open_journal(config: CabinetConfig, keys: CabinetKeys) -> Journal:
    return Journal.open(
        config.data_dir / "journal.db", cabinet="A", signer=Signer(keys.sign), salt=Ids().salt
    )


def until(fact: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 30
    while not fact():
        assert time.monotonic() < deadline, what
        threading.Event().wait(0.01)


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A service manager that listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listening


def test_a_cabinet_starts_serves_syncs_and_stops(
    config: CabinetConfig, manager: socket.socket, build
) -> None:
    house = build(enrolled=False)  # for its pharmacy and its memory metal
    keys = make_keys(config.data_dir / "keys", config.pepper_path, Ids())
    journal = open_journal(config, keys)
    journal.enrol(house.pharmacy.enrol(keys, "real"), house.pharmacy.signer.public_key)
    journal.close()
    house.pharmacy.furnish()
    house.metal.levels = {3: (True, True)}
    reports: list[Report] = []

    def make(_config: object, _tick: object, report: Report) -> Hardware:
        hardware = Hardware()
        hardware.locks = house.metal
        hardware.closers.append(house.metal.close)
        reports.append(report)
        return hardware

    stop = threading.Event()
    service = threading.Thread(target=serve_with, args=(config, stop, make))
    service.start()
    assert manager.recv(64) == b"READY=1"
    session = RemoteSession(config.cabinet.socket_path, "A")
    exchange(session, house.pharmacy)
    reports[0](BadgeReading(mono_ms=0, panel=1, badge="B1"))
    for key in "000000#":
        reports[0](KeyReading(mono_ms=0, panel=1, key=key))
    until(lambda: _sent(session, house, "session.refused"), "the wrong PIN was refused and sent")
    stop.set()
    session.close()
    service.join(20)
    assert not service.is_alive()
    said = [manager.recv(64)]
    while said[-1] != b"STOPPING=1":
        said.append(manager.recv(64))
    assert set(said) == {b"WATCHDOG=1", b"STOPPING=1"}
    assert house.metal.levels == {}, "the locks were closed"
    assert not (config.data_dir / "running").exists()
    journal = open_journal(config, keys)
    assert recover(journal).ward.house.boot == 1
    journal.close()
    assert what_is_missing(config)[-1] != NOT_ENROLLED


def _sent(session: RemoteSession, house, kind: str) -> bool:
    exchange(session, house.pharmacy)
    from cabinet.wire.line import open_line

    return any(open_line(raw).payload.type == kind for raw in house.pharmacy.up)


def never(*_: object) -> Hardware:
    raise AssertionError("hardware was built for a cabinet that may not start")


def test_a_cabinet_that_is_not_enrolled_builds_no_hardware(config: CabinetConfig) -> None:
    make_keys(config.data_dir / "keys", config.pepper_path, Ids())
    with pytest.raises(CannotStart) as refused:
        serve_with(config, threading.Event(), never)
    assert refused.value.sentences == (NOT_ENROLLED,)


def test_a_real_cabinet_does_not_start_on_a_simulated_journal(config, build) -> None:
    house = build(enrolled=False)
    keys = make_keys(config.data_dir / "keys", config.pepper_path, Ids())
    journal = open_journal(config, keys)
    journal.enrol(house.pharmacy.enrol(keys, "sim"), house.pharmacy.signer.public_key)
    journal.close()
    with pytest.raises(CannotStart) as refused:
        serve_with(config, threading.Event(), never)
    assert refused.value.sentences == (SIMULATED,)


def test_hardware_that_fails_while_it_is_built_is_listed(config, build) -> None:
    house = build(enrolled=False)
    keys = make_keys(config.data_dir / "keys", config.pepper_path, Ids())
    journal = open_journal(config, keys)
    journal.enrol(house.pharmacy.enrol(keys, "real"), house.pharmacy.signer.public_key)
    journal.close()

    def lacking(*_: object) -> Hardware:
        raise HardwareMissing(("line 17 is taken", "line 5 is taken"))

    with pytest.raises(CannotStart) as refused:
        serve_with(config, threading.Event(), lacking)
    assert refused.value.sentences == ("line 17 is taken", "line 5 is taken")


def test_F18_a_journal_that_cannot_be_opened_is_said_on_every_display(
    config, build, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = build(enrolled=False)
    make_keys(config.data_dir / "keys", config.pepper_path, Ids())
    (config.data_dir / "journal.db").write_bytes(b"this is no journal" * 500)
    monkeypatch.setattr("cabinet.service.SORRY_S", 0.0)

    def make(*_: object) -> Hardware:
        hardware = Hardware()
        hardware.locks = house.metal
        hardware.displays = {1: Display(house.metal)}
        hardware.closers.append(house.metal.close)
        return hardware

    with pytest.raises(JournalFailed) as failed:
        serve_with(config, threading.Event(), make)
    shown = " ".join(" ".join(house.metal.rows).split())
    assert failed.value.sentence in shown
    assert house.metal.leases == []
    assert house.metal.levels == {}, "the locks were closed"


class Display:
    size = (50, 18)

    def __init__(self, metal) -> None:
        self.metal = metal

    def show(self, rows: tuple[str, ...]) -> None:
        self.metal.rows = rows
