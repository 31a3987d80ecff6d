"""The journal: see `cabinet.journal.journal`."""

from cabinet.journal.failure import JournalFailed
from cabinet.journal.journal import Journal
from cabinet.journal.lines import CommittedLine, StoredLine
from cabinet.journal.reading import Evidence, OpenedIntent, Receipt, Tip

__all__ = [
    "CommittedLine",
    "Evidence",
    "Journal",
    "JournalFailed",
    "OpenedIntent",
    "Receipt",
    "StoredLine",
    "Tip",
]
