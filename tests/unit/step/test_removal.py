"""Whole removals: what is journalled and what is done, in order."""

from statemachine.effects import Light, Release, StartTimer, StopTimer
from statemachine.refusals import Reason
from statemachine.ward.drawers import (
    DrawerClosed,
    DrawerOpened,
    ReleaseExpired,
    ReleaseIntent,
    ScanAccepted,
)
from statemachine.ward.orders import Administration, NearMiss, OrderStop, RemovalRecorded
from statemachine.ward.patients import PatientChosen
from statemachine.ward.stock import CountAsked, CountRecorded, DiscrepancyOpened

PACK = "05012345678900"
OTHER_PACK = "05012345678917"
DUE = 1_795_420_800


def at_the_list(desk):
    desk.signs_in()
    desk.press("A")
    desk.fresh()


def at_the_drawer(desk):
    at_the_list(desk)
    desk.press("A")
    desk.opens(1)
    desk.fresh()


def intent(desk, seq):
    return desk.ward.up[1] - seq


def test_a_dose_that_is_due_is_removed_with_its_whole_story(desk):
    desk.signs_in()
    assert desk.state() == "home.patients"
    desk.fresh()
    first = desk.ward.up[1] + 1
    person = desk.ward.people.persons["nina"]
    desk.press("A")
    assert desk.state() == "patient.list"
    desk.press("A")
    assert desk.state() == "remove.release"
    desk.opens(1)
    assert desk.state() == "remove.open"
    desk.scan(PACK, lot="L1", expires="2027-12-31")
    desk.closes(1)
    assert desk.entries == [
        PatientChosen(actor="nina", patient="P1", panel=1, by="list"),
        ReleaseIntent(
            drawer=1,
            panel=1,
            actor="nina",
            pocket="1-1",
            product="paracetamol",
            quantity=2,
            patient="P1",
            order="O1",
            dose=f"O1@{DUE}",
            purpose="remove",
            staff_line=person.staff_line,
            order_line=desk.ward.orders.known["O1"].line,
            lease_ms=5000,
        ),
        DrawerOpened(drawer=1, intent=first + 1),
        ScanAccepted(
            actor="nina",
            panel=1,
            product="paracetamol",
            intent=first + 1,
            lot="L1",
            expires="2027-12-31",
        ),
        DrawerClosed(drawer=1, intent=first + 1),
        RemovalRecorded(
            actor="nina",
            patient="P1",
            order="O1",
            dose=f"O1@{DUE}",
            product="paracetamol",
            drawer=1,
            pocket="1-1",
            quantity=2,
            panel=1,
            intent=first + 1,
            lot="L1",
            scan="scanned",
            marks=("patient not scanned",),
        ),
    ]
    assert desk.released() == [1]
    assert desk.ended() == [1]
    assert desk.state() == "home.patients"
    assert desk.memory().done == ("P1",)
    assert desk.book("1-1") == 18
    assert not desk.ward.drawers.intents


def test_the_intent_stands_in_the_turn_that_asks_for_the_lease(desk):
    at_the_list(desk)
    desk.auto_lease = False
    desk.press("A")
    seq = desk.ward.up[1]
    assert desk.types() == ["release.intent"]
    assert desk.effects == [
        Light(pocket="1-1", pattern="remove"),
        Release(drawer=1, intent=seq, lease_ms=5000),
        StartTimer(timer="drawer.1", after_ms=1500),
        StartTimer(timer="lease.1", after_ms=8000),
        StartTimer(timer="idle.1", after_ms=300_000),
    ]


def test_closing_without_the_scan_records_at_once_and_asks_once_more(desk):
    at_the_drawer(desk)
    desk.closes(1)
    assert desk.types() == ["drawer.closed", "removal.recorded"]
    recorded = desk.entries[-1]
    assert isinstance(recorded, RemovalRecorded)
    assert recorded.scan == ""
    assert "not scanned" in recorded.marks
    assert desk.state() == "remove.unscanned"
    assert desk.book("1-1") == 18
    desk.fresh()
    desk.scan(PACK)
    assert desk.types() == ["scan.accepted"]
    assert desk.state() == "home.patients"


def test_cannot_scan_has_its_reason_in_the_removal(desk):
    at_the_drawer(desk)
    desk.press("D")
    assert desk.state() == "remove.cannot_scan"
    desk.press("1")
    assert desk.state() == "remove.open"
    desk.closes(1)
    recorded = desk.entries[-1]
    assert isinstance(recorded, RemovalRecorded)
    assert recorded.scan == "strip"
    assert "not scanned" not in recorded.marks
    assert desk.state() == "home.patients"


