"""The cabinet's half of the sync: nothing is trusted, nothing is lost, nothing goes in circles."""

import contextlib
from collections.abc import Callable

import pytest

from cabinet.ids import Ids
from cabinet.sync.backoff import Backoff
from cabinet.sync.client import (
    BATCHES_MAX,
    Asked,
    Outcome,
    dn_path,
    exchange,
    fetch_dn,
    send_up,
    unsent,
)
from cabinet.sync.http import TransportFailed
from cabinet.wire import file as wire_file
from statemachine.ward.drawers import FaultRaised
from statemachine.ward.orders import OrderStop
from statemachine.ward.stock import Setting


def lines(house) -> int:
    return house.cabinet.journal.tip("up").seq


class Bent:
    """A transport that bends the pharmacy's answers."""

    def __init__(self, pharmacy, bend: Callable[[bytes], bytes]) -> None:
        self.pharmacy, self.bend, self.asked = pharmacy, bend, 0

    def post(self, path: str, body: bytes) -> bytes:
        self.asked += 1
        return self.bend(self.pharmacy.post(path, body))

    def get(self, path: str) -> bytes:
        self.asked += 1
        return self.bend(self.pharmacy.get(path))


class Gone:
    """A pharmacy that is not there."""

    def post(self, _path: str, _body: bytes) -> bytes:
        raise TransportFailed("unreachable")

    def get(self, _path: str) -> bytes:
        raise TransportFailed("unreachable")


def test_a_round_brings_directives_into_force_and_every_line_to_the_pharmacy(house) -> None:
    assert unsent(house.cabinet.journal) == 0
    house.sign_in()
    assert unsent(house.cabinet.journal) == 1
    assert exchange(house.cabinet.sync, house.pharmacy) == Asked(posted=1, fetched=1)
    assert (unsent(house.cabinet.journal), len(house.pharmacy.up)) == (0, lines(house))
    assert "stock: sent" in str(house.cabinet.controller.screen(1)) or house.cabinet.sync.sent


def test_the_first_answer_gives_the_cabinet_its_time(build) -> None:
    house = build()
    house.start()
    assert house.cabinet.controller.clock.now().quality == "floor"
    house.sync()
    now = house.cabinet.controller.clock.now()
    assert (now.quality, now.decided) == ("signed", True)
    assert now.lo_s <= house.pharmacy.now_s <= now.hi_s


