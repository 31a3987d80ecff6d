"""How lines change the chapter of people: staff, badges, wrong PINs, sessions, parked rounds.

Wrong PINs are counted here and nowhere else, from `session.refused` lines that say `counted`; so
they survive a power cut by themselves. A try inside the delay is journalled uncounted. A stranger
(no known actor) never touches a person: their failures have a counter of their own (RULES 2).
"""

from collections.abc import Callable, Mapping
from typing import Any

from immutables import Map
from msgspec.structs import replace

from statemachine.ward.entry import Entry, Stamp
from statemachine.ward.house import Boot
from statemachine.ward.maps import without
from statemachine.ward.people import (
    Credential,
    Handover,
    People,
    Person,
    Round,
    SessionClosed,
    SessionOpened,
    SessionParked,
    SessionRefused,
    Staff,
)
from statemachine.ward.stock import Retire

WRONG_PINS_TO_LOCK = 10
"""After so many wrong PINs only a new credential lets the person in again (RULES 2)."""


def fold_people(people: People, entry: Entry, stamp: Stamp) -> People:
    """The chapter after one line; the same chapter when the line is not about people."""
    how = _FOLDS.get(type(entry))
    return people if how is None else how(people, entry, stamp)


def _staff(people: People, entry: Staff, stamp: Stamp) -> People:
    before = people.persons.get(entry.actor)
    if before is None:
        person = Person(staff=entry, staff_line=stamp.line)
    else:
        person = replace(before, staff=entry, staff_line=stamp.line)
    rounds = without(people.rounds, entry.actor) if entry.revoked else people.rounds
    return replace(people, persons=people.persons.set(entry.actor, person), rounds=rounds)


def _credential(people: People, entry: Credential, _stamp: Stamp) -> People:
    before = people.credentials.get(entry.actor)
    badges, credentials = people.badges, people.credentials
    if entry.withdrawn:
        if badges.get(entry.badge) == entry.actor:
            badges = badges.delete(entry.badge)
        if before is not None and before.badge == entry.badge:
            credentials = credentials.delete(entry.actor)
        return replace(people, badges=badges, credentials=credentials)
    if before is not None and badges.get(before.badge) == entry.actor:
        badges = badges.delete(before.badge)
    changed = replace(
        people,
        badges=badges.set(entry.badge, entry.actor),
        credentials=credentials.set(entry.actor, entry),
    )
    # The same verifier sent twice is no new credential: a locked person stays locked.
    fresh = before is None or before.sealed != entry.sealed
    return _forgive(changed, entry.actor) if fresh else changed


def _forgive(people: People, actor: str) -> People:
    person = people.persons.get(actor)
    if person is None or (person.failures == 0 and not person.locked):
        return people
    person = replace(person, failures=0, failed_boot=0, failed_mono_ms=0, locked=False)
    return replace(people, persons=people.persons.set(actor, person))


def _refused(people: People, entry: SessionRefused, stamp: Stamp) -> People:
    if not entry.counted:
        return people
    person = people.persons.get(entry.actor) if entry.actor is not None else None
    if person is None or entry.actor is None:
        return replace(
            people,
            stranger_failures=people.stranger_failures + 1,
            stranger_failed_boot=stamp.boot,
            stranger_failed_mono_ms=stamp.mono_ms,
        )
    failures = person.failures + 1
    person = replace(
        person,
        failures=failures,
        failed_boot=stamp.boot,
        failed_mono_ms=stamp.mono_ms,
        locked=person.locked or failures >= WRONG_PINS_TO_LOCK,
    )
    return replace(people, persons=people.persons.set(entry.actor, person))


def _opened(people: People, entry: SessionOpened, stamp: Stamp) -> People:
    people = replace(people, panels=people.panels.set(entry.panel, entry.actor))
    if entry.resumed:
        # A tap proves less than a PIN: it neither forgives nor prolongs the half hour.
        return replace(people, rounds=without(people.rounds, entry.actor))
    people = _forgive(people, entry.actor)
    return replace(
        people,
        pin_at=people.pin_at.set(entry.actor, (stamp.boot, stamp.mono_ms)),
        stranger_failures=0,
    )


def _leave(people: People, panel: int, actor: str) -> People:
    if people.panels.get(panel) != actor:
        return people
    return replace(people, panels=people.panels.delete(panel))


def _parked(people: People, entry: SessionParked, stamp: Stamp) -> People:
    pin_boot, pin_mono_ms = people.pin_at.get(entry.actor, (0, 0))
    parked = Round(
        actor=entry.actor,
        parked_boot=stamp.boot,
        parked_mono_ms=stamp.mono_ms,
        parked_wall_s=stamp.wall_lo_s,
        patient=entry.patient,
        pin_mono_ms=pin_mono_ms,
        pin_boot=pin_boot,
        done=entry.done,
    )
    people = _leave(people, entry.panel, entry.actor)
    return replace(people, rounds=people.rounds.set(entry.actor, parked))


def _closed(people: People, entry: SessionClosed, _stamp: Stamp) -> People:
    people = _leave(people, entry.panel, entry.actor)
    return replace(people, rounds=without(people.rounds, entry.actor))


def _handover(people: People, entry: Handover, _stamp: Stamp) -> People:
    return replace(people, panels=people.panels.set(entry.panel, entry.to))


def _boot(people: People, _entry: Boot, _stamp: Stamp) -> People:
    # Nobody is signed in after a restart, whatever the last line before it said.
    return replace(people, panels=Map())


def _retire(people: People, entry: Retire, _stamp: Stamp) -> People:
    if entry.kind != "staff":
        return people
    gone = frozenset(entry.ids)
    persons, credentials, rounds = people.persons, people.credentials, people.rounds
    for actor in entry.ids:
        persons, credentials = without(persons, actor), without(credentials, actor)
        rounds = without(rounds, actor)
    badges = people.badges
    for badge, actor in people.badges.items():
        if actor in gone:
            badges = badges.delete(badge)
    return replace(people, persons=persons, badges=badges, credentials=credentials, rounds=rounds)


_FOLDS: Mapping[type[Entry], Callable[[People, Any, Stamp], People]] = {
    Staff: _staff,
    Credential: _credential,
    SessionRefused: _refused,
    SessionOpened: _opened,
    SessionParked: _parked,
    SessionClosed: _closed,
    Handover: _handover,
    Boot: _boot,
    Retire: _retire,
}