def test_cannot_scan_after_closing_has_a_line_of_its_own(desk):
    at_the_drawer(desk)
    desk.closes(1)
    desk.fresh()
    desk.press("D3")
    assert desk.types() == ["scan.refused"]
    assert desk.entries[0].reason == "half"
    assert desk.state() == "home.patients"


def test_a_product_without_codes_is_not_asked_for_a_scan(desk, words):
    desk.directs(*words.order("O2", "P2", ("levo50", 1)))
    desk.signs_in()
    desk.press("2A")
    desk.press("A")
    desk.opens(2)
    desk.fresh()
    desk.press("D")
    assert desk.state() == "remove.open"
    desk.closes(2)
    assert desk.types() == ["drawer.closed", "removal.recorded"]
    assert desk.entries[-1].marks == ("lot unknown", "patient not scanned")
    assert desk.state() == "home.patients"


def test_a_wrong_pack_stops_and_is_kept_as_a_near_miss_and_the_right_one_goes_on(desk):
    at_the_drawer(desk)
    desk.scan(OTHER_PACK)
    assert desk.state() == "remove.wrong_pack"
    assert desk.entries == [
        NearMiss(
            actor="nina",
            panel=1,
            intent=desk.memory().intent,
            product="paracetamol",
            scanned="furosemide",
            patient="P1",
            order="O1",
        )
    ]
    desk.scan(PACK)
    assert desk.state() == "remove.open"
    desk.closes(1)
    assert desk.types() == ["near.miss", "scan.accepted", "drawer.closed", "removal.recorded"]


def test_closing_on_a_wrong_pack_records_no_removal_and_asks_a_count(desk):
    at_the_drawer(desk)
    desk.scan(OTHER_PACK)
    desk.fresh()
    seq = desk.memory().intent
    desk.closes(1)
    assert desk.entries == [
        DrawerClosed(drawer=1, intent=seq),
        CountAsked(pocket="1-1", reason="wrong pack", intent=seq),
        CountAsked(pocket="1-2", reason="wrong pack", intent=seq),
    ]
    assert desk.state() == "remove.not_opened"
    assert desk.memory().said == "wrong pack"
    assert desk.book("1-1") == 20


def test_a_pack_of_a_recalled_lot_stops_at_the_drawer(desk):
    at_the_drawer(desk)
    from statemachine.ward.stock import Recall

    desk.directs(Recall(recall="R1", product="paracetamol", lot="L9"))
    desk.scan(PACK, lot="L9")
    assert desk.state() == "remove.wrong_pack"
    assert desk.entries[-1].reason == Reason.RECALLED.value


def test_a_pack_out_of_date_stops_at_the_drawer(desk):
    at_the_drawer(desk)
    desk.scan(PACK, lot="L1", expires="2026-11-22")
    assert desk.state() == "remove.wrong_pack"
    assert desk.entries[-1].reason == Reason.EXPIRED.value


def test_back_at_the_open_drawer_means_nothing_taken_and_everything_in_reach_is_counted(desk):
    at_the_drawer(desk)
    seq = desk.memory().intent
    desk.press("B")
    assert desk.state() == "remove.nothing"
    desk.closes(1)
    assert desk.entries == [
        DrawerClosed(drawer=1, intent=seq),
        CountAsked(pocket="1-1", reason="nothing taken", intent=seq),
        CountAsked(pocket="1-2", reason="nothing taken", intent=seq),
    ]
    assert desk.state() == "remove.not_opened"
    assert desk.book("1-1") == 20


def test_a_lease_that_expires_records_nothing_and_can_be_had_again(desk):
    at_the_list(desk)
    desk.press("A")
    seq = desk.memory().intent
    desk.fresh()
    desk.lease_runs_out(1)
    assert desk.entries == [ReleaseExpired(drawer=1, intent=seq)]
    assert desk.state() == "remove.not_opened"
    assert desk.box(1) == "closed"
    desk.press("A")
    assert desk.state() == "remove.release"
    assert desk.released() == [1]


def test_called_off_before_it_opens_ends_the_lease_and_records_nothing(desk):
    at_the_list(desk)
    desk.press("A")
    desk.fresh()
    desk.press("B")
    assert desk.ended() == [1]
    desk.lease_runs_out(1)
    assert desk.types() == ["release.expired"]
    assert desk.state() == "patient.list"


