"""The journal: see `cabinet.journal.journal`."""

from cabinet.journal.failure import JournalFailed
from cabinet.journal.journal import Journal
from cabinet.journal.lines import CommittedLine, StoredLine
from cabinet.journal.reading import Committed, Evidence, OpenedIntent, Receipt, Tip

__all__ = [
    "Committed",
    "CommittedLine",
    "Evidence",
    "Journal",
    "JournalFailed",
    "OpenedIntent",
    "Receipt",
    "StoredLine",
    "Tip",
]
