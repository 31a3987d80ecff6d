"""Do we believe the pharmacy? What comes from outside, judged, and only then kept.

The order of checks, for a batch of `dn` (WIRE 1, 2):

1. the batch's shape: at most 256 lines, 512 KiB, whole rows;
2. its head, if it has one: a known key with the role `head`, the signature, strict JSON, schema;
   this cabinet; our log `up` in an epoch we wrote; then
   a. it covers more of `up` than we hold: **our journal was rolled back**; or another line in a
      place of ours: **fork**; either is told at once and the head is kept as evidence;
   b. it covers less of `up`, or knows less of `dn`, than the newest receipt or our own `dn`: the
      **pharmacy went back** (restored from an old copy, or an old answer replayed); refused, and
      no line that came with it is looked at. Nothing here ever goes back (I9);
   c. the nonce: an answer to our challenge must echo it, and only then may the clock believe `iat`.
      A head carried in a file has none and gives no time. Any other nonce is a replay: refused;
3. each line, in order, by `wire.accept`; the first that is no append or duplicate ends the batch;
4. one transaction appends the lines; a fork is quarantined; then the head becomes the receipt.

Misuse by a caller raises; bad data is a result, never an exception.
"""

from typing import Literal

import msgspec

from cabinet.journal import Journal
from cabinet.journal.schema import place_id
from cabinet.wire.accept import (
    Appended,
    Duplicate,
    Fork,
    Gap,
    Held,
    Log,
    Read,
    Refused,
    Verdict,
    accept,
)
from cabinet.wire.errors import WireError
from cabinet.wire.file import read_batch
from cabinet.wire.head import Head, HeadPayload, open_head
from cabinet.wire.line import open_envelope
from statemachine.ward.fold import TYPES