def test_the_book_says_none_and_the_hand_sees_three(desk, words):
    from statemachine.ward.stock import Pocket

    desk.directs(
        Pocket(pocket="2-2", drawer=2, product="furosemide"),
        Pocket(pocket="1-2", drawer=1, product=None),
        *words.order("O2", "P2", ("furosemide", 1)),
    )
    assert desk.book("2-2") is None
    desk.signs_in()
    desk.press("2AA")
    assert desk.state() == "remove.release"
    desk.opens(2)
    desk.fresh()
    desk.scan(OTHER_PACK)
    assert desk.state() == "remove.left"
    desk.number(2)
    assert desk.state() == "remove.open"
    desk.closes(2)
    assert desk.types() == [
        "scan.accepted",
        "drawer.closed",
        "removal.recorded",
        "count.recorded",
        "discrepancy.opened",
    ]
    counted, opened = desk.entries[-2:]
    assert isinstance(counted, CountRecorded)
    assert isinstance(opened, DiscrepancyOpened)
    assert (counted.quantity, counted.reason) == (2, "left after taking")
    assert opened.quantity == 3
    assert desk.book("2-2") == 2


def test_closed_before_saying_how_many_are_left_she_is_asked_once_after(desk, words):
    desk.directs(*words.order("O2", "P2", ("levo50", 11)))
    desk.signs_in()
    desk.press("2AA")
    assert desk.state() == "remove.many"
    desk.number(11)
    assert desk.state() == "remove.release"
    desk.opens(2)
    desk.fresh()
    desk.closes(2)
    assert desk.state() == "remove.left_shut"
    assert desk.ward.stock.pockets["2-1"].count_due is not None
    desk.number(0)
    assert desk.ward.stock.pockets["2-1"].count_due is None
    assert desk.types() == [
        "drawer.closed",
        "removal.recorded",
        "count.asked",
        "count.recorded",
        "discrepancy.opened",
    ]
    assert desk.entries[-1].quantity == 1
    assert desk.book("2-1") == 0


def test_many_units_for_one_dose_want_the_matching_answer(desk, words):
    desk.directs(*words.order("O2", "P2", ("levo50", 6)))
    desk.signs_in()
    desk.press("2AA")
    assert desk.state() == "remove.many"
    desk.fresh()
    desk.number(5)
    assert desk.state() == "remove.many"
    assert desk.released() == []
    desk.number(6)
    assert desk.released() == [2]


def test_a_dose_of_two_parts_is_two_intents_one_after_the_other(desk, words):
    desk.directs(*words.order("O2", "P2", ("levo50", 1), ("levo25", 1)))
    desk.signs_in()
    desk.press("2A")
    desk.fresh()
    desk.press("A")
    desk.opens(2)
    desk.closes(2)
    desk.opens(3)
    desk.closes(3)
    assert desk.types() == [
        "release.intent",
        "drawer.opened",
        "drawer.closed",
        "removal.recorded",
        "release.intent",
        "drawer.opened",
        "drawer.closed",
        "removal.recorded",
    ]
    assert desk.released() == [2, 3]
    parts = [e for e in desk.entries if isinstance(e, RemovalRecorded)]
    assert [(e.product, e.part, e.dose) for e in parts] == [
        ("levo50", (1, 2), f"O2@{DUE}"),
        ("levo25", (2, 2), f"O2@{DUE}"),
    ]


def test_all_that_is_due_is_one_key_and_closing_means_next(desk, words):
    desk.directs(*words.order("O2", "P1", ("levo50", 1)), *words.order("O3", "P1", ("levo25", 1)))
    at_the_list(desk)
    desk.press("A")
    order = []
    while desk.state() == "remove.release":
        drawer = desk.released()[-1]
        order.append(drawer)
        desk.opens(drawer)
        if drawer == 1:
            desk.scan(PACK)
        desk.closes(drawer)
    assert sorted(order) == [1, 2, 3]
    assert desk.released() == order
    assert desk.state() == "home.patients"
    assert desk.types().count("removal.recorded") == 3


def test_already_removed_is_refused_and_can_be_replaced_with_a_reason(desk):
    at_the_drawer(desk)
    desk.scan(PACK)
    desk.closes(1)
    desk.fresh()
    desk.press("1A")
    assert desk.state() == "patient.list"
    desk.press(str(desk.memory().listed.index(f"O1@{DUE}") + 1))
    assert desk.state() == "remove.refused"
    assert desk.entries[-1].TYPE == "removal.refused"
    assert desk.entries[-1].reasons == (Reason.REMOVED.value,)
    desk.press("D2")
    assert desk.state() == "remove.release"
    desk.opens(1)
    desk.scan(PACK)
    desk.closes(1)
    recorded = desk.entries[-1]
    assert isinstance(recorded, RemovalRecorded)
    assert recorded.replaces == "vomited"
    assert desk.book("1-1") == 16


