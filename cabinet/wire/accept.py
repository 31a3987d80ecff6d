"""Accepting a line: the decision, pure, the same on both sides (WIRE 1).

In this order, and the first rule broken is the one named:

1. size, three parts, canonical base64url, header bytes (`open_envelope`);
2. the key is known, and has the role for this log of this cabinet;
3. the signature;
4. strict JSON, then the payload's schema; now the line's place is a signed fact, so: right
   cabinet, an epoch we hold, the key not revoked from this place on;
5. the body record's digest, then the body's own JSON and the schema of the line's type;
6. the place: `seq = head + 1` with the right `prev` is appended; a line we hold is a duplicate,
   acknowledged without effect; another line in a place we hold, or `head + 1` with another `prev`,
   is a fork: both are kept as evidence and nothing is overwritten; beyond `head + 1` is a gap,
   nothing is kept and `need` says where to start again.

A line of a type nobody here knows is appended like any other: it is stored, folded as nothing, and
told to a person. A duplicate needs no body, because bodies may have been forgotten since.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cabinet.wire.body import Body, open_body
from cabinet.wire.errors import Code, WireError
from cabinet.wire.line import Line, Typ, open_envelope, read_payload, verify
from cabinet.wire.strict import strict_json, surely_strict

Log = Literal["up", "dn"]
Role = Literal["cabinet", "directive", "head"]

TYP_OF_LOG: Final[dict[Log, Typ]] = {"up": "adc-event+jws", "dn": "adc-directive+jws"}
ROLE_OF_LOG: Final[dict[Log, Role]] = {"up": "cabinet", "dn": "directive"}


class KeyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A public key we believe, and for what.

    Attributes:
        kid: its thumbprint.
        roles: what it may sign.
        cabinet: whose key it is, for the role `cabinet`; a pharmacy's key has None.
        revoked_from: (epoch, seq) of the first line it may not sign; None: not revoked.
    """

    kid: str
    key: Ed25519PublicKey
    roles: frozenset[Role]
    cabinet: str | None = None
    revoked_from: tuple[int, int] | None = None


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What the receiver holds of one log of one cabinet.

    Attributes:
        ep, seq: the head; seq 0 before the first line of an epoch.
        hash: of the head line; of the genesis line when `seq` is 0.
        hash_at: the hash of an earlier line by (epoch, seq), None where nothing is held.
    """

    log: Log
    cab: str
    ep: int
    seq: int
    hash: str
    hash_at: Callable[[int, int], str | None]


class Appended(msgspec.Struct, frozen=True, kw_only=True):
    """The line is the next one. `entry` is None when its type is not known here."""

    line: Line
    body: Body
    record: bytes
    entry: object | None


class Duplicate(msgspec.Struct, frozen=True, kw_only=True):
    """The line is held already."""

    line: Line


class Fork(msgspec.Struct, frozen=True, kw_only=True):
    """Two signed lines claim one place, or this one continues another past."""

    line: Line
    held_hash: str


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Lines before this one are missing; nothing of it is kept."""

    need: int


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """The line breaks a rule and is no evidence of anything."""

    code: Code
    sentence: str


Verdict = Appended | Duplicate | Fork | Gap | Refused

Read = Callable[[bytes], object]
"""Reads the JSON bytes of a body by its schema; raises `ValueError` or msgspec's errors."""


def accept(
    raw: bytes,
    *,
    held: Held,
    key_of: Callable[[str], KeyRecord | None],
    bodies: Mapping[str, bytes],
    schema: Callable[[str], Read | None],
) -> Verdict:
    """Judge one line against what is held. Changes nothing; the caller does, in one transaction.

    Args:
        raw: the line without its line feed.
        held: the receiver's head of this log.
        key_of: key records by `kid`.
        bodies: body records by the digest each claims (`Batch.bodies`).
        schema: for a line's type, how its body is read; None when the type is not known.
    """
    try:
        line = _verified(raw, held, key_of)
        place = _judge_place(line, held)
        if place is not None:
            return place
        return _with_body(line, bodies, schema)
    except WireError as error:
        return Refused(code=error.code, sentence=error.sentence)


def _verified(raw: bytes, held: Held, key_of: Callable[[str], KeyRecord | None]) -> Line:
    envelope = open_envelope(raw)
    if envelope.typ != TYP_OF_LOG[held.log]:
        raise WireError("header", f"A line of type {envelope.typ} does not belong in {held.log}.")
    record = key_of(envelope.kid)
    if record is None:
        raise WireError("key", f"Nobody here knows the key {envelope.kid}.")
    if ROLE_OF_LOG[held.log] not in record.roles or record.cabinet not in (None, held.cab):
        raise WireError("role", f"The key {envelope.kid} may not sign this log.")
    verify(envelope, record.key)
    line = read_payload(envelope)
    if line.payload.cab != held.cab:
        raise WireError("cabinet", f"The line is of cabinet {line.payload.cab}.")
    if line.payload.ep > held.ep:
        raise WireError("epoch", f"The line is of epoch {line.payload.ep}; {held.ep} is held.")
    if record.revoked_from is not None and line.place >= record.revoked_from:
        raise WireError("revoked", f"The key {envelope.kid} was revoked before this line.")
    return line


def _judge_place(line: Line, held: Held) -> Verdict | None:
    """None when the line is the next one; the body is looked at only then."""
    ep, seq = line.place
    if ep < held.ep or seq <= held.seq:
        known = held.hash if line.place == (held.ep, held.seq) else held.hash_at(ep, seq)
        if known is None:
            raise WireError("epoch", f"Nothing of epoch {ep} is held at line {seq}.")
        return Duplicate(line=line) if known == line.hash else Fork(line=line, held_hash=known)
    if seq > held.seq + 1:
        return Gap(need=held.seq + 1)
    if line.payload.prev != held.hash:
        return Fork(line=line, held_hash=held.hash)
    return None


def _with_body(
    line: Line, bodies: Mapping[str, bytes], schema: Callable[[str], Read | None]
) -> Appended:
    record = bodies.get(line.payload.body)
    if record is None:
        raise WireError("body missing", f"The body of line {line.payload.seq} did not come along.")
    body = open_body(record)
    if body.digest != line.payload.body:
        raise WireError("body digest", "The body is not the one the line names.")
    read = schema(line.payload.type)
    entry = None
    try:
        if read is not None:
            entry = read(body.data)
        if entry is None or not surely_strict(body.data, entry):
            strict_json(body.data)
    except WireError as error:
        raise WireError("body json", f"The body of line {line.payload.seq}: {error}") from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise _misfit(line, body, error) from error
    return Appended(line=line, body=body, record=record, entry=entry)


def _misfit(line: Line, body: Body, error: Exception) -> WireError:
    """Why a body could not be read: no strict JSON, or else not of its schema."""
    try:
        strict_json(body.data)
    except WireError as json_error:
        return WireError("body json", f"The body of line {line.payload.seq}: {json_error}")
    # Where it is wrong may be told; what stands there may be a name.
    where = str(error).rpartition(" - at ")[2] if " - at " in str(error) else "`$`"
    return WireError(
        "body schema",
        f"The body of line {line.payload.seq} ({line.payload.type}) is wrong at {where}.",
    )
