"""Power and misuse: what a boot makes of open intents, and what a caller may not do."""

import pytest

from statemachine.effects import Release
from statemachine.events import (
    Booted,
    DirectivesArrived,
    DrawerSensed,
    EmergencyPressed,
    KeyPressed,
    PartReported,
    TimerExpired,
)
from statemachine.step import start
from statemachine.ward.drawers import FaultCleared, FaultRaised, ReleaseIndeterminate
from statemachine.ward.house import Boot
from statemachine.ward.stock import CountAsked


def test_F10_an_intent_that_power_left_open_is_indeterminate_once_and_counted(desk):
    desk.signs_in()
    desk.press("AA")
    seq = desk.memory().intent
    assert list(desk.ward.drawers.intents) == [seq]
    desk.machines = start(desk.ward, (1, 2, 3), 2)
    desk.fresh()
    desk.mono_ms = 0
    desk.send(Booted, boot=2, reason="power", uncertain=((seq, "power"),))
    assert desk.entries == [
        Boot(reason="power"),
        ReleaseIndeterminate(drawer=1, intent=seq, reason="power"),
        CountAsked(pocket="1-1", reason="power", intent=seq),
        CountAsked(pocket="1-2", reason="power", intent=seq),
    ]
    assert not desk.ward.drawers.intents
    assert desk.machines.uncertain == ((seq, 1),)
    for drawer in (1, 2, 3):
        desk.sense(drawer, "closed", "locked")
    desk.fresh()
    desk.signs_in()
    desk.press("AA")
    assert desk.released() == [1]


def test_nothing_is_released_before_the_sensors_have_been_read(desk):
    desk.machines = start(desk.ward, (1, 2, 3), 2)
    desk.send(Booted, boot=2, reason="power")
    desk.signs_in()
    desk.press("AA")
    assert desk.state() == "remove.refused"
    assert not [e for e in desk.effects if isinstance(e, Release)]


def test_misuse_raises_and_changes_nothing(desk):
    before = (desk.machines, desk.ward)
    for kind, fields in (
        (KeyPressed, {"panel": 9, "key": "A"}),
        (KeyPressed, {"panel": 1, "key": "AB"}),
        (KeyPressed, {"panel": 1, "key": ""}),
        (DrawerSensed, {"drawer": 99, "reed": "open", "lock": "locked"}),
        (TimerExpired, {"timer": "nonsense"}),
        (TimerExpired, {"timer": "drawer.99"}),
        (DirectivesArrived, {"to": (0, 1), "directives": ()}),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            desk.send(kind, **fields)
    assert (desk.machines, desk.ward) == before


def test_a_cabinet_has_a_bounded_number_of_drawers_and_panels(desk):
    with pytest.raises(ValueError, match="panels"):
        start(desk.ward, (1,), 9)
    with pytest.raises(ValueError, match="drawers"):
        start(desk.ward, tuple(range(200)), 1)
    with pytest.raises(ValueError, match="once"):
        start(desk.ward, (1, 1), 1)


def test_a_part_that_fails_and_works_again_is_journalled_once_each(desk):
    desk.send(PartReported, part="scanner 1", working=False, reason="gone")
    desk.send(PartReported, part="scanner 1", working=False, reason="gone")
    desk.send(PartReported, part="scanner 1", working=True)
    desk.send(PartReported, part="scanner 1", working=True)
    assert desk.entries == [
        FaultRaised(fault="scanner 1", reason="gone"),
        FaultCleared(fault="scanner 1"),
    ]


def test_a_rolled_back_journal_releases_nothing_ordinary(desk):
    desk.machines = start(desk.ward, (1, 2, 3), 2)
    desk.send(Booted, boot=2, reason="rollback")
    assert desk.machines.mode == "rolled_back"


def test_the_same_events_make_the_same_entries_and_the_same_ward(desk):
    from statemachine.ward.entry import Stamp
    from statemachine.ward.fold import fold

    ward = desk.ward
    desk.signs_in()
    desk.press("AA")
    desk.opens(1)
    desk.scan("05012345678900")
    desk.closes(1)
    again = ward
    for entry in desk.entries:
        stamp = Stamp(
            line=(again.up[0], again.up[1] + 1),
            wall_lo_s=desk.lo_s,
            wall_hi_s=desk.lo_s,
            mono_ms=desk.mono_ms,
            boot=1,
        )
        again = fold(again, entry, stamp)
    assert again == desk.ward


def test_the_emergency_button_says_at_once_what_to_do_instead(desk):
    desk.send(EmergencyPressed)
    assert desk.types() == ["fault.raised"]
    assert "Use the sealed key" in desk.machines.alarms[0].alarm


def test_what_changes_nothing_is_counted_until_the_next_tick(desk):
    desk.signs_in()
    desk.press("000")
    assert desk.machines.ignored == 3
    desk.timer("tick")
    assert desk.machines.ignored == 0
