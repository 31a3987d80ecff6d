"""Who may see a page: sessions, passwords, forms from elsewhere."""

import pytest
from starlette.applications import Starlette

from pharmacy.app import Settings, build
from pharmacy.web import routes

PAGES = (
    "/", "/stock", "/stock/A", "/stock/A/3-2", "/orders", "/orders/next", "/orders/o1",
    "/patients", "/patients/p1", "/attention", "/attention/1", "/messages", "/messages/1",
    "/tables", "/tables/drugs", "/tables/frequencies", "/log", "/log/A", "/log/A/up/1/1",
    "/log/A/files/up.jws", "/password",
)  # fmt: skip
SENTENCE = "You are not signed in: name and password do not fit, or it was tried too soon"


@pytest.mark.parametrize("path", PAGES)
def test_every_page_asks_for_a_sign_in_first(browser_of, path):
    answer = browser_of().client.get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_no_form_does_anything_without_a_session(browser_of, ward):
    browser = browser_of()
    for path in (f"/orders/{ward.unseen}", "/attention/1", "/tables/drugs", "/sign-out"):
        answer = browser.client.post(path, data={"action": "verify"}, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/sign-in?said=over"
    assert ward.status(ward.unseen) == ("active", "none", False)


def test_the_right_password_opens_the_home_page_and_sets_a_narrow_cookie(browser_of):
    browser = browser_of()
    answer = browser.sign_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("adc_session"))
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert "What needs a person now" in browser.get("/")


def test_over_tls_the_cookie_is_secure(browser_of):
    answer = browser_of(base_url="https://pharmacy.test").sign_in()
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("adc_session"))
    assert "Secure" in cookie.split("; ")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("pia", "wrong"),
        ("nobody", "correct horse battery"),
        ("pia", ""),
        ("", ""),
        ("pia", "x" * 5000),
        ("p" * 5000, "x"),
        ("pia'; DROP TABLE users; --", "x"),
        ("pi\u202ea", "correct horse battery"),
    ],
)
def test_a_wrong_try_never_says_what_was_wrong(browser_of, user, password):
    answer = browser_of().sign_in(user, password)
    assert answer.status_code == 403
    assert SENTENCE in answer.text


def test_guessing_is_slowed_for_that_person_and_for_nobody_else(browser_of, clock):
    browser = browser_of()
    for _ in range(3):
        assert browser.sign_in(password="a wrong password").status_code == 403
        clock.advance(60)
    clock.advance(-59)
    answer = browser.sign_in()
    assert (answer.status_code, SENTENCE in answer.text) == (403, True)
    assert browser_of().sign_in("tom").status_code == 303
    clock.advance(10)
    assert browser.sign_in().status_code == 303


def test_a_crowd_at_the_door_gets_a_sentence_and_takes_no_worker(pharmacy, browser_of, monkeypatch):
    monkeypatch.setattr("pharmacy.web.pages.sign_in.CHECKS_WAITING", -2)  # no place is left
    answer = browser_of(Starlette(routes=routes(pharmacy.services))).sign_in()
    assert (answer.status_code, "Too many people sign in" in answer.text) == (503, True)


def test_a_sign_in_form_from_elsewhere_is_not_tried(browser_of):
    browser = browser_of()
    data = {"form": "0" * 32, "user": "pia", "password": "correct horse battery"}
    answer = browser.client.post("/sign-in", data=data, follow_redirects=False)
    assert answer.status_code == 403
    assert "Nothing was tried" in answer.text


def test_a_session_ends_an_hour_after_the_last_page_and_with_the_working_day(browser, clock):
    for _ in range(11):
        clock.advance(3500)
        browser.get("/stock")
    clock.advance(3601)
    browser.get("/stock", 303)
    browser.sign_in()
    for _ in range(12):
        clock.advance(3500)
        browser.get("/stock")
    clock.advance(12 * 3600 - 12 * 3500)
    browser.get("/stock", 303)


def test_T20_a_page_that_refreshes_itself_does_not_keep_a_session_alive(browser, clock):
    refresh = {"x-refresh": "1"}
    for _ in range(6):
        clock.advance(600)
        assert browser.client.get("/stock", headers=refresh).status_code == 200
    clock.advance(60)
    answer = browser.client.get("/stock", headers=refresh, follow_redirects=False)
    assert (answer.status_code, answer.content) == (401, b"")


