"""Orders and what became of their doses; intents until their end, faults."""

from statemachine.dose import dose_id
from statemachine.ward.drawers import (
    DrawerClosed,
    DrawerForced,
    DrawerOpened,
    FaultCleared,
    FaultRaised,
    KnownDrawer,
    OpenIntent,
    ReleaseExpired,
    ReleaseIndeterminate,
    ReleaseIntent,
    ReleaseJammed,
    ReleaseRefused,
)
from statemachine.ward.orders import (
    Administration,
    Order,
    OrderStop,
    OrderWindows,
    RemovalElsewhere,
    RemovalRecorded,
    TaskClosed,
    TaskOpened,
    Window,
)
from statemachine.ward.orders_fold import KEPT_MAX, TASKS_MAX
from statemachine.ward.stock import Retire

DAY_S = 86_400


def removal(dose="o@1", order="o", quantity=1, intent=1, replaces=""):
    return RemovalRecorded(
        actor="n", patient="p", order=order, dose=dose, product="x", drawer=3, pocket="3-2",
        quantity=quantity, panel=1, intent=intent, replaces=replaces,
    )  # fmt: skip


def doses(logs):
    return [(one.dose, one.quantity, one.replaced) for one in logs.ward.orders.removed.get("p", ())]


def test_a_later_order_line_replaces_all_but_the_windows(logs):
    window = Window(due_s=2, opens_s=1, closes_s=3)
    logs.say(Order(order="o", patient="p"), OrderWindows(order="o", windows=(window,)))
    logs.say(OrderStop(order="o"), Order(order="o", patient="p", verdict="verified"))
    known = logs.ward.orders.known["o"]
    assert (known.windows, known.stopped, known.order.verdict) == ((window,), None, "verified")
    assert known.line == (1, 4)


def test_windows_are_kept_in_the_order_of_time(logs):
    late, early = Window(due_s=9, opens_s=8, closes_s=10), Window(due_s=2, opens_s=1, closes_s=3)
    logs.say(Order(order="o", patient="p"), OrderWindows(order="o", windows=(late, early)))
    assert logs.ward.orders.known["o"].windows == (early, late)


def test_windows_and_stops_of_unknown_orders_change_nothing(logs):
    before = logs.ward.orders
    logs.say(OrderWindows(order="o"), OrderStop(order="o"))
    assert logs.ward.orders == before


def test_an_order_that_moves_to_another_patient_leaves_the_first(logs):
    logs.say(Order(order="o", patient="p"), Order(order="o", patient="q"))
    assert dict(logs.ward.orders.by_patient) == {"q": ("o",)}


def test_retired_orders_are_gone(logs):
    logs.say(Order(order="o", patient="p"), Order(order="o2", patient="p"))
    logs.say(Retire(kind="order", ids=("o", "nothing")))
    assert dict(logs.ward.orders.by_patient) == {"p": ("o2",)}
    assert set(logs.ward.orders.known) == {"o2"}


def test_removals_are_kept_for_two_days(logs):
    logs.say(removal("o@1"))
    logs.wall_s += 2 * DAY_S
    logs.say(removal("o@2"))
    assert doses(logs) == [("o@1", 1, False), ("o@2", 1, False)]
    logs.wall_s += 1
    logs.say(removal("o@3"))
    assert doses(logs) == [("o@2", 1, False), ("o@3", 1, False)]


def test_a_weekly_dose_stays_removed_while_its_window_is_open(logs):
    due_s = logs.wall_s
    window = Window(due_s=due_s, opens_s=due_s - 3600, closes_s=due_s + 84 * 3600)
    logs.say(Order(order="o", patient="p"), OrderWindows(order="o", windows=(window,)))
    logs.say(removal(dose_id("o", due_s)))
    logs.say(Administration(patient="p", outcome="given", at_s=due_s, dose=dose_id("o", due_s),
                            order="o"))  # fmt: skip
    logs.wall_s += 3 * DAY_S
    logs.say(removal("other@1", order="other"))
    logs.say(Administration(patient="p", outcome="given", at_s=logs.wall_s, order="other"))
    assert [dose for dose, _, _ in doses(logs)] == [dose_id("o", due_s), "other@1"]
    assert len(logs.ward.orders.administered["p"]) == 2


def test_no_patient_keeps_more_than_the_most_removals(logs):
    logs.say(*(removal(f"o@{n}") for n in range(KEPT_MAX + 10)))
    assert len(doses(logs)) == KEPT_MAX
    assert doses(logs)[0][0] == "o@10"


def test_a_replacement_marks_what_it_replaces_and_vomited_does_not(logs):
    logs.say(removal("o@1"), removal("o@1", replaces="dropped"))
    assert doses(logs) == [("o@1", 1, True), ("o@1", 1, False)]
    logs.say(removal("o@1", replaces="vomited"))
    assert doses(logs) == [("o@1", 1, True), ("o@1", 1, False), ("o@1", 1, False)]


