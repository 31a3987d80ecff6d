"""The pharmacy's pages in a real Chromium: signed in, live within a second, accessible everywhere.

The pharmacy is served in this process over a real socket; the cabinet's lines are really signed.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pharmacy.app import Pharmacy, Settings, build
from pharmacy.clock import SystemClock
from tests.pharmacy.conftest import WardCabinet
from tests.pharmacy.web.small_ward import SmallWard

USER, PASSWORD = "pia", "correct horse battery"
WITHIN_MS = 1_000
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
HL7 = (
    b"MSH|^~\\&|PAS|R|CAB|P|20261123080000||ADT^Z99^X|C1|P|2.5\rEVN||\x01\r",
    b"MSH|^~\\&|PAS|R|CAB|P|20261123080000||ADT^A01|C2|P|2.5\rPID|1||D7^^^R^MR||BAKER^Joe\r",
)


class Site:
    """A served pharmacy with a small ward, and a page at it."""

    def __init__(self, pharmacy: Pharmacy, ward: SmallWard, page: Page, url: str) -> None:
        self.pharmacy, self.ward, self.page, self.url = pharmacy, ward, page, url

    def open(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def sign_in(self) -> None:
        self.open("/")
        self.page.get_by_label("User").fill(USER)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("What needs a person now")

    def live(self) -> None:
        """Wait until the page says that it is watching."""
        expect(self.page.locator("#live-state")).to_contain_text("Live")


@contextlib.contextmanager
def served(pharmacy: Pharmacy) -> Iterator[str]:
    """Serve on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        pharmacy.asgi,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


@pytest.fixture
def site(browser, tmp_path: Path) -> Iterator[Site]:
    """A pharmacy with something on every page; nobody is signed in."""
    pharmacy = build(
        Settings(
            database_url=f"sqlite:///{tmp_path / 'pharmacy.db'}",
            keys=tmp_path / "keys",
            demo=True,
            clock=SystemClock(),
        )
    )
    faults: list[str] = []
    try:
        pharmacy.services.put_user(USER, name="Pia Hart", role="pharmacist", password=PASSWORD)
        ward = SmallWard(pharmacy, WardCabinet(pharmacy))
        ward.remove(2)
        ward.given()
        for raw in HL7:
            pharmacy.services.receive_hl7(raw, "mllp:10.0.0.1")
        with served(pharmacy) as url:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda said: faults.append(said.text) if refused(said.text) else 0)
            yield Site(pharmacy, ward, page, url)
            context.close()
    finally:
        pharmacy.close()
    assert faults == []


def refused(text: str) -> bool:
    """Whether the browser complains of something our own policy forbids."""
    return "Content Security Policy" in text or "Refused to" in text


def test_stock_falls_on_the_page_somebody_watches_within_a_second(site):
    site.sign_in()
    site.open("/stock")
    site.live()
    card = site.page.locator(".card", has_text="3-2")
    expect(card).to_contain_text("38 tablets")
    site.page.locator(".card a", has_text="3-2").focus()
    site.ward.remove(3)
    expect(card).to_contain_text("35 tablets", timeout=WITHIN_MS)
    expect(card.locator("rect.bar-full")).to_have_attribute("width", "70")
    expect(site.page.locator("#live-said")).to_contain_text("35 tablets of 50")
    # The keyboard's place is kept although the card was drawn anew.
    assert "3-2" in site.page.evaluate("document.activeElement.textContent")


def test_home_and_history_follow_too(site):
    site.sign_in()
    site.live()
    site.ward.trouble()
    expect(site.page.locator("main")).to_contain_text(
        "Drawer 3 of cabinet A was opened without being released.", timeout=WITHIN_MS
    )
    site.open("/stock/A/3-2")
    site.live()
    site.ward.remove(1)
    expect(site.page.locator("tbody").last).to_contain_text("34", timeout=WITHIN_MS)


def test_without_scripts_every_figure_comes_by_reload(site, browser):
    site.sign_in()
    cookies = site.page.context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"{site.url}/stock")
    expect(page.locator(".card", has_text="3-2")).to_contain_text("38 tablets")
    site.ward.remove(3)
    page.reload()
    expect(page.locator(".card", has_text="3-2")).to_contain_text("35 tablets")
    page.goto(f"{site.url}/orders/{site.ward.unseen}")
    page.get_by_role("button", name="Verify and stay").click()
    expect(page.get_by_role("status")).to_have_text("Verified. The cabinets are told.")
    context.close()


def test_T20_names_leave_the_screen_when_the_session_ends(site):
    site.sign_in()
    site.open("/patients")
    site.live()
    expect(site.page.locator("main")).to_contain_text("JONES, Ann (Mrs)")
    token = next(c for c in site.page.context.cookies() if c["name"] == "adc_session")["value"]
    site.pharmacy.services.sign_out(token)
    site.pharmacy.services.transfer(site.ward.patient, "8", "1")
    expect(site.page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_code_is_mapped_and_a_text_given_its_times_with_the_keyboard_alone(site):
    site.sign_in()
    page = site.page
    page.get_by_role("link", name="Say which product it is").focus()
    page.keyboard.press("Enter")
    page.get_by_label("paracetamol 500 mg tablets", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    site.open("/tables/frequencies")
    page.get_by_label("give at", exact=True).first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("08:00 20:00")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text(
        "Saved. One waiting order was sent to the cabinets."
    )
    assert site.ward.status(site.ward.waiting)[0] == "active"


def test_every_page_is_free_of_accessibility_faults(site):
    ward = site.ward
    ward.trouble()
    axe = Axe()
    site.open("/sign-in")
    found = violations(axe, site.page, "/sign-in")
    site.sign_in()
    for path in (
        "/", "/stock", "/stock/A", "/stock/A/3-2", "/orders", "/orders?show=all",
        f"/orders/{ward.unseen}", f"/orders/{ward.waiting}", "/patients",
        f"/patients/{ward.patient}", "/attention", "/attention?kind=alarm", "/attention/1",
        "/messages", "/messages/1", "/tables/drugs", "/tables/frequencies", "/log", "/log/A",
        "/log/A?log=dn", "/log/A/up/1/3", "/password", "/nowhere",
    ):  # fmt: skip
        site.open(path)
        found += violations(axe, site.page, path)
    assert found == []


def violations(axe: Axe, page: Page, path: str) -> list[tuple[str, str, str]]:
    """What axe finds wrong: page, rule, first place."""
    options = {"runOnly": {"type": "tag", "values": list(RULES)}}
    answer = axe.run(page, options=options).response
    return [(path, one["id"], one["nodes"][0]["html"][:120]) for one in answer["violations"]]


def test_a_narrow_window_and_large_letters_lose_nothing(site):
    # WCAG 1.4.10: at 320 pixels (1280 at 400 %) nothing needs scrolling sideways but tables.
    site.sign_in()
    site.page.set_viewport_size({"width": 320, "height": 640})
    for path in (
        "/", "/stock", "/stock/A/3-2", f"/orders/{site.ward.waiting}", "/tables/frequencies",
        "/tables/drugs", "/log/A/up/1/3", "/messages/1", "/patients",
    ):  # fmt: skip
        site.open(path)
        wide = site.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, (path, wide)
