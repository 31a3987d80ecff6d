"""A body: what a line says, kept beside it and named by its digest.

The digest covers a random salt and the JSON bytes, so a name cannot be guessed from it, and a body
can be forgotten while the chain of lines still holds. The record is
`~<digest>.<salt>.<base64url of the JSON bytes>`, at most 64 KiB.
"""

import hashlib
from typing import Final

import msgspec

from cabinet.wire import b64
from cabinet.wire.errors import WireError

BODY_BYTES_MAX: Final = 65_536
"""A body record, without its line feed."""
SALT_BYTES: Final = 16


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A body whose digest has been checked. `data` is JSON; nobody has read it yet."""

    digest: str
    salt: bytes
    data: bytes


def body_digest(salt: bytes, data: bytes) -> str:
    """What a line names its body by: base64url SHA-256 of salt and JSON bytes."""
    return b64.enc(hashlib.sha256(salt + data).digest())


def seal_body(data: bytes, salt: bytes) -> tuple[str, str]:
    """Return (digest, record) for JSON bytes and 16 fresh random bytes.

    Raises:
        WireError: `size`, when the record would be longer than 64 KiB.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError("A body's salt is 16 bytes.")
    digest = body_digest(salt, data)
    record = f"~{digest}.{b64.enc(salt)}.{b64.enc(data)}"
    if len(record) > BODY_BYTES_MAX:
        raise WireError("size", f"The body would be {len(record)} bytes; 65,536 are allowed.")
    return digest, record


def claimed_digest(record: bytes) -> str:
    """Which body a record says it is; unchecked.

    Raises:
        WireError: `parts`.
    """
    if not record.startswith(b"~") or record[44:45] != b".":
        raise WireError("parts", "This is not a body record.")
    return record[1:44].decode("ascii", "replace")


def open_body(record: bytes) -> Body:
    """Read a body record and check its digest. The JSON inside is not looked at.

    Raises:
        WireError: `size`, `parts`, `base64url`, `body digest`.
    """
    if len(record) > BODY_BYTES_MAX:
        raise WireError("size", f"The body is {len(record)} bytes long; 65,536 are allowed.")
    parts = record.split(b".")
    if len(parts) != 3 or not record.startswith(b"~"):
        raise WireError("parts", "This is not a body record.")
    try:
        digest, salt, data = (
            parts[0][1:].decode("ascii"),
            *(b64.dec(part.decode("ascii")) for part in parts[1:]),
        )
    except UnicodeDecodeError as error:
        raise WireError("base64url", "The body record holds bytes that are not ASCII.") from error
    if len(salt) != SALT_BYTES:
        raise WireError("parts", "The salt of a body is not 16 bytes long.")
    if body_digest(salt, data) != digest:
        raise WireError("body digest", "The body is not the one its digest names.")
    return Body(digest=digest, salt=salt, data=data)
