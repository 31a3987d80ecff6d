"""Choosing the patient: list, namesakes, wristband, ticket, number; and bands of freshness."""

from statemachine.events import BandScanned, TicketScanned
from statemachine.refusals import Reason
from statemachine.ward.house import FeedFresh, FeedStale, Heartbeat
from statemachine.ward.patients import PatientChosen
from statemachine.ward.stock import Setting

DUE = 1_795_420_800


def test_a_number_shows_one_patient_and_a_opens_it(desk):
    desk.signs_in()
    desk.fresh()
    desk.press("2")
    assert desk.state() == "home.confirm"
    assert desk.memory().asked == "P2"
    desk.press("A")
    assert desk.state() == "patient.list"
    assert desk.entries == [PatientChosen(actor="nina", patient="P2", panel=1, by="list")]


def test_a_similar_name_asks_for_day_and_month_of_birth(desk, words):
    desk.directs(words.patient("P3", "SMYTH", "6", born="1960-05-06"))
    desk.signs_in()
    desk.press("A")
    assert desk.state() == "home.birth"
    desk.number(506)
    assert desk.state() == "home.birth"
    assert desk.memory().said == "wrong birth day"
    desk.number(1407)
    assert desk.state() == "patient.list"
    assert desk.memory().patient == "P1"


def test_a_bed_number_finds_its_patient(desk):
    desk.signs_in()
    desk.press("#")
    desk.number(4)
    assert desk.state() == "home.confirm"
    assert desk.memory().asked == "P2"


def test_a_bed_nobody_lies_in_is_said(desk):
    desk.signs_in()
    desk.press("#")
    desk.number(44)
    assert desk.state() == "home.bed"
    assert desk.memory().said == "not found"


def test_a_wristband_of_this_ward_opens_its_patient(desk, words):
    desk.directs(words.patient("P4", "BROWN", "7", nhs="9434765919"))
    desk.signs_in()
    desk.fresh()
    desk.send(BandScanned, panel=1, nhs="9434765919")
    assert desk.state() == "patient.list"
    assert desk.entries == [PatientChosen(actor="nina", patient="P4", panel=1, by="wristband")]


def test_a_wristband_of_another_ward_never_shows_that_list_silently(desk, words):
    desk.directs(words.patient("P4", "BROWN", "7", ward="8", nhs="9434765919"))
    desk.signs_in()
    desk.fresh()
    desk.send(BandScanned, panel=1, nhs="9434765919")
    assert desk.state() == "home.reason"
    assert desk.entries == []
    desk.press("2")
    assert desk.state() == "patient.list"
    assert desk.entries == [
        PatientChosen(actor="nina", patient="P4", panel=1, by="wristband", reason="outlier")
    ]


def test_a_band_where_the_site_does_not_scan_bands_opens_nothing(desk, words):
    desk.directs(
        Setting(key="choosing", value="list"), words.patient("P4", "BROWN", "7", nhs="9434765919")
    )
    desk.signs_in()
    desk.fresh()
    desk.send(BandScanned, panel=1, nhs="9434765919")
    assert desk.state() == "home.patients"
    assert desk.entries == []


def test_a_bedside_ticket_opens_its_patient_where_the_site_takes_tickets(desk):
    desk.signs_in()
    desk.send(TicketScanned, panel=1, patient="P2")
    assert desk.state() == "home.patients"
    desk.directs(Setting(key="choosing", value="list, ticket"))
    desk.fresh()
    desk.send(TicketScanned, panel=1, patient="P2")
    assert desk.state() == "patient.list"
    assert desk.entries == [PatientChosen(actor="nina", patient="P2", panel=1, by="ticket")]


def test_any_patient_by_number_with_a_reason(desk, words):
    desk.directs(words.patient("P4", "BROWN", "7", ward="8", mrn="123456"))
    desk.signs_in()
    desk.fresh()
    desk.press("*2")
    desk.number(123456)
    assert desk.state() == "home.reason"
    desk.press("1")
    assert desk.entries == [
        PatientChosen(actor="nina", patient="P4", panel=1, by="number", reason="late transfer")
    ]
    assert desk.state() == "patient.list"


