"""The ledger: lines accepted once, in order, with the stock they move (WIRE 1, I4, I7, I8)."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from cabinet.wire.file import write_batch
from cabinet.wire.line import Signer
from pharmacy.app import Pharmacy
from pharmacy.db import (
    AttentionRow,
    Base,
    CabinetRow,
    EvidenceRow,
    HeadRow,
    PocketRow,
    PocketStockRow,
    StockChangeRow,
    UpLineRow,
)
from pharmacy.ledger.up import BatchError
from statemachine.ward.drawers import DrawerForced, ReleaseIndeterminate, ReleaseIntent
from statemachine.ward.house import Boot, DirectivesApplied
from statemachine.ward.orders import RemovalElsewhere, RemovalRecorded
from statemachine.ward.stock import CountRecorded, DiscrepancyOpened, Opening, Pocket, Product


def stocked(pharmacy: Pharmacy, cabinet) -> None:
    """Pocket 3-2 holds 40 of lot L1, by the pharmacist's opening."""
    services = pharmacy.services
    services.put_product(
        Product(product="para", generic="paracetamol", strength="500 mg", form="tablets")
    )
    services.put_pocket(
        cabinet.cab,
        Pocket(pocket="3-2", drawer=3, product="para", opening=(Opening(quantity=40, lot="L1"),)),
    )
    cabinet.send(Boot(reason="start"), *applied(cabinet))


def applied(cabinet) -> tuple[DirectivesApplied]:
    cabinet.applied = len(cabinet.directives())
    return (DirectivesApplied(to=(1, cabinet.applied)),)


def removal(quantity: int = 2, lot: str = "L1") -> RemovalRecorded:
    return RemovalRecorded(
        actor="u1", patient="p1", order="o1", dose="o1@1", product="para", drawer=3,
        pocket="3-2", quantity=quantity, panel=1, intent=3, lot=lot,
    )  # fmt: skip


def book(pharmacy: Pharmacy) -> list[tuple[str, str, str, int | None]]:
    return [(row.cab, row.pocket, row.lot, row.quantity) for row in pharmacy.services.stock()]


def rows(pharmacy: Pharmacy, table: type[Base]) -> int:
    with pharmacy.office.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def alarms(pharmacy: Pharmacy) -> list[str]:
    with pharmacy.office.read() as session:
        return list(
            session.scalars(
                select(AttentionRow.key)
                .where(AttentionRow.closed_s.is_(None), AttentionRow.kind == "alarm")
                .order_by(AttentionRow.id)
            )
        )


def projections(pharmacy: Pharmacy) -> dict[str, list[tuple[object, ...]]]:
    tables = (PocketStockRow, StockChangeRow, PocketRow)
    with pharmacy.office.read() as session:
        found = {
            table.__tablename__: sorted(
                tuple(row) for row in session.execute(select(*table.__table__.columns))
            )
            for table in tables
        }
        found["applied"] = sorted(
            tuple(row) for row in session.execute(
                select(CabinetRow.cab, CabinetRow.applied_ep, CabinetRow.applied_seq)
            )
        )  # fmt: skip
    return found


