"""Short stories of people at a panel: every key, scan and answer that means something."""

from statemachine.events import (
    BandScanned,
    CountRequested,
    LeaseEnded,
    PinDigits,
    PinEntered,
    ScanUnreadable,
    TicketScanned,
)
from statemachine.ward.people import Staff
from statemachine.ward.stock import Setting
from tests import desk as desks
from tests.table.drawer_stories import PACK, at_open, at_release, short_of
from tests.table.stories import counting

REVOKED = Staff(actor="nina", privileges=("nurse",), wards=("7",), revoked=True)


# --- signing in ------------------------------------------------------------------------------


def all_the_ways_not_to_get_in(desk):
    desk.badge("B1")
    desk.send(PinDigits, panel=1, count=2)
    desk.badge("B2")
    desk.press("B")
    desk.badge("B1")
    desk.pin(True, count=3)
    desk.badge("B1")
    desk.timer("idle.1")
    desk.badge("B1")
    desk.pin(False)
    assert desk.state() == "signin.badge"
    desk.passes(5)
    desk.directs(REVOKED)
    desk.badge("B1")
    desk.pin(True)
    assert desk.state() == "signin.badge"


def all_the_ways_of_a_handover(desk):
    desk.signs_in()
    desk.badge("B1")
    for end in ("B", "AB"):
        desk.badge("B2")
        desk.press(end)
        assert desk.memory().actor == "nina"
    desk.badge("B2")
    desk.press("A")
    desk.send(PinDigits, panel=1, count=1)
    desk.send(PinEntered, panel=1, count=1)
    assert desk.memory().actor == "nina"
    desk.badge("B2")
    desk.press("A")
    desk.pin(False)
    desk.passes(5)
    desk.badge("B2")
    desk.press("A")
    desk.pin(True)
    assert desk.memory().actor == "bea"


def at_two_panels(desk):
    desk.signs_in()
    desk.signs_in(panel=2)
    assert desk.state(1) == "signin.badge"


def revoked_wherever_she_stands(desk):
    for keys in ("", "2", "1A", "*", "*2", "*3"):
        desk.directs(Staff(actor="nina", privileges=("nurse",), wards=("7",)))
        desk.signs_in()
        desk.press(keys)
        desk.directs(REVOKED)
        assert desk.state() == "signin.badge", keys
        desk.passes(1)


# --- choosing --------------------------------------------------------------------------------


def somebody_similar(desk):
    desk.directs(desks.patient("P4", "SMYTH", "14", born="1950-05-06"))
    desk.signs_in()
    desk.press("A")
    assert desk.state() == "home.birth"
    desk.number(1)
    desk.number(1407)
    assert desk.state() == "patient.list"
    desk.press("B1A")
    assert desk.state() == "home.birth"
    desk.press("B")


def next_of_the_round(desk):
    desk.signs_in()
    desk.press("9")
    desk.press("A")
    assert desk.state() == "patient.list"
    desk.press("9DB")
    desk.directs(desks.patient("P6", "GREEN", "8"))
    desk.passes(4 * 3600)
    desk.press("A")
    assert desk.memory().said == "nothing due"


def by_bed(desk):
    desk.directs(desks.patient("P6", "GREEN", "4B"))
    desk.signs_in()
    desk.press("#")
    desk.number(77)
    desk.number(4)
    assert desk.state() == "home.patients"
    desk.press("#")
    desk.number(3)
    assert desk.state() == "home.confirm"


def by_number(desk):
    desk.signs_in()
    desk.press("*9")
    desk.press("2")
    desk.number(99)
    desk.number(4321)
    desk.press("9")
    desk.press("2")
    assert desk.memory().patient == "P5"


def by_band_and_ticket(desk):
    desk.directs(
        Setting(key="choosing", value="list, wristband, ticket"),
        desks.patient("P6", "GREEN", "8", nhs="9434765919"),
    )
    desk.signs_in()
    desk.send(BandScanned, panel=1, nhs="9434765919")
    desk.send(BandScanned, panel=1, nhs="9000000009")
    assert desk.state() == "home.reason"
    desk.send(BandScanned, panel=1, nhs="1")
    desk.send(TicketScanned, panel=1, patient="P2")
    assert desk.memory().patient == "P2"
    desk.send(TicketScanned, panel=1, patient="nobody")
    desk.send(ScanUnreadable, panel=1, reason="not readable")
    desk.press("*3AB*4")
    assert desk.state() == "signin.badge"


# --- removing --------------------------------------------------------------------------------


def what_is_refused(desk):
    desk.directs(*desks.order("O2", "P2", ("morphine", 1)))
    desk.signs_in()
    desk.press("2A1")
    assert desk.state() == "remove.refused"
    desk.press("D")
    desk.press("B")
    assert desk.state() == "patient.list"


def many_units(desk):
    desk.directs(*desks.order("O2", "P2", ("levo50", 6)))
    desk.signs_in()
    desk.press("2AA")
    assert desk.state() == "remove.many"
    desk.number(5)
    desk.press("B")
    desk.press("A")
    desk.number(6)
    assert desk.state() == "remove.release"
    desk.directs(desks.patient("P6", "GREEN", "8"))
    desk.badge("B2")


def at_the_pack(desk):
    at_open(desk)
    desk.scan("05012345678917")
    desk.scan(PACK)
    desk.press("D")
    assert desk.state() == "remove.open"
    desk.closes(1)


def cannot_scan(desk):
    at_open(desk)
    desk.press("D1")
    desk.closes(1)
    assert desk.entries[-1].scan == "strip"


def called_off_before_the_bolt_moved(desk):
    desk.auto_lease = False
    at_release(desk)
    desk.press("B")
    desk.send(LeaseEnded, drawer=1, intent=desk.memory().intent)
    assert desk.box(1) == "closed"


def asked_in_silence(desk):
    short_of(desk)
    desk.press("#")
    desk.timer("drawer.1")
    assert desk.box(1) == "open"


# --- counting --------------------------------------------------------------------------------


def counted_twice(desk):
    counting(desk)
    desk.number(99_999)
    desk.number(3)
    assert desk.state() == "count.again"
    desk.number(3)
    desk.closes(1)
    desk.press("9")


def not_counted(desk):
    counting(desk)
    desk.closes(1)
    desk.press("1")
    desk.scan(PACK)
    desk.press("B")
    desk.lease_runs_out(1)
    assert desk.state() == "count.list"


def not_to_be_counted_alone(desk):
    desk.send(CountRequested, pocket="3-2")
    desk.signs_in()
    desk.press("*11")
    assert desk.state() == "count.list"
    assert desk.memory().refusals


ALL = (
    all_the_ways_not_to_get_in,
    all_the_ways_of_a_handover,
    at_two_panels,
    revoked_wherever_she_stands,
    somebody_similar,
    next_of_the_round,
    by_bed,
    by_number,
    by_band_and_ticket,
    what_is_refused,
    many_units,
    at_the_pack,
    cannot_scan,
    called_off_before_the_bolt_moved,
    asked_in_silence,
    counted_twice,
    not_counted,
    not_to_be_counted_alone,
)
