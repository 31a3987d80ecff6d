"""Signing in: wrong PINs cost time, strangers cost strangers, a tap resumes one's own round."""

import msgspec
import pytest

from statemachine.refusals import Reason, Refusal
from statemachine.rules.person import may_be_second
from statemachine.rules.signin import (
    check_entry,
    check_try,
    delay_s,
    has_drawers,
    may_resume_by_tap,
    wait_ms,
)
from statemachine.ward.house import Boot
from statemachine.ward.people import Credential, SessionOpened, SessionParked, SessionRefused
from statemachine.ward.stock import Setting


def wrong(built, actor="Nina", times=1):
    for _ in range(times):
        built.say(SessionRefused(panel=1, reason="badge or PIN", actor=actor, counted=True))


def after(built, ms):
    """So many milliseconds later."""
    return msgspec.structs.replace(built.now, mono_ms=built.now.mono_ms + ms)


def test_the_delay_doubles_to_five_minutes():
    assert [delay_s(n) for n in range(12)] == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_the_delay_after_a_restart_runs_again_from_its_start():
    assert wait_ms(5, 1, 50_000, 1, 58_000) == 8_000
    assert wait_ms(5, 1, 50_000, 2, 3_000) == 13_000
    assert wait_ms(5, 1, 50_000, 1, 66_000) == 0


def test_a_try_inside_the_delay_is_refused_and_says_how_long(built):
    wrong(built, times=3)
    assert check_try(built.ward, after(built, 500), "Nina") == (
        Refusal(reason=Reason.DELAY, actor="Nina", amount=4),
    )
    assert check_try(built.ward, after(built, 3_999), "Nina") == (
        Refusal(reason=Reason.DELAY, actor="Nina", amount=1),
    )
    assert check_try(built.ward, after(built, 4_000), "Nina") == ()


def test_a_try_that_was_not_counted_changes_nothing(built):
    wrong(built)
    before = built.ward.people
    built.say(SessionRefused(panel=1, reason="delay", actor="Nina", counted=False))
    assert built.ward.people == before


def test_ten_wrong_pins_lock_until_a_new_credential_comes(built):
    wrong(built, times=9)
    assert not built.ward.people.persons["Nina"].locked
    wrong(built)
    later = after(built, 10**9)
    assert check_try(built.ward, later, "Nina") == (Refusal(reason=Reason.LOCKED, actor="Nina"),)
    built.say(Credential(actor="Nina", badge="B-Nina", sealed="s"))
    assert [one.reason for one in check_try(built.ward, later, "Nina")] == [Reason.LOCKED]
    built.say(Credential(actor="Nina", badge="B-Nina", sealed="new"))
    assert check_try(built.ward, later, "Nina") == ()


def test_the_right_pin_forgives_the_wrong_ones(built):
    wrong(built, times=5)
    built.say(SessionOpened(actor="Nina", panel=1, staff_line=(1, 1)))
    assert check_try(built.ward, built.now, "Nina") == ()
    assert built.ward.people.persons["Nina"].failures == 0


def test_strangers_slow_unknown_badges_and_nobody_else(built):
    wrong(built, actor=None, times=6)
    assert check_try(built.ward, built.now, "") == (
        Refusal(reason=Reason.PANEL_SLOW, actor="", amount=32),
    )
    assert check_try(built.ward, built.now, "Nina") == ()
    assert built.ward.people.persons["Nina"].failures == 0


def test_one_persons_failures_slow_nobody_else(built):
    built.staff("Rob", "nurse")
    wrong(built, times=6)
    assert check_try(built.ward, built.now, "Rob") == ()
    assert check_try(built.ward, built.now, "") == ()


def test_the_wrong_pins_survive_a_restart_and_the_delay_begins_anew(built):
    wrong(built, times=4)
    built.say(Boot(reason="power"))
    restarted = msgspec.structs.replace(
        built.ward, house=msgspec.structs.replace(built.ward.house, boot=2)
    )
    now = msgspec.structs.replace(built.now, mono_ms=1_000)
    assert check_try(restarted, now, "Nina") == (
        Refusal(reason=Reason.DELAY, actor="Nina", amount=7),
    )


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"revoked": True}, Reason.REVOKED),
        ({"wards": ("8",)}, Reason.WRONG_WARD),
        ({"wards": ()}, Reason.WRONG_WARD),
        ({"valid_to_s": 1}, Reason.REVOKED),
        ({"valid_from_s": 2**39}, Reason.REVOKED),
    ],
)
def test_who_does_not_belong_here_is_not_let_in(built, more, reason):
    assert check_entry(built.ward, built.now, "Nina") == ()
    built.staff("Nina", "nurse", **more)
    assert [one.reason for one in check_entry(built.ward, built.now, "Nina")] == [reason]


