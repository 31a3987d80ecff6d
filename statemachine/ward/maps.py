"""Small help for immutable maps."""

from typing import TypeVar

from immutables import Map

K = TypeVar("K")
V = TypeVar("V")


def without(where: Map[K, V], key: K) -> Map[K, V]:
    """The map without the key; the same map when the key was never there."""
    return where.delete(key) if key in where else where
