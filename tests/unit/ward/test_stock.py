"""Stock: conserved, told apart by lots, never edited."""

import pytest

from statemachine.ward.drawers import (
    DrawerForced,
    DrawerWrong,
    ReleaseIndeterminate,
    ReleaseIntent,
)
from statemachine.ward.orders import RemovalRecorded
from statemachine.ward.stock import (
    Change,
    CountAsked,
    CountRecorded,
    DiscrepancyClosed,
    DiscrepancyOpened,
    Formulary,
    Lot,
    Opening,
    Pocket,
    Product,
    Recall,
    Retire,
    Setting,
    WardList,
)
from statemachine.ward.stock_fold import LISTS_MAX, SETTINGS_MAX

EARLY = Opening(quantity=3, lot="L1", expires="2027-01-31")
LATE = Opening(quantity=5, lot="L2", expires="2027-12-31")


def pocket(*opening, product="para", **more):
    return Pocket(pocket="3-2", drawer=3, product=product, opening=opening, **more)


def removal(quantity, lot="", where="3-2"):
    return RemovalRecorded(
        actor="n", patient="p", order="o", dose="o@1", product="para", drawer=3, pocket=where,
        quantity=quantity, panel=1, intent=1, lot=lot,
    )  # fmt: skip


def discrepancy(quantity, reason="", lot=""):
    return DiscrepancyOpened(
        discrepancy="d1", pocket="3-2", product="para", quantity=quantity, actor="n",
        reason=reason, lot=lot,
    )  # fmt: skip


def count(quantity, book=None, reason="asked"):
    return CountRecorded(
        actor="n", panel=1, pocket="3-2", product="para", quantity=quantity, reason=reason,
        book=book,
    )  # fmt: skip


def known(logs):
    return logs.ward.stock.pockets["3-2"]


def test_the_opening_gives_a_pocket_its_first_stock_by_lot(logs):
    logs.say(pocket(LATE, EARLY))
    assert known(logs).book == 8
    assert known(logs).lots == (
        Lot(lot="L1", quantity=3, expires="2027-01-31"),
        Lot(lot="L2", quantity=5, expires="2027-12-31"),
    )
    assert known(logs).origin == (1, 1)


def test_the_opening_counts_once_however_often_the_line_is_sent(logs):
    logs.say(pocket(EARLY), removal(1), pocket(EARLY), pocket(EARLY))
    assert known(logs).book == 2
    assert known(logs).line == (1, 3)


def test_a_pocket_without_opening_has_no_book_until_it_is_counted(logs):
    logs.say(pocket())
    assert (known(logs).book, known(logs).origin) == (None, None)
    logs.say(count(12, reason="commissioning"))
    assert known(logs).book is None
    logs.say(discrepancy(12, reason="commissioning"))
    assert (known(logs).book, known(logs).origin) == (12, (1, 2))
    assert len(logs.ward.stock.discrepancies) == 0


def test_an_empty_pocket_counted_empty_has_an_origin_too(logs):
    logs.say(pocket(), count(0))
    assert (known(logs).book, known(logs).origin) == (0, (1, 1))


def test_a_removal_takes_the_lot_it_names_and_then_first_expiring_first(logs):
    logs.say(pocket(EARLY, LATE), removal(4, lot="L2"))
    assert logs.moved[-1:] == [
        Change(pocket="3-2", product="para", quantity=-4, lot="L2"),
    ]
    logs.say(removal(2, lot="L2"))
    assert logs.moved[-2:] == [
        Change(pocket="3-2", product="para", quantity=-1, lot="L2"),
        Change(pocket="3-2", product="para", quantity=-1, lot="L1"),
    ]


def test_a_removal_of_no_named_lot_takes_first_expiring_first(logs):
    logs.say(pocket(LATE, EARLY), removal(4))
    assert logs.moved[-2:] == [
        Change(pocket="3-2", product="para", quantity=-3, lot="L1"),
        Change(pocket="3-2", product="para", quantity=-1, lot="L2"),
    ]


def test_what_no_known_lot_holds_comes_from_the_unknown_lot_and_below_zero(logs):
    logs.say(pocket(EARLY), removal(5))
    assert known(logs).book == -2
    assert known(logs).lots == (Lot(lot="", quantity=-2),)


def test_book_none_hand_three_take_two_leaves_one_and_one_discrepancy(logs):
    logs.say(pocket(EARLY), removal(3), removal(2), discrepancy(3, "left after taking"))
    assert known(logs).book == 1
    assert known(logs).lots == (Lot(lot="", quantity=1),)
    assert [one.opened.quantity for one in logs.ward.stock.discrepancies.values()] == [3]
    logs.say(DiscrepancyClosed(discrepancy="d1", actor="n", reason="found"))
    assert len(logs.ward.stock.discrepancies) == 0
    assert known(logs).book == 1


def test_a_hand_that_sees_less_takes_the_difference_first_expiring_first(logs):
    logs.say(pocket(EARLY, LATE), discrepancy(-4))
    assert known(logs).lots == (Lot(lot="L2", quantity=4, expires="2027-12-31"),)


def test_a_count_changes_no_book_and_ends_the_asking(logs):
    logs.say(pocket(EARLY), CountAsked(pocket="3-2", reason="indeterminate"))
    assert known(logs).count_due == "indeterminate"
    logs.say(count(9, book=3))
    assert (known(logs).book, known(logs).count_due) == (3, None)
    assert known(logs).counted_s == logs.wall_s


