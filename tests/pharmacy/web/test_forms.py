"""What a pharmacist does on the pages, and what the cabinets hear of it."""

import re

import pytest

from pharmacy.db import DrugMapRow, FrequencyMapRow
from statemachine.ward.orders import Order, OrderStop
from statemachine.ward.patients import Patient


def last_order(ward, order: str) -> Order:
    return [
        entry
        for entry in ward.cabinet.directives()
        if isinstance(entry, Order) and entry.order == order
    ][-1]


def test_verifying_tells_the_cabinet_and_goes_to_the_next_order(browser, ward):
    path = f"/orders/{ward.unseen}"
    assert browser.sent(path, action="verify-next") == "/orders/next?said=verified-next"
    assert ward.status(ward.unseen) == ("active", "verified", True)
    assert last_order(ward, ward.unseen).verdict == "verified"
    answer = browser.client.get("/orders/next?said=verified-next")
    assert "The order before was verified." in answer.text
    assert "by pia" in browser.get(path)


@pytest.mark.parametrize(
    ("action", "verdict", "said"),
    [("query", "queried", "Queried."), ("reject", "rejected", "Rejected.")],
)
def test_query_and_reject_need_a_reason_and_the_cabinet_refuses_from_then_on(
    browser, ward, action, verdict, said
):
    path = f"/orders/{ward.seen}"
    status, page = browser.refused(path, action=action, reason="   ")
    assert (status, "Write the reason first" in page) == (422, True)
    assert ward.status(ward.seen)[1] == "none"
    where = browser.sent(path, action=action, reason="dose looks <b>high</b>")
    assert said in browser.get(where)
    assert "Reason: dose looks &lt;b&gt;high&lt;/b&gt;" in browser.raw(path)
    assert last_order(ward, ward.seen).verdict == verdict
    assert ward.seen in browser.get(f"/orders?show={verdict}")


def test_stopping_an_order_ends_it_and_nothing_more_can_be_said_on_it(browser, ward):
    path = f"/orders/{ward.seen}"
    browser.sent(path, action="stop", reason="course finished")
    stops = [e for e in ward.cabinet.directives() if isinstance(e, OrderStop)]
    assert [(stop.order, stop.reason) for stop in stops] == [(ward.seen, "course finished")]
    assert "course finished" in browser.get(path)
    assert 'value="verify"' not in browser.get(path)
    status, page = browser.refused(path, action="verify")
    assert (status, "This order has ended." in page) == (422, True)


def test_a_form_that_says_nothing_to_do_does_nothing(browser, ward):
    status, page = browser.refused(f"/orders/{ward.seen}", action="destroy")
    assert (status, "The form says nothing to do." in page) == (422, True)
    assert browser.refused("/orders/nobody", action="verify")[0] == 404


def test_filling_both_tables_sends_the_waiting_order_at_once(browser, ward):
    page = browser.get("/tables/drugs")
    assert "Paracetamol 500 mg tablets" in page
    assert "One order waits" in page
    assert "Asked for: 1,000 mg." in page
    assert re.findall(r'name="likely" value="([^"]*)"', page) == ["para", ""]
    where = browser.sent("/tables/drugs", system="LOC", code="D9", text="Para", likely="para")
    assert where == "/tables/drugs?said=saved&n=0"
    assert ward.status(ward.waiting)[0] == "waiting"
    assert "Every code has its product." in browser.get("/tables/drugs")
    assert "TWICE A DAY" in browser.get("/tables/frequencies")
    where = browser.sent(
        "/tables/frequencies", text="TWICE A DAY", kind="times", times="0800, 20.00"
    )
    assert "Saved. One waiting order was sent to the cabinets." in browser.get(where)
    assert ward.status(ward.waiting)[0] == "active"
    assert last_order(ward, ward.waiting).sets == ((("para", 2),),)
    filled = browser.get("/tables/frequencies")
    assert "at 08:00, 20:00 every day" in filled
    assert "Every text has its meaning." in filled


def test_names_alone_never_match(browser, ward):
    page = browser.get("/tables/drugs")
    chosen = re.findall(r'name="likely" value="([^"]*)" checked', page)
    assert chosen == [""]
    status, page = browser.refused("/tables/drugs", system="LOC", code="D9", likely="")
    assert (status, "choose a product first" in page) == (422, True)
    assert ward.status(ward.waiting)[0] == "waiting"


