"""The journal: what is recorded stays, and what is not recorded did not happen."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from cabinet.journal import Journal, JournalFailed, keeping
from cabinet.journal.medium import RESERVE_BYTES
from cabinet.journal.schema import MIGRATIONS
from cabinet.recovery import recover, replay
from cabinet.trust import Trust
from cabinet.wire.errors import WireError
from cabinet.wire.file import read_batch
from cabinet.wire.line import Signer, UpPayload, open_line, verify
from statemachine.instant import Instant
from statemachine.ward.drawers import DrawerClosed, DrawerOpened, FaultRaised, ReleaseExpired
from statemachine.ward.house import Boot, DirectivesApplied, FeedStale
from statemachine.ward.patients import Patient, PatientForgotten, PatientMerge
from statemachine.ward.people import Staff
from tests.wire.make_vectors import intent_for_the_dose, removal
from tests.wire.small_cabinet import (
    CAB,
    NOON_S,
    WARD,
    Pen,
    Salts,
    apply,
    at,
    booted,
    key,
    open_journal,
)


@pytest.fixture
def pen() -> Pen:
    return Pen()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cabinet.journal"


@pytest.fixture
def journal(path: Path, pen: Pen) -> Iterator[Journal]:
    made = booted(path, pen)
    yield made
    made.close()


def raws(journal: Journal) -> list[bytes]:
    """Every line of `up`."""
    return [line.raw for line in journal.lines_after("up", (0, 0), 10_000)]


def test_a_turn_is_signed_chained_committed_and_read_back_whole(journal: Journal) -> None:
    before = journal.tip("up")
    lines = journal.append((Boot(reason="restart"), FeedStale(band="downtime", age_s=9)), at(5))
    assert [line.ref for line in lines] == [(1, before.seq + 1), (1, before.seq + 2)]
    prev = before.hash
    for line in lines:
        opened = open_line(line.raw)
        verify(opened.envelope, journal.signer.public_key)
        assert opened.payload.prev == prev
        assert opened.hash == line.hash
        stored = journal.line("up", line.ref)
        assert stored is not None
        assert (stored.raw, stored.entry()) == (line.raw, line.entry)
        prev = line.hash
    assert journal.tip("up").hash == prev


def test_a_line_says_what_wire_1_lists_and_nothing_else(journal: Journal) -> None:
    (line,) = journal.append(
        (DrawerOpened(drawer=3, intent=4),),
        Instant(lo_s=NOON_S, hi_s=NOON_S + 2, mono_ms=81_234, quality="ntp"),
        {"0": 7},
    )
    said = open_line(line.raw).payload
    assert isinstance(said, UpPayload)
    assert (said.wall, said.clk, said.boot, said.mono) == (NOON_S, "ntp", 1, 81_234)
    assert (said.ack, said.rel, said.cab, said.type) == ((1, 7), {"0": 7}, CAB, "drawer.opened")


def test_a_clock_that_knows_too_little_is_written_as_a_floor_or_as_nothing(
    journal: Journal,
) -> None:
    wide = Instant(lo_s=NOON_S, hi_s=NOON_S + 121, mono_ms=1, quality="signed")
    none = Instant(lo_s=0, hi_s=2**40, mono_ms=1, quality="none")
    said = []
    for moment in (wide, none):
        (line,) = journal.append((DrawerOpened(drawer=3),), moment)
        payload = open_line(line.raw).payload
        assert isinstance(payload, UpPayload)
        said.append((payload.wall, payload.clk))
    assert said == [(NOON_S, "floor"), (None, "none")]


def test_the_disk_is_told_to_be_durable_and_says_so(journal: Journal) -> None:
    pragmas = {
        name: journal.medium._writer.execute(f"PRAGMA {name}").get
        for name in ("journal_mode", "synchronous", "secure_delete", "wal_autocheckpoint")
    }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "wal_autocheckpoint": 0,
    }


def test_everything_is_there_again_after_closing(path: Path, pen: Pen, journal: Journal) -> None:
    journal.append((DrawerOpened(drawer=3),), at())
    written, tips = raws(journal), (journal.tip("up"), journal.tip("dn"), journal.applied)
    journal.close()
    again = open_journal(path, pen)
    try:
        assert raws(again) == written
        assert (again.tip("up"), again.tip("dn"), again.applied) == tips
        assert (again.boot, again.begin_boot()) == (1, 2)
        assert again.floor_s() == NOON_S
    finally:
        again.close()


def test_the_floor_of_the_clock_never_goes_back(journal: Journal) -> None:
    journal.keep_floor(NOON_S + 100)
    journal.keep_floor(NOON_S - 100)
    assert journal.floor_s() == NOON_S + 100


def test_nothing_is_recorded_before_enrolment_and_boot(path: Path, pen: Pen) -> None:
    journal = Journal.open(path, cabinet=CAB, signer=pen.cabinet, salt=Salts())
    try:
        with pytest.raises(ValueError, match="not enrolled"):
            journal.genesis  # noqa: B018 - asking is the test
        with pytest.raises(ValueError, match="after enrolment and boot"):
            journal.append((Boot(reason="start"),), at())
        journal.enrol(pen.genesis, pen.signer.public_key)
        with pytest.raises(ValueError, match="after enrolment and boot"):
            journal.append((Boot(reason="start"),), at())
        assert raws(journal) == []
    finally:
        journal.close()


def test_a_genesis_of_another_cabinet_key_or_past_is_refused(journal: Journal, pen: Pen) -> None:
    for wrong, why in (
        (Pen(cab="ward8-b"), "of cabinet ward8-b"),
        (Pen(ep=1, name="another pharmacy"), "was used already"),
    ):
        with pytest.raises(ValueError, match=why):
            journal.enrol(wrong.genesis, wrong.signer.public_key)
    with pytest.raises(WireError):
        journal.enrol(pen.genesis, key("a stranger").public_key())
    journal.enrol(pen.genesis, pen.signer.public_key)
    assert journal.tip("up").ep == 1


def test_another_cabinets_key_cannot_be_enrolled_here(path: Path, pen: Pen) -> None:
    journal = Journal.open(path, cabinet=CAB, signer=Signer(key("other")), salt=Salts())
    try:
        with pytest.raises(ValueError, match="another key"):
            journal.enrol(pen.genesis, pen.signer.public_key)
    finally:
        journal.close()


def test_a_new_enrolment_begins_a_new_epoch_of_both_logs(journal: Journal) -> None:
    second = Pen(ep=2, name="the new pharmacy")
    journal.enrol(second.genesis, second.signer.public_key)
    assert [(journal.tip(log).ep, journal.tip(log).seq) for log in ("up", "dn")] == [(2, 0), (2, 0)]
    (line,) = journal.append((Boot(reason="restart"),), at())
    assert (line.ref, open_line(line.raw).payload.prev) == ((2, 1), second.start)


def test_an_epoch_of_our_own_after_a_rollback_starts_from_the_genesis(
    journal: Journal, pen: Pen
) -> None:
    assert journal.begin_epoch() == 2
    (line,) = journal.append((Boot(reason="restart"),), at())
    assert (line.ref, open_line(line.raw).payload.prev) == ((2, 1), pen.start)
    assert journal.tip("dn").ep == 1


# --- nothing goes back -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE up_line SET raw = 'x'", "never changed"),
        ("UPDATE dn_line SET hash = 'x' WHERE id > 0", "never changed"),
        ("DELETE FROM up_line", "never deleted before its time"),
        ("DELETE FROM dn_line", "never deleted before its time"),
        ("UPDATE up_body SET data = 'x'", "never changed"),
        ("DELETE FROM dn_body", "without a record of it"),
        ("DELETE FROM genesis", "never deleted"),
        ("UPDATE genesis SET raw = 'x'", "never changed"),
    ],
)
def test_T16_sqlite_itself_refuses_to_change_what_is_written(
    journal: Journal, path: Path, statement: str, why: str
) -> None:
    before = raws(journal)
    with sqlite3.connect(path) as shell, pytest.raises(sqlite3.IntegrityError, match=why):
        shell.execute(statement)
    shell.close()
    assert raws(journal) == before


def test_a_shell_sees_both_logs_as_text(journal: Journal, path: Path) -> None:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as shell:
        rows = shell.execute(
            "SELECT log, ep, seq, type, jws FROM line ORDER BY log, seq"
        ).fetchall()
    shell.close()
    assert [row[:4] for row in rows if row[0] == "up"] == [
        ("up", 1, 1, "boot"),
        ("up", 1, 2, "directives.applied"),
    ]
    assert len(rows) == 2 + len(WARD)
    assert rows[-1][4].encode() == raws(journal)[-1]


def test_an_entry_of_the_other_log_or_too_long_or_unprintable_costs_nothing(
    journal: Journal,
) -> None:
    before = raws(journal)
    hostile: list[tuple[Any, type[Exception]]] = [
        (Staff(actor="u1"), ValueError),
        (FaultRaised(fault="x" * 40_000), WireError),
        (FaultRaised(fault="a\u0000b"), WireError),
        (FaultRaised(fault="a\nb"), WireError),
        (FeedStale(band="x", age_s=2**53), WireError),
    ]
    for entry, error in hostile:
        with pytest.raises(error):
            journal.append((Boot(reason="restart"), entry), at())
    with pytest.raises(ValueError, match="has entries"):
        journal.append((), at())
    assert raws(journal) == before
    journal.append((Boot(reason="restart"),), at())


def test_names_in_other_alphabets_are_recorded_as_they_are(journal: Journal) -> None:
    (line,) = journal.append((FaultRaised(fault="Wäscheschublade żółw 抽屉"),), at())
    stored = journal.line("up", line.ref)
    assert stored is not None
    assert stored.entry() == FaultRaised(fault="Wäscheschublade żółw 抽屉")


# --- what the gate and recovery ask ------------------------------------------------------------


def test_the_last_word_on_a_subject_is_kept_with_the_line(journal: Journal, pen: Pen) -> None:
    assert journal.latest("order:o9") == ("dn", (1, 6))
    assert journal.latest("staff:u104") == ("dn", (1, 1))
    Trust(journal).take(pen.write(WARD[0]), None)
    assert journal.latest("staff:u104") == ("dn", (1, 8))
    assert journal.latest("staff:nobody") is None


def test_an_intent_is_open_until_its_outcome(journal: Journal) -> None:
    (line,) = journal.append((intent_for_the_dose(),), at())
    seq = line.ref[1]
    (open_one,) = journal.open_intents()
    assert (open_one.ref, open_one.drawer, open_one.panel, open_one.opened) == (
        (1, seq),
        3,
        1,
        False,
    )
    journal.append((DrawerOpened(drawer=3, intent=seq),), at())
    assert [one.opened for one in journal.open_intents()] == [True]
    journal.append((removal(seq), DrawerClosed(drawer=3, intent=seq)), at())
    assert journal.open_intents() == []


def test_an_intent_of_the_epoch_before_a_rollback_ends_too(journal: Journal) -> None:
    (line,) = journal.append((intent_for_the_dose(),), at())
    journal.begin_epoch()
    for reason in ("rollback", "restart", "restart", "restart"):
        journal.append((Boot(reason=reason),), at())
    assert [one.ref for one in journal.open_intents()] == [line.ref]
    journal.append((ReleaseExpired(drawer=3, intent=line.ref[1]),), at())
    assert journal.open_intents() == []


def test_directives_wait_until_they_are_applied(journal: Journal, pen: Pen) -> None:
    assert journal.pending_dn(at()) is None
    Trust(journal).take(pen.write(Staff(actor="u2")), None)
    pending = journal.pending_dn(at())
    assert pending is not None
    assert pending.to == (1, 8)
    assert [entry for _, entry in pending.directives] == [Staff(actor="u2")]
    journal.append((DirectivesApplied(to=(1, 8)),), at())
    assert journal.pending_dn(at()) is None
    assert journal.applied == (1, 8)


def test_what_the_pharmacy_has_not_acknowledged_goes_out_in_a_batch(
    journal: Journal, pen: Pen
) -> None:
    batch = read_batch(journal.up_batch()[0])
    assert list(batch.lines) == raws(journal)
    assert len(batch.bodies) == 2
    tip = journal.tip("up")
    taken = Trust(journal).take(pen.head((tip.ep, tip.seq, tip.hash)) + b"\n", None)
    assert taken.receipt
    assert journal.up_batch() == (b"", 0)
    journal.append((Boot(reason="restart"),), at())
    assert journal.up_batch()[1] == 1


# --- checkpoints, forgetting, retention --------------------------------------------------------


def test_a_checkpoint_is_due_after_enough_lines_and_signed(journal: Journal) -> None:
    assert not journal.checkpoint_due
    ward = recover(journal).ward
    line = journal.checkpoint(ward, at())
    assert line.entry.TYPE == "checkpoint"
    assert recover(journal).ward == replay(journal)
    assert recover(journal).replayed == 1
    with pytest.raises(ValueError, match="The ward stands at"):
        journal.checkpoint(ward, at())


def test_a_checkpoint_becomes_due(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "CHECKPOINT_LINES", 3)
    journal.append((Boot(reason="restart"),), at())
    assert journal.checkpoint_due
    journal.checkpoint(recover(journal).ward, at())
    assert not journal.checkpoint_due


def test_a_forgotten_name_is_nowhere_in_the_files_and_both_logs_still_hold(
    journal: Journal, path: Path, pen: Pen, tmp_path: Path
) -> None:
    guest = Patient(patient="p8", family="UNFORGETTABLE", given="Maryellen")
    Trust(journal).take(pen.write(guest, WARD[0]), None)
    apply(journal)
    journal.checkpoint(recover(journal).ward, at())
    journal.append((PatientForgotten(patient="p8"),), at())
    assert found(path, b"UNFORGETTABLE")
    journal.forget("p8")
    assert not found(path, b"UNFORGETTABLE")
    assert not found(path, b"Maryellen")
    assert journal.checkpoint_due
    ward = recover(journal).ward
    assert "p8" not in ward.patients.known
    assert "p7" in ward.patients.known
    journal.checkpoint(ward, at())
    assert not journal.checkpoint_due
    forgotten = journal.line("dn", (1, 8))
    assert forgotten is not None
    assert (forgotten.record, forgotten.entry()) == (None, None)
    journal.forget("p8")
    journal.export(tmp_path / "out")
    assert not found(tmp_path / "out" / "bodies.txt", b"UNFORGETTABLE")


def found(path: Path, text: bytes) -> bool:
    """Whether any file beside this one holds a text."""
    return any(text in one.read_bytes() for one in path.parent.iterdir() if one.is_file())


def test_forgetting_a_patient_forgets_the_records_merged_into_theirs(
    journal: Journal, path: Path, pen: Pen
) -> None:
    old = Patient(patient="p1", family="OLDNAME")
    new = Patient(patient="p2", family="NEWNAME")
    other = Patient(patient="p3", family="OTHERNAME")
    merge = PatientMerge(patient="p2", merged="p1")
    Trust(journal).take(pen.write(old, new, other, merge), None)
    journal.forget("p2")
    assert [found(path, name) for name in (b"OLDNAME", b"NEWNAME", b"OTHERNAME")] == [
        False,
        False,
        True,
    ]


def old_journal(path: Path, pen: Pen, turns: int) -> Journal:
    """A journal whose lines are two years old, all of them acknowledged and checkpointed."""
    journal = booted(path, pen)
    for number in range(turns):
        journal.append((FeedStale(band="downtime", age_s=number),), at(number, NOON_S))
    journal.checkpoint(recover(journal).ward, at(99_000, NOON_S + 1))
    return journal


def test_lines_are_dropped_only_when_old_and_covered_by_a_receipt(path: Path, pen: Pen) -> None:
    journal = old_journal(path, pen, 10)
    try:
        ward = recover(journal).ward
        late = NOON_S + keeping.RETENTION_S
        assert keeping.drop_old(journal, late + 10) == 0
        receipt = journal.tip("up")
        Trust(journal).take(pen.head((1, 6, journal.hash_at("up", (1, 6)) or "")) + b"\n", None)
        assert keeping.drop_old(journal, late - 10) == 0
        assert keeping.drop_old(journal, late + 10) == 6
        assert keeping.drop_old(journal, late + 10) == 0
        assert journal.lines_after("up", (0, 0), 1)[0].ref == (1, 7)
        assert journal.tip("up") == receipt
        assert recover(journal).ward == ward
        journal.append((Boot(reason="restart"),), at())
    finally:
        journal.close()


def test_a_dropped_past_still_verifies_from_where_it_was_cut(path: Path, pen: Pen) -> None:
    from click.testing import CliRunner

    from cabinet.logtool import log

    journal = old_journal(path, pen, 5)
    try:
        tip = journal.tip("up")
        Trust(journal).take(pen.head((tip.ep, tip.seq, tip.hash)) + b"\n", None)
        assert keeping.drop_old(journal, NOON_S + keeping.RETENTION_S + 10) == 7
        names_may_be_anywhere = recover(journal).ward
        journal.forget("p7")
        assert journal.checkpoint_due
        journal.checkpoint(names_may_be_anywhere, at())
        result = CliRunner().invoke(log, ["verify", str(path)])
        assert (result.exit_code, result.stderr) == (0, "")
    finally:
        journal.close()


def test_an_intent_that_has_not_ended_is_never_dropped(path: Path, pen: Pen) -> None:
    journal = booted(path, pen)
    try:
        journal.append((intent_for_the_dose(),), at())
        journal.append((Boot(reason="restart"),), at())
        journal.checkpoint(recover(journal).ward, at())
        tip = journal.tip("up")
        Trust(journal).take(pen.head((tip.ep, tip.seq, tip.hash)) + b"\n", None)
        assert keeping.drop_old(journal, NOON_S + keeping.RETENTION_S + 10) == 2
        assert journal.lines_after("up", (0, 0), 1)[0].type == "release.intent"
    finally:
        journal.close()


# --- the disk ----------------------------------------------------------------------------------


def test_the_write_ahead_log_has_its_room_beforehand_and_is_folded_in_when_idle(
    journal: Journal, path: Path
) -> None:
    wal = path.with_name(path.name + "-wal")
    assert wal.stat().st_size == RESERVE_BYTES
    count = 0
    while journal.medium.waiting_pages <= keeping.TIDY_PAGES:
        journal.append((FeedStale(band="downtime", age_s=count),), at())
        count += 1
    journal.tidy()
    assert journal.medium.waiting_pages == 0
    assert wal.stat().st_size == RESERVE_BYTES
    journal.append((Boot(reason="restart"),), at())
    assert len(raws(journal)) == count + 3


def test_F30_a_journal_of_a_newer_version_is_left_untouched(
    journal: Journal, path: Path, pen: Pen
) -> None:
    journal.close()
    with sqlite3.connect(path) as shell:
        shell.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    shell.close()
    before = path.read_bytes()
    with pytest.raises(JournalFailed) as failed:
        open_journal(path, pen)
    assert failed.value.cause == "version"
    assert path.read_bytes() == before


def test_F19_a_file_that_is_no_journal_is_refused_with_a_sentence(path: Path, pen: Pen) -> None:
    path.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(JournalFailed) as failed:
        open_journal(path, pen)
    assert failed.value.cause == "damaged"
    with sqlite3.connect(path.with_name("other.db")) as shell:
        shell.execute("CREATE TABLE t (a)")
        shell.execute("PRAGMA user_version = 1")
    shell.close()
    with pytest.raises(JournalFailed) as failed:
        open_journal(path.with_name("other.db"), pen)
    assert failed.value.cause == "damaged"


def test_F18_lines_that_read_back_differently_are_not_believed(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cabinet.journal import journal as module

    before = journal.tip("up")
    monkeypatch.setattr(module, "read_written", lambda *_given: [])
    with pytest.raises(JournalFailed) as failed:
        journal.append((Boot(reason="restart"),), at())
    assert failed.value.cause == "read back"
    assert journal.tip("up") == before
    monkeypatch.undo()
    with pytest.raises(JournalFailed) as behind:
        journal.append((Boot(reason="restart"),), at())
    assert behind.value.cause == "behind"
    assert journal.tip("up") == before


def test_two_programs_cannot_write_one_journal_at_once(journal: Journal, path: Path) -> None:
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    journal.medium._writer.set_busy_timeout(10)
    with pytest.raises(JournalFailed) as failed:
        journal.append((Boot(reason="restart"),), at())
    assert failed.value.cause == "busy"
    other.execute("ROLLBACK")
    other.close()
    journal.append((Boot(reason="restart"),), at())
    assert len(raws(journal)) == 3


def test_somebody_reading_for_long_holds_up_neither_a_turn_nor_forgetting_for_good(
    journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cabinet.journal.medium.WAITING_PAGES_MAX", 10)
    monkeypatch.setattr(keeping, "TIDY_PAGES", 5)
    reader = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM up_line").fetchall()
    for number in range(20):
        journal.append((FeedStale(band="downtime", age_s=number),), at())
    journal.tidy()
    journal.forget("p7")
    assert journal.medium.erase_due
    assert found(path, b"SMITH")
    journal.tidy()
    reader.close()
    journal.tidy()
    assert not journal.medium.erase_due
    assert not found(path, b"SMITH")
    assert journal.medium.waiting_pages == 0
