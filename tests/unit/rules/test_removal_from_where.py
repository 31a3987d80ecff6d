"""Which doses may be removed: from which shelf, and by how fresh orders (RULES 4, 9)."""

from statemachine.refusals import Reason, Refusal
from statemachine.rules.removal import book_is_short, removal_marks
from statemachine.ward.drawers import FaultCleared, FaultRaised
from statemachine.ward.patients import Allergy
from statemachine.ward.stock import Formulary, Pocket, Product, Recall, Setting, WardList

# --- the product and its shelf ---------------------------------------------------------------


def test_any_flag_of_control_refuses_a_removal_here(built):
    for flag in ("custody", "witness", "count", "register", "destruction"):
        built.product("para", "paracetamol", flags=f"fridge {flag}")
        built.pocket("3-2", "para")
        built.order("O1", ("para", 2), at="08:00")
        assert built.why() == [Reason.CONTROLLED]


def test_what_no_pocket_here_is_for_is_not_stocked(built):
    built.product("para", "paracetamol")
    built.order("O1", ("para", 2), at="08:00")
    assert built.why() == [Reason.NOT_STOCKED]


def test_a_product_nobody_told_the_cabinet_about_is_refused(built):
    built.pocket("3-2", "para")
    built.order("O1", ("para", 2), at="08:00")
    assert built.why() == [Reason.UNKNOWN_PRODUCT]


def test_stock_that_has_all_expired_is_refused(built):
    built.product("para", "paracetamol")
    built.pocket("3-2", "para", expires="2026-11-22")
    built.order("O1", ("para", 2), at="08:00")
    assert built.why() == [Reason.EXPIRED]


def test_stock_is_good_to_the_end_of_its_last_day(built):
    built.product("para", "paracetamol")
    built.pocket("3-2", "para", expires="2026-11-23")
    built.order("O1", ("para", 2), at="08:00, +1 08:00")
    assert built.why() == []
    assert built.at("+1 08:00").why(due="+1 08:00") == [Reason.EXPIRED]


def test_another_pocket_is_used_while_one_has_expired(built):
    built.simple()
    built.pocket("1-1", "para", lot="L0", expires="2026-11-01")
    assert built.why() == []
    assert built.lines()[0].parts[0].pocket == "3-2"


def test_the_first_expiring_pocket_is_used_first(built):
    built.simple()
    built.pocket("4-1", "para", lot="L2", expires="2027-01-31")
    part = built.lines()[0].parts[0]
    assert (part.pocket, part.drawer, part.lot) == ("4-1", 4, "L2")


def test_a_recalled_lot_is_refused_when_it_is_all_there_is(built):
    built.simple().say(Recall(recall="R1", product="para", lot="L1"))
    assert built.refusals() == (Refusal(reason=Reason.RECALLED, product="para"),)


def test_a_recall_of_another_lot_refuses_nothing(built):
    built.simple().say(Recall(recall="R1", product="para", lot="L9"))
    assert built.why() == []


def test_a_recall_of_the_whole_product_holds_every_lot(built):
    built.simple().say(Recall(recall="R1", product="para"))
    assert built.why() == [Reason.RECALLED]


def test_an_unknown_lot_is_held_by_any_recall_of_its_product(built):
    built.product("para", "paracetamol")
    built.pocket("3-2", "para", lot="")
    built.order("O1", ("para", 2), at="08:00")
    assert built.why() == []
    assert removal_marks(built.ask(due="08:00")) == ("lot unknown",)
    built.say(Recall(recall="R1", product="para", lot="L9"))
    assert built.why() == [Reason.RECALLED]
    built.say(Recall(recall="R1", product="para", lot="L9", lifted=True))
    assert built.why() == []


def test_another_lot_is_used_while_one_is_recalled(built):
    built.simple()
    built.pocket("1-1", "para", lot="L0", expires="2027-01-01")
    built.say(Recall(recall="R1", product="para", lot="L0"))
    assert built.why() == []
    assert built.lines()[0].parts[0].pocket == "3-2"


def test_a_drawer_out_of_use_is_passed_over_and_refused_only_when_it_is_the_last(built):
    built.simple()
    built.pocket("1-1", "para")
    built.say(FaultRaised(fault="reed stuck", drawer=3))
    assert built.why() == []
    assert built.lines()[0].parts[0].pocket == "1-1"
    built.say(FaultRaised(fault="jammed", drawer=1))
    assert [one.reason for one in built.refusals()] == [Reason.DRAWER_FAULT]
    built.say(FaultCleared(fault="jammed", drawer=1))
    assert built.why() == []


