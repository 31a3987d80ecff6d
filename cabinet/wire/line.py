"""A line: one JWS in compact form (RFC 7515) signed with Ed25519 (RFC 8037).

`header.payload.signature`, ASCII, with its line feed at most 4,096 bytes. The header is exactly
`{"alg":"EdDSA","kid":"<thumbprint>","typ":"<typ>"}`, these bytes in this order, so there is nothing
in it to play with: the algorithm is what our key record says, the type is signed with the rest, and
a line made for one purpose cannot be offered for another.

Reading has two steps, because nothing may be parsed before it is verified: `open_envelope` looks at
the outside, `read_payload` at the inside. `open_line` does both for tools that show evidence.
"""

import functools
import hashlib
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cabinet.wire import b64
from cabinet.wire.errors import WireError
from cabinet.wire.strict import canonical, strict_json, surely_strict

_T = TypeVar("_T")

LINE_BYTES_MAX: Final = 4096
"""A line with its line feed."""

Typ = Literal[
    "adc-event+jws", "adc-directive+jws", "adc-head+jws", "adc-genesis+jws", "adc-root+jws"
]
TYPS: Final[tuple[Typ, ...]] = (
    "adc-event+jws",
    "adc-directive+jws",
    "adc-head+jws",
    "adc-genesis+jws",
    "adc-root+jws",
)

Digest = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{43}\Z")]
"""Base64url of a SHA-256."""
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"\A[ -~]+\Z")]
"""A cabinet's id: 1 to 64 printable ASCII characters."""
LineType = Annotated[str, msgspec.Meta(max_length=64, pattern=r"\A[a-z][a-z_]*(\.[a-z_]+)*\Z")]
"""What a line says, `release.intent`."""
Natural = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Ordinal = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
Board = Annotated[str, msgspec.Meta(pattern=r"\A(0|[1-9][0-9]?)\Z")]
Place = tuple[Ordinal, Natural]
"""(epoch, seq); seq 0 is the place of the genesis."""


class UpPayload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a line of `up` says (WIRE 1). Milliseconds in `mono`, seconds since 1970 in `wall`."""

    v: Literal[1]
    log: Literal["up"]
    cab: Name
    ep: Ordinal
    seq: Ordinal
    prev: Digest
    type: LineType
    body: Digest
    wall: Natural | None
    clk: Literal["none", "floor", "ntp", "signed", "rtc"]
    boot: Natural
    mono: Natural
    ack: Place
    rel: Annotated[dict[Board, Natural], msgspec.Meta(max_length=32)]


class DnPayload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a line of `dn` says (WIRE 1); the pharmacy always knows the time, to the second."""

    v: Literal[1]
    log: Literal["dn"]
    cab: Name
    ep: Ordinal
    seq: Ordinal
    prev: Digest
    type: LineType
    body: Digest
    up_ack: Place
    wall: Natural | None = None


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """The outside of a line: well formed, not yet verified, its content not yet looked at.

    Attributes:
        raw: the line as received, without its line feed.
        typ: what kind of line it says it is; one of `TYPS`.
        kid: which key it says signed it.
        hash: base64url SHA-256 of the signing input; the next line's `prev` names it.
    """

    raw: bytes
    typ: Typ
    kid: str
    signing_input: bytes
    payload_bytes: bytes
    signature: bytes
    hash: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of one of the two logs: its envelope, and what it says."""

    envelope: Envelope
    payload: UpPayload | DnPayload

    @property
    def raw(self) -> bytes:
        """The line as received, without its line feed."""
        return self.envelope.raw

    @property
    def hash(self) -> str:
        """What the next line's `prev` must name."""
        return self.envelope.hash

    @property
    def place(self) -> tuple[int, int]:
        """(epoch, seq) in its own log."""
        return (self.payload.ep, self.payload.seq)