@pytest.mark.parametrize(
    ("fields", "meaning"),
    [
        ({"kind": "stat"}, "once, now"),
        (
            {"kind": "as-required", "hours": "4", "most": "4"},
            "as required, at least 4 h apart, at most 4 doses in 24 h",
        ),
        ({"kind": "as-required", "hours": "1", "minutes": "30"}, "as required, at least 90 min"),
        (
            {"kind": "times", "times": "9:00", "days": ["1", "4"]},
            "at 09:00 on Monday, Thursday",
        ),
        (
            {"kind": "times", "times": "9:00", "days": [str(n) for n in range(1, 8)]},
            "at 09:00 every day",
        ),
    ],
)
def test_a_text_can_mean_times_a_least_interval_or_once(browser, fields, meaning):
    browser.sent("/tables/frequencies", text="some text", **fields)
    assert meaning in browser.get("/tables/frequencies")


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": ""},
        {"kind": "never"},
        {"kind": "times", "times": ""},
        {"kind": "times", "times": "25:00"},
        {"kind": "times", "times": "8am"},
        {"kind": "times", "times": " ".join(f"{n // 60:02}:{n % 60:02}" for n in range(30))},
        {"kind": "as-required"},
        {"kind": "as-required", "hours": "0"},
        {"kind": "as-required", "hours": "-4"},
        {"kind": "as-required", "hours": "1e3"},
        {"kind": "as-required", "hours": "4", "most": "999"},
        {"kind": "as-required", "hours": "\u0664"},
    ],
)
def test_a_frequency_that_means_nothing_is_refused_and_what_was_typed_stays(
    browser, pharmacy, fields
):
    status, page = browser.refused("/tables/frequencies", new="1", text="NOW AND THEN", **fields)
    assert status == 422
    assert "Nothing was changed." in page
    assert 'value="NOW AND THEN"' in page
    with pharmacy.office.read() as session:
        assert session.get(FrequencyMapRow, "NOW AND THEN") is None


@pytest.mark.parametrize(
    "fields",
    [
        {"product": "nothing-such"},
        {"product": "para", "units": "0"},
        {"product": "para", "units": "101"},
        {"product": "para", "units": "one"},
        {"product": "para", "code": ""},
        {"product": "para", "code": "c" * 129},
        {"product": "para", "code": "D\u202e9"},
    ],
)
@pytest.mark.usefixtures("ward")
def test_a_drug_row_that_cannot_be_is_refused_with_a_sentence(browser, pharmacy, fields):
    sent = {"new": "1", "system": "LOC", "code": "D7"} | fields
    status, page = browser.refused("/tables/drugs", **sent)
    assert (status, 'role="alert"' in page) == (422, True)
    with pharmacy.office.read() as session:
        assert session.query(DrugMapRow).count() == 0


def test_a_pharmacist_answers_for_one_order_alone(browser, ward, pharmacy):
    path = f"/orders/{ward.waiting}"
    where = browser.sent(path, action="complete", product1="para", units1="2")
    assert where.endswith("?said=still-waiting")
    assert "The order still waits" in browser.get(where)
    where = browser.sent(
        path, action="complete", product1="para", units1="2", kind="times", times="07:00"
    )
    assert where.endswith("?said=completed")
    assert ward.status(ward.waiting)[0] == "active"
    assert last_order(ward, ward.waiting).sets == ((("para", 2),),)
    with pharmacy.office.read() as session:
        assert session.query(DrugMapRow).count() == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"units1": "2"},
        {"product1": "para"},
        {"product1": "para", "units1": "99999"},
        {"product1": "nothing-such", "units1": "1"},
        {"kind": "times", "times": "later"},
    ],
)
def test_an_answer_that_cannot_be_is_refused(browser, ward, fields):
    status, page = browser.refused(f"/orders/{ward.waiting}", action="complete", **fields)
    assert (status, "Nothing was changed." in page) == (422, True)
    assert ward.status(ward.waiting)[0] == "waiting"


def test_an_alarm_is_closed_with_a_note_by_name_and_never_without(browser_of, ward):
    browser = browser_of()
    browser.sign_in("tom")
    ward.trouble()
    listed = browser.get("/attention?kind=alarm")
    found = re.search(r'href="(/attention/\d+)"', listed)
    assert found is not None
    path = found.group(1)
    assert browser.refused(path, note="")[0] == 422
    assert browser.refused(path, note="x" * 151)[0] == 422
    where = browser.sent(path, note="counted, all there")
    assert where == "/attention?kind=alarm&said=closed"
    assert "There are none." in browser.get("/attention?kind=alarm")
    assert "tom: counted, all there" in browser.get("/attention?kind=closed")
    assert "tom: counted, all there" in browser.get(path)


