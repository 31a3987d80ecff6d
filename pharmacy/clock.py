"""The pharmacy's one source of wall time and of randomness.

Everything else is handed a `Clock`. The server runs on `SystemClock`; the simulator passes one of
virtual time and a seeded generator, so that the same ward lives through the same night twice.
"""

import secrets
import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Wall time in seconds since 1970, and bytes nobody can guess."""

    def now_s(self) -> int:
        """Return the wall time in whole seconds since 1970."""
        ...

    def random_bytes(self, length: int) -> bytes:
        """Return `length` unpredictable bytes (keys, salts, opaque ids, nonces)."""
        ...


class SystemClock:
    """The machine's own clock and the operating system's randomness."""

    def now_s(self) -> int:
        """Return the machine's wall time in whole seconds since 1970."""
        return int(time.time())

    def random_bytes(self, length: int) -> bytes:
        """Return bytes from the operating system's generator."""
        return secrets.token_bytes(length)


class ManualClock:
    """A clock that moves when told; tests and rehearsals use it. Thread-safe.

    Randomness is a counter hashed with a seed: repeatable, and never to be used for real keys.
    """

    def __init__(self, start_s: int, seed: int = 0) -> None:
        self._now_s = start_s
        self._seed = seed
        self._drawn = 0
        self._lock = threading.Lock()

    def now_s(self) -> int:
        """Return the time last set."""
        return self._now_s

    def advance(self, seconds: int) -> None:
        """Move on by `seconds`; negative steps are a fault to rehearse, and allowed."""
        with self._lock:
            self._now_s += seconds

    def random_bytes(self, length: int) -> bytes:
        """Return the next `length` bytes of the seeded sequence."""
        import hashlib

        out = b""
        with self._lock:
            while len(out) < length:
                self._drawn += 1
                out += hashlib.sha256(f"{self._seed}/{self._drawn}".encode()).digest()
        return out[:length]


def new_id(clock: Clock, prefix: str) -> str:
    """Return an opaque id: a letter for the kind and 80 random bits, `p3f0c...`.

    It says nothing of the person or thing it names, so it may stand in a log (WIRE 1).
    """
    return prefix + clock.random_bytes(10).hex()


def constant_time_equal(left: bytes, right: bytes) -> bool:
    """Compare secrets without telling by the time taken where they differ."""
    return secrets.compare_digest(left, right)
