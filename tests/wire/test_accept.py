"""Accepting a line: every rule in its order, on both logs, with a hostile relay in between."""

import contextlib
import string
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cabinet.trust import read_body
from cabinet.wire.accept import (
    Appended,
    Duplicate,
    Fork,
    Gap,
    Held,
    KeyRecord,
    Refused,
    Verdict,
    accept,
)
from cabinet.wire.body import seal_body
from cabinet.wire.errors import WireError
from cabinet.wire.file import BATCH_BYTES_MAX, read_batch, write_batch
from cabinet.wire.line import Signer
from statemachine.ward.entry import Directive
from statemachine.ward.orders import OrderStop
from statemachine.ward.people import Staff
from tests.wire.small_cabinet import CAB, Pen, key


class Receiver:
    """Holds what it accepted, as either side does."""

    def __init__(self, pen: Pen) -> None:
        self.start = pen.start
        self.lines: list[Appended] = []
        self.keys = {
            pen.signer.kid: KeyRecord(
                kid=pen.signer.kid,
                key=pen.signer.public_key,
                roles=frozenset({"directive", "head"}),
            ),
            pen.cabinet.kid: KeyRecord(
                kid=pen.cabinet.kid,
                key=pen.cabinet.public_key,
                roles=frozenset({"cabinet"}),
                cabinet=CAB,
            ),
        }

    def held(self) -> Held:
        head = self.lines[-1].line.hash if self.lines else self.start
        return Held(log="dn", cab=CAB, ep=1, seq=len(self.lines), hash=head, hash_at=self.hash_at)

    def hash_at(self, ep: int, seq: int) -> str | None:
        if ep == 1 and 1 <= seq <= len(self.lines):
            return self.lines[seq - 1].line.hash
        return None

    def take(self, raw: bytes, *records: bytes) -> Verdict:
        bodies = {record[1:44].decode(): record for record in records}
        verdict = accept(
            raw, held=self.held(), key_of=self.keys.get, bodies=bodies, schema=read_body
        )
        if isinstance(verdict, Appended):
            self.lines.append(verdict)
        return verdict


@pytest.fixture
def pen() -> Pen:
    return Pen()


@pytest.fixture
def receiver(pen: Pen) -> Receiver:
    return Receiver(pen)


def refused(verdict: Verdict) -> str:
    assert isinstance(verdict, Refused), verdict
    assert verdict.sentence.endswith(".")
    return verdict.code


def test_the_next_line_is_appended_with_what_it_says(pen: Pen, receiver: Receiver) -> None:
    verdict = receiver.take(*pen.line(Staff(actor="u1", family="BELL")))
    assert isinstance(verdict, Appended)
    assert verdict.entry == Staff(actor="u1", family="BELL")
    assert verdict.line.place == (1, 1)


def test_F23_the_same_line_again_has_no_effect_even_without_its_body(
    pen: Pen, receiver: Receiver
) -> None:
    raw, record = pen.line(Staff(actor="u1"))
    receiver.take(raw, record)
    receiver.take(*pen.line(Staff(actor="u2")))
    assert isinstance(receiver.take(raw, record), Duplicate)
    assert isinstance(receiver.take(raw), Duplicate)
    assert len(receiver.lines) == 2


def test_F23_a_line_too_far_ahead_is_a_gap_that_says_what_is_missing(
    pen: Pen, receiver: Receiver
) -> None:
    receiver.take(*pen.line(Staff(actor="u1")))
    pen.line(Staff(actor="u2"))
    assert receiver.take(*pen.line(Staff(actor="u3"))) == Gap(need=2)
    assert len(receiver.lines) == 1


def test_another_line_in_a_place_that_is_held_is_a_fork_and_overwrites_nothing(
    pen: Pen, receiver: Receiver
) -> None:
    raw, record = pen.line(Staff(actor="u1"))
    receiver.take(raw, record)
    other = Pen().line(OrderStop(order="o9"))
    verdict = receiver.take(*other)
    assert isinstance(verdict, Fork)
    assert verdict.held_hash == receiver.lines[0].line.hash
    assert verdict.line.raw == other[0]
    assert [one.line.raw for one in receiver.lines] == [raw]


def test_the_next_line_with_another_past_is_a_fork(pen: Pen, receiver: Receiver) -> None:
    receiver.take(*pen.line(Staff(actor="u1")))
    verdict = receiver.take(*pen.line(Staff(actor="u2"), prev="B" * 43))
    assert isinstance(verdict, Fork)
    assert verdict.held_hash == receiver.lines[0].line.hash


