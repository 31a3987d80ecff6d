"""What the pharmacy says: signed, chained, shared, bounded (WIRE 1)."""

import msgspec
import pytest
from sqlalchemy import func, select

from cabinet.wire.body import open_body
from cabinet.wire.file import BATCH_BYTES_MAX, BATCH_LINES_MAX, read_batch
from cabinet.wire.head import open_head
from cabinet.wire.line import open_line
from pharmacy.app import KeysError, Settings, build
from pharmacy.db import BodyRow
from statemachine.ward.house import Boot, Heartbeat
from statemachine.ward.stock import Formulary, Product, Recall, Retire, Setting, WardList


def lines(pharmacy, after=0, cab="A"):
    return [open_line(raw) for raw in read_batch(pharmacy.services.dn_after(cab, after)).lines]


def test_every_line_names_the_one_before_it_and_what_was_held_of_up(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    pharmacy.services.put_setting("early_s", 3600)
    cabinet.send(Boot(reason="start"), Boot(reason="restart"))
    pharmacy.services.put_setting("early_s", 1800)
    said = lines(pharmacy)
    assert [line.payload.seq for line in said] == list(range(1, len(said) + 1))
    assert said[0].payload.prev == cabinet._genesis_hash()
    assert [line.payload.prev for line in said[1:]] == [line.hash for line in said[:-1]]
    assert [line.payload.up_ack for line in said[-2:]] == [(1, 0), (1, 2)]
    assert {line.payload.wall for line in said} == {pharmacy.office.clock.now_s()}


def test_a_body_said_to_many_cabinets_is_kept_once(pharmacy, cabinet_of):
    for cab in "ABCD":
        cabinet_of(pharmacy, cab)
    with pharmacy.office.read() as session:
        before = session.scalar(select(func.count()).select_from(BodyRow))
    pharmacy.services.put_setting("early_s", 60)
    with pharmacy.office.read() as session:
        assert session.scalar(select(func.count()).select_from(BodyRow)) == before + 1
    digests = {lines(pharmacy, cab=cab)[-1].payload.body for cab in "ABCD"}
    assert len(digests) == 1


def test_an_answer_ends_with_a_head_that_echoes_the_nonce(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    cabinet.send(Boot(reason="start"))
    batch = read_batch(pharmacy.services.dn_after("A", 0, "n" * 22))
    head = open_head(batch.head, cabinet.pharmacy_key).payload
    last = open_line(batch.lines[-1])
    assert (head.seq, head.head, head.nonce) == (1, cabinet.prev, "n" * 22)
    assert head.dn == (1, last.payload.seq, last.hash)
    assert (head.iat, head.exp) == (pharmacy.office.clock.now_s(), head.iat + 3 * 24 * 3600)


def test_a_long_log_comes_in_batches_that_fit(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    start = len(cabinet.directives())
    products = [
        Product(product=f"d{number}", generic=f"medicine {number}", codes=("c" * 120,) * 40)
        for number in range(400)
    ]
    pharmacy.services.put_products(products)
    first = pharmacy.services.dn_after("A", 0)
    assert len(first) <= BATCH_BYTES_MAX
    assert len(read_batch(first).lines) <= BATCH_LINES_MAX
    told = [p for entry in cabinet.directives(start) for p in entry.products]
    assert told == products


def test_what_did_not_change_is_not_said_again(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    services = pharmacy.services
    product = Product(product="d1", generic="paracetamol")
    for _ in range(2):
        services.put_product(product)
        services.put_list("override", ["d1"], "01-Jan-2027")
        services.put_setting("early_s", 60)
    services.recall(Recall(recall="r1", product="d1", lot="L1"))
    services.recall(Recall(recall="r1", product="d1", lot="L1", lifted=True))
    services.retire_product("d1")
    kinds = (Formulary, WardList, Setting, Recall, Retire)
    own = [Setting(key="cabinet", value="A"), Setting(key="ward", value="7")]
    assert [e for e in cabinet.directives() if isinstance(e, kinds)] == [
        *own,
        Formulary(products=(product,)),
        WardList(name="override", items=("d1",), review="01-Jan-2027"),
        Setting(key="early_s", value=60),
        Recall(recall="r1", product="d1", lot="L1"),
        Recall(recall="r1", product="d1", lot="L1", lifted=True),
        Retire(kind="product", ids=("d1",)),
    ]


def test_heartbeats_carry_the_last_sign_of_life_of_the_epma(pharmacy, cabinet_of, clock):
    cabinet = cabinet_of(pharmacy)
    pharmacy.tick()
    start_s = clock.now_s()
    clock.advance(30)
    pharmacy.services.epma_alive()
    pharmacy.tick()
    clock.advance(30)
    pharmacy.tick()
    pharmacy.tick()
    clock.advance(60)
    pharmacy.services.epma_alive(clock.now_s() + 999)
    pharmacy.tick()
    beats = [e for e in cabinet.directives() if isinstance(e, Heartbeat)]
    assert beats == [
        Heartbeat(at_s=start_s, epma_s=0),
        Heartbeat(at_s=start_s, epma_s=0),
        Heartbeat(at_s=start_s + 60, epma_s=start_s + 30),
        Heartbeat(at_s=start_s + 120, epma_s=start_s + 120),
    ]


def test_the_heartbeats_pace_is_a_setting_with_a_floor(pharmacy, cabinet_of, clock):
    cabinet = cabinet_of(pharmacy)
    pharmacy.services.put_setting("heartbeat_s", 1)
    for _ in range(3):
        pharmacy.tick()
        clock.advance(3)
    beats = [e.at_s for e in cabinet.directives() if isinstance(e, Heartbeat)]
    assert [at - beats[0] for at in beats] == [0, 0, 6]


@pytest.mark.usefixtures("pharmacy")
def test_F24_a_database_refuses_a_signing_key_that_is_not_its_own(url, clock, tmp_path):
    with pytest.raises(KeysError, match="another signing key"):
        build(Settings(database_url=url, keys=tmp_path / "other", demo=True, clock=clock))


def test_a_body_is_the_json_of_its_entry_in_sorted_order(pharmacy, cabinet_of):
    cabinet_of(pharmacy)
    pharmacy.services.put_setting("early_s", 60)
    batch = read_batch(pharmacy.services.dn_after("A", 0))
    last = open_line(batch.lines[-1])
    data = open_body(batch.bodies[last.payload.body]).data
    assert data == b'{"key":"early_s","value":60}'
    assert msgspec.json.decode(data) == {"key": "early_s", "value": 60}
