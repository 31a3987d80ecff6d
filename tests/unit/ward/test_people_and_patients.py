"""People, badges and wrong PINs; patients, merges and forgetting."""

from statemachine.ward.fold import fold
from statemachine.ward.house import (
    Boot,
    FeedFresh,
    FeedStale,
    Heartbeat,
    TimeConfirmed,
)
from statemachine.ward.orders import (
    Administration,
    Order,
    RemovalElsewhere,
)
from statemachine.ward.patients import Patient, PatientForgotten, PatientMerge
from statemachine.ward.patients_fold import patient_by_number
from statemachine.ward.people import (
    Credential,
    Handover,
    Round,
    SessionClosed,
    SessionOpened,
    SessionParked,
    SessionRefused,
    Staff,
)
from statemachine.ward.stock import Retire, Setting

NINA = (Staff(actor="n", privileges=("nurse",)), Credential(actor="n", badge="B1", sealed="s"))


def wrong(actor="n", times=1):
    return [SessionRefused(panel=1, reason="x", actor=actor, counted=True)] * times


def opened(panel=1, actor="n", **more):
    return SessionOpened(actor=actor, panel=panel, staff_line=(1, 1), **more)


def test_a_new_staff_line_keeps_the_wrong_pins_counted_here(logs):
    logs.say(*NINA, *wrong(times=3), Staff(actor="n", privileges=("midwife",)))
    person = logs.ward.people.persons["n"]
    assert (person.failures, person.staff.privileges) == (3, ("midwife",))
    assert person.staff_line == (1, 3)


def test_a_new_badge_replaces_the_old_one(logs):
    logs.say(*NINA, Credential(actor="n", badge="B2", sealed="t"))
    assert dict(logs.ward.people.badges) == {"B2": "n"}


def test_a_withdrawn_badge_leads_to_nobody(logs):
    logs.say(*NINA, Credential(actor="n", badge="B1", withdrawn=True))
    assert len(logs.ward.people.badges) == len(logs.ward.people.credentials) == 0


def test_a_badge_that_went_to_somebody_else_is_not_withdrawn_with_the_first(logs):
    logs.say(*NINA, Staff(actor="m"), Credential(actor="m", badge="B1", sealed="u"))
    logs.say(Credential(actor="n", badge="B1", withdrawn=True))
    assert dict(logs.ward.people.badges) == {"B1": "m"}


def test_ten_wrong_pins_lock_and_a_right_one_before_that_forgives(logs):
    logs.say(*NINA, *wrong(times=9), opened(), *wrong(times=9))
    assert not logs.ward.people.persons["n"].locked
    logs.say(*wrong())
    assert logs.ward.people.persons["n"].locked


def test_a_stranger_never_counts_against_a_person(logs):
    logs.say(*NINA, *wrong(actor=None, times=2), *wrong(actor="nobody"))
    people = logs.ward.people
    assert (people.stranger_failures, people.persons["n"].failures) == (3, 0)
    assert (people.stranger_failed_boot, people.stranger_failed_mono_ms) == (1, 60_000)
    logs.say(opened())
    assert logs.ward.people.stranger_failures == 0


def test_a_session_stands_at_its_panel_until_it_ends(logs):
    logs.say(*NINA, opened(), opened(panel=2))
    assert dict(logs.ward.people.panels) == {1: "n", 2: "n"}
    logs.say(Handover(actor="n", to="m", panel=2))
    assert dict(logs.ward.people.panels) == {1: "n", 2: "m"}
    logs.say(SessionClosed(actor="n", panel=2, reason="x"))
    logs.say(SessionClosed(actor="n", panel=1, reason="x"))
    assert dict(logs.ward.people.panels) == {2: "m"}
    logs.say(Boot(reason="power"))
    assert dict(logs.ward.people.panels) == {}


def test_a_parked_round_waits_for_its_own_person(logs):
    logs.say(*NINA, opened())
    logs.mono_ms = 90_000
    logs.say(SessionParked(actor="n", panel=1, reason="idle", patient="p"))
    assert dict(logs.ward.people.rounds) == {
        "n": Round(
            actor="n", parked_boot=1, parked_mono_ms=90_000, parked_wall_s=logs.wall_s,
            patient="p", pin_mono_ms=60_000, pin_boot=1,
        )
    }  # fmt: skip
    assert dict(logs.ward.people.panels) == {}
    logs.say(opened(resumed=True))
    assert dict(logs.ward.people.rounds) == {}


def test_a_round_ends_with_its_session_and_with_revocation(logs):
    parked = SessionParked(actor="n", panel=1, reason="idle")
    logs.say(*NINA, opened(), parked, SessionClosed(actor="n", panel=1, reason="signed out"))
    assert dict(logs.ward.people.rounds) == {}
    logs.say(opened(), parked, Staff(actor="n", revoked=True))
    assert dict(logs.ward.people.rounds) == {}


def test_retired_staff_are_gone_with_badge_and_round(logs):
    logs.say(*NINA, SessionParked(actor="n", panel=1, reason="idle"))
    logs.say(Retire(kind="staff", ids=("n", "nobody")))
    people = logs.ward.people
    assert [len(m) for m in (people.persons, people.badges, people.credentials, people.rounds)] == [
        0, 0, 0, 0,
    ]  # fmt: skip


