"""The power is cut, and the disk fails, at every write and sync of a journal (F10, F17, F18).

Honest disk: nothing confirmed is ever lost, and nothing half-appears. The seed is printed; the same
seed cuts the same bytes.
"""

import random
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import apsw
import pytest

from cabinet.journal import Journal, JournalFailed
from cabinet.recovery import recover
from cabinet.trust import Trust
from cabinet.wire.accept import Log
from statemachine.ward.drawers import DrawerClosed, DrawerOpened
from statemachine.ward.entry import Entry
from statemachine.ward.house import Boot, DirectivesApplied, FeedStale
from statemachine.ward.patients import PatientForgotten
from statemachine.ward.people import Staff
from tests.faults.crash_disk import MODES, Failing, Op, Quiet, Recorder, image
from tests.wire.make_vectors import intent_for_the_dose, removal
from tests.wire.small_cabinet import NOON_S, WARD, Pen, at, open_journal

ROOM_BYTES = 256 * 1024
"""Zeros behind a write-ahead log, as `medium` reserves them; less of them, for speed."""
LOGS: tuple[Log, ...] = ("up", "dn")
SEED = 20261123
NAME = "cabinet.journal"
_numbers = count()

Turn = Callable[[Journal], None]
Stand = tuple[int, int, int]
"""How far a journal has come: boot, lines of `up`, lines of `dn`."""
Day = tuple[list[Op], list[Stand], dict[Log, list[bytes]]]
"""Operations on the disk, where each turn left the journal, the lines written."""


def turns(pen: Pen) -> list[Turn]:
    """A canonical day: boot, directives, a removal, a checkpoint, forgetting, folding in."""

    def tell(*entries: Entry) -> Turn:
        return lambda journal: _discard(journal.append(entries, at(1_000, NOON_S)))

    def hear(rows: bytes) -> Turn:
        return lambda journal: _discard(Trust(journal).take(rows, None))

    intent = 3
    return [
        lambda journal: _discard(journal.begin_boot()),
        tell(Boot(reason="start")),
        hear(pen.write(*WARD)),
        tell(DirectivesApplied(to=(1, 7))),
        tell(intent_for_the_dose()),
        tell(DrawerOpened(drawer=3, intent=intent)),
        tell(removal(intent), DrawerClosed(drawer=3, intent=intent)),
        lambda journal: _discard(journal.checkpoint(recover(journal).ward, at())),
        hear(pen.write(Staff(actor="u2"), Staff(actor="u3"))),
        lambda journal: journal.medium.fold_in(),
        tell(DirectivesApplied(to=(1, 9)), PatientForgotten(patient="p7")),
        lambda journal: journal.forget("p7"),
        tell(*(FeedStale(band="downtime", age_s=number) for number in range(12))),
    ]


def written(journal: Journal, log: Log) -> list[bytes]:
    """Every line of one log."""
    return [line.raw for line in journal.lines_after(log, (0, 0), 1000)]


def _discard(_value: object) -> None:
    return


def vfs_name() -> str:
    """A name no other VFS of this process has."""
    return f"test-{next(_numbers)}"


def stands(journal: Journal) -> Stand:
    """How far it has come."""
    return (journal.boot, journal.tip("up").seq, journal.tip("dn").seq)


def played(folder: Path, synchronous: int = 2) -> Day:
    """Play the day on a recorded disk: operations, where each turn left the journal, the lines."""
    recorder = Recorder(vfs_name())
    pen = Pen()
    journal = open_journal(folder / NAME, pen, recorder.vfs_name)
    try:
        journal.medium._writer.execute(f"PRAGMA synchronous = {synchronous}").fetchall()
        left = [stands(journal)]
        for turn in turns(pen):
            turn(journal)
            left.append(stands(journal))
            recorder.acked = len(left) - 1
        lines = {log: written(journal, log) for log in LOGS}
    finally:
        journal.close()
    return recorder.ops, left, lines


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    return played(tmp_path_factory.mktemp("day"))


