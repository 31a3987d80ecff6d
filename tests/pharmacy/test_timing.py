"""When doses are due: ward-local times, both odd nights, at most 168 h ahead (RULES 4, 9)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pharmacy.services.inputs import Frequency
from pharmacy.services.timing import AHEAD_S, parse_time, windows

LONDON = ZoneInfo("Europe/London")
H = 3600


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def due(plan, now, **said):
    said = {"starts_s": at(now), "ends_s": None, **said}
    return [
        datetime.fromtimestamp(w.due_s, UTC).strftime("%d %H:%M")
        for w in windows(plan, now_s=at(now), zone=LONDON, **said)
    ]


def daily(*times, days=()):
    return Frequency(kind="times", times=times, days=days)


def test_windows_open_an_hour_before_and_close_half_way_to_the_next():
    found = windows(daily("08:00", "14:00", "22:00"), now_s=at("2026-11-23T07:30"),
                    starts_s=at("2026-11-23T00:00"), ends_s=at("2026-11-23T23:00"),
                    zone=LONDON)  # fmt: skip
    assert [(w.due_s, w.due_s - w.opens_s, w.closes_s - w.due_s) for w in found] == [
        (at("2026-11-23T08:00"), H, 3 * H),
        (at("2026-11-23T14:00"), H, 4 * H),
        (at("2026-11-23T22:00"), H, 5 * H),
    ]


def test_a_products_own_limits_go_before_the_defaults():
    found = windows(daily("08:00"), now_s=at("2026-11-23T07:30"), zone=LONDON,
                    starts_s=at("2026-11-23T07:30"), ends_s=at("2026-11-24T00:00"),
                    early_s=1800, late_s=900)  # fmt: skip
    assert [(w.due_s - w.opens_s, w.closes_s - w.due_s) for w in found] == [(1800, 900)]


def test_nothing_is_due_more_than_168_h_ahead():
    now = "2026-11-23T08:00"
    found = windows(daily("08:00", "20:00"), now_s=at(now), starts_s=at(now), ends_s=None,
                    zone=LONDON)  # fmt: skip
    assert len(found) == 15
    assert found[-1].due_s == at(now) + AHEAD_S


def test_the_hour_that_comes_twice_in_october_is_one_dose():
    assert due(daily("01:30"), "2026-10-24T12:00", ends_s=at("2026-10-26T12:00")) == [
        "25 00:30",
        "26 01:30",
    ]


def test_the_hour_that_march_leaves_out_is_one_dose():
    assert due(daily("01:30"), "2026-03-28T12:00", ends_s=at("2026-03-30T12:00")) == [
        "29 01:30",
        "30 00:30",
    ]


def test_two_times_that_march_makes_one_instant_are_one_dose():
    found = due(daily("01:30", "02:30"), "2026-03-28T12:00", ends_s=at("2026-03-29T12:00"))
    assert found == ["29 01:30"]


def test_times_keep_to_the_wards_clock_over_the_change():
    assert due(daily("08:00"), "2026-10-24T00:00", ends_s=at("2026-10-27T00:00")) == [
        "24 07:00",
        "25 08:00",
        "26 08:00",
    ]


def test_only_some_days_of_the_week():
    plan = daily("08:00", days=(1, 4))
    assert due(plan, "2026-11-23T00:00") == ["23 08:00", "26 08:00"]
    found = windows(plan, now_s=at("2026-11-23T00:00"), starts_s=at("2026-11-23T00:00"),
                    ends_s=None, zone=LONDON)  # fmt: skip
    assert [w.closes_s - w.due_s for w in found] == [36 * H, 48 * H]


def test_doses_before_the_start_and_after_the_end_are_none():
    assert due(daily("08:00", "14:00"), "2026-11-23T09:00", ends_s=at("2026-11-24T08:00")) == [
        "23 14:00"
    ]


def test_doses_missed_within_the_last_day_are_still_said():
    assert due(daily("08:00"), "2026-11-23T12:00", starts_s=at("2026-11-01T00:00"),
               ends_s=at("2026-11-24T00:00")) == ["23 08:00"]  # fmt: skip


def test_a_stat_dose_is_due_at_once_and_stays_for_a_day():
    found = windows(Frequency(kind="stat"), now_s=at("2026-11-23T12:00"),
                    starts_s=at("2026-11-23T12:00"), ends_s=None, zone=LONDON)  # fmt: skip
    assert [(w.due_s, w.closes_s - w.due_s) for w in found] == [(at("2026-11-23T12:00"), 24 * H)]


def test_as_required_has_no_windows():
    plan = Frequency(kind="as-required", interval_s=4 * H)
    assert due(plan, "2026-11-23T12:00") == []


@pytest.mark.parametrize(
    "text", ["", "8:00", "24:00", "08:60", "0800", "08:00:00", "aa:bb", "\u0660\u0668:00"]
)
def test_what_is_no_time_of_day_is_refused(text):
    with pytest.raises(ValueError, match=r"time of day|must be in"):
        parse_time(text)