# --- the house -------------------------------------------------------------------------------


def test_heartbeats_never_make_the_feed_older(logs):
    logs.say(Heartbeat(at_s=200, epma_s=190), Heartbeat(at_s=150, epma_s=140))
    assert (logs.ward.house.heard_s, logs.ward.house.epma_s) == (200, 190)


def test_boot_band_and_confirmed_time_are_remembered(logs):
    logs.boot = 4
    logs.say(Boot(reason="start"), FeedStale(band="downtime", age_s=1))
    logs.say(TimeConfirmed(actor="n", wall_s=1, panel=1))
    house = logs.ward.house
    assert (house.boot, house.band, house.time_confirmed_boot) == (4, "downtime", 4)
    assert logs.say(FeedFresh(age_s=1)).house.band == "normal"


def test_a_setting_of_how_to_choose_patients_never_leaves_no_way(logs):
    assert logs.say(Setting(key="choosing", value="ticket, list")).house.choosing == (
        "list", "ticket",
    )  # fmt: skip
    assert logs.say(Setting(key="choosing", value="magic")).house.choosing == ("list", "ticket")
    assert logs.say(Setting(key="choosing", value=7)).house.choosing == ("list", "ticket")


# --- patients --------------------------------------------------------------------------------


def test_a_patient_is_found_by_number_and_by_the_new_one_after_a_change(logs):
    logs.say(Patient(patient="p", nhs="9", mrn="m1"))
    assert patient_by_number(logs.ward.patients, nhs="9") == "p"
    logs.say(Patient(patient="p", nhs="8", mrn="m1"))
    patients = logs.ward.patients
    assert [
        patient_by_number(patients, nhs="9"),
        patient_by_number(patients, nhs="8"),
        patient_by_number(patients, mrn="m1"),
        patient_by_number(patients, nhs="", mrn=""),
    ] == [None, "p", "p", None]


def test_a_merged_patients_band_and_orders_lead_to_the_one_that_lives_on(logs):
    logs.say(Patient(patient="p", nhs="9"), Patient(patient="q", nhs="8"))
    logs.say(Order(order="o1", patient="p"), Order(order="o2", patient="q"))
    logs.say(
        Administration(patient="p", outcome="given", at_s=logs.wall_s - 60, order="o1"),
        Administration(patient="q", outcome="given", at_s=logs.wall_s - 90, order="o2"),
        RemovalElsewhere(
            cabinet="B", patient="p", product="x", quantity=1, at_s=logs.wall_s, order="o1"
        ),
        PatientMerge(patient="q", merged="p"),
    )
    orders = logs.ward.orders
    assert patient_by_number(logs.ward.patients, nhs="9") == "q"
    assert dict(orders.by_patient) == {"q": ("o2", "o1")}
    assert orders.known["o1"].order.patient == "q"
    assert [(one.patient, one.order) for one in orders.administered["q"]] == [
        ("q", "o2"), ("q", "o1"),
    ]  # fmt: skip
    assert [(one.patient, one.order) for one in orders.removed["q"]] == [("q", "o1")]
    assert "p" not in orders.administered
    assert "p" not in orders.removed


def test_a_line_that_still_names_the_merged_patient_is_read_as_the_survivors(logs):
    logs.say(PatientMerge(patient="q", merged="p"), Order(order="o", patient="p"))
    assert dict(logs.ward.orders.by_patient) == {"q": ("o",)}


def test_merges_are_followed_through_and_a_ring_of_them_is_no_ring(logs):
    logs.say(Order(order="o", patient="a"))
    logs.say(PatientMerge(patient="b", merged="a"), PatientMerge(patient="c", merged="a"))
    assert dict(logs.ward.orders.by_patient) == {"c": ("o",)}
    logs.say(PatientMerge(patient="a", merged="c"))
    assert dict(logs.ward.orders.by_patient) == {"c": ("o",)}
    assert dict(logs.ward.patients.merged) == {"a": "b", "b": "c"}


def test_forgetting_a_patient_leaves_no_name_and_no_number(logs):
    logs.say(Patient(patient="p", family="SMITH", nhs="9", mrn="m"))
    logs.say(PatientForgotten(patient="p"), PatientForgotten(patient="nobody"))
    patients = logs.ward.patients
    assert [len(m) for m in (patients.known, patients.by_nhs, patients.by_mrn)] == [0, 0, 0]


def test_a_replay_after_the_forgetting_ends_in_the_same_ward(new_logs):
    lines = (
        Patient(patient="a", family="SMITH", nhs="9"),
        Patient(patient="b", family="SMYTH", nhs="9"),
        Patient(patient="a", family="SMITH", nhs="9", bed="2"),
        Order(order="o", patient="a"),
        PatientForgotten(patient="a"),
    )
    live, replay = new_logs(), new_logs()
    live.say(*lines)
    for line in lines:
        forgotten = isinstance(line, Patient) and line.patient == "a"
        if forgotten:
            replay.ward = fold(replay.ward, None, replay.stamp("dn"), log="dn")
        else:
            replay.say(line)
    assert replay.ward == live.ward
    assert patient_by_number(live.ward.patients, nhs="9") == "b"
