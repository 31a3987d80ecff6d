"""Bytes over HTTP to a server that may be slow, long, rude, or somebody else."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cabinet.sync.http import ANSWER_BYTES_MAX, Https, TransportFailed

Speak = Callable[[socket.socket, bytes], None]


class RawServer:
    """Accepts connections, reads one request, lets a test speak."""

    def __init__(self, speak: Speak, tls: ssl.SSLContext | None = None) -> None:
        self.speak, self.tls = speak, tls
        self.requests: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.closing = False
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while not self.closing:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self._one(connection)
                except OSError:
                    continue

    def _one(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        spoken: socket.socket = connection
        if self.tls is not None:
            spoken = self.tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        with spoken:
            if isinstance(spoken, ssl.SSLSocket):
                spoken.do_handshake()
            request = b""
            while b"\r\n\r\n" not in request:
                part = spoken.recv(65_536)
                if not part:
                    return
                request += part
            head, _, body = request.partition(b"\r\n\r\n")
            length = 0
            for line in head.split(b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            while len(body) < length:
                body += spoken.recv(65_536)
            self.requests.append(head + b"\r\n\r\n" + body)
            self.speak(spoken, body)

    def close(self) -> None:
        self.closing = True
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(6)


@pytest.fixture
def serve() -> Iterator[Callable[..., RawServer]]:
    servers: list[RawServer] = []

    def make(speak: Speak, tls: ssl.SSLContext | None = None) -> RawServer:
        servers.append(RawServer(speak, tls))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


def says(answer: bytes) -> Speak:
    return lambda connection, _body: connection.sendall(answer)


def asked(server: RawServer, timeout_s: int = 2) -> bytes:
    return Https(f"http://127.0.0.1:{server.port}", timeout_s=timeout_s).get("/v1/x?from=0")


def test_bytes_go_there_and_back(serve) -> None:
    server = serve(says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhead\n"))
    https = Https(f"http://127.0.0.1:{server.port}/prefix/", timeout_s=2)
    assert https.post("/v1/cabinets/A/up", b"lines") == b"head\n"
    request = server.requests[0]
    assert request.startswith(b"POST /prefix/v1/cabinets/A/up HTTP/1.1\r\n")
    assert request.endswith(b"\r\n\r\nlines")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\n\r\n", "status 302"),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "status 503"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\ncut", "http"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "http"),
        (b"", "http"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n", "http"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", "http"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nnonsense\r\n",
            "http",
        ),
    ],
    ids=["moved", "busy", "cut", "other protocol", "silence", "headers", "header", "chunks"],
)
def test_T10_what_is_no_answer_is_a_failure_with_a_code(serve, answer: bytes, code: str) -> None:
    with pytest.raises(TransportFailed) as failed:
        asked(serve(says(answer)))
    assert failed.value.code in (code, "unreachable")


def test_T10_an_answer_without_end_is_cut_off(serve) -> None:
    def flood(connection: socket.socket, _body: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(64):
            connection.sendall(b"x" * 65_536)

    with pytest.raises(TransportFailed) as failed:
        asked(serve(flood))
    assert failed.value.code == "too long"
    assert ANSWER_BYTES_MAX == 512 * 1024


def test_T10_a_server_that_drips_is_slow_and_not_a_hang(serve) -> None:
    gone = threading.Event()

    def drip(connection: socket.socket, _body: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not gone.wait(0.2):
            connection.sendall(b"x")

    with pytest.raises(TransportFailed) as failed:
        asked(serve(drip), timeout_s=1)
    gone.set()
    assert failed.value.code == "slow"


def test_nobody_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TransportFailed) as failed:
        Https(f"http://127.0.0.1:{port}", timeout_s=2).get("/")
    assert failed.value.code == "unreachable"


@pytest.mark.parametrize(
    "url",
    [
        "http://pharmacy.example/",
        "http://192.0.2.7:8081",
        "ftp://127.0.0.1/",
        "https://",
        "https://user:secret@pharmacy.example",
        "https://pharmacy.example/?x=1",
        "pharmacy.example",
    ],
)
def test_T10_only_https_or_this_same_machine_is_asked(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        Https(url, timeout_s=2)


class Authority:
    """A certificate authority of our own, for one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.certificate = self._sign(self.name, self.key, authority=True)
        self.file = folder / "ca.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def _sign(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, *, authority: bool
    ) -> x509.Certificate:
        start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + dt.timedelta(days=36_500))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                critical=False,
            )
        )
        return builder.sign(self.key, hashes.SHA256())

    def issue(self, name: str) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._sign(subject, key, authority=False)
        cert_file, key_file = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return cert_file, key_file


def test_T10_both_ends_of_tls_show_certificates_of_an_authority_they_know(
    serve, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    server_files, cabinet_files = authority.issue("pharmacy"), authority.issue("A")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*server_files)
    context.load_verify_locations(authority.file)
    context.verify_mode = ssl.CERT_REQUIRED
    server = serve(says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), context)
    url = f"https://127.0.0.1:{server.port}"
    cert_file, key_file = (str(file) for file in cabinet_files)

    known = Https(
        url, timeout_s=3, cert_file=cert_file, key_file=key_file, ca_file=str(authority.file)
    )
    assert known.get("/") == b"ok"

    stranger = Https(url, timeout_s=3, ca_file=str(authority.file))
    with pytest.raises(TransportFailed):
        stranger.get("/")

    (tmp_path / "other").mkdir()
    elsewhere = Authority(tmp_path / "other")
    fooled = Https(
        url, timeout_s=3, cert_file=cert_file, key_file=key_file, ca_file=str(elsewhere.file)
    )
    with pytest.raises(TransportFailed) as failed:
        fooled.get("/")
    assert failed.value.code == "tls"
    assert len(server.requests) == 1
