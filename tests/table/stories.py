"""Short stories of the cabinet and its people: each takes a ready `Desk`."""

from statemachine.events import (
    BadgeRead,
    Booted,
    CountRequested,
    CredentialChecked,
    PartReported,
    PinEntered,
)
from statemachine.step import start
from statemachine.ward.orders import OrderStop
from statemachine.ward.people import Credential, Staff
from statemachine.ward.stock import Formulary, Pocket, Product
from tests import desk as desks
from tests.table.drawer_stories import (
    PACK,
    at_open,
    at_release,
    retrying_way,
    short_of,
    stopped_way,
)

# --- mode ------------------------------------------------------------------------------------


def a_journal_older_than_its_anchors(desk):
    desk.machines = start(desk.ward, (1, 2, 3), 2)
    desk.send(Booted, boot=2, reason="rollback")
    for drawer in (1, 2, 3):
        desk.sense(drawer, "closed", "locked")
    desk.signs_in()
    desk.press("1AA")
    assert desk.state() == "remove.refused"


def our_journal_went_back_and_was_mended(desk):
    desk.send(PartReported, part="rolled back", working=False, reason="older than a receipt")
    assert desk.machines.mode == "rolled_back"
    desk.send(PartReported, part="rolled back", working=True)
    assert desk.machines.mode == "normal"
    bare = desks.Desk()
    bare.send(Booted, boot=1, reason="rollback")
    bare.send(PartReported, part="rolled back", working=True)
    assert bare.machines.mode == "commissioning"


def safe_hold_and_out_of_it(desk):
    stopped_way(desk)
    assert desk.machines.mode == "safe_hold"
    ward = desk.ward
    desk.machines = start(desk.ward, (1, 2, 3), 2)
    desk.send(Booted, boot=2, reason="power")
    assert desk.machines.mode == "safe_hold"
    for drawer in (1, 2, 3):
        desk.sense(drawer, "closed", "locked")
    desk.signs_in("B3")
    desk.press("*3D")
    assert desk.machines.mode == "normal"
    desk.press("*3D")
    assert ward != desk.ward


def safe_hold_with_nothing_assigned(desk):
    stopped_way(desk)
    desk.directs(
        *(
            Pocket(pocket=pocket, drawer=known.pocket.drawer, product=None)
            for pocket, known in sorted(desk.ward.stock.pockets.items())
        )
    )
    desk.sense(1, "closed", "locked")
    desk.closes(2)
    desk.signs_in("B3", panel=2)
    desk.press("*3D", panel=2)
    assert desk.machines.mode == "commissioning"


def a_fault_put_right_while_commissioning(_desk):
    desk = desks.Desk()
    desk.send(Booted, boot=1, reason="start")
    desk.sense(1, "closed", "unlocked")
    desk.timer("drawer.1")
    desk.sense(1, "closed", "locked")
    desk.directs(*desks.staff("ian", "B3", "nurse in charge"))
    desk.signs_in("B3")
    desk.press("*3D")
    assert desk.machines.mode == "commissioning"
    assert desk.box(1) == "closed"


# --- signing in ------------------------------------------------------------------------------


def tap_alone(desk):
    card = Credential(actor="nina", badge="B1", sealed="sealed-nina", card="challenge")
    desk.directs(card)
    desk.signs_in()
    desk.press("C")
    desk.badge("B1")
    assert desk.state() == "home.patients"


def late_answers(desk):
    desk.badge("B1")
    desk.send(PinEntered, panel=1, count=6)
    for right in (True, False):
        desk.send(CredentialChecked, panel=1, actor="bea", right=right)
        assert desk.state() == "signin.checking"
    desk.send(CredentialChecked, panel=1, actor="nina", right=True)
    desk.badge("B2")
    desk.press("A")
    desk.send(BadgeRead, panel=1, badge="B2")
    desk.send(PinEntered, panel=1, count=6)
    for right in (True, False):
        desk.send(CredentialChecked, panel=1, actor="nina", right=right)
        assert desk.state() == "handover.checking"
    desk.directs(Staff(actor="bea", privileges=("nurse",), wards=("7",), revoked=True))
    desk.send(CredentialChecked, panel=1, actor="bea", right=True)
    assert desk.state() == "home.patients"


# --- choosing --------------------------------------------------------------------------------


def a_long_ward(desk):
    desk.directs(*(desks.patient(f"N{n}", "ABCDEFGHIJ"[n] * 7, str(20 + n)) for n in range(10)))
    desk.signs_in()
    desk.press("DDBB")
    assert desk.state() == "home.patients"


