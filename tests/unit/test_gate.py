"""The gate: five facts from committed rows, and a locked drawer whenever one of them fails."""

import ast
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cabinet.gate import Gate, GateRefused
from cabinet.journal import Journal
from cabinet.trust import Trust
from hal.ports import LEASE_MS_MAX, LeaseDenied
from statemachine.ward.drawers import (
    DrawerClosed,
    DrawerLeftOpen,
    DrawerOpened,
    ReleaseExpired,
    ReleaseIntent,
)
from statemachine.ward.entry import Directive
from statemachine.ward.house import Boot
from statemachine.ward.orders import Order, OrderStop
from statemachine.ward.patients import Patient, PatientMerge
from statemachine.ward.people import Staff
from statemachine.ward.stock import Pocket, Retire
from tests.wire.make_vectors import intent_for_the_dose
from tests.wire.small_cabinet import WARD, Pen, at, booted

ROOT = Path(__file__).resolve().parents[2]
STAFF, ORDER = WARD[0], WARD[5]


class Latches:
    """Locks that do nothing but remember what they were asked."""

    def __init__(self) -> None:
        self.leases: list[tuple[int, int, int]] = []
        self.closed: dict[int, bool | None] = {3: True, 4: True}
        self.denies = False

    def lease(self, drawer: int, ms: int, intent: int) -> None:
        if self.denies:
            raise LeaseDenied("Drawer 3 is cooling down.")
        self.leases.append((drawer, ms, intent))

    def end(self, drawer: int) -> None:
        raise AssertionError(drawer)

    def drawers(self) -> tuple[int, ...]:
        return (3, 4)

    def read(self, drawer: int) -> tuple[bool | None, bool | None]:
        return self.closed.get(drawer), True

    def poll(self, mono_ms: int) -> None:
        raise AssertionError(mono_ms)

    def close(self) -> None:
        raise AssertionError


class House:
    """A cabinet up to its gate."""

    def __init__(self, path: Path) -> None:
        self.pen = Pen()
        self.journal: Journal = booted(path, self.pen)
        self.latches = Latches()
        self.gate = Gate(self.journal, self.latches)

    def intend(self, intent: ReleaseIntent | None = None) -> int:
        """Write an intent down and return its number."""
        (line,) = self.journal.append((intent or intent_for_the_dose(),), at())
        return line.ref[1]

    def hear(self, *directives: Directive) -> None:
        """Accept directives; they need not be applied to bind the gate."""
        taken = Trust(self.journal).take(self.pen.write(*directives), None)
        assert taken.alarm is None, taken.sentence

    def refuses(self, intent: ReleaseIntent | int | None = None) -> str:
        """Why the gate refuses; the lock was not asked."""
        seq = intent if isinstance(intent, int) else self.intend(intent)
        before = list(self.latches.leases)
        with pytest.raises(GateRefused) as refused:
            self.gate.release(3, seq, 5000)
        assert self.latches.leases == before
        assert refused.value.reason.endswith(".")
        return refused.value.reason


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "cabinet.journal")
    yield made
    made.journal.close()


def test_a_committed_intent_on_current_lines_gets_its_lease(house: House) -> None:
    seq = house.intend()
    house.gate.release(3, seq, 5000)
    assert house.latches.leases == [(3, 5000, seq)]


def test_I1_nothing_opens_without_an_intent_written_down(house: House) -> None:
    assert house.refuses(99) == "No intent was written down for this release."
    assert house.refuses(1) == "No intent was written down for this release."


def test_the_lease_is_for_the_drawer_and_the_time_of_its_intent(house: House) -> None:
    seq = house.intend()
    for drawer, lease_ms, why in (
        (4, 5000, "The intent is for another drawer."),
        (3, 5001, "The intent is for another time, or for too long."),
        (3, 0, "The intent is for another time, or for too long."),
    ):
        with pytest.raises(GateRefused) as refused:
            house.gate.release(drawer, seq, lease_ms)
        assert refused.value.reason == why
    long = house.intend(intent_for_the_dose(lease_ms=LEASE_MS_MAX + 1))
    with pytest.raises(GateRefused):
        house.gate.release(3, long, LEASE_MS_MAX + 1)
    assert house.latches.leases == []


def test_an_intent_is_good_for_one_lease_until_its_end(house: House) -> None:
    seq = house.intend()
    house.gate.release(3, seq, 5000)
    house.journal.append((DrawerOpened(drawer=3, intent=seq),), at())
    assert house.refuses(seq) == "This intent was used already, or has ended."
    house.journal.append((DrawerClosed(drawer=3, intent=seq),), at())
    assert house.refuses(seq) == "This intent was used already, or has ended."