def test_i4_the_book_never_refuses_what_the_hand_can_see(built):
    built.product("para", "paracetamol")
    built.say(Pocket(pocket="3-2", drawer=3, product="para"))
    built.order("O1", ("para", 2), at="08:00")
    assert built.why() == []
    assert book_is_short(built.ward, "3-2", 2)
    built.removed("07:00", order="O7", due="07:00")
    assert built.ward.stock.pockets["3-2"].book == -2
    assert built.why() == []
    assert book_is_short(built.ward, "3-2", 1)


def test_the_book_is_short_only_when_it_says_less_than_is_taken(built):
    built.simple()
    assert not book_is_short(built.ward, "3-2", 10)
    assert book_is_short(built.ward, "3-2", 11)
    assert book_is_short(built.ward, "9-9", 1)


def test_a_pocket_that_holds_enough_comes_before_one_that_does_not(built):
    built.product("para", "paracetamol")
    built.pocket("1-1", "para", 1, expires="2027-01-01")
    built.pocket("3-2", "para", 10)
    built.order("O1", ("para", 2), at="08:00")
    assert built.lines()[0].parts[0].pocket == "3-2"


# --- freshness -------------------------------------------------------------------------------


def test_fresh_orders_ask_nothing(built):
    built.simple()
    assert built.later("08:14").why() == []


def test_orders_older_than_a_quarter_hour_ask_for_the_chart(built, at):
    built.simple(late_s=4 * 3600)
    assert built.later("08:15").refusals() == (
        Refusal(reason=Reason.CHART_NOT_CHECKED, at_s=at("08:00"), note="check the chart"),
    )
    assert built.why(chart_checked=True) == []
    assert removal_marks(built.ask(due="08:00")) == ("orders old", "cannot see whether given")


def test_in_downtime_ordinary_medicines_are_still_removed_by_the_last_orders(built):
    built.simple(late_s=5 * 3600)
    assert built.later("12:01").why() == [Reason.CHART_NOT_CHECKED]
    assert built.why(chart_checked=True) == []
    assert "downtime" in removal_marks(built.ask(due="08:00"))


def test_in_downtime_a_high_alert_medicine_takes_another_person(built):
    built.product("ins", "insulin", flags="high-alert")
    built.pocket("2-1", "ins")
    built.order("O1", ("ins", 1), at="08:00", late_s=5 * 3600)
    built.staff("Wes", "nurse")
    assert built.later("11:59").why(chart_checked=True) == []
    assert built.later("12:01").why(chart_checked=True) == [Reason.ANOTHER_PERSON]
    assert built.why(chart_checked=True, second="Wes") == []


def test_orders_older_than_a_week_remove_nothing(built, at):
    built.simple(at="+7 08:00")
    assert built.later("+7 08:00").why(due="+7 08:00", chart_checked=True) == []
    assert built.later("+7 08:01").refusals(due="+7 08:00", chart_checked=True) == (
        Refusal(reason=Reason.ORDERS_TOO_OLD, at_s=at("08:00"), amount=168),
    )


def test_no_setting_makes_old_orders_last_longer(built):
    built.simple(at="+7 08:00").say(Setting(key="orders_old_h", value=1000))
    assert built.later("+7 08:01").why(due="+7 08:00", chart_checked=True) == [
        Reason.ORDERS_TOO_OLD
    ]


def test_a_product_of_several_reasons_tells_every_one_in_order(built):
    built.simple(verdict="rejected")
    built.patient("P1", Allergy(ingredient="paracetamol"))
    built.removed("07:50")
    built.say(Recall(recall="R1", product="para"))
    assert built.later("11:01").why(product="para", quantity=9) == [
        Reason.REJECTED,
        Reason.REMOVED,
        Reason.ALLERGY,
        Reason.PAST_CUTOFF,
        Reason.TOO_MUCH,
        Reason.RECALLED,
        Reason.CHART_NOT_CHECKED,
    ]


def test_the_products_own_word_for_verification_reads_like_the_lists(built):
    built.say(Formulary(products=(Product(product="x", generic="drug x"),)))
    built.pocket("1-1", "x")
    built.order("O1", ("x", 1), at="08:00", verdict="none")
    assert built.why() == []
    built.say(WardList(name="verification", items=("x",)))
    assert built.why() == [Reason.NOT_VERIFIED]
