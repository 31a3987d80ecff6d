"""The turn: durable before physical, and a defect stays where it is."""

import threading
from collections.abc import Callable, Sequence

import msgspec
import pytest

from cabinet.app import Minds
from cabinet.front import DEFECT, NOT_RECORDED
from cabinet.inbox import Call
from cabinet.journal import CommittedLine, Journal, JournalFailed
from cabinet.recovery import replay
from cabinet.unrecorded import UNRECORDED_MAX
from hal.ports import HardwareFault
from hal.readings import KeyReading, PartReading, ScanReading
from statemachine.events import KeyPressed, PartReported, TimeJudged, TimerExpired
from statemachine.instant import Instant
from statemachine.machines import Machines
from statemachine.step import Turn, step
from statemachine.ward import Ward
from statemachine.ward.drawers import FaultRaised, ReleaseIntent
from statemachine.ward.entry import Entry
from statemachine.ward.orders import RemovalRecorded
from statemachine.ward.people import SessionRefused
from statemachine.ward.stock import Setting

PACK = "]d20105012345678900172712311" + "0L1"


def to_the_drawer(house: "House") -> None:  # noqa: F821 - the house is a fixture's
    """She signs in, chooses the patient and the dose; drawer 3 is released."""
    house.sign_in()
    house.keys_pressed("1A1")


def test_a_nurse_removes_the_dose_that_is_due_and_every_word_of_it_is_a_line(house) -> None:
    to_the_drawer(house)
    assert house.metal.leases == [(3, 5_000, 5)]
    house.drawer(3, closed=True, locked=False)
    house.drawer(3, closed=False, locked=False)
    house.scan(PACK)
    house.drawer(3, closed=True, locked=False)
    house.drawer(3, closed=True, locked=True)
    (removal,) = house.entries(RemovalRecorded)
    assert isinstance(removal, RemovalRecorded)
    assert (removal.quantity, removal.pocket, removal.lot, removal.scan) == (
        2,
        "3-2",
        "L1",
        "scanned",
    )
    assert house.types() == [
        "boot",
        "directives.applied",
        "session.opened",
        "patient.chosen",
        "release.intent",
        "drawer.opened",
        "scan.accepted",
        "drawer.closed",
        "removal.recorded",
    ]
    assert list(dict.fromkeys(house.metal.lit)) == [("3-2", "remove"), ("3-2", "off")]
    assert house.cabinet.controller.ward.stock.pockets["3-2"].book == 18


def test_I1_the_intent_is_committed_before_the_lock_is_asked(house) -> None:
    seen: list[str] = []
    give = house.metal.lease

    def lease(drawer: int, ms: int, intent: int) -> None:
        reader = house.open_journal()
        line = reader.line("up", (1, intent))
        reader.close()
        assert line is not None
        seen.append(line.type)
        give(drawer, ms, intent)

    house.metal.lease = lease
    to_the_drawer(house)
    assert seen == ["release.intent"]


def test_what_the_controller_believes_is_what_a_replay_of_the_journal_says(house) -> None:
    to_the_drawer(house)
    house.drawer(3, closed=False, locked=False)
    house.drawer(3, closed=True, locked=True)
    assert replay(house.cabinet.journal) == house.cabinet.controller.ward


def test_a_pin_is_never_in_a_line_a_screen_or_a_publication(house) -> None:
    house.badge("B1")
    for digit in "246810":
        house.keys_pressed(digit)
        assert digit * 2 not in house.screen
    assert "246810" not in house.screen
    house.keys_pressed("#")
    written = b"".join(
        line.raw + (line.data or b"")
        for line in house.cabinet.journal.lines_after("up", (1, 0), 99)
    )
    assert b"246810" not in written
    assert b"246810" not in repr(house.published).encode()


class SickJournal(Journal):
    """The real journal on a disk that is full while `sick`."""

    sick = False

    def append(
        self,
        entries: Sequence[Entry],
        at: Instant,
        rel: object = None,  # noqa: ARG002 - no boards here
    ) -> tuple[CommittedLine, ...]:
        if self.sick:
            raise JournalFailed("full")
        return super().append(entries, at)


@pytest.fixture
def sick_house(house, monkeypatch: pytest.MonkeyPatch) -> "House":  # noqa: F821 - as above
    monkeypatch.setattr(house.cabinet.journal, "__class__", SickJournal)
    return house


