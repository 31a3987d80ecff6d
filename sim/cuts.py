"""Power cuts at chosen instants: before or after a thing is recorded, or sent.

The product knows nothing of this. The simulated composition hands it a journal that is the real one
with two looks around `append`, a world with two looks around `lease`, and a network with two looks
around the post; each look may raise `PowerCut`, and the cabinet is gone.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from cabinet.journal import CommittedLine, Journal, JournalFailed
from cabinet.wire.accept import Appended
from sim.world import PowerCut
from statemachine.instant import Instant
from statemachine.ward.drawers import DrawerOpened, ReleaseExpired, ReleaseIntent, ReleaseJammed
from statemachine.ward.entry import Entry
from statemachine.ward.orders import RemovalRecorded
from statemachine.ward.stock import CountRecorded

KINDS: Final[Mapping[str, tuple[type[Entry], ...]]] = {
    "intent": (ReleaseIntent,),
    "opening": (DrawerOpened,),
    "outcome": (RemovalRecorded, CountRecorded, ReleaseExpired, ReleaseJammed),
}
"""Which entries a scenario means by its words; a lease is no entry."""


DiskFault = Literal["full", "read only"]


class Cuts:
    """What is armed; each fires once."""

    def __init__(self) -> None:
        self._armed: list[tuple[str, str, str]] = []

    def arm(self, moment: str, what: str, how: str) -> None:
        """Cut the power `before` or `after` the next `what` is `recorded` or `sent`.

        A lease is never recorded and goes to a lock: both words mean that it is given. The intent,
        the opening and the outcome are sent to the pharmacy.
        """
        self._armed.append((moment, what, "recorded" if what == "lease" else how))

    @property
    def armed(self) -> tuple[str, ...]:
        """What has not fired yet, in words."""
        return tuple(" ".join(one) for one in self._armed)

    def look(self, moment: str, what: str, how: str) -> None:
        """Somebody is at this instant.

        Raises:
            PowerCut: it was armed.
        """
        if (moment, what, how) in self._armed:
            self._armed.remove((moment, what, how))
            raise PowerCut(f"{moment} the {what} was {how}")

    def look_at(self, moment: str, entries: Sequence[Entry], how: str) -> None:
        """The same for entries that are about to be, or were, recorded."""
        for entry in entries:
            for what, types in KINDS.items():
                if isinstance(entry, types):
                    self.look(moment, what, how)

    def look_at_types(self, moment: str, types: Sequence[str], how: str) -> None:
        """The same for line types that are about to be, or were, sent."""
        for what, kinds in KINDS.items():
            if {kind.TYPE for kind in kinds} & set(types):
                self.look(moment, what, how)


class CuttableJournal(Journal):
    """The real journal, with a look before and after each commit."""

    cuts: Cuts | None = None
    disk: DiskFault | None = None

    def append(
        self, entries: Sequence[Entry], at: Instant, rel: Mapping[str, int] | None = None
    ) -> tuple[CommittedLine, ...]:
        """Record a turn, unless the power fails around it, or the disk does not take it."""
        self._disk_takes_it()
        if self.cuts is not None:
            self.cuts.look_at("before", entries, "recorded")
        lines = super().append(entries, at, rel)
        if self.cuts is not None:
            self.cuts.look_at("after", entries, "recorded")
        return lines

    def append_dn(self, accepted: Sequence[Appended]) -> None:
        """Store directives, unless the disk does not take them."""
        if accepted:
            self._disk_takes_it()
        super().append_dn(accepted)

    def _disk_takes_it(self) -> None:
        """A full or read-only disk says so; a lying one says yes (`SimulatedCabinet.cut_power`)."""
        if self.disk is not None:
            raise JournalFailed(self.disk)
