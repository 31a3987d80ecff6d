"""Randomness that repeats, for simulated keys, ids and salts."""

import hashlib


class SeededBytes:
    """Repeatable bytes for ids, salts and keys of a simulated cabinet; never for real ones."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._drawn = 0

    def __call__(self, size: int) -> bytes:
        """The next `size` bytes."""
        out = b""
        while len(out) < size:
            self._drawn += 1
            out += hashlib.sha256(f"{self._seed}/{self._drawn}".encode()).digest()
        return out[:size]
