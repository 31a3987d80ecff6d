"""Orders wait for what nobody has said yet, and are sent the moment it is said (RULES 4)."""

import msgspec
import pytest
from sqlalchemy import select

from pharmacy.db import AttentionRow, OrderRow
from pharmacy.services import DrugCode, Frequency, Prescription, ServiceError
from statemachine.ward.entry import Decimal10
from statemachine.ward.orders import Administration, Order, OrderStop, OrderWindows
from statemachine.ward.patients import Patient
from statemachine.ward.stock import Product

H = 3600
PARA = Product(product="para", generic="paracetamol", strength="500 mg", form="tablets",
               unit="tablet", per_unit=Decimal10(n=500, unit="mg"))  # fmt: skip
GRAM = Decimal10(n=1, unit="g")
ORDERS = Order | OrderWindows | OrderStop | Administration


@pytest.fixture
def cabinet(pharmacy, cabinet_of):
    made = cabinet_of(pharmacy)
    pharmacy.services.put_product(PARA)
    pharmacy.services.admit(Patient(patient="p1", family="SMITH", ward="7"))
    return made


def told(cabinet):
    return [entry for entry in cabinet.directives() if isinstance(entry, ORDERS)]


def items(pharmacy):
    with pharmacy.office.read() as session:
        return list(
            session.scalars(
                select(AttentionRow.key)
                .where(AttentionRow.closed_s.is_(None))
                .order_by(AttentionRow.id)
            )
        )


def asked(**said):
    said = {
        "patient": "p1", "order": "o1", "drug": DrugCode(system="EPMA", code="PARA500"),
        "dose": GRAM, "route": "by mouth", "frequency": "TDS", **said,
    }  # fmt: skip
    return Prescription(**said)


def fill(pharmacy):
    services = pharmacy.services
    return (
        services.map_drug(DrugCode(system="EPMA", code="PARA500"), "para", "pat"),
        services.map_frequency(
            "tds", Frequency(kind="times", times=("08:00", "14:00", "22:00")), "pat"
        ),
    )


def test_an_order_whose_code_and_frequency_nobody_knows_waits_and_two_questions_are_asked(
    pharmacy, cabinet
):
    pharmacy.services.prescribe(asked())
    pharmacy.services.prescribe(asked(order="o2"))
    assert told(cabinet) == []
    assert items(pharmacy) == ["drug:EPMA:PARA500", "frequency:TDS"]


def test_filling_the_tables_sends_every_order_that_waited(pharmacy, cabinet, clock):
    pharmacy.services.prescribe(asked())
    pharmacy.services.prescribe(asked(order="o2"))
    assert fill(pharmacy) == (0, 2)
    sent = told(cabinet)
    assert [type(entry).__name__ for entry in sent] == ["Order", "OrderWindows"] * 2
    assert sent[0] == Order(
        order="o1", patient="p1", sets=((("para", 2),),), dose=GRAM, route="by mouth",
        frequency="TDS",
    )  # fmt: skip
    now_s = clock.now_s()
    dues = [window.due_s - now_s for window in sent[1].windows]
    assert dues[:4] == [0, 6 * H, 14 * H, 24 * H]
    assert max(dues) == 168 * H
    assert items(pharmacy) == []


def test_the_same_prescription_again_says_nothing_and_keeps_the_pharmacists_word(pharmacy, cabinet):
    fill(pharmacy)
    pharmacy.services.prescribe(asked())
    pharmacy.services.verify("o1", "pat")
    before = told(cabinet)
    pharmacy.services.prescribe(asked())
    assert told(cabinet) == before
    assert (before[-1].seen, before[-1].verdict) == (True, "verified")


def test_a_changed_prescription_is_not_seen_any_more(pharmacy, cabinet):
    fill(pharmacy)
    pharmacy.services.prescribe(asked())
    pharmacy.services.verify("o1", "pat")
    pharmacy.services.prescribe(asked(dose=Decimal10(n=500, unit="mg")))
    last = told(cabinet)[-1]
    assert (last.sets, last.seen, last.verdict) == (((("para", 1),),), False, "none")


