"""House-keeping when nobody stands at a panel: checkpoint, write-ahead log, the clock's floor.

None of it is needed for the next turn, so none of it may cost one: it is done at a tick, with all
panels empty, or once an hour if they never are. What fails is put off to the next tick.
"""

from cabinet.edge import CommittedLine, JournalPort
from cabinet.logs import Log
from cabinet.losses import whereabouts
from statemachine.instant import Instant
from statemachine.machines import IDLE_SESSION, Machines
from statemachine.ward import Ward
from statemachine.ward.fold import fold
from statemachine.ward.stamps import stamp_now

FLOOR_EVERY_MS = 600_000
"""How often the clock's floor is written."""
BUSY_MS_MAX = 3_600_000
"""A cabinet that is never left alone for so long is kept in order all the same."""

log = Log("cabinet.upkeep")


class Upkeep:
    """Keeps one journal in order."""

    def __init__(self, journal: JournalPort) -> None:
        self._journal = journal
        self._kept_ms = 0
        self._floor_ms = 0

    def keep(
        self, ward: Ward, machines: Machines, at: Instant
    ) -> tuple[Ward, CommittedLine | None]:
        """Do what is due; the ward with the checkpoint's line folded, and that line."""
        alone = all(session.state == IDLE_SESSION for session in machines.panels.values())
        if not alone and at.mono_ms - self._kept_ms < BUSY_MS_MAX:
            return ward, None
        self._kept_ms = at.mono_ms
        try:
            return self._keep(ward, at)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next tick tries again
            log.warning("house-keeping put off", why=whereabouts(error))
            return ward, None

    def _keep(self, ward: Ward, at: Instant) -> tuple[Ward, CommittedLine | None]:
        if at.mono_ms - self._floor_ms >= FLOOR_EVERY_MS:
            self._floor_ms = at.mono_ms
            self._journal.keep_floor(at.lo_s)
        self._journal.tidy()
        if not self._journal.checkpoint_due:
            return ward, None
        stamp = stamp_now(ward, at)
        line = self._journal.checkpoint(ward, at)
        return fold(ward, line.entry, stamp, "up"), line