def test_a_refusal_names_every_reason(desk, words):
    desk.directs(*words.order("O2", "P2", ("morphine", 1), verdict="rejected"))
    desk.signs_in()
    desk.press("2A")
    desk.fresh()
    desk.press("1")
    assert desk.state() == "remove.refused"
    assert desk.entries[-1].reasons == (Reason.REJECTED.value, Reason.CONTROLLED.value)
    assert desk.released() == []


def test_a_controlled_drug_is_refused_with_a_sentence(desk, words):
    desk.directs(*words.order("O2", "P2", ("morphine", 1)))
    desk.signs_in()
    desk.press("2A")
    desk.press("1")
    assert [r.reason for r in desk.memory().refusals] == [Reason.CONTROLLED]
    assert desk.released() == []


def test_an_order_stopped_while_the_lease_runs_is_called_off(desk):
    at_the_list(desk)
    desk.press("A")
    desk.fresh()
    desk.directs(OrderStop(order="O1", at_s=DUE))
    assert desk.ended() == [1]
    desk.lease_runs_out(1)
    assert desk.state() == "patient.list"
    desk.fresh()
    desk.press("A")
    assert desk.state() == "remove.refused"
    assert desk.released() == []


def test_an_order_stopped_at_the_open_drawer_says_so_and_records_nothing_unless_taken(desk):
    at_the_drawer(desk)
    desk.directs(OrderStop(order="O1", at_s=DUE))
    assert desk.state() == "remove.nothing"
    assert [r.reason for r in desk.memory().refusals] == [Reason.STOPPED]
    desk.closes(1)
    assert "removal.recorded" not in desk.types()
    assert desk.state() == "remove.not_opened"
    desk.press("A")
    assert desk.state() == "remove.not_opened"


def test_what_was_taken_before_the_stop_is_recorded_all_the_same(desk):
    at_the_drawer(desk)
    desk.directs(OrderStop(order="O1", at_s=DUE))
    desk.press("A")
    assert desk.state() == "remove.open"
    desk.scan(PACK)
    desk.closes(1)
    assert desk.types()[-1] == "removal.recorded"


def test_recorded_given_meanwhile_stops_the_rest_of_the_queue(desk, words):
    desk.directs(*words.order("O2", "P1", ("levo50", 1)))
    at_the_list(desk)
    desk.press("A")
    first = desk.released()[-1]
    other = "O2" if first == 1 else "O1"
    desk.opens(first)
    desk.directs(
        Administration(patient="P1", outcome="given", at_s=DUE, order=other, dose=f"{other}@{DUE}")
    )
    if first == 1:
        desk.scan(PACK)
    desk.closes(first)
    assert desk.state() == "remove.refused"
    assert [r.reason for r in desk.memory().refusals] == [Reason.GIVEN]
    assert desk.released() == [first]


def test_revoked_at_the_open_drawer_the_session_ends_when_it_closes(desk):
    from statemachine.ward.people import Staff

    at_the_drawer(desk)
    desk.directs(Staff(actor="nina", privileges=("nurse",), wards=("7",), revoked=True))
    assert desk.state() == "remove.open"
    desk.scan(PACK)
    desk.closes(1)
    assert desk.types()[-3:] == ["drawer.closed", "removal.recorded", "session.closed"]
    assert desk.entries[-1].reason == "revoked"
    assert desk.state() == "signin.badge"


def test_a_drawer_that_another_panel_has_open_is_refused_with_a_sentence(desk, words):
    at_the_drawer(desk)
    desk.directs(*words.order("O2", "P2", ("furosemide", 1)))
    desk.signs_in("B2", panel=2)
    desk.press("2AA", panel=2)
    assert desk.state(2) == "remove.refused"
    assert [r.reason for r in desk.memory(2).refusals] == [Reason.ANOTHER_OPEN]


def test_two_people_two_drawers_and_the_second_lease_waits_for_the_first_opening(desk, words):
    desk.directs(*words.order("O2", "P2", ("levo50", 1)))
    at_the_list(desk)
    desk.press("A")
    desk.signs_in("B2", panel=2)
    desk.press("2AA", panel=2)
    assert desk.state(2) == "remove.wait"
    assert desk.released() == [1]
    desk.opens(1)
    assert desk.state(2) == "remove.release"
    assert desk.released() == [1, 2]