def test_queried_and_rejected_reach_the_cabinet(pharmacy, cabinet):
    fill(pharmacy)
    pharmacy.services.prescribe(asked())
    pharmacy.services.query("o1", "pat", "dose?")
    pharmacy.services.reject("o1", "pat")
    assert [e.verdict for e in told(cabinet) if isinstance(e, Order)] == [
        "none",
        "queried",
        "rejected",
    ]


def test_a_stopped_order_is_stopped_once_and_judged_no_more(pharmacy, cabinet, clock):
    fill(pharmacy)
    pharmacy.services.prescribe(asked())
    for _ in range(2):
        pharmacy.services.stop("o1", "pat", "course finished")
    stops = [e for e in told(cabinet) if isinstance(e, OrderStop)]
    assert stops == [OrderStop(order="o1", reason="course finished", at_s=clock.now_s())]
    with pytest.raises(ServiceError):
        pharmacy.services.verify("o1", "pat")
    with pytest.raises(ServiceError):
        pharmacy.services.stop("o9", "pat")


def test_an_order_changed_to_something_unknown_is_stopped_until_it_is_known(pharmacy, cabinet):
    fill(pharmacy)
    pharmacy.services.prescribe(asked())
    pharmacy.services.prescribe(asked(frequency="when Mars rises"))
    assert isinstance(told(cabinet)[-1], OrderStop)
    assert items(pharmacy) == ["frequency:WHEN MARS RISES"]
    pharmacy.services.map_frequency(
        "when mars rises", Frequency(kind="times", times=("03:00",)), "pat"
    )
    assert [type(e).__name__ for e in told(cabinet)[-2:]] == ["Order", "OrderWindows"]


def test_a_dose_that_is_no_whole_tablet_waits_for_a_pharmacists_word_on_that_order(
    pharmacy, cabinet
):
    fill(pharmacy)
    pharmacy.services.prescribe(asked(dose=Decimal10(n=250, unit="mg")))
    assert told(cabinet) == []
    assert items(pharmacy) == ["order:o1"]
    assert pharmacy.services.complete_order("o1", "pat", sets=[(("para", 1),)])
    sent = told(cabinet)[0]
    assert (sent.sets, sent.seen, sent.verdict) == (((("para", 1),),), True, "none")
    assert items(pharmacy) == []


def test_75_micrograms_is_two_products_and_one_dose(pharmacy, cabinet):
    for strength in (25, 50):
        pharmacy.services.put_product(
            Product(
                product=f"levo{strength}",
                generic="levothyroxine",
                form="tablets",
                per_unit=Decimal10(n=strength, unit="micrograms"),
            )
        )
    pharmacy.services.map_drug(DrugCode(system="EPMA", code="LEVO"), "levo25", "pat")
    pharmacy.services.prescribe(
        asked(
            drug=DrugCode(system="EPMA", code="LEVO"),
            times=("07:00",),
            dose=Decimal10(n=75, unit="micrograms"),
        )
    )
    assert told(cabinet)[0].sets == ((("levo50", 1), ("levo25", 1)), (("levo25", 3),))


def test_as_required_takes_its_interval_from_the_order_or_from_a_table_of_its_own(
    pharmacy, cabinet
):
    fill(pharmacy)
    pharmacy.services.prescribe(
        asked(kind="as-required", interval_s=4 * H, max_per_24h=4, frequency="")
    )
    pharmacy.services.prescribe(asked(order="o2", kind="as-required"))
    assert items(pharmacy) == ["frequency:TDS PRN"]
    pharmacy.services.map_frequency(
        "TDS PRN", Frequency(kind="as-required", interval_s=6 * H, max_per_24h=3), "pat"
    )
    sent = [(e.order, e.kind, e.interval_s, e.max_per_24h) for e in told(cabinet)]
    assert sent == [("o1", "as-required", 4 * H, 4), ("o2", "as-required", 6 * H, 3)]


def test_a_stat_order_has_one_window_now(pharmacy, cabinet, clock):
    fill(pharmacy)
    pharmacy.services.prescribe(asked(kind="stat", frequency=""))
    windows = told(cabinet)[1].windows
    assert [window.due_s for window in windows] == [clock.now_s()]


