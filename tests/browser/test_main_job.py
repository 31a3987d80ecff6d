"""The main job, clicked through in Chromium as a nurse would do it."""

import time

from playwright.sync_api import expect

WITHIN_MS = 1_000


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
