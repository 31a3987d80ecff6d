"""The journal: both logs of this cabinet on its disk, and the only place where `up` is written.

What others rely on:

- **One turn, one transaction.** All lines of a turn are signed, chained, committed with
  `synchronous=FULL`, and read back through a second connection, which sees only what is committed.
  Only then does `append` return; nothing physical happens before (I1).
- **All or nothing.** When anything fails, nothing of the turn counts: `append` raises, the head
  stays where it was, and the journal is dead until its file was closed, opened anew and checked.
  If the file then holds more than was ever confirmed, only a restart, which replays what is
  written, may go on (`behind`).
- **Constant cost.** Places are integers, look-ups are single descents, and the last word on a
  subject stands in `latest`: an append costs the same behind 1,000 lines and behind 100,000.
- **Nothing goes back.** Lines are never changed; they leave by retention only (`keeping`).

Methods may be called from any thread; one lock keeps turns whole.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import apsw
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cabinet.journal import keeping
from cabinet.journal.failure import JournalFailed, disk_faults
from cabinet.journal.lines import (
    CommittedLine,
    Row,
    Signing,
    make_rows,
    read_written,
    take_rows,
    write_rows,
)
from cabinet.journal.medium import Medium
from cabinet.journal.reading import Tip
from cabinet.journal.schema import place_id
from cabinet.journal.views import JournalViews
from cabinet.wire.accept import Appended, Log
from cabinet.wire.genesis import open_genesis
from cabinet.wire.head import Head
from cabinet.wire.line import Signer, thumbprint
from statemachine.instant import Instant
from statemachine.ward import Ward
from statemachine.ward.entry import Entry, LineRef
from statemachine.ward.house import DirectivesApplied

QUARANTINE_MAX: Final = 1_000
"""Evidence kept; more of the same attack adds nothing."""


class Journal(JournalViews):
    """One cabinet's journal. Made by `Journal.open`; asked as `JournalViews` says."""

    def __init__(self, medium: Medium, signing: Signing) -> None:
        self._salt = signing.salt
        self._begun = False
        super().__init__(medium, signing)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        cabinet: str,
        signer: Signer,
        salt: Callable[[], bytes],
        vfs: str | None = None,
    ) -> "Journal":
        """Open the journal of a cabinet, or create it.

        Args:
            path: the file; `-wal` and `-shm` stand beside it.
            cabinet: the cabinet's id, as in its genesis.
            signer: the cabinet's Ed25519 key.
            salt: draws 16 random bytes.
            vfs: an SQLite VFS by name, for tests that cut the power.

        Raises:
            JournalFailed: the disk, a damaged file, or a file of a newer version.
        """
        medium = Medium(path, vfs)
        try:
            return cls(medium, Signing(cabinet=cabinet, signer=signer, salt=salt, boot=0))
        except BaseException:
            medium.close()
            raise

    def close(self) -> None:
        """Close the file. A closed journal is not used again."""
        with self.medium.lock:
            self.medium.close()

    # --- enrolment and boots -----------------------------------------------------------------

    def enrol(self, genesis: bytes, pharmacy: Ed25519PublicKey) -> None:
        """Install a genesis line and the pharmacy's key; both logs begin a new epoch.

        Installing the same one again changes nothing.

        Raises:
            WireError: the line does not verify.
            ValueError: it is of another cabinet, of another key, or of an epoch already used.
        """
        made = open_genesis(genesis, pharmacy)
        if made.payload.cab != self.cabinet:
            raise ValueError(f"The genesis line is of cabinet {made.payload.cab}.")
        if thumbprint(made.payload.key.public_key()) != self.signer.kid:
            raise ValueError("The genesis line names another key than this cabinet's.")
        if self._genesis is not None and self._genesis.hash == made.hash:
            return
        if self._genesis is not None and made.payload.ep <= max(self._up.ep, self._dn.ep):
            raise ValueError(f"Epoch {made.payload.ep} was used already.")
        ep = made.payload.ep

        def write(connection: apsw.Connection) -> None:
            connection.execute("INSERT INTO genesis VALUES (?, ?, ?)", (ep, made.hash, genesis))
            connection.execute(
                "INSERT OR REPLACE INTO key VALUES (?, ?, 'directive head', NULL, NULL)",
                (made.kid, pharmacy.public_bytes_raw()),
            )
            _set_house(connection, "up_ep", ep)
            _set_house(connection, "dn_ep", ep)

        self._write(write)
        self._load()

    def begin_boot(self) -> int:
        """Count a boot and return its number, from 1."""
        boot = self.boot + 1
        self._write(lambda connection: _set_house(connection, "boot", boot))
        self.boot, self._begun = boot, True
        return boot

    def begin_epoch(self) -> int:
        """Begin a new epoch of `up` after a rollback (WIRE 2); its first line says why."""
        ep = self._up.ep + 1
        self._write(lambda connection: _set_house(connection, "up_ep", ep))
        self._load()
        return ep

    def keep_floor(self, wall_s: int) -> None:
        """Remember a second that has certainly passed, for the clock's floor at the next boot."""
        if wall_s > self._house.get("floor_s", 0):
            self._write(lambda connection: _set_house(connection, "floor_s", wall_s))
            self._house["floor_s"] = wall_s

    # --- writing -----------------------------------------------------------------------------

    def append(
        self, entries: Sequence[Entry], at: Instant, rel: Mapping[str, int] | None = None
    ) -> tuple[CommittedLine, ...]:
        """Sign, chain, commit and read back the lines of one turn.

        Args:
            entries: what happened, in order; at least one.
            at: when, as the turn knew it.
            rel: release counters of the boards touched since the last line, by board.

        Raises:
            JournalFailed: nothing was recorded.
            WireError: an entry does not fit into a line or body; nothing was recorded.
            ValueError: no entries, an entry of `dn`, not enrolled, or no boot was begun.
        """
        with self.medium.lock:
            return self.append_with(entries, at, rel or {}, lambda _connection: None)

    def append_with(
        self,
        entries: Sequence[Entry],
        at: Instant,
        rel: Mapping[str, int],
        also: Callable[[apsw.Connection], None],
    ) -> tuple[CommittedLine, ...]:
        """As `append`, with more rows in the same transaction."""
        if not entries or not self._begun or not self.enrolled:
            raise ValueError("A turn has entries, and is recorded after enrolment and boot.")
        self.revive()
        rows = make_rows(
            Signing(cabinet=self.cabinet, signer=self.signer, salt=self._salt, boot=self.boot),
            entries,
            at,
            rel,
            after=(self._up.ref, self._up.hash),
            applied=self._applied,
        )

        def write(connection: apsw.Connection) -> None:
            write_rows(connection, "up", rows)
            also(connection)

        self.medium.write(write)
        self._up = self._read_back("up", rows)
        for entry in entries:
            if isinstance(entry, DirectivesApplied):
                self._applied = max(self._applied, entry.to)
        return tuple(
            CommittedLine(ref=row.ref, hash=row.hash, raw=row.raw, entry=entry)
            for row, entry in zip(rows, entries, strict=True)
        )

    def append_dn(self, accepted: Sequence[Appended]) -> None:
        """Store lines that `wire.accept` judged to be the next ones, in one transaction.

        Raises:
            JournalFailed: nothing was stored.
            ValueError: the lines do not continue what is held.
        """
        with self.medium.lock:
            self.revive()
            rows = take_rows(accepted, (self._dn.ref, self._dn.hash))
            if rows:
                self.medium.write(lambda connection: write_rows(connection, "dn", rows))
                self._dn = self._read_back("dn", rows)

    def keep_receipt(self, head: Head) -> None:
        """Keep a head that `cabinet.trust` believed, in place of the one before.

        A head that covers no more than the one before is not written: an idle cabinet asks every
        few seconds for months, and a card lives by its writes.
        """
        said, before = head.payload, self.receipt()
        covers = ((said.ep, said.seq), said.head, said.dn[:2])
        if before is not None and covers == (before.up, before.hash, before.dn):
            return
        row = (place_id(said.ep, said.seq), said.head, place_id(*said.dn[:2]), said.iat, head.raw)

        def write(connection: apsw.Connection) -> None:
            connection.execute("DELETE FROM receipt")
            connection.execute("INSERT INTO receipt VALUES (?, ?, ?, ?, ?)", row)

        self._write(write)

    def quarantine(self, log: Log, ref: LineRef, raw: bytes, reason: str) -> None:
        """Keep a line as evidence of a fork; the same bytes are kept once."""

        def write(connection: apsw.Connection) -> None:
            if connection.execute("SELECT count(*) FROM quarantine").get < QUARANTINE_MAX:
                connection.execute(
                    "INSERT OR IGNORE INTO quarantine (log, id, reason, raw) VALUES (?, ?, ?, ?)",
                    (log, place_id(*ref), reason, raw),
                )

        self._write(write)

    # --- keeping (see `keeping`) -------------------------------------------------------------

    def checkpoint(self, ward: Ward, at: Instant) -> CommittedLine:
        """Keep a snapshot of the ward, with its digest signed; fold the line that is returned."""
        return keeping.checkpoint(self, ward, at)

    @property
    def checkpoint_due(self) -> bool:
        """Whether a checkpoint should be written when the cabinet is idle."""
        return keeping.checkpoint_due(self)

    def forget(self, patient: str) -> None:
        """Erase the bodies that carry this patient's names; both logs still verify."""
        keeping.forget(self, patient)

    def tidy(self) -> None:
        """What can wait until the cabinet is idle: fold in the write-ahead log."""
        keeping.tidy(self)

    def export(self, folder: Path) -> None:
        """Write `up.jws`, `dn.jws`, `bodies.txt`, `cabinet.pem`, `pharmacy.pem`."""
        keeping.export(self, folder)

    # --- inside ------------------------------------------------------------------------------

    def _write(self, write: Callable[[apsw.Connection], None]) -> None:
        with self.medium.lock:
            self.revive()
            self.medium.write(write)

    def _read_back(self, log: Log, rows: Sequence[Row]) -> Tip:
        """Compare what another connection sees with what was written; return the new head."""
        (ep, seq), last = rows[0].ref, rows[-1]
        written = [(place_id(*row.ref), row.raw, row.salt, row.data) for row in rows]
        self.medium.dead = True  # until it is shown to be well
        with disk_faults():
            found = read_written(self.medium.reader, log, (ep, seq))
        if found != written:
            raise JournalFailed("read back")
        self.medium.dead = False
        return Tip(ep=ep, seq=last.ref[1], hash=last.hash)

    def revive(self) -> None:
        """Bring a dead journal back, if its file can be trusted again.

        Raises:
            JournalFailed: it cannot; `behind` when only a restart may go on.
        """
        if not self.medium.dead:
            return
        confirmed = (self._up, self._dn, self._applied, self.boot)
        self.medium.reopen()
        self._load()
        if (self._up, self._dn, self._applied, self.boot) != confirmed:
            self._up, self._dn, self._applied, self.boot = confirmed
            raise JournalFailed("behind")
        self.medium.dead = False


def _set_house(
    connection: apsw.Connection,
    name: Literal["boot", "floor_s", "up_ep", "dn_ep"],
    value: int,
) -> None:
    connection.execute("INSERT OR REPLACE INTO house VALUES (?, ?)", (name, value))