def a_patient_who_left(desk):
    desk.signs_in()
    desk.press("*2")
    desk.number(4321)
    desk.directs(desks.patient("P5", "BROWN", "9", ward="8", status="cancelled", mrn="4321"))
    desk.press("1")
    assert desk.state() == "home.patients"


def old_orders(desk):
    desk.passes(20 * 60)
    at = desk.signs_in
    at()
    desk.press("1A")
    assert desk.state() == "patient.chart"
    desk.press("A")
    assert desk.state() == "patient.list"
    desk.press("B")
    desk.press("1A")
    assert desk.state() == "patient.list"


def orders_grow_old(desk):
    desk.signs_in()
    desk.press("1A")
    desk.passes(20 * 60)
    desk.press("AA")
    assert desk.state() == "patient.chart"


def nobody_knows_the_time(desk):
    desk.doubt_s = 10 * 86_400
    desk.signs_in()
    desk.press("1A")
    assert desk.state() == "patient.time"
    desk.press("2340" + "9" + "1" * 400 + "0" + "4")
    desk.press("A")
    assert desk.entries[-1].wall_s == desks.EIGHT_S + 60
    desk.doubt_s = 0
    assert desk.state() == "home.confirm"
    desk.press("AA")
    assert desk.state() == "remove.release"


def the_clock_loses_its_time_on_the_list(desk):
    desk.passes(20 * 60)
    desk.signs_in()
    desk.press("1AA")
    assert desk.state() == "patient.list"
    desk.doubt_s = 10 * 86_400
    desk.press("AA")
    assert desk.state() == "patient.time"


def a_wrong_drawer_under_a_lease_from_before(desk):
    at_release(desk)
    desk.send(PartReported, part="rolled back", working=False, reason="older than a receipt")
    desk.sense(2, "open", "unlocked")
    assert desk.machines.mode == "rolled_back"
    assert desk.ended() == [1, 1]


# --- removing --------------------------------------------------------------------------------


def a_second_dose(desk):
    at_open(desk)
    desk.scan(PACK)
    desk.closes(1)
    desk.press("1A")
    line = str(desk.memory().listed.index(f"O1@{desks.EIGHT_S}") + 1)
    for end in ("D5B", "D1"):
        desk.press(line + end)
    assert desk.state() == "remove.release"
    desk.press("B")
    desk.lease_runs_out(1)


def a_long_list(desk):
    for n in range(10):
        desk.directs(*desks.order(f"L{n}", "P1", ("levo50", 1), due_s=desks.EIGHT_S - n))
    desk.signs_in()
    desk.press("1ADDB")
    desk.press("#B#")
    desk.number(99_999)
    desk.number(1)
    desk.press("D0")
    assert desk.state() == "patient.list"


def the_rest_is_stopped(desk):
    desk.directs(*desks.order("O2", "P1", ("levo50", 1)), *desks.order("O3", "P1", ("levo25", 1)))
    at = desks.EIGHT_S
    desk.signs_in()
    desk.press("1AA")
    drawer = desk.released()[-1]
    desk.opens(drawer)
    others = [visit.order for visit in desk.memory().queue]
    desk.directs(OrderStop(order=others[0], at_s=at))
    desk.closes(drawer)
    assert desk.state() == "remove.refused"
    desk.press("A")
    assert desk.state() == "remove.release"


def stopped_at_the_drawer(desk):
    at_open(desk)
    desk.directs(OrderStop(order="O1", at_s=desks.EIGHT_S))
    desk.closes(1)
    desk.press("A")
    desk.press("D")
    desk.press("#")


def stopped_before_the_drawer_opens(desk):
    at_release(desk)
    desk.directs(OrderStop(order="O1", at_s=desks.EIGHT_S))
    desk.opens(1)
    assert desk.state() == "remove.nothing"
    desk.scan(PACK)
    desk.press("A")
    desk.closes(1)


def revoked_with_nothing_taken(desk):
    at_open(desk)
    desk.press("B")
    desk.directs(Staff(actor="nina", privileges=("nurse",), wards=("7",), revoked=True))
    desk.closes(1)
    assert desk.state() == "signin.badge"


def how_many_are_left(desk):
    short_of(desk)
    desk.press("#")
    desk.number(99_999)
    desk.press("B")
    desk.scan(PACK)
    assert desk.state() == "remove.left"
    desk.closes(1)
    assert desk.state() == "remove.left_shut"
    desk.number(99_999)
    desk.press("B")


def cannot_scan_and_how_many_are_left(desk):
    short_of(desk)
    desk.press("DB")
    desk.press("D9")
    desk.press("2")
    assert desk.state() == "remove.left"
    desk.number(3)
    desk.closes(1)


