"""T23: hostile addresses, forms and content get a plain page with a sentence, never a traceback."""

import re

import pytest

from pharmacy.services import DrugCode, Prescription
from statemachine.ward.entry import Decimal10
from statemachine.ward.patients import Allergy, Patient

XSS = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
BIDI = "abc\u202egnp.exe\u2066\u200f"
ODD = ("%00", "%ff%fe", "%E2%80%AE", "a" * 5000, "..%2f..%2fetc%2fpasswd", "'%20OR%201=1--",
       "%0d%0aX:1", "-1", "99999999999999999999", "1e9", "%D9%A1", " ", "%3Cscript%3E")  # fmt: skip


@pytest.mark.parametrize("part", ODD)
@pytest.mark.usefixtures("ward")
def test_an_address_that_cannot_be_gets_a_sentence(browser, part):
    for path in (
        f"/stock/{part}", f"/stock/A/{part}", f"/orders/{part}", f"/patients/{part}",
        f"/attention/{part}", f"/messages/{part}", f"/log/{part}", f"/log/A/up/1/{part}",
        f"/log/A/up/{part}/1", f"/log/A/{part}/1/1", f"/log/A/files/{part}", f"/{part}",
        f"/static/{part}",
    ):  # fmt: skip
        answer = browser.client.get(path, follow_redirects=False)
        assert answer.status_code == 404, path
        assert "Traceback" not in answer.text
        assert "<script>" not in answer.text


@pytest.mark.parametrize("part", ODD)
@pytest.mark.usefixtures("ward")
def test_a_question_that_means_nothing_shows_the_plain_page(browser, part):
    for path in (
        f"/orders?show={part}&page={part}", f"/patients?q={part}&all={part}",
        f"/attention?kind={part}", f"/messages?status={part}&page={part}",
        f"/log/A?log={part}&type={part}&before={part}&ep={part}", f"/?said={part}&n={part}",
    ):  # fmt: skip
        answer = browser.client.get(path)
        assert answer.status_code == 200, (path, answer.text)
        assert "<script>" not in answer.text


def test_a_method_no_page_has_gets_a_sentence(browser):
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = browser.client.request(method, "/stock")
        assert answer.status_code == 405
        assert "Nothing was changed." in answer.text


def test_the_cabinets_door_still_answers_in_its_own_words(browser):
    answer = browser.client.get("/v1/nothing")
    assert answer.status_code == 404
    assert answer.json()["error"] == "address"


def hostile(ward) -> tuple[str, str]:
    """A patient and an order whose every text is hostile."""
    services = ward.services
    patient = services.admit(
        Patient(
            patient="",
            family=XSS,
            given=BIDI,
            title=XSS,
            born="not a date",
            gender=XSS,
            nhs=XSS[:20],
            mrn=XSS,
            ward=XSS,
            bed=XSS,
            allergies_recorded=True,
            allergies=(Allergy(ingredient=XSS),),
        )
    )
    order = services.prescribe(
        Prescription(
            patient=patient,
            placer="RX-X",
            drug=DrugCode(system=XSS, code=XSS, text=XSS + BIDI),
            dose=Decimal10(n=10**15, unit=XSS),
            route=XSS,
            frequency=XSS,
            text=XSS * 30,
            allergy_reason=XSS,
            questions=(XSS,),
        )
    )
    services.receive_hl7(b"MSH|^~\\&|" + XSS.encode() + b"|\r" + BIDI.encode() + b"\r", XSS)
    return patient, order


def test_T23_hostile_names_and_texts_stay_texts_on_every_page(browser, ward):
    patient, order = hostile(ward)
    paths = [
        "/", "/patients", f"/patients/{patient}", "/orders?show=all", f"/orders/{order}",
        "/tables/drugs", "/tables/frequencies", "/messages", "/attention", "/messages/1",
        "/patients?q=" + XSS, "/log/A?log=dn",
    ]  # fmt: skip
    for path in paths:
        page = browser.raw(path)
        assert "<script>alert" not in page, path
        assert "<img" not in page, path
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200f]", page), path
    assert "&lt;script&gt;" in browser.raw(f"/patients/{patient}")
    assert "\u2039U+202E\u203a" in browser.raw("/messages/1")


def test_T23_a_reason_with_hidden_characters_is_kept_without_them(browser, ward):
    browser.sent(f"/orders/{ward.seen}", action="query", reason="do\u202e not\u0007 give\r\nnow")
    assert "Reason: do not give now" in browser.get(f"/orders/{ward.seen}")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"x=" + b"a" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a=%d" % n for n in range(500)), "application/x-www-form-urlencoded", 400),
        (b"csrf=x&reason=" + b"a" * 9_000, "application/x-www-form-urlencoded", 413),
        (b"csrf=%ff%fe", "application/x-www-form-urlencoded", 400),
        (b"csrf=\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"csrf=a%00b", "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"--x\r\n", "multipart/form-data; boundary=x", 415),
        (b"", "", 415),
    ],
)
def test_a_form_that_is_none_gets_a_sentence_and_changes_nothing(browser, ward, body, kind, status):
    answer = browser.client.post(
        f"/orders/{ward.unseen}",
        content=body,
        headers={"content-type": kind},
        follow_redirects=False,
    )
    assert answer.status_code == status
    assert "Nothing was changed." in answer.text
    assert ward.status(ward.unseen) == ("active", "none", False)


def test_a_fault_of_ours_is_a_sentence_and_the_next_page_works(browser, monkeypatch):
    from pharmacy.web.reading import attention

    def broken(_office):
        raise ZeroDivisionError("secret detail")

    with monkeypatch.context() as changed:
        changed.setattr(attention, "groups", broken)
        answer = browser.client.get("/")
    assert answer.status_code == 500
    assert "A fault of ours" in answer.text
    assert "secret detail" not in answer.text
    assert browser.client.get("/").status_code == 200


def test_a_database_that_does_not_answer_is_a_sentence(browser, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from pharmacy.web.reading import attention

    def broken(_office):
        raise OperationalError("select", {}, Exception("server closed"))

    monkeypatch.setattr(attention, "groups", broken)
    answer = browser.client.get("/")
    assert answer.status_code == 503
    assert "The cabinets work on without it." in answer.text


@pytest.mark.parametrize("cookie", ["", "x", "x" * 5000, "%00", "../../etc"])
def test_a_made_up_cookie_signs_nobody_in(browser_of, cookie):
    answer = browser_of().client.get(
        "/patients", headers={"cookie": f"adc_session={cookie}"}, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
