"""`python -m tests.bench`: measure, print one table, keep it as JSON, draw the picture.

Every time is judged against a floor measured in the same run, in turns with it, because a machine's
own speed drifts. The exit code is 0 whatever was measured; with `--strict` a missed target is 1.
"""

import argparse
import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import msgspec

from tests.bench import chart, lease, pharmacy, start, turns
from tests.bench.figures import BUILD, ROOT, Row, Say, machine, save, table

SMALL, LARGE = (100, 1_000), (10_000, 100_000)
PAGE = ROOT / "docs" / "explanation" / "performance.md"
PICTURE = ROOT / "docs" / "images" / "bench.svg"
BEGIN, END = "<!-- last run -->\n", "<!-- end of last run -->\n"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured. Sizes are (orders, lines in the journal)."""

    sizes: tuple[tuple[int, int], ...] = (SMALL, (100, 100_000), (10_000, 1_000), LARGE)
    pairs: int = 400
    starts: int = 5
    turn_seconds: float = 5.0
    batches: int = 40


QUICK = Plan(sizes=(SMALL, LARGE), pairs=60, starts=2, turn_seconds=1.0, batches=8)


def measured(plan: Plan, folder: Path, say: Say) -> Iterator[Row]:
    """Every row, one after another."""
    folder.mkdir(parents=True, exist_ok=True)
    yield from lease.measure(folder, plan.sizes, plan.pairs, say)
    gc.collect()
    yield from start.measure(folder, plan.sizes, plan.starts, say)
    yield from turns.measure(tuple(sorted({o for o, _ in plan.sizes})), plan.turn_seconds, say)
    gc.collect()
    yield from pharmacy.measure(folder, plan.batches, say)


def main(arguments: list[str]) -> int:
    """Run the bench; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute instead of several")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a target is missed")
    parser.add_argument("--docs", action="store_true", help="write the page's table and picture")
    parser.add_argument("--json", type=Path, default=BUILD / "bench.json", help="where to keep it")
    asked = parser.parse_args(arguments)
    begun_s, facts = perf_counter(), machine()

    def say(what: str) -> None:
        print(f"[{perf_counter() - begun_s:5.0f} s] {what}", file=sys.stderr, flush=True)

    rows = list(measured(QUICK if asked.quick else Plan(), BUILD / "bench", say))
    print(table(rows))
    save(asked.json, rows, facts, quick=asked.quick)
    missed = [row for row in rows if not row.met]
    print(f"\n{len(rows) - len(missed)} of {len(rows)} targets met. Kept in {asked.json}.")
    if asked.docs:
        _write_docs(asked.json, rows)
    return 1 if asked.strict and missed else 0


def _write_docs(kept: Path, rows: list[Row]) -> None:
    """Put this run into the page and its picture."""
    said = msgspec.json.decode(kept.read_bytes())
    when, kind = said["at"][:10], said["machine"]["kind"]
    load = said["machine"]["load_before"]
    about = f"{when}, {kind}, Python {said['machine']['python']}, commit {said['commit']}"
    text = f"{about}, load {load} when the run began.\n\n```\n{table(rows)}\n```\n"
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + text + END + rest.partition(END)[2], "utf-8")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(chart.draw(rows, when, kind), "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
