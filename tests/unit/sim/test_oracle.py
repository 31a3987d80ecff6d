"""The oracle finds what is wrong with a log, and nothing where nothing is."""

from pathlib import Path

import msgspec
import pytest

from sim import oracle
from sim.clock import Timeline
from sim.oracle import Export, LogLine
from sim.ward import SimulatedWard
from sim.world import Lease
from statemachine.ward.stock import Opening, Pocket, Product

START_S = 1_795_420_800


@pytest.fixture
def export(tmp_path: Path) -> Export:
    ward = SimulatedWard(Timeline(START_S), tmp_path)
    cabinet = ward.add_cabinet("A", {1: ("1-1",)})
    ward.services.put_product(Product(product="d1", generic="senna"))
    ward.services.put_pocket(
        "A", Pocket(pocket="1-1", drawer=1, product="d1", opening=(Opening(quantity=5),))
    )
    ward.settle()
    made = cabinet.export()
    ward.close()
    return made


def changed(export: Export, **fields: tuple[str, ...]) -> Export:
    return Export(**{**{f: getattr(export, f) for f in Export.__slots__}, **fields})


def test_a_true_log_verifies(export: Export) -> None:
    assert oracle.verify_logs(export) == []


def test_a_changed_character_of_a_line_is_found_wherever_it_is(export: Export) -> None:
    line = export.up[1]
    for place in range(0, len(line), 7):
        other = "A" if line[place] != "A" else "B"
        up = (export.up[0], line[:place] + other + line[place + 1 :], *export.up[2:])
        try:
            assert oracle.verify_logs(changed(export, up=up)) != []
        except ValueError:
            continue  # no longer base64 or JSON: found as well


def test_missing_swapped_and_repeated_lines_are_found(export: Export) -> None:
    up = export.up
    assert len(up) >= 3
    for wrong in ((*up[:1], *up[2:]), (up[0], up[2], up[1], *up[3:]), (*up[:2], *up[1:])):
        assert oracle.verify_logs(changed(export, up=wrong)) != []


def test_a_body_that_is_not_what_its_name_says_is_found(export: Export) -> None:
    bodies = (export.bodies[0][:-2] + "AA", *export.bodies[1:])
    assert oracle.verify_logs(changed(export, bodies=bodies)) != []


def line(seq: int, kind: str, **body: object) -> LogLine:
    return LogLine(log="up", ep=1, seq=seq, type=kind, raw="", wall=None, body=dict(body))


def test_a_lease_without_its_intent_is_found() -> None:
    lines = [line(4, "release.intent", drawer=3, lease_ms=5000)]
    good, other = Lease(1.0, 3, 5000, 4), Lease(1.0, 2, 5000, 4)
    assert oracle.leases_without_intent(lines, [(good, True)]) == []
    assert oracle.leases_without_intent(lines, [(good, False)]) == ["drawer 3, intent 4"]
    assert oracle.leases_without_intent(lines, [(other, True)]) == ["drawer 2, intent 4"]
    assert oracle.leases_without_intent([], [(good, True)]) == ["drawer 3, intent 4"]
    longer = msgspec.structs.replace(good, milliseconds=6000)
    assert oracle.leases_without_intent(lines, [(longer, True)]) == [
        "drawer 3: 6000 ms is more than intended"
    ]


def test_a_book_is_the_sum_of_what_the_lines_say() -> None:
    lines = [
        line(1, "directives.applied", to=[1, 1]),
        line(2, "removal.recorded", pocket="1-1", quantity=2),
        line(3, "discrepancy.opened", pocket="1-1", quantity=-1),
        LogLine("dn", 1, 1, "pocket", "", None, {"pocket": "1-1", "opening": [{"quantity": 9}]}),
        LogLine("dn", 1, 2, "pocket", "", None, {"pocket": "2-1", "opening": [{"quantity": 9}]}),
    ]
    assert oracle.books(lines) == {"1-1": 6}
