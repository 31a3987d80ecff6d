"""Start-up: the same ward as before, what is uncertain named, and no broken past believed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cabinet.journal import Journal, JournalFailed, keeping
from cabinet.journal.snapshot import freeze, thaw
from cabinet.recovery import recover, replay
from cabinet.trust import Trust
from statemachine.instant import UNKNOWN_UNTIL_S, Instant
from statemachine.ward import Ward
from statemachine.ward.drawers import DrawerClosed, DrawerOpened, ReleaseIndeterminate
from statemachine.ward.fold import fold
from statemachine.ward.house import Boot, FeedStale, TimeConfirmed
from statemachine.ward.people import Staff
from statemachine.ward.stamps import stamp_now
from tests.wire.make_vectors import intent_for_the_dose, removal
from tests.wire.small_cabinet import NOON_S, Pen, apply, at, booted, open_journal


@pytest.fixture
def pen() -> Pen:
    return Pen()


@pytest.fixture
def journal(tmp_path: Path, pen: Pen) -> Iterator[Journal]:
    made = booted(tmp_path / "cabinet.journal", pen)
    yield made
    made.close()


def a_removal(journal: Journal, seconds: int = 60) -> int:
    """One whole removal; the seq of its intent."""
    moment = at(seconds * 1000, NOON_S + seconds)
    (line,) = journal.append((intent_for_the_dose(),), moment)
    seq = line.ref[1]
    journal.append((DrawerOpened(drawer=3, intent=seq),), moment)
    journal.append((removal(seq), DrawerClosed(drawer=3, intent=seq)), moment)
    return seq


def test_a_ward_is_what_its_lines_say(journal: Journal) -> None:
    a_removal(journal)
    ward = recover(journal).ward
    assert (ward.up, ward.dn) == ((1, 6), (1, 7))
    assert ward.stock.pockets["3-2"].book == 38
    assert ward.people.persons["u104"].staff_line == (1, 1)
    assert ward.orders.known["o9"].line == (1, 6)
    assert len(ward.patients.known) == 1


def test_directives_take_effect_where_they_were_applied_and_not_before(
    journal: Journal, pen: Pen
) -> None:
    Trust(journal).take(pen.write(Staff(actor="u2"), Staff(actor="u3")), None)
    waiting = recover(journal).ward
    assert "u2" not in waiting.people.persons
    assert waiting.dn == (1, 7)
    apply(journal)
    assert set(recover(journal).ward.people.persons) == {"u104", "u2", "u3"}


@pytest.mark.parametrize(
    "moment",
    [
        at(5_000, NOON_S + 5),
        Instant(lo_s=NOON_S, hi_s=NOON_S + 119, mono_ms=7, quality="ntp"),
        Instant(lo_s=NOON_S, hi_s=NOON_S + 500, mono_ms=7, quality="signed"),
        Instant(lo_s=NOON_S, hi_s=UNKNOWN_UNTIL_S, mono_ms=7, quality="floor"),
        Instant(lo_s=0, hi_s=UNKNOWN_UNTIL_S, mono_ms=7, quality="none"),
    ],
    ids=["signed", "ntp", "signed but wide", "floor", "none"],
)
@pytest.mark.parametrize("confirmed", [False, True])
def test_a_turn_and_its_replay_give_the_same_ward_whatever_the_clock_knows(
    journal: Journal, moment: Instant, confirmed: bool
) -> None:
    ward = recover(journal).ward
    entries: list[Any] = [intent_for_the_dose(), removal(3), DrawerClosed(drawer=3, intent=3)]
    if confirmed:
        entries.insert(0, TimeConfirmed(actor="u104", wall_s=NOON_S, panel=1))
        entries = [entries[0], entries[1], removal(4), DrawerClosed(drawer=3, intent=4)]
    live = ward
    for entry in entries:
        live = fold(live, entry, stamp_now(live, moment))
    journal.append(entries, moment)
    assert recover(journal).ward == live


def test_a_checkpoint_and_a_replay_from_the_first_line_give_the_same_ward(
    journal: Journal, pen: Pen
) -> None:
    for number in range(3):
        a_removal(journal, 60 * number)
    journal.checkpoint(recover(journal).ward, at())
    Trust(journal).take(pen.write(Staff(actor="u2")), None)
    apply(journal)
    a_removal(journal, 600)
    found = recover(journal)
    assert found.ward == replay(journal)
    assert found.replayed == 6


def test_a_ward_goes_into_bytes_and_comes_back(journal: Journal) -> None:
    a_removal(journal)
    ward = recover(journal).ward
    data, digest = freeze(ward)
    assert freeze(ward) == (data, digest)
    assert thaw(data, digest) == ward
    assert thaw(data + b"x", digest) is None
    assert thaw(b"\x01", freeze_digest(b"\x01")) is None


def freeze_digest(data: bytes) -> str:
    """The digest that a snapshot of these bytes would have."""
    import hashlib

    from cabinet.wire import b64

    return b64.enc(hashlib.sha256(data).digest())


def test_F10_an_intent_without_an_end_is_named_after_a_power_cut(
    journal: Journal, tmp_path: Path, pen: Pen
) -> None:
    a_removal(journal)
    (first,) = journal.append((intent_for_the_dose(),), at())
    (second,) = journal.append((intent_for_the_dose(panel=2),), at())
    journal.append((DrawerOpened(drawer=3, intent=second.ref[1]),), at())
    journal.close()
    again = open_journal(tmp_path / "cabinet.journal", pen)
    try:
        found = recover(again)
        assert found.uncertain == ((first.ref[1], "power"), (second.ref[1], "opened"))
        assert set(found.ward.drawers.intents) == {first.ref[1], second.ref[1]}
        again.begin_boot()
        again.append(
            [
                Boot(reason="power"),
                *(
                    ReleaseIndeterminate(drawer=3, intent=seq, reason=why)
                    for seq, why in found.uncertain
                ),
            ],
            at(),
        )
        assert recover(again).uncertain == ()
    finally:
        again.close()


def test_F19_a_snapshot_that_is_damaged_gives_way_to_the_one_before(journal: Journal) -> None:
    a_removal(journal)
    journal.checkpoint(recover(journal).ward, at())
    a_removal(journal, 120)
    journal.checkpoint(recover(journal).ward, at())
    whole = recover(journal)
    writer = journal.medium._writer
    newest = "(SELECT max(id) FROM snapshot)"
    writer.execute(f"UPDATE snapshot SET ward = x'00' WHERE id = {newest}").fetchall()
    older = recover(journal)
    assert (older.ward, older.replayed) == (whole.ward, 6)
    writer.execute("UPDATE snapshot SET ward = x'00'").fetchall()
    oldest = recover(journal)
    assert (oldest.ward, oldest.replayed) == (whole.ward, whole.ward.up[1])


def test_T16_a_snapshot_whose_digest_nobody_signed_is_not_believed(journal: Journal) -> None:
    a_removal(journal)
    journal.checkpoint(recover(journal).ward, at())
    true = recover(journal).ward
    forged = msgspec.structs.replace(
        true, up=(1, 6), people=msgspec.structs.replace(true.people, stranger_failures=7)
    )
    data, digest = freeze(forged)
    journal.medium._writer.execute(
        "UPDATE snapshot SET ward = ?, digest = ?", (data, digest)
    ).fetchall()
    assert recover(journal).ward == true


@pytest.mark.parametrize("log", ["up", "dn"])
@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM {log}_line WHERE id & 255 = 2",
        "UPDATE {log}_line SET raw = cast('a.b.c' AS BLOB) WHERE id & 255 = 2",
        "UPDATE {log}_line SET hash = 'x' WHERE id & 255 = 2",
        "UPDATE {log}_line SET body = 'x' WHERE id & 255 = 2",
        "UPDATE {log}_line SET raw = x'00' WHERE id & 255 = 2",
    ],
)
def test_F19_a_broken_chain_is_said_and_not_believed(
    journal: Journal, log: str, damage: str
) -> None:
    a_removal(journal)
    writer = journal.medium._writer
    for trigger in ("line_stays", "line_kept"):
        writer.execute(f"DROP TRIGGER {log}_{trigger}").fetchall()
    writer.execute(damage.format(log=log)).fetchall()
    with pytest.raises(JournalFailed) as failed:
        recover(journal)
    assert failed.value.cause == "damaged"


def test_T16_a_tail_rewritten_without_the_key_is_not_believed(journal: Journal) -> None:
    from cabinet.wire.line import Signer, open_line, signing_hash
    from tests.wire.small_cabinet import key

    a_removal(journal)
    line = journal.line("up", journal.tip("up").ref)
    assert line is not None
    payload = msgspec.to_builtins(open_line(line.raw).payload) | {"mono": 1}
    forged = Signer(key("thief")).sign("adc-event+jws", payload)
    writer = journal.medium._writer
    writer.execute("DROP TRIGGER up_line_stays").fetchall()
    writer.execute(
        "UPDATE up_line SET raw = ?, hash = ? WHERE id = (SELECT max(id) FROM up_line)",
        (forged, signing_hash(forged[: forged.rindex(b".")])),
    ).fetchall()
    with pytest.raises(JournalFailed) as failed:
        recover(journal)
    assert failed.value.cause == "damaged"


def test_T9_a_receipt_ahead_of_the_journal_is_a_rollback(
    tmp_path: Path, pen: Pen, journal: Journal
) -> None:
    import shutil

    for number in range(3):
        a_removal(journal, number)
    journal.medium.fold_in()
    shutil.copy(journal.path, tmp_path / "old.journal")
    a_removal(journal, 500)
    tip = journal.tip("up")
    head = pen.head((tip.ep, tip.seq, tip.hash)) + b"\n"
    assert recover(journal).rolled_back == ""
    old = open_journal(tmp_path / "old.journal", pen)
    try:
        assert Trust(old).take(head, None).alarm == "our journal went back"
        assert Trust(journal).take(head, None).receipt
        assert recover(journal).rolled_back == ""
        keep(old, journal)
        assert "The disk is an old copy" in recover(old).rolled_back
        old.begin_boot()
        for number in range(3):
            a_removal(old, 900 + number)
        assert "Two cabinets use one key" in recover(old).rolled_back
    finally:
        old.close()


def keep(old: Journal, journal: Journal) -> None:
    """Give the old copy the receipt that the newer journal got, as a second medium would."""
    receipt = journal.medium.reader.execute("SELECT * FROM receipt").fetchall()[0]
    old.medium._writer.execute("INSERT INTO receipt VALUES (?, ?, ?, ?, ?)", receipt).fetchall()


def test_a_boot_behind_a_checkpoint_reads_only_the_tail(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "CHECKPOINT_LINES", 50)
    ward = recover(journal).ward
    for number in range(12):
        entries = [FeedStale(band="downtime", age_s=number * 10 + one) for one in range(10)]
        moment = at(number, NOON_S + number)
        for line in journal.append(entries, moment):
            ward = fold(ward, line.entry, stamp_now(ward, moment))
        if journal.checkpoint_due:
            stamp = stamp_now(ward, moment)
            ward = fold(ward, journal.checkpoint(ward, moment).entry, stamp)
    found = recover(journal)
    assert found.ward == ward == replay(journal)
    assert found.replayed < 30


def test_a_journal_of_two_epochs_replays_through_both(journal: Journal) -> None:
    a_removal(journal)
    journal.begin_epoch()
    journal.append((Boot(reason="restart"),), at())
    a_removal(journal, 300)
    found = recover(journal)
    assert found.ward.up == (2, 5)
    assert found.ward.stock.pockets["3-2"].book == 36
    assert found.ward == replay(journal)


def test_a_cabinet_enrolled_but_never_used_recovers_to_an_empty_ward(
    tmp_path: Path, pen: Pen
) -> None:
    fresh = open_journal(tmp_path / "fresh.journal", pen)
    try:
        found = recover(fresh)
        assert (found.ward, found.uncertain, found.replayed) == (Ward(), (), 0)
    finally:
        fresh.close()
