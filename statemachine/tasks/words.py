"""The words of a session's table: its events, its groups of events, and makers of phases."""

from statemachine.table import Phase

KEYS = (
    "key number",
    "key 0",
    "key #",
    "key *",
    "key A",
    "key B",
    "key C",
    "key D",
)
"""The sixteen keys as a table sees them: 1 to 9 choose lines and are one event."""
PIN = ("pin digits", "pin entered")
CHECKED = ("credential right", "credential wrong")
SCANS = ("pack", "band", "ticket", "unreadable")
FROM_DRAWER = (
    "drawer opened",
    "drawer closed",
    "drawer expired",
    "drawer jammed",
    "drawer refused",
    "drawer indeterminate",
    "drawer stopped",
)
FROM_HOUSE = ("idle", "ward changed", "lease free", "moved")

EVENTS = ("badge", *PIN, *CHECKED, *KEYS, "number", *SCANS, *FROM_DRAWER, *FROM_HOUSE, "go")

PERSON = frozenset({"badge", *PIN, *CHECKED, *KEYS, "number", *SCANS})
"""What people and their things do: always possible; what means nothing ticks."""
_HOUSE = frozenset(FROM_HOUSE)
_DRAWER = frozenset(FROM_DRAWER)
_GO = frozenset({"go"})


def resting(name: str, why: str) -> Phase:
    """A phase with no drawer in hand: a drawer has nothing to say to it."""
    return Phase(name=name, why=why, ignored=PERSON | _HOUSE, impossible=_DRAWER | _GO)


def visiting(name: str, why: str) -> Phase:
    """A phase with a drawer in hand: nobody signs in elsewhere meanwhile."""
    return Phase(
        name=name,
        why=why,
        ignored=PERSON | (_HOUSE - {"moved"}),
        impossible=_DRAWER | _GO | {"moved"},
    )


def deciding(name: str, why: str) -> Phase:
    """A phase that only decides where to go, in the turn that enters it."""
    return Phase(
        name=name,
        why=why,
        ignored=frozenset(),
        impossible=frozenset(EVENTS) - _GO,
        decides=True,
    )