def test_F17_without_a_disk_nothing_opens_and_the_screen_says_so(sick_house) -> None:
    house = sick_house
    house.sign_in()
    house.keys_pressed("1A")
    before = house.cabinet.controller.machines
    house.cabinet.journal.sick = True
    house.keys_pressed("1")
    assert house.metal.leases == []
    assert house.cabinet.controller.machines == before
    assert house.screen.split("\n")[:2] == ["patient.list", NOT_RECORDED]


def test_F18_when_the_disk_records_again_the_drawers_facts_are_told_late(sick_house) -> None:
    house = sick_house
    house.cabinet.journal.sick = True
    house.drawer(2, closed=False, locked=True)
    house.drawer(2, closed=True, locked=True)
    assert house.types() == ["boot", "directives.applied"]
    house.cabinet.journal.sick = False
    house.wait(31)
    assert house.types()[2:] == [
        "fault.raised",
        "drawer.forced",
        "fault.cleared",
        "drawer.closed",
    ]
    assert NOT_RECORDED not in house.screen
    assert house.cabinet.controller.recording


def test_F18_a_boot_that_could_not_be_recorded_is_recorded_when_the_disk_works(
    house, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise JournalFailed("full")

    house.stop()
    monkeypatch.setattr(Journal, "append", full)
    house.start("power")
    house.drawer(2, closed=False, locked=True)
    house.drawer(2, closed=True, locked=True)
    house.sign_in()
    house.sync()
    house.wait(31)
    assert house.cabinet.controller.machines.mode == "starting"
    assert NOT_RECORDED in house.screen
    monkeypatch.undo()
    house.wait(31)
    assert house.types()[2:5] == ["boot", "fault.raised", "fault.cleared"]
    to_the_drawer(house)
    assert [lease[0] for lease in house.metal.leases] == [3]


def test_F18_facts_kept_for_later_are_bounded(sick_house) -> None:
    house = sick_house
    house.cabinet.journal.sick = True
    for _ in range(UNRECORDED_MAX):
        house.drawer(2, closed=False, locked=True)
        house.drawer(2, closed=True, locked=True)
    assert len(house.cabinet.controller._unrecorded) <= UNRECORDED_MAX


def test_F25_a_defect_is_said_at_its_panel_written_down_once_and_other_panels_go_on(
    build: Callable[..., "House"],  # noqa: F821 - as above
) -> None:
    def flawed(machines: Machines, ward: Ward, event: object) -> Turn:
        if isinstance(event, KeyPressed) and event.panel == 1 and event.key == "D":
            raise KeyError("SMITH, John")
        return step(machines, ward, event)  # type: ignore[arg-type] # any event

    house = build(panels=2)
    house.pharmacy.furnish()
    house.start(minds=Minds(step=flawed))
    house.sync()
    house.sign_in()
    house.keys_pressed("DDD")
    assert DEFECT in house.screen
    assert DEFECT not in str(house.cabinet.controller.screen(2))
    (fault,) = house.entries(FaultRaised)
    assert (fault.fault, fault.reason) == ("program", "KeyPressed: KeyError")
    house.sign_in("B2", "135791", panel=2)
    house.keys_pressed("1A1", panel=2)
    assert [lease[0] for lease in house.metal.leases] == [3]
    house.keys_pressed("#")
    assert DEFECT not in house.screen


def test_F25_an_effect_that_fails_leaves_the_other_effects_of_its_turn_to_be_performed(
    house, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_panel: int) -> None:
        raise RuntimeError("a defect in forgetting")

    house.badge("B1")
    house.keys_pressed("246810")
    monkeypatch.setattr(house.cabinet.controller._translator, "forget", broken)
    house.keys_pressed("#")
    monkeypatch.undo()
    assert [fault.fault for fault in house.entries(FaultRaised)] == ["program"]
    assert "session.opened" in house.types()


def test_F25_a_reading_that_cannot_be_translated_is_a_fault_and_not_a_crash(
    house, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("cabinet.translate.read_scan", broken)
    house.scan(PACK)
    monkeypatch.undo()
    assert [fault.reason for fault in house.entries(FaultRaised)] == ["ScanReading: RecursionError"]
    assert DEFECT in house.screen


def test_locks_that_stop_answering_are_one_fault_until_they_answer_again(house) -> None:
    good = house.metal.poll

    def dead(_mono_ms: int) -> None:
        raise HardwareFault("The lines of the locks do not answer.")

    house.cabinet.controller._pulse._polls["locks"] = dead
    house.wait(65)
    house.cabinet.controller._pulse._polls["locks"] = good
    house.wait(1)
    assert house.types()[2:] == ["fault.raised", "fault.cleared"]


def test_a_screen_that_cannot_be_drawn_is_a_sentence(build) -> None:
    def blind(*_: object) -> None:
        raise LookupError("a state with no screen")

    house = build()
    house.start(minds=Minds(draw=blind))  # type: ignore[arg-type] # it never answers
    assert house.cabinet.controller.screen(1).prompt == DEFECT


def test_a_listener_that_fails_stops_nobody(house) -> None:
    def bad(_published: object) -> None:
        raise RuntimeError("a guest")

    house.cabinet.controller.listen(bad)
    house.sign_in()
    assert house.types()[-1] == "session.opened"


def test_a_lock_that_does_not_answer_is_a_refused_lease_with_its_line(house) -> None:
    house.sign_in()
    house.keys_pressed("1A")
    house.metal.broken = True
    house.keys_pressed("1")
    assert house.metal.leases == []
    assert house.types()[4:6] == ["release.intent", "release.refused"]


def test_the_gate_refuses_when_the_order_was_stopped_in_the_same_moment(house) -> None:
    from statemachine.ward.orders import OrderStop

    house.sign_in()
    house.keys_pressed("1A")
    house.pharmacy.say(OrderStop(order="o1"))
    journal, controller = house.cabinet.journal, house.cabinet.controller
    trust = house.cabinet.sync._trust
    apply, controller.apply_directives = controller.apply_directives, lambda: None
    trust.take(house.pharmacy.dn_after(journal.tip("dn").seq, None), None)
    house.keys_pressed("1")
    controller.apply_directives = apply
    assert house.metal.leases == []
    assert house.types()[4:6] == ["release.intent", "release.refused"]


def test_wrong_pins_are_counted_over_a_restart(house) -> None:
    for _ in range(3):
        house.sign_in(pin="000000")
        house.wait(400)
    house.stop()
    house.start("restart")
    person = house.cabinet.controller.ward.people.persons["n1"]
    assert person.failures == 3
    house.sign_in()
    (*_, last) = house.entries(SessionRefused)
    assert isinstance(last, SessionRefused)
    assert last.reason == "wait before the next try"


def test_F10_an_intent_that_power_cut_short_is_indeterminate_and_queues_a_count(house) -> None:
    to_the_drawer(house)
    house.stop()
    house.start("power")
    assert house.types()[5:] == ["boot", "release.indeterminate", "count.asked"]
    assert house.cabinet.controller.ward.stock.pockets["3-2"].count_due is not None
    house.sign_in("B2", "135791")
    assert house.types()[-1] == "session.opened"


def test_directives_accepted_before_a_power_cut_take_effect_at_the_next_boot(build) -> None:
    house = build()
    house.pharmacy.furnish()
    house.start()
    trust = house.cabinet.sync._trust
    trust.take(house.pharmacy.dn_after(0, None), None)
    assert "n1" not in house.cabinet.controller.ward.people.persons
    house.stop()
    house.start("power")
    assert "n1" in house.cabinet.controller.ward.people.persons
    assert house.types() == ["boot", "boot", "directives.applied"]


def test_more_directives_than_one_batch_take_effect_in_order(build) -> None:
    house = build()
    house.pharmacy.say(*(Setting(key="early_s", value=number) for number in range(600)))
    house.start()
    for _ in range(3):
        query = house.cabinet.sync.next_dn()
        seq = int(query.partition("&")[0].removeprefix("from="))
        whole = house.pharmacy.items
        house.pharmacy.items = whole[: min(seq + 200, 600)]
        tip, house.pharmacy.tip = house.pharmacy.tip, _hash_of(house.pharmacy.items[-1][0])
        house.cabinet.sync.took_dn(query, house.pharmacy.dn_after(seq, query.rpartition("=")[2]))
        house.pharmacy.items, house.pharmacy.tip = whole, tip
    assert house.cabinet.controller.ward.dn == (1, 600)
    assert house.types() == ["boot"] + ["directives.applied"] * 3


def _hash_of(raw: bytes) -> str:
    from cabinet.wire.line import open_envelope

    return open_envelope(raw).hash


def test_idle_and_due_a_checkpoint_is_written_and_a_boot_starts_from_it(house, monkeypatch) -> None:
    from cabinet.journal import keeping

    monkeypatch.setattr(keeping, "CHECKPOINT_LINES", 2)
    house.wait(31)
    assert house.types()[-1] == "checkpoint"
    believed = house.cabinet.controller.ward
    house.stop()
    house.start("restart")
    now = house.cabinet.controller.ward
    assert (now.stock, now.orders, now.patients) == (
        believed.stock,
        believed.orders,
        believed.patients,
    )


def test_F15_a_stuck_trigger_is_one_fault_and_the_keypad_works_on(house) -> None:
    for number in range(500):
        house.cabinet.inbox.report(
            ScanReading(mono_ms=number, panel=1, frame=b"]d2" + b"9" * 300, overlong=True)
        )
    house.sign_in()
    assert [entry.fault for entry in house.entries(FaultRaised)] == ["scanner 1"]
    assert house.types()[-1] == "session.opened"
    house.keys_pressed("C")
    house.wait(95)
    assert "fault.cleared" in house.types()


def test_readings_of_panels_and_keys_that_do_not_exist_change_nothing(house) -> None:
    before = house.cabinet.controller.machines
    for reading in (
        KeyReading(mono_ms=0, panel=9, key="1"),
        KeyReading(mono_ms=0, panel=1, key="F1"),
        KeyReading(mono_ms=0, panel=1, key=""),
    ):
        house.cabinet.controller.handle(reading)
    assert house.cabinet.controller.machines == before


def test_a_part_that_is_lost_and_comes_back_has_both_its_lines(house) -> None:
    for working in (False, False, True):
        house.cabinet.controller.handle(
            PartReading(mono_ms=0, part="display 1", working=working, reason="unplugged")
        )
    assert house.types()[2:] == ["fault.raised", "fault.cleared"]


def test_F21_a_time_that_is_corrected_backwards_is_told_with_both_values(house) -> None:
    told: list[object] = []
    decide = house.cabinet.controller._step

    def watched(machines: Machines, ward: Ward, event: object) -> Turn:
        told.append(event)
        return decide(machines, ward, event)

    house.stop()
    house.start("restart")
    house.cabinet.controller._step = watched
    before_s = house.cabinet.controller.clock.now().lo_s
    house.pharmacy.now_s -= 7_200
    house.sync()
    house.pump()
    judged = [event for event in told if isinstance(event, TimeJudged)]
    assert [(event.before_s, event.at.quality) for event in judged] == [(before_s, "signed")]
    assert house.cabinet.controller.clock.now().lo_s == house.pharmacy.now_s


def test_the_watchdog_is_fed_from_inside_the_loop_and_the_loop_ends_when_asked(build) -> None:
    said: list[str] = []
    house = build()
    house.pharmacy.furnish()
    house.start(notify=said.append)
    stop = threading.Event()
    done = threading.Event()

    def work() -> None:
        done.set()

    house.cabinet.inbox.post(Call(work))
    thread = threading.Thread(target=house.cabinet.controller.run, args=(stop,))
    thread.start()
    assert done.wait(5)
    stop.set()
    house.cabinet.inbox.wake()
    thread.join(5)
    assert not thread.is_alive()
    assert said == ["READY=1", "WATCHDOG=1", "STOPPING=1"]


def test_time_passes_for_locks_even_when_nothing_happens(house) -> None:
    house.metal.polled_ms.clear()
    house.watch.mono_s += 1
    house.cabinet.controller.pump()
    assert house.metal.polled_ms == [1_000]
    due_ms = house.cabinet.controller.next_deadline_ms()
    assert due_ms == 30_000


def test_listeners_see_the_lines_and_effects_of_each_item(house) -> None:
    house.published.clear()
    house.sign_in()
    told = [line.entry.TYPE for published in house.published for line in published.lines]
    assert told == ["session.opened"]
    assert all(msgspec.structs.asdict(published)["screens"] for published in house.published)


def test_an_unknown_timer_and_a_repeated_defect_never_stop_the_loop(house) -> None:
    at = house.cabinet.controller.clock.now()
    for _ in range(3):
        house.cabinet.controller.handle(TimerExpired(at=at, timer="nobody's"))
    faults = house.entries(FaultRaised)
    assert [fault.fault for fault in faults] == ["program"]
    house.cabinet.controller.handle(PartReported(at=at, part="program", working=True))
    house.sign_in()
    assert house.types()[-1] == "session.opened"


def test_the_intent_names_the_lines_it_rests_on(house) -> None:
    to_the_drawer(house)
    (intent,) = house.entries(ReleaseIntent)
    assert isinstance(intent, ReleaseIntent)
    assert (intent.actor, intent.panel, intent.staff_line, intent.order_line) == (
        "n1",
        1,
        (1, 1),
        (1, 10),
    )
