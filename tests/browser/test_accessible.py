"""axe finds nothing to complain of, in any state a visitor meets."""

import pytest
from axe_playwright_python.sync_playwright import Axe

STATES = ("idle", "PIN", "patients", "list", "at the drawer", "wrong pack", "forced", "no power")


def bring(visitor, state: str) -> None:
    """Bring the page into a state."""
    if state == "idle":
        return
    if state == "no power":
        visitor.trouble("power")
        visitor.page.locator("#dark").wait_for(state="visible")
    elif state == "forced":
        visitor.drawer(6).locator("[data-act=force]").click()
        visitor.display.locator(".d-notice").first.wait_for()
    elif state == "PIN":
        visitor.hold("badge 70010001")
        visitor.at("signin.pin")
    else:
        visitor.sign_in()
        if state == "list":
            visitor.choose_patient()
        elif state in {"at the drawer", "wrong pack"}:
            pocket = visitor.choose_first_due()
            visitor.open(int(pocket.split("-")[0]))
            visitor.at("remove.open")
            if state == "wrong pack":
                visitor.hold("pack morphine-10-inj")
                visitor.at("remove.wrong_pack")
            else:
                visitor.take(pocket)


@pytest.mark.parametrize("state", STATES)
def test_axe_has_nothing_to_say(visitor, state):
    bring(visitor, state)
    found = Axe().run(visitor.page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768)])
def test_the_longest_list_scrolls_inside_the_display_and_hides_no_key(visitor, size):
    visitor.page.set_viewport_size({"width": size[0], "height": size[1]})
    visitor.sign_in()
    measured = visitor.page.evaluate(
        """() => {
          const box = (s) => document.querySelector(s).getBoundingClientRect();
          const frame = box('#display'), keys = box('.d-keys'), name = box('.d-head');
          return {inside: keys.bottom <= frame.bottom + 1 && name.top >= frame.top - 1,
                  wide: document.documentElement.scrollWidth <= innerWidth,
                  whole: document.querySelector('#display').scrollHeight
                         <= document.querySelector('#display').clientHeight};
        }"""
    )
    assert measured == {"inside": True, "wide": True, "whole": True}


def test_nothing_on_the_page_moves_while_a_removal_is_done(visitor):
    def places() -> list[list[float]]:
        return visitor.page.evaluate(
            """() => ['#display', '#keypad', '#front', '#hands', '#tray', '#stock', '#log']
                 .map((s) => { const b = document.querySelector(s).getBoundingClientRect();
                               return [b.x, b.y, b.width, b.height]; })"""
        )

    before = places()
    visitor.sign_in()
    pocket = visitor.choose_first_due()
    drawer = int(pocket.split("-")[0])
    seen = [places()]
    visitor.open(drawer)
    visitor.at("remove.open")
    visitor.take(pocket, visitor.wanted())
    seen.append(places())
    visitor.scan_from_hand()
    visitor.close(drawer)
    visitor.sees("Recorded")
    seen.append(places())
    assert seen == [before, before, before]
