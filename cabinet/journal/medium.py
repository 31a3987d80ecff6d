"""The file under the journal: two connections, one way to write, and what happens when it fails.

The writer commits with `synchronous=FULL`. The reader is another connection, which sees only what
is committed; everything that is believed is read through it. After any fault of the disk the medium
is dead: nothing more is written until the file was closed, opened anew, folded together, synced and
checked.
"""

import threading
from collections.abc import Callable
from pathlib import Path

import apsw

from cabinet.journal import schema
from cabinet.journal.failure import JournalFailed, disk_faults

Write = Callable[[apsw.Connection], None]


class Medium:
    """One journal file, open.

    Attributes:
        dead: a fault happened; only `reopen` may help.
        lock: held over every write, so that a turn is whole; re-entrant.
    """

    def __init__(self, path: Path, vfs: str | None) -> None:
        self.path = path
        self.dead = False
        self.lock = threading.RLock()
        self._vfs = vfs
        self._open()

    def _open(self) -> None:
        with disk_faults():
            self._writer = schema.open_writer(self.path, self._vfs)
            try:
                self.reader = schema.open_reader(self.path, self._vfs)
            except BaseException:
                self._writer.close()
                raise

    def close(self) -> None:
        """Close both connections. Closing twice is no error."""
        self.reader.close()
        self._writer.close()

    def write(self, write: Write) -> None:
        """Run one durable transaction, all or nothing.

        Raises:
            JournalFailed: nothing was recorded, and the medium is dead.
        """
        with self.lock:
            if self.dead:
                raise JournalFailed("disk", "not opened anew yet")
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
        self._open()
        self.fold_in()
        with disk_faults():
            if self._writer.execute("PRAGMA quick_check(1)").get != "ok":
                raise JournalFailed("damaged")

    def fold_in(self) -> None:
        """Fold the write-ahead log into the main file and empty it."""
        with self.lock, disk_faults():
            busy, _, _ = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").get
            if busy:
                raise JournalFailed("busy")

    def waiting_pages(self) -> int:
        """Pages in the write-ahead log, by its size on the disk."""
        try:
            size = self.path.with_name(self.path.name + "-wal").stat().st_size
        except FileNotFoundError:
            return 0
        return size // 4096

    def check(self) -> str:
        """SQLite's own check of every page: `ok`, or what is wrong."""
        with disk_faults():
            return str(self.reader.execute("PRAGMA integrity_check(1)").get)
