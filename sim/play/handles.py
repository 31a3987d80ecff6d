"""Handles: the names a scenario gives to people, patients, products and orders, and what they are.

A log holds opaque ids only (WIRE 1), so nothing that a scenario says in words may become an id.
Handles are mapped to ids made from the scenario's seed, and back when a step asks what the log says
about `"Nina"`.
"""

import hashlib
import re

from sim.play.registry import StepFailed

_KINDS = ("staff", "patient", "product", "order")


class Handles:
    """Names of one scenario.

    Args:
        seed: makes ids differ from run to run, and equal for equal seeds.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._ids: dict[tuple[str, str], str] = {}

    def new(self, kind: str, handle: str) -> str:
        """An opaque id for a handle; the same handle keeps its id."""
        key = (kind, plain(handle))
        if key not in self._ids:
            digest = hashlib.sha256(f"{self._seed}/{kind}/{key[1]}".encode()).hexdigest()
            self._ids[key] = kind[0] + digest[:20]
        return self._ids[key]

    def bind(self, kind: str, handle: str, opaque: str) -> None:
        """Let a handle mean an id that somebody else made."""
        self._ids[(kind, plain(handle))] = opaque

    def get(self, kind: str, handle: str) -> str:
        """The id of a handle.

        Raises:
            StepFailed: nobody introduced it, with those that were.
        """
        found = self.find(kind, handle)
        if found is None:
            known = sorted(name for of, name in self._ids if of == kind)
            raise StepFailed(
                f'there is no {kind} "{handle}" in this scenario; '
                f"known are: {', '.join(known) or 'none'}."
            )
        return found

    def find(self, kind: str, handle: str) -> str | None:
        """The id of a handle, or None."""
        return self._ids.get((kind, plain(handle)))

    def meanings(self, text: str) -> tuple[str, ...]:
        """All a text of a step may stand for in a log: itself, and the ids it is a handle of."""
        ids = [
            self._ids[(kind, plain(text))] for kind in _KINDS if (kind, plain(text)) in self._ids
        ]
        return (text, *ids)

    def named(self, text: str) -> str:
        """The same text with the ids in it replaced by handles, for people to read."""
        back = {opaque: name for (_, name), opaque in self._ids.items()}
        return re.sub(r"[a-z][0-9a-f]{20}", lambda found: back.get(found[0], found[0]), text)


def plain(text: str) -> str:
    """A handle without differences that nobody means: spaces and case."""
    return " ".join(text.split()).casefold()
