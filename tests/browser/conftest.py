"""A real demo, as a process of its own, and a real Chromium that looks at it.

The demo is started once a file with `cabinet-sim demo` on free ports, in a temporary folder.
Each test finds the page as a visitor would who opens it: power and network on, every drawer shut,
nothing in the hands, nobody signed in. Without Chromium the tests are skipped aloud, and fail when
CI is set.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SIZE = {"width": 1440, "height": 900}
STARTS_S = 60
BEDS = 8
NINA = "badge 70010001"
PIN = "246810"
WAIT_MS = 15_000
expect.set_options(timeout=WAIT_MS)


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


def free_ports(number: int) -> list[int]:
    """Ports nobody listens on now."""
    held = [socket.socket() for _ in range(number)]
    for each in held:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


class Demo:
    """One process of `cabinet-sim demo`, and what it says on its terminal."""

    def __init__(self, data: Path, *extra: str, ports: list[int] | None = None) -> None:
        self.data = data
        self.ports = ports or free_ports(3)
        self.said = data.with_suffix(".said")
        self._extra = extra
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}/"

    @property
    def terminal(self) -> str:
        return self.said.read_text("utf-8")

    def start(self, *extra: str) -> "Demo":
        page, pharmacy, mllp = map(str, self.ports)
        command = [
            sys.executable, "-m", "sim", "demo", "--data", str(self.data), "--port", page,
            "--pharmacy-port", pharmacy, "--mllp-port", mllp, *self._extra, *extra,
        ]  # fmt: skip
        with self.said.open("wb") as said:
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
            )
        return self

    def ready(self) -> "Demo":
        """Wait until the page answers."""
        until = time.monotonic() + STARTS_S
        while time.monotonic() < until:
            assert self.alive, f"The demo ended while it started:\n{self.terminal}"
            try:
                with urllib.request.urlopen(f"{self.url}state", timeout=2) as answer:
                    if answer.status == 200:
                        return self
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"The demo did not answer within {STARTS_S} s:\n{self.terminal}")

    def state(self) -> dict[str, Any]:
        """What the page is told."""
        with urllib.request.urlopen(f"{self.url}state", timeout=10) as answer:
            return json.loads(answer.read())

    def come_to_rest(self) -> dict[str, Any]:
        """Wait until the ward is full and every line has its receipt; the state then."""
        until = time.monotonic() + STARTS_S
        while time.monotonic() < until:
            state = self.state()
            bands = [item for item in state["tray"] if item["kind"] == "wristband"]
            if len(bands) == BEDS and state["log"] and all(x["receipt"] for x in state["log"]):
                return state
            time.sleep(0.2)
        raise AssertionError(f"The demo never came to rest: {state['log'][:3]}")

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def interrupt(self, within_s: float) -> int:
        """Press Ctrl-C and return the exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(within_s)

    def wait(self, within_s: float) -> int:
        assert self._process is not None
        return self._process.wait(within_s)

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)


@pytest.fixture
def start_demo(tmp_path) -> Iterator[Callable[..., Demo]]:
    """Makes demos of a test's own; all are ended after it."""
    made: list[Demo] = []

    def make(name: str = "data", *extra: str, ports: list[int] | None = None) -> Demo:
        made.append(Demo(tmp_path / name, *extra, ports=ports))
        return made[-1]

    yield make
    for each in made:
        each.end()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed, and CI skips nothing: apt-get install chromium")
        pytest.skip("Chromium is not installed: the page was not looked at")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def demo(browser, tmp_path_factory) -> Iterator[Demo]:
    """The demo that one file's tests share: a ward has only so many doses that are due."""
    del browser  # no demo is worth starting where nobody can look at it
    started = Demo(tmp_path_factory.mktemp("demo") / "data").start().ready()
    started.come_to_rest()
    yield started
    started.end()


