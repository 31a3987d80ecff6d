"""A ward of any size for the bench: its directives, and a journal with a history of any length.

Journals are made by the product's own journal, turn after turn, signed and chained, with the
checkpoints its own rule asks for; only the turns are larger than a nurse's, so that 100,000 lines
take seconds. They are kept under `.build/bench/` and copied for each measurement.
"""

import contextlib
import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from cabinet.credentials import PinFloor
from cabinet.ids import Ids
from cabinet.journal import Journal
from cabinet.keys import CabinetKeys
from cabinet.recovery import recover
from cabinet.wire.accept import Appended, accept
from cabinet.wire.b64 import enc
from cabinet.wire.body import claimed_digest, seal_body
from cabinet.wire.genesis import make_genesis
from cabinet.wire.head import make_head, open_head
from cabinet.wire.line import Signer, open_envelope
from cabinet.wire.seal import seal
from statemachine.events import Booted, Event
from statemachine.instant import Instant
from statemachine.step import start, step
from statemachine.ward import Ward
from statemachine.ward.drawers import (
    DrawerClosed,
    DrawerOpened,
    ReleaseIntent,
    ScanAccepted,
    ScanRefused,
)
from statemachine.ward.entry import Directive, Entry
from statemachine.ward.fold import fold
from statemachine.ward.house import Heartbeat
from statemachine.ward.orders import Order, OrderWindows, RemovalRecorded, Window
from statemachine.ward.patients import Patient, PatientChosen
from statemachine.ward.people import Credential, SessionClosed, SessionOpened, Staff
from statemachine.ward.stamps import stamp_now
from statemachine.ward.stock import Formulary, Ingredient, Opening, Pocket, Product, Setting

NOW_S: Final = 1_795_420_800
"""23-Nov-2026 08:00 UTC: when every journal here ends and every measurement begins."""
HISTORY_ENDS_S: Final = NOW_S - 12 * 3600
VISIT_S: Final = 360
"""One removal in six minutes is a busy ward's day."""
CAB: Final = "A"
CHEAP: Final = PinFloor(memory_kib=8, passes=1)
PIN: Final = "246810"
PRODUCTS: Final = 60
DRAWERS: Final = 15
ORDERS_A_PATIENT: Final = 10
VISIT_LINES: Final = 8
UNREADABLE: Final = ScanRefused(panel=1, reason="unreadable")
"""What fills the last lines, where no whole visit fits."""
TURN_LINES: Final = 2_048
"""Lines of one transaction while a journal is made."""
DIRECTIVES_A_BATCH: Final = 256
UNSENT: Final = 100
"""Lines the pharmacy has not acknowledged."""
PATIENTS_HERE: Final = 30
"""Patients of the cabinet's own ward; the others of a large house lie on other wards."""
TIMES_A_DAY: Final = (4, 2, 1, 3, 1)
SHAPE: Final = 8
"""Part of a kept journal's name; counted up when what stands in this file changes."""


class SeededBytes:
    """Repeatable bytes."""

    def __init__(self, seed: str) -> None:
        self._seed, self._drawn = seed, 0

    def __call__(self, size: int) -> bytes:
        out = b""
        while len(out) < size:
            self._drawn += 1
            out += hashlib.sha256(f"{self._seed}{self._drawn}".encode()).digest()
        return out[:size]


def cabinet_keys() -> CabinetKeys:
    """The bench's cabinet always has the same keys."""
    return CabinetKeys.draw(Ids(SeededBytes("cabinet")))


def pharmacy_signer() -> Signer:
    return Signer(Ed25519PrivateKey.from_private_bytes(SeededBytes("pharmacy")(32)))


def open_journal(path: Path) -> Journal:
    return Journal.open(
        path, cabinet=CAB, signer=Signer(cabinet_keys().sign), salt=Ids(SeededBytes("salt")).salt
    )


def pocket_of(product: int) -> tuple[str, int]:
    drawer = product % DRAWERS + 1
    return f"{drawer}-{product // DRAWERS + 1}", drawer


