"""Do we believe the pharmacy? Heads, batches, forks, and everything that goes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cabinet.journal import Journal
from cabinet.trust import Taken, Trust
from cabinet.wire.line import Signer
from statemachine.ward.house import Boot, FeedStale
from statemachine.ward.orders import OrderStop
from statemachine.ward.people import Staff
from tests.wire.small_cabinet import NOON_S, WARD, Pen, at, booted, key, nonce


@pytest.fixture
def pen() -> Pen:
    return Pen()


@pytest.fixture
def journal(tmp_path: Path, pen: Pen) -> Iterator[Journal]:
    made = booted(tmp_path / "cabinet.journal", pen)
    yield made
    made.close()


@pytest.fixture
def trust(journal: Journal) -> Trust:
    return Trust(journal)


def up(journal: Journal, seq: int | None = None) -> tuple[int, int, str]:
    """A place of our own log, as a true head says it."""
    tip = journal.tip("up")
    place = (tip.ep, tip.seq if seq is None else seq)
    return (*place, journal.hash_at("up", place) or "")


def test_a_batch_with_its_head_is_stored_and_becomes_a_receipt(
    trust: Trust, journal: Journal, pen: Pen
) -> None:
    rows = pen.write(Staff(actor="u2"), Staff(actor="u3"))
    head = pen.head(up(journal), nonce())
    taken = trust.take(rows + head + b"\n", nonce())
    assert taken == Taken(appended=2, receipt=True, signed_s=NOON_S)
    receipt = journal.receipt()
    assert receipt is not None
    assert (receipt.up, receipt.dn, receipt.raw) == ((1, 2), (1, 9), head)


def test_F23_the_same_batch_again_changes_nothing(trust: Trust, journal: Journal, pen: Pen) -> None:
    rows = pen.write(Staff(actor="u2"))
    trust.take(rows, None)
    tip = journal.tip("dn")
    assert trust.take(rows, None) == Taken(duplicates=1)
    assert trust.take(rows + pen.write(Staff(actor="u3")), None) == Taken(appended=1, duplicates=1)
    assert journal.tip("dn").seq == tip.seq + 1


def test_F23_lines_that_are_missing_are_asked_for(trust: Trust, journal: Journal, pen: Pen) -> None:
    pen.write(Staff(actor="lost"))
    assert trust.take(pen.write(Staff(actor="u3")), None) == Taken(need=8)
    assert journal.tip("dn").seq == 7


def test_a_fork_is_kept_as_evidence_and_the_first_line_stays(
    trust: Trust, journal: Journal, pen: Pen
) -> None:
    twin = Pen()
    twin.write(*WARD)
    pen_rows = pen.write(Staff(actor="u2"))
    trust.take(pen_rows, None)
    other = twin.write(OrderStop(order="o9"))
    for _ in range(2):
        taken = trust.take(other, None)
        assert (taken.alarm, taken.appended) == ("fork", 0)
    assert taken.sentence.startswith("The pharmacy signed two different lines 8.")
    (kept,) = journal.evidence()
    assert (kept.log, kept.ref, kept.reason, kept.raw) == (
        "dn",
        (1, 8),
        "fork",
        other.split(b"\n")[0],
    )
    assert journal.latest("order:o9") == ("dn", (1, 6))


def test_good_lines_before_a_bad_one_are_kept(trust: Trust, journal: Journal, pen: Pen) -> None:
    good = pen.write(Staff(actor="u2"))
    bad = pen.write(Staff(actor="u3"), cab="ward8-b")
    taken = trust.take(good + bad + b"garbage\n", None)
    assert (taken.appended, taken.alarm, taken.sentence) == (
        1,
        "refused",
        "The line is of cabinet ward8-b.",
    )
    assert journal.tip("dn").seq == 8


def test_a_type_nobody_knows_is_stored_and_told(trust: Trust, journal: Journal, pen: Pen) -> None:
    raw, record = pen.raw_line("weather.report", b'{"rain":1}')
    taken = trust.take(raw + b"\n" + record + b"\n", None)
    assert (taken.appended, taken.unknown) == (1, ("weather.report",))
    pending = journal.pending_dn(at())
    assert pending is not None
    assert [entry for _, entry in pending.directives] == [None]


@pytest.mark.parametrize(
    "data", [b"no line feed", b"\xff\xfe\n" * 300, b"A" * 600_000, b"a.b.c\n", b"~x\n"]
)
def test_T10_whatever_bytes_come_nothing_is_stored_and_a_sentence_says_why(
    trust: Trust, journal: Journal, data: bytes
) -> None:
    taken = trust.take(data, None)
    assert taken.alarm == "refused"
    assert taken.sentence.endswith(".")
    assert journal.tip("dn").seq == 7


# --- heads -----------------------------------------------------------------------------------


def test_F24_a_head_of_another_key_cabinet_or_log_is_refused(
    trust: Trust, journal: Journal, pen: Pen
) -> None:
    stranger = Pen(name="a stranger")
    as_cabinet = Pen()
    as_cabinet.signer = Signer(key("cabinet ward7-a"))
    hostile = [
        stranger.head(up(journal)),
        as_cabinet.head(up(journal)),
        pen.head(up(journal), cab="ward8-b"),
        pen.head(up(journal), log="dn"),
    ]
    for head in hostile:
        assert trust.take(head + b"\n", None).alarm == "refused"
    assert journal.receipt() is None


def test_T10_an_old_answer_sent_again_gives_no_time_and_no_lines(
    trust: Trust, journal: Journal, pen: Pen
) -> None:
    rows = pen.write(Staff(actor="u2"))
    old = pen.head(up(journal), nonce(1))
    taken = trust.take(rows + old + b"\n", nonce(2))
    assert (taken.alarm, taken.appended) == ("refused", 0)
    assert "old answer" in taken.sentence
    assert trust.take(old + b"\n", None).alarm == "refused"
    assert journal.receipt() is None


def test_a_head_carried_in_a_file_is_a_receipt_but_gives_no_time(
    trust: Trust, journal: Journal, pen: Pen
) -> None:
    assert trust.take(pen.head(up(journal)) + b"\n", None) == Taken(receipt=True)
    assert trust.take(pen.head(up(journal)) + b"\n", nonce()) == Taken(receipt=True)


def test_a_receipt_that_covers_nothing_new_costs_no_write(
    trust: Trust, journal: Journal, pen: Pen
) -> None:
    first = pen.head(up(journal), nonce(1))
    trust.take(first + b"\n", nonce(1))
    pages = journal.medium.waiting_pages
    second = trust.take(pen.head(up(journal), nonce(2), iat=NOON_S + 30) + b"\n", nonce(2))
    assert second == Taken(receipt=True, signed_s=NOON_S + 30)
    assert journal.medium.waiting_pages == pages
    receipt = journal.receipt()
    assert receipt is not None
    assert receipt.raw == first


def test_F24_a_pharmacy_that_went_back_is_not_listened_to(
    trust: Trust, journal: Journal, pen: Pen
) -> None:
    trust.take(pen.head(up(journal)) + b"\n", None)
    restored = Pen()
    restored.write(*WARD[:4])
    late = restored.write(Staff(actor="u9"))
    for head in (
        pen.head(up(journal, 1)),
        pen.head(up(journal), dn=(1, 4, restored.hash)),
        pen.head(up(journal), dn=(1, 7, "B" * 43)),
    ):
        taken = trust.take(late + head + b"\n", None)
        assert (taken.alarm, taken.appended, taken.duplicates) == ("pharmacy went back", 0, 0)
        assert "to rebuild it from" in taken.sentence
    receipt = journal.receipt()
    assert receipt is not None
    assert receipt.up == (1, 2)


def test_T9_a_receipt_ahead_of_us_means_that_our_own_journal_went_back(
    trust: Trust, journal: Journal, pen: Pen
) -> None:
    taken = trust.take(pen.head((1, 50, "B" * 43)) + b"\n", None)
    assert taken.alarm == "our journal went back"
    assert "only 2 lines are here" in taken.sentence
    assert [(kept.log, kept.ref) for kept in journal.evidence()] == [("up", (1, 50))]


def test_T9_a_receipt_for_another_line_in_our_place_is_a_fork(
    trust: Trust, journal: Journal, pen: Pen
) -> None:
    for number in range(3):
        head = pen.head((1, 2, "B" * 43), nonce(number))
        taken = trust.take(head + b"\n", nonce(number))
    assert len(journal.evidence()) == 1
    assert taken.alarm == "fork"
    assert "Two cabinets use one key" in taken.sentence


def test_a_head_over_nothing_yet_is_a_receipt_over_the_genesis(
    trust: Trust, journal: Journal, pen: Pen
) -> None:
    assert trust.take(pen.head((1, 0, pen.start)) + b"\n", None) == Taken(receipt=True)
    assert journal.up_batch()[1] == 2
    assert trust.take(pen.head((1, 0, "B" * 43)) + b"\n", None).alarm == "fork"


def test_F22_days_of_lines_catch_up_batch_by_batch(
    trust: Trust, journal: Journal, pen: Pen
) -> None:
    for start in range(0, 600, 200):
        entries = [FeedStale(band="downtime", age_s=number) for number in range(start, start + 200)]
        journal.append(entries, at(start))
    journal.append((Boot(reason="restart"),), at())
    batches = []
    while journal.up_batch()[1]:
        batches.append(journal.up_batch()[1])
        receipt = journal.receipt()
        seq = (receipt.up[1] if receipt else 0) + batches[-1]
        assert trust.take(pen.head(up(journal, seq)) + b"\n", None).receipt
    assert batches == [256, 256, 91]