def test_signing_out_ends_the_session_at_the_server(browser):
    token = browser.client.cookies["adc_session"]
    assert browser.sent("/sign-out") == "/sign-in?said=out"
    browser.client.cookies.set("adc_session", token)
    browser.get("/", 303)


def test_a_form_without_its_token_changes_nothing(browser, ward):
    path = f"/orders/{ward.unseen}"
    for csrf in ("", "x", "0" * 43):
        answer = browser.client.post(path, data={"action": "verify", "csrf": csrf})
        assert answer.status_code == 403
        assert "Nothing was changed" in answer.text
    assert browser.client.post(path, data={"action": "verify"}).status_code == 403
    assert ward.status(ward.unseen) == ("active", "none", False)


def test_a_form_with_another_persons_token_changes_nothing(browser, browser_of, ward):
    other = browser_of()
    other.sign_in("tom")
    data = {"action": "verify", "csrf": other.csrf()}
    answer = browser.client.post(f"/orders/{ward.unseen}", data=data)
    assert answer.status_code == 403
    assert ward.status(ward.unseen) == ("active", "none", False)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.test"},
        {"origin": "null"},
    ],
)
def test_a_form_from_another_site_changes_nothing(browser, ward, headers):
    data = {"action": "verify", "csrf": browser.csrf()}
    answer = browser.client.post(f"/orders/{ward.unseen}", data=data, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.text
    assert ward.status(ward.unseen) == ("active", "none", False)


def test_a_password_is_changed_and_ends_every_sign_in(browser, browser_of):
    other = browser_of()
    other.sign_in()
    new = "a longer new password"
    where = browser.sent("/password", old="correct horse battery", new=new, again=new)
    assert where == "/sign-in?said=password"
    assert "Your password was changed" in browser.get(where)
    other.get("/", 303)
    assert browser.sign_in().status_code == 403
    browser = browser_of()
    assert browser.sign_in("vic").status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        ("wrong", "a longer new password", "a longer new password", "old password is not right"),
        ("correct horse battery", "short", "short", "12 to 200 characters"),
        ("correct horse battery", "a longer password", "another longer one", "differ"),
        ("correct horse battery", "x" * 201, "x" * 201, "12 to 200 characters"),
    ],
)
def test_a_bad_new_password_is_refused_with_a_sentence(browser, old, new, again, sentence):
    status, page = browser.refused("/password", old=old, new=new, again=again)
    assert status == 422
    assert sentence in page
    browser.get("/")


def test_V3_a_first_start_password_of_a_real_pharmacy_serves_only_to_be_replaced(
    browser_of, tmp_path, clock
):
    pharmacy = build(
        Settings(
            database_url=f"sqlite:///{tmp_path / 'real.db'}", keys=tmp_path / "real", clock=clock
        )
    )
    try:
        first = pharmacy.services.first_user()
        assert first is not None
        assert pharmacy.services.first_user() is None
        browser = browser_of(pharmacy.asgi)
        assert browser.sign_in(*first).headers["location"] == "/password"
        for path in ("/", "/patients", "/log"):
            answer = browser.client.get(path, follow_redirects=False)
            assert answer.headers["location"] == "/password"
        assert "Change your password" in browser.get("/password")
    finally:
        pharmacy.close()


def test_roles_read_everything_and_do_only_what_they_may(browser_of, ward):
    ward.trouble()
    for user in ("tom", "vic"):
        browser = browser_of()
        browser.sign_in(user)
        assert "Verify" not in browser.get(f"/orders/{ward.unseen}")
        assert browser.refused(f"/orders/{ward.unseen}", action="verify")[0] == 403
        assert browser.refused("/tables/drugs", system="LOC", code="D9", product="para")[0] == 403
        assert browser.refused("/tables/frequencies", text="x", kind="stat")[0] == 403
        assert browser.client.get("/log/A/files/up.jws").status_code == 403
    assert ward.status(ward.unseen) == ("active", "none", False)
    assert ward.status(ward.waiting)[0] == "waiting"
