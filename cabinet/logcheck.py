"""Checking a log as a stranger would: with nothing but the bytes and two public keys.

`cabinet log verify` and `vectors/verify.sh` (openssl alone) must say the same of every line: who
signed it, and the hash that the next line's `prev` names. So nothing here asks a journal's own
tables whether a line is good; a journal is only another place to take bytes from.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from cabinet.wire.accept import TYP_OF_LOG
from cabinet.wire.body import Body, open_body
from cabinet.wire.errors import WireError
from cabinet.wire.genesis import open_genesis
from cabinet.wire.head import open_head
from cabinet.wire.line import LINE_BYTES_MAX, Line, open_envelope, read_payload, verify

ROWS_MAX: Final = 10_000_000
"""Rows of one file; thirteen months of a busy cabinet are a fortieth of it."""
SIGNER_OF: Final = {
    "adc-event+jws": "cabinet",
    "adc-directive+jws": "pharmacy",
    "adc-head+jws": "pharmacy",
    "adc-genesis+jws": "pharmacy",
    "adc-root+jws": "pharmacy",
}


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A row that holds: who signed it, its hash, and the line when it is one of a log."""

    row: int
    signer: str
    hash: str
    line: Line | None = None


class Bad(Exception):  # noqa: N818 - a finding about bytes, not a defect of ours
    """The first row that does not hold. `sentence` says which and why."""

    def __init__(self, name: str, row: int, why: str) -> None:
        self.sentence = f"Line {row} of {name}: {why}"
        super().__init__(self.sentence)


def check_rows(
    name: str,
    rows: Iterable[bytes],
    keys: Mapping[str, Ed25519PublicKey],
    after: tuple[tuple[int, int], str] | None = None,
) -> Iterator[Checked]:
    """Check a log row by row: signature, chain, place; genesis lines and heads may stand in it.

    Args:
        name: what to call the log in a sentence.
        rows: its rows without line feeds.
        keys: public keys of `cabinet` and `pharmacy`.
        after: (place, hash) of what stood before the first row, where retention cut the log.

    Raises:
        Bad: at the first row that does not hold.
    """
    before, cab = after, ""
    for number, raw in enumerate(rows, 1):
        try:
            checked, begins = _check(number, raw, keys)
        except WireError as error:
            raise Bad(name, number, error.sentence) from error
        if begins is not None:
            before = begins
        elif checked.line is not None:
            payload = checked.line.payload
            if before is not None:
                _continues(name, number, checked.line, before)
            if cab not in ("", payload.cab):
                raise Bad(name, number, f"It is of cabinet {payload.cab}, not {cab}.")
            before, cab = (checked.line.place, checked.hash), payload.cab
        yield checked


def _check(
    number: int, raw: bytes, keys: Mapping[str, Ed25519PublicKey]
) -> tuple[Checked, tuple[tuple[int, int], str] | None]:
    """One row by itself, and, for a genesis line, where the log begins behind it."""
    envelope = open_envelope(raw)
    signer = SIGNER_OF[envelope.typ]
    key = keys[signer]
    if envelope.typ == "adc-genesis+jws":
        genesis = open_genesis(raw, key)
        if (
            genesis.payload.key.public_key().public_bytes_raw()
            != keys["cabinet"].public_bytes_raw()
        ):
            raise WireError("key", "The genesis line names another cabinet's key than was given.")
        return Checked(row=number, signer=signer, hash=genesis.hash), (
            (genesis.payload.ep, 0),
            genesis.hash,
        )
    if envelope.typ not in TYP_OF_LOG.values():
        if envelope.typ == "adc-head+jws":
            open_head(raw, key)
        else:
            verify(envelope, key)
        return Checked(row=number, signer=signer, hash=envelope.hash), None
    verify(envelope, key)
    line = read_payload(envelope)
    return Checked(row=number, signer=signer, hash=envelope.hash, line=line), None


def _continues(name: str, number: int, line: Line, before: tuple[tuple[int, int], str]) -> None:
    (ep, seq), line_hash = before
    if line.payload.prev != line_hash:
        raise Bad(name, number, "It does not continue the line before it: the chain is broken.")
    # A cabinet may begin an epoch of its own behind the genesis line (after a rollback).
    if line.place != (ep, seq + 1) and not (seq == 0 and line.payload.seq == 1):
        raise Bad(name, number, f"It is line {line.payload.seq} where {seq + 1} should stand.")


def check_bodies(name: str, records: Iterable[bytes]) -> dict[str, Body]:
    """Check body records; bodies by digest.

    Raises:
        Bad: at the first record that is not the body its digest names.
    """
    bodies: dict[str, Body] = {}
    for number, record in enumerate(records, 1):
        try:
            body = open_body(record)
        except WireError as error:
            raise Bad(name, number, error.sentence) from error
        bodies[body.digest] = body
    return bodies


def read_rows_of(path: Path) -> Iterator[bytes]:
    """The rows of a file, each bounded in length.

    Raises:
        Bad: a row is longer than any line or body, or the last one is cut off.
    """
    longest = LINE_BYTES_MAX if path.suffix == ".jws" else 2 * 65_536
    with path.open("rb") as file:
        for number in range(1, ROWS_MAX):
            row = file.readline(longest + 1)
            if not row:
                return
            if len(row) > longest:
                raise Bad(path.name, number, "It is longer than any line may be.")
            if not row.endswith(b"\n"):
                raise Bad(path.name, number, "It is cut off: its line feed is missing.")
            yield row[:-1]


def read_key(path: Path) -> Ed25519PublicKey:
    """An Ed25519 public key from a PEM file.

    Raises:
        Bad: the file holds something else.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Bad(path.name, 1, "This is not a public key in PEM form.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise Bad(path.name, 1, "This public key is not an Ed25519 key.")
    return key
