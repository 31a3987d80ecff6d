"""How long to wait after a failure: longer each time, never longer than asked, never in step.

A pharmacy that comes back after a day must not be met by two hundred cabinets in the same second,
so the pause is drawn between half and all of the bound.
"""

from cabinet.ids import Ids

FIRST_MS = 1_000


class Backoff:
    """Pauses between tries, in milliseconds.

    Args:
        longest_ms: no pause is longer.
        ids: where the jitter comes from.
    """

    def __init__(self, longest_ms: int, ids: Ids) -> None:
        self._longest_ms = longest_ms
        self._ids = ids
        self._bound_ms = FIRST_MS

    def failed(self) -> int:
        """The pause after one more failure: half of the bound to all of it; the bound doubles."""
        bound_ms = min(self._bound_ms, self._longest_ms)
        self._bound_ms = min(self._bound_ms * 2, self._longest_ms)
        return self._ids.between(bound_ms // 2, bound_ms)

    def worked(self) -> None:
        """Forget the failures."""
        self._bound_ms = FIRST_MS
