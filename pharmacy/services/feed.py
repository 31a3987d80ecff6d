"""HL7 in: stored first, then understood, then applied once.

A message is stored as received in a transaction of its own, before anybody looks inside: what
happens to it afterwards can always be looked up, and be done again. Then it is understood
(`pharmacy.hl7`, which never raises) and applied with its acknowledgement in one transaction.

- The same message again (same control id, same bytes) has no second effect and gets the same
  answer. The same control id with other content is another message, and a person is told.
- What cannot be applied is answered AA all the same when the sender could not do better by sending
  it again: it is ours to chase, as an item for a person.
- A message left half-way by a crash is taken up again by `finish_left_over`.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import select, update

from pharmacy.db import Hl7MessageRow
from pharmacy.hl7.ack import acknowledge, answer, batch
from pharmacy.hl7.clean import pieces
from pharmacy.hl7.facts import MessageFacts, NotUnderstood
from pharmacy.hl7.understand import header_of, understand
from pharmacy.services import feed_orders, feed_patients, periodic
from pharmacy.services.feed_parts import HeldError
from pharmacy.services.inputs import ServiceError
from pharmacy.services.office import Office, Unit
from pharmacy.services.text import clean

LEFT_OVER_S = 120
"""A message that is still only stored after so long was left half-way."""
NOT_APPLIED = frozenset({"waiting", "failed", "refused"})
"""States of a message that a person may have applied again, once its reason is gone."""
TOO_LONG = "too long"
BROKEN = frozenset({TOO_LONG, "cut off"})
"""How a frame can be broken, as `framing` says it; of such a message only a part is kept."""
_EPMA_KINDS = {"orders", "given", "dispensed", "alive"}

_log = structlog.get_logger("pharmacy.feed")

_TAKERS: dict[str, Callable[[Unit, MessageFacts], str | None]] = {
    "orders": feed_orders.orders,
    "given": feed_orders.given,
    "dispensed": feed_orders.dispensed,
}


def receive_hl7(office: Office, raw: bytes, source: str) -> bytes:
    """Store, understand, apply, answer; see `Services.receive_hl7`."""
    found = pieces(raw) or (raw,)
    answers = [_receive_one(office, piece, source) for piece in found]
    if len(answers) == 1:
        return answers[0]
    return batch(answers, _own_id(office), _now(office))


def refuse_broken(office: Office, raw: bytes, source: str, why: str) -> bytes:
    """Store what arrived broken, and answer only what sending it again would not mend.

    A frame that was cut off gets no answer, so that the sender sends it again. One that ended but
    is too long is refused (AR): without an answer the same bytes would come for ever.
    """

    def work(unit: Unit) -> None:
        row = _store(unit, raw, source)
        row.status, row.reason = "refused", why
        unit.session.flush()
        unit.attend("message", f"broken:{source}", f"A message arrived broken: {why} It was kept "
                    "and not applied.", message=row.id)  # fmt: skip

    office.run(work)
    if why != TOO_LONG:
        return b""
    sentence = "The message is longer than 1 MiB. Nothing was applied. Send its parts as messages."
    return answer(
        header_of(raw),
        "AR",
        _own_id(office),
        _now(office),
        code=207,
        segment="MSH",
        sentence=sentence,
    )


def finish_left_over(office: Office) -> int:
    """Take up messages that a crash left half-way; returns how many."""
    before_s = office.clock.now_s() - LEFT_OVER_S
    with office.read() as session:
        left = session.scalars(
            select(Hl7MessageRow.id)
            .where(Hl7MessageRow.status == "received", Hl7MessageRow.received_s < before_s)
            .order_by(Hl7MessageRow.id)
            .limit(100)
        ).all()
    for message in left:
        with office.read() as session:
            raw = session.get_one(Hl7MessageRow, message).raw
        _take(office, message, raw)
    return len(left)


def take_again(office: Office, message: int) -> None:
    """Try once more to apply a message that was kept and not applied, as if it came now."""
    with office.read() as session:
        row = session.get(Hl7MessageRow, message)
        raw = b"" if row is None or row.status not in NOT_APPLIED else row.raw
        broken = row is not None and row.reason in BROKEN
    if broken:
        raise ServiceError(
            "Only a part of this message arrived, and a part is never applied. Nothing was changed;"
            " ask its sender to send it again."
        )
    if not raw:
        raise ServiceError("There is no such message to apply again. Nothing was changed.")
    _take(office, message, raw)


def _receive_one(office: Office, raw: bytes, source: str) -> bytes:
    def store(unit: Unit) -> int:
        row = _store(unit, raw, source)
        unit.session.flush()
        unit.touch("messages")
        return row.id

    return _take(office, office.run(store), raw)


def _store(unit: Unit, raw: bytes, source: str) -> Hl7MessageRow:
    row = Hl7MessageRow(
        source=clean(source)[:250],
        digest=hashlib.sha256(raw).hexdigest(),
        received_s=unit.now_s,
        status="received",
        raw=raw,
    )
    unit.session.add(row)
    return row


def _take(office: Office, message: int, raw: bytes) -> bytes:
    """Understand and apply a stored message, and return its acknowledgement."""
    result = understand(raw)
    if isinstance(result, MessageFacts) and result.kind in _EPMA_KINDS:
        periodic.epma_alive(office, None)
    try:
        return office.run(lambda unit: _apply(unit, message, result))
    except (HeldError, ServiceError) as error:
        sentence = str(error)
        ack = acknowledge(result, _own_id(office), _now(office))
        status, reason = "waiting", sentence
    except Exception as error:  # noqa: BLE001 - the feed lives; the message waits for a person
        _log.error("feed.fault", message=message, error=type(error).__name__)
        reason = "It could not be applied, by a fault of ours. It is kept; it was not applied."
        ack = answer(result.header, "AE", _own_id(office), _now(office), code=207, sentence=reason)
        status = "failed"
    office.run(lambda unit: _hold(unit, message, result, status=status, reason=reason, ack=ack))
    return ack


def _apply(unit: Unit, message: int, result: MessageFacts | NotUnderstood) -> bytes:
    row = unit.session.get_one(Hl7MessageRow, message, with_for_update=True)
    row.control_id = clean(result.header.control_id)[:250]
    row.kind = clean(f"{result.header.kind}^{result.header.event}".rstrip("^"))[:250]
    unit.touch("messages")
    earlier = _earlier(unit, row)
    if earlier is not None and earlier.digest == row.digest and earlier.ack is not None:
        row.status, row.reason = "duplicate", f"The same as message {earlier.id}; no effect."
        row.ack = earlier.ack
        row.patient = earlier.patient
        return earlier.ack
    ack = acknowledge(result, _own_id(unit.office), _now(unit.office))
    row.ack = ack
    if isinstance(result, NotUnderstood):
        row.status, row.reason = "refused", result.sentence
        unit.attend("message", f"refused:{result.header.sender}:{row.kind}:{result.code}",
                    f"A message was refused. {result.sentence}", message=row.id)  # fmt: skip
        return ack
    if earlier is not None and row.control_id:
        unit.attend("message", f"control:{result.header.sender}:{row.control_id}",
                    "Two different messages came under one number; both were applied.",
                    message=row.id)  # fmt: skip
    _apply_facts(unit, row, result)
    return ack


def _apply_facts(unit: Unit, row: Hl7MessageRow, facts: MessageFacts) -> None:
    stopped = facts.stopped
    if stopped:
        raise HeldError(" ".join(note.what for note in stopped))
    taker = _TAKERS.get(facts.kind, feed_patients.apply)
    row.patient = taker(unit, facts)
    row.status = "applied"
    row.reason = " ".join(clean(note.what) for note in facts.notes)[:4000]
    for note in facts.notes[:20]:
        where = f"{note.segment}-{note.field}" if note.segment else "the message"
        unit.attend(
            "note",
            f"note:{facts.header.sender}:{note.segment}:{note.field}:{note.what}",
            f"{row.kind} from {clean(facts.header.sender)[:60] or 'somebody'}, {where}: "
            f"{clean(note.what)}",
            message=row.id,
        )


def _hold(
    unit: Unit,
    message: int,
    result: MessageFacts | NotUnderstood,
    *,
    status: str,
    reason: str,
    ack: bytes,
) -> None:
    """Write down that a message was not applied, and put it before a person."""
    header = result.header
    kind = clean(f"{header.kind}^{header.event}".rstrip("^"))[:250]
    unit.session.execute(
        update(Hl7MessageRow)
        .where(Hl7MessageRow.id == message)
        .values(
            status=status,
            reason=reason[:4000],
            ack=ack,
            kind=kind,
            control_id=clean(header.control_id)[:250],
        )
    )
    unit.attend("message", f"message:{message}", f"A message ({kind}) was kept and not applied. "
                f"{reason}", subject=str(message), message=message)  # fmt: skip
    unit.touch("messages")


def _earlier(unit: Unit, row: Hl7MessageRow) -> Hl7MessageRow | None:
    """Return the last message before this one with the same control id (or the same bytes)."""
    query = select(Hl7MessageRow).where(
        Hl7MessageRow.id < row.id, Hl7MessageRow.status.not_in(("received", "failed"))
    )
    if row.control_id:
        query = query.where(Hl7MessageRow.control_id == row.control_id)
    else:
        query = query.where(Hl7MessageRow.digest == row.digest)
    same = unit.session.scalars(
        query.where(Hl7MessageRow.digest == row.digest).order_by(Hl7MessageRow.id).limit(1)
    ).first()
    if same is not None:
        return same
    return unit.session.scalars(query.order_by(Hl7MessageRow.id.desc()).limit(1)).first()


def _own_id(office: Office) -> str:
    return office.clock.random_bytes(10).hex()


def _now(office: Office) -> str:
    local = datetime.fromtimestamp(office.clock.now_s(), office.zone)
    return local.strftime("%Y%m%d%H%M%S%z")