Alarm = Literal["fork", "pharmacy went back", "our journal went back", "refused"]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one batch.

    Attributes:
        appended: lines stored now; they take effect by `directives.applied`.
        duplicates: lines held before.
        unknown: types stored but understood by nobody here.
        need: the seq to ask for next, when lines were missing.
        alarm: what a person must be told, and `sentence` how.
        receipt: a head was believed; `signed_s` is its time when it answered our challenge, so the
            clock may take it.
    """

    appended: int = 0
    duplicates: int = 0
    unknown: tuple[str, ...] = ()
    need: int | None = None
    alarm: Alarm | None = None
    sentence: str = ""
    receipt: bool = False
    signed_s: int | None = None


class Trust:
    """Binds the rules of the wire to one journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def take(self, data: bytes, nonce: str | None) -> Taken:
        """Judge a batch of `dn` and keep what is good.

        Args:
            data: the batch, as the transport gave it.
            nonce: the challenge this batch answers; None for a file carried by hand.

        Raises:
            JournalFailed: the disk; nothing of the batch was stored.
        """
        try:
            batch = read_batch(data)
            head = self._open_head(batch.head) if batch.head is not None else None
        except WireError as error:
            return Taken(alarm="refused", sentence=error.sentence)
        if head is not None:
            doubt = self._doubt(head.payload, nonce)
            if doubt is not None:
                if doubt.alarm in ("fork", "our journal went back"):
                    self._keep_head(head)
                return doubt
        taken = self._take_lines(batch.lines, batch.bodies)
        if head is None or taken.alarm is not None:
            return taken
        self._journal.keep_receipt(head)
        fresh = nonce is not None and head.payload.nonce == nonce
        return msgspec.structs.replace(
            taken, receipt=True, signed_s=head.payload.iat if fresh else None
        )

    def _open_head(self, raw: bytes) -> Head:
        envelope = open_envelope(raw)
        record = self._journal.key_of(envelope.kid)
        if record is None:
            raise WireError("key", f"Nobody here knows the key {envelope.kid}.")
        if "head" not in record.roles or record.revoked_from is not None:
            raise WireError("role", f"The key {envelope.kid} may not sign heads.")
        head = open_head(raw, record.key)
        if head.payload.cab != self._journal.cabinet or head.payload.log != "up":
            raise WireError("cabinet", f"The head is of cabinet {head.payload.cab}.")
        return head

    def _doubt(self, said: HeadPayload, nonce: str | None) -> Taken | None:
        """Why a head is not believed; None when it is."""
        ours = self._doubt_ours(said)
        if ours is not None:
            return ours
        dn, receipt = self._journal.tip("dn"), self._journal.receipt()
        if receipt is not None and (said.ep, said.seq) < receipt.up:
            return _went_back(f"it held line {receipt.up[1]} before and now {said.seq}")
        if said.dn[:2] < dn.ref:
            return _went_back(f"it wrote line {dn.seq} before and now knows {said.dn[1]}")
        if said.dn[:2] == dn.ref and said.dn[2] != dn.hash:
            return _went_back(f"its line {dn.seq} is another one than it sent before")
        if said.nonce is not None and said.nonce != nonce:
            return Taken(
                alarm="refused",
                sentence="The answer does not echo this cabinet's question: it is an old answer"
                " sent again. Nothing of it was used.",
            )
        return None

    def _doubt_ours(self, said: HeadPayload) -> Taken | None:
        """Whether a head shows that it is us who went back, or are two."""
        up = self._journal.tip("up")
        if (said.ep, said.seq) > up.ref:
            return Taken(
                alarm="our journal went back",
                sentence=f"The pharmacy holds line {said.seq} of this cabinet; only {up.seq} lines"
                " are here. The disk is an old copy (a backup): count every drawer and call"
                " engineering.",
            )
        if self._journal.hash_at("up", (said.ep, said.seq)) not in (said.head, None):
            return Taken(
                alarm="fork",
                sentence=f"The pharmacy holds another line {said.seq} than this cabinet wrote."
                " Two cabinets use one key: call engineering.",
            )
        return None

    def _take_lines(self, lines: tuple[bytes, ...], bodies: dict[str, bytes]) -> Taken:
        held = self._journal.held_dn()
        fresh: dict[tuple[int, int], str] = {}
        hash_at = held.hash_at
        accepted: list[Appended] = []
        duplicates = 0
        stop: Verdict | None = None
        for raw in lines:
            verdict = accept(
                raw, held=held, key_of=self._journal.key_of, bodies=bodies, schema=read_body
            )
            if isinstance(verdict, Appended):
                accepted.append(verdict)
                place = verdict.line.place
                fresh[place] = verdict.line.hash
                held = Held(
                    log="dn",
                    cab=held.cab,
                    ep=place[0],
                    seq=place[1],
                    hash=verdict.line.hash,
                    hash_at=lambda ep, seq: fresh.get((ep, seq)) or hash_at(ep, seq),
                )
            elif isinstance(verdict, Duplicate):
                duplicates += 1
            else:
                stop = verdict
                break
        self._journal.append_dn(accepted)
        taken = Taken(
            appended=len(accepted),
            duplicates=duplicates,
            unknown=tuple(one.line.payload.type for one in accepted if one.entry is None),
        )
        return self._stopped(taken, stop)

    def _stopped(self, taken: Taken, stop: Verdict | None) -> Taken:
        match stop:
            case Gap(need=need):
                return msgspec.structs.replace(taken, need=need)
            case Refused(sentence=sentence):
                return msgspec.structs.replace(taken, alarm="refused", sentence=sentence)
            case Fork(line=line):
                ep, seq = line.place
                self._quarantine("dn", ep, seq, line.raw, "fork")
                return msgspec.structs.replace(
                    taken,
                    alarm="fork",
                    sentence=f"The pharmacy signed two different lines {seq}. The first one stays"
                    " in force; both are kept as evidence. Call the pharmacy.",
                )
            case _:
                return taken

    def _keep_head(self, head: Head) -> None:
        """One head of a kind is evidence enough; the next question gets the same answer."""
        place = (head.payload.ep, head.payload.seq)
        kept = ((one.log, one.ref, one.reason) for one in self._journal.evidence())
        if ("up", place, "head") not in kept:
            self._quarantine("up", *place, head.raw, "head")

    def _quarantine(self, log: Log, ep: int, seq: int, raw: bytes, reason: str) -> None:
        # A seq beyond every journal still has to fit a place.
        if place_id(ep, seq) < 2**63:
            self._journal.quarantine(log, (ep, seq), raw, reason)


def read_body(kind: str) -> Read | None:
    """How the body of a `dn` line of this type is read; None for a type unknown here."""
    schema = TYPES.get(kind)
    if schema is None or schema.LOG != "dn":
        return None
    return lambda data: msgspec.json.decode(data, type=schema)


def _went_back(how: str) -> Taken:
    return Taken(
        alarm="pharmacy went back",
        sentence=f"The pharmacy's memory went back: {how}. Nothing of its answer was used; this"
        " cabinet keeps its own lines to rebuild it from. Call the pharmacy.",
    )
