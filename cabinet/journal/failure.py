"""When the disk fails: one error, one sentence, and no second try that is believed.

A failed fsync may have lost pages that the operating system now believes are clean. So after any
fault of the disk nothing is retried on the open files: the journal is dead until it was opened anew
and verified (F17, F18), and whoever wanted to record knows that nothing was.
"""

from typing import Literal

import apsw

Cause = Literal["full", "read only", "disk", "damaged", "busy", "version", "read back", "behind"]

_SENTENCES: dict[Cause, str] = {
    "full": "The disk is full. Nothing was recorded and no drawer was released."
    " Free space or change the card; drawers open by key meanwhile.",
    "read only": "The disk can only be read. Nothing was recorded and no drawer was released."
    " Change the card; drawers open by key meanwhile.",
    "disk": "The disk failed while writing. What was being recorded is not trusted and no drawer"
    " was released. Change the card if this stays; drawers open by key meanwhile.",
    "damaged": "The journal on the disk is damaged. No drawer was released. Run"
    " `cabinet log verify` on it and keep it: it is evidence.",
    "busy": "Another program holds the journal. Nothing was recorded and no drawer was released."
    " Stop the other program.",
    "version": "The journal was written by a newer version of this program. It was left untouched."
    " Install that version again.",
    "read back": "What the disk gave back is not what was written. Nothing of it is trusted and no"
    " drawer was released. Change the card.",
    "behind": "The disk works again, but holds lines that were never confirmed. Restart the"
    " cabinet, so that it starts from what is written.",
}


class JournalFailed(Exception):  # noqa: N818 - a fault of the world, not a defect of ours
    """Nothing was recorded.

    Attributes:
        cause: which kind of failure, from a closed set.
        sentence: what happened, what is safe, what to do next.
    """

    def __init__(self, cause: Cause, detail: str = "") -> None:
        sentence = _SENTENCES[cause]
        super().__init__(f"{sentence} ({detail})" if detail else sentence)
        self.cause: Cause = cause
        self.sentence = sentence


class _DiskFaults:
    """A context without state: one for all, because it stands around every read of the gate."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        if isinstance(error, apsw.Error):
            raise JournalFailed(_cause(error), type(error).__name__) from error
        if isinstance(error, OSError):
            raise JournalFailed("disk", error.strerror or "") from error


_DISK_FAULTS = _DiskFaults()


def disk_faults() -> _DiskFaults:
    """A context that turns whatever SQLite says of the disk into `JournalFailed`."""
    return _DISK_FAULTS


def _cause(error: apsw.Error) -> Cause:
    if isinstance(error, apsw.FullError):
        return "full"
    if isinstance(error, apsw.ReadOnlyError | apsw.PermissionsError):
        return "read only"
    if isinstance(error, apsw.CorruptError | apsw.NotADBError):
        return "damaged"
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return "busy"
    return "disk"
