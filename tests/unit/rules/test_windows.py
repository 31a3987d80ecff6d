"""When a dose may be removed: from administration times to windows."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statemachine.rules.calendar import days_from_civil, expires_s
from statemachine.rules.limits import FRESH_MIN, limit
from statemachine.ward import Ward
from statemachine.ward.entry import Stamp
from statemachine.ward.fold import fold
from statemachine.ward.orders import Window
from statemachine.ward.stock import Setting
from statemachine.windows import expand

H = 3600


def test_a_window_opens_an_hour_before_and_closes_half_the_interval_after():
    assert expand([8 * H, 14 * H, 22 * H]) == (
        Window(due_s=8 * H, opens_s=7 * H, closes_s=11 * H),
        Window(due_s=14 * H, opens_s=13 * H, closes_s=18 * H),
        Window(due_s=22 * H, opens_s=21 * H, closes_s=26 * H),
    )


def test_a_lone_dose_may_be_removed_for_half_a_day():
    assert expand([8 * H]) == (Window(due_s=8 * H, opens_s=7 * H, closes_s=20 * H),)


def test_the_neighbours_beyond_the_plan_count_when_they_are_known():
    assert expand([8 * H], before_s=7 * H + 1800, after_s=10 * H) == (
        Window(due_s=8 * H, opens_s=7 * H + 1800, closes_s=9 * H),
    )


def test_the_products_own_limits_are_kept_but_never_past_the_next_dose():
    assert expand([8 * H, 14 * H], 1800, 900) == (
        Window(due_s=8 * H, opens_s=8 * H - 1800, closes_s=8 * H + 900),
        Window(due_s=14 * H, opens_s=14 * H - 1800, closes_s=14 * H + 900),
    )
    assert [w.closes_s for w in expand([8 * H, 14 * H], late_s=9 * H)] == [14 * H, 20 * H]


def test_hourly_doses_open_no_earlier_than_the_dose_before_is_due():
    assert [w.opens_s for w in expand([H, 2 * H, 3 * H], 2 * H)] == [-H, H, 2 * H]


def test_a_negative_limit_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="cannot open after"):
        expand([H], -1)
    with pytest.raises(ValueError, match="close before"):
        expand([H], late_s=-1)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 10**6), max_size=40),
    st.integers(0, 10**5),
    st.none() | st.integers(0, 10**5),
)
def test_every_window_holds_its_dose_and_keeps_its_order(times, early, late):
    windows = expand(times, early, late)
    assert [w.due_s for w in windows] == sorted(set(times))
    for window in windows:
        assert window.opens_s <= window.due_s <= window.closes_s
    for one, following in pairwise(windows):
        assert one.closes_s <= following.due_s
        assert one.due_s <= following.opens_s


def test_stock_is_good_to_the_end_of_the_day_or_month_it_names():
    day = 86_400
    assert expires_s("1970-01-01") == day
    assert expires_s("2026-11-23") == 1_795_392_000 + day
    assert expires_s("2026-02") == expires_s("2026-02-00") == expires_s("2026-02-28")
    assert expires_s("2028-02") == expires_s("2028-02-29")
    assert expires_s("2026-12") == expires_s("2026-12-31")
    assert [expires_s(text) for text in ("", "soon", "2026-13-01", "26-1-1", "2026-1-1-1")] == [
        None
    ] * 5


@settings(max_examples=200, deadline=None)
@given(st.dates())
def test_days_are_counted_as_the_calendar_counts_them(date):
    assert days_from_civil(date.year, date.month, date.day) == date.toordinal() - 719_163


def test_a_setting_may_choose_within_its_ceiling_and_nothing_else():
    def chosen(value):
        ward = fold(
            Ward(),
            Setting(key="fresh_min", value=value),
            Stamp(line=(1, 1), wall_lo_s=0, wall_hi_s=0),
        )
        return limit(ward.stock.settings, FRESH_MIN)

    assert [chosen(value) for value in (5, 60, 61, 10**9, -1, "5", True)] == [
        5, 60, 60, 60, 15, 15, 15,
    ]  # fmt: skip
