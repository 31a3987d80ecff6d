"""The demo's feed: our own messages and third-party ones, over real MLLP."""

import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from pharmacy.app import Settings, build
from pharmacy.clock import ManualClock
from pharmacy.db import OrderRow, PatientRow
from pharmacy.hl7.ack import acknowledge
from pharmacy.hl7.facts import MessageFacts, NotUnderstood
from pharmacy.hl7.matching import ask
from pharmacy.hl7.mllp_thread import ListenerThread
from pharmacy.hl7.nhs import nhs_number
from pharmacy.hl7.understand import understand
from sim.feed.feeder import Feeder
from sim.feed.manifest import MANIFEST_FILE, CorpusMessages, ManifestError, put_field
from sim.feed.messages import OwnMessages
from sim.feed.ward import SITE_ZONE, WARD_FILE, clock, load_setup, stamp

OPENED_S = 1_775_028_600  # 2026-04-01 08:30 in London


def facts(raw: bytes) -> MessageFacts:
    found = understand(raw)
    assert isinstance(found, MessageFacts), found
    assert found.stopped == ()
    return found


def test_eight_patients_are_admitted_to_the_ward_with_numbers_of_the_test_range():
    found = [facts(raw) for raw in OwnMessages(OPENED_S).admissions(OPENED_S)]
    assert [message.kind for message in found] == ["admit"] * 8
    patients = [message.patient for message in found]
    assert all(patient is not None and patient.nhs.startswith("999") for patient in patients)
    assert len({patient.nhs for patient in patients if patient}) == 8
    assert {message.visit.ward for message in found if message.visit} == {"7"}
    assert len({message.visit.bed for message in found if message.visit}) == 8
    assert len({message.control_id for message in found}) == 8


def test_every_order_is_understood_and_asks_nothing_but_the_tables():
    setup = load_setup(OPENED_S)
    known = {(drug.system, drug.code) for drug, _, _ in setup.drugs}
    texts = {text for text, _ in setup.frequencies}
    waiting: list[str] = []
    for raw in OwnMessages(OPENED_S).orders(OPENED_S):
        message = facts(raw)
        (order,) = message.orders
        asked = ask(order)
        assert (order.action, asked.questions) == ("new", ()), asked
        assert asked.dose is not None
        if (asked.drugs[0].system, asked.drugs[0].code) not in known:
            waiting.append(f"{asked.number}: drug")
        if not asked.times and asked.frequency not in texts:
            waiting.append(f"{asked.number}: frequency")
    assert waiting == ["RX70019: frequency", "RX70020: drug"]


def test_something_is_due_whenever_the_demo_opens():
    for opened_s in (OPENED_S, OPENED_S + 19 * 3_600):  # 08:30 and 03:30
        due = 0
        for raw in OwnMessages(opened_s).orders(opened_s):
            asked = ask(facts(raw).orders[0])
            due += clock(opened_s, 10) in asked.times
        assert due >= 1


def test_order_messages_come_in_three_shapes():
    kinds = {facts(raw).header.kind for raw in OwnMessages(OPENED_S).orders(OPENED_S)}
    assert kinds == {"RDE", "OMP", "ORM"}


def test_the_setup_has_a_product_and_a_pocket_for_everything_it_names():
    for path, products in ((WARD_FILE, 20), (MANIFEST_FILE, 4)):
        setup = load_setup(OPENED_S, path)
        ids = {product.product for product in setup.products}
        assert len(ids) == products
        assert {product for _, product, _ in setup.drugs} <= ids
        assert {pocket.product for pocket in setup.pockets} == ids
        assert len({pocket.pocket for pocket in setup.pockets}) == len(setup.pockets)
        assert {pocket.drawer for pocket in setup.pockets} <= set(range(1, 7))
        gtins = [product.gtins[0] for product in setup.products]
        assert len(set(gtins)) == products
        assert all(mod_10(gtin) for gtin in gtins)
        assert all(p.opening[0].expires > "2026-04" for p in setup.pockets)


def mod_10(gtin: str) -> bool:
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(gtin))
    return len(gtin) == 14 and total % 10 == 0


def test_every_nhs_number_of_the_demo_is_valid():
    data = tomllib.loads(WARD_FILE.read_text(encoding="utf-8"))
    assert [nhs_number(patient["nhs"]) for patient in data["patient"]] == [
        patient["nhs"] for patient in data["patient"]
    ]


def test_later_orders_come_round_with_new_numbers():
    messages = OwnMessages(OPENED_S)
    numbers = [facts(messages.later(OPENED_S, turn)).orders[0].number for turn in range(4)]
    assert numbers == ["RX71001-1", "RX71002-1", "RX71003-1", "RX71001-2"]


def test_the_heartbeat_is_understood_as_alive():
    assert facts(OwnMessages(OPENED_S).heartbeat(OPENED_S)).kind == "alive"


def test_moments_are_written_with_the_wards_offset():
    assert stamp(OPENED_S) == "20260401083000+0100"
    assert datetime.fromtimestamp(OPENED_S, SITE_ZONE).strftime("%H:%M") == clock(OPENED_S, 0)


# --- third-party messages ------------------------------------------------------------------------

ADT = (
    b"MSH|^~\\&|A|B|C|D|1988||ADT^A01|OLD|P|2.3\r\n"
    b"EVN|A01|1988\r\nPID|1||X^^^H^MR||A^B\r\nPV1|1|I|9\r\n"
)


def test_one_field_is_changed_and_every_other_byte_stays():
    assert put_field(ADT, "MSH", 10, b"NEW") == ADT.replace(b"OLD", b"NEW")
    assert put_field(ADT, "EVN", 2, b"2026") == ADT.replace(b"A01|1988\r\nPID", b"A01|2026\r\nPID")
    assert put_field(ADT, "PV1", 5, b"x") == ADT.replace(b"|I|9", b"|I|9||x")
    assert put_field(b"\xef\xbb\xbf" + ADT, "MSH", 3, b"Z") == b"\xef\xbb\xbf" + ADT.replace(
        b"|A|B|", b"|Z|B|"
    )


