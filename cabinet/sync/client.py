"""The cabinet's half of the sync: what to send, what to ask, what to make of the answer.

No sockets here and no waiting. `SyncSession` lives in the controller and sees only bytes; who
carries them (a process beside it, a simulator's network, a stick) is trusted with nothing.

- Unacknowledged lines go up in batches, from the newest receipt on. The answer is a head, which is
  the next receipt; what it does not cover is simply sent again, so a lost answer, an answer twice
  and a gap all end the same way (F23).
- Lines of `dn` come down behind the last one held, with a head that echoes a nonce issued moments
  ago. Each question uses a nonce once; an answer to an old question gives no time (T10).
- What `trust` refuses is told in a sentence and changes nothing else: the cabinet works on (F24).
- A server that answers but never moves (an endless duplicate, a receipt that stays) does not make
  a loop: a round ends as soon as nothing moved.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from cabinet.clock import Clock
from cabinet.ids import Ids
from cabinet.journal import Journal
from cabinet.logs import Log
from cabinet.sync.http import Transport
from cabinet.trust import Taken, Trust
from cabinet.wire.b64 import enc
from statemachine.ward.entry import LineRef

BATCHES_MAX = 64
"""Batches of one kind in one round: 16,384 lines; the rest goes in the next round."""
NONCES_MAX = 8
"""Challenges open at once; one for each question under way is usual."""

Known = tuple[LineRef | None, LineRef]
"""The newest line of ours that is receipted, and the newest of the pharmacy's that is held."""

log = Log("cabinet.sync")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer did.

    Attributes:
        moved: something new was held or acknowledged by it; ask again at once.
        code: `ok`, or why it was refused: `fork`, `pharmacy went back`, `our journal went back`,
            `refused`, `nonce`.
    """

    moved: bool
    code: str = "ok"


class SyncSession:
    """Belongs to the controller's thread.

    Args:
        journal: both logs.
        clock: believes a signed time from here.
        ids: draws nonces.
        on_directives: called when lines of `dn` were stored, so that they take effect.
        on_outcome: called with (`ok`, ``) or (code, sentence for people) after each answer.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        clock: Clock,
        ids: Ids,
        on_directives: Callable[[], None],
        on_outcome: Callable[[str, str], None],
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._ids = ids
        self._on_directives = on_directives
        self._on_outcome = on_outcome
        self._trust = Trust(journal)
        self._nonces: dict[str, tuple[int, Known]] = {}
        self._posted: Known = self._known()

    @property
    def sent(self) -> bool:
        """Whether the pharmacy has acknowledged every line."""
        receipt = self._journal.receipt()
        return receipt is not None and receipt.up >= self._journal.tip("up").ref

    @property
    def cabinet(self) -> str:
        """Whose log this is."""
        return self._journal.cabinet

    def next_up(self) -> bytes | None:
        """The next batch to post, or None when every line is acknowledged."""
        if self.sent:
            return None
        self._posted = self._known()
        batch, lines = self._journal.up_batch()
        return batch if lines else None

    def took_up(self, answer: bytes) -> Outcome:
        """Take the answer to a post: one head."""
        before = self._journal.receipt()
        outcome = self._take(answer, None, self._posted)
        after = self._journal.receipt()
        moved = after is not None and (before is None or after.up > before.up)
        return msgspec.structs.replace(outcome, moved=moved)

    def next_dn(self) -> str:
        """The query for lines behind those held, with a fresh challenge."""
        nonce = enc(self._ids.nonce())
        self._nonces[nonce] = (self._clock.mono_ms(), self._known())
        while len(self._nonces) > NONCES_MAX:
            del self._nonces[next(iter(self._nonces))]
        return f"from={self._journal.tip('dn').seq}&nonce={nonce}"

    def took_dn(self, query: str, answer: bytes) -> Outcome:
        """Take the answer to a query; the query says which challenge was put."""
        nonce = query.rpartition("nonce=")[2]
        asked = self._nonces.get(nonce)
        if asked is None:
            return self._doubt("nonce", "An answer came to a question that was not asked.")
        return self._take(answer, nonce, asked[1])

    def _known(self) -> Known:
        """How far the pharmacy has shown itself to be: our lines it holds, lines it wrote."""
        receipt = self._journal.receipt()
        return (receipt.up if receipt is not None else None, self._journal.tip("dn").ref)

    def _take(self, answer: bytes, nonce: str | None, known: Known) -> Outcome:
        taken: Taken = self._trust.take(answer, nonce)
        asked = self._nonces.pop(nonce, None) if nonce is not None else None
        if taken.signed_s is not None and asked is not None:
            self._clock.trust(taken.signed_s, asked[0])
        if taken.unknown:
            log.warning("directives of unknown types", types=sorted(set(taken.unknown)))
        if taken.appended:
            self._on_directives()
        if taken.alarm == "pharmacy went back" and known != self._known():
            # Written before the other loop's answer and overtaken by it on the way: nothing of it
            # was used. A pharmacy that really went back says so again to the next question.
            return Outcome(moved=False)
        if taken.alarm is not None:
            return msgspec.structs.replace(
                self._doubt(taken.alarm, taken.sentence), moved=bool(taken.appended)
            )
        self._on_outcome("ok", "")
        return Outcome(moved=bool(taken.appended))

    def _doubt(self, code: str, sentence: str) -> Outcome:
        log.warning("answer refused", code=code)
        self._on_outcome(code, sentence)
        return Outcome(moved=False, code=code)