def test_who_has_no_privilege_or_is_not_known_is_not_let_in(built):
    built.staff("Nina")
    assert [one.reason for one in check_entry(built.ward, built.now, "Nina")] == [Reason.PRIVILEGE]
    assert [one.reason for one in check_entry(built.ward, built.now, "Nemo")] == [
        Reason.NOT_SIGNED_IN
    ]


def test_i10_without_a_trusted_time_a_validity_that_may_hold_locks_nobody_out(built):
    built.staff("Nina", "nurse", valid_to_s=built.now.lo_s + 60)
    built.later("08:00", width_s=3600)
    assert check_entry(built.ward, built.now, "Nina") == ()


def test_a_witness_only_has_no_drawers(built):
    built.staff("Wes", "witness only")
    built.staff("Stu", "student")
    assert has_drawers(built.ward, "Nina")
    assert has_drawers(built.ward, "Stu")
    assert not has_drawers(built.ward, "Wes")
    assert not has_drawers(built.ward, "Nemo")


def park(built, card="challenge"):
    built.say(Credential(actor="Nina", badge="B-Nina", sealed="s", card=card))
    built.say(SessionOpened(actor="Nina", panel=1, staff_line=(1, 1)))
    built.say(SessionParked(actor="Nina", panel=1, reason="idle", patient="P1"))


def test_a_challenge_card_resumes_its_own_round_for_half_an_hour(built):
    park(built)
    half_an_hour_ms = 30 * 60_000
    assert may_resume_by_tap(built.ward, after(built, half_an_hour_ms), "Nina")
    assert not may_resume_by_tap(built.ward, after(built, half_an_hour_ms + 1), "Nina")


def test_no_setting_makes_the_half_hour_longer(built):
    park(built)
    built.say(Setting(key="resume_min", value=600))
    assert not may_resume_by_tap(built.ward, after(built, 31 * 60_000), "Nina")
    built.say(Setting(key="resume_min", value=5))
    assert not may_resume_by_tap(built.ward, after(built, 6 * 60_000), "Nina")


def test_a_static_badge_never_resumes_by_a_tap(built):
    park(built, card="static")
    assert not may_resume_by_tap(built.ward, built.now, "Nina")


def test_nobody_resumes_without_a_parked_round_of_their_own(built):
    park(built)
    built.staff("Rob", "nurse")
    built.say(Credential(actor="Rob", badge="B-Rob", sealed="s", card="challenge"))
    assert not may_resume_by_tap(built.ward, built.now, "Rob")
    built.say(SessionOpened(actor="Nina", panel=1, staff_line=(1, 1), resumed=True))
    assert not may_resume_by_tap(built.ward, built.now, "Nina")


def test_a_tap_does_not_prolong_its_own_half_hour(built):
    park(built)
    before = built.ward.people.pin_at["Nina"]
    built.now = after(built, 60_000)
    built.say(SessionOpened(actor="Nina", panel=1, staff_line=(1, 1), resumed=True))
    assert built.ward.people.pin_at["Nina"] == before


def test_after_a_restart_or_a_wrong_pin_or_revocation_a_tap_resumes_nothing(built):
    park(built)
    assert may_resume_by_tap(built.ward, built.now, "Nina")
    rebooted = msgspec.structs.replace(
        built.ward, house=msgspec.structs.replace(built.ward.house, boot=2)
    )
    assert not may_resume_by_tap(rebooted, built.now, "Nina")
    wrong(built)
    assert not may_resume_by_tap(built.ward, built.now, "Nina")
    park(built)
    built.staff("Nina", "nurse", revoked=True)
    assert not may_resume_by_tap(built.ward, built.now, "Nina")


def test_a_witness_is_another_valid_person_with_that_privilege(built):
    for actor, privilege in (("Wes", "witness only"), ("Stu", "student"), ("Eve", "engineer")):
        built.staff(actor, privilege)
    may = {
        second: may_be_second(built.ward, built.now, "Nina", second)
        for second in ("Wes", "Stu", "Eve", "Nina", "Nemo", "", None)
    }
    assert may == {
        "Wes": True, "Stu": False, "Eve": False, "Nina": False, "Nemo": False, "": False,
        None: False,
    }  # fmt: skip
    built.staff("Wes", "witness only", revoked=True)
    assert not may_be_second(built.ward, built.now, "Nina", "Wes")


def test_creator_and_created_never_witness_each_other(built):
    built.staff("Tess", "agency", created_by="Nina")
    assert not may_be_second(built.ward, built.now, "Nina", "Tess")
    assert not may_be_second(built.ward, built.now, "Tess", "Nina")
