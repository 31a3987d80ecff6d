"""The main job on other people's messages: a real admission, a real order, a fallen stock figure.

The demo's whole house is started on the third-party corpus: messages go over MLLP as they were
found (the manifest lists every change), lines over HTTP, codes over pseudo-terminals, locks over
simulated pins. A nurse signs in and removes one dose of a third-party order. Then strangers' tools
read both logs.
"""

import os
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cabinet.wire.line import UpPayload, open_line
from sim.demo.cabinet import NAME
from sim.demo.house import COLLEAGUES, Addresses, House
from sim.demo.page import Page
from sim.demo.wires import LOCK_LINES
from sim.feed.manifest import MANIFEST_FILE, CorpusMessages

ROOT = Path(__file__).resolve().parents[2]
CORPORA = Path(os.environ.get("CORPORA", ROOT / ".." / "shared" / "corpora"))
HL7 = CORPORA / "hl7v2"
VERIFY = ROOT / "vectors" / "verify.sh"
WAIT_S = 30.0
NURSE = COLLEAGUES[0]
ANSWERS = {"directives.applied", "boot", "checkpoint"}
"""Lines the cabinet writes whenever the pharmacy has sent something, or for itself."""

pytestmark = pytest.mark.skipif(
    not HL7.is_dir() and not os.environ.get("CI"),
    reason=f"no corpora at {CORPORA}: set CORPORA to the folder with hl7v2/",
)


class Nurse:
    """Hands at the house's cabinet: keys, badge, scanner, drawers."""

    def __init__(self, house: House) -> None:
        self.house, self.page = house, Page(house)
        self.before_lease: list[list[str]] = []
        self._watch_the_locks()

    def _watch_the_locks(self) -> None:
        """At the moment a bolt is withdrawn, what does another connection read in the journal?"""
        wires, journal = self.house.cabinet.wires, self.house.cabinet.folder / "journal.db"
        drive = wires.drive

        def watched(pin: int, level: bool | None) -> None:
            if pin in LOCK_LINES and level:
                with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as reader:
                    rows = reader.execute("SELECT type FROM up_line ORDER BY id")
                    self.before_lease.append([row[0] for row in rows])
            drive(pin, level)

        wires.drive = watched  # type: ignore[method-assign]

    def state(self) -> dict[str, Any]:
        return self.page.state()

    def until(self, holds: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        limit = time.monotonic() + WAIT_S
        while time.monotonic() < limit:
            state = self.state()
            if holds(state):
                return state
            time.sleep(0.05)
        raise AssertionError(f"never: {what}; the screen: {self.state()['screen']}")

    def at(self, *screens: str) -> dict[str, Any]:
        return self.until(lambda s: s["screen"] and s["screen"]["id"] in screens, str(screens))

    def press(self, keys: str) -> None:
        for key in keys:
            self.page.act({"do": "key", "key": key})

    def sign_in(self) -> None:
        self.at("signin.badge")
        self.page.act({"do": "hold", "item": f"badge {NURSE.badge}"})
        self.at("signin.pin")
        self.press(NURSE.pin + "#")
        self.at("home.patients")

    def choose(self, medicine: str) -> dict[str, Any]:
        """The round's next patient, once two orders are due; ends at a released drawer."""
        self.until(
            lambda s: any(
                line["choice"] == "A" and "2 due" in line["text"] for line in s["screen"]["lines"]
            ),
            "two orders due",
        )
        self.press("A")
        if self.at("home.confirm", "patient.list")["screen"]["id"] == "home.confirm":
            self.press("A")
        lines = self.at("patient.list")["screen"]["lines"]
        due = next(line for line in lines if line["mark"] == "due" and medicine in line["text"])
        self.press(due["choice"])
        return self.until(lambda s: any(d["released"] for d in s["drawers"]), "a released drawer")


def free_ports(number: int) -> list[int]:
    held = [socket.socket() for _ in range(number)]
    for each in held:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in held]
    for each in held:
        each.close()
    return ports


