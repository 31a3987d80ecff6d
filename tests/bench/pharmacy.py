"""Lines accepted a second by the pharmacy, against bare verification of the same lines.

A cabinet's lines of removals, in batches of 256 with their bodies, through `accept_up`: shape,
signature, strict JSON, schema, chain, body, stock, and one transaction a batch. Beside it, in
turns: Ed25519 verification of the same signing inputs and nothing else.
"""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import msgspec

from cabinet.wire.body import seal_body
from cabinet.wire.file import BATCH_LINES_MAX, write_batch
from cabinet.wire.genesis import jwk_of, open_genesis
from cabinet.wire.head import open_head
from cabinet.wire.line import Signer, open_envelope, signing_hash, verify
from pharmacy.app import Pharmacy, Settings, build
from pharmacy.clock import ManualClock
from statemachine.ward import Ward
from statemachine.ward.entry import Directive, Entry
from statemachine.ward.house import DirectivesApplied
from statemachine.ward.orders import KnownOrder, Order
from statemachine.ward.people import Person, Staff
from tests.bench import ward
from tests.bench.figures import Row, Say, percentile

OF_VERIFICATION_MIN = 0.5


def measure(folder: Path, batches: int, say: Say) -> Iterator[Row]:
    """One row a kind of database."""
    with contextlib.ExitStack() as stack:
        urls = {"SQLite": f"sqlite:///{folder / 'run-pharmacy' / 'pharmacy.db'}"}
        postgres = stack.enter_context(postgresql())
        if postgres:
            urls["PostgreSQL"] = postgres
        else:
            say("PostgreSQL is not installed here: SQLite only")
        for name, url in urls.items():
            say(f"lines accepted by the pharmacy, {name}")
            shutil.rmtree(folder / "run-pharmacy", ignore_errors=True)
            (folder / "run-pharmacy").mkdir(parents=True)
            settings = Settings(
                database_url=url, keys=folder / "run-pharmacy" / "keys", demo=True,
                clock=ManualClock(ward.NOW_S, seed=7),
            )  # fmt: skip
            with contextlib.closing(build(settings)) as pharmacy:
                accepts, verifies = _rates(pharmacy, batches)
            shutil.rmtree(folder / "run-pharmacy")
            yield Row(
                name="lines accepted a second", size=f"{name}, {BATCH_LINES_MAX} a batch",
                figure=percentile(accepts, 0.5), unit="/s", floor=percentile(verifies, 0.5),
                floor_name="bare verification", limit=OF_VERIFICATION_MIN, relative=True,
                at_most=False,
            )  # fmt: skip


def _rates(pharmacy: Pharmacy, batches: int) -> tuple[list[float], list[float]]:
    """Lines a second of each batch: accepted, and verified."""
    cabinet = _Lines(pharmacy)
    accepts: list[float] = []
    verifies: list[float] = []
    for number in range(-1, batches):
        lines = cabinet.next_lines(BATCH_LINES_MAX)
        envelopes = [open_envelope(raw) for raw, _ in lines]
        begun_s = perf_counter()
        for envelope in envelopes:
            verify(envelope, cabinet.signer.public_key)
        verified_s = perf_counter() - begun_s
        data, count = write_batch(lines)
        assert count == len(lines)
        begun_s = perf_counter()
        head = pharmacy.services.accept_up(ward.CAB, data)
        accepted_s = perf_counter() - begun_s
        held = open_head(head, pharmacy.office.signer.public_key).payload
        assert (held.seq, held.head) == (cabinet.seq, cabinet.prev), "not every line was accepted"
        if number >= 0:
            accepts.append(len(lines) / accepted_s)
            verifies.append(len(lines) / verified_s)
    return accepts, verifies


class _Lines:
    """Signs the lines of one removal after another, as a cabinet would."""

    def __init__(self, pharmacy: Pharmacy) -> None:
        keys = ward.cabinet_keys()
        self.signer = Signer(keys.sign)
        services = pharmacy.services
        genesis = services.enrol_cabinet(
            ward.CAB, ward="7", hal="sim", public_jwk=jwk_of(self.signer.public_key),
            seal_key=keys.unseal.public_key().public_bytes_raw(),
        )  # fmt: skip
        self.prev = open_genesis(genesis, pharmacy.office.signer.public_key).hash
        self.seq = self.number = 0
        self._draw = ward.SeededBytes("lines")
        said = list(ward.directives(10))
        self._send_directives(pharmacy, said)
        self._ward = _known(said)
        self._entries: list[Entry] = []
        # The openings take effect first, so that every removal moves a book.
        dn = open_head(
            services.accept_up(ward.CAB, b""), pharmacy.office.signer.public_key
        ).payload.dn[:2]
        data, _ = write_batch([self.line(DirectivesApplied(to=dn))])
        services.accept_up(ward.CAB, data)

    def _send_directives(self, pharmacy: Pharmacy, said: list[Directive]) -> None:
        from statemachine.ward.stock import Formulary, Pocket

        for one in said:
            if isinstance(one, Formulary):
                pharmacy.services.put_products(one.products)
            elif isinstance(one, Pocket):
                pharmacy.services.put_pocket(ward.CAB, one)

    def next_lines(self, count: int) -> list[tuple[bytes, bytes]]:
        while len(self._entries) < count:
            place = (1, self.seq + len(self._entries))
            here = msgspec.structs.replace(self._ward, up=place)
            self._entries += ward.visit(self.number, here, 10, ward.NOW_S + self.number * 60)
            self.number += 1
        taken, self._entries = self._entries[:count], self._entries[count:]
        return [self.line(entry) for entry in taken]

    def line(self, entry: Entry) -> tuple[bytes, bytes]:
        self.seq += 1
        digest, record = seal_body(msgspec.json.encode(entry, order="sorted"), self._draw(16))
        payload: dict[str, object] = {
            "v": 1, "log": "up", "cab": ward.CAB, "ep": 1, "seq": self.seq, "prev": self.prev,
            "type": entry.TYPE, "body": digest, "wall": ward.NOW_S, "clk": "signed", "boot": 1,
            "mono": self.seq, "ack": [1, 0], "rel": {},
        }  # fmt: skip
        raw = self.signer.sign("adc-event+jws", payload)
        self.prev = signing_hash(raw[: raw.rindex(b".")])
        return raw, record.encode()


def _known(said: list[Directive]) -> Ward:
    """A ward with the people and orders that visits name."""
    empty = Ward()
    people = empty.people.persons
    orders = empty.orders.known
    for seq, one in enumerate(said, 1):
        if isinstance(one, Staff):
            people = people.set(one.actor, Person(staff=one, staff_line=(1, seq)))
        elif isinstance(one, Order):
            orders = orders.set(one.order, KnownOrder(order=one, line=(1, seq)))
    return msgspec.structs.replace(
        empty,
        people=msgspec.structs.replace(empty.people, persons=people),
        orders=msgspec.structs.replace(empty.orders, known=orders),
    )


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """The address of an empty database of a server of our own; empty where none is installed."""
    import os
    import pwd

    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if not programs:
        yield ""
        return
    bin_folder = programs[0].parent
    folder = Path(tempfile.mkdtemp(prefix="adc-bench-pg-"))
    words: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = pwd.getpwnam("postgres")
        words = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        os.chown(folder, user.pw_uid, -1)
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        command = [*words, str(bin_folder / program), "-D", str(data), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd="/")

    try:
        run("initdb", "-U", "adc", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-k {folder} -c listen_addresses="
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://adc@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-w", "-m", "fast", "stop")
    finally:
        shutil.rmtree(folder)