def test_a_replaced_as_required_dose_is_the_orders_latest(logs):
    logs.say(removal("o@1"), removal("o@2"), removal("o@3", replaces="broken"))
    assert doses(logs) == [("o@1", 1, False), ("o@2", 1, True), ("o@3", 1, False)]


def test_what_another_cabinet_took_back_is_taken_off_its_own_removals(logs):
    def elsewhere(quantity, dose=""):
        return RemovalElsewhere(
            cabinet="B", patient="p", product="x", quantity=quantity, at_s=logs.wall_s,
            order="o", dose=dose,
        )  # fmt: skip

    logs.say(removal("o@1"), elsewhere(2, "o@2"), elsewhere(2, "o@3"), elsewhere(-3))
    assert doses(logs) == [("o@1", 1, False), ("o@2", 1, False)]
    logs.say(elsewhere(-9))
    assert doses(logs) == [("o@1", 1, False)]


def test_a_later_record_of_the_same_dose_corrects_the_earlier(logs):
    def record(outcome, at_s, dose="o@1"):
        return Administration(patient="p", outcome=outcome, at_s=at_s, order="o", dose=dose)

    now = logs.wall_s
    logs.say(record("given", now), record("held", now + 5), record("given", now - 5, ""))
    logs.say(record("omitted", now - 5, ""))
    assert [(one.outcome, one.at_s) for one in logs.ward.orders.administered["p"]] == [
        ("omitted", now - 5), ("held", now + 5),
    ]  # fmt: skip


def test_tasks_stand_until_they_are_closed_and_are_bounded(logs):
    logs.say(*(TaskOpened(task=f"t{n}", reason="account") for n in range(TASKS_MAX + 1)))
    tasks = logs.ward.orders.tasks
    assert len(tasks) == TASKS_MAX
    assert "t0" not in tasks
    logs.say(TaskClosed(task="t1", reason="given"), TaskClosed(task="nothing", reason="x"))
    assert "t1" not in logs.ward.orders.tasks


# --- drawers ---------------------------------------------------------------------------------


def intent(logs, drawer=3):
    entry = ReleaseIntent(drawer=drawer, panel=1, pocket=f"{drawer}-2")
    logs.say(entry)
    return entry, logs.ward.up[1]


def test_i2_an_intent_stands_until_the_drawer_is_closed(logs):
    entry, seq = intent(logs)
    line = (1, seq)
    logs.say(DrawerOpened(drawer=3, intent=seq))
    assert dict(logs.ward.drawers.intents) == {
        seq: OpenIntent(intent=entry, line=line, opened=True)
    }
    logs.say(removal(intent=seq))
    assert logs.ward.drawers.intents[seq].recorded
    logs.say(DrawerClosed(drawer=3, intent=seq))
    assert dict(logs.ward.drawers.intents) == {}
    logs.say(removal(intent=seq), DrawerOpened(drawer=3, intent=seq))
    assert dict(logs.ward.drawers.intents) == {}


def test_i2_every_other_end_ends_an_intent_too(logs):
    for end in (
        lambda seq: ReleaseRefused(intent=seq, drawer=3, reason="x"),
        lambda seq: ReleaseExpired(intent=seq, drawer=3),
        lambda seq: ReleaseJammed(intent=seq, drawer=3),
        lambda seq: ReleaseIndeterminate(intent=seq, drawer=3, reason="x"),
    ):
        _, seq = intent(logs)
        logs.say(end(seq))
        assert dict(logs.ward.drawers.intents) == {}


def test_an_opening_nobody_intended_ends_no_intent(logs):
    _, seq = intent(logs)
    logs.say(DrawerOpened(drawer=4), DrawerClosed(drawer=4), DrawerOpened(drawer=3, intent=99))
    assert list(logs.ward.drawers.intents) == [seq]
    assert not logs.ward.drawers.intents[seq].opened


def test_jams_are_counted_until_the_drawer_opens(logs):
    for _ in range(2):
        _, seq = intent(logs)
        logs.say(ReleaseJammed(intent=seq, drawer=3))
    assert logs.ward.drawers.known[3].jams == 2
    _, seq = intent(logs)
    logs.say(DrawerOpened(drawer=3, intent=seq))
    assert logs.ward.drawers.known[3].jams == 0


def test_faults_stand_once_each_until_they_are_cleared(logs):
    logs.say(FaultRaised(fault="reed", drawer=3), FaultRaised(fault="reed", drawer=3))
    logs.say(FaultRaised(fault="jam", drawer=3), FaultRaised(fault="disk"))
    assert dict(logs.ward.drawers.known) == {3: KnownDrawer(drawer=3, faults=("reed", "jam"))}
    assert logs.ward.drawers.faults == ("disk",)
    logs.say(FaultCleared(fault="reed", drawer=3), FaultCleared(fault="disk"))
    logs.say(FaultCleared(fault="x", drawer=9), DrawerForced(drawer=3))
    assert dict(logs.ward.drawers.known) == {3: KnownDrawer(drawer=3, faults=("jam",), suspect=1)}
    assert logs.ward.drawers.faults == ()
