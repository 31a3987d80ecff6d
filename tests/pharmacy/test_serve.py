"""Real servers: two on one PostgreSQL, one stopped in the middle, doors that stay shut."""

import datetime as dt
import ipaddress
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pharmacy.hl7.mllp_client import send_once
from pharmacy.serve import Address, CannotServeError, Doors, check, common_name, read_address
from statemachine.ward.house import DirectivesApplied
from statemachine.ward.orders import RemovalRecorded
from statemachine.ward.stock import Opening, Pocket, Product

READY = re.compile(r"The pharmacy is at (https?://\S+)/(?: and takes HL7 on port (\d+))?")


class Server:
    """`pharmacy serve` as a process of its own."""

    def __init__(self, url: str, keys: Path, *more: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pharmacy", "serve", "--database", url, "--keys", str(keys),
             "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0", "--demo", *more],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.said: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            found = READY.search(line)
            if found:
                self.http, self.mllp = found[1], int(found[2])
                return
        assert self.process.stderr is not None
        raise AssertionError(self.process.stderr.read())

    def post(self, cab: str, batch: bytes) -> bytes:
        request = urllib.request.Request(f"{self.http}/v1/cabinets/{cab}/up", data=batch)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=60)
        self.said.append(out)
        self.err = err
        return self.process.returncode


