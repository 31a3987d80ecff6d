"""Last key to lease, against the bare commit.

The key that decides is handed to the controller; until the lock is leased a turn is decided, its
intent signed, committed with FULL, read back through another connection, and looked at again by the
gate. Beside it, in turns, on the same disk and with the same pragmas and the same room kept for the
write-ahead log: one apsw transaction that inserts as many bytes as that turn wrote.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter_ns

import apsw

from cabinet.journal.medium import RESERVE_BYTES
from tests.bench import ward
from tests.bench.figures import Row, Say, percentile
from tests.bench.house import House, housed

WARM_UP = 5
P50_MAX, P99_MAX = 2.0, 3.0
PRAGMAS = ("journal_mode=wal", "synchronous=2", "secure_delete=1", "wal_autocheckpoint=0")


class BareCommit:
    """The least that can be durable: one row, one transaction."""

    def __init__(self, path: Path) -> None:
        self._connection = apsw.Connection(str(path))
        for pragma in PRAGMAS:
            list(self._connection.execute(f"PRAGMA {pragma}"))
        list(self._connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, data BLOB)"))
        list(self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)"))
        with path.with_name(path.name + "-wal").open("r+b") as file:
            file.write(bytes(RESERVE_BYTES))
            os.fsync(file.fileno())

    def commit_ns(self, data: bytes) -> int:
        begun_ns = perf_counter_ns()
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO row (data) VALUES (?)", (data,))
        self._connection.execute("COMMIT")
        return perf_counter_ns() - begun_ns

    def close(self) -> None:
        self._connection.close()


def measure(
    folder: Path, sizes: tuple[tuple[int, int], ...], pairs: int, say: Say
) -> Iterator[Row]:
    """Two rows a size: p50 and p99."""
    for orders, lines in sizes:
        kept = ward.kept_journal(folder, orders, lines, say)
        say(f"last key to lease, {orders:,} orders, {lines:,} lines")
        with ward.copied(kept, folder) as path:
            leases_ms, commits_ms = _pairs(path, pairs)
        for part, limit in ((0.5, P50_MAX), (0.99, P99_MAX)):
            yield Row(
                name=f"last key to lease, p{round(part * 100)}",
                size=f"{orders:,} orders, {lines:,} lines",
                figure=percentile(leases_ms, part),
                unit="ms",
                floor=percentile(commits_ms, part),
                floor_name="bare commit",
                limit=limit,
                relative=True,
                at_most=True,
            )


def _pairs(path: Path, pairs: int) -> tuple[list[float], list[float]]:
    leases_ms: list[float] = []
    commits_ms: list[float] = []
    bare = BareCommit(path.with_name("bare.db"))
    try:
        with housed(path) as house:
            house.sign_in()
            house.choose_first_patient()
            data = b""
            for number in range(-WARM_UP, pairs):
                # Who goes first takes turns, so that neither always finds the disk busy.
                bare_ns = bare.commit_ns(data) if number % 2 and data else 0
                lease_ns = house.key_to_lease_ns("1")
                data = data or bytes(_written(house))
                bare_ns = bare_ns or bare.commit_ns(data)
                if number >= 0:
                    leases_ms.append(lease_ns / 1e6)
                    commits_ms.append(bare_ns / 1e6)
                house.never_opened()
                house.press("B")
    finally:
        bare.close()
    return leases_ms, commits_ms


def _written(house: House) -> int:
    """The bytes of line and body that the intent of the visit under way takes."""
    journal = house.cabinet.journal
    _, intent = house.metal.last
    line = journal.line("up", (journal.tip("up").ep, intent))
    assert line is not None
    assert line.salt is not None
    assert line.data is not None
    return len(line.raw) + len(line.salt) + len(line.data)
