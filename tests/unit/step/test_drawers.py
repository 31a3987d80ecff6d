"""Drawers that misbehave: F1 to F9, entry by entry. One bad drawer never stops the others."""

import pytest

from statemachine.effects import EndLease, Release, Sound, StartTimer
from statemachine.events import LeaseEnded, TimerExpired
from statemachine.machines import Standing
from statemachine.refusals import Reason
from statemachine.ward.drawers import (
    DrawerClosed,
    DrawerForced,
    DrawerLeftOpen,
    DrawerWrong,
    FaultCleared,
    FaultRaised,
    ReleaseExpired,
    ReleaseIndeterminate,
    ReleaseJammed,
)
from statemachine.ward.stock import CountAsked


def released(desk):
    desk.signs_in()
    desk.press("AA")
    assert desk.state() == "remove.release"
    desk.fresh()
    return desk.memory().intent


def test_F1_opened_unseen_the_bolt_does_not_come_home(desk):
    seq = released(desk)
    desk.send(LeaseEnded, drawer=1, intent=seq)
    assert desk.box(1) == "relocking"
    desk.timer("drawer.1")
    assert desk.entries == []
    desk.timer("drawer.1")
    assert desk.entries == [
        ReleaseIndeterminate(drawer=1, intent=seq, reason="opening not seen by its sensor"),
        CountAsked(pocket="1-1", reason="opening not seen", intent=seq),
        CountAsked(pocket="1-2", reason="opening not seen", intent=seq),
        FaultRaised(fault="unsecured", drawer=1, reason="bolt not home"),
    ]
    assert desk.box(1) == "unsecured"
    assert desk.state() == "remove.not_opened"
    assert desk.book("1-1") == 20
    desk.sense(1, "closed", "locked")
    assert desk.box(1) == "suspect"


def test_F1_shut_again_after_the_lease_it_was_opened_unseen(desk):
    seq = released(desk)
    desk.send(LeaseEnded, drawer=1, intent=seq)
    assert StartTimer(timer="drawer.1", after_ms=500) in desk.effects
    desk.timer("drawer.1")
    desk.sense(1, "closed", "locked")
    assert desk.types() == ["release.indeterminate", "count.asked", "count.asked"]
    assert desk.box(1) == "closed"


def test_F1_a_pack_in_hand_says_it_opened_and_the_second_time_it_is_out_of_use(desk):
    seq = released(desk)
    desk.scan("05012345678900")
    desk.lease_runs_out(1)
    assert desk.types() == [
        "scan.accepted",
        "release.indeterminate",
        "count.asked",
        "count.asked",
    ]
    assert desk.box(1) == "closed"
    desk.press("A")
    assert desk.memory().intent != seq
    desk.fresh()
    desk.scan("05012345678900")
    desk.lease_runs_out(1)
    assert desk.entries[-1] == FaultRaised(
        fault="suspect", drawer=1, reason="opening not seen twice"
    )
    assert desk.box(1) == "suspect"
    desk.press("A")
    assert [r.reason for r in desk.memory().refusals] == [Reason.DRAWER_FAULT]


def test_F2_reed_stuck_open_she_says_it_is_shut_and_the_others_go_on(desk, words):
    desk.directs(*words.order("O2", "P2", ("levo50", 1)))
    seq = released(desk)
    desk.opens(1)
    desk.scan("05012345678900")
    desk.press("#")
    assert desk.box(1) == "open"
    desk.sense(1, "open", "locked")
    desk.fresh()
    desk.press("#")
    assert desk.types() == [
        "release.indeterminate",
        "fault.raised",
        "count.asked",
        "count.asked",
        "removal.recorded",
    ]
    assert desk.entries[1] == FaultRaised(
        fault="reed", drawer=1, reason="sensor says open, bolt is home"
    )
    assert desk.entries[0].intent == seq
    assert desk.box(1) == "latched"
    desk.press("2AA")
    assert desk.released() == [2]


def test_F3_bounce_is_one_opening(desk):
    released(desk)
    desk.opens(1)
    desk.sense(1, "closed", "unlocked")
    desk.sense(1, "open", "unlocked")
    desk.sense(1, "closed", "unlocked")
    desk.sense(1, "closed", "locked")
    assert desk.types() == ["drawer.opened", "drawer.closed", "removal.recorded"]


