"""As-required medicines: a least interval and a most in 24 h, by ingredient."""

from statemachine.refusals import Reason, Refusal
from statemachine.rules.removal import removal_marks


def prn(built, **more):
    """Paracetamol as required every 4 h, at most 4 in 24 h; co-codamol regularly."""
    more.setdefault("interval_s", 4 * 3600)
    more.setdefault("max_per_24h", 4)
    built.product("para", "paracetamol")
    built.product("coco", "codeine", "paracetamol", generic="co-codamol")
    built.pocket("3-2", "para", 100)
    built.pocket("3-3", "coco", 100)
    built.order("O1", ("para", 2), kind="as-required", **more)
    built.order("O2", ("coco", 2), at="-1 20:00, 08:00, 20:00")
    return built


def why(built, order="O1", **more):
    return built.why(order, due="", **more)


def test_an_as_required_dose_never_taken_may_be_taken(built):
    assert why(prn(built)) == []


def test_the_least_interval_runs_from_the_last_removal(built, at):
    prn(built).removed("05:00", due="")
    assert built.refusals("O1", due="") == (
        Refusal(
            reason=Reason.INTERVAL, product="para", ingredient="paracetamol",
            at_s=at("05:00"), until_s=at("09:00"),
        ),
    )  # fmt: skip
    assert why(built.at("08:59")) == [Reason.INTERVAL]
    assert why(built.at("09:00")) == []


def test_the_least_interval_counts_the_same_ingredient_of_another_product(built):
    prn(built).removed("07:30", "O2", product="coco")
    assert why(built) == [Reason.INTERVAL]


def test_the_least_interval_counts_what_another_cabinet_gave_out(built):
    prn(built).elsewhere("07:30", "O1")
    assert why(built) == [Reason.INTERVAL]


def test_the_least_interval_counts_what_was_given_without_a_removal_here(built):
    prn(built).recorded("07:30")
    assert why(built) == [Reason.INTERVAL]


def test_a_given_dose_counts_from_when_it_was_given(built, at):
    prn(built).removed("04:00", due="")
    built.recorded("04:30")
    assert [(one.reason, one.until_s) for one in built.refusals("O1", due="")] == [
        (Reason.INTERVAL, at("08:30"))
    ]


def test_a_removal_and_its_record_of_being_given_are_one_dose(built):
    prn(built, max_per_24h=2)
    built.removed("01:00", due="")
    built.recorded("01:20")
    assert why(built) == []


def test_an_unrelated_medicine_counts_for_nothing(built):
    prn(built).product("ibu", "ibuprofen")
    built.order("O3", ("ibu", 1), kind="as-required")
    built.removed("07:55", "O3", due="", product="ibu", quantity=1)
    assert why(built) == []


def test_the_most_in_24_h_is_refused_until_the_oldest_is_a_day_old(built, at):
    prn(built)
    for clock in ("-1 09:00", "-1 14:00", "-1 20:00", "03:00"):
        built.removed(clock, due="")
    assert built.refusals("O1", due="") == (
        Refusal(
            reason=Reason.MAX_24H, product="para", ingredient="paracetamol",
            until_s=at("09:00"), amount=4,
        ),
    )  # fmt: skip
    assert why(built.at("09:00")) == []


def test_the_most_in_24_h_counts_regular_doses_with_the_ingredient(built):
    prn(built, max_per_24h=2)
    built.removed("-1 20:00", "O2", due="-1 20:00", product="coco")
    built.removed("03:00", due="")
    assert why(built) == [Reason.MAX_24H]


def test_the_most_in_24_h_counts_other_cabinets_less_what_came_back(built):
    prn(built, max_per_24h=1)
    built.elsewhere("02:00", "O1")
    assert why(built) == [Reason.MAX_24H]
    built.elsewhere("02:30", "O1", quantity=-2)
    assert why(built) == []


def test_two_products_of_one_dose_are_one_dose(built):
    prn(built, max_per_24h=2)
    built.removed("03:00", "O1", due="03:00", quantity=1)
    built.removed("03:01", "O1", due="03:00", quantity=1)
    assert why(built) == []


def test_a_dropped_dose_counts_no_more_once_it_is_replaced(built):
    prn(built).removed("07:50", due="")
    assert why(built) == [Reason.INTERVAL]
    assert why(built, replacement="dropped") == []
    built.removed("07:55", due="", replaces="dropped")
    assert [one.at_s for one in built.refusals("O1", due="")] == [
        taking.at_lo_s for taking in built.ask("O1").chart.takings()
    ]


def test_a_vomited_dose_still_counts(built):
    prn(built).removed("07:50", due="")
    assert why(built, replacement="vomited") == [Reason.INTERVAL]


def test_a_maximum_of_none_allows_none(built):
    assert why(prn(built, max_per_24h=0)) == [Reason.MAX_24H]


def test_a_regular_dose_is_not_held_back_by_as_required_limits(built):
    prn(built).removed("07:50", due="")
    assert built.why("O2") == []


def test_a_further_part_of_the_same_dose_is_not_another_dose(built):
    prn(built).removed("08:00", due="", quantity=1)
    assert built.why("O1", due="08:00", product="para", quantity=1) == []
    assert built.why("O1", due="08:00", product="para", quantity=2) == [Reason.TOO_MUCH]


def test_an_order_whose_product_is_unknown_is_still_limited_by_itself(built):
    built.order("O1", ("mystery", 1), kind="as-required", interval_s=3600)
    built.removed("07:50", due="", product="mystery", quantity=1)
    assert why(built) == [Reason.INTERVAL, Reason.UNKNOWN_PRODUCT, Reason.NOT_STOCKED]


def test_an_interval_that_may_not_have_passed_is_asked_when_time_is_uncertain(built):
    prn(built).removed("05:00", due="")
    assert why(built.at("08:30", width_s=3600))[0] == Reason.TIME_UNKNOWN


def test_the_list_says_when_it_was_last_given_and_when_it_is_possible_again(built, at):
    prn(built).removed("07:00", "O2", due="08:00", product="coco")
    (line,) = (line for line in built.lines() if line.state == "as-required")
    assert (line.last_given_s, line.next_from_s) == (at("07:00"), at("11:00"))


def test_a_second_record_of_given_is_a_second_dose_and_not_the_proof_of_the_first(built):
    prn(built, max_per_24h=2, interval_s=None)
    built.recorded("05:00")
    built.recorded("06:00")
    assert why(built) == [Reason.MAX_24H]


def test_offline_the_line_says_that_other_cabinets_are_not_known(built):
    prn(built).later("08:14")
    assert removal_marks(built.ask("O1")) == ()
    built.later("08:15")
    assert removal_marks(built.ask("O1"))[-1] == "other cabinets not known"
    assert "other cabinets not known" not in removal_marks(built.ask("O2", "08:00"))
