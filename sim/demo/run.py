"""`cabinet-sim demo`: start everything, say where it is and who can sign in, stop cleanly."""

import contextlib
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click
import uvicorn

from sim.demo.house import COLLEAGUES, Addresses, CannotServe, House
from sim.demo.page import Page
from sim.demo.server import build
from sim.feed.feeder import Messages
from sim.feed.manifest import MANIFEST_FILE, CorpusMessages
from sim.feed.messages import OwnMessages
from sim.feed.ward import WARD_FILE

MARKER = "opened-with"
"""A file that says which messages the data was opened with."""


def run(data: Path, addresses: Addresses, *, fresh: bool, corpora: Path | None) -> None:
    """Serve the demo until Ctrl-C.

    Raises:
        CannotServe: an address is taken, or the data belongs to another kind of demo.
    """
    if fresh and data.exists():
        shutil.rmtree(data)
    _same_kind(data, corpora)
    click.echo("Starting the pharmacy, the cabinet and the messages ...")
    house = House(
        data,
        addresses,
        _messages(corpora),
        click.echo,
        WARD_FILE if corpora is None else MANIFEST_FILE,
    )
    try:
        house.start()
        page = Page(house)
        page.begin()
        _say(house)
        server = uvicorn.Server(
            uvicorn.Config(
                build(page),
                host="127.0.0.1",
                port=addresses.cabinet_port,
                log_level="critical",
                timeout_graceful_shutdown=1,
            )
        )
        _stop_on_signals(server)
        with contextlib.suppress(SystemExit):  # uvicorn's answer to a taken port
            server.run()
        if not server.started:
            raise CannotServe(
                f"Port {addresses.cabinet_port} is taken. Stop what uses it, or choose another"
                " with --port."
            )
    finally:
        click.echo("Stopping; everything is kept.")
        house.close()


def _messages(corpora: Path | None) -> Callable[[int], Messages]:
    def own(opened_s: int) -> Messages:
        return OwnMessages(opened_s)

    def theirs(opened_s: int) -> Messages:
        assert corpora is not None
        return CorpusMessages(corpora, opened_s, click.echo)

    return own if corpora is None else theirs


def _same_kind(data: Path, corpora: Path | None) -> None:
    """Data of one kind of demo is not continued as the other."""
    kind = "own messages" if corpora is None else "third-party messages"
    if corpora is not None and not corpora.is_dir():
        raise CannotServe(f"There is no folder {corpora}. Nothing was started.")
    marker = data / MARKER
    if marker.exists() and marker.read_text("utf-8") != kind:
        raise CannotServe(
            f"The data in {data} was opened with {marker.read_text('utf-8')}. Start anew with"
            " --fresh, or choose another folder with --data."
        )
    data.mkdir(parents=True, exist_ok=True)
    marker.write_text(kind, "utf-8")


def _say(house: House) -> None:
    ports = house.addresses
    click.echo("")
    click.echo(f"  The cabinet:   http://127.0.0.1:{ports.cabinet_port}/")
    click.echo(f"  The pharmacy:  http://127.0.0.1:{ports.pharmacy_port}/")
    click.echo("")
    click.echo("  At the cabinet (hold the badge to the reader, type the PIN, then #):")
    for one in COLLEAGUES:
        click.echo(
            f"    {one.given} {one.family}, {one.privilege}: badge {one.badge}, PIN {one.pin}"
        )
    if house.password is not None:
        user, password = house.password
        click.echo("  At the pharmacy (shown this once; kept in the browser until you sign out):")
        click.echo(f"    user {user}, password {password}")
    else:
        click.echo("  At the pharmacy: as before. A new password: start anew with --fresh.")
    click.echo("")
    click.echo("  Ctrl-C stops everything; the next start goes on where this one was.")


def _stop_on_signals(server: uvicorn.Server) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True
        server.force_exit = True

    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined] # ours are set below
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
