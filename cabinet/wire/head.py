"""Head: one side's signed word of how much it holds of the other side's log.

A pharmacy's head over `up` is the cabinet's receipt: what it covers is never lost. Its `nonce`
echoes the cabinet's challenge, so that an old head cannot be replayed as news; a head carried in a
file has none, and proves what is held but not what time it is.
"""

from typing import Annotated, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cabinet.wire.errors import WireError
from cabinet.wire.line import (
    Digest,
    Name,
    Natural,
    Ordinal,
    Signer,
    open_envelope,
    read_typed,
    verify,
)

Nonce = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{22}\Z")]
"""Base64url of 128 random bits."""


class HeadPayload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a head says.

    Attributes:
        head: the hash of line `seq` of `log`; of the genesis line when `seq` is 0.
        dn: (epoch, seq, hash) of the signer's own log.
        iat, exp: signed at, and not news after; seconds since 1970.
    """

    v: Literal[1]
    log: Literal["up", "dn"]
    cab: Name
    ep: Ordinal
    seq: Natural
    head: Digest
    dn: tuple[Ordinal, Natural, Digest]
    nonce: Nonce | None
    iat: Natural
    exp: Natural
    root: Ordinal


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A head whose signature holds; whether it is believed is `cabinet.trust`'s decision."""

    raw: bytes
    kid: str
    payload: HeadPayload


def make_head(
    signer: Signer,
    *,
    cab: str,
    ep: int,
    seq: int,
    head: str,
    dn: tuple[int, int, str],
    nonce: str | None,
    iat: int,
    exp: int,
    root: int = 1,
    log: Literal["up", "dn"] = "up",
) -> bytes:
    """Sign a head line.

    Raises:
        WireError: `schema`, when a field is not one the other end could accept.
    """
    raw = signer.sign(
        "adc-head+jws",
        {
            "v": 1,
            "log": log,
            "cab": cab,
            "ep": ep,
            "seq": seq,
            "head": head,
            "dn": list(dn),
            "nonce": nonce,
            "iat": iat,
            "exp": exp,
            "root": root,
        },
    )
    open_head(raw, signer.public_key)
    return raw


def open_head(raw: bytes, key: Ed25519PublicKey) -> Head:
    """Verify and read a head line.

    Raises:
        WireError: any code of the outside, `signature`, `json`, `schema`.
    """
    envelope = open_envelope(raw)
    if envelope.typ != "adc-head+jws":
        raise WireError("header", "This line is no head.")
    verify(envelope, key)
    return Head(raw=raw, kid=envelope.kid, payload=read_typed(envelope, HeadPayload))
