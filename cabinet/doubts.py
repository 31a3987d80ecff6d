"""Doubts about the pharmacy, or about our own journal, told to people once and not every second.

A refused answer comes again with every try. The first one of its kind becomes a report on the part
`pharmacy` (or the fault `rolled back`, when it is our own disk); the same again is silence; an
answer that is good again ends it.
"""

from collections.abc import Callable

from cabinet.clock import Clock
from statemachine.events import Event, PartReported

OWN = frozenset({"our journal went back"})
"""Doubts that an answer cannot end: only a person can (WIRE 2)."""
ROLLED_BACK = "rolled back"
"""The fault that the mode's table knows our own old journal by."""


class Doubts:
    """Turns outcomes of the sync into reports.

    Args:
        handle: takes the reports; the controller's.
    """

    def __init__(self, clock: Clock, handle: Callable[[Event], None]) -> None:
        self._clock = clock
        self._handle = handle
        self._code = ""
        self._own = False

    def judge(self, code: str, sentence: str) -> None:
        """Take one outcome: `ok`, or why an answer was refused and the sentence for people."""
        if code in OWN:
            if not self._own:
                self._own = True
                self._report(ROLLED_BACK, working=False, reason=sentence)
        elif code == "ok":
            if self._code:
                self._code = ""
                self._report("pharmacy", working=True)
        elif code != self._code:
            self._code = code
            self._report("pharmacy", working=False, reason=sentence)

    def _report(self, part: str, *, working: bool, reason: str = "") -> None:
        at = self._clock.now()
        self._handle(PartReported(at=at, part=part, working=working, reason=reason[:200]))
