"""The one source of randomness in the cabinet: nonces, salts, handles, jitter.

Everything random is drawn through one `Ids`, so that a simulated ward draws the same numbers from
the same seed, and a search for randomness anywhere else in the cabinet finds nothing.
"""

import os
from collections.abc import Callable

from cabinet.wire.b64 import enc

NONCE_BYTES = 16
"""A challenge of 128 bits (WIRE 1, head)."""
SALT_BYTES = 16
"""The salt of a body (WIRE 1)."""


class Ids:
    """Draws bytes from the operating system, or from a source given by a simulator.

    Attributes:
        source: gives exactly `n` random bytes; os.urandom unless a seeded simulator says otherwise.
    """

    def __init__(self, source: Callable[[int], bytes] = os.urandom) -> None:
        self.source = source

    def nonce(self) -> bytes:
        """A fresh challenge for the pharmacy."""
        return self.source(NONCE_BYTES)

    def salt(self) -> bytes:
        """A fresh salt for one body."""
        return self.source(SALT_BYTES)

    def secret(self, size: int = 32) -> bytes:
        """Key material: a pepper, a private key of a simulated cabinet."""
        return self.source(size)

    def handle(self) -> str:
        """An opaque id of 96 bits, as text that may stand in a body."""
        return enc(self.source(12))

    def between(self, low: int, high: int) -> int:
        """A whole number, low <= n <= high; for jitter, never for secrets (it is a little uneven).

        Raises:
            ValueError: low is above high.
        """
        if low > high:
            raise ValueError(f"No number lies between {low} and {high}.")
        return low + int.from_bytes(self.source(8), "big") % (high - low + 1)