class Visitor:
    """Somebody at the page. Everything is clicked; only looking is done any other way."""

    def __init__(self, page: Page, demo: Demo) -> None:
        self.page, self.demo = page, demo

    # --- looking -----------------------------------------------------------------------------

    @property
    def display(self) -> Locator:
        return self.page.locator("#display")

    def sees(self, text: str) -> None:
        """The cabinet's own display says so."""
        expect(self.display).to_contain_text(text)

    def at(self, *screens: str) -> str:
        """Wait until the display shows one of these screens; return which."""
        names = "|".join(name.replace(".", r"\.") for name in screens)
        self.page.wait_for_function(
            "re => new RegExp(re).test(document.getElementById('display').dataset.screen || '')",
            arg=f"^({names})$",
            timeout=WAIT_MS,
        )
        return str(self.display.get_attribute("data-screen"))

    def stock(self, pocket: str) -> int:
        return int(self.page.locator(f"[data-stock='{pocket}'] td.number").inner_text())

    def drawer(self, number: int) -> Locator:
        return self.page.locator(f"article[data-drawer='{number}']")

    def state(self) -> dict[str, Any]:
        return self.demo.state()

    # --- hands -------------------------------------------------------------------------------

    def press(self, keys: str) -> None:
        for key in keys:
            self.page.locator(f"#keypad [data-key='{key}']").click()

    def hold(self, item: str) -> None:
        self.page.locator(f"[data-item='{item}']").click()

    def open(self, number: int) -> None:
        self.drawer(number).locator("[data-act=pull]").click()

    def close(self, number: int) -> None:
        self.drawer(number).locator("[data-act=push]").click()

    def take(self, pocket: str, quantity: int = 1) -> None:
        packs = self.page.locator(f"[data-pocket='{pocket}']")
        for _ in range(quantity):
            before = int(packs.get_attribute("data-packs") or "0")
            packs.locator("[data-act=take]").click()
            expect(packs).to_have_attribute("data-packs", str(before - 1))

    def scan_from_hand(self) -> None:
        self.page.locator("#hands [data-item]").first.click()

    def trouble(self, name: str) -> None:
        self.page.locator(f"[data-trouble='{name}']").click()

    # --- what every story begins with --------------------------------------------------------

    def sign_in(self) -> None:
        self.at("signin.badge")
        self.hold(NINA)
        self.at("signin.pin")
        self.press(PIN + "#")
        self.at("home.patients")

    def released_drawer(self) -> int:
        """The drawer that is unlocked now."""
        self.at("remove.release", "remove.open")
        unlocked = self.page.locator("article[data-state=unlocked]")
        expect(unlocked).to_have_count(1)
        return int(unlocked.get_attribute("data-drawer"))

    def lit_pocket(self) -> str:
        lit = self.page.locator("[data-pocket].lit")
        expect(lit).to_have_count(1)
        return str(lit.get_attribute("data-pocket"))

    def wanted(self) -> int:
        """How many the display says to take."""
        found = re.search(r"TAKE (\d+)", self.display.inner_text())
        assert found, self.display.inner_text()
        return int(found[1])

    def choose_first_due(self) -> str:
        """The first dose that is due for somebody nobody is named like; its pocket, lit."""
        self.choose_patient()
        due = self.display.locator(".d-line.due, .d-line.late, .d-line.stat").first
        self.press(due.locator(".choice").inner_text())
        if self.at("remove.release", "remove.many") == "remove.many":
            figure = re.search(r"STOP: (\d+)", self.display.inner_text())
            assert figure, self.display.inner_text()
            self.press(figure[1] + "#")
        self.released_drawer()
        return self.lit_pocket()

    def choose_patient(self) -> None:
        """The first patient of the list with something due whom nobody is named like."""
        line = self.display.locator(".d-line.due").filter(has_not_text="similar").first
        self.press(line.locator(".choice").inner_text())
        if self.at("home.confirm", "patient.list", "patient.chart") == "home.confirm":
            self.press("A")
        self.at("patient.list")


@pytest.fixture
def visitor(browser, demo) -> Iterator[Visitor]:
    """Somebody who has just opened the page; the ward is as it should be again."""
    context = browser.new_context(viewport=SIZE, reduced_motion="reduce")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(demo.url)
    page.wait_for_selector("body[data-ready=yes]")
    somebody = Visitor(page, demo)
    put_right(somebody)
    yield somebody
    put_right(somebody)
    context.close()
    assert faults == []
    assert demo.alive, demo.terminal


def put_right(visitor: Visitor) -> None:
    """Troubles undone, drawers shut, hands empty, nobody signed in."""

    def do(**action: object) -> None:
        visitor.page.request.post(f"{visitor.demo.url}do", data=action)

    for _ in range(60):
        state = visitor.state()
        on = [trouble for trouble in state["troubles"] if trouble["on"]]
        opened = [drawer for drawer in state["drawers"] if drawer["open"]]
        screen = state["screen"]
        if state["showing"]:
            do(do="show_me")
        elif on:
            do(do="trouble", trouble=on[0]["id"], on=False)
        elif opened:
            do(do="close", drawer=opened[0]["drawer"])
        elif state["hands"]:
            do(do="bedside")
        elif screen is not None and screen["id"] == "signin.badge":
            break
        elif screen is not None:
            last = screen["id"] in {"remove.open", "remove.nothing", "remove.unscanned"}
            keys = {key["key"] for key in screen["keys"]}
            do(do="key", key="#" if last else "C" if "C" in keys else "B")
        time.sleep(0.15)
    else:
        raise AssertionError(f"The ward could not be put right: {visitor.state()['screen']}")
    visitor.at("signin.badge")
