"""The main job, clicked through in Chromium as a nurse would do it."""

import time

from playwright.sync_api import expect

WITHIN_MS = 1_000
LED_S = 60
SAYS_SOMETHING_ELSE = """([target, hint]) => document.body.dataset.target !== target
    || document.getElementById('hint').textContent !== hint"""


def remove_first_due(visitor) -> tuple[str, int]:
    """Take the first dose that is due; ends with the drawer still open. Returns pocket, units."""
    pocket = visitor.choose_first_due()
    number = int(pocket.split("-")[0])
    visitor.open(number)
    visitor.at("remove.open")
    quantity = visitor.wanted()
    visitor.take(pocket, quantity)
    visitor.scan_from_hand()
    visitor.sees("Right pack")
    return pocket, quantity


def test_a_nurse_takes_a_dose_and_the_pharmacys_stock_falls_within_a_second(visitor):
    visitor.sign_in()
    pocket, quantity = remove_first_due(visitor)
    before = visitor.stock(pocket)
    closed = time.monotonic()
    visitor.close(int(pocket.split("-")[0]))
    figure = visitor.page.locator(f"[data-stock='{pocket}'] td.number")
    expect(figure).to_have_text(f"{before - quantity:,}", timeout=WITHIN_MS)
    print(f"the figure fell {time.monotonic() - closed:.2f} s after the hand let go")
    removal = visitor.page.locator("#log tr", has_text="removal.recorded").first
    expect(removal.locator(".receipt")).to_have_text("\u2713")


def test_a_drawer_that_was_not_released_does_not_open(visitor):
    visitor.sign_in()
    pocket = visitor.choose_first_due()
    released = int(pocket.split("-")[0])
    other = next(number for number in range(1, 7) if number != released)
    visitor.open(other)
    expect(visitor.page.locator("#said")).to_have_text(
        f"Drawer {other} is locked and does not open."
    )
    expect(visitor.drawer(other)).to_have_attribute("data-state", "locked")
    visitor.press("B")


def test_a_wrong_pack_stops_and_the_right_one_goes_on(visitor):
    visitor.sign_in()
    pocket = visitor.choose_first_due()
    drawer = int(pocket.split("-")[0])
    visitor.open(drawer)
    visitor.at("remove.open")
    visitor.hold("pack morphine-10-inj")
    visitor.at("remove.wrong_pack")
    visitor.sees("WRONG PACK")
    visitor.take(pocket, visitor.wanted())
    visitor.scan_from_hand()
    visitor.sees("Right pack")
    visitor.close(drawer)
    visitor.sees("Recorded")
    expect(visitor.page.locator("#log")).to_contain_text("near.miss")


def test_show_me_finishes_a_removal_by_itself(visitor):
    removals = visitor.page.locator("#log tr", has_text="removal.recorded")
    before = removals.count()
    visitor.page.locator("#show-me").click()
    visitor.at("remove.open")
    expect(removals).not_to_have_count(before, timeout=60_000)
    expect(visitor.page.locator("#show-me")).to_have_text("Show me", timeout=90_000)
    visitor.at("signin.badge")
    assert visitor.state()["hands"] == []


def test_the_ring_leads_a_first_visitor_through_a_whole_removal(visitor):
    """Nobody explains anything: only what is pointed at is clicked."""
    removals = visitor.page.locator("#log tr", has_text="removal.recorded")
    before = removals.count()
    until, followed = time.monotonic() + LED_S, []
    while time.monotonic() < until:
        if removals.count() > before and not visitor.state()["hands"]:
            break
        target = visitor.page.locator("body").get_attribute("data-target")
        if not target:
            visitor.page.wait_for_timeout(50)
            continue
        followed.append(target)
        hint = visitor.page.locator("#hint").inner_text()
        visitor.page.locator(".wanted").click()
        visitor.page.wait_for_function(SAYS_SOMETHING_ELSE, arg=[target, hint])
    print(followed)
    assert removals.count() > before
