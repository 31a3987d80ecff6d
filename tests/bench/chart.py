"""The last run as a picture: each figure as a share of what is allowed, drawn as SVG by hand."""

from collections.abc import Sequence
from html import escape

from tests.bench.figures import Row, number

WIDTH, LEFT, RIGHT = 860, 420, 60
BAR, GAP, TOP = 16, 10, 64
SCALE = (WIDTH - LEFT - RIGHT) / 2
"""Pixels of a bar that takes all it may; the picture ends at twice that."""


def share(row: Row) -> float:
    """How much of its allowance a figure takes: 1 is the target, less is better."""
    judged = (row.ratio or 0.0) if row.relative else row.figure
    if row.at_most:
        return judged / row.limit
    return row.limit / judged if judged else 2.0


def draw(rows: Sequence[Row], when: str, kind: str) -> str:
    """The picture; a bar that crosses the line misses its target."""
    height = TOP + len(rows) * (BAR + GAP) + 24
    target_x = LEFT + SCALE
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            'font-family="sans-serif" font-size="12">'
        ),
        f"<title>Bench of {escape(when)}: each figure as a share of its target</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        (
            '<text x="12" y="24" font-size="15" font-weight="bold" fill="#1b1b1b">'
            "Share of what is allowed (shorter is better)</text>"
        ),
        f'<text x="12" y="44" fill="#4a4a4a">{escape(when)}, {escape(kind)}</text>',
    ]
    for at, row in enumerate(rows):
        y = TOP + at * (BAR + GAP)
        length = min(share(row), 2.0) * SCALE
        colour = "#1f6f54" if row.met else "#a4262c"
        what = f"{row.name}, {row.size}"
        judged = (
            f"{row.ratio:.2f} x" if row.relative and row.ratio else number(row.figure, row.unit)
        )
        beyond = LEFT + length + 6
        parts += [
            f'<text x="12" y="{y + 12}" fill="#1b1b1b">{escape(what)}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{colour}"/>',
            f'<text x="{beyond:.1f}" y="{y + 12}" fill="#1b1b1b">{escape(judged)}</text>',
        ]
    foot = height - 20
    parts += [
        (
            f'<line x1="{target_x}" y1="{TOP - 8}" x2="{target_x}" y2="{foot}" stroke="#1b1b1b" '
            'stroke-dasharray="4 3"/>'
        ),
        f'<text x="{target_x}" y="{foot + 14}" text-anchor="middle" fill="#1b1b1b">target</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
