"""What a bad night brings, made with the page's own shelf of troubles."""

import re

from playwright.sync_api import expect


def at_an_open_drawer(visitor) -> tuple[str, int]:
    visitor.sign_in()
    pocket = visitor.choose_first_due()
    drawer = int(pocket.split("-")[0])
    visitor.open(drawer)
    visitor.at("remove.open")
    return pocket, drawer


def test_after_a_power_cut_with_a_drawer_open_the_screen_says_what_may_have_happened(visitor):
    pocket, drawer = at_an_open_drawer(visitor)
    medicine = visitor.page.locator(f"[data-stock='{pocket}'] td").nth(1).inner_text()
    visitor.trouble("power")
    expect(visitor.page.locator("#dark")).to_be_visible()
    visitor.hold("badge 70010001")
    expect(visitor.page.locator("#said")).to_contain_text("The cabinet has no power")
    visitor.close(drawer)
    visitor.trouble("power")
    visitor.at("signin.badge")
    visitor.sees(
        f"Power failed while drawer {drawer} was released. Recorded: a removal of {medicine}"
        " may have happened"
    )
    expect(visitor.display).to_contain_text(re.compile(r"\d counts? due"))
    expect(visitor.page.locator("#log")).to_contain_text("release.indeterminate")


def test_a_cut_network_is_said_and_the_cabinet_catches_up_by_itself(visitor):
    visitor.trouble("network")
    pocket, drawer = at_an_open_drawer(visitor)
    quantity, before = visitor.wanted(), visitor.stock(pocket)
    visitor.take(pocket, quantity)
    visitor.scan_from_hand()
    visitor.close(drawer)
    visitor.sees("Recorded")
    removal = visitor.page.locator("#log tr", has_text="removal.recorded").first
    expect(removal.locator(".receipt")).to_have_text("waits")
    assert visitor.stock(pocket) == before
    visitor.trouble("network")
    figure = visitor.page.locator(f"[data-stock='{pocket}'] td.number")
    expect(figure).to_have_text(f"{before - quantity:,}")
    expect(removal.locator(".receipt")).to_have_text("\u2713")


def test_a_forced_drawer_raises_an_alarm(visitor):
    visitor.drawer(6).locator("[data-act=force]").click()
    notice = visitor.display.locator(".d-notice", has_text="Drawer 6 was FORCED")
    expect(notice).to_be_visible()
    expect(visitor.drawer(6)).to_have_class("drawer forced")
    assert "push 6" in str(visitor.state()["target"])
    expect(visitor.page.locator("#log")).to_contain_text("drawer.forced")


def test_an_unplugged_scanner_reads_nothing_and_says_so(visitor):
    visitor.trouble("scanner")
    visitor.hold("pack morphine-10-inj")
    expect(visitor.page.locator("#said")).to_have_text(
        "The scanner is unplugged: it reads nothing."
    )
    visitor.trouble("scanner")


def test_time_can_be_let_pass_and_the_orders_stay_fresh(visitor):
    before = visitor.page.locator("#clock").inner_text()
    visitor.page.locator("[data-do=clock][data-minutes='5']").click()
    hours, minutes, _ = map(int, before.split(":"))
    late = (hours * 60 + minutes + 5) % 1440
    near = {f"{(late + more) // 60 % 24:02d}:{(late + more) % 60:02d}" for more in (0, 1)}
    visitor.page.wait_for_function(
        "near => near.includes(document.getElementById('clock').textContent.slice(0, 5))",
        arg=sorted(near),
    )
    visitor.sees("orders: ")
    visitor.sees("min old")