def unsent(journal: Journal) -> int:
    """How many lines no receipt covers yet."""
    receipt, tip = journal.receipt(), journal.tip("up")
    if receipt is None or receipt.up[0] != tip.ep:
        return tip.seq
    return tip.seq - receipt.up[1]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What one round did: batches posted, answers taken, and the last refusal's code or `ok`."""

    posted: int = 0
    fetched: int = 0
    code: str = "ok"


class Session(Protocol):
    """The four questions, asked of a session here or through the socket of another process."""

    @property
    def cabinet(self) -> str:
        """Whose log this is."""

    def next_up(self) -> bytes | None:
        """The next batch to post, or None."""

    def took_up(self, answer: bytes) -> Outcome:
        """Take the answer to a post."""

    def next_dn(self) -> str:
        """The query to ask."""

    def took_dn(self, query: str, answer: bytes) -> Outcome:
        """Take the answer to a query."""


def send_up(session: Session, transport: Transport) -> Asked:
    """Post unacknowledged lines until none is left or nothing moves.

    Raises:
        TransportFailed: no usable answer; what was acknowledged before stays so.
    """
    posted = 0
    for _ in range(BATCHES_MAX):
        batch = session.next_up()
        if batch is None:
            break
        outcome = session.took_up(transport.post(up_path(session.cabinet), batch))
        posted += 1
        if not outcome.moved or outcome.code != "ok":
            return Asked(posted=posted, code=outcome.code)
    return Asked(posted=posted)


def fetch_dn(session: Session, transport: Transport, wait_s: int = 0) -> Asked:
    """Fetch directives until an answer brings none; the pharmacy may wait `wait_s` for news.

    Raises:
        TransportFailed: no usable answer; what was stored before stays.
    """
    fetched = 0
    for _ in range(BATCHES_MAX):
        query = session.next_dn()
        outcome = session.took_dn(query, transport.get(dn_path(session.cabinet, query, wait_s)))
        fetched += 1
        if not outcome.moved or outcome.code != "ok":
            return Asked(fetched=fetched, code=outcome.code)
    return Asked(fetched=fetched)


def exchange(session: Session, transport: Transport) -> Asked:
    """One round both ways, in one thread: directives first, so that what is sent rests on them.

    Raises:
        TransportFailed: no usable answer.
    """
    down = fetch_dn(session, transport)
    up = send_up(session, transport)
    return Asked(
        posted=up.posted, fetched=down.fetched, code=up.code if down.code == "ok" else down.code
    )


def up_path(cabinet: str) -> str:
    """Where lines are posted (WIRE 1)."""
    return f"/v1/cabinets/{cabinet}/up"


def dn_path(cabinet: str, query: str, wait_s: int = 0) -> str:
    """Where directives are asked for (WIRE 1); `wait_s` lets the pharmacy wait for news."""
    return f"/v1/cabinets/{cabinet}/dn?{query}" + (f"&wait={wait_s}" if wait_s else "")
