"""Genesis: the pharmacy's word that this key is this cabinet, and where its two logs begin."""

from typing import Any, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cabinet.wire import b64
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


class Jwk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An Ed25519 public key as RFC 8037 writes it."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: Digest

    def public_key(self) -> Ed25519PublicKey:
        """The key itself."""
        return Ed25519PublicKey.from_public_bytes(b64.dec(self.x))


class GenesisPayload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a genesis line says; `iat` in seconds since 1970, `root` the root document's version."""

    v: Literal[1]
    cab: Name
    ep: Ordinal
    hal: Literal["sim", "real"]
    iat: Natural
    key: Jwk
    root: Ordinal


class Genesis(msgspec.Struct, frozen=True, kw_only=True):
    """A verified genesis line. Seq 1 of both logs names `hash` as its `prev`."""

    raw: bytes
    hash: str
    kid: str
    payload: GenesisPayload


def jwk_of(key: Ed25519PublicKey) -> dict[str, Any]:
    """The key as a JWK object."""
    return {"crv": "Ed25519", "kty": "OKP", "x": b64.enc(key.public_bytes_raw())}


def make_genesis(
    signer: Signer,
    *,
    cab: str,
    ep: int,
    hal: Literal["sim", "real"],
    iat: int,
    cabinet_key: Ed25519PublicKey,
    root: int = 1,
) -> bytes:
    """Sign a genesis line with the pharmacy's key.

    Raises:
        WireError: `schema`, when a field is not one the cabinet could accept.
    """
    raw = signer.sign(
        "adc-genesis+jws",
        {
            "v": 1,
            "cab": cab,
            "ep": ep,
            "hal": hal,
            "iat": iat,
            "key": jwk_of(cabinet_key),
            "root": root,
        },
    )
    open_genesis(raw, signer.public_key)
    return raw


def open_genesis(raw: bytes, pharmacy_key: Ed25519PublicKey) -> Genesis:
    """Verify and read a genesis line.

    Raises:
        WireError: any code of the outside, `signature`, `json`, `schema`.
    """
    envelope = open_envelope(raw)
    if envelope.typ != "adc-genesis+jws":
        raise WireError("header", "This line is no genesis line.")
    verify(envelope, pharmacy_key)
    payload = read_typed(envelope, GenesisPayload)
    payload.key.public_key()
    return Genesis(raw=raw, hash=envelope.hash, kid=envelope.kid, payload=payload)
