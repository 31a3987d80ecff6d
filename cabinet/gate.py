"""The release gate: the last look before a lock is energised, and the only caller of a lease.

It knows nothing of tables, sessions or rules. Whatever they decided, the decision stands in a line,
and from the committed rows, decoded anew, five facts are checked here once more:

1. the intent is durable: committed, unended, and of this drawer, length and boot's epoch;
2. the staff line it names is the last word on that person and does not revoke them, or the intent
   is the emergency's and names its authority;
3. the order line it names is the last word on that order, neither stopped nor rejected, and is for
   the intent's patient; or the authority it names is one that needs no order;
4. the drawer is known closed, by its sensors, now, and the intent's pocket is in it;
5. no other lease rules it out: another intent under way in this drawer or at this panel. A drawer
   left open from an ended session blocks only itself; emergency drawers do not wait for each other.

Any doubt is a refusal with its sentence, and the drawer stays locked. A line accepted from the
pharmacy counts from that moment, applied or not (I13).
"""

from typing import Final

from cabinet.journal import Committed, Journal
from cabinet.journal.subjects import merged, order, pocket, staff
from hal.ports import LEASE_MS_MAX, Locks
from statemachine.ward.drawers import ReleaseIntent
from statemachine.ward.entry import Entry, LineRef
from statemachine.ward.orders import Order
from statemachine.ward.patients import PatientMerge
from statemachine.ward.people import Staff
from statemachine.ward.stock import Pocket

AUTHORITIES: Final = {
    "count": ("count", "commissioning"),
    "recover": ("recover",),
    "override": ("override",),
    "emergency": ("emergency",),
}
"""What may stand in an order's place, by the purpose of the release (RULES 5)."""
MERGES_MAX: Final = 8  # records merged one into another, followed to the one that lives on


class GateRefused(Exception):  # noqa: N818 - a refusal, not a defect
    """The gate did not let a lease pass; the drawer stays locked. `reason` is a sentence."""

    reason = property(str)


class Gate:
    """Stands between every decision and the locks."""

    def __init__(self, journal: Journal, locks: Locks) -> None:
        self._journal = journal
        self._locks = locks

    def release(self, drawer: int, intent_seq: int, lease_ms: int) -> None:
        """Check the five facts and give the lease.

        Raises:
            GateRefused: a fact does not hold; the drawer stays locked.
            LeaseDenied, HardwareFault: the lock did not take the lease (`hal.ports`).
            JournalFailed: the rows cannot be read; the drawer stays locked.
        """
        try:
            with self._journal.committed() as rows:
                intent = self._intent(rows, drawer, intent_seq, lease_ms)
                self._staff(rows, intent)
                self._order_or_authority(rows, intent)
                self._drawer(rows, intent)
                self._alone(rows, intent, intent_seq)
        except ValueError as error:
            raise GateRefused(str(error)) from error
        self._locks.lease(drawer, lease_ms, intent_seq)

    def _intent(self, rows: Committed, drawer: int, seq: int, lease_ms: int) -> ReleaseIntent:
        intent = rows.entry("up", self._here(seq))
        if not isinstance(intent, ReleaseIntent):
            raise GateRefused("No intent was written down for this release.")
        _demand(intent.drawer == drawer, "The intent is for another drawer.")
        fits = lease_ms == intent.lease_ms and 1 <= lease_ms <= LEASE_MS_MAX
        _demand(fits, "The intent is for another time, or for too long.")
        return intent

    def _staff(self, rows: Committed, intent: ReleaseIntent) -> None:
        if intent.purpose == "emergency" and not intent.actor:
            return  # The button: nobody signs in, and fact 3 demands its authority.
        person = _current(rows, staff(intent.actor), intent.staff_line)
        _demand(
            isinstance(person, Staff) and person.actor == intent.actor and not person.revoked,
            "This person's record changed or was withdrawn. Sign in again.",
        )

    def _order_or_authority(self, rows: Committed, intent: ReleaseIntent) -> None:
        if intent.purpose != "remove":
            named = intent.authority in AUTHORITIES.get(intent.purpose, ())
            _demand(named and not intent.order_line, "The intent names no order and no authority.")
            return
        found = _current(rows, order(intent.order), intent.order_line)
        if not isinstance(found, Order) or found.order != intent.order:
            raise GateRefused("The order changed or was stopped. Choose the dose again.")
        _demand(found.verdict != "rejected", "The pharmacist rejected this order.")
        same = found.patient == intent.patient or (
            _living(rows, found.patient) == _living(rows, intent.patient)
        )
        _demand(same and intent.patient != "", "The order is for another patient.")

    def _drawer(self, rows: Committed, intent: ReleaseIntent) -> None:
        place = _last(rows, pocket(intent.pocket))
        inside = isinstance(place, Pocket) and place.drawer == intent.drawer
        whole_drawer = not intent.pocket and intent.purpose != "remove"
        _demand(inside or whole_drawer, "The pocket is not in this drawer.")
        closed, _locked = self._locks.read(intent.drawer)
        _demand(closed is True, "The drawer is not known to be closed.")

    def _alone(self, rows: Committed, intent: ReleaseIntent, seq: int) -> None:
        me = self._here(seq)
        others = rows.intents()
        unused = any(other.ref == me and not other.opened for other in others)
        _demand(unused, "This intent was used already, or has ended.")
        for other in (other for other in others if other.ref != me):
            _demand(other.drawer != intent.drawer, "This drawer is still in use.")
            both_emergency = other.purpose == intent.purpose == "emergency"
            apart = other.panel != intent.panel or other.left or both_emergency
            _demand(apart, "Another drawer is in use at this panel.")

    def _here(self, seq: int) -> LineRef:
        return (self._journal.tip("up").ep, seq)


def _last(rows: Committed, subject: str) -> Entry | None:
    return (rows.latest(subject) or (None, None))[1]


def _current(rows: Committed, subject: str, named: LineRef | None) -> Entry | None:
    """The entry of the line an intent names, if it is the last word on its subject."""
    place, entry = rows.latest(subject) or (None, None)
    return entry if place == named else None


def _living(rows: Committed, patient: str) -> str:
    for _ in range(MERGES_MAX):
        merge = _last(rows, merged(patient))
        if not isinstance(merge, PatientMerge):
            return patient
        patient = merge.patient
    raise GateRefused("The patient's record was merged too often to follow.")


def _demand(fact: bool, reason: str) -> None:
    if not fact:
        raise GateRefused(reason)
