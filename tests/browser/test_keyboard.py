"""The page by keyboard alone: everything can be done, and the focus is never lost."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def keyboard(visitor):
    """Hands that only have a keyboard."""

    class Keyboard:
        def focused(self) -> str:
            return visitor.page.evaluate(
                "() => document.activeElement === document.body ? '' :"
                " document.activeElement.getAttribute('aria-label')"
                " || document.activeElement.textContent"
            )

        def reach(self, selector: str) -> None:
            """Tab until something is focused; it must be reached within one round of the page."""
            for _ in range(200):
                if visitor.page.evaluate("s => document.activeElement.matches(s)", selector):
                    return
                visitor.page.keyboard.press("Tab")
            raise AssertionError(f"Tab never reaches {selector}")

        def enter(self, selector: str) -> None:
            self.reach(selector)
            visitor.page.keyboard.press("Enter")

        def type(self, keys: str) -> None:
            for key in keys:
                visitor.page.keyboard.press(key)

    return Keyboard()


def test_a_whole_removal_by_keyboard_alone_and_the_focus_is_never_lost(visitor, keyboard):
    lost: list[str] = []

    def still_there(step: str) -> None:
        visitor.page.wait_for_timeout(300)
        if not keyboard.focused():
            lost.append(step)

    visitor.at("signin.badge")
    keyboard.enter("[data-item='badge 70010001']")
    visitor.at("signin.pin")
    still_there("badge")
    keyboard.type("246810#")
    visitor.at("home.patients")
    still_there("PIN")
    line = visitor.display.locator(".d-line.due").filter(has_not_text="similar").first
    keyboard.type(line.locator(".choice").inner_text())
    if visitor.at("home.confirm", "patient.list") == "home.confirm":
        keyboard.type("a")
    visitor.at("patient.list")
    keyboard.type("1")
    drawer = visitor.released_drawer()
    still_there("chosen")
    pocket = visitor.lit_pocket()
    keyboard.enter(f"[data-drawer='{drawer}'] .handle")
    visitor.at("remove.open")
    still_there("pulled")
    for _ in range(visitor.wanted()):
        keyboard.enter(f"[data-pocket='{pocket}'] [data-act=take]")
        still_there("taken")
    keyboard.enter("#hands .card")
    visitor.sees("Right pack")
    still_there("scanned")
    keyboard.enter(f"[data-drawer='{drawer}'] .handle")
    visitor.sees("Recorded")
    still_there("pushed")
    keyboard.enter("#bedside")
    still_there("given")
    assert lost == []


def test_a_drawer_shut_by_somebody_else_does_not_take_the_focus_away(visitor, keyboard):
    visitor.drawer(4).locator("[data-act=force]").click()
    expect(visitor.drawer(4)).to_have_attribute("data-state", "open")
    visitor.page.locator("[data-pocket='4-1'] [data-act=take]").focus()
    visitor.page.request.post(f"{visitor.demo.url}do", data={"do": "close", "drawer": 4})
    expect(visitor.drawer(4)).to_have_attribute("data-state", "locked")
    assert keyboard.focused() == "pull drawer 4 open"
