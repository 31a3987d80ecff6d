"""One pharmacy for each test, on SQLite and on a real PostgreSQL that the session starts.

Every test that takes `url` (or `pharmacy`) runs twice. PostgreSQL is started once a session, as an
ordinary user, on a Unix socket in a temporary folder; each test finds its tables empty. Where no
PostgreSQL is installed the second half is skipped aloud, and fails when CI is set.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from cabinet.wire.accept import Appended, Held, KeyRecord, accept
from cabinet.wire.body import open_body, seal_body
from cabinet.wire.file import read_batch, write_batch
from cabinet.wire.genesis import jwk_of, open_genesis
from cabinet.wire.head import HeadPayload, open_head
from cabinet.wire.line import DnPayload, Signer, signing_hash
from pharmacy.app import Pharmacy, Settings, build
from pharmacy.clock import ManualClock
from pharmacy.db import Base, Database
from pharmacy.db.migrate import migrate
from statemachine.ward.entry import Entry
from statemachine.ward.fold import TYPES

START_S = 1_795_420_800  # 23-Nov-2026 08:00 in London


def _program(name: str) -> str | None:
    found = shutil.which(name)
    if found:
        return found
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / name).exists():
            return str(folder / name)
    return None


def _as_ordinary_user() -> tuple[list[str], int]:
    """PostgreSQL refuses to run as root; return the words before a command, and the user's id."""
    if os.geteuid() != 0:
        return [], os.geteuid()
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    setpriv = shutil.which("setpriv")
    if setpriv:
        ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        return [setpriv, *ids], user.pw_uid
    return ["su", "-s", "/bin/sh", user.pw_name, "-c"], user.pw_uid


