"""Base64url without padding, in its one canonical spelling (RFC 4648 section 5).

The last character of an encoded Ed25519 signature carries four bits that mean nothing, so lenient
decoders read sixteen spellings of one signature. Two spellings of one line would let a relay fake
the evidence of a fork; here every byte string has exactly one.
"""

import binascii

from cabinet.wire.errors import WireError

_URLSAFE = bytes.maketrans(b"+/", b"-_")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_PADDING = (b"", b"===", b"==", b"=")


def enc(data: bytes) -> str:
    """Spell bytes in base64url, without padding."""
    return binascii.b2a_base64(data, newline=False).translate(_URLSAFE, b"=").decode("ascii")


def dec(text: str) -> bytes:
    """Read the canonical spelling back.

    Raises:
        WireError: `base64url`, when any other spelling is given.
    """
    try:
        given = text.encode("ascii")
        spelled = given.translate(_STANDARD) + _PADDING[len(given) % 4]
        data = binascii.a2b_base64(spelled)
    except ValueError as error:
        raise WireError("base64url", "This is not base64url text.") from error
    if binascii.b2a_base64(data, newline=False).translate(_URLSAFE, b"=") != given:
        raise WireError("base64url", "This base64url text is not in its one canonical spelling.")
    return data
