"""The office: what every service works with, and the one way a service changes anything.

A service is a function of a `Unit`: one transaction with a session, the time it happened at, and
three things it may ask for beside changing rows: a directive to cabinets, a live update, something
for a person to see. Directives are collected and signed last, with each cabinet's head taken once
and in the order of their ids, so that two services can never wait for each other's heads.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from cabinet.wire.line import Signer
from pharmacy.clock import Clock
from pharmacy.db import AttentionRow, CabinetRow, ChangeCounterRow, Database, FactRow
from pharmacy.db.upsert import insert_missing, rows_of
from pharmacy.keys import Keys
from pharmacy.ledger.direct import Said, author
from pharmacy.live import TOPICS, Live
from statemachine.ward.entry import Directive

T = TypeVar("T")

counters = rows_of(ChangeCounterRow)
items = rows_of(AttentionRow)

TIME_ZONE = "Europe/London"
"""Ward-local time: administration times are written in it, on both sides of the DST change."""


class Office:
    """Everything a service needs; made once by `pharmacy.app.build`."""

    def __init__(self, database: Database, clock: Clock, keys: Keys, *, demo: bool = False) -> None:
        self.database = database
        self.clock = clock
        self.keys = keys
        self.signer = Signer(keys.signing)
        self.demo = demo
        self.zone = ZoneInfo(TIME_ZONE)
        self.live = Live(self._counts)

    def run(self, work: Callable[["Unit"], T]) -> T:
        """Run one service in one transaction, then wake whoever watches what it changed."""
        topics: set[str] = set()

        def once(session: Session) -> T:
            unit = Unit(self, session)
            result = work(unit)
            unit.finish()
            topics.clear()
            topics.update(unit.topics)
            return result

        result = self.database.run(once)
        self.live.publish(topics)
        return result

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session for reading: one state of the database, no waiting for writers."""
        with self.database.read() as session:
            yield session

    def open_topics(self) -> None:
        """Make the counters of the fixed topics, once for a database."""
        self.database.run(lambda session: make_topics(session, TOPICS))

    def _counts(self) -> dict[str, int]:
        with self.read() as session:
            rows = session.scalars(select(ChangeCounterRow))
            return {row.topic: row.count for row in rows}


class Unit:
    """One transaction of one service.

    Attributes:
        session: its database session.
        now_s: when it happens; every row and line of it says the same.
        topics: what pages must hear of.
    """

    def __init__(self, office: Office, session: Session) -> None:
        self.office = office
        self.session = session
        self.now_s = office.clock.now_s()
        self.topics: set[str] = set()
        self._said: list[Said] = []

    def direct(
        self,
        entry: Directive,
        cabs: Iterable[str] | None = None,
        *,
        patient: str | None = None,
    ) -> None:
        """Say this to cabinets (None: all that are concerned), when the transaction ends.

        `patient`: whose name the body holds, so that it can be forgotten.
        """
        concerned = self.concerned(entry) if cabs is None else sorted(cabs)
        if concerned:
            self._said.append(Said(entry=entry, cabs=tuple(concerned), patient=patient))

    def concerned(self, _entry: Directive) -> list[str]:
        """Return the cabinets a directive is for.

        Every cabinet of the hospital, so that any patient can be opened by number or band with
        real orders and allergies (RULES 3). This is the one place to narrow that.
        """
        return list(self.session.scalars(select(CabinetRow.cab).order_by(CabinetRow.cab)))

    def touch(self, *topics: str) -> None:
        """Pages that show these topics will ask again."""
        self.topics.update(topics)

    def attend(
        self, kind: str, key: str, sentence: str, subject: str = "", message: int | None = None
    ) -> None:
        """Put something before a person; the same key again while open only counts up."""
        key = key[:250]
        self.touch("attention")
        insert_missing(
            self.session,
            AttentionRow,
            [
                {
                    "kind": kind,
                    "key": key,
                    "open_key": key,
                    "sentence": sentence,
                    "subject": subject[:250],
                    "message": message,
                    "times": 0,
                    "opened_s": self.now_s,
                    "closed_s": None,
                    "closed_by": "",
                }
            ],
        )
        self.session.execute(
            items.update()
            .where(items.c.open_key == key)
            .values(times=items.c.times + 1, sentence=sentence)
        )

    def settle(self, key: str, by: str = "pharmacy") -> None:
        """What this attention item waited for has happened."""
        key = key[:250]
        closed = self.session.execute(
            items.update()
            .where(items.c.open_key == key)
            .values(open_key=None, closed_s=self.now_s, closed_by=by)
            .returning(items.c.id)
        ).all()
        if closed:
            self.touch("attention")

    def fact(self, name: str) -> int | str | None:
        """Read a fact of the office."""
        row = self.session.get(FactRow, name)
        if row is None:
            return None
        return msgspec.json.decode(row.value, type=int | str)

    def put_fact(self, name: str, value: int | str) -> None:
        """Write a fact of the office."""
        text = msgspec.json.encode(value).decode()
        insert_missing(self.session, FactRow, [{"name": name, "value": text}])
        self.session.execute(update(FactRow).where(FactRow.name == name).values(value=text))

    def first_fact(self, name: str, value: int | str) -> int | str:
        """Write a fact unless it stands already; returns what stands."""
        text = msgspec.json.encode(value).decode()
        insert_missing(self.session, FactRow, [{"name": name, "value": text}])
        stands = self.fact(name)
        return value if stands is None else stands

    def finish(self) -> None:
        """Sign and chain what was said, and count up the topics; called once, last."""
        self.session.flush()
        for cab in author(self.session, self.office, self._said, self.now_s):
            self.touch(f"dn:{cab}", "log")
        if self.topics:
            self.session.execute(
                counters.update()
                .where(counters.c.topic == bindparam("which"))
                .values(count=counters.c.count + 1),
                [{"which": topic} for topic in sorted(self.topics)],
            )


def make_topics(session: Session, topics: Iterable[str]) -> None:
    """Make counters that are not there yet."""
    insert_missing(
        session, ChangeCounterRow, [{"topic": topic, "count": 0} for topic in sorted(topics)]
    )
