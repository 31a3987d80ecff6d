"""Argon2id texts for PINs and page passwords, with a floor under their cost (WIRE 3).

The cost travels in the text, so a cabinet can check what another version made. A demonstration
uses a cheap cost, because dozens of sign-ins a second are simulated; a real pharmacy cannot.
"""

import msgspec
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from pharmacy.clock import Clock


class ArgonCost(msgspec.Struct, frozen=True, kw_only=True):
    """What one check costs: memory in KiB, passes over it, lanes."""

    memory_kib: int
    passes: int
    lanes: int = 1


REAL = ArgonCost(memory_kib=19_456, passes=2)
"""The floor, and what we use: 19 MiB and two passes (OWASP); about 0.1 s on a Raspberry Pi 4."""
DEMO = ArgonCost(memory_kib=64, passes=1)


def make(secret: str, clock: Clock, *, demo: bool) -> str:
    """Return the Argon2id text (PHC form) of a secret, with a fresh salt."""
    cost = DEMO if demo else REAL
    return Argon2id(
        salt=clock.random_bytes(16),
        length=32,
        iterations=cost.passes,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    ).derive_phc_encoded(secret.encode())


def fits(secret: str, text: str) -> bool:
    """Return whether a secret fits its text; takes the time its cost says either way."""
    try:
        Argon2id.verify_phc_encoded(secret.encode(), text)
    except InvalidKey:
        return False
    return True
