"""Start-up: from two logs to a ward, and what nobody can know any more.

1. The newest snapshot whose digest stands in a checkpoint line signed by this cabinet's own key;
   an unreadable one gives way to the one before it, and that to the first line.
2. The tail behind it, line by line: each names the hash of the one before, the last one's signature
   is checked, and because every signature covers the hash of the past it vouches for them all.
   Directives take effect where a `directives.applied` line says so, nowhere else.
3. Intents that never ended are listed. Power, a crash, a pulled plug: the drawer may have opened.
   The machines turn each into `release.indeterminate` and ask for a count (F10, I2).
4. The pharmacy's newest receipt is compared: if it covers more than is here, the disk is an old
   copy (WIRE 2), and that is said before anything is released.

A broken chain is not repaired and not skipped: the journal is damaged, and the cabinet says so.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from cabinet.journal import Journal, JournalFailed, StoredLine
from cabinet.journal.keeping import snapshots
from cabinet.wire.accept import Log
from cabinet.wire.errors import WireError
from cabinet.wire.line import (
    DnPayload,
    Envelope,
    UpPayload,
    open_envelope,
    open_line,
    read_payload,
    verify,
)
from statemachine.ward import Ward
from statemachine.ward.entry import LineRef
from statemachine.ward.fold import fold
from statemachine.ward.house import Checkpoint, DirectivesApplied
from statemachine.ward.stamps import stamp_dn, stamp_up

PAGE_LINES: Final = 500


class Recovered(msgspec.Struct, frozen=True, kw_only=True):
    """What start-up found.

    Attributes:
        ward: the fold of everything that took effect.
        uncertain: intents without an end, by seq, with what is known: for `Booted.uncertain`.
        replayed: `up` lines read behind the checkpoint.
        rolled_back: a sentence when the journal is older than its anchors; empty when it is not.
    """

    ward: Ward
    uncertain: tuple[tuple[int, str], ...]
    replayed: int
    rolled_back: str = ""


def recover(journal: Journal) -> Recovered:
    """Read the journal of an enrolled cabinet.

    Raises:
        JournalFailed: the disk, or a chain that does not hold (`damaged`).
    """
    try:
        ward = _checkpointed(journal)
        start = ward.up[1] if ward.up[0] == journal.tip("up").ep else 0
        ward = _replay(journal, ward)
    except (WireError, ValueError) as error:
        raise JournalFailed("damaged", str(error)) from error
    return Recovered(
        ward=ward,
        uncertain=tuple(
            (one.ref[1], "opened" if one.opened else "power") for one in journal.open_intents()
        ),
        replayed=ward.up[1] - start,
        rolled_back=_compare_receipt(journal),
    )


def replay(journal: Journal) -> Ward:
    """The ward from the first lines, without any snapshot: what every checkpoint must equal."""
    return _replay(journal, _empty(journal))


def _empty(journal: Journal) -> Ward:
    ep = journal.genesis.payload.ep
    return Ward(up=(ep, 0), dn=(ep, 0))


def _checkpointed(journal: Journal) -> Ward:
    for place, digest, ward in snapshots(journal.medium.reader):
        line = journal.line("up", (place[0], place[1] + 1))
        entry = line.entry() if line is not None else None
        if line is None or not isinstance(entry, Checkpoint):
            continue
        envelope = open_envelope(line.raw)
        signed = open_line(line.raw).payload.body == line.digest
        if signed and entry.digest == digest and entry.up == place == ward.up:
            verify(envelope, journal.signer.public_key)
            return ward
    return _empty(journal)


def _replay(journal: Journal, ward: Ward) -> Ward:
    directives = _chained(journal, "dn", ward.dn)
    for line, payload in _chained(journal, "up", ward.up):
        entry = line.entry()
        if isinstance(entry, DirectivesApplied):
            while ward.dn < entry.to:
                directed, said = next(directives, (None, None))
                if directed is None or said is None:
                    raise ValueError(f"line {entry.to[1]} of dn was applied, but is not here")
                body = directed.entry()
                ward = fold(ward, body, stamp_dn(directed.ref, said.wall), "dn")
        assert isinstance(payload, UpPayload)
        stamp = stamp_up(
            ward,
            line.ref,
            wall=payload.wall,
            clk=payload.clk,
            mono_ms=payload.mono,
            boot=payload.boot,
        )
        ward = fold(ward, entry, stamp, "up")
    for _rest in directives:  # Not in force yet, but its chain must hold.
        pass
    return ward


def _chained(
    journal: Journal, log: Log, after: LineRef
) -> Iterator[tuple[StoredLine, UpPayload | DnPayload]]:
    """Lines behind a place, each checked against the one before; the last one's signature too."""
    before = journal.hash_at(log, after)
    last: Envelope | None = None
    while True:
        page = journal.lines_after(log, after, PAGE_LINES)
        for line in page:
            last = open_envelope(line.raw)
            payload = read_payload(last).payload
            if payload.ep != after[0] and payload.seq == 1:
                before = journal.hash_at(log, (payload.ep, 0)) or journal.genesis.hash
            fits = (payload.ep, payload.seq) == line.ref and payload.body == line.digest
            if not fits or last.hash != line.hash or payload.prev != before:
                raise ValueError(f"line {line.ref[1]} of {log} does not continue the chain")
            before, after = line.hash, line.ref
            yield line, payload
        if len(page) < PAGE_LINES:
            break
    if last is not None:
        record = journal.key_of(last.kid)
        if record is None:
            raise ValueError(f"line {after[1]} of {log} is signed by an unknown key")
        verify(last, record.key)


def _compare_receipt(journal: Journal) -> str:
    receipt = journal.receipt()
    if receipt is None:
        return ""
    tip = journal.tip("up")
    if receipt.up > tip.ref:
        return (
            f"The pharmacy's receipt covers line {receipt.up[1]}; only {tip.seq} lines are here."
            " The disk is an old copy (a backup): every drawer must be counted."
        )
    if journal.hash_at("up", receipt.up) not in (receipt.hash, None):
        return (
            f"The pharmacy's receipt is for another line {receipt.up[1]} than this journal holds."
            " Two cabinets use one key: call engineering."
        )
    return ""