def directives(orders: int) -> Iterator[Directive]:
    """A ward with so many orders: ten a patient, each with its doses of seven days."""
    yield Staff(actor="n1", family="BELL", given="Nina", privileges=("nurse",), wards=("7",))
    yield _credential("n1", "B1")
    yield Setting(key="cabinet", value=CAB)
    yield Setting(key="ward", value="7")
    yield Formulary(products=tuple(_product(number) for number in range(PRODUCTS)))
    for number in range(PRODUCTS):
        pocket, drawer = pocket_of(number)
        yield Pocket(
            pocket=pocket,
            drawer=drawer,
            product=f"m{number}",
            opening=(Opening(quantity=1_000_000, lot="L1", expires="2029-12-31"),),
        )
    for number in range(-(-orders // ORDERS_A_PATIENT)):
        yield Patient(
            patient=f"p{number}",
            family=family(number),
            given="John",
            born="1945-07-14",
            gender="male",
            mrn=f"MRN{number:06}",
            ward="7" if number < PATIENTS_HERE else str(8 + number % 30),
            bed=str(number % PATIENTS_HERE + 1),
            allergies_recorded=True,
        )
    for number in range(orders):
        yield Order(
            order=f"o{number}",
            patient=f"p{number // ORDERS_A_PATIENT}",
            seen=True,
            verdict="verified",
            sets=(((f"m{number % PRODUCTS}", 1),),),
            route="oral",
            text="1 tablet",
            starts_s=NOW_S - 86_400,
        )
        yield OrderWindows(order=f"o{number}", windows=windows(number))
    yield Heartbeat(at_s=NOW_S, epma_s=NOW_S)


def family(number: int) -> str:
    """A family name unlike the others."""
    drawn = hashlib.sha256(str(number).encode()).digest()
    pairs = zip(drawn[0:8:2], drawn[1:8:2], strict=True)
    return "".join("BDFGKLMNPRSTVZ"[a % 14] + "AEIOU"[b % 5] for a, b in pairs)


def windows(order: int) -> tuple[Window, ...]:
    """The doses of seven days, the first one due now."""
    times = TIMES_A_DAY[order % len(TIMES_A_DAY)]
    every_s = 86_400 // times
    return tuple(
        Window(due_s, due_s - 3_600, due_s + 7_200)
        for due_s in range(NOW_S, NOW_S + 7 * 86_400, every_s)
    )


def visit(number: int, ward: Ward, orders: int, at_s: int) -> tuple[Entry, ...]:
    """What one removal writes, behind `ward`."""
    order = number % orders
    product = order % PRODUCTS
    pocket, drawer = pocket_of(product)
    intent = ward.up[1] + 3
    patient = f"p{order // ORDERS_A_PATIENT}"
    dose = f"o{order}@{at_s}"
    person = ward.people.persons["n1"]
    known = ward.orders.known[f"o{order}"]
    return (
        SessionOpened(actor="n1", panel=1, staff_line=person.staff_line),
        PatientChosen(actor="n1", patient=patient, panel=1),
        ReleaseIntent(
            drawer=drawer, panel=1, actor="n1", pocket=pocket, product=f"m{product}", quantity=1,
            patient=patient, order=f"o{order}", dose=dose, staff_line=person.staff_line,
            order_line=known.line,
        ),
        DrawerOpened(drawer=drawer, intent=intent),
        ScanAccepted(
            actor="n1", panel=1, product=f"m{product}", intent=intent, lot="L1",
            expires="2029-12-31",
        ),
        RemovalRecorded(
            actor="n1", patient=patient, order=f"o{order}", dose=dose, product=f"m{product}",
            drawer=drawer, pocket=pocket, quantity=1, panel=1, intent=intent, lot="L1",
            scan="scanned",
        ),
        DrawerClosed(drawer=drawer, intent=intent),
        SessionClosed(actor="n1", panel=1, reason="signed out"),
    )  # fmt: skip


def kept_journal(folder: Path, orders: int, lines: int, say: Callable[[str], None]) -> Path:
    """The folder of a journal with so many orders and lines, made now or long ago."""
    kept = folder / f"journal-{SHAPE}-{orders}-{lines}"
    if not (kept / "journal.db").exists():
        say(f"making a journal of {orders:,} orders and {lines:,} lines (kept for next time)")
        made = kept.with_suffix(".part")
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        _make(made / "journal.db", orders, lines)
        made.rename(kept)
    return kept


@contextlib.contextmanager
def copied(kept: Path, folder: Path) -> Iterator[Path]:
    """A copy of a kept journal to measure on; gone afterwards."""
    place = folder / "run"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(kept, place)
    try:
        yield place / "journal.db"
    finally:
        shutil.rmtree(place)


def _make(path: Path, orders: int, lines: int) -> None:
    journal = open_journal(path)
    try:
        pharmacy = pharmacy_signer()
        genesis = make_genesis(
            pharmacy, cab=CAB, ep=1, hal="sim", iat=NOW_S - 90 * 86_400,
            cabinet_key=cabinet_keys().sign.public_key(),
        )  # fmt: skip
        journal.enrol(genesis, pharmacy.public_key)
        journal.begin_boot()
        _store_directives(journal, pharmacy, orders)
        _write_history(journal, orders, lines)
        _acknowledge(journal, pharmacy)
        journal.medium.fold_in()
    finally:
        journal.close()


def _store_directives(journal: Journal, pharmacy: Signer, orders: int) -> None:
    draw = SeededBytes("bodies")
    accepted: list[Appended] = []
    tip = journal.tip("dn").hash
    for seq, directive in enumerate(directives(orders), 1):
        digest, record = seal_body(msgspec.json.encode(directive, order="sorted"), draw(16))
        payload = {
            "v": 1, "log": "dn", "cab": CAB, "ep": 1, "seq": seq, "prev": tip,
            "type": directive.TYPE, "body": digest, "wall": NOW_S, "up_ack": [1, 0],
        }  # fmt: skip
        raw = pharmacy.sign("adc-directive+jws", payload)
        tip = open_envelope(raw).hash
        verdict = accept(
            raw,
            held=msgspec.structs.replace(
                journal.held_dn(),
                seq=seq - 1,
                hash=accepted[-1].line.hash if accepted else journal.tip("dn").hash,
            ),
            key_of=journal.key_of,
            bodies={claimed_digest(record.encode()): record.encode()},
            schema=lambda _type, entry=directive: lambda _data: entry,
        )
        assert isinstance(verdict, Appended), verdict
        accepted.append(verdict)
        if len(accepted) == TURN_LINES:
            journal.append_dn(accepted)
            accepted.clear()
    if accepted:
        journal.append_dn(accepted)


def _write_history(journal: Journal, orders: int, lines: int) -> None:
    """`lines` lines of `up`: the directives taking effect, then one removal after another."""
    ward = recover(journal).ward
    machines = start(ward, tuple(range(1, DRAWERS + 1)), 1)
    visits = lines // VISIT_LINES
    at_s = HISTORY_ENDS_S - visits * VISIT_S
    at = Instant(lo_s=at_s, hi_s=at_s, mono_ms=0, quality="signed")
    event: Event | None = Booted(at=at, boot=journal.boot, reason="start")
    while event is not None:
        turn = step(machines, ward, event)
        journal.append(turn.entries, at)
        machines, ward = turn.machines, turn.ward
        event = journal.pending_dn(at)
    number = 0
    while ward.up[1] < lines:
        at_s = HISTORY_ENDS_S - (visits - number) * VISIT_S
        at = Instant(lo_s=at_s, hi_s=at_s, mono_ms=at_s - NOW_S + 10**9, quality="signed")
        ward, number = _write_turn(journal, ward, at, number, orders, lines)
        if journal.checkpoint_due:
            stamp = stamp_now(ward, at)
            ward = fold(ward, journal.checkpoint(ward, at).entry, stamp, "up")
    assert ward.up == journal.tip("up").ref


def _write_turn(
    journal: Journal, ward: Ward, at: Instant, number: int, orders: int, lines: int
) -> tuple[Ward, int]:
    entries: list[Entry] = []
    # Forty visits share one time: three hours of a ward.
    for _ in range(40):
        whole = lines - ward.up[1] >= VISIT_LINES
        for entry in visit(number, ward, orders, at.lo_s) if whole else (UNREADABLE,):
            if ward.up[1] < lines:
                ward = fold(ward, entry, stamp_now(ward, at), "up")
                entries.append(entry)
        number += 1
    journal.append(entries, at)
    return ward, number


def _acknowledge(journal: Journal, pharmacy: Signer) -> None:
    tip, dn = journal.tip("up"), journal.tip("dn")
    seq = max(tip.seq - UNSENT, 1)
    said = make_head(
        pharmacy, cab=CAB, ep=1, seq=seq, head=journal.hash_at("up", (1, seq)) or "",
        dn=(1, dn.seq, dn.hash), nonce=None, iat=NOW_S - 60, exp=NOW_S + 300,
    )  # fmt: skip
    journal.keep_receipt(open_head(said, pharmacy.public_key))


def _product(number: int) -> Product:
    return Product(
        product=f"m{number}",
        generic=f"medicine {number:02}",
        form="tablets",
        strength="500 mg",
        ingredients=(Ingredient(name=f"ingredient {number:02}"),),
        gtins=(gtin(number),),
        early_s=3_600,
    )


def gtin(number: int) -> str:
    """A GTIN-14 with its right check digit."""
    digits = f"0501234{number:06}"
    total = sum(int(d) * (3 if at % 2 == 0 else 1) for at, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def _credential(actor: str, badge: str) -> Credential:
    text = Argon2id(
        salt=b"s" * 16, length=32, iterations=CHEAP.passes, lanes=1, memory_cost=CHEAP.memory_kib
    ).derive_phc_encoded(PIN.encode())
    context = f"credential {CAB} {actor}".encode()
    sealed = seal(cabinet_keys().unseal.public_key(), text.encode(), context)
    return Credential(actor=actor, badge=badge, sealed=enc(sealed))
