"""The file under the journal: two connections, one way to write, and what happens when it fails.

The writer commits with `synchronous=FULL`. The reader is another connection, which sees only what
is committed; everything that is believed is read through it. After any fault of the disk the medium
is dead: nothing more is written until the file was closed, opened anew, folded together, synced and
checked.
"""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import apsw

from cabinet.journal import schema
from cabinet.journal.failure import JournalFailed, disk_faults

RESERVE_BYTES: Final = 1024 * 1024
"""Room kept for the write-ahead log: 250 pages, some eighty turns."""
WAITING_PAGES_MAX: Final = 1_000
"""The log is folded in when idle (`keeping.tidy`); above this, before the next commit."""

Write = Callable[[apsw.Connection], None]


class Medium:
    """One journal file, open.

    Attributes:
        dead: a fault happened; only `reopen` may help.
        waiting_pages: pages in the write-ahead log that are not folded in yet.
        erase_due: names were forgotten, and the write-ahead log may still hold them.
        lock: held over every write, so that a turn is whole; re-entrant.
    """

    def __init__(self, path: Path, vfs: str | None) -> None:
        self.path = path
        self.dead = False
        self.erase_due = False
        self.waiting_pages = 0
        self._fold_at = WAITING_PAGES_MAX
        self.lock = threading.RLock()
        self._vfs = vfs
        self._open()

    def _open(self) -> None:
        with disk_faults():
            self._writer = schema.open_writer(self.path, self._vfs)
            try:
                self.reader = schema.open_reader(self.path, self._vfs)
                self._writer.set_wal_hook(self._count_pages)
                self.erase()
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Close both connections. Closing twice is no error.

        A disk that fails now changes nothing: whatever counts was synced by its own commit, and
        what closing could not fold in is folded in when the file is opened again.
        """
        for connection in (self.reader, self._writer):
            with suppress(apsw.Error):
                connection.close()

    def write(self, write: Write) -> None:
        """Run one durable transaction, all or nothing.

        Raises:
            JournalFailed: nothing was recorded, and the medium is dead.
        """
        with self.lock:
            if self.dead:
                raise JournalFailed("disk", "not opened anew yet")
            if self.waiting_pages > self._fold_at:
                self.fold_in()
            try:
                with disk_faults():
                    self._writer.execute("BEGIN IMMEDIATE")
                    write(self._writer)
                    self._writer.execute("COMMIT")
            except BaseException as error:
                self.dead = isinstance(error, JournalFailed)
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        if self._writer.in_transaction:
            try:
                self._writer.execute("ROLLBACK")
            except apsw.Error:
                self.dead = True

    def reopen(self) -> None:
        """Close the file, open it anew and check it. `dead` stays set: the caller decides.

        Everything in the write-ahead log goes to the main file and is synced anew, so pages that a
        failed fsync left in doubt are written again, or fail again.

        Raises:
            JournalFailed: the file cannot be trusted.
        """
        self.close()
        self._open()  # folds in
        if self.erase_due:
            raise JournalFailed("busy")
        with disk_faults():
            if self._writer.execute("PRAGMA quick_check(1)").get != "ok":
                raise JournalFailed("damaged")

    def fold_in(self) -> bool:
        """Fold the write-ahead log into the main file; its room on the disk is kept.

        Returns:
            False when somebody is reading an old state (`cabinet log verify` beside a running
            cabinet): then it is left for later. Nobody's reading ever holds up a turn.
        """
        return self._checkpoint("RESTART")

    def erase(self) -> bool:
        """Fold in, and leave nothing of what was written before in the write-ahead log.

        Returns:
            False when somebody is reading; `erase_due` then stays set.
        """
        self.erase_due = not self._checkpoint("TRUNCATE")
        if not self.erase_due:
            with disk_faults():
                self._reserve()
        return not self.erase_due

    def _checkpoint(self, how: str) -> bool:
        with self.lock, disk_faults():
            self._writer.set_busy_timeout(0)
            try:
                busy, _, _ = self._writer.execute(f"PRAGMA wal_checkpoint({how})").get
            finally:
                self._writer.set_busy_timeout(schema.BUSY_MS)
            if not busy:
                self.waiting_pages = 0
            self._fold_at = self.waiting_pages + WAITING_PAGES_MAX
            return not busy

    def _count_pages(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self.waiting_pages = pages
        return apsw.SQLITE_OK

    def _reserve(self) -> None:
        """Give the empty write-ahead log its room beforehand, as zeros.

        A commit that makes a file longer also commits the file system's own journal and takes up to
        twice as long; and a disk that fills up later still has room for the next turns.
        SQLite reads zeros as the end of the log. A test's VFS sees every byte of a file itself.
        """
        if self._vfs is not None:
            return
        wal = self.path.with_name(self.path.name + "-wal")
        if wal.exists() and wal.stat().st_size == 0:
            with wal.open("r+b") as file:
                file.write(bytes(RESERVE_BYTES))
                file.flush()
                os.fsync(file.fileno())

    def check(self) -> str:
        """SQLite's own check of every page: `ok`, or what is wrong."""
        with disk_faults():
            return str(self.reader.execute("PRAGMA integrity_check(1)").get)
