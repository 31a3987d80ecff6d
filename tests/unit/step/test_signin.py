"""Signing in, taking over, leaving: who may, how long they wait, what is said."""

from statemachine.effects import CheckCredential
from statemachine.events import CredentialChecked, PinDigits, PinEntered, TimerExpired
from statemachine.refusals import Reason
from statemachine.ward.people import (
    Credential,
    Handover,
    SessionClosed,
    SessionOpened,
    SessionParked,
    SessionRefused,
    Staff,
)


def test_badge_and_right_pin_open_a_session(desk):
    desk.badge("B1")
    assert desk.state() == "signin.pin"
    desk.send(PinDigits, panel=1, count=3)
    assert desk.memory().digits == 3
    desk.pin(True)
    assert desk.entries == [
        SessionOpened(actor="nina", panel=1, staff_line=desk.ward.people.persons["nina"].staff_line)
    ]
    assert desk.state() == "home.patients"
    assert desk.memory().listed == ("P1", "P2")


def test_a_badge_alone_a_pin_alone_and_an_answer_alone_open_nothing(desk):
    desk.send(PinEntered, panel=1, count=6)
    desk.send(CredentialChecked, panel=1, actor="nina", right=True)
    assert desk.state() == "signin.badge"
    desk.badge("B1")
    desk.send(CredentialChecked, panel=1, actor="nina", right=True)
    assert desk.state() == "signin.pin"
    assert desk.entries == []


def test_a_wrong_pin_is_counted_and_nobody_is_told_what_was_wrong(desk):
    desk.badge("B1")
    desk.pin(False)
    assert desk.entries == [
        SessionRefused(panel=1, reason=Reason.SIGN_IN.value, actor="nina", counted=True)
    ]
    known = desk.memory().refusals
    desk.timer("idle.1")
    desk.fresh()
    desk.badge("stranger")
    assert desk.state() == "signin.pin"
    desk.pin(False)
    assert desk.memory().refusals == known
    assert desk.entries == [
        SessionRefused(panel=1, reason=Reason.SIGN_IN.value, actor=None, counted=True)
    ]


def test_an_unknown_badge_is_checked_against_a_decoy_and_never_right(desk):
    desk.badge("stranger")
    turn = desk.send(PinEntered, panel=1, count=6)
    assert CheckCredential(panel=1, actor="") in turn.effects
    desk.send(CredentialChecked, panel=1, actor="", right=True)
    assert desk.state() == "signin.badge"
    assert desk.types() == ["session.refused"]


def test_a_try_inside_the_delay_is_not_even_checked_and_not_counted(desk):
    desk.badge("B1")
    desk.pin(False)
    desk.fresh()
    desk.badge("B1")
    desk.pin(True)
    assert desk.entries == [
        SessionRefused(panel=1, reason=Reason.DELAY.value, actor="nina", counted=False)
    ]
    assert not [e for e in desk.effects if isinstance(e, CheckCredential)]
    desk.passes(2)
    desk.signs_in()
    assert desk.state() == "home.patients"


def test_strangers_slow_unknown_badges_only(desk):
    for _ in range(3):
        desk.badge("stranger")
        desk.pin(False)
        desk.passes(10)
    desk.badge("stranger")
    desk.pin(False)
    desk.fresh()
    desk.badge("another stranger")
    desk.pin(False)
    assert desk.entries[-1].reason == Reason.PANEL_SLOW.value
    desk.signs_in()
    assert desk.state() == "home.patients"


def test_ten_wrong_pins_lock_until_a_new_credential_comes(desk):
    for _ in range(10):
        desk.badge("B1")
        desk.pin(False)
        desk.passes(301)
    desk.fresh()
    desk.signs_in()
    assert desk.entries[-1].reason == Reason.LOCKED.value
    desk.directs(Credential(actor="nina", badge="B1", sealed="another"))
    desk.signs_in()
    assert desk.state() == "home.patients"


def test_a_late_answer_for_an_earlier_badge_opens_nothing(desk):
    desk.badge("B1")
    desk.send(PinEntered, panel=1, count=6)
    desk.press("B")
    desk.badge("B2")
    desk.send(PinEntered, panel=1, count=6)
    desk.send(CredentialChecked, panel=1, actor="nina", right=True)
    assert desk.state() == "signin.checking"
    assert desk.entries == []


def test_a_revoked_person_with_the_right_pin_is_refused(desk):
    desk.directs(Staff(actor="nina", privileges=("nurse",), wards=("7",), revoked=True))
    desk.signs_in()
    assert desk.entries[-1] == SessionRefused(
        panel=1, reason=Reason.REVOKED.value, actor="nina", counted=False
    )
    assert desk.state() == "signin.badge"


def test_I13_revoked_while_signed_in_the_session_ends_at_once(desk):
    desk.signs_in()
    desk.fresh()
    desk.directs(Staff(actor="nina", privileges=("nurse",), wards=("7",), revoked=True))
    assert desk.entries[-1] == SessionClosed(actor="nina", panel=1, reason="revoked")
    assert desk.state() == "signin.badge"


