"""The bench runs and says everything it promises. No time is judged here."""

import json

from tests.bench import chart
from tests.bench.__main__ import Plan, measured
from tests.bench.figures import Row, machine, save, table

TINY = Plan(sizes=((20, 100),), pairs=3, starts=1, turn_seconds=0.1, batches=2)


def test_every_row_is_measured_shown_kept_and_drawn(tmp_path):
    rows = list(measured(TINY, tmp_path, print))
    names = [row.name for row in rows if not row.size.startswith("PostgreSQL")]
    assert names == [
        "last key to lease, p50",
        "last key to lease, p99",
        "process start to ready",
        "memory at rest",
        "turns a second without disk",
        "lines accepted a second",
    ]
    assert all(row.figure > 0 and row.ratio for row in rows)
    assert len(table(rows).splitlines()) == len(rows) + 2
    save(tmp_path / "bench.json", rows, machine(), quick=True)
    kept = json.loads((tmp_path / "bench.json").read_text())
    assert [row["met"] for row in kept["rows"]] == [row.met for row in rows]
    assert chart.draw(rows, "today", "a machine").count("<rect") == len(rows) + 1


def a_row(figure: float, *, relative: bool, at_most: bool) -> Row:
    return Row(name="n", size="s", figure=figure, unit="ms", limit=2.0, relative=relative,
               at_most=at_most, floor=4.0, floor_name="f")  # fmt: skip


def test_a_ratio_and_a_limit_are_judged_from_the_right_side():
    judged = [
        a_row(8.0, relative=True, at_most=True),
        a_row(8.1, relative=True, at_most=True),
        a_row(7.9, relative=True, at_most=False),
        a_row(2.0, relative=False, at_most=True),
        a_row(1.9, relative=False, at_most=False),
    ]
    assert [row.met for row in judged] == [True, False, False, True, False]
    assert [row.target for row in judged[::2]] == ["<= 2 x", ">= 2 x", ">= 2 ms"]
