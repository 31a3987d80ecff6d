"""`python -m tests.browser.screenshots`: takes the pictures under docs/images again.

A demo of its own, in a temporary folder, is clicked through in Chromium; each picture is of a state
that a reader of the README or the tutorial is told about.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import FLAGS, ROOT, SIZE, Demo, Visitor, put_right

IMAGES = ROOT / "docs" / "images"
SETTLE_MS = 600
"""Drawers slide and the changed row of the stock table fades; a picture waits for both."""
SIGN_IN = re.compile(r"user (\S+), password (\S+)")


def take(page: Page, name: str) -> None:
    """Write one picture."""
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=IMAGES / f"{name}.png")
    print(f"docs/images/{name}.png")


def cabinet(visitor: Visitor) -> None:
    """Idle, the patients, one patient, at the drawer, a refusal, after a power cut."""
    page = visitor.page
    take(page, "idle")
    visitor.sign_in()
    take(page, "patients")
    visitor.press("A")
    if visitor.at("home.confirm", "patient.list") == "home.confirm":
        visitor.press("A")
    visitor.at("patient.list")
    take(page, "one-patient")
    visitor.press(
        visitor.display.locator(".d-line", has_text="take 2").locator(".choice").inner_text()
    )
    drawer = visitor.released_drawer()
    pocket = visitor.lit_pocket()
    visitor.open(drawer)
    visitor.at("remove.open")
    visitor.take(pocket)
    take(page, "at-the-drawer")
    visitor.take(pocket)
    visitor.scan_from_hand()
    visitor.sees("Right pack")
    visitor.close(drawer)
    visitor.sees("Recorded")
    refusal(visitor)
    power_cut(visitor)


def refusal(visitor: Visitor) -> None:
    """A medicine that the patient is allergic to."""
    put_right(visitor)
    visitor.sign_in()
    visitor.press(
        visitor.display.locator(".d-line", has_text="NEILL").last.locator(".choice").inner_text()
    )
    if visitor.at("home.confirm", "patient.list") == "home.confirm":
        visitor.press("A")
    visitor.at("patient.list")
    visitor.press(
        visitor.display.locator(".d-line", has_text="ibuprofen")
        .first.locator(".choice")
        .inner_text()
    )
    visitor.at("remove.refused")
    take(visitor.page, "refused")
    put_right(visitor)


def power_cut(visitor: Visitor) -> None:
    """Power fails with a drawer open, and comes back."""
    visitor.sign_in()
    drawer = int(visitor.choose_first_due().split("-")[0])
    visitor.open(drawer)
    visitor.at("remove.open")
    visitor.trouble("power")
    visitor.close(drawer)
    visitor.trouble("power")
    visitor.sees("may have happened")
    take(visitor.page, "after-a-power-cut")


def pharmacy(page: Page, demo: Demo) -> None:
    """The pharmacy's own page of this cabinet's stock."""
    found = SIGN_IN.search(demo.terminal)
    assert found, "the demo printed no password"
    page.goto(f"http://127.0.0.1:{demo.ports[1]}/")
    page.locator("input[name=user]").fill(found[1])
    page.locator("input[name=password]").fill(found[2])
    page.locator("form button, form input[type=submit]").first.click()
    page.goto(f"http://127.0.0.1:{demo.ports[1]}/stock")
    page.wait_for_load_state()
    take(page, "pharmacy-stock")


def main() -> int:
    """Take every picture."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("Chromium is not installed; no picture was taken. Install it: make system")
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        demo = Demo(Path(folder) / "data").start()
        try:
            demo.ready().come_to_rest()
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            page = browser.new_page(viewport=SIZE, reduced_motion="reduce")
            page.goto(demo.url)
            page.wait_for_selector("body[data-ready=yes]")
            cabinet(Visitor(page, demo))
            pharmacy(page, demo)
            browser.close()
        finally:
            demo.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
