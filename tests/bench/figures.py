"""What the bench reports: rows, percentiles, one table, one JSON file, and the machine's facts."""

import json
import os
import platform
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build"

Say = Callable[[str], None]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One measured figure against a floor or peer measured in the same run, or a fixed limit.

    Attributes:
        name: what was measured.
        size: how much of it there was.
        figure, floor: with `unit`; `floor` is None where only the limit counts.
        floor_name: what the floor is.
        limit: the target: of the ratio to the floor where `relative`, else of the figure.
        at_most: whether the target is a ceiling.
    """

    name: str
    size: str
    figure: float
    unit: str
    limit: float
    relative: bool
    at_most: bool
    floor: float | None = None
    floor_name: str = ""

    @property
    def ratio(self) -> float | None:
        """Figure to floor."""
        return None if not self.floor else self.figure / self.floor

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        judged = self.ratio if self.relative else self.figure
        if judged is None:
            return False
        return judged <= self.limit if self.at_most else judged >= self.limit

    @property
    def target(self) -> str:
        """The target in words."""
        sign = "<=" if self.at_most else ">="
        return (
            f"{sign} {self.limit:g} x" if self.relative else f"{sign} {self.limit:,g} {self.unit}"
        )


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which `part` of all values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def table(rows: Sequence[Row]) -> str:
    """The rows as text for a terminal."""
    head = ("what", "size", "figure", "floor or peer", "ratio", "target", "")
    cells = [head, *(_cells(row) for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(head))]
    right = {2, 3, 4}
    lines = [
        "  ".join(
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    lines.insert(1, "-" * max(len(line) for line in lines))
    return "\n".join(lines)


def number(value: float, unit: str) -> str:
    """A figure with as many digits as mean something."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}"


def _cells(row: Row) -> tuple[str, ...]:
    floor = "" if row.floor is None else f"{row.floor_name} {number(row.floor, row.unit)}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f} x"
    met = "met" if row.met else "NOT MET"
    return (row.name, row.size, number(row.figure, row.unit), floor, ratio, row.target, met)


def machine() -> dict[str, object]:
    """What the figures depend on."""
    return {
        "kind": f"{os.cpu_count()} x {_processor()}",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "load_before": round(os.getloadavg()[0], 2),
    }


def commit() -> str:
    """The commit measured; `+` says that files were changed since."""
    said = [
        subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout.strip()
        for words in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "-uno"))
    ]
    return said[0] + ("+" if said[1] else "")


def save(path: Path, rows: Sequence[Row], facts: dict[str, object], *, quick: bool) -> None:
    """Keep a run as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "quick": quick,
        "machine": facts,
        "rows": [
            {
                **msgspec.structs.asdict(row),
                "ratio": None if row.ratio is None else round(row.ratio, 3),
                "target": row.target,
                "met": row.met,
            }
            for row in rows
        ],
    }
    path.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return platform.machine()