def test_old_orders_ask_for_the_chart_once_per_patient(desk):
    desk.passes(20 * 60)
    desk.timer("tick")
    assert desk.entries == [FeedStale(band="check the chart", age_s=1200)]
    desk.signs_in()
    desk.press("A")
    assert desk.state() == "patient.chart"
    desk.press("A")
    assert desk.state() == "patient.list"
    desk.press("B")
    desk.press("1A")
    assert desk.state() == "patient.list"
    desk.fresh()
    desk.directs(Heartbeat(at_s=desk.lo_s, epma_s=desk.lo_s))
    desk.timer("tick")
    assert desk.entries[-1] == FeedFresh(age_s=0)


def test_orders_that_grow_old_on_the_list_ask_for_the_chart_before_anything_opens(desk):
    desk.signs_in()
    desk.press("A")
    desk.passes(20 * 60)
    desk.press("A")
    assert desk.state() == "remove.refused"
    assert Reason.CHART_NOT_CHECKED in [r.reason for r in desk.memory().refusals]
    desk.press("A")
    assert desk.state() == "patient.chart"
    desk.press("A")
    desk.press("A")
    assert desk.state() == "remove.release"


def test_a_discharged_patient_of_long_ago_does_not_open(desk, words):
    desk.directs(
        words.patient(
            "P4", "BROWN", "7", mrn="77", status="discharged", discharged_s=DUE - 10 * 3600
        )
    )
    desk.signs_in()
    desk.press("*2")
    desk.number(77)
    desk.press("1")
    assert desk.state() == "home.patients"
    assert [r.reason for r in desk.memory().refusals] == [Reason.DISCHARGED]


def test_names_are_forgotten_three_days_after_discharge(desk, words):
    from statemachine.effects import ForgetBodies

    desk.directs(
        words.patient("P4", "BROWN", "7", status="discharged", discharged_s=DUE - 73 * 3600)
    )
    desk.fresh()
    desk.timer("tick")
    assert "patient.forgotten" in desk.types()
    assert ForgetBodies(patient="P4") in desk.effects
    desk.fresh()
    desk.timer("tick")
    assert "patient.forgotten" not in desk.types()


def test_nobody_is_next_when_nothing_is_due(desk):
    desk.passes(4 * 3600)
    desk.signs_in()
    desk.press("A")
    assert desk.state() == "home.patients"
    assert desk.memory().said == "nothing due"


def test_parked_and_back_the_round_goes_on_where_it_was(desk, words):
    desk.directs(*words.order("O2", "P2", ("levo50", 1)))
    desk.signs_in()
    desk.press("A")
    desk.press("B")
    assert desk.memory().done == ("P1",)
    desk.press("C")
    desk.signs_in()
    assert desk.memory().done == ("P1",)
    desk.press("A")
    assert desk.memory().patient == "P2"


def test_who_was_passed_over_comes_again_at_the_end_of_the_round(desk, words):
    desk.directs(*words.order("O2", "P2", ("levo50", 1)))
    desk.signs_in()
    for patient in ("P1", "P2", "P1"):
        desk.press("A")
        assert desk.memory().patient == patient
        desk.press("B")


def test_a_round_parked_long_ago_is_over(desk, words):
    later_s = DUE + 6 * 3600
    desk.directs(*words.order("O2", "P2", ("levo50", 1), due_s=later_s))
    desk.signs_in()
    desk.press("ABC")
    desk.passes(6 * 3600)
    desk.signs_in()
    assert desk.memory().done == ()


def test_what_arrives_while_a_list_is_shown_comes_below_and_moves_no_number(desk, words):
    desk.signs_in()
    before = desk.memory().listed
    desk.directs(words.patient("P0", "ADAMS", "1"))
    assert desk.memory().listed == (*before, "P0")
    desk.press("1A")
    lines = desk.memory().listed
    desk.directs(*words.order("O0", "P1", ("levo50", 1), due_s=DUE - 600))
    assert desk.memory().listed[: len(lines)] == lines
    assert f"O0@{DUE - 600}" in desk.memory().listed[len(lines) :]