def test_idle_for_a_minute_the_round_is_parked_and_offered_again(desk):
    desk.signs_in()
    desk.press("A")
    desk.fresh()
    desk.timer("idle.1")
    assert desk.entries == [SessionParked(actor="nina", panel=1, reason="idle", patient="P1")]
    assert desk.state() == "signin.badge"
    assert desk.memory().patient == ""
    desk.signs_in()
    assert desk.memory().first == "P1"
    desk.press("A")
    assert desk.memory().patient == "P1"


def test_with_a_drawer_open_five_minutes_end_the_session_as_left_open(desk):
    desk.signs_in()
    desk.press("AA")
    desk.opens(1)
    seq = desk.memory().intent
    desk.fresh()
    desk.timer("idle.1")
    assert desk.types() == [
        "session.closed",
        "release.indeterminate",
        "count.asked",
        "count.asked",
    ]
    assert desk.entries[0] == SessionClosed(actor="nina", panel=1, reason="left_open")
    assert desk.entries[1].intent == seq
    assert desk.state() == "signin.badge"
    assert any(standing.drawer == 1 for standing in desk.machines.alarms)
    assert not desk.ward.drawers.intents
    desk.fresh()
    desk.closes(1)
    assert desk.types() == ["drawer.closed"]
    assert desk.box(1) == "closed"


def test_F28_a_second_badge_is_a_question_and_no_keeps_the_first_session(desk):
    desk.signs_in()
    desk.fresh()
    desk.badge("B2")
    assert desk.state() == "handover.ask"
    desk.press("B")
    assert desk.state() == "home.patients"
    assert desk.memory().actor == "nina"
    assert desk.entries == []


def test_F28_taking_over_ends_the_first_session_only_when_the_new_pin_is_right(desk):
    desk.signs_in()
    desk.fresh()
    desk.badge("B2")
    desk.press("A")
    assert desk.state() == "handover.pin"
    desk.pin(False)
    assert desk.memory().actor == "nina"
    assert desk.state() == "home.patients"
    desk.passes(5)
    desk.fresh()
    desk.badge("B2")
    desk.press("A")
    desk.pin(True)
    assert desk.entries == [
        Handover(actor="nina", to="bea", panel=1),
        SessionClosed(actor="nina", panel=1, reason="handed over"),
        SessionOpened(actor="bea", panel=1, staff_line=desk.ward.people.persons["bea"].staff_line),
    ]
    assert desk.memory().actor == "bea"
    assert desk.ward.people.panels[1] == "bea"


def test_F28_a_second_badge_with_a_drawer_in_hand_is_not_now(desk):
    desk.signs_in()
    desk.press("AA")
    desk.opens(1)
    desk.badge("B2")
    assert desk.state() == "remove.open"
    assert desk.memory().said == "not now"


def test_signing_in_elsewhere_parks_the_idle_session(desk):
    desk.signs_in()
    desk.fresh()
    desk.passes(5)
    desk.signs_in(panel=2)
    assert desk.types() == ["session.opened", "session.parked"]
    assert desk.state(1) == "signin.badge"
    assert desk.state(2) == "home.patients"
    assert dict(desk.ward.people.panels) == {2: "nina"}


def test_signing_in_elsewhere_with_a_drawer_in_hand_is_refused(desk):
    desk.signs_in()
    desk.press("AA")
    desk.opens(1)
    desk.fresh()
    desk.signs_in(panel=2)
    assert desk.entries[-1].reason == Reason.ANOTHER_OPEN.value
    assert desk.state(2) == "signin.badge"
    assert desk.state(1) == "remove.open"


def test_tap_alone_resumes_ones_own_round_with_a_challenge_card_only(desk):
    desk.directs(Credential(actor="nina", badge="B1", sealed="sealed-nina", card="challenge"))
    desk.badge("B1")
    assert desk.state() == "signin.pin"
    desk.pin(True)
    desk.press("C")
    desk.passes(29 * 60)
    desk.fresh()
    desk.badge("B1")
    assert desk.state() == "home.patients"
    assert desk.entries[-1].resumed
    desk.press("C")
    desk.passes(2 * 60)
    desk.badge("B1")
    assert desk.state() == "signin.pin"


def test_a_static_card_never_resumes_by_tap(desk):
    desk.signs_in()
    desk.press("C")
    desk.badge("B1")
    assert desk.state() == "signin.pin"


def test_a_witness_only_person_has_no_drawers(desk, words):
    desk.directs(*words.staff("wes", "B9", "witness only"))
    desk.signs_in("B9")
    assert desk.entries[-1].reason == Reason.PRIVILEGE.value


def test_signing_out_closes_the_session_and_forgets_who_was_there(desk):
    desk.signs_in()
    desk.fresh()
    desk.press("*4")
    assert desk.entries == [SessionClosed(actor="nina", panel=1, reason="signed out")]
    assert desk.memory().actor == ""


def test_what_was_said_last_is_wiped_after_a_minute(desk):
    desk.badge("B1")
    desk.pin(False)
    assert desk.memory().refusals
    desk.send(TimerExpired, timer="idle.1")
    assert desk.memory().refusals == ()