def put(folder: Path, files: dict[str, bytes], reserved: bool) -> None:
    """Lay an image down as files, its write-ahead log with or without its room beforehand."""
    folder.mkdir()
    for name, data in files.items():
        if name.endswith("-shm"):
            continue
        room = max(0, ROOM_BYTES - len(data)) if reserved and name.endswith("-wal") else 0
        (folder / name).write_bytes(data + bytes(room))


def survivors(tmp_path: Path, day: Day, cuts: range) -> Iterator[tuple[str, Stand, set[Stand]]]:
    """For every image of every cut: which one, how far it comes, how far it may have come."""
    ops, left, lines = day
    quiet = Quiet(vfs_name())
    for cut in cuts:
        acked = ops[cut - 1].acked
        # What had been confirmed is there; the turn under way is there whole or not at all.
        allowed = {left[acked], left[min(acked + 1, len(left) - 1)]}
        images = set()
        for mode in MODES:
            files = image(ops, cut, mode, random.Random(f"{SEED} {cut} {mode}"))
            content = tuple(sorted(files.items()))
            if content in images:
                continue
            images.add(content)
            folder = tmp_path / f"{cut}-{mode}"
            put(folder, files, reserved=cut % 2 == 0)
            yield (
                f"seed {SEED}, cut {cut}, {mode}",
                survivor(folder, quiet.vfs_name, lines),
                allowed,
            )
            for path in folder.iterdir():
                path.unlink()


def confirmed_part(ops: list[Op]) -> range:
    """Cuts behind the first confirmed turn, to the end."""
    return range(next(number for number, op in enumerate(ops) if op.acked), len(ops) + 1)


def test_F10_after_a_power_cut_at_any_write_or_sync_nothing_confirmed_is_missing(
    tmp_path: Path, day: Day
) -> None:
    print(f"seed {SEED}")
    seen = 0
    for which, found, allowed in survivors(tmp_path, day, confirmed_part(day[0])):
        assert found in allowed, which
        seen += 1
    assert seen > 300
    print(f"{seen} images of {len(day[0])} operations")


