"""A pocket's book over time as a line, drawn here: an SVG needs no script and no library.

The line is a step: a book keeps its number until the next entry. The same figures stand in the
table below it, which is what a screen reader is given; the drawing is a picture with a sentence.
"""

from collections.abc import Sequence

import msgspec

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 14, 30


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the grid: where it stands, and what it says."""

    at: int
    text: str


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """What the template draws."""

    path: str
    dots: tuple[tuple[int, int], ...]
    levels: tuple[Mark, ...]
    first_s: int
    last_s: int
    sentence: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM
    top: int = TOP


def draw(
    points: Sequence[tuple[int, int]], before: int, now_s: int, maximum: int | None
) -> Chart | None:
    """Draw (time, book after it) points, oldest first; None when there is nothing to draw.

    Args:
        points: when the book changed, and to what.
        before: the book before the first point.
        now_s: where the line ends.
        maximum: the pocket's maximum, drawn as a level of its own when known.
    """
    if not points:
        return None
    # Clocks step back; the drawing keeps the order of the log and never runs backwards.
    times: list[int] = []
    for at_s, _ in points:
        times.append(max(at_s, times[-1]) if times else at_s)
    first_s, last_s = times[0], max(now_s, times[-1])
    values = [before, *(value for _, value in points)]
    low, high = min(0, *values), max(1, maximum or 0, *values)

    def across(at_s: int) -> int:
        span = max(last_s - first_s, 1)
        return LEFT + (at_s - first_s) * (WIDTH - LEFT - RIGHT) // span

    def up(value: int) -> int:
        return HEIGHT - BOTTOM - (value - low) * (HEIGHT - TOP - BOTTOM) // (high - low)

    path = [f"M{LEFT} {up(before)}"]
    dots = []
    for at_s, (_, value) in zip(times, points, strict=True):
        path.append(f"H{across(at_s)}V{up(value)}")
        dots.append((across(at_s), up(value)))
    path.append(f"H{across(last_s)}")
    return Chart(
        path="".join(path),
        dots=tuple(dots),
        levels=tuple(Mark(at=up(value), text=f"{value:,}") for value in _levels(low, high)),
        first_s=first_s,
        last_s=last_s,
        sentence=f"The book went from {before:,} to {values[-1]:,} over {_entries(len(points))}; "
        f"least {min(values):,}, most {max(values):,}.",
    )


def _entries(count: int) -> str:
    return "one entry" if count == 1 else f"{count:,} entries"


def _levels(low: int, high: int) -> list[int]:
    """Up to six round levels between low and high, both ends of the axis included."""
    step = 1
    while (high - low) // step > 5:
        step = int(f"{_next(str(step)[0])}{'0' * (len(str(step)) - 1)}")
    start = -(-low // step) * step
    return list(range(start, high + 1, step))


def _next(digit: str) -> str:
    """1, 2, 5, 10, 20, 50 ..."""
    return {"1": "2", "2": "5", "5": "10"}[digit]