def test_a_gate_that_refuses_leaves_everything_as_it_was(desk):
    from statemachine.events import LeaseRefused

    at_the_list(desk)
    desk.auto_lease = False
    desk.press("A")
    seq = desk.memory().intent
    desk.send(LeaseRefused, drawer=1, intent=seq, reason="drawer not known closed")
    assert desk.types() == ["release.intent", "release.refused"]
    assert desk.state() == "remove.not_opened"
    assert desk.box(1) == "closed"
    assert not desk.ward.drawers.intents


def test_a_dead_key_ticks_and_changes_nothing(desk):
    from statemachine.effects import Sound

    at_the_list(desk)
    before = desk.machines.panels[1]
    desk.press("0")
    assert desk.machines.panels[1] == before
    assert desk.entries == []
    assert desk.effects == [Sound(pattern="tick"), StartTimer(timer="idle.1", after_ms=60_000)]


def test_a_pack_scanned_with_no_drawer_in_hand_changes_nothing(desk):
    at_the_list(desk)
    before = desk.machines.panels[1]
    desk.scan(PACK)
    assert desk.machines.panels[1] == before
    assert desk.released() == []


def test_stop_timers_name_the_drawer_that_closed(desk):
    at_the_drawer(desk)
    desk.closes(1)
    assert StopTimer(timer="drawer.1") in desk.effects
    assert Light(pocket="1-1", pattern="off") in desk.effects


def test_an_as_required_dose_is_named_by_its_removal_and_its_parts_share_the_name(desk):
    from statemachine.ward.orders import Order

    desk.directs(
        Order(
            order="O9",
            patient="P2",
            kind="as-required",
            seen=True,
            verdict="verified",
            sets=((("levo50", 1), ("levo25", 1)),),
            starts_s=DUE - 86_400,
            interval_s=4 * 3600,
            max_per_24h=4,
        )
    )
    desk.signs_in()
    desk.press("2A")
    desk.passes(7)
    desk.press("1")
    desk.opens(2)
    desk.passes(9)
    desk.closes(2)
    desk.opens(3)
    desk.closes(3)
    recorded = [e for e in desk.entries if isinstance(e, RemovalRecorded)]
    assert [(e.dose, e.part) for e in recorded] == [
        (f"O9@{DUE + 7}", (1, 2)),
        (f"O9@{DUE + 7}", (2, 2)),
    ]
    desk.press("2A")
    desk.press("1")
    assert [r.reason for r in desk.memory().refusals] == [Reason.INTERVAL]


def test_lidded_pockets_are_not_in_doubt_for_each_other(desk):
    from statemachine.ward.stock import Pocket

    desk.directs(
        Pocket(pocket="1-1", drawer=1, product="paracetamol", lidded=True),
        Pocket(pocket="1-2", drawer=1, product="furosemide", lidded=True),
    )
    at_the_drawer(desk)
    desk.press("B")
    desk.closes(1)
    asked = [e.pocket for e in desk.entries if isinstance(e, CountAsked)]
    assert asked == ["1-1"]


def test_nothing_ordinary_is_released_while_commissioning(bare, words):
    from statemachine.events import Booted
    from statemachine.ward.house import Heartbeat

    desk = bare()
    desk.send(Booted, boot=1, reason="start")
    for drawer in (1, 2, 3):
        desk.sense(drawer, "closed", "locked")
    desk.directs(Heartbeat(at_s=DUE, epma_s=DUE), *words.staff("nina", "B1"), *words.stocked())
    desk.directs(words.patient("P1", "SMITH", "3"), *words.order("O1", "P1", ("paracetamol", 2)))
    desk.machines = type(desk.machines)(
        mode="commissioning", drawers=desk.machines.drawers, panels=desk.machines.panels
    )
    desk.signs_in()
    desk.press("AA")
    assert desk.state() == "remove.refused"
    assert Reason.NOT_COMMISSIONED in [r.reason for r in desk.memory().refusals]
    assert desk.released() == []


def test_a_quantity_typed_beforehand_is_what_is_removed_and_more_is_refused(desk):
    at_the_list(desk)
    desk.press("#")
    desk.number(3)
    desk.press("1")
    assert desk.state() == "remove.refused"
    assert Reason.TOO_MUCH in [r.reason for r in desk.memory().refusals]
    desk.press("A#")
    desk.number(1)
    desk.press("1")
    desk.opens(1)
    desk.scan(PACK)
    desk.closes(1)
    assert desk.entries[-1].quantity == 1
    assert desk.book("1-1") == 19