def test_F22_after_days_without_the_pharmacy_the_cabinet_catches_up_by_itself(
    house, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Batches of eight lines, so that a few dozen lines are many batches.
    monkeypatch.setattr(wire_file, "BATCH_LINES_MAX", 8)
    for _ in range(12):
        house.sign_in()
        house.keys_pressed("C")
        with contextlib.suppress(TransportFailed):
            exchange(house.cabinet.sync, Gone())  # type: ignore[arg-type] # positional only
    assert unsent(house.cabinet.journal) > 16
    house.pharmacy.say(*(Setting(key="early_s", value=number) for number in range(30)))
    house.sync()
    assert house.pharmacy.posts > 3
    assert (len(house.pharmacy.up), unsent(house.cabinet.journal)) == (lines(house), 0)
    assert house.cabinet.controller.ward.dn == (1, len(house.pharmacy.items))


def test_F23_an_answer_that_was_lost_is_asked_for_again_without_effect_twice(house) -> None:
    house.sign_in()

    class Losing:
        def post(self, path: str, body: bytes) -> bytes:
            house.pharmacy.post(path, body)
            raise TransportFailed("slow")

    with contextlib.suppress(TransportFailed):
        send_up(house.cabinet.sync, Losing())  # type: ignore[arg-type] # it only posts
    assert unsent(house.cabinet.journal) == 1
    held = len(house.pharmacy.up)
    send_up(house.cabinet.sync, house.pharmacy)
    assert (len(house.pharmacy.up), unsent(house.cabinet.journal)) == (held, 0)


def test_F23_directives_twice_take_effect_once(house) -> None:
    house.pharmacy.say(OrderStop(order="o1"))
    query = house.cabinet.sync.next_dn()
    answer = house.pharmacy.get(f"/x?{query}")
    first = house.cabinet.sync.took_dn(query, answer)
    applied = house.types().count("directives.applied")
    again = house.cabinet.sync.took_dn(query, answer)
    assert (first.moved, again.code) == (True, "nonce")
    assert house.types().count("directives.applied") == applied


def test_T10_an_old_answer_replayed_gives_no_time_and_no_directive(house) -> None:
    old = house.cabinet.sync.next_dn()
    answer = house.pharmacy.get(f"/x?{old}")
    house.cabinet.sync.took_dn(old, answer)
    before = house.cabinet.controller.ward.dn
    fresh = house.cabinet.sync.next_dn()
    outcome = house.cabinet.sync.took_dn(fresh, answer)
    assert (outcome.moved, outcome.code) == (False, "refused")
    assert house.cabinet.controller.ward.dn == before


@pytest.mark.parametrize(
    "bend",
    [
        lambda _answer: b"",
        lambda _answer: b"<html>Welcome to our hospital</html>\n",
        lambda answer: answer[:-40],
        lambda answer: answer[:-1],
        lambda answer: b"\x00" * len(answer),
        lambda answer: answer.replace(b".", b".A", 2),
        lambda answer: answer + b"x" * 600_000,
        lambda answer: answer[::-1],
    ],
    ids=["empty", "page", "cut", "no end", "zeros", "changed", "too long", "backwards"],
)
def test_T10_garbage_for_an_answer_changes_nothing_and_does_not_go_in_circles(
    house, bend: Callable[[bytes], bytes]
) -> None:
    house.sign_in()
    house.pharmacy.say(OrderStop(order="o1"))
    before = house.cabinet.controller.ward.dn
    bent = Bent(house.pharmacy, bend)
    for _ in range(3):
        exchange(house.cabinet.sync, bent)
    assert house.cabinet.controller.ward.dn == before
    assert bent.asked <= 6
    house.sync()
    assert house.cabinet.controller.ward.orders.known["o1"].stopped is not None
    assert unsent(house.cabinet.journal) == 0


def test_F24_the_answer_of_another_cabinets_pharmacy_is_refused_and_told_once(house, build) -> None:
    other = build()
    other.pharmacy.cab = "B"
    other.pharmacy.signer = house.pharmacy.signer
    other.pharmacy.say(Setting(key="ward", value="9"))
    for _ in range(3):
        query = house.cabinet.sync.next_dn()
        house.cabinet.sync.took_dn(query, other.pharmacy.dn_after(0, query.rpartition("=")[2]))
    assert house.cabinet.controller.ward.house.ward == "7"
    assert [fault.fault for fault in house.entries(FaultRaised)] == ["pharmacy"]
    house.sync()
    assert house.types()[-1] == "fault.cleared"


def test_F24_a_pharmacy_restored_from_an_old_copy_is_refused_and_the_cabinet_works_on(
    house,
) -> None:
    house.sign_in()
    house.sync()
    house.pharmacy.up = house.pharmacy.up[:-2]
    from cabinet.wire.line import open_line

    house.pharmacy.up_hash = open_line(house.pharmacy.up[-1]).hash
    asked = fetch_dn(house.cabinet.sync, house.pharmacy)
    assert asked.code == "pharmacy went back"
    house.keys_pressed("1A1")
    assert [lease[0] for lease in house.metal.leases] == [3]


def test_F23_lines_out_of_order_are_asked_for_again_and_nothing_of_them_is_kept(house) -> None:
    house.pharmacy.say(Setting(key="early_s", value=1), Setting(key="early_s", value=2))
    query = house.cabinet.sync.next_dn()
    gap = house.pharmacy.dn_after(house.cabinet.journal.tip("dn").seq + 1, query.rpartition("=")[2])
    held = house.cabinet.journal.tip("dn")
    assert not house.cabinet.sync.took_dn(query, gap).moved
    assert house.cabinet.journal.tip("dn") == held
    house.sync()
    assert house.cabinet.controller.ward.stock.settings["early_s"] == 2


def test_I14_a_pharmacy_that_always_has_more_ends_a_round_all_the_same(house) -> None:
    class Endless:
        def get(self, path: str) -> bytes:
            house.pharmacy.say(Setting(key="early_s", value=1))
            return house.pharmacy.get(path)

    asked = fetch_dn(house.cabinet.sync, Endless())  # type: ignore[arg-type] # it only gets
    assert asked.fetched == BATCHES_MAX


def test_I14_challenges_that_were_never_answered_are_forgotten(house) -> None:
    queries = [house.cabinet.sync.next_dn() for _ in range(100)]
    assert len(house.cabinet.sync._nonces) == 8
    answer = house.pharmacy.get(f"/x?{queries[0]}")
    assert house.cabinet.sync.took_dn(queries[0], answer).code == "nonce"


def test_a_card_from_an_old_image_is_told_by_the_pharmacys_head(house) -> None:
    house.sign_in()
    house.sync()
    lost = house.pharmacy.up[-1]
    house.pharmacy.up.append(lost)  # the pharmacy holds one more than we do
    asked = fetch_dn(house.cabinet.sync, house.pharmacy)
    house.pharmacy.up.pop()
    assert asked.code == "our journal went back"
    assert [fault.fault for fault in house.entries(FaultRaised)] == ["rolled back"]


def test_pauses_grow_stay_bounded_and_are_never_in_step() -> None:
    draws = iter(range(1_000))
    ids = Ids(lambda size: (next(draws) * 7919).to_bytes(size, "big"))
    backoff = Backoff(60_000, ids)
    pauses = [backoff.failed() for _ in range(12)]
    bounds = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000] + [60_000] * 6
    assert all(bound // 2 <= pause <= bound for pause, bound in zip(pauses, bounds, strict=True))
    assert len(set(pauses[6:])) > 1
    backoff.worked()
    assert 500 <= backoff.failed() <= 1_000


def test_an_answer_overtaken_by_the_other_loops_answer_is_no_pharmacy_that_went_back(house) -> None:
    query = house.cabinet.sync.next_dn()
    written_before = house.pharmacy.get(dn_path(house.cabinet.sync.cabinet, query))
    house.sign_in()
    assert send_up(house.cabinet.sync, house.pharmacy).code == "ok"
    assert house.cabinet.sync.took_dn(query, written_before) == Outcome(moved=False)
    assert house.entries(FaultRaised) == []
    assert fetch_dn(house.cabinet.sync, house.pharmacy).code == "ok"
    assert house.cabinet.sync.sent