@pytest.fixture
def nurse(tmp_path: Path) -> Iterator[Nurse]:
    """A ward whose patients and orders are other people's messages, and a nurse on it."""
    assert HL7.is_dir(), f"CI plays this on the corpora, and there are none at {CORPORA}"
    said: list[str] = []
    page, pharmacy, mllp = free_ports(3)
    house = House(
        tmp_path / "demo",
        Addresses(cabinet_port=page, pharmacy_port=pharmacy, mllp_port=mllp),
        lambda opened_s: CorpusMessages(CORPORA, opened_s, said.append),
        said.append,
        MANIFEST_FILE,
    )
    hands = Nurse(house)
    try:
        house.start()
        hands.page.begin()
        yield hands
    finally:
        house.close()
    assert said == []


def types(lines: bytes) -> list[str]:
    """The types of exported lines, in order; the genesis that every log begins with has none."""
    _genesis, *others = lines.splitlines()
    opened = [open_line(line).payload for line in others]
    return [payload.type for payload in opened if isinstance(payload, UpPayload)]


def verified(folder: Path, log: str) -> str:
    """What openssl alone says of an exported log."""
    pems = [str(folder / "cabinet.pem"), str(folder / "pharmacy.pem")]
    command = ["bash", str(VERIFY), str(folder / log), *pems, str(folder / "bodies.txt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_third_party_order_is_removed_and_the_pharmacys_stock_falls(
    nurse: Nurse, tmp_path: Path
) -> None:
    """A real admission, a real order, one drawer, one scan, one signed record, a fallen figure."""
    nurse.until(lambda s: sum(i["kind"] == "wristband" for i in s["tray"]) == 2, "two admissions")
    nurse.sign_in()
    before = len(nurse.state()["log"])
    assert before
    state = nurse.choose("docusate")
    (drawer,) = [d for d in state["drawers"] if d["released"]]
    (pocket,) = [p for p in drawer["pockets"] if p["lit"]]
    (stock,) = [row for row in state["stock"] if row["pocket"] == pocket["pocket"]]
    assert state["screen"]["banner"]["name"] == "SMITH, WILLIAM"
    assert (stock["medicine"], stock["quantity"]) == ("docusate sodium 100 mg capsules", 30)

    nurse.page.act({"do": "open", "drawer": drawer["drawer"]})
    nurse.at("remove.open")
    nurse.page.act({"do": "take", "pocket": pocket["pocket"]})
    nurse.page.act({"do": "scan_hand", "index": 0})
    nurse.until(lambda s: "Right pack" in s["screen"]["prompt"], "the pack accepted")
    nurse.page.act({"do": "close", "drawer": drawer["drawer"]})

    def fell(now: dict[str, Any]) -> bool:
        row = next(row for row in now["stock"] if row["pocket"] == pocket["pocket"])
        return bool(row["quantity"] == 29)

    nurse.until(fell, "the pharmacy's figure falls from 30 to 29")
    nurse.at("patient.list", "home.patients")
    nurse.press("BC")
    nurse.at("signin.badge")
    nurse.until(lambda s: all(line["receipt"] for line in s["log"]), "a receipt for every line")

    assert [kinds[-1] for kinds in nurse.before_lease] == ["release.intent"]
    nurse.house.cabinet.close()
    with closing(nurse.house.cabinet.journal()) as journal:
        journal.export(tmp_path / "out")
    up = types((tmp_path / "out" / "up.jws").read_bytes())
    assert [kind for kind in up if kind not in ANSWERS] == [
        "session.opened",
        "patient.chosen",
        "release.intent",
        "drawer.opened",
        "scan.accepted",
        "drawer.closed",
        "removal.recorded",
        "session.parked",
    ]
    for log in ("up.jws", "dn.jws"):
        assert "bodies hold" in verified(tmp_path / "out", log)
    assert nurse.house.pharmacy.services.stock(NAME)