def test_a_segment_that_is_not_there_is_a_plain_error():
    with pytest.raises(ManifestError, match="no segment ORC"):
        put_field(ADT, "ORC", 1, b"NW")


def test_missing_files_are_skipped_aloud(tmp_path):
    said: list[str] = []
    messages = CorpusMessages(tmp_path, OPENED_S, said.append)
    assert list(messages.admissions(OPENED_S)) == []
    assert len(said) == 2
    assert said[0] == (
        "hl7-dotnetcore/ADT_A01-15-DoubleEncoding2.hl7 is not in "
        f"{tmp_path / 'hl7v2'}; this message is skipped."
    )


def test_a_file_that_is_there_goes_out_shifted_and_re_addressed(tmp_path):
    place = tmp_path / "hl7v2" / "hl7-dotnetcore" / "ADT_A01-15-DoubleEncoding2.hl7"
    place.parent.mkdir(parents=True)
    place.write_bytes(ADT)
    messages = CorpusMessages(tmp_path, OPENED_S, lambda _: None)
    (raw,) = messages.admissions(OPENED_S)
    found = facts(raw)
    assert found.patient is not None
    assert found.visit is not None
    assert (found.patient.mrn, found.patient.nhs) == ("D200001", "9990000093")
    assert (found.patient.family, found.visit.ward, found.visit.bed) == ("A", "7", "A1")
    assert found.header.sent is not None
    assert found.header.sent.at_s == OPENED_S
    assert facts(messages.heartbeat(OPENED_S)).kind == "alive"


def test_the_manifest_names_relative_files_and_says_why_of_every_change():
    data = tomllib.loads(MANIFEST_FILE.read_text(encoding="utf-8"))
    for item in data["message"]:
        assert not Path(item["file"]).is_absolute()
        assert ".." not in item["file"]
        assert all(change["why"] for change in item["changes"])
        assert {c["segment"] for c in item["changes"]} <= {"MSH", "EVN", "PID", "PV1", "ORC", "RXE"}


# --- the feeder ----------------------------------------------------------------------------------


class Few:
    """Two messages and a heartbeat."""

    every_s = 0

    def admissions(self, now_s: int) -> Iterator[bytes]:
        assert now_s == OPENED_S
        yield ADT

    def orders(self, now_s: int) -> Iterator[bytes]:
        assert now_s == OPENED_S
        yield ADT.replace(b"ADT^A01", b"ORU^R01")

    def heartbeat(self, now_s: int) -> bytes:
        return OwnMessages(now_s).heartbeat(now_s)


def test_the_feeder_sends_everything_and_says_aloud_what_was_not_taken():
    received: list[bytes] = []
    said: list[str] = []

    def receive(raw: bytes, source: str) -> bytes:
        assert source == "mllp:127.0.0.1"
        received.append(raw)
        return acknowledge(understand(raw), "A", "2026")

    with ListenerThread(receive) as listener:
        feeder = Feeder(Few(), listener.host, listener.port, ManualClock(OPENED_S), said.append)
        feeder.open()
        feeder.stop()
    assert [raw.split(b"|")[8] for raw in received] == [b"ADT^A01", b"ORU^R01", b"NMD^N02^NMD_N02"]
    assert (feeder.accepted, feeder.refused) == (2, 1)
    assert said == [
        (
            "The pharmacy did not take ORU^R01: This kind of message is not taken here: only ADT, "
            "RDE, OMP, ORM, RDS, RAS and NMD. It is kept and was not applied."
        )
    ]


def test_the_feeder_stops_while_the_pharmacy_is_away():
    feeder = Feeder(Few(), "127.0.0.1", 1, ManualClock(OPENED_S), lambda _: None)
    feeder.start()
    feeder.stop()
    assert (feeder.accepted, feeder.refused) == (0, 0)


def test_nothing_of_the_feed_is_refused():
    messages = OwnMessages(OPENED_S)
    raws = [*messages.admissions(OPENED_S), *messages.orders(OPENED_S)]
    assert not [raw for raw in raws if isinstance(understand(raw), NotUnderstood)]


# --- the whole way -------------------------------------------------------------------------------


def test_the_whole_ward_reaches_the_pharmacy_over_mllp(tmp_path):
    said: list[str] = []
    now = ManualClock(OPENED_S)
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'p.sqlite'}", demo=True, clock=now)
    pharmacy = build(settings)
    try:
        setup = load_setup(OPENED_S)
        pharmacy.services.put_products(setup.products)
        for drug, product, units in setup.drugs:
            pharmacy.services.map_drug(drug, product, "pharmacist", units)
        for text, frequency in setup.frequencies:
            pharmacy.services.map_frequency(text, frequency, "pharmacist")
        with ListenerThread(pharmacy.services.receive_hl7) as listener:
            feeder = Feeder(OwnMessages(OPENED_S), listener.host, listener.port, now, said.append)
            feeder.open()
            feeder.stop()
        assert (said, feeder.accepted, feeder.refused) == ([], 29, 0)
        with pharmacy.services.office.read() as session:
            orders = session.execute(select(OrderRow.placer, OrderRow.status)).all()
            patients = session.execute(select(PatientRow.nhs, PatientRow.status)).all()
        assert sorted(placer for placer, status in orders if status == "waiting") == [
            "RX70019",
            "RX70020",
        ]
        assert len(orders) == 20
        assert {status for _, status in patients} == {"admitted"}
    finally:
        pharmacy.close()