def test_a_removal_makes_the_stock_fall(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    stocked(pharmacy, cabinet)
    assert book(pharmacy) == [("A", "3-2", "L1", 40)]
    head = cabinet.send(removal())
    assert (head.log, head.cab, head.ep, head.seq, head.head) == ("up", "A", 1, 3, cabinet.prev)
    assert book(pharmacy) == [("A", "3-2", "L1", 38)]


def test_an_opening_counts_when_the_cabinet_has_applied_it_and_once(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    pharmacy.services.put_product(Product(product="para", generic="paracetamol"))
    opening = Pocket(pocket="3-2", drawer=3, product="para", opening=(Opening(quantity=40),))
    pharmacy.services.put_pocket("A", opening)
    assert book(pharmacy) == [("A", "3-2", "", None)]
    cabinet.send(*applied(cabinet))
    assert book(pharmacy) == [("A", "3-2", "", 40)]
    pharmacy.services.put_pocket("A", opening)
    cabinet.send(*applied(cabinet))
    cabinet.send(*applied(cabinet))
    assert book(pharmacy) == [("A", "3-2", "", 40)]


def test_the_same_batch_again_is_acknowledged_and_has_no_effect(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    stocked(pharmacy, cabinet)
    batch = cabinet.batch(removal(), removal(3))
    first = cabinet.receipt(pharmacy.services.accept_up("A", batch))
    again = cabinet.receipt(pharmacy.services.accept_up("A", batch))
    assert (again.seq, again.head) == (first.seq, first.head) == (4, cabinet.prev)
    assert book(pharmacy) == [("A", "3-2", "L1", 35)]
    assert rows(pharmacy, UpLineRow) == 4
    assert rows(pharmacy, StockChangeRow) == 3


def test_a_batch_that_overlaps_what_is_held_adds_only_the_new_lines(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    stocked(pharmacy, cabinet)
    old = cabinet.line(removal(1))
    new = cabinet.line(removal(2))
    pharmacy.services.accept_up("A", write_batch([old])[0])
    head = cabinet.receipt(pharmacy.services.accept_up("A", write_batch([old, new])[0]))
    assert head.seq == 4
    assert book(pharmacy) == [("A", "3-2", "L1", 37)]


def test_a_gap_keeps_nothing_and_the_receipt_says_where_to_go_on(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    stocked(pharmacy, cabinet)
    lost, later = cabinet.line(removal(1)), cabinet.line(removal(2))
    head = cabinet.receipt(pharmacy.services.accept_up("A", write_batch([later])[0]))
    assert head.seq == 2
    assert book(pharmacy) == [("A", "3-2", "L1", 40)]
    head = cabinet.receipt(pharmacy.services.accept_up("A", write_batch([lost, later])[0]))
    assert head.seq == 4
    assert book(pharmacy) == [("A", "3-2", "L1", 37)]


def test_a_fork_is_kept_as_evidence_and_never_overwrites(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    stocked(pharmacy, cabinet)
    seq, prev = cabinet.seq, cabinet.prev
    held = cabinet.send(removal(2))
    cabinet.seq, cabinet.prev = seq, prev
    forked = cabinet.line(removal(5))
    for _ in range(2):
        head = cabinet.receipt(pharmacy.services.accept_up("A", write_batch([forked])[0]))
        assert (head.seq, head.head) == (held.seq, held.head)
    assert book(pharmacy) == [("A", "3-2", "L1", 38)]
    with pharmacy.office.read() as session:
        evidence = session.scalars(select(EvidenceRow)).all()
        assert [(row.ep, row.seq, row.raw) for row in evidence] == [(1, 3, forked[0])]
        assert session.get_one(CabinetRow, "A").quarantined_s is not None
    assert alarms(pharmacy) == ["fork:A"]


def test_what_continues_the_line_held_is_still_taken_after_a_fork(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    stocked(pharmacy, cabinet)
    seq, prev = cabinet.seq, cabinet.prev
    cabinet.line(removal(9))
    cabinet.seq, cabinet.prev = seq, prev
    cabinet.prev = "A" * 43
    forked = cabinet.line(removal(5))
    pharmacy.services.accept_up("A", write_batch([forked])[0])
    cabinet.seq, cabinet.prev = seq, prev
    cabinet.send(removal(2))
    assert book(pharmacy) == [("A", "3-2", "L1", 38)]


def test_the_line_of_another_cabinet_is_refused(pharmacy, cabinet_of):
    cabinet, other = cabinet_of(pharmacy), cabinet_of(pharmacy, "B")
    stocked(pharmacy, cabinet)
    with pytest.raises(BatchError) as refused:
        pharmacy.services.accept_up("A", other.batch(removal()))
    assert refused.value.code == "key"
    assert rows(pharmacy, UpLineRow) == 2


def test_a_line_signed_with_the_right_key_for_another_cabinet_is_refused(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    cabinet_of(pharmacy, "B")
    line = cabinet.line(removal(), cab="B")
    with pytest.raises(BatchError) as refused:
        pharmacy.services.accept_up("A", write_batch([line])[0])
    assert refused.value.code == "cabinet"


def test_a_cabinet_nobody_enrolled_is_refused(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    with pytest.raises(BatchError) as refused:
        pharmacy.services.accept_up("C", cabinet.batch(Boot(reason="start")))
    assert refused.value.code == "cabinet"


def test_a_changed_signature_is_refused(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    line, body = cabinet.line(Boot(reason="start"))
    head, payload, signature = line.split(b".")
    swapped = b".".join([head, payload, signature[1:43] + signature[:1] + signature[43:]])
    with pytest.raises(BatchError) as refused:
        pharmacy.services.accept_up("A", write_batch([(swapped, body)])[0])
    assert refused.value.code == "signature"
    assert alarms(pharmacy) == []


def test_a_key_revoked_from_a_line_on_signs_nothing_after_it(pharmacy, cabinet_of):
    from pharmacy.db import CabinetKeyRow

    cabinet = cabinet_of(pharmacy)
    stocked(pharmacy, cabinet)

    def revoke(session):
        row = session.scalars(select(CabinetKeyRow)).one()
        row.revoked_ep, row.revoked_seq = 1, 4

    pharmacy.office.database.run(revoke)
    assert cabinet.send(removal(1)).seq == 3
    with pytest.raises(BatchError) as refused:
        cabinet.send(removal(1))
    assert refused.value.code == "revoked"
    assert book(pharmacy) == [("A", "3-2", "L1", 39)]


def test_a_line_signed_by_the_pharmacys_own_key_is_no_line_of_a_cabinet(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    cabinet.signer = Signer(pharmacy.office.keys.signing)
    with pytest.raises(BatchError) as refused:
        cabinet.send(Boot(reason="start"))
    assert refused.value.code == "key"


def test_a_signed_line_without_its_body_stops_the_log_and_alarms_until_it_comes(
    pharmacy, cabinet_of
):
    cabinet = cabinet_of(pharmacy)
    line, body = cabinet.line(Boot(reason="start"))
    with pytest.raises(BatchError) as refused:
        pharmacy.services.accept_up("A", line + b"\n")
    assert refused.value.code == "body missing"
    assert alarms(pharmacy) == ["stuck:A"]
    pharmacy.services.accept_up("A", write_batch([(line, body)])[0])
    assert alarms(pharmacy) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"reason":"start","reason":"again"}', "body json"),
        (b'{"reason":1.5}', "body json"),
        (b'{"reason":"start","extra":1}', "body schema"),
        (b"[]", "body schema"),
        (b"\xff\xfe", "body json"),
        (b'{"reason":"\\u0000"}', "body json"),
    ],
)
def test_a_signed_line_with_a_wrong_body_is_refused_and_a_person_is_told(
    pharmacy, cabinet_of, data, code
):
    cabinet = cabinet_of(pharmacy)
    cabinet.seq += 1
    line = cabinet.sign("boot", data)
    with pytest.raises(BatchError) as refused:
        pharmacy.services.accept_up("A", write_batch([line])[0])
    assert refused.value.code == code
    assert alarms(pharmacy) == ["stuck:A"]
    assert rows(pharmacy, UpLineRow) == 0


def test_an_id_too_long_for_the_ledger_is_refused_not_a_fault(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    with pytest.raises(BatchError) as refused:
        cabinet.send(removal(lot="L" * 129))
    assert refused.value.code == "body schema"


def test_a_line_of_a_type_nobody_knows_is_kept_and_told(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    cabinet.seq += 1
    line = cabinet.sign("robot.danced", b"{}")
    head = cabinet.receipt(pharmacy.services.accept_up("A", write_batch([line])[0]))
    assert head.seq == 1
    assert alarms(pharmacy) == ["type:A:robot.danced"]
    assert cabinet.send(Boot(reason="start")).seq == 2


@pytest.mark.parametrize(
    "batch",
    [
        b"x" * (512 * 1024 + 1),
        b"a.b.c",
        b"\n" * 257,
        b"~short\n",
        b"x" * 5000 + b"\n",
    ],
)
def test_bytes_that_are_no_batch_are_refused_in_a_sentence(pharmacy, cabinet_of, batch):
    cabinet_of(pharmacy)
    with pytest.raises(BatchError) as refused:
        pharmacy.services.accept_up("A", batch)
    assert refused.value.code in {"batch", "parts"}
    assert refused.value.sentence.endswith((".", "unchanged."))
    assert rows(pharmacy, UpLineRow) == 0


def test_the_good_lines_before_a_bad_one_are_kept(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    good = cabinet.line(Boot(reason="start"))
    head = cabinet.receipt(pharmacy.services.accept_up("A", write_batch([good])[0] + b"a.b.c\n"))
    assert head.seq == 1


def test_a_count_and_its_discrepancy_bring_the_book_to_what_the_hand_saw(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    stocked(pharmacy, cabinet)
    cabinet.send(
        CountRecorded(actor="u1", panel=1, pocket="3-2", product="para", quantity=37, book=40,
                      reason="asked"),
        DiscrepancyOpened(discrepancy="d1", pocket="3-2", product="para", quantity=-3,
                          actor="u1"),
    )  # fmt: skip
    assert book(pharmacy) == [("A", "3-2", "L1", 37)]


def test_a_forced_drawer_makes_its_pockets_due_for_a_count_and_alarms(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    stocked(pharmacy, cabinet)
    cabinet.send(DrawerForced(drawer=3))
    assert [row.count_due for row in pharmacy.services.stock()] == ["drawer.forced"]
    assert alarms(pharmacy) == ["forced:A:3"]


def test_an_indeterminate_release_of_an_earlier_batch_finds_its_pocket(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    pharmacy.services.put_product(Product(product="para", generic="paracetamol"))
    for pocket in ("3-1", "3-2"):
        pharmacy.services.put_pocket(
            "A", Pocket(pocket=pocket, drawer=3, product="para", lidded=True)
        )
    cabinet.send(*applied(cabinet))
    cabinet.send(ReleaseIntent(drawer=3, panel=1, pocket="3-2"))
    cabinet.send(ReleaseIndeterminate(drawer=3, intent=cabinet.seq, reason="power"))
    due = [(row.pocket, row.count_due) for row in pharmacy.services.stock()]
    assert due == [("3-1", ""), ("3-2", "release.indeterminate")]


def test_a_removal_is_told_to_the_other_cabinets_once(pharmacy, cabinet_of):
    cabinet, other = cabinet_of(pharmacy), cabinet_of(pharmacy, "B")
    stocked(pharmacy, cabinet)
    batch = cabinet.batch(removal(2))
    for _ in range(2):
        pharmacy.services.accept_up("A", batch)
    told = RemovalElsewhere(
        cabinet="A", patient="p1", product="para", quantity=2, order="o1", dose="o1@1",
        at_s=pharmacy.office.clock.now_s(),
    )  # fmt: skip
    assert [e for e in other.directives() if isinstance(e, RemovalElsewhere)] == [told]
    assert [e for e in cabinet.directives() if isinstance(e, RemovalElsewhere)] == []


def test_a_rebuild_from_the_lines_alone_equals_what_was_kept_live(pharmacy, cabinet_of):
    cabinet, other = cabinet_of(pharmacy), cabinet_of(pharmacy, "B")
    stocked(pharmacy, cabinet)
    stocked(pharmacy, other)
    cabinet.send(removal(2), removal(3, lot=""), DrawerForced(drawer=3))
    pharmacy.services.put_pocket("A", Pocket(pocket="3-3", drawer=3, product="para"))
    pharmacy.services.retire_pocket("B", "3-2")
    cabinet.send(
        *applied(cabinet),
        CountRecorded(actor="u1", panel=1, pocket="3-3", product="para", quantity=6,
                      reason="commissioning"),
        DiscrepancyOpened(discrepancy="d1", pocket="3-3", product="para", quantity=6,
                          actor="u1", reason="commissioning"),
    )  # fmt: skip
    other.send(*applied(other))
    live = projections(pharmacy)
    assert book(pharmacy) == [("A", "3-2", "L1", 35), ("A", "3-3", "", 6)]
    for cab in ("A", "B"):
        pharmacy.services.rebuild(cab)
    assert projections(pharmacy) == live


def test_two_servers_on_one_database_hold_one_ledger(
    open_pharmacy: Callable[[], Pharmacy], cabinet_of
):
    one, two = open_pharmacy(), open_pharmacy()
    cabinet = cabinet_of(one)
    stocked(one, cabinet)
    batch = cabinet.batch(removal(2))
    assert cabinet.receipt(two.services.accept_up("A", batch)).seq == 3
    assert cabinet.receipt(one.services.accept_up("A", batch)).seq == 3
    assert book(one) == book(two) == [("A", "3-2", "L1", 38)]


def test_F24_a_server_older_than_its_cabinet_is_told_so(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    said = len(cabinet.directives())
    cabinet.send(DirectivesApplied(to=(1, said)))
    assert alarms(pharmacy) == []
    cabinet.applied = said + 5
    cabinet.send(Boot(reason="restart"))
    assert alarms(pharmacy) == ["behind:A"]


def test_a_quarantine_ends_when_a_person_has_looked_and_the_evidence_stays(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    cabinet.prev = "A" * 43
    with_other_past = cabinet.line(Boot(reason="start"))
    pharmacy.services.accept_up("A", write_batch([with_other_past])[0])
    with pharmacy.office.read() as session:
        item = session.scalars(select(AttentionRow.id)).one()
    pharmacy.services.close_attention(item, "pat")
    with pharmacy.office.read() as session:
        assert session.get_one(CabinetRow, "A").quarantined_s is None
    assert rows(pharmacy, EvidenceRow) == 1


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@settings(max_examples=150, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.integers(0, 10**9), st.integers(1, 40), st.binary(max_size=60))
def test_T10_no_bytes_put_into_a_batch_move_stock_or_end_the_server(
    pharmacy, cabinet_of, at, cut, noise
):
    cabinet = cabinet_of(pharmacy, enrol=False)
    cabinet.enrol()
    if not book(pharmacy):
        stocked(pharmacy, cabinet)
    else:
        cabinet.seq, cabinet.prev = 2, _held(pharmacy)
    batch = cabinet.batch(removal(2))
    place = at % len(batch)
    changed = batch[:place] + noise + batch[place + cut :]
    if set(batch.split(b"\n")) <= set(changed.split(b"\n")):
        return  # the signed rows are all still there; what stands around them changes nothing
    with contextlib.suppress(BatchError):
        pharmacy.services.accept_up("A", changed)
    assert book(pharmacy) == [("A", "3-2", "L1", 40)]


def _held(pharmacy: Pharmacy) -> str:
    with pharmacy.office.read() as session:
        return session.scalars(select(HeadRow.hash).where(HeadRow.log == "up")).one()
