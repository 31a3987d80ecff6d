"""Write `vectors/`: both logs of a small cabinet, a head, bodies and public keys.

`python -m tests.wire.make_vectors [FOLDER]`. Keys and salts are derived from fixed words, so the
same code writes the same bytes; a test compares. The private keys are therefore known to everybody
and good for nothing else.
"""

import sys
import tempfile
from pathlib import Path

from cabinet.trust import Trust
from statemachine.ward.drawers import DrawerClosed, DrawerOpened, ReleaseIntent, ScanAccepted
from statemachine.ward.orders import RemovalRecorded
from statemachine.ward.patients import Patient, PatientForgotten
from statemachine.ward.people import SessionClosed, SessionOpened
from tests.wire.small_cabinet import NOON_S, Pen, apply, at, booted, nonce

ROOT = Path(__file__).resolve().parents[2]


def make(folder: Path) -> None:
    """Write the vectors: a removal, a second patient who comes, goes and is forgotten."""
    pen = Pen()
    with tempfile.TemporaryDirectory() as scratch:
        journal = booted(Path(scratch) / "vectors.journal", pen)
        try:
            opened = SessionOpened(actor="u104", panel=1, staff_line=(1, 1))
            journal.append((opened,), at(60_000, NOON_S + 60))
            (intent,) = journal.append((intent_for_the_dose(),), at(81_234, NOON_S + 81))
            seq = intent.ref[1]
            journal.append(
                (DrawerOpened(drawer=3, intent=seq),), at(82_410, NOON_S + 82), {"0": 1042}
            )
            journal.append(
                (
                    ScanAccepted(actor="u104", panel=1, product="d1", intent=seq, lot="A12"),
                    removal(seq),
                    DrawerClosed(drawer=3, intent=seq),
                ),
                at(90_007, NOON_S + 90),
            )
            journal.append(
                (SessionClosed(actor="u104", panel=1, reason="signed out"),),
                at(95_000, NOON_S + 95),
            )
            guest = Patient(patient="p8", family="JONES", given="Mary", born="1950-01-31")
            gone = Patient(patient="p8", status="discharged", discharged_s=NOON_S)
            trust = Trust(journal)
            trust.take(pen.write(guest, gone), None)
            later = at(300_000_000, NOON_S + 300_000)
            apply(journal, later)
            journal.append((PatientForgotten(patient="p8"),), later)
            journal.forget("p8")
            journal.export(folder)
            tip = journal.tip("up")
            head = pen.head((tip.ep, tip.seq, tip.hash), nonce())
            (folder / "head.jws").write_bytes(head + b"\n")
        finally:
            journal.close()


def intent_for_the_dose(**changed: object) -> ReleaseIntent:
    """The intent of a nurse who takes the dose that is due at noon."""
    fields: dict[str, object] = {
        "drawer": 3,
        "panel": 1,
        "actor": "u104",
        "pocket": "3-2",
        "product": "d1",
        "quantity": 2,
        "patient": "p7",
        "order": "o9",
        "dose": f"o9@{NOON_S}",
        "staff_line": (1, 1),
        "order_line": (1, 6),
    }
    return ReleaseIntent(**(fields | changed))  # type: ignore[arg-type] # a test may say anything


def removal(intent: int) -> RemovalRecorded:
    """Its outcome."""
    return RemovalRecorded(
        actor="u104",
        patient="p7",
        order="o9",
        dose=f"o9@{NOON_S}",
        product="d1",
        drawer=3,
        pocket="3-2",
        quantity=2,
        panel=1,
        intent=intent,
        lot="A12",
        scan="scanned",
    )


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "vectors")