def test_an_order_kept_elsewhere_needs_neither_product_nor_times(pharmacy, cabinet):
    pharmacy.services.prescribe(asked(elsewhere="own locker"))
    assert [(e.order, e.elsewhere, e.sets) for e in told(cabinet)] == [("o1", "own locker", ())]


def test_windows_are_made_anew_each_day_and_always_reach_far_enough(pharmacy, cabinet, clock):
    fill(pharmacy)
    pharmacy.services.prescribe(asked())
    pharmacy.tick()
    for _ in range(3):
        clock.advance(24 * H)
        pharmacy.tick()
        last = [e for e in told(cabinet) if isinstance(e, OrderWindows)][-1]
        assert last.windows[-1].due_s >= clock.now_s() + 144 * H
    made = [e for e in told(cabinet) if isinstance(e, OrderWindows)]
    assert len(made) == 4


def test_a_corrected_table_row_sends_the_orders_that_used_it_again(pharmacy, cabinet):
    fill(pharmacy)
    pharmacy.services.prescribe(asked())
    pharmacy.services.map_frequency("TDS", Frequency(kind="times", times=("09:00",)), "pat")
    last = told(cabinet)[-1]
    assert isinstance(last, OrderWindows)
    assert len(last.windows) in {7, 8}


def test_a_dose_given_finds_its_scheduled_time_and_is_told_once(pharmacy, cabinet, clock):
    fill(pharmacy)
    pharmacy.services.prescribe(asked())
    given = Administration(patient="p1", outcome="given", at_s=clock.now_s() + 600, order="o1",
                           product="para")  # fmt: skip
    for _ in range(2):
        pharmacy.services.record_administration(given)
    assert [e for e in told(cabinet) if isinstance(e, Administration)] == [
        msgspec.structs.replace(given, dose=f"o1@{clock.now_s()}")
    ]


def test_a_cabinet_enrolled_later_knows_orders_windows_and_doses_given(
    pharmacy, cabinet, cabinet_of, clock
):
    fill(pharmacy)
    pharmacy.services.prescribe(asked())
    pharmacy.services.prescribe(asked(order="o2"))
    pharmacy.services.stop("o2", "pat")
    pharmacy.services.record_administration(
        Administration(patient="p1", outcome="given", at_s=clock.now_s(), order="o1")
    )
    later = told(cabinet_of(pharmacy, "B"))
    assert later == [e for e in told(cabinet) if getattr(e, "order", "") == "o1"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"dose": Decimal10(n=-1, unit="mg")},
        {"dose": Decimal10(n=2**53, unit="mg")},
        {"dose": Decimal10(n=1, e=13, unit="mg")},
        {"sets": ((("para", 0),),)},
        {"sets": ((("para", 1001),),)},
        {"times": ("25:00",)},
        {"order": "o\x00"},
        {"placer": "x" * 129},
        {"route": "r" * 251},
        {"patient": "nobody"},
    ],
)
def test_T23_an_order_nobody_could_mean_is_refused_whole(pharmacy, cabinet, wrong):
    with pytest.raises(ServiceError):
        pharmacy.services.prescribe(asked(**wrong))
    with pharmacy.office.read() as session:
        assert session.scalars(select(OrderRow)).all() == []
    assert told(cabinet) == []


def test_T23_a_script_in_an_order_is_only_text_and_hidden_characters_are_gone(pharmacy, cabinet):
    fill(pharmacy)
    pharmacy.services.prescribe(asked(text="<script>\u202e\x1b[2J</script>\nwith food"))
    assert told(cabinet)[0].text == "<script>[2J</script> with food"


@pytest.mark.parametrize(
    "frequency",
    [
        Frequency(kind="times"),
        Frequency(kind="times", times=("8",)),
        Frequency(kind="times", times=("08:00",), days=(0,)),
        Frequency(kind="as-required"),
        Frequency(kind="as-required", interval_s=0),
        Frequency(kind="as-required", interval_s=60, max_per_24h=0),
    ],
)
def test_a_meaning_that_means_nothing_is_refused(pharmacy, frequency):
    with pytest.raises(ServiceError):
        pharmacy.services.map_frequency("BD", frequency, "pat")