def test_an_item_that_closes_itself_is_not_closed_by_hand(browser, ward, pharmacy):
    from sqlalchemy import select

    from pharmacy.db import AttentionRow

    with pharmacy.office.read() as session:
        number = session.scalars(select(AttentionRow.id).where(AttentionRow.kind == "drug")).one()
    assert "closes by itself" in browser.get(f"/attention/{number}")
    assert browser.refused(f"/attention/{number}", note="away with it")[0] == 404
    assert ward.status(ward.waiting)[0] == "waiting"


REFUSED = (
    b"MSH|^~\\&|PAS|R|CAB|P|20261123080000||ADT^Z99^X|C1|P|2.5\r"
    b"EVN||\x01\x1b[31m\rPID|1||\xff\xfe|\r"
)


def test_a_message_is_shown_raw_with_nothing_hidden_and_closed_with_a_note(browser, pharmacy):
    pharmacy.services.receive_hl7(REFUSED, "mllp:10.0.0.1")
    page = browser.get("/attention")
    path = re.search(r'href="(/attention/\d+)"', page)
    assert path is not None
    shown = browser.get(path.group(1))
    assert "EVN||\u2039SOH\u203a\u2039ESC\u203a[31m\u2039CR\u203a" in shown
    assert "\\xff\\xfe" in shown
    assert "refused, kept" in shown
    browser.sent(path.group(1), note="told the sender")
    assert "There are none." in browser.get("/attention")
    assert "mllp:10.0.0.1" in browser.get("/messages")
    assert "refused, kept" in browser.get("/messages?status=refused")


def admission(name: str, born: str, control: str) -> bytes:
    return (
        f"MSH|^~\\&|PAS|R|CAB|P|20261123080000||ADT^A01|{control}|P|2.5\r"
        f"PID|1||D778^^^R^MR||{name}^Joe^^^Mr||{born}|1\rPV1|1|I|7^A^1\r"
    ).encode()


def test_a_message_that_was_kept_can_be_applied_again_once_its_reason_is_gone(browser, pharmacy):
    pharmacy.services.receive_hl7(admission("BAKRE", "19600101", "C7"), "mllp:10.0.0.1")
    pharmacy.services.receive_hl7(admission("BAKER", "19610101", "C8"), "mllp:10.0.0.1")
    assert "kept, not applied" in browser.get("/messages/2")
    assert browser.sent("/messages/2") == "/messages/2?said=again-waits"
    patient = re.search(r'href="/patients/([^"?]+)"', browser.get("/patients"))
    assert patient is not None
    pharmacy.services.admit(
        Patient(patient=patient.group(1), family="BAKER", given="Joe", ward="7")
    )
    assert browser.sent("/messages/2") == "/messages/2?said=again"
    assert "What it said holds." in browser.get("/messages/2?said=again")
    assert "01-Jan-1961" in browser.get("/patients")


def test_an_applied_message_is_never_applied_again_by_hand(browser, pharmacy):
    pharmacy.services.receive_hl7(admission("BAKER", "19600101", "C8"), "mllp:10.0.0.1")
    page = browser.get("/messages/1")
    assert "Try to apply it again" not in page
    status, page = browser.refused("/messages/1")
    assert (status, "was applied already" in page) == (422, True)


def test_a_forgotten_patients_message_shows_no_name_any_more(browser, pharmacy, clock):
    pharmacy.services.receive_hl7(admission("BAKER", "19600101", "C8"), "mllp:10.0.0.1")
    assert "BAKER" in browser.get("/messages/1")
    patient = re.search(r'href="/patients/([^"?]+)"', browser.get("/patients"))
    assert patient is not None
    pharmacy.services.discharge(patient.group(1))
    clock.advance(73 * 3600)
    pharmacy.tick()
    browser.sign_in()
    page = browser.get("/messages/1")
    assert "erased with the patient's names" in page
    assert "BAKER" not in page
    shown = browser.get(f"/patients/{patient.group(1)}")
    assert "NAME FORGOTTEN" in shown
    assert "BAKER" not in shown.upper()