@pytest.mark.parametrize(
    "told",
    [
        Staff(actor="u104", revoked=True),
        Staff(actor="u104", family="BELL", given="Nina", privileges=("nurse",), wards=("8",)),
        Retire(kind="staff", ids=("u1", "u104")),
    ],
    ids=["revoked", "changed", "retired"],
)
def test_I13_a_changed_staff_line_binds_from_its_receipt(house: House, told: Directive) -> None:
    house.hear(told)
    assert house.refuses() == "This person's record changed or was withdrawn. Sign in again."


def test_a_revoked_person_opens_nothing_even_on_their_newest_line(house: House) -> None:
    house.hear(Staff(actor="u104", revoked=True))
    newest = intent_for_the_dose(staff_line=(1, 8))
    assert house.refuses(newest) == "This person's record changed or was withdrawn. Sign in again."


@pytest.mark.parametrize(
    "changed",
    [
        {"staff_line": None},
        {"staff_line": (1, 2)},
        {"staff_line": (1, 99)},
        {"staff_line": (2, 1)},
        {"actor": "u105"},
        {"actor": ""},
    ],
)
def test_the_staff_line_named_is_that_persons(house: House, changed: dict[str, object]) -> None:
    assert house.refuses(intent_for_the_dose(**changed)) == (
        "This person's record changed or was withdrawn. Sign in again."
    )


@pytest.mark.parametrize(
    "told",
    [
        OrderStop(order="o9"),
        Order(order="o9", patient="p7", sets=((("d1", 1),),)),
        Retire(kind="order", ids=("o9",)),
    ],
    ids=["stopped", "changed", "retired"],
)
def test_an_order_that_changed_on_the_way_to_the_drawer_stops_it(
    house: House, told: Directive
) -> None:
    house.hear(told)
    assert house.refuses() == "The order changed or was stopped. Choose the dose again."


def test_a_rejected_order_opens_nothing_even_on_its_newest_line(house: House) -> None:
    assert isinstance(ORDER, Order)
    house.hear(msgspec.structs.replace(ORDER, verdict="rejected"))
    newest = intent_for_the_dose(order_line=(1, 8))
    assert house.refuses(newest) == "The pharmacist rejected this order."


@pytest.mark.parametrize(
    "changed", [{"order_line": None}, {"order_line": (1, 7)}, {"order": "o8"}, {"order": ""}]
)
def test_the_order_line_named_is_that_orders(house: House, changed: dict[str, object]) -> None:
    assert house.refuses(intent_for_the_dose(**changed)) == (
        "The order changed or was stopped. Choose the dose again."
    )


@pytest.mark.parametrize("patient", ["p8", ""])
def test_I5_an_order_of_one_patient_opens_nothing_for_another(house: House, patient: str) -> None:
    assert house.refuses(intent_for_the_dose(patient=patient)) == (
        "The order is for another patient."
    )


def test_a_merged_patient_is_the_same_patient(house: House) -> None:
    house.hear(Patient(patient="p9"), PatientMerge(patient="p9", merged="p7"))
    house.gate.release(3, house.intend(intent_for_the_dose(patient="p9")), 5000)
    assert len(house.latches.leases) == 1


def test_merges_that_go_round_in_a_circle_open_nothing(house: House) -> None:
    house.hear(
        PatientMerge(patient="p9", merged="p7"),
        PatientMerge(patient="p7", merged="p9"),
    )
    reason = house.refuses(intent_for_the_dose(patient="p9"))
    assert reason == "The patient's record was merged too often to follow."


@pytest.mark.parametrize(
    ("purpose", "authority", "opens"),
    [
        ("count", "count", True),
        ("count", "commissioning", True),
        ("count", "override", False),
        ("count", None, False),
        ("override", "override", True),
        ("remove", "count", False),
        ("remove", None, False),
        ("invented", "invented", False),
        ("invented", None, False),
    ],
)
def test_without_an_order_only_a_named_authority_of_that_purpose_opens(
    house: House, purpose: str, authority: str | None, opens: bool
) -> None:
    intent = intent_for_the_dose(
        purpose=purpose, authority=authority, order="", order_line=None, patient=""
    )
    if opens:
        house.gate.release(3, house.intend(intent), 5000)
    else:
        house.refuses(intent)
    assert len(house.latches.leases) == int(opens)


def test_an_authority_never_stands_beside_an_order(house: House) -> None:
    intent = intent_for_the_dose(purpose="count", authority="count")
    assert house.refuses(intent) == "The intent names no order and no authority."


