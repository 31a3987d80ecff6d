"""Serving: HTTP, MLLP and the clock's ticks in one process, until it is told to stop.

Where it listens decides what it demands. On loopback plain HTTP is allowed, for a proxy or a demo
on the same machine. Anywhere else HTTP is TLS, and the cabinets' door asks for client certificates.
MLLP from elsewhere is TLS too, unless the hospital's interface engine speaks plain MLLP on a
network of its own and somebody says so (`--mllp-plain`).
"""

import asyncio
import contextlib
import ipaddress
import signal
import socket
import ssl
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import msgspec
import structlog
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from pharmacy.app import Pharmacy
from pharmacy.hl7.mllp import Listener
from pharmacy.services import feed

TICK_S = 5
CONNECTIONS_MAX = 300

_log = structlog.get_logger("pharmacy.serve")


class CannotServeError(Exception):
    """The server cannot start so; the text is a sentence for the person who starts it."""


class Address(msgspec.Struct, frozen=True):
    """Where to listen; port 0 lets the system choose."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """Certificate, its key, and the authority that signed the cabinets' certificates."""

    cert: Path
    key: Path
    client_ca: Path


class Doors(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server listens, and how."""

    http: Address
    mllp: Address | None = None
    tls: Tls | None = None
    mllp_plain: bool = False


def read_address(text: str, what: str) -> Address:
    """Read `HOST:PORT` (an IPv6 host in brackets).

    Raises:
        CannotServeError: it is no address.
    """
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise CannotServeError(f"{what} must be HOST:PORT, for example 127.0.0.1:8081.")
    return Address(host, int(port))


def check(doors: Doors) -> None:
    """Refuse doors that would stand open.

    Raises:
        CannotServeError: plain HTTP or MLLP beyond this machine, or a certificate that cannot be
            read.
    """
    if doors.tls is None and not doors.http.loopback:
        raise CannotServeError(
            f"Plain HTTP is for this machine only, and {doors.http.host} can be reached from "
            "others. The server did not start. Give --tls-cert, --tls-key and --client-ca, or "
            "listen on 127.0.0.1."
        )
    if doors.mllp is not None and doors.tls is None and not _mllp_may_be_plain(doors):
        raise CannotServeError(
            f"MLLP on {doors.mllp.host} can be reached from other machines and would be plain. The "
            "server did not start. Give a certificate, or --mllp-plain if the interface engine's "
            "network is its own."
        )
    if doors.tls is not None:
        tls_context(doors.tls, clients=True)


def tls_context(tls: Tls, *, clients: bool) -> ssl.SSLContext:
    """Return the TLS settings of a door.

    Browsers have no certificate, so one is asked for and not demanded here; the cabinets' routes
    demand it (`pharmacy.api`).

    Raises:
        CannotServeError: a file cannot be read, or the key does not fit the certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(tls.cert, tls.key)
        if clients:
            context.load_verify_locations(tls.client_ca)
            context.verify_mode = ssl.CERT_OPTIONAL
    except (OSError, ssl.SSLError) as error:
        raise CannotServeError(
            f"The certificate files cannot be used ({error.strerror or error}). The server "
            "did not start. Check --tls-cert, --tls-key and --client-ca."
        ) from None
    return context


async def serve(pharmacy: Pharmacy, doors: Doors, ready: Callable[[str, int | None], None]) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        pharmacy: what to serve.
        doors: where; `check` has been asked.
        ready: told the HTTP address and the MLLP port once both listen.

    Raises:
        CannotServeError: an address cannot be had.
    """
    pharmacy.demand_client_certificates(demanded=doors.tls is not None)
    listening = _bind(doors.http, "HTTP")
    port = listening.getsockname()[1]
    server = _Server(_config(pharmacy, doors))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    listener = await _mllp(pharmacy, doors, listening)
    ticking = asyncio.create_task(_tick(pharmacy))
    scheme = "http" if doors.tls is None else "https"
    host = f"[{doors.http.host}]" if ":" in doors.http.host else doors.http.host
    ready(f"{scheme}://{host}:{port}/", None if listener is None else listener.port)
    try:
        await server.serve(sockets=[listening])
    finally:
        ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ticking
        if listener is not None:
            await listener.stop()
        listening.close()


class _Server(uvicorn.Server):
    """A server that stops when told and lets what comes after it (closing, flushing) happen."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to `serve`: uvicorn would raise them again and end the process at once."""
        yield

    def stop(self) -> None:
        """Finish what is being answered, then end."""
        self.should_exit = True


async def _mllp(pharmacy: Pharmacy, doors: Doors, opened: socket.socket) -> Listener | None:
    if doors.mllp is None:
        return None
    plain = doors.tls is None or _mllp_may_be_plain(doors)
    office = pharmacy.office
    listener = Listener(
        pharmacy.services.receive_hl7,
        doors.mllp.host,
        doors.mllp.port,
        broken=lambda data, source, why: feed.refuse_broken(office, data, source, why),
        tls=None if plain or doors.tls is None else tls_context(doors.tls, clients=False),
    )
    try:
        await listener.start()
    except OSError as error:
        opened.close()
        raise _no_address(doors.mllp, "MLLP", error) from None
    return listener


async def _tick(pharmacy: Pharmacy) -> None:
    """Do what is due every few seconds; a failure is logged and tried again."""
    while True:
        try:
            await asyncio.to_thread(pharmacy.tick)
        except Exception as error:  # noqa: BLE001 - the next tick tries again
            _log.error("tick.failed", error=type(error).__name__)
        await asyncio.sleep(TICK_S)


def _mllp_may_be_plain(doors: Doors) -> bool:
    return doors.mllp is None or doors.mllp.loopback or doors.mllp_plain


def _bind(address: Address, what: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        opened = socket.create_server((address.host, address.port), family=family, backlog=256)
    except OSError as error:
        raise _no_address(address, what, error) from None
    opened.setblocking(False)
    return opened


def _no_address(address: Address, what: str, error: OSError) -> CannotServeError:
    return CannotServeError(
        f"{what} cannot listen on {address.host}:{address.port} ({error.strerror}). The server did "
        "not start. Is another one running?"
    )


def _config(pharmacy: Pharmacy, doors: Doors) -> uvicorn.Config:
    tls = doors.tls
    config = uvicorn.Config(
        pharmacy.asgi,
        http=NamedClientProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=32_768,
        ssl_certfile=None if tls is None else str(tls.cert),
        ssl_keyfile=None if tls is None else tls.key,
    )
    config.load()
    if tls is not None:
        config.ssl = tls_context(tls, clients=True)
    return config


class NamedClientProtocol(H11Protocol):
    """HTTP that tells the application the common name of the client's verified certificate."""

    def connection_made(self, transport: Any) -> None:
        """Read the certificate once, when the connection is made."""
        super().connection_made(transport)
        channel = transport.get_extra_info("ssl_object")
        certificate = channel.getpeercert() if channel is not None else None
        name = common_name(certificate or {})
        self.app_state = {**self.app_state, "client_name": name}


def common_name(certificate: Any) -> str | None:
    """Return the common name of a verified certificate, None when there is none."""
    for group in certificate.get("subject", ()):
        for key, value in group:
            if key == "commonName":
                return str(value)
    return None
