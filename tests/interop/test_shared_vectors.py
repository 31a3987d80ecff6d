"""Lines signed by somebody else's program: our code, our classes and our openssl script read them.

The vectors stand beside the third-party corpora and are never copied in.
"""

import os
import subprocess
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from cabinet.journal.lines import TYPES
from cabinet.logcheck import read_key
from cabinet.logtool import log
from cabinet.wire.accept import Appended, Held, KeyRecord, Log, Read, accept
from cabinet.wire.file import read_batch
from cabinet.wire.genesis import open_genesis
from cabinet.wire.head import open_head
from cabinet.wire.line import thumbprint
from statemachine.ward.drawers import DrawerOpened, ReleaseIntent
from statemachine.ward.entry import Entry
from statemachine.ward.house import Boot, DirectivesApplied
from statemachine.ward.orders import Order
from statemachine.ward.patients import Patient
from statemachine.ward.people import SessionOpened, Staff

ROOT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("CORPORA", ROOT.parent / "shared" / "corpora")).parent / "vectors"

SAID: dict[Log, list[Entry]] = {
    "dn": [
        Staff(actor="u104", family="BELL", given="Nina", privileges=("nurse",), wards=("7",)),
        Patient(
            patient="p7f3",
            family="SMITH",
            given="John",
            title="Mr",
            born="1945-07-14",
            gender="male",
            nhs="9434765919",
        ),
        Order(order="o9912", patient="p7f3", seen=True, sets=((("d318248001", 2),),)),
    ],
    "up": [
        Boot(reason="start"),
        DirectivesApplied(to=(1, 3)),
        SessionOpened(actor="u104", panel=1, staff_line=(1, 1)),
        ReleaseIntent(
            drawer=3,
            panel=1,
            actor="u104",
            pocket="3-2",
            product="d318248001",
            quantity=2,
            patient="p7f3",
            order="o9912",
            dose="o9912@1795410000",
            staff_line=(1, 1),
            order_line=(1, 3),
        ),
        DrawerOpened(drawer=3, intent=4),
    ],
}


@pytest.fixture(autouse=True)
def _vectors() -> None:
    if not VECTORS.is_dir():
        if "CI" in os.environ:
            pytest.fail(f"The shared vectors are not at {VECTORS}; set CORPORA.")
        pytest.skip(f"the shared vectors are not at {VECTORS}; set CORPORA")


def read(kind: str) -> Read | None:
    """Our class for a body."""
    entry = TYPES.get(kind)
    return None if entry is None else lambda data: msgspec.json.decode(data, type=entry)


@pytest.mark.parametrize("name", ["dn", "up"])
def test_every_shared_line_is_accepted_and_says_what_its_writer_meant(name: Log) -> None:
    pharmacy, cabinet = read_key(VECTORS / "pharmacy.pem"), read_key(VECTORS / "cabinet.pem")
    keys = {
        thumbprint(pharmacy): KeyRecord(
            kid=thumbprint(pharmacy), key=pharmacy, roles=frozenset({"directive", "head"})
        ),
        thumbprint(cabinet): KeyRecord(
            kid=thumbprint(cabinet), key=cabinet, roles=frozenset({"cabinet"}), cabinet="ward7-a"
        ),
    }
    bodies = read_batch((VECTORS / "bodies.txt").read_bytes()).bodies
    first, *lines = read_batch((VECTORS / f"{name}.jws").read_bytes()).lines
    genesis = open_genesis(first, pharmacy)
    held = Held(
        log=name, cab="ward7-a", ep=1, seq=0, hash=genesis.hash, hash_at=lambda _ep, _seq: None
    )
    said = []
    for raw in lines:
        verdict = accept(raw, held=held, key_of=keys.get, bodies=bodies, schema=read)
        assert isinstance(verdict, Appended), verdict
        said.append(verdict.entry)
        held = msgspec.structs.replace(held, seq=verdict.line.payload.seq, hash=verdict.line.hash)
    assert said == SAID[name]


def test_the_shared_head_is_a_receipt_for_the_last_line() -> None:
    head = open_head(
        (VECTORS / "head.jws").read_bytes().strip(), read_key(VECTORS / "pharmacy.pem")
    )
    printed = CliRunner().invoke(log, ["verify", str(VECTORS / "up.jws")]).stdout.splitlines()
    assert (head.payload.seq, f"cabinet {head.payload.head}") == (5, printed[-2])


@pytest.mark.parametrize("name", ["up.jws", "dn.jws", "head.jws"])
def test_their_script_our_script_and_our_tool_print_the_same_lines(name: str) -> None:
    files = [name, "cabinet.pem", "pharmacy.pem", "bodies.txt"]
    arguments = [str(VECTORS / one) for one in files]
    theirs, ours = (
        subprocess.run(["bash", script, *arguments], capture_output=True, text=True, check=True)
        for script in (str(VECTORS / "verify.sh"), str(ROOT / "vectors" / "verify.sh"))
    )
    assert theirs.stdout == ours.stdout
    tool = CliRunner().invoke(log, ["verify", str(VECTORS / name)])
    assert tool.stdout.splitlines()[:-1] == theirs.stdout.splitlines()[:-1]
    assert tool.exit_code == 0
