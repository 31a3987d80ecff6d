"""The reading half of the journal: where both logs stand, and what is committed."""

from typing import Final

from cabinet.journal import reading
from cabinet.journal.lines import Signing, StoredLine
from cabinet.journal.medium import Medium
from cabinet.journal.reading import Committed, Evidence, OpenedIntent, Receipt, Tip
from cabinet.journal.subjects import APPLIED
from cabinet.wire.accept import Held, KeyRecord, Log
from cabinet.wire.genesis import Genesis
from cabinet.wire.line import UpPayload, open_line
from statemachine.events import DirectivesArrived
from statemachine.instant import Instant
from statemachine.ward.entry import LineRef
from statemachine.ward.house import DirectivesApplied

DIRECTIVES_MAX: Final = 256
"""Directives that take effect in one turn."""


class JournalViews:
    """What can be asked of a journal. Everything but the two heads is read from committed rows.

    Attributes:
        path: the file.
        cabinet: the cabinet's id.
        boot: the number of this boot; 0 before the first.
        medium: the file's two connections, for `keeping` and the gate's committed reads.
    """

    def __init__(self, medium: Medium, signing: Signing) -> None:
        self.medium = medium
        self.path = medium.path
        self.cabinet = signing.cabinet
        self.signer = signing.signer
        self._load()

    @property
    def enrolled(self) -> bool:
        """Whether a genesis line is installed; without one nothing can be chained."""
        return self._genesis is not None

    @property
    def genesis(self) -> Genesis:
        """The newest genesis line.

        Raises:
            ValueError: the cabinet is not enrolled.
        """
        if self._genesis is None:
            raise ValueError("The cabinet is not enrolled: it has no genesis line yet.")
        return self._genesis

    def floor_s(self) -> int:
        """The latest second this journal knows has passed, since 1970; 0 when it knows none."""
        line = self.line("up", self._up.ref)
        payload = open_line(line.raw).payload if line is not None else None
        wall = payload.wall if isinstance(payload, UpPayload) else None
        return max(wall or 0, self._house.get("floor_s", 0))

    def tip(self, log: Log) -> Tip:
        """The head of one log."""
        return self._up if log == "up" else self._dn

    @property
    def applied(self) -> LineRef:
        """The last `dn` line that has taken effect."""
        return self._applied

    def held_dn(self) -> Held:
        """What is held of `dn`, as `wire.accept` wants it."""
        tip = self._dn
        return Held(
            log="dn",
            cab=self.cabinet,
            ep=tip.ep,
            seq=tip.seq,
            hash=tip.hash,
            hash_at=lambda ep, seq: self.hash_at("dn", (ep, seq)),
        )

    def key_of(self, kid: str) -> KeyRecord | None:
        """A believed key."""
        return self._keys.get(kid)

    def committed(self) -> Committed:
        """One view of everything committed, for the gate: `with journal.committed() as rows`."""
        return Committed(self.medium.reader, self.medium.lock)

    def hash_at(self, log: Log, ref: LineRef) -> str | None:
        """The hash of a held line, or of the genesis line at seq 0."""
        return reading.hash_at(self.medium.reader, log, ref)

    def line(self, log: Log, ref: LineRef) -> StoredLine | None:
        """A committed line."""
        return reading.line_at(self.medium.reader, log, ref)

    def lines_after(self, log: Log, after: LineRef, limit: int) -> list[StoredLine]:
        """Committed lines behind a place, in order."""
        return reading.lines_after(self.medium.reader, log, after, limit)

    def latest(self, subject: str) -> tuple[Log, LineRef] | None:
        """The last committed line on a subject (`journal.subjects`)."""
        return reading.latest(self.medium.reader, subject)

    def open_intents(self) -> list[OpenedIntent]:
        """Intents that have not ended, oldest first."""
        return reading.open_intents(self.medium.reader)

    def receipt(self) -> Receipt | None:
        """The newest receipt."""
        return reading.receipt(self.medium.reader)

    def evidence(self) -> list[Evidence]:
        """Everything quarantined."""
        return reading.evidence(self.medium.reader)

    def pending_dn(self, at: Instant) -> DirectivesArrived | None:
        """Accepted directives that have not taken effect yet: one batch, in order."""
        if self._dn.ref <= self._applied:
            return None
        lines = self.lines_after("dn", self._applied, DIRECTIVES_MAX)
        if not lines:
            return None
        directives = tuple(reading.directive(line) for line in lines)
        return DirectivesArrived(at=at, to=lines[-1].ref, directives=directives)

    def up_batch(self) -> tuple[bytes, int]:
        """The next batch for the pharmacy, from its newest receipt on: (bytes, lines)."""
        receipt = self.receipt()
        after = receipt.up if receipt is not None else reading.START
        return reading.batch(self.medium.reader, "up", after)

    def _load(self) -> None:
        """Read where both logs stand."""
        reader = self.medium.reader
        self._house = reading.house(reader)
        self.boot = self._house.get("boot", 0)
        self._keys = reading.keys(reader)
        self._genesis = reading.genesis(reader, self._keys)
        self._keys[self.signer.kid] = KeyRecord(
            kid=self.signer.kid,
            key=self.signer.public_key,
            roles=frozenset({"cabinet"}),
            cabinet=self.cabinet,
        )
        start = self._genesis.hash if self._genesis is not None else ""
        self._up = reading.tip(reader, "up", self._house.get("up_ep", 0), start)
        self._dn = reading.tip(reader, "dn", self._house.get("dn_ep", 0), start)
        self._applied = self._read_applied()

    def _read_applied(self) -> LineRef:
        found = self.latest(APPLIED)
        line = self.line(*found) if found is not None else None
        entry = line.entry() if line is not None else None
        return entry.to if isinstance(entry, DirectivesApplied) else (self._dn.ep, 0)