def unscanned(desk, keys):
    at_open(desk)
    desk.closes(1)
    desk.scan("05012345678917")
    desk.press(keys)


def unscanned_and_how_many_are_left(desk, keys):
    short_of(desk)
    desk.closes(1)
    if keys == "scan":
        desk.scan(PACK)
    else:
        desk.press(keys)
    assert desk.state() == "remove.left_shut"
    desk.number(1)


def called_off_with_a_retry(desk):
    retrying_way(desk)
    desk.press("B")
    assert desk.state() == "patient.list"


# --- counting --------------------------------------------------------------------------------


def many_counts(desk):
    desk.directs(
        Formulary(products=(Product(product="saline", generic="saline"),)),
        *(Pocket(pocket=f"3-{n + 3}", drawer=3, product="saline") for n in range(10)),
    )
    desk.signs_in()
    desk.press("*1DD0B")
    desk.press("*1")
    desk.press(str(desk.memory().listed.index("3-10") + 1))
    desk.opens(3)
    desk.number(4)
    desk.closes(3)


def counting(desk):
    """Nina stands before the open drawer 1 and is asked how many there are."""
    desk.send(CountRequested, pocket="1-1")
    desk.signs_in()
    desk.press("*1")
    desk.press(str(desk.memory().listed.index("1-1") + 1))
    desk.opens(1)
    assert desk.state() == "count.open"


def revoked_while_counting(desk):
    counting(desk)
    desk.directs(Staff(actor="nina", privileges=("nurse",), wards=("7",), revoked=True))
    desk.closes(1)
    assert desk.state() == "signin.badge"


def revoked_after_counting(desk):
    counting(desk)
    desk.number(20)
    desk.press("#")
    desk.directs(Staff(actor="nina", privileges=("nurse",), wards=("7",), revoked=True))
    desk.closes(1)
    assert desk.state() == "signin.badge"


def a_count_waits_for_a_lease(desk):
    desk.send(CountRequested, pocket="2-1")
    desk.signs_in("B2", panel=2)
    at_release(desk)
    for keys in ("*1", "B", "*1"):
        desk.press(keys, panel=2)
    line = str(desk.memory(2).listed.index("2-1") + 1)
    desk.press(line, panel=2)
    assert desk.state(2) == "count.wait"
    desk.press("B", panel=2)
    desk.press(line, panel=2)
    desk.opens(1)
    assert desk.state(2) == "count.release"


def expired_since_she_signed_in(desk):
    """No line says so: her time is simply over when the next drawer is due."""
    until = Staff(actor="nina", privileges=("nurse",), wards=("7",), valid_to_s=desks.EIGHT_S + 60)
    desk.directs(until)
    desk.send(CountRequested, pocket="1-1")
    desk.signs_in()
    desk.press("*1")
    desk.passes(61)
    desk.press("1")
    assert desk.state() == "signin.badge"


def expired_on_the_list(desk):
    until = Staff(actor="nina", privileges=("nurse",), wards=("7",), valid_to_s=desks.EIGHT_S + 60)
    desk.directs(until, *desks.order("O2", "P1", ("levo50", 1)))
    at_release(desk)
    drawer = desk.released()[-1]
    desk.opens(drawer)
    desk.passes(61)
    desk.press("B")
    desk.press("A")
    desk.closes(drawer)
    assert desk.state() == "signin.badge"


ALL = (
    a_journal_older_than_its_anchors,
    our_journal_went_back_and_was_mended,
    safe_hold_and_out_of_it,
    safe_hold_with_nothing_assigned,
    a_fault_put_right_while_commissioning,
    tap_alone,
    late_answers,
    a_long_ward,
    a_patient_who_left,
    old_orders,
    orders_grow_old,
    nobody_knows_the_time,
    the_clock_loses_its_time_on_the_list,
    a_wrong_drawer_under_a_lease_from_before,
    a_second_dose,
    a_long_list,
    the_rest_is_stopped,
    stopped_at_the_drawer,
    stopped_before_the_drawer_opens,
    revoked_with_nothing_taken,
    how_many_are_left,
    cannot_scan_and_how_many_are_left,
    *(lambda desk, keys=keys: unscanned(desk, keys) for keys in ("A", "D9B", "D2", "B")),
    *(
        lambda desk, keys=keys: unscanned_and_how_many_are_left(desk, keys)
        for keys in ("A", "scan", "D1")
    ),
    called_off_with_a_retry,
    many_counts,
    revoked_while_counting,
    revoked_after_counting,
    a_count_waits_for_a_lease,
    expired_since_she_signed_in,
    expired_on_the_list,
)
