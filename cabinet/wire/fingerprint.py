"""The fingerprint of a cabinet: words that two people can compare over a telephone.

Eight proquints (consonant, vowel, consonant, vowel, consonant: sixteen bits each) of the SHA-256 of
both public keys: 128 bits, beyond anybody who would make keys to match. Both ends compute it from
the keys themselves, so what is compared is the keys and not a text that came along with them.
"""

import hashlib
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

WORDS: Final = 8
_CONSONANTS: Final = "bdfghjklmnprstvz"
_VOWELS: Final = "aiou"


def fingerprint(sign: Ed25519PublicKey, seal: X25519PublicKey) -> str:
    """Eight words for the key that signs and the key that is sealed to."""
    digest = hashlib.sha256(sign.public_bytes_raw() + seal.public_bytes_raw()).digest()
    return " ".join(
        _word(int.from_bytes(digest[place : place + 2], "big")) for place in range(0, 2 * WORDS, 2)
    )


def _word(number: int) -> str:
    """Sixteen bits as five letters."""
    return (
        _CONSONANTS[number >> 12]
        + _VOWELS[number >> 10 & 3]
        + _CONSONANTS[number >> 6 & 15]
        + _VOWELS[number >> 4 & 3]
        + _CONSONANTS[number & 15]
    )
