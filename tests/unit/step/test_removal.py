"""Whole removals: what is journalled and what is done, in order."""

from statemachine.effects import EndLease, Light, Release, Sound, StartTimer, StopTimer
from statemachine.ward.drawers import DrawerClosed, DrawerOpened, ReleaseIntent, ScanAccepted
from statemachine.ward.orders import RemovalRecorded
from statemachine.ward.patients import PatientChosen


def test_a_dose_that_is_due_is_removed_with_its_whole_story(desk):
    desk.signs_in()
    assert desk.state() == "home.patients"
    desk.fresh()
    desk.press("A")
    assert desk.state() == "patient.list"
    desk.press("A")
    assert desk.state() == "remove.release"
    desk.opens(1)
    assert desk.state() == "remove.open"
    desk.scan("05012345678900", lot="L1", expires="2027-12-31")
    desk.closes(1)
    assert desk.types() == [
        "patient.chosen",
        "release.intent",
        "drawer.opened",
        "scan.accepted",
        "drawer.closed",
        "removal.recorded",
    ]
    print(desk.entries)
    assert desk.released() == [1]
    assert desk.state() == "home.patients"
    assert desk.book("1-1") == 18