def _run(words: list[str], command: list[str]) -> None:
    if words and words[0] == "su":
        import shlex

        command = [*words, shlex.join(command)]
    else:
        command = [*words, *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr


def _quick_folder() -> str | None:
    """Memory, where there is room for it: these tests commit thousands of times.

    That a commit reaches a real disk is SQLite's and PostgreSQL's own business; that we ask for it
    is a test of its own (`PRAGMA synchronous`).
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 1 << 30
    return str(memory) if roomy and os.access(memory, os.W_OK) else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """A running PostgreSQL; yields the folder of its socket."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    if initdb is None or pg_ctl is None:
        said = "PostgreSQL is not installed: the pharmacy's tests ran on SQLite only"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    words, uid = _as_ordinary_user()
    # A socket's path may be 107 bytes long; pytest's own folders can be longer.
    folder = Path(tempfile.mkdtemp(prefix="adc-pg-", dir=_quick_folder()))
    if os.geteuid() == 0:
        os.chown(folder, uid, -1)
    data = folder / "data"
    try:
        _run(words, [initdb, "-D", str(data), "-U", "adc", "--auth=trust", "-E", "UTF8",
                     "--no-sync", "--locale=C.UTF-8"])  # fmt: skip
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=60"
        _run(words, [pg_ctl, "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options,
                     "start"])  # fmt: skip
        try:
            yield folder
        finally:
            _run(words, [pg_ctl, "-D", str(data), "-w", "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder)


def _migrated(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with empty tables, to be copied: migrating once a session is enough."""
    path = tmp_path_factory.mktemp("empty") / "pharmacy.db"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def one_database(postgres: Path) -> str:
    """The address of a PostgreSQL database with our tables, shared by the session's tests."""
    with psycopg.connect(
        f"host={postgres} user=adc dbname=postgres", autocommit=True
    ) as connection:
        connection.execute("CREATE DATABASE pharmacy")
    url = f"postgresql://adc@/pharmacy?host={postgres}"
    _migrated(url)
    return url


def _emptied(folder: Path) -> None:
    names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    with psycopg.connect(f"host={folder} user=adc dbname=pharmacy") as connection:
        connection.execute(f"TRUNCATE {names} RESTART IDENTITY")


@pytest.fixture(
    params=[pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)]
)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with empty tables."""
    if request.param == "sqlite":
        empty: Path = request.getfixturevalue("empty_file")
        with tempfile.TemporaryDirectory(prefix="adc-", dir=_quick_folder()) as folder:
            shutil.copy(empty, Path(folder) / "pharmacy.db")
            yield f"sqlite:///{folder}/pharmacy.db"
        return
    shared: str = request.getfixturevalue("one_database")
    _emptied(request.getfixturevalue("postgres"))
    yield shared


@pytest.fixture
def clock() -> ManualClock:
    """23-Nov-2026 08:00 in London, until a test moves it."""
    return ManualClock(START_S, seed=7)


@pytest.fixture
def open_pharmacy(url: str, clock: ManualClock, tmp_path: Path) -> Iterator[Callable[[], Pharmacy]]:
    """Open the pharmacy on this test's database; again for a second server on it."""
    with contextlib.ExitStack() as stack:

        def opened() -> Pharmacy:
            pharmacy = build(
                Settings(database_url=url, keys=tmp_path / "keys", demo=True, clock=clock)
            )
            stack.callback(pharmacy.close)
            return pharmacy

        yield opened


@pytest.fixture
def pharmacy(open_pharmacy: Callable[[], Pharmacy]) -> Pharmacy:
    """A demonstration pharmacy with an empty database."""
    return open_pharmacy()


class WardCabinet:
    """The other end: signs `up` lines, and reads `dn` as a cabinet does."""

    def __init__(self, pharmacy: Pharmacy, cab: str = "A", *, enrol: bool = True) -> None:
        seed = hashlib.sha256(cab.encode()).digest()
        self.pharmacy, self.cab = pharmacy, cab
        self.key = Ed25519PrivateKey.from_private_bytes(seed)
        self.seal_key = X25519PrivateKey.from_private_bytes(seed)
        self.signer = Signer(self.key)
        self.ep, self.seq, self.mono = 1, 0, 0
        self.prev = ""
        self.applied = 0
        if enrol:
            self.enrol()

    def enrol(self) -> bytes:
        genesis = self.pharmacy.services.enrol_cabinet(
            self.cab,
            ward="7",
            hal="sim",
            public_jwk=jwk_of(self.signer.public_key),
            seal_key=self.seal_key.public_key().public_bytes_raw(),
        )
        self.prev = open_genesis(genesis, self.pharmacy_key).hash
        return genesis

    @property
    def pharmacy_key(self):
        return self.pharmacy.office.signer.public_key

    def line(self, entry: Entry, **changed: object) -> tuple[bytes, bytes]:
        """Sign the next `up` line; returns (line, body record)."""
        self.seq += 1
        self.mono += 1000
        return self.sign(entry.TYPE, msgspec.json.encode(entry, order="sorted"), **changed)

    def sign(self, line_type: str, data: bytes, **changed: object) -> tuple[bytes, bytes]:
        salt = self.seq.to_bytes(4, "big").rjust(16, b"s")
        digest, record = seal_body(data, salt)
        payload: dict[str, object] = {
            "v": 1, "log": "up", "cab": self.cab, "ep": self.ep, "seq": self.seq,
            "prev": self.prev, "type": line_type, "body": digest,
            "wall": self.pharmacy.office.clock.now_s(), "clk": "signed", "boot": 1,
            "mono": self.mono, "ack": [1, self.applied], "rel": {},
        }  # fmt: skip
        raw = self.signer.sign("adc-event+jws", payload | changed)
        self.prev = signing_hash(raw[: raw.rindex(b".")])
        return raw, record.encode()

    def batch(self, *entries: Entry) -> bytes:
        """The next lines, as the bytes of one batch."""
        data, _ = write_batch([self.line(entry) for entry in entries])
        return data

    def send(self, *entries: Entry) -> HeadPayload:
        """Write the next lines, send them, and return what the pharmacy then holds."""
        return self.receipt(self.pharmacy.services.accept_up(self.cab, self.batch(*entries)))

    def receipt(self, head: bytes) -> HeadPayload:
        return open_head(head, self.pharmacy_key).payload

    def directives(self, after: int = 0) -> list[Entry]:
        """Fetch, verify and read every directive after a seq, in order."""
        key = self.pharmacy_key
        kid = self.pharmacy.office.signer.kid
        record = KeyRecord(kid=kid, key=key, roles=frozenset({"directive", "head"}))
        said: list[Entry] = []
        ep, seq, tip = 1, 0, self._genesis_hash()
        while True:
            batch = read_batch(self.pharmacy.services.dn_after(self.cab, seq))
            if not batch.lines:
                return [entry for place, entry in enumerate(said, 1) if place > after]
            for raw in batch.lines:
                held = Held(log="dn", cab=self.cab, ep=ep, seq=seq, hash=tip,
                            hash_at=lambda _ep, _seq: None)  # fmt: skip
                verdict = accept(raw, held=held, key_of={kid: record}.get, bodies=batch.bodies,
                                 schema=lambda _type: None)  # fmt: skip
                assert isinstance(verdict, Appended), verdict
                payload = verdict.line.payload
                assert isinstance(payload, DnPayload)
                seq, tip = payload.seq, verdict.line.hash
                said.append(
                    msgspec.json.decode(open_body(verdict.record).data, type=TYPES[payload.type])
                )

    def _genesis_hash(self) -> str:
        from pharmacy.db import CabinetRow

        with self.pharmacy.office.read() as session:
            return session.get_one(CabinetRow, self.cab).genesis_hash


@pytest.fixture
def cabinet_of() -> type[WardCabinet]:
    """Makes cabinets: `cabinet_of(pharmacy, "A")`."""
    return WardCabinet
