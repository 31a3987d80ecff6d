"""When a contact is believed: two-sided debounce (F3), pure.

A reed switch chatters for milliseconds when a drawer is shut hard, and a long wire picks up a
spark from the lock's own coil. So a level is believed only after it has held, without one edge, for
20 to 50 ms, in both directions: a drawer is neither thought shut too early (and locked on a finger)
nor thought opened by a spark.

Two more rules, both from "unknown is unsafe". Before the first level has held, the answer is None.
And a contact that never comes to rest is broken, not shut: after `UNSETTLED_MS` of chatter the
answer is None again, until it holds.

Edges are counted by whoever sees them first (an interrupt, or nobody); a sample says how many there
were since the last one, so that a pulse between two samples still restarts the wait.
"""

DEBOUNCE_MS_MIN = 20
"""Least time a level must hold."""
DEBOUNCE_MS_MAX = 50
"""Most; longer would miss the 100 ms in which a forced drawer must be reported (F6)."""
UNSETTLED_MS = 500
"""How long a contact may chatter before its level is unknown."""


class Debounce:
    """One contact.

    Args:
        hold_ms: how long a level must hold, 20 to 50 ms.

    Raises:
        ValueError: `hold_ms` outside the bounds.
    """

    __slots__ = ("_candidate", "_disturbed_ms", "_held_since_ms", "_hold_ms", "level", "readable")

    def __init__(self, hold_ms: int) -> None:
        if not DEBOUNCE_MS_MIN <= hold_ms <= DEBOUNCE_MS_MAX:
            raise ValueError(
                f"A debounce of {hold_ms} ms is not between {DEBOUNCE_MS_MIN} and "
                f"{DEBOUNCE_MS_MAX} ms."
            )
        self._hold_ms = hold_ms
        self._candidate: bool | None = None
        self._held_since_ms = 0
        self._disturbed_ms: int | None = None
        self.level: bool | None = None
        """The level that is believed, or None: not known."""
        self.readable = True
        """Whether the last look could read the line at all."""

    def sample(self, mono_ms: int, level: bool | None, edges: int = 0) -> bool:
        """Take one look.

        Args:
            mono_ms: the tick of this look.
            level: what the line shows now; None when it could not be read.
            edges: edges seen since the last look, this level's own included.

        Returns:
            Whether the believed level changed.
        """
        before = self.level
        self.readable = level is not None
        if level is None:
            self._candidate = None
            self._disturbed_ms = None
            self.level = None
            return before is not None
        if level != self._candidate or edges:
            if self._disturbed_ms is None:
                self._disturbed_ms = mono_ms
            self._candidate = level
            self._held_since_ms = mono_ms
        if mono_ms - self._held_since_ms >= self._hold_ms:
            self._disturbed_ms = None
            self.level = level
        elif self._disturbed_ms is not None and mono_ms - self._disturbed_ms >= UNSETTLED_MS:
            self.level = None
        return self.level is not before