def test_F4_a_jam_is_tried_once_more_inside_the_same_intent_and_leaves_stock_untouched(desk):
    desk.signs_in()
    desk.press("A")
    desk.auto_lease = False
    desk.press("A")
    seq = desk.memory().intent
    desk.fresh()
    desk.timer("drawer.1")
    assert desk.effects[:2] == [EndLease(drawer=1), StartTimer(timer="drawer.1", after_ms=1200)]
    desk.send(LeaseEnded, drawer=1, intent=seq)
    desk.timer("drawer.1")
    assert Release(drawer=1, intent=seq, lease_ms=5000) in desk.effects
    desk.fresh()
    desk.timer("drawer.1")
    assert desk.entries == [ReleaseJammed(drawer=1, intent=seq)]
    assert desk.ended() == [1]
    assert desk.released() == []
    assert desk.box(1) == "jammed"
    assert desk.state() == "remove.not_opened"
    assert desk.memory().said == "jammed"
    assert desk.book("1-1") == 20
    desk.auto_lease = True
    desk.press("A")
    assert desk.state() == "remove.release"


def test_F5_a_bolt_that_does_not_come_home_alarms_and_takes_the_drawer_out_of_use(desk):
    released(desk)
    desk.opens(1)
    desk.scan("05012345678900")
    desk.fresh()
    desk.sense(1, "closed", "unlocked")
    assert StartTimer(timer="drawer.1", after_ms=2000) in desk.effects
    desk.timer("drawer.1")
    assert desk.types() == ["drawer.closed", "fault.raised", "removal.recorded"]
    assert desk.box(1) == "unsecured"
    assert Sound(pattern="alarm") in desk.effects
    desk.sense(1, "closed", "locked")
    assert desk.box(1) == "suspect"


def test_F5_a_bolt_that_goes_out_by_itself_is_unsecured_after_two_seconds(desk):
    desk.sense(2, "closed", "unlocked")
    assert desk.box(2) == "slack"
    desk.timer("drawer.2")
    assert desk.entries == [FaultRaised(fault="unsecured", drawer=2, reason="bolt not home")]


def test_F6_open_without_a_lease_is_forced_alarmed_and_counted(desk):
    desk.sense(1, "open", "locked")
    assert desk.entries == [
        DrawerForced(drawer=1),
        CountAsked(pocket="1-1", reason="forced"),
        CountAsked(pocket="1-2", reason="forced"),
    ]
    assert desk.box(1) == "forced"
    assert "FORCED" in desk.machines.alarms[0].alarm
    assert Sound(pattern="alarm") in desk.effects
    desk.fresh()
    desk.closes(1)
    assert desk.entries == [DrawerClosed(drawer=1)]
    assert desk.box(1) == "closed"
    assert len(desk.machines.alarms) == 1
    desk.signs_in()
    desk.press("*3A")
    assert desk.machines.alarms == ()
    assert Sound(pattern="quiet") in desk.effects


def test_F6_the_other_drawers_work_while_one_is_forced(desk):
    desk.sense(3, "open", "unlocked")
    desk.signs_in()
    desk.press("AA")
    assert desk.released() == [1]


def test_F7_left_open_is_said_at_30_60_and_120_seconds(desk):
    seq = released(desk)
    desk.opens(1)
    desk.fresh()
    desk.timer("drawer.1")
    assert desk.entries == [DrawerLeftOpen(drawer=1, intent=seq, actor="nina")]
    assert desk.box(1) == "left_open"
    assert StartTimer(timer="drawer.1", after_ms=30_000) in desk.effects
    assert Sound(pattern="reminder") in desk.effects
    desk.fresh()
    desk.timer("drawer.1")
    assert desk.effects == [
        Sound(pattern="reminder"),
        StartTimer(timer="drawer.1", after_ms=60_000),
    ]
    desk.fresh()
    desk.timer("drawer.1")
    assert desk.effects == [Sound(pattern="alarm")]
    desk.fresh()
    desk.scan("05012345678900")
    desk.closes(1)
    assert desk.types() == ["scan.accepted", "drawer.closed", "removal.recorded"]
    assert desk.machines.alarms == ()


def test_F7_anything_done_in_the_visit_starts_the_time_again(desk):
    released(desk)
    desk.opens(1)
    desk.fresh()
    desk.scan("05012345678900")
    assert StartTimer(timer="drawer.1", after_ms=30_000) in desk.effects


def test_F7_silent_while_a_count_is_asked(desk):
    from statemachine.events import CountRequested

    desk.send(CountRequested, pocket="1-1")
    desk.signs_in()
    desk.press("*11")
    desk.opens(1)
    assert desk.state() == "count.open"
    desk.fresh()
    desk.timer("drawer.1")
    assert desk.entries == []
    assert desk.effects == [StartTimer(timer="drawer.1", after_ms=30_000)]


