"""Process start to ready, and memory at rest, each of a fresh process beside a bare Python."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from tests.bench import ward
from tests.bench.figures import ROOT, Row, Say, percentile

READY_S_MAX = 1.5
REST_MIB_MAX = 100.0
BARE = """
print("READY", flush=True)
status = open("/proc/self/status").read()
print("AT REST", status.partition("VmRSS:")[2].split()[0])
"""


def measure(folder: Path, sizes: tuple[tuple[int, int], ...], runs: int, say: Say) -> Iterator[Row]:
    """Two rows a size: the median start, the largest memory."""
    for orders, lines in sizes:
        kept = ward.kept_journal(folder, orders, lines, say)
        size = f"{orders:,} orders, {lines:,} lines"
        say(f"process start to ready, {size}")
        ready_s, rest_mib, bare_s, bare_mib = [], [], [], []
        with ward.copied(kept, folder) as path:
            for _ in range(runs):
                for times, memory, words in (
                    (bare_s, bare_mib, ["-c", BARE]),
                    (ready_s, rest_mib, ["-m", "tests.bench.starter", str(path)]),
                ):
                    took_s, mib = _start(words)
                    times.append(took_s)
                    memory.append(mib)
        yield Row(
            name="process start to ready", size=size, figure=percentile(ready_s, 0.5), unit="s",
            floor=percentile(bare_s, 0.5), floor_name="bare Python", limit=READY_S_MAX,
            relative=False, at_most=True,
        )  # fmt: skip
        yield Row(
            name="memory at rest", size=size, figure=max(rest_mib), unit="MiB",
            floor=max(bare_mib), floor_name="bare Python", limit=REST_MIB_MAX,
            relative=False, at_most=True,
        )  # fmt: skip


def _start(words: list[str]) -> tuple[float, float]:
    """Start Python with these words; (seconds to READY, MiB at rest)."""
    begun_s = perf_counter()
    with subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        took_s = 0.0
        for line in process.stdout:
            if line.startswith("READY"):
                took_s = perf_counter() - begun_s
            elif line.startswith("AT REST"):
                mib = int(line.split()[2]) / 1024
    if process.returncode or not took_s:
        raise AssertionError(f"the process ended with {process.returncode}")
    return took_s, mib
