"""What fingers mean: key presses from key states, pure.

Two kinds of keypad, one rule each. A USB keypad reports each key on its own: a press counts at
once, autorepeat never. A matrix shows only which crossings conduct: with three keys down it shows a
fourth that nobody pressed, so with two or more down there is no key at all, and none until every
finger is off again.

Both: a key held longer than five seconds is stuck (F16). It is ignored and reported until it is let
go; the others go on working.
"""

STUCK_MS = 5_000
"""Held longer than this, a key is stuck (F16)."""
STEADY_MS = 20
"""How long a matrix must look the same before it is believed."""


class HeldKeys:
    """The keys of a USB keypad that are down, and since when."""

    def __init__(self) -> None:
        self._since_ms: dict[str, int] = {}
        self._stuck: set[str] = set()

    def press(self, mono_ms: int, key: str) -> bool:
        """A key went down. Returns whether it counts: not while it is down already."""
        if key in self._since_ms:
            return False
        self._since_ms[key] = mono_ms
        return True

    def let_go(self, key: str) -> bool:
        """A key came up. Returns whether it had been reported as stuck."""
        self._since_ms.pop(key, None)
        was_stuck = key in self._stuck
        self._stuck.discard(key)
        return was_stuck

    def newly_stuck(self, mono_ms: int) -> tuple[str, ...]:
        """Keys to be reported as stuck now; each once."""
        stuck = sorted(
            key
            for key, since_ms in self._since_ms.items()
            if key not in self._stuck and mono_ms - since_ms > STUCK_MS
        )
        self._stuck.update(stuck)
        return tuple(stuck)

    def forget(self) -> tuple[str, ...]:
        """The keypad is gone, or events were lost: nothing is held. Returns the stuck ones."""
        stuck = tuple(sorted(self._stuck))
        self._since_ms.clear()
        self._stuck.clear()
        return stuck


class MatrixKeys:
    """Key presses from looks at a matrix."""

    def __init__(self) -> None:
        self._seen: frozenset[str] = frozenset()
        self._seen_since_ms = 0
        self._since_ms: dict[str, int] = {}
        self._armed = False
        self._stuck: set[str] = set()

    def look(self, mono_ms: int, down: frozenset[str]) -> str | None:
        """Take one look at the whole matrix; returns the key that was pressed, if one was."""
        if down != self._seen:
            self._seen, self._seen_since_ms = down, mono_ms
        if mono_ms - self._seen_since_ms < STEADY_MS:
            return None
        self._since_ms = {key: self._since_ms.get(key, mono_ms) for key in down}
        live = down - self._stuck
        if not live:
            self._armed = True
            return None
        pressed = next(iter(live)) if len(live) == 1 and self._armed else None
        self._armed = False
        return pressed

    def stuck_and_freed(self, mono_ms: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(keys to be reported as stuck now, keys to be reported as well again)."""
        freed = {key for key in self._stuck if key not in self._since_ms}
        stuck = {
            key
            for key, since_ms in self._since_ms.items()
            if key not in self._stuck and mono_ms - since_ms > STUCK_MS
        }
        self._stuck = (self._stuck - freed) | stuck
        return tuple(sorted(stuck)), tuple(sorted(freed))
