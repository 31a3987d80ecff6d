"""Sealing: bytes that only one cabinet can read, by HPKE (RFC 9180).

X25519, HKDF-SHA-256, ChaCha20-Poly1305, base mode, from the `cryptography` library. PIN verifiers
travel so. `context` binds a sealed thing to its purpose and its owner (`credential <cab> <actor>`),
so one person's verifier cannot be moved to another's line.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from cabinet.wire.errors import WireError

SEALED_BYTES_MAX: Final = 4096

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def seal(key: X25519PublicKey, plaintext: bytes, context: bytes) -> bytes:
    """Seal bytes to the holder of a key; the result is 48 bytes longer than the plaintext."""
    return _SUITE.encrypt(plaintext, key, context)


def unseal(key: X25519PrivateKey, sealed: bytes, context: bytes) -> bytes:
    """Open what was sealed to this key for this context.

    Raises:
        WireError: `seal`: too long, changed on the way, for another key, or for another context.
    """
    if len(sealed) > SEALED_BYTES_MAX:
        raise WireError("seal", f"The sealed bytes are {len(sealed)} long; 4,096 are allowed.")
    try:
        return _SUITE.decrypt(sealed, key, context)
    except (InvalidTag, ValueError) as error:
        raise WireError("seal", "The sealed bytes do not open with this key.") from error
