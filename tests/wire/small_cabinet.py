"""A small cabinet with real keys and a real journal: the ground of the tests of signed things.

The pharmacy here is a key and a pen: it signs `dn` lines and heads and can be told to sign wrong
ones. All randomness comes from a counter, so the same calls give the same bytes.
"""

import hashlib
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cabinet.journal import Journal
from cabinet.wire import b64
from cabinet.wire.body import seal_body
from cabinet.wire.genesis import make_genesis
from cabinet.wire.head import make_head
from cabinet.wire.line import Signer, signing_hash
from statemachine.instant import Instant
from statemachine.ward.entry import Directive, Entry
from statemachine.ward.house import Boot, DirectivesApplied
from statemachine.ward.orders import Order, OrderWindows, Window
from statemachine.ward.patients import Patient
from statemachine.ward.people import Staff
from statemachine.ward.stock import Formulary, Opening, Pocket, Product

CAB = "ward7-a"
NOON_S = 1_795_435_200
"""Monday 23 November 2026, 12:00 UTC."""


def key(name: str) -> Ed25519PrivateKey:
    """The same key for the same name."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


class Salts:
    """Sixteen bytes a call, never the same twice in one test."""

    def __init__(self, name: str = "salt") -> None:
        self._numbers = itertools.count()
        self._name = name

    def __call__(self) -> bytes:
        return hashlib.sha256(f"{self._name} {next(self._numbers)}".encode()).digest()[:16]


class Pen:
    """The pharmacy's hand: signs lines of `dn` one after another, and heads."""

    def __init__(self, cab: str = CAB, ep: int = 1, name: str = "pharmacy") -> None:
        self.signer = Signer(key(name))
        self.cab = cab
        self.ep = ep
        self.cabinet = Signer(key(f"cabinet {cab}"))
        self.genesis = make_genesis(
            self.signer,
            cab=cab,
            ep=ep,
            hal="sim",
            iat=NOON_S - 3600,
            cabinet_key=self.cabinet.public_key,
        )
        self.start = signing_hash(self.genesis[: self.genesis.rindex(b".")])
        self.seq, self.hash = 0, self.start
        self._salts = Salts(name)

    def write(self, *entries: Directive, **changed: Any) -> bytes:
        """Lines for these directives with their bodies, as a batch."""
        return b"".join(row + b"\n" for entry in entries for row in self.line(entry, **changed))

    def line(self, entry: Directive, **changed: Any) -> tuple[bytes, bytes]:
        """The next line and its body record; `changed` overrides fields of the payload."""
        data = msgspec.json.encode(entry, order="sorted")
        return self.raw_line(entry.TYPE, data, **changed)

    def raw_line(self, kind: str, data: bytes, **changed: Any) -> tuple[bytes, bytes]:
        """The next line for any type and any body bytes."""
        digest, record = seal_body(data, self._salts())
        payload: dict[str, Any] = {
            "v": 1,
            "log": "dn",
            "cab": self.cab,
            "ep": self.ep,
            "seq": self.seq + 1,
            "prev": self.hash,
            "type": kind,
            "body": digest,
            "up_ack": [self.ep, 0],
            "wall": NOON_S - 1800 + self.seq,
        }
        raw = self.signer.sign("adc-directive+jws", payload | changed)
        if not changed:
            self.seq += 1
            self.hash = signing_hash(raw[: raw.rindex(b".")])
        return raw, record.encode()

    def head(self, up: tuple[int, int, str], nonce: str | None = None, **changed: Any) -> bytes:
        """A head over `up`, (epoch, seq, hash)."""
        values: dict[str, Any] = {
            "cab": self.cab,
            "ep": up[0],
            "seq": up[1],
            "head": up[2],
            "dn": (self.ep, self.seq, self.hash),
            "nonce": nonce,
            "iat": NOON_S,
            "exp": NOON_S + 86_400,
        }
        return make_head(self.signer, **(values | changed))


def at(mono_ms: int = 1_000, wall_s: int = NOON_S) -> Instant:
    """A moment that the clock is sure of."""
    return Instant(lo_s=wall_s, hi_s=wall_s, mono_ms=mono_ms, quality="signed")


WARD: tuple[Directive, ...] = (
    Staff(actor="u104", family="BELL", given="Nina", privileges=("nurse",), wards=("7",)),
    Formulary(
        products=(
            Product(product="d1", generic="paracetamol", form="tablets", strength="500 mg"),
            Product(product="d2", generic="ramipril", form="capsules", strength="5 mg"),
        )
    ),
    Pocket(pocket="3-2", drawer=3, product="d1", opening=(Opening(quantity=40),)),
    Pocket(pocket="4-1", drawer=4, product="d2", opening=(Opening(quantity=28),)),
    Patient(patient="p7", family="SMITH", given="John", born="1945-07-14", nhs="9990000018"),
    Order(order="o9", patient="p7", seen=True, sets=((("d1", 2),),)),
    OrderWindows(
        order="o9",
        windows=(Window(due_s=NOON_S, opens_s=NOON_S - 3600, closes_s=NOON_S + 3600),),
    ),
)
"""A nurse, two products in two drawers, a patient, and an order that is due at noon."""


def open_journal(path: Path, pen: Pen, vfs: str | None = None) -> Journal:
    """The cabinet's journal at this path, enrolled."""
    journal = Journal.open(
        path, cabinet=pen.cab, signer=pen.cabinet, salt=Salts(f"up {path.name}"), vfs=vfs
    )
    try:
        journal.enrol(pen.genesis, pen.signer.public_key)
    except BaseException:
        journal.close()
        raise
    return journal


def booted(path: Path, pen: Pen, directives: Iterable[Directive] = WARD) -> Journal:
    """A journal whose cabinet has started and taken the ward's directives."""
    from cabinet.trust import Trust

    journal = open_journal(path, pen)
    journal.begin_boot()
    journal.append((Boot(reason="start"),), at())
    taken = Trust(journal).take(pen.write(*directives), None)
    assert taken.alarm is None, taken.sentence
    apply(journal)
    return journal


def apply(journal: Journal, when: Instant | None = None) -> None:
    """Let everything accepted take effect, as the machines do."""
    journal.append((DirectivesApplied(to=journal.tip("dn").ref),), when or at())


def nonce(number: int = 1) -> str:
    """A challenge."""
    return b64.enc(hashlib.sha256(f"nonce {number}".encode()).digest()[:16])


def said(entries: Iterable[Entry]) -> list[str]:
    """The types of entries, in order."""
    return [entry.TYPE for entry in entries]
