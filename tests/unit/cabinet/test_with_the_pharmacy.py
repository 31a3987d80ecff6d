"""The cabinet's sync against the real pharmacy: real HTTP on loopback, real Unix socket."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from cabinet.config import SyncConfig
from cabinet.enrol import request_for
from cabinet.sync.client import unsent
from cabinet.sync.process import run_sync
from cabinet.sync.server import SyncServer
from cabinet.wire.b64 import dec
from pharmacy.app import Pharmacy, Settings, build
from statemachine.ward.people import Staff
from statemachine.ward.stock import Opening, Pocket, Product


class Served(uvicorn.Server):
    """uvicorn in a thread, without its signal handlers."""

    def install_signal_handlers(self) -> None:
        return


@pytest.fixture
def pharmacy(tmp_path: Path) -> Iterator[Pharmacy]:
    made = build(Settings(database_url=f"sqlite:///{tmp_path / 'pharmacy.db'}", demo=True))
    yield made
    made.close()


@pytest.fixture
def address(pharmacy: Pharmacy) -> Iterator[str]:
    config = uvicorn.Config(pharmacy.asgi, host="127.0.0.1", port=0, log_level="critical")
    server = Served(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait(lambda: server.started, "the pharmacy listens")
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(30)


def wait(fact, what: str) -> None:
    for _ in range(3_000):
        if fact():
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"not in 30 s: {what}")


def test_a_real_pharmacy_briefs_a_real_cabinet_and_holds_every_line_it_writes(
    build_unenrolled, pharmacy: Pharmacy, address: str, tmp_path: Path
) -> None:
    house = build_unenrolled()
    asked = request_for("A", house.keys, "sim")
    pharmacy.services.put_staff(
        Staff(actor="n1", family="BELL", privileges=("nurse",), wards=("7",))
    )
    pharmacy.services.set_credential("n1", "B1", "246810")
    genesis = pharmacy.services.enrol_cabinet(
        "A", ward="7", hal="sim", public_jwk=asked.key, seal_key=dec(asked.seal)
    )
    house.enrol(genesis, pharmacy.office.signer.public_key)
    house.start()
    server = SyncServer(tmp_path / "s.sock", house.cabinet.inbox, house.cabinet.ask)
    stop = threading.Event()
    controller = threading.Thread(target=house.cabinet.controller.run, args=(stop,))
    carrier = threading.Thread(
        target=run_sync,
        args=(
            SyncConfig(
                cabinet="A",
                pharmacy_url=address,
                socket_path=str(tmp_path / "s.sock"),
                long_poll_s=1,
                timeout_s=10,
            ),
            stop,
        ),
    )
    controller.start()
    carrier.start()
    try:
        ward = lambda: house.cabinet.controller.ward  # noqa: E731 - read anew each time
        wait(lambda: "n1" in ward().people.persons, "the briefing took effect")
        pharmacy.services.put_product(Product(product="para500", generic="paracetamol"))
        pharmacy.services.put_pocket(
            "A",
            Pocket(
                pocket="3-2", drawer=3, product="para500", opening=(Opening(quantity=20, lot="L1"),)
            ),
        )
        wait(lambda: "3-2" in ward().stock.pockets, "a new directive arrived by itself")
        wait(lambda: unsent(house.cabinet.journal) == 0, "every line was acknowledged")
        assert house.cabinet.controller.clock.now().quality == "signed"
        assert ward().house.ward == "7"
    finally:
        stop.set()
        house.cabinet.inbox.wake()
        controller.join(20)
        carrier.join(40)
        server.close()
    (row,) = [row for row in pharmacy.services.stock("A") if row.pocket == "3-2"]
    assert (row.quantity, row.lot) == (20, "L1")
    house.sign_in()
    assert house.types()[-1] == "session.opened"