class Signer:
    """A private key with everything about it that is the same on every line."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key()
        self.kid = thumbprint(self.public_key)
        self._headers = {typ: b64.enc(header_bytes(self.kid, typ)).encode() for typ in TYPS}

    def sign(self, typ: Typ, payload: dict[str, Any]) -> bytes:
        """Sign one payload and return the line, ASCII, without its line feed.

        Raises:
            WireError: `json` or `size`: the payload is not one the other end could accept.
        """
        return self.sign_canonical(typ, canonical(payload))

    def sign_canonical(self, typ: Typ, payload: bytes) -> bytes:
        """Sign a payload that its writer vouches to be in RFC 8785 form already.

        Raises:
            WireError: `size`.
        """
        signing_input = self._headers[typ] + b"." + b64.enc(payload).encode()
        raw = signing_input + b"." + b64.enc(self._key.sign(signing_input)).encode()
        if len(raw) >= LINE_BYTES_MAX:
            raise WireError("size", f"The line would be {len(raw)} bytes; 4,095 are allowed.")
        return raw


def sign_line(key: Ed25519PrivateKey, typ: Typ, payload: dict[str, Any]) -> bytes:
    """Sign one line; whoever signs many keeps a `Signer`."""
    return Signer(key).sign(typ, payload)


def header_bytes(kid: str, typ: Typ) -> bytes:
    """The only header there is for this key and type."""
    return b'{"alg":"EdDSA","kid":"%s","typ":"%s"}' % (kid.encode(), typ.encode())


def signing_hash(signing_input: bytes) -> str:
    """Base64url SHA-256 of a signing input: what `prev` names."""
    return b64.enc(hashlib.sha256(signing_input).digest())


def thumbprint(key: Ed25519PublicKey) -> str:
    """The key's RFC 7638 thumbprint, which is its `kid`."""
    jwk = b'{"crv":"Ed25519","kty":"OKP","x":"%s"}' % b64.enc(key.public_bytes_raw()).encode()
    return b64.enc(hashlib.sha256(jwk).digest())


def open_envelope(raw: bytes) -> Envelope:
    """Look at the outside of a line: size, three parts, canonical base64url, header bytes.

    Raises:
        WireError: `size`, `parts`, `base64url` or `header`, in this order.
    """
    if len(raw) >= LINE_BYTES_MAX:
        raise WireError("size", f"The line is {len(raw)} bytes long; 4,095 are allowed.")
    parts = raw.split(b".")
    if len(parts) != 3:
        raise WireError("parts", "The line does not have the three parts of a JWS.")
    try:
        payload, signature = b64.dec(parts[1].decode("ascii")), b64.dec(parts[2].decode("ascii"))
        kid, typ = _read_header(parts[0].decode("ascii"))
    except UnicodeDecodeError as error:
        raise WireError("base64url", "The line holds bytes that are not ASCII.") from error
    if len(signature) != 64:
        raise WireError("signature", "The signature is not 64 bytes long.")
    signing_input = raw[: raw.rindex(b".")]
    return Envelope(
        raw=raw,
        typ=typ,
        kid=kid,
        signing_input=signing_input,
        payload_bytes=payload,
        signature=signature,
        hash=signing_hash(signing_input),
    )


def verify(envelope: Envelope, key: Ed25519PublicKey) -> None:
    """Check the signature with this key.

    Raises:
        WireError: `signature`.
    """
    try:
        key.verify(envelope.signature, envelope.signing_input)
    except InvalidSignature as error:
        raise WireError("signature", "The signature does not fit the line and the key.") from error


def read_payload(envelope: Envelope) -> Line:
    """Look at the inside of a line of either log: strict JSON, then its schema.

    Raises:
        WireError: `header` for heads and genesis lines, `json`, `schema`.
    """
    if envelope.typ == "adc-event+jws":
        return Line(envelope=envelope, payload=read_typed(envelope, UpPayload))
    if envelope.typ == "adc-directive+jws":
        return Line(envelope=envelope, payload=read_typed(envelope, DnPayload))
    raise WireError("header", f"A line of type {envelope.typ} belongs to no log.")


def open_line(raw: bytes) -> Line:
    """Read a line of either log without verifying it: for looking at evidence, not for trust.

    Raises:
        WireError: as `open_envelope` and `read_payload`.
    """
    return read_payload(open_envelope(raw))


def read_typed(envelope: Envelope, schema: type[_T]) -> _T:
    """Read a payload by its schema; strict JSON comes first.

    Raises:
        WireError: `json` or `schema`.
    """
    try:
        payload = msgspec.json.decode(envelope.payload_bytes, type=schema)
    except msgspec.DecodeError as error:
        strict_json(envelope.payload_bytes)
        raise WireError("schema", f"The line's fields are wrong: {error}.") from error
    if not surely_strict(envelope.payload_bytes, payload):
        strict_json(envelope.payload_bytes)
    return payload


@functools.lru_cache(maxsize=64)
def _read_header(text: str) -> tuple[str, Typ]:
    """Take `kid` and `typ` out by position and demand that nothing else is there."""
    header = b64.dec(text)
    kid = header[22:65].decode("ascii", "replace")
    for typ in TYPS:
        if header == header_bytes(kid, typ) and len(b64.dec(kid)) == 32:
            return kid, typ
    raise WireError("header", "The header is not exactly the one this format allows.")
