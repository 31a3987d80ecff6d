"""What is said of trouble: lost readings once a minute at most (F15), defects without content."""

import traceback

from statemachine.events import PartReported
from statemachine.instant import Instant

LOSS_QUIET_MS = 60_000
"""A part that lost readings counts as faulty until it has lost none for so long."""


class Losses:
    """Turns counts of dropped readings into reports on the part that sent too many."""

    def __init__(self) -> None:
        self._last_ms: dict[str, int] = {}

    def judge(self, lost: dict[str, int], at: Instant) -> tuple[PartReported, ...]:
        """What to report now.

        Args:
            lost: dropped readings by part (`scanner 1`, `drawer 3`, `inbox`) since the last call.
            at: now.
        """
        reports = []
        for part, number in lost.items():
            if part not in self._last_ms:
                reason = f"{number} readings dropped: more came than can be taken"
                reports.append(
                    PartReported(
                        at=at, part=part, working=False, reason=reason, drawer=drawer_of(part)
                    )
                )
            self._last_ms[part] = at.mono_ms
        for part, last_ms in sorted(self._last_ms.items()):
            if at.mono_ms - last_ms >= LOSS_QUIET_MS:
                del self._last_ms[part]
                reports.append(PartReported(at=at, part=part, working=True, drawer=drawer_of(part)))
        return tuple(reports)


def drawer_of(part: str) -> int | None:
    """The drawer a part name speaks of: `drawer 3` is 3; None for any other part."""
    name, _, number = part.partition(" ")
    return int(number) if name == "drawer" and number.isdigit() else None


def whereabouts(error: BaseException) -> str:
    """An exception for the log: its type and where it arose, never its words or values."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    last = frames[-1]
    return f"{type(error).__name__} at {last.filename.rpartition('/')[2]}:{last.lineno}"
