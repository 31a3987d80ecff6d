"""Rules about the person: known, current, of this ward, allowed to take from drawers.

Privilege sets, not fixed roles (RULES 2). Revocation binds from receipt (I13). A person's validity
is a "not before" and a "not after"; with no trusted time neither is known, and then the nurse is
let in all the same if the window could hold: nobody is locked out because a clock is missing, and
whoever is let in stands in the log by name. What a wide interval cannot decide about *doses* is
asked then.
"""

from statemachine.instant import Instant
from statemachine.refusals import Reason, Refusal
from statemachine.rules.ask import Ask
from statemachine.ward import Ward
from statemachine.ward.people import Person

MAY_REMOVE = frozenset(
    {"nurse", "nurse in charge", "midwife", "agency", "odp", "anaesthetist"},
)
"""Privileges that may remove ordinary medicines for a patient."""

MAY_WITNESS = MAY_REMOVE | {"pharmacist", "technician", "witness only"}
"""Privileges that may sign as a second person. What a student may witness is decided per step."""

HAS_DRAWERS = MAY_REMOVE | {"pharmacist", "technician", "engineer", "student"}
"""Privileges with work at a cabinet: a student counts and looks, and removes nothing. Without any
of them one may witness, no more."""


def standing(ward: Ward, now: Instant, actor: str) -> Refusal | None:
    """Whether this person may be here at all: known, not revoked, this ward, within validity."""
    person = ward.people.persons.get(actor) if actor else None
    if person is None:
        return Refusal(reason=Reason.NOT_SIGNED_IN)
    staff = person.staff
    if staff.revoked or _out_of_validity(person, now):
        return Refusal(reason=Reason.REVOKED)
    if ward.house.ward not in staff.wards:
        return Refusal(reason=Reason.WRONG_WARD)
    return None


def _out_of_validity(person: Person, now: Instant) -> bool:
    valid_from_s, valid_to_s = person.staff.valid_from_s, person.staff.valid_to_s
    if now.decided:
        return (valid_from_s is not None and now.lo_s < valid_from_s) or (
            valid_to_s is not None and now.hi_s > valid_to_s
        )
    return (valid_from_s is not None and now.hi_s < valid_from_s) or (
        valid_to_s is not None and now.lo_s > valid_to_s
    )


def may(ward: Ward, actor: str, privileges: frozenset[str]) -> bool:
    """Whether this person holds one of these privileges."""
    person = ward.people.persons.get(actor)
    return person is not None and not privileges.isdisjoint(person.staff.privileges)


def may_be_second(ward: Ward, now: Instant, actor: str, second: str | None) -> bool:
    """Whether `second` may sign for what `actor` does: another person, with that privilege.

    Who made a temporary person and that person never witness each other (RULES 2).
    """
    if not second or second == actor or standing(ward, now, second) is not None:
        return False
    if not may(ward, second, MAY_WITNESS):
        return False
    mine, theirs = ward.people.persons.get(actor), ward.people.persons.get(second)
    return (
        mine is not None
        and theirs is not None
        and mine.staff.created_by != second
        and theirs.staff.created_by != actor
    )


def she_is_signed_in_here(ask: Ask) -> Refusal | None:
    """The person is signed in at this panel."""
    people = ask.ward.people
    if ask.actor and ask.actor in people.persons and people.panels.get(ask.panel) == ask.actor:
        return None
    return Refusal(reason=Reason.NOT_SIGNED_IN)


def she_is_valid_and_not_revoked(ask: Ask) -> Refusal | None:
    """The person's access holds now: not revoked, not before its start, not after its end."""
    refusal = standing(ask.ward, ask.now, ask.actor)
    return refusal if refusal is not None and refusal.reason is Reason.REVOKED else None


def she_works_on_this_ward(ask: Ask) -> Refusal | None:
    """The person is on this ward's list."""
    refusal = standing(ask.ward, ask.now, ask.actor)
    return refusal if refusal is not None and refusal.reason is Reason.WRONG_WARD else None


def her_privilege_allows_removing(ask: Ask) -> Refusal | None:
    """The person's privileges allow removing medicines."""
    if ask.actor not in ask.ward.people.persons or may(ask.ward, ask.actor, MAY_REMOVE):
        return None
    return Refusal(reason=Reason.PRIVILEGE)
