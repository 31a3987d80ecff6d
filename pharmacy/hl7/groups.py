"""Orders as they lie in a message: everything from one ORC to the next.

Before the first ORC stands the patient. A message without ORC (some senders of version 2.3) starts
an order at its first RXO, RXE, RXD, RXA or OBR. A second RXE under the same ORC begins an order of
its own, with a note that stops it: it has no number of its own.
"""

from pharmacy.hl7.facts import Note
from pharmacy.hl7.reading import Segment

STARTS = {"RXO", "RXE", "RXD", "RXA", "OBR"}
ORDERS_MAX = 500
"""Orders of one message; more are refused."""


class Group:
    """The segments of one order, in the order sent."""

    def __init__(self, segments: list[Segment], *, implied: bool) -> None:
        self.segments = segments
        self.implied = implied
        self.notes: list[Note] = []

    def first(self, name: str) -> Segment | None:
        """The first segment of that name."""
        return next((segment for segment in self.segments if segment.name == name), None)

    def every(self, name: str) -> list[Segment]:
        """All segments of that name."""
        return [segment for segment in self.segments if segment.name == name]

    def after(self, anchor: str, name: str) -> list[Segment]:
        """Segments of that name that follow the first `anchor` and precede RXD or RXA."""
        found, past = [], False
        for segment in self.segments:
            past = past or segment.name == anchor
            if past and segment.name in {"RXD", "RXA"}:
                break
            if past and segment.name == name:
                found.append(segment)
        return found

    def since(self, anchor: str) -> list[Segment]:
        """Every segment from the first `anchor` on."""
        names = [segment.name for segment in self.segments]
        return self.segments[names.index(anchor) :] if anchor in names else []

    def before(self, anchor: str, name: str) -> list[Segment]:
        """Segments of that name before the first `anchor` (all, when there is no anchor)."""
        found = []
        for segment in self.segments:
            if segment.name in {anchor, "RXD", "RXA"}:
                break
            if segment.name == name:
                found.append(segment)
        return found

    @property
    def pharmacy(self) -> bool:
        """Whether this is about a medicine at all (an OBR order is not)."""
        return any(s.name in {"RXO", "RXE", "RXD", "RXA"} for s in self.segments)


def groups(segments: list[Segment]) -> list[Group]:
    """Cut a message into its orders."""
    found: list[Group] = []
    current: Group | None = None
    for segment in segments:
        if segment.name == "ORC":
            current = Group([segment], implied=False)
            found.append(current)
        elif segment.name in STARTS and current is None:
            current = Group([segment], implied=True)
            found.append(current)
        elif segment.name == "RXE" and current is not None and current.first("RXE"):
            current = Group([segment], implied=True)
            current.notes.append(
                Note("RXE", 0, "Two encoded orders stand under one order number.", stop=True)
            )
            found.append(current)
        elif current is not None:
            current.segments.append(segment)
    return found