def test_F32_the_emergency_button_needs_nobody_signed_in_but_says_so(house: House) -> None:
    button = {"actor": "", "staff_line": None, "order": "", "order_line": None, "patient": ""}
    house.refuses(intent_for_the_dose(purpose="emergency", authority=None, **button))
    house.journal.append((ReleaseExpired(drawer=3, intent=3),), at())
    pressed = intent_for_the_dose(purpose="emergency", authority="emergency", pocket="", **button)
    seq = house.intend(pressed)
    house.gate.release(3, seq, 5000)
    other = house.intend(msgspec.structs.replace(pressed, drawer=4))
    house.gate.release(4, other, 5000)
    assert house.latches.leases == [(3, 5000, seq), (4, 5000, other)]


@pytest.mark.parametrize("closed", [False, None])
def test_F2_a_drawer_not_known_to_be_closed_gets_no_lease(
    house: House, closed: bool | None
) -> None:
    house.latches.closed[3] = closed
    assert house.refuses() == "The drawer is not known to be closed."


@pytest.mark.parametrize("pocket", ["4-1", "9-9", ""])
def test_the_pocket_is_in_the_drawer(house: House, pocket: str) -> None:
    assert house.refuses(intent_for_the_dose(pocket=pocket)) == (
        "The pocket is not in this drawer."
    )


def test_a_pocket_that_moved_or_was_retired_is_no_longer_in_the_drawer(house: House) -> None:
    house.hear(Pocket(pocket="3-2", drawer=4))
    assert house.refuses() == "The pocket is not in this drawer."
    house.hear(Pocket(pocket="3-2", drawer=3))
    house.hear(Retire(kind="pocket", ids=("3-2",)))
    assert house.refuses() == "The pocket is not in this drawer."


def test_I3_one_drawer_at_a_time_for_one_panel(house: House) -> None:
    first = house.intend(
        intent_for_the_dose(
            drawer=4,
            pocket="4-1",
            purpose="count",
            authority="count",
            order="",
            order_line=None,
            patient="",
        )
    )
    assert house.refuses() == "Another drawer is in use at this panel."
    house.journal.append((ReleaseExpired(drawer=4, intent=first),), at())
    house.journal.append((ReleaseExpired(drawer=3, intent=first + 1),), at())
    house.gate.release(3, house.intend(), 5000)
    assert len(house.latches.leases) == 1


def test_I3_two_panels_do_not_wait_for_each_other_but_never_share_a_drawer(house: House) -> None:
    house.intend(intent_for_the_dose(panel=2))
    assert house.refuses() == "This drawer is still in use."


def test_I3_a_drawer_left_open_blocks_only_itself(house: House) -> None:
    count = {"purpose": "count", "authority": "count", "order": "", "order_line": None}
    left = house.intend(intent_for_the_dose(drawer=4, pocket="4-1", patient="", **count))
    house.journal.append(
        (DrawerOpened(drawer=4, intent=left), DrawerLeftOpen(drawer=4, intent=left)), at()
    )
    house.gate.release(3, house.intend(), 5000)
    assert len(house.latches.leases) == 1


def test_an_intent_of_an_earlier_epoch_opens_nothing(house: House) -> None:
    seq = house.intend()
    house.journal.begin_epoch()
    house.journal.append((Boot(reason="restart"),), at())
    assert house.refuses(seq) == "No intent was written down for this release."


def test_F19_a_body_that_was_changed_on_the_disk_opens_nothing(house: House) -> None:
    seq = house.intend()
    writer = house.journal.medium._writer
    writer.execute("DROP TRIGGER dn_body_stays").fetchall()
    forged = msgspec.json.encode(Order(order="o9", patient="p7", verdict="verified"))
    writer.execute("UPDATE dn_body SET data = ? WHERE id & 255 = 6", (forged,)).fetchall()
    assert house.refuses(seq) == ("The body of line (1, 6) is not the one the line names.")


def test_what_the_lock_says_is_passed_on(house: House) -> None:
    house.latches.denies = True
    with pytest.raises(LeaseDenied):
        house.gate.release(3, house.intend(), 5000)


def test_only_the_gate_asks_for_a_lease_in_the_whole_cabinet() -> None:
    callers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "cabinet").rglob("*.py")
        if ".lease" in (text := path.read_text())
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and node.attr == "lease"
    }
    assert callers == {"cabinet/gate.py"}
    assert len((ROOT / "cabinet" / "gate.py").read_text().splitlines()) < 150