def test_the_same_cuts_find_out_a_journal_that_does_not_wait_for_its_disk(tmp_path: Path) -> None:
    careless = played(tmp_path, synchronous=1)
    cuts = confirmed_part(careless[0])
    middle = cuts[len(cuts) // 3]
    lost = [
        which
        for which, found, allowed in survivors(tmp_path, careless, range(middle, middle + 12))
        if found not in allowed
    ]
    assert lost


def survivor(folder: Path, vfs: str, lines: dict[Log, list[bytes]]) -> Stand:
    """Start from an image: both chains verify, the ward is read, one more line can be written."""
    journal = open_journal(folder / NAME, Pen(), vfs)
    try:
        found = stands(journal)
        recover(journal)
        for log in LOGS:
            kept = written(journal, log)
            assert kept == lines[log][: len(kept)]
        journal.begin_boot()
        journal.append((Boot(reason="power"),), at())
    finally:
        journal.close()
    return found


def test_F10_a_second_power_cut_while_starting_up_loses_nothing_either(
    tmp_path: Path, day: Day
) -> None:
    print(f"seed {SEED}")
    ops, left, lines = day
    quiet = Quiet(vfs_name())
    dice = random.Random(SEED)
    for number, cut in enumerate(sorted(dice.sample(range(len(ops) // 2, len(ops)), 4))):
        before = image(ops, cut, "some", dice)
        folder = tmp_path / f"first-{number}"
        put(folder, before, reserved=False)
        recorder = Recorder(vfs_name())
        open_journal(folder / NAME, Pen(), recorder.vfs_name).close()
        acked = ops[cut - 1].acked
        for again in range(0, len(recorder.ops), 3):
            second = dict(before) | late(before, recorder.ops, again, dice)
            place = tmp_path / f"second-{number}-{again}"
            put(place, second, reserved=False)
            found = survivor(place, quiet.vfs_name, lines)
            assert found in {left[acked], left[min(acked + 1, len(left) - 1)]}


def late(
    before: dict[str, bytes], ops: list[Op], cut: int, dice: random.Random
) -> dict[str, bytes]:
    """The files when a start-up from an image is cut off in its turn."""
    base = [
        op
        for name, data in before.items()
        if not name.endswith("-shm")
        for op in (Op("write", name, 0, data, 0), Op("sync", name, 0, b"", 0))
    ]
    return image(base + ops, len(base) + cut, "some", dice)


@pytest.mark.parametrize("sticky", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize(
    ("error", "causes"),
    [
        (apsw.FullError, {"full"}),
        (apsw.IOError, {"disk"}),
        (apsw.ReadOnlyError, {"read only", "disk"}),
    ],
    ids=["F17 full", "F18 failing", "F18 read only"],
)
def test_a_disk_that_fails_at_any_write_or_sync_is_said_and_never_believed(
    tmp_path: Path, error: type[apsw.Error], causes: set[str], sticky: bool
) -> None:
    disk, quiet = Failing(vfs_name()), Quiet(vfs_name())
    for fails_at in range(1, 14):
        path = tmp_path / f"{fails_at}" / NAME
        path.parent.mkdir()
        disk.fails_at = 0
        pen = Pen()
        journal = open_journal(path, pen, disk.vfs_name)
        try:
            journal.begin_boot()
            journal.append((Boot(reason="start"),), at())
            confirmed = written(journal, "up")
            disk.count, disk.fails_at, disk.sticky, disk.error = 0, fails_at, sticky, error
            recorded = confirmed + after_a_fault(journal, causes)
        finally:
            disk.fails_at = 0
            journal.close()
        again = open_journal(path, pen, quiet.vfs_name)
        try:
            kept = written(again, "up")
            assert kept[: len(recorded)] == recorded
            assert len(kept) - len(recorded) in {0, 2}, "a turn is there whole or not at all"
            recover(again)
        finally:
            again.close()


def after_a_fault(journal: Journal, causes: set[str]) -> list[bytes]:
    """Write turns until one fails, then go on trying; the lines that were confirmed."""
    confirmed: list[bytes] = []
    failures = []
    for number in range(8):
        entries = [FeedStale(band="downtime", age_s=number), FeedStale(band="normal", age_s=number)]
        stood = journal.tip("up").seq - len(confirmed)
        try:
            confirmed += [line.raw for line in journal.append(entries, at(number))]
        except JournalFailed as failed:
            failures.append(failed.cause)
        # Only what was confirmed moves the head.
        assert journal.tip("up").seq - len(confirmed) == stood
    assert failures, "the disk did not fail"
    assert failures[0] in causes
    assert set(failures) <= causes | {"behind", "disk"}
    return confirmed


def test_the_crash_disk_itself_loses_what_is_not_synced_and_keeps_what_is() -> None:
    ops = [
        Op("write", "a", 0, b"1111", 0),
        Op("sync", "a", 0, b"", 0),
        Op("write", "a", 2, b"22", 0),
        Op("write", "b", 0, b"33", 0),
        Op("truncate", "a", 3, b"", 0),
        Op("delete", "b", 0, b"", 0),
    ]
    dice = random.Random(1)
    held: Iterator[dict[str, bytes]] = (image(ops, cut, "none", dice) for cut in range(7))
    assert list(held) == [
        {},
        {"a": b""},
        {"a": b"1111"},
        {"a": b"1111"},
        {"a": b"1111", "b": b""},
        {"a": b"112", "b": b""},
        {"a": b"112"},
    ]
    assert image(ops, 4, "all", dice) == {"a": b"1122", "b": b"33"}