def test_F8_the_wrong_drawer_ends_every_lease_and_stops_ordinary_release(desk):
    seq = released(desk)
    desk.sense(2, "open", "unlocked")
    assert desk.types() == [
        "drawer.wrong",
        "count.asked",
        "fault.raised",
        "release.expired",
    ]
    assert desk.entries[0] == DrawerWrong(drawer=2, leased=1, intent=seq)
    assert desk.entries[2] == FaultRaised(fault="safe hold", reason="a wrong drawer opened")
    assert desk.entries[3] == ReleaseExpired(drawer=1, intent=seq)
    assert desk.ended()[0] == 1
    assert desk.machines.mode == "safe_hold"
    assert desk.state() == "patient.list"
    desk.send(LeaseEnded, drawer=1, intent=seq)
    desk.sense(1, "closed", "locked")
    assert desk.box(1) == "closed"
    desk.fresh()
    desk.press("A")
    assert Reason.SAFE_HOLD in [r.reason for r in desk.memory().refusals]
    assert desk.released() == []


def test_F8_safe_hold_ends_only_by_somebody_in_charge_when_the_sensors_agree(desk):
    released(desk)
    desk.sense(2, "open", "unlocked")
    desk.sense(1, "closed", "locked")
    desk.press("B*3D")
    assert [r.reason for r in desk.memory().refusals] == [Reason.PRIVILEGE]
    assert desk.machines.mode == "safe_hold"
    desk.closes(2)
    desk.signs_in("B3", panel=2)
    desk.fresh()
    desk.press("*3D", panel=2)
    assert FaultCleared(fault="safe hold", actor="ian") in desk.entries
    assert desk.machines.mode == "normal"
    assert desk.machines.alarms == ()


def test_F8_safe_hold_outlives_a_power_cut(desk):
    released(desk)
    desk.sense(2, "open", "unlocked")
    from statemachine.events import Booted
    from statemachine.step import start

    desk.machines = start(desk.ward, (1, 2, 3), 2)
    desk.send(Booted, boot=2, reason="power")
    assert desk.machines.mode == "safe_hold"


@pytest.mark.parametrize("reed", ["unknown"])
@pytest.mark.parametrize("lock", ["locked", "unlocked", "unknown"])
def test_F9_a_reed_lost_during_a_lease_counts_as_opened(desk, reed, lock):
    seq = released(desk)
    desk.sense(1, reed, lock)
    assert desk.box(1) == "blind"
    desk.send(LeaseEnded, drawer=1, intent=seq)
    assert desk.types() == ["release.indeterminate", "count.asked", "count.asked"]
    assert desk.box(1) == "unknown"
    assert desk.state() == "remove.not_opened"


def test_F9_a_sensor_not_read_is_not_closed(desk):
    desk.sense(1, "closed", "unknown")
    assert desk.box(1) == "unknown"
    desk.signs_in()
    desk.press("AA")
    assert [r.reason for r in desk.memory().refusals] == [Reason.DRAWER_FAULT]
    assert desk.released() == []


def test_F9_a_drawer_found_open_at_boot_alarms_and_is_counted(bare):
    from statemachine.events import Booted

    desk = bare()
    desk.send(Booted, boot=1, reason="start")
    desk.sense(2, "open", "unlocked")
    assert desk.box(2) == "found"
    assert desk.types() == ["boot", "drawer.left_open"]
    assert desk.machines.alarms == (Standing(alarm="Drawer 2 is open. Close it.", drawer=2),)
    desk.closes(2)
    assert desk.box(2) == "closed"
    assert desk.machines.alarms == ()


def test_an_answer_of_an_earlier_lease_changes_nothing(desk):
    seq = released(desk)
    desk.lease_runs_out(1)
    desk.press("A")
    desk.fresh()
    before = desk.machines
    desk.send(LeaseEnded, drawer=1, intent=seq)
    assert desk.machines == before
    assert desk.entries == []


def test_a_lease_whose_end_nobody_reports_is_over_by_itself(desk):
    released(desk)
    desk.send(TimerExpired, timer="lease.1")
    assert desk.box(1) == "relocking"
    desk.sense(1, "closed", "locked")
    assert desk.types() == ["release.expired"]


def test_every_intent_ends_exactly_once(desk):
    for _ in range(3):
        released(desk)
        desk.lease_runs_out(1)
        desk.press("B")
        desk.press("C")
        desk.passes(1)
    assert not desk.ward.drawers.intents