def test_a_relay_cannot_fake_a_fork_with_another_spelling_of_a_signature(
    pen: Pen, receiver: Receiver
) -> None:
    raw, record = pen.line(Staff(actor="u1"))
    receiver.take(raw, record)
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    first = alphabet.index(chr(raw[-1])) & 0b110000
    for low in range(16):
        spelled = raw[:-1] + alphabet[first | low].encode()
        if spelled != raw:
            assert refused(receiver.take(spelled, record)) == "base64url"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"cab": "ward8-b"}, "cabinet"),
        ({"ep": 2}, "epoch"),
        ({"log": "up"}, "schema"),
        ({"seq": 0}, "schema"),
        ({"wall": 2**53}, "json"),
        ({"unknown": 1}, "schema"),
    ],
)
def test_a_signed_line_with_a_wrong_payload_is_refused(
    pen: Pen, receiver: Receiver, changed: dict[str, Any], code: str
) -> None:
    if code == "json":
        raw, record = pen.line(Staff(actor="u1"))
        payload = b'{"wall":9007199254740992}'
        raw = pen.signer.sign_canonical("adc-directive+jws", payload)
        assert refused(receiver.take(raw, record)) == code
    else:
        assert refused(receiver.take(*pen.line(Staff(actor="u1"), **changed))) == code


def test_F24_an_unknown_key_and_a_key_in_the_wrong_role_are_refused(receiver: Receiver) -> None:
    stranger = Pen(name="a stranger")
    assert refused(receiver.take(*stranger.line(Staff(actor="u1")))) == "key"
    as_cabinet = Pen()
    as_cabinet.signer = Signer(key(f"cabinet {CAB}"))
    assert refused(receiver.take(*as_cabinet.line(Staff(actor="u1")))) == "role"


def test_a_cabinets_key_signs_only_for_that_cabinet(pen: Pen, receiver: Receiver) -> None:
    record = receiver.keys[pen.signer.kid]
    receiver.keys[pen.signer.kid] = msgspec.structs.replace(record, cabinet="ward8-b")
    assert refused(receiver.take(*pen.line(Staff(actor="u1")))) == "role"


def test_a_key_signs_nothing_from_the_line_it_was_revoked_at(pen: Pen, receiver: Receiver) -> None:
    receiver.keys[pen.signer.kid] = msgspec.structs.replace(
        receiver.keys[pen.signer.kid], revoked_from=(1, 2)
    )
    first = pen.line(Staff(actor="u1"))
    assert isinstance(receiver.take(*first), Appended)
    assert refused(receiver.take(*pen.line(Staff(actor="u2")))) == "revoked"
    assert isinstance(receiver.take(*first), Duplicate)


def test_a_line_signed_for_the_other_log_is_refused_before_its_key_is_asked(
    pen: Pen, receiver: Receiver
) -> None:
    assert refused(receiver.take(pen.head((1, 0, pen.start)))) == "header"
    assert refused(receiver.take(pen.genesis)) == "header"


def test_a_changed_signature_or_payload_is_refused(pen: Pen, receiver: Receiver) -> None:
    raw, record = pen.line(Staff(actor="u1"))
    header, payload, signature = raw.split(b".")
    other = Pen().line(Staff(actor="u9"))[0].split(b".")
    assert refused(receiver.take(b".".join((header, other[1], signature)), record)) == "signature"
    assert refused(receiver.take(b".".join((header, payload, other[2])), record)) == "signature"


def test_a_body_that_is_missing_swapped_or_wrong_is_refused(pen: Pen, receiver: Receiver) -> None:
    raw, _ = pen.line(Staff(actor="u1"))
    assert refused(receiver.take(raw)) == "body missing"
    digest = seal_body(msgspec.json.encode(Staff(actor="u2")), bytes(16))[1]
    forged = b"~" + raw_digest(raw) + digest[44:].encode()
    assert refused(receiver.take(raw, forged)) == "body digest"


def raw_digest(raw: bytes) -> bytes:
    """The body digest that a line names."""
    from cabinet.wire.line import open_line

    return open_line(raw).payload.body.encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"actor":"u1","actor":"u2"}', "body json"),
        (b'{"actor":"u1","valid_to_s":1e9}', "body json"),
        (b'{"actor":"u\\u0000"}', "body json"),
        (b'{"actor":5}', "body schema"),
        (b'{"actor":"u1","pin":"1234"}', "body schema"),
        (b"{}", "body schema"),
        (b"[]", "body schema"),
        (b"", "body json"),
        (b"\xff", "body json"),
    ],
)
def test_a_signed_body_that_does_not_fit_is_refused_without_quoting_it(
    pen: Pen, receiver: Receiver, data: bytes, code: str
) -> None:
    verdict = receiver.take(*pen.raw_line("staff", data))
    assert refused(verdict) == code
    assert isinstance(verdict, Refused)
    assert "u1" not in verdict.sentence