@pytest.fixture
def serve(url, tmp_path):
    started = []

    def start(*more):
        server = Server(url, tmp_path / "keys", *more)
        started.append(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.process.kill()
            server.process.communicate()


def removal():
    return RemovalRecorded(
        actor="u1", patient="p1", order="o1", dose="o1@1", product="para", drawer=3,
        pocket="3-2", quantity=1, panel=1, intent=3,
    )  # fmt: skip


def test_two_servers_take_the_same_lines_at_once_and_the_stock_falls_once(
    serve, pharmacy, cabinet_of
):
    cabinet = cabinet_of(pharmacy)
    pharmacy.services.put_product(Product(product="para", generic="paracetamol"))
    pharmacy.services.put_pocket(
        "A", Pocket(pocket="3-2", drawer=3, product="para", opening=(Opening(quantity=500),))
    )
    cabinet.send(DirectivesApplied(to=(1, len(cabinet.directives()))))
    servers = [serve(), serve()]
    batches = [cabinet.batch(*(removal() for _ in range(16))) for _ in range(8)]
    failed = []

    def post_all(server):
        for batch in batches:
            for _ in range(2):
                try:
                    server.post("A", batch)
                except OSError as error:
                    failed.append(error)

    threads = [threading.Thread(target=post_all, args=(server,)) for server in servers * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    heads = [cabinet.receipt(server.post("A", batches[-1]).strip()) for server in servers]
    assert failed == []
    assert [(head.seq, head.head) for head in heads] == [(129, cabinet.prev)] * 2
    assert [row.quantity for row in pharmacy.services.stock("A")] == [500 - 128]
    assert [server.stop() for server in servers] == [0, 0]
    assert [server.err.count("Traceback") for server in servers] == [0, 0]


def test_the_first_password_is_said_once_and_a_restart_goes_on_where_it_was(serve, tmp_path):
    first = serve()
    raw = (b"MSH|^~\\&|PAS|RXH|PH|RXH|20261123080000||ADT^A01|77|P|2.4\r"
           b"PID|1||H1^^^RXH^MR||SMITH^John||19450714|M\rPV1|1|I|7^^3\r")  # fmt: skip
    assert b"MSA|AA|77" in send_once("127.0.0.1", first.mllp, raw)
    assert first.stop(signal.SIGINT) == 0
    assert sum("password" in line for line in first.said) == 1
    second = serve()
    assert b"MSA|AA|77" in send_once("127.0.0.1", second.mllp, raw)
    with urllib.request.urlopen(f"{second.http}/v1/alive", timeout=60) as answer:
        assert json.load(answer) == {"alive": True}
    assert second.stop() == 0
    assert sum("password" in line for line in second.said) == 0
    assert "SMITH" not in first.err + second.err
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()}
    assert modes == {"signing.key": 0o600, "rest.key": 0o600}


def test_T11_a_server_killed_between_lines_has_lost_no_receipt(serve, pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    server = serve()
    head = cabinet.receipt(server.post("A", cabinet.batch(removal(), removal())).strip())
    server.process.kill()
    server.process.communicate()
    again = serve()
    held = cabinet.receipt(again.post("A", b"").strip())
    assert (held.seq, held.head) == (head.seq, head.head) == (2, cabinet.prev)


def run(*words, **more):
    return subprocess.run(
        [sys.executable, "-m", "pharmacy", *words], capture_output=True, text=True, timeout=60,
        check=False, env=os.environ | more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--http", "0.0.0.0:0"], "Plain HTTP is for this machine only"),
        (["--http", "nonsense"], "--http must be HOST:PORT"),
        (["--mllp", "0.0.0.0:0"], "MLLP on 0.0.0.0"),
        (["--tls-cert", "a.pem"], "go together"),
        (["--tls-cert", "a", "--tls-key", "b", "--client-ca", "c"], "cannot be used"),
        (["--database", "mysql://x"], "SQLite or PostgreSQL, not on mysql"),
        (["--database", "nonsense"], "cannot be read"),
        (["--database", "sqlite://"], "needs a file"),
        (["--database", "sqlite:////nowhere/at/all.db"], "The database does not answer"),
        (["--database", "postgresql:///x?host=/nowhere"], "does not answer"),
    ],
)
def test_a_server_that_cannot_start_says_why_in_a_sentence(tmp_path, words, said):
    given = [] if "--database" in words else ["--database", f"sqlite:///{tmp_path}/p.db"]
    done = run("serve", *given, *words)
    assert (done.returncode, said in done.stderr) == (1, True), done.stderr
    assert "Traceback" not in done.stderr


def test_help_names_every_option(tmp_path):
    done = run("serve", "--help")
    options = ("--database", "--keys", "--http", "--mllp", "--tls-cert", "--tls-key",
               "--client-ca", "--mllp-plain", "--demo")  # fmt: skip
    assert [option for option in options if option not in done.stdout] == []
    migrated = run("migrate", "--database", f"sqlite:///{tmp_path}/p.db")
    assert migrated.stdout.startswith("The database is at revision ")


@pytest.mark.parametrize("text", ["", "a", ":1", "h:", "h:x", "h:70000", "h:-1", "h:\u0661"])
def test_an_address_that_is_none_is_refused(text):
    with pytest.raises(CannotServeError):
        read_address(text, "--http")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_T10_beyond_loopback_the_cabinets_door_asks_for_the_cabinets_own_certificate(
    serve, pharmacy, cabinet_of, tmp_path
):
    cabinet = cabinet_of(pharmacy)
    files = certificates(tmp_path)
    server = serve("--tls-cert", files["server"][0], "--tls-key", files["server"][1],
                   "--client-ca", files["ca"][0])  # fmt: skip
    batch = cabinet.batch(removal())
    assert [post_over_tls(server, batch, files, name) for name in (None, "B", "A")] == [
        403, 403, 200,
    ]  # fmt: skip
    assert server.stop() == 0


def post_over_tls(server, batch, files, name):
    """Post as a client with this common name (None: without certificate); returns the status."""
    context = ssl.create_default_context(cafile=files["ca"][0])
    if name is not None:
        context.load_cert_chain(*files[name])
    url = f"{server.http}/v1/cabinets/A/up"
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, data=batch), timeout=60, context=context
        ) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def certificates(folder):
    """An authority, a server on 127.0.0.1 and two cabinets; (certificate, key) by name."""
    ca_key = ec.generate_private_key(ec.SECP256R1())
    files = {}
    for name in ("ca", "server", "A", "B"):
        key = ca_key if name == "ca" else ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ca")])
        start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + dt.timedelta(days=36500))
            .add_extension(x509.BasicConstraints(ca=name == "ca", path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                critical=False,
            )
            .sign(ca_key, hashes.SHA256())
        )
        paths = (folder / f"{name}.pem", folder / f"{name}.key")
        paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
        paths[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        files[name] = tuple(str(path) for path in paths)
    return files


def test_loopback_is_what_only_this_machine_reaches():
    reached = {
        text: read_address(text, "--http").loopback
        for text in ("127.0.0.1:1", "[::1]:1", "localhost:1", "0.0.0.0:1", "10.0.0.1:1", "ph:1")
    }
    assert [text for text, only in reached.items() if only] == [
        "127.0.0.1:1", "[::1]:1", "localhost:1",
    ]  # fmt: skip


def test_plain_mllp_beyond_this_machine_must_be_asked_for():
    doors = Doors(http=Address("127.0.0.1", 0), mllp=Address("10.0.0.1", 0), mllp_plain=True)
    check(doors)


def test_the_name_on_a_certificate_is_its_common_name():
    subject = ((("organizationName", "Trust"),), (("commonName", "A"),))
    assert common_name({"subject": subject}) == "A"
    assert common_name({}) is None
