"""What each page shows of a small ward."""

import re

import pytest

from statemachine.ward.patients import Patient


def plain(page: str) -> str:
    """What a person reads: no tags, one space between words."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_home_lists_what_needs_a_person_each_with_its_one_next_action(browser, ward):
    ward.trouble()
    page = browser.get("/")
    read = plain(page)
    assert "Drawer 3 of cabinet A was opened without being released." in read
    assert "Pocket 3-2 of cabinet A: the hand found -3 against the book." in read
    assert "One order has not been seen by a pharmacist." in read
    assert "Say which product Paracetamol 500 mg tablets (LOC D9) is." in read
    assert "Say when to give TWICE A DAY." in read
    assert "Cabinet A, pocket 3-3, levothyroxine 50 micrograms tablets: 4 tablets." in read
    actions = re.findall(r'<a class="do" href="([^"]+)">([^<]+)<', page)
    assert ("/stock/A/3-2", "See the pocket's history") in actions
    assert ("/orders/next", "See the next one") in actions
    assert ("/tables/drugs", "Say which product it is") in actions
    assert ("/tables/frequencies", "Say when to give it") in actions
    items = re.findall(r'<ul class="todo">(.*?)</ul>', page, re.DOTALL)
    for item in "".join(items).split("<li>")[1:]:
        assert item.count("<a ") == 1


def test_home_says_so_when_nothing_waits(browser):
    page = plain(browser.get("/"))
    assert "Nothing waits for anybody." in page
    assert "None: alarms, silent cabinets, discrepancies" in page


@pytest.mark.usefixtures("ward")
def test_a_cabinet_not_heard_from_for_15_minutes_comes_to_the_home_page(browser, clock):
    assert "is silent" not in browser.get("/")
    clock.advance(16 * 60)
    assert "Cabinet A on ward 7 is silent. It works on alone." in plain(browser.get("/"))


@pytest.mark.usefixtures("ward")
def test_stock_shows_each_pocket_with_its_level_as_bar_number_and_word(browser):
    page = browser.get("/stock")
    read = plain(page)
    assert "Cabinet A , ward 7" in read
    assert "3-2 paracetamol 500\u00a0mg tablets 40 tablets of 50" in page_text(page)
    assert "4 tablets of 50 low" in read
    assert page.count('class="bar-full" x="0" y="0" width="80"') == 1
    assert page.count('class="bar-low" x="0" y="0" width="8"') == 1


def page_text(page: str) -> str:
    """As `plain`, with no-break spaces kept."""
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]*>", "", page))


def test_a_pockets_history_is_a_line_over_time_with_its_entries(browser, ward, clock):
    clock.advance(600)
    ward.remove(2)
    clock.advance(600)
    ward.remove(3)
    page = browser.get("/stock/A/3-2")
    assert plain(page).count("removed for a patient") == 2
    assert "The book went from 0 to 35 over 3 entries; least 0, most 40." in page
    rows = [plain(row) for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)]
    assert rows[-3:] == [
        "23-Nov-2026 08:20 removed for a patient \u22123 35 L1 Nina Bell (nurse) 4",
        "23-Nov-2026 08:10 removed for a patient \u22122 38 L1 Nina Bell (nurse) 3",
        "23-Nov-2026 08:00 opening stock +40 40 L1, 31-Jan-2027 2",
    ]


def test_orders_begin_with_those_nobody_has_seen(browser, ward):
    page = browser.get("/orders")
    assert "Not yet seen, newest first" in page
    assert f"/orders/{ward.unseen}" in page
    assert f"/orders/{ward.seen}" not in page
    assert "50 micrograms" in page.replace("\u00a0", " ")
    for show, there in (("waiting", ward.waiting), ("active", ward.seen), ("all", ward.seen)):
        assert f"/orders/{there}" in browser.get(f"/orders?show={show}")
    assert browser.client.get("/orders/next", follow_redirects=False).headers["location"] == (
        f"/orders/{ward.unseen}?said="
    )


def test_an_order_shows_patient_allergies_sets_windows_and_what_became_of_doses(browser, ward):
    ward.remove(2)
    ward.given()
    page = browser.get(f"/orders/{ward.seen}")
    read = plain(page)
    assert "JONES, Ann (Mrs)" in read
    assert "Born 02-Feb-1950 (76y)" in read
    assert "NHS No. 999 000 0018" in read
    assert "ALLERGY penicillin \u2013 anaphylaxis" in read
    assert "DOSE 1,000 mg" in read
    assert "2 tablets of paracetamol 500 mg tablets" in read.replace("\u00a0", " ")
    assert "Given at 08:00, 20:00 every day." in read
    assert "23-Nov-2026 20:00" in read
    assert "given 08:00" in read
    assert "2 tablets of paracetamol 500 mg tablets cabinet A, pocket 3-2" in read.replace(
        "\u00a0", " "
    )


def test_a_waiting_order_says_what_for(browser, ward):
    read = plain(browser.get(f"/orders/{ward.waiting}"))
    assert "Waits: Nobody has said yet which product the drug is." in read
    assert "Waits: Nobody has said yet when to give it." in read


def test_patients_are_listed_by_bed_and_found_by_name_or_number(browser, ward):
    ward.services.admit(Patient(patient="", family="O'NEILL", given="S", ward="8", bed="1"))
    assert "JONES, Ann (Mrs)" in browser.get("/patients")
    for query in ("jones", "Ann Jones", "jones, a", "999 000 0018", "7"):
        page = browser.get(f"/patients?q={query}")
        assert "JONES, Ann (Mrs)" in page, query
        assert "O'NEILL" not in page
    for query in ("%", "_", "\\", "jonesy", "9990000019"):
        assert "Nobody found." in browser.get("/patients?q=" + query.replace("%", "%25"))
    assert "O'NEILL, S" in browser.get("/patients?q=o'neill")


def test_a_patient_has_one_banner_orders_and_what_was_removed(browser, ward):
    ward.remove(2)
    ward.given()
    read = plain(browser.get(f"/patients/{ward.patient}"))
    assert read.count("NHS No.") == 1
    assert "Gender Female" in read
    assert "Removed in the last 72 h" in read
    assert "Nina Bell (nurse)" in read
    assert "Recorded at the bedside in the last 72 h" in read


def test_allergies_not_recorded_are_never_shown_as_none(browser, ward):
    other = ward.services.admit(Patient(patient="", family="BEGUM", given="N", ward="7"))
    read = plain(browser.get(f"/patients/{other}"))
    assert "Allergies not recorded. This does not mean that there are none." in read
    assert "No known allergies" not in read
    none = ward.services.admit(
        Patient(patient="", family="KAUR", given="H", ward="7", allergies_recorded=True)
    )
    assert "No known allergies" in browser.get(f"/patients/{none}")


def test_a_merged_patient_leads_to_the_one_that_lives_on(browser, ward):
    other = ward.services.admit(Patient(patient="", family="JONES", given="Ann", ward="7"))
    ward.services.merge(ward.patient, other)
    answer = browser.client.get(f"/patients/{other}", follow_redirects=False)
    assert answer.headers["location"] == f"/patients/{ward.patient}"


def test_the_log_shows_types_times_ids_and_receipts_and_no_names(browser, ward):
    ward.remove(2)
    up = plain(browser.get("/log/A"))
    assert "3 23-Nov-2026 08:00 removal.recorded" in up
    assert f"patient {ward.patient}" in up
    assert "received 08:00" in up
    down = browser.get("/log/A?log=dn")
    assert "applied" in down
    for name in ("JONES", "BELL", "Nina", "Ann (", "9990000018"):
        assert name not in up + down
    assert "removal.recorded" in browser.get("/log/A?type=removal.recorded")
    assert "There are none." in browser.get("/log/A?type=nothing.such")


def test_a_line_shows_all_that_is_signed_and_still_no_name(browser, ward):
    page = browser.get("/log/A/up/1/1")
    assert '"reason": "start"' in page
    assert '"type": "boot"' in page
    for seq in range(1, len(ward.cabinet.directives()) + 1):
        line = browser.get(f"/log/A/dn/1/{seq}")
        assert "JONES" not in line
        assert "BELL" not in line


def test_a_log_longer_than_a_page_goes_on_where_it_ended(browser, ward):
    from statemachine.ward.house import Boot

    ward.cabinet.send(*[Boot(reason="restart") for _ in range(230)])
    seen: list[int] = []
    path: str | None = "/log/A"
    while path is not None:
        page = browser.get(path)
        seen += [int(seq) for seq in re.findall(r'aria-label="line (\d+)"', page)]
        older = re.search(r'href="(/log/A\?[^"]+before=[^"]+)">Older lines', page)
        path = older.group(1) if older else None
    assert seen == list(range(232, 0, -1))


@pytest.mark.usefixtures("ward")
def test_every_page_carries_the_headers_that_keep_it_ours(browser):
    for path in ("/", "/stock", "/nowhere", "/static/pharmacy.css", "/sign-in"):
        headers = browser.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
    assert browser.client.get("/patients").headers["cache-control"] == "no-store"


def test_no_page_has_inline_script_or_style(browser, ward):
    ward.trouble()
    ward.remove()
    for path in ("/", "/stock", "/stock/A/3-2", "/orders", f"/orders/{ward.waiting}", "/log/A",
                 f"/patients/{ward.patient}", "/tables/drugs", "/tables/frequencies"):  # fmt: skip
        page = browser.raw(path)
        assert re.findall(r"<script[^>]*>", page) == ['<script src="/static/live.js" defer>']
        assert not re.search(r"\son[a-z]+=|style=|javascript:", page)