def test_a_line_of_a_type_nobody_knows_is_stored_and_says_nothing(
    pen: Pen, receiver: Receiver
) -> None:
    verdict = receiver.take(*pen.raw_line("weather.report", b'{"rain":1}'))
    assert isinstance(verdict, Appended)
    assert verdict.entry is None
    up_type = receiver.take(*pen.raw_line("release.intent", b"{}"))
    assert isinstance(up_type, Appended)
    assert up_type.entry is None


@pytest.mark.parametrize(
    "entry", [Staff(actor="u1"), OrderStop(order="o1")], ids=lambda entry: entry.TYPE
)
def test_no_cut_of_a_line_is_ever_accepted(entry: Directive) -> None:
    pen = Pen()
    receiver = Receiver(pen)
    raw, record = pen.line(entry)
    for length in range(len(raw)):
        assert isinstance(receiver.take(raw[:length], record), Refused)
    assert isinstance(receiver.take(raw, record), Appended)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_change_to_a_line_or_its_body_is_ever_accepted(data: st.DataObject) -> None:
    pen = Pen()
    raw, record = pen.line(Staff(actor="u1", family="BELL"))
    victim = data.draw(st.sampled_from([raw, record]))
    place = data.draw(st.integers(0, len(victim) - 1))
    cut = data.draw(st.integers(0, 3))
    change = data.draw(st.binary(max_size=3))
    changed = victim[:place] + change + victim[place + cut :]
    given_raw, given_record = (changed, record) if victim is raw else (raw, changed)
    verdict = accept(
        given_raw,
        held=Receiver(pen).held(),
        key_of=Receiver(pen).keys.get,
        bodies={raw_digest(raw).decode(): given_record},
        schema=read_body,
    )
    assert isinstance(verdict, Appended) == (changed == victim)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_the_reader_of_lines_or_batches_stumble(data: bytes) -> None:
    assert isinstance(Receiver(Pen()).take(data), Refused)
    with contextlib.suppress(WireError):
        read_batch(data)


# --- batches ---------------------------------------------------------------------------------


def test_a_batch_comes_back_as_it_was_written() -> None:
    pen = Pen()
    items = [pen.line(Staff(actor=f"u{n}")) for n in range(3)]
    head = pen.head((1, 0, pen.start))
    data, count = write_batch(items, head)
    batch = read_batch(data)
    assert count == 3
    assert batch.lines == tuple(line for line, _ in items)
    assert batch.head == head
    assert list(batch.bodies.values()) == [record for _, record in items]


def test_a_batch_takes_256_lines_and_512_kib_and_leaves_the_rest() -> None:
    line, record = Pen().line(Staff(actor="u1"))
    assert write_batch([(line, record)] * 300)[1] == 256
    big = b"~" + b"A" * 43 + b"." + b"A" * 65_000
    many = [(line, big[:-1] + bytes([65 + n])) for n in range(20)]
    data, count = write_batch(many)
    assert count == 8
    assert len(data) <= BATCH_BYTES_MAX


@pytest.mark.parametrize(
    "data",
    [
        b"A" * (BATCH_BYTES_MAX + 1),
        b"no line feed",
        b"A" * 4096 + b"\n",
        b"~short\n",
        b"~" + b"A" * 43 + b"." + b"A" * 66_000 + b"\n",
        (b"~" + b"A" * 43 + b".1\n") + (b"~" + b"A" * 43 + b".2\n"),
        b"a.b.c\n" * 257,
    ],
)
def test_a_batch_of_a_wrong_shape_is_refused_whole(data: bytes) -> None:
    with pytest.raises(WireError) as error:
        read_batch(data)
    assert error.value.code == "batch"


@pytest.mark.parametrize("make", [lambda: b"", lambda: b"\n", lambda: b"\x00\n\xff\xfe\n"])
def test_rows_that_are_no_lines_are_left_to_be_refused_one_by_one(
    make: Callable[[], bytes],
) -> None:
    for row in read_batch(make()).lines:
        receiver = Receiver(Pen())
        assert isinstance(receiver.take(row), Refused)
