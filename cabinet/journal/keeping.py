"""Keeping a journal: checkpoints, forgetting names, retention, tidying, export.

A checkpoint is a snapshot of the ward whose digest stands in a signed line, so that a boot reads
little and still believes nothing unsigned. Forgetting erases the bodies that carry a patient's
names, and every snapshot that may hold them; the lines stay, and both chains still verify.
Retention drops lines of `up` that a receipt covers and that are older than 13 months; `dn` stays,
because a line of any age may be the one that an intent rests on.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import apsw
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cabinet.journal import reading
from cabinet.journal.failure import disk_faults
from cabinet.journal.lines import CommittedLine, StoredLine, read_rows
from cabinet.journal.schema import fetch, place_id, place_of
from cabinet.journal.snapshot import freeze, thaw
from cabinet.wire.accept import Log
from cabinet.wire.line import UpPayload, open_line
from statemachine.instant import Instant
from statemachine.ward import Ward
from statemachine.ward.entry import LineRef
from statemachine.ward.house import Checkpoint

if TYPE_CHECKING:
    from cabinet.journal.journal import Journal

CHECKPOINT_LINES: Final = 2_000
"""Lines of both logs that make the next checkpoint due: about half a second of a boot on a Pi."""
SNAPSHOTS_KEPT: Final = 2
TIDY_PAGES: Final = 192
"""Pages in the write-ahead log worth folding in when idle: most of its room."""
RETENTION_S: Final = 396 * 86_400
"""13 months (WIRE 1)."""
DROP_LINES_MAX: Final = 5_000
"""Lines dropped in one transaction; the rest goes next time."""


def checkpoint(journal: "Journal", ward: Ward, at: Instant) -> CommittedLine:
    """Keep a snapshot of the ward; its signed line is returned and must be folded by the caller.

    Raises:
        ValueError: the ward is not the fold of everything written.
        JournalFailed: nothing was recorded.
    """
    with journal.medium.lock:
        if ward.up != journal.tip("up").ref or ward.dn != journal.applied:
            raise ValueError(
                f"The ward stands at {ward.up}, {ward.dn};"
                f" the journal at {journal.tip('up').ref}, {journal.applied}."
            )
        data, digest = freeze(ward)
        number = place_id(*ward.up)

        def also(connection: apsw.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?)", (number, digest, data)
            )
            # What was taken before names were forgotten may hold them.
            connection.execute(
                "DELETE FROM snapshot WHERE id <> ?1 AND (id <="
                " (SELECT max(at_up) FROM dn_forgotten) OR id NOT IN"
                " (SELECT id FROM snapshot ORDER BY id DESC LIMIT ?2))",
                (number, SNAPSHOTS_KEPT),
            )

        entry = Checkpoint(digest=digest, up=ward.up, dn=ward.dn)
        (line,) = journal.append_with((entry,), at, {}, also)
        return line


def checkpoint_due(journal: "Journal") -> bool:
    """Whether enough was written since the last checkpoint, or names were forgotten since."""
    up = journal.tip("up").ref
    with disk_faults():
        newest = journal.medium.reader.execute("SELECT max(id) FROM snapshot").get
        forgotten = journal.medium.reader.execute("SELECT max(at_up) FROM dn_forgotten").get
    if newest is None:
        return up[1] + journal.applied[1] >= CHECKPOINT_LINES or forgotten is not None
    ep, seq = place_of(newest)
    if ep != up[0] or (forgotten or 0) > newest:
        return True
    return up[1] - seq + _directives_since(journal, (ep, seq)) >= CHECKPOINT_LINES


def _directives_since(journal: "Journal", place: LineRef) -> int:
    """How many directives took effect since the snapshot at this place: a boot folds them too."""
    line = journal.line("up", (place[0], place[1] + 1))
    entry = line.entry() if line is not None else None
    if not isinstance(entry, Checkpoint) or entry.dn[0] != journal.applied[0]:
        return CHECKPOINT_LINES
    return journal.applied[1] - entry.dn[1]


def snapshots(reader: apsw.Connection) -> Iterator[tuple[LineRef, str, Ward]]:
    """Readable snapshots, newest first: (place, digest, ward). Their lines are not checked here.

    Each is read when it is asked for: a boot that believes the newest one reads no other.
    """
    with disk_faults():
        numbers = [row[0] for row in fetch(reader, "SELECT id FROM snapshot ORDER BY id DESC")]
    for number in numbers:
        with disk_faults():
            rows = fetch(reader, "SELECT digest, ward FROM snapshot WHERE id = ?", (number,))
        for digest, data in rows:
            ward = thaw(data, digest)
            if ward is not None:
                yield place_of(number), digest, ward


def forget(journal: "Journal", patient: str) -> None:
    """Erase every body that carries this patient's names, also of records merged into theirs.

    The erased places are recorded. Snapshots may hold the names: they go at once when both logs can
    be replayed from their first line, else with the checkpoint that is now due.
    """

    def write(connection: apsw.Connection) -> None:
        subject = f"patient:{patient}"
        connection.execute(
            "INSERT OR IGNORE INTO dn_forgotten (id, subject, at_up)"
            " SELECT names.id, subject, ? FROM names JOIN dn_body USING (id) WHERE subject = ?",
            (place_id(*journal.tip("up").ref), subject),
        )
        connection.execute(
            "DELETE FROM dn_body WHERE id IN (SELECT id FROM dn_forgotten WHERE subject = ?)",
            (subject,),
        )
        connection.execute("DELETE FROM snapshot WHERE NOT EXISTS (SELECT 1 FROM up_dropped)")

    with journal.medium.lock:
        journal.revive()
        journal.medium.write(write)
        # The write-ahead log still holds the old pages.
        journal.medium.erase()


def drop_old(journal: "Journal", now_s: int) -> int:
    """Drop lines of `up` that are covered by a receipt and older than 13 months; how many went.

    Never a line behind the newest checkpoint, and never an intent that has not ended.
    """
    with journal.medium.lock:
        journal.revive()
        last = _last_to_drop(journal, now_s - RETENTION_S)
        if last is None:
            return 0
        number = place_id(*last.ref)

        def write(connection: apsw.Connection) -> None:
            connection.execute("DELETE FROM up_dropped")
            connection.execute("INSERT INTO up_dropped VALUES (?, ?)", (number, last.hash))
            connection.execute("DELETE FROM up_body WHERE id <= ?", (number,))
            connection.execute("DELETE FROM up_line WHERE id <= ?", (number,))

        with disk_faults():
            count = journal.medium.reader.execute(
                "SELECT count(*) FROM up_line WHERE id <= ?", (number,)
            ).get
        journal.medium.write(write)
        assert isinstance(count, int)
        return count


def tidy(journal: "Journal") -> None:
    """Fold in the write-ahead log when it has grown, so that no turn has to.

    Also erases from it what was forgotten while somebody was reading.
    """
    medium = journal.medium
    if medium.dead:
        return
    if medium.erase_due:
        medium.erase()
    elif medium.waiting_pages > TIDY_PAGES:
        medium.fold_in()


def export(journal: "Journal", folder: Path) -> None:
    """Write both logs, all bodies and both public keys, for `cabinet log verify` and openssl."""
    reader = journal.medium.reader
    pharmacy = reading.keys(reader)[journal.genesis.kid].key
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "bodies.txt").open("wb") as bodies:
        for log in ("dn", "up"):
            with (folder / f"{log}.jws").open("wb") as lines:
                for line in whole_log(reader, log):
                    if isinstance(line, bytes):
                        lines.write(line + b"\n")
                        continue
                    lines.write(line.raw + b"\n")
                    if line.record is not None:
                        bodies.write(line.record + b"\n")
    (folder / "cabinet.pem").write_bytes(_pem(journal.signer.public_key))
    (folder / "pharmacy.pem").write_bytes(_pem(pharmacy))


def whole_log(reader: apsw.Connection, log: Log) -> "list[bytes | StoredLine]":
    """Every row of a log file in order: the genesis line before each epoch, then its lines."""
    with disk_faults():
        begun: dict[int, bytes] = dict(fetch(reader, "SELECT ep, raw FROM genesis ORDER BY ep"))
        rows: list[bytes | StoredLine] = []
        ep = 0
        for line in read_rows(reader, log, reading.START, 2**62):
            if line.ref[0] != ep and line.ref[1] == 1:
                # An epoch the cabinet began itself continues from the last genesis before it.
                rows.append(begun[max(one for one in begun if one <= line.ref[0])])
            ep = line.ref[0]
            rows.append(line)
    if not rows and begun:
        rows.append(begun[max(begun)])
    return rows


def _last_to_drop(journal: "Journal", before_s: int) -> StoredLine | None:
    """The last line that may go, found by halving: lines stand in the order of their time."""
    reader = journal.medium.reader
    receipt = reading.receipt(reader)
    with disk_faults():
        snapshot = reader.execute("SELECT max(id) FROM snapshot").get
        intent = reader.execute("SELECT min(id) FROM intent").get
        first = reader.execute("SELECT min(id) FROM up_line").get
    if receipt is None or snapshot is None or first is None:
        return None
    high = min(place_id(*receipt.up), snapshot, (intent or 2**62) - 1, first + DROP_LINES_MAX)
    with disk_faults():
        numbers = [
            number
            for (number,) in reader.execute(
                "SELECT id FROM up_line WHERE id <= ? ORDER BY id", (high,)
            )
        ]
    low, end = 0, len(numbers)
    while low < end:
        middle = (low + end) // 2
        line = reading.line_at(reader, "up", place_of(numbers[middle]))
        payload = open_line(line.raw).payload if line is not None else None
        old = isinstance(payload, UpPayload) and (payload.wall or 0) < before_s
        low, end = (middle + 1, end) if old else (low, middle)
    return reading.line_at(reader, "up", place_of(numbers[low - 1])) if low else None


def _pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