def test_stock_that_moved_in_a_pocket_nobody_assigned_is_still_accounted_for(logs):
    logs.say(removal(2, where="9-9"))
    stray = logs.ward.stock.pockets["9-9"]
    assert (stray.book, stray.pocket.drawer, stray.pocket.product) == (-2, 3, "para")


def test_a_pocket_given_to_another_product_gives_its_book_back_first(logs):
    logs.say(pocket(EARLY), pocket(LATE, product="ibu"))
    assert logs.moved[1:] == [
        Change(pocket="3-2", product="para", quantity=-3, lot="L1"),
        Change(pocket="3-2", product="ibu", quantity=5, lot="L2", expires="2027-12-31"),
    ]
    assert (known(logs).book, known(logs).count_due) == (5, "product changed")
    assert logs.ward.stock.by_product.get("para") is None
    assert logs.ward.stock.by_product["ibu"] == ("3-2",)


def test_a_pocket_given_to_another_product_without_opening_has_no_book(logs):
    logs.say(pocket(EARLY), pocket(product="ibu"))
    assert (known(logs).book, known(logs).origin) == (None, None)
    logs.say(pocket(product=None))
    assert known(logs).count_due is None


def test_a_retired_pocket_gives_its_book_back_and_is_gone(logs):
    logs.say(pocket(EARLY), Retire(kind="pocket", ids=("3-2", "3-2", "9-9")))
    assert logs.moved[-1] == Change(pocket="3-2", product="para", quantity=-3, lot="L1")
    assert len(logs.ward.stock.pockets) == 0
    assert len(logs.ward.stock.by_product) == 0


@pytest.mark.parametrize("quantity", [0, -1, 10**7])
def test_a_line_that_says_an_impossible_amount_moves_nothing(logs, quantity):
    logs.say(pocket(EARLY), removal(quantity))
    assert known(logs).book == 3


def test_codes_lead_to_their_product_and_old_codes_to_nothing(logs):
    before = Product(product="x", generic="x", gtins=("1" * 14,), codes=("c",))
    after = Product(product="x", generic="x", gtins=("2" * 14,))
    logs.say(Formulary(products=(before,)))
    assert dict(logs.ward.stock.by_code) == {"1" * 14: "x", "c": "x"}
    logs.say(Formulary(products=(after,)))
    assert dict(logs.ward.stock.by_code) == {"2" * 14: "x"}
    logs.say(Retire(kind="product", ids=("x", "nothing")))
    assert len(logs.ward.stock.by_code) == len(logs.ward.stock.products) == 0


def test_a_code_that_moved_to_another_product_stays_with_it(logs):
    one = Product(product="x", generic="x", gtins=("1" * 14,))
    two = Product(product="y", generic="y", gtins=("1" * 14,))
    logs.say(Formulary(products=(one, two)), Retire(kind="product", ids=("x",)))
    assert dict(logs.ward.stock.by_code) == {"1" * 14: "y"}


def test_a_lifted_recall_holds_nothing_more(logs):
    logs.say(Recall(recall="r", product="x"))
    assert len(logs.ward.stock.recalls) == 1
    logs.say(Recall(recall="r", product="x", lifted=True))
    assert len(logs.ward.stock.recalls) == 0


def test_settings_and_lists_are_bounded_and_known_ones_still_change(logs):
    logs.say(*(Setting(key=f"k{n}", value=n) for n in range(SETTINGS_MAX)))
    logs.say(Setting(key="more", value=1), Setting(key="k0", value=77))
    assert len(logs.ward.stock.settings) == SETTINGS_MAX
    assert (logs.ward.stock.settings.get("more"), logs.ward.stock.settings["k0"]) == (None, 77)
    logs.say(*(WardList(name=f"l{n}") for n in range(LISTS_MAX + 5)))
    assert len(logs.ward.stock.lists) == LISTS_MAX
    logs.say(WardList(name="l0", items=("x",)))
    assert logs.ward.stock.lists["l0"].items == ("x",)


# --- what is within reach carries the doubt --------------------------------------------------


def reach(logs):
    logs.say(
        pocket(EARLY),
        Pocket(pocket="3-1", drawer=3, product="ibu"),
        Pocket(pocket="3-3", drawer=3, product="ins", lidded=True),
        Pocket(pocket="3-4", drawer=3),
        Pocket(pocket="4-1", drawer=4, product="ibu"),
    )
    logs.say(ReleaseIntent(drawer=3, panel=1, pocket="3-2"))
    return logs


def doubted(logs):
    return {
        pocket: known.count_due
        for pocket, known in sorted(logs.ward.stock.pockets.items())
        if known.count_due
    }


def test_an_uncertain_opening_asks_to_count_everything_within_reach(logs):
    reach(logs).say(ReleaseIndeterminate(drawer=3, intent=1, reason="power"))
    assert doubted(logs) == {"3-1": "release.indeterminate", "3-2": "release.indeterminate"}


def test_f6_a_forced_drawer_is_counted_under_its_lids_too(logs):
    reach(logs).say(DrawerForced(drawer=3))
    assert doubted(logs) == dict.fromkeys(("3-1", "3-2", "3-3"), "drawer.forced")


def test_f8_the_wrong_drawer_is_counted_and_not_the_one_that_was_meant(logs):
    reach(logs).say(DrawerWrong(drawer=4, leased=3, intent=1))
    assert doubted(logs) == {"4-1": "drawer.wrong"}
