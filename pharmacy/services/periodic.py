"""What is due without anybody asking: heartbeats, windows, forgetting, old sessions.

`tick()` may be called as often as one likes and by several servers at once: what is due is decided
in the database, within the transaction that does it. The server calls it every few seconds, the
simulator whenever its virtual time has moved.
"""

from collections.abc import Sequence

from sqlalchemy import delete, select

from pharmacy.db import FactRow, SessionRow
from pharmacy.services import orders, patients, stock
from pharmacy.services.office import Office, Unit
from statemachine.ward.house import Heartbeat

HEARTBEAT_S = 60
"""How often cabinets hear that the pharmacy lives (setting `heartbeat_s`)."""
HEARTBEAT_S_MIN = 5


def epma_alive(office: Office, at_s: int | None) -> None:
    """Remember the ePMA's sign of life; see `Services.epma_alive`."""
    office.run(lambda unit: heard_epma(unit, at_s))


def heard_epma(unit: Unit, at_s: int | None = None) -> None:
    """Remember a sign of life, never one from the future and never an older one."""
    at_s = unit.now_s if at_s is None else min(at_s, unit.now_s)
    if at_s > last_heard_s(unit):
        unit.put_fact("epma_s", at_s)


def last_heard_s(unit: Unit) -> int:
    """Return when the ePMA was last heard, seconds since 1970; 0: never."""
    value = unit.fact("epma_s")
    return value if isinstance(value, int) else 0


def tick(office: Office) -> None:
    """Do what is due; see `Services.tick`."""
    from pharmacy.services import feed

    office.run(_heartbeat)
    while office.run(orders.expand_due):
        pass
    feed.finish_left_over(office)
    while office.run(patients.forget_due):
        pass
    office.run(_sweep)


def say_heartbeat(unit: Unit, cabs: Sequence[str] | None = None) -> None:
    """Say that the pharmacy lives, and when it last heard the ePMA."""
    unit.direct(Heartbeat(at_s=unit.now_s, epma_s=last_heard_s(unit)), cabs)


def _heartbeat(unit: Unit) -> None:
    every_s = max(stock.setting(unit, "heartbeat_s", HEARTBEAT_S), HEARTBEAT_S_MIN)
    # The row is taken for update, so of two servers that tick together one says it.
    row = unit.session.scalars(
        select(FactRow).where(FactRow.name == "heartbeat_at_s").with_for_update()
    ).one_or_none()
    last_s = int(row.value) if row is not None else None
    if last_s is not None and 0 <= unit.now_s - last_s < every_s:
        return
    unit.put_fact("heartbeat_at_s", unit.now_s)
    say_heartbeat(unit)


def _sweep(unit: Unit) -> None:
    unit.session.execute(delete(SessionRow).where(SessionRow.expires_s <= unit.now_s))
    patients.erase_bodies(unit)
    patients.forget_messages(unit)
