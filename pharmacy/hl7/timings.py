"""How often, when, from when, until when: TQ1, RXE-1 and ORC-7.

The same timing may stand in three places. All are read, in the order in which a pharmacist would
believe them: the TQ1 after the encoded order (RXE), the TQ1 after the ORC, then RXE-1, then ORC-7
(both kept by the standard only for old senders). Nothing is expanded to dose times here: a
pharmacist says once what a frequency text means, because `BID` is 08 and 20 in one hospital and 06
and 18 in the next. Clock times and intervals that stand in the message are kept as said.
"""

import re

from pharmacy.hl7.facts import AmountFacts, Coded, Note, TimingFacts
from pharmacy.hl7.reading import Segment, decimal
from pharmacy.hl7.times import clock_time

_UNIT_S = {
    "s": 1,
    "sec": 1,
    "min": 60,
    "m": 60,
    "minute": 60,
    "h": 3_600,
    "hr": 3_600,
    "hour": 3_600,
    "d": 86_400,
    "day": 86_400,
    "wk": 604_800,
    "w": 604_800,
    "week": 604_800,
}
_PRN = re.compile(r"\bp\.?r\.?n\b|\b(?:as|when|if) (?:required|needed|necessary)\b", re.IGNORECASE)
_STAT = {"S", "STAT", "A", "ASAP", "NOW", "UR", "URGENT", "IMMEDIATE", "ONCE NOW"}


def says_as_required(*texts: str) -> bool:
    """Whether any of the texts says PRN, as required, when needed."""
    return any(_PRN.search(text) for text in texts if text)


def says_stat(priority: str) -> bool:
    """Whether a priority means now (tables 0485 and TQ.6, and words found in real messages)."""
    return priority.upper() in _STAT


def seconds_of(figure: str, unit: str) -> int | None:
    """A time span said as a figure and a unit, in whole seconds; None when it is not one."""
    amount = decimal(figure)
    factor = _UNIT_S.get(unit.lower().rstrip("s") or unit.lower())
    if amount is None or factor is None or amount <= 0:
        return None
    seconds = amount * factor
    return int(seconds) if seconds == int(seconds) and seconds < 10**9 else None


def read_tq1(tq1: Segment, notes: list[Note]) -> TimingFacts:
    """Read one TQ1; several repeat patterns (`breakfast~lunch`) are one text."""
    patterns: list[str] = []
    interval = None
    for repeat in range(1, tq1.repeats(3) + 1):
        code, words = tq1.text(3, 1, repeat), tq1.text(3, 1, repeat, 2)
        if code or words:
            patterns.append(code or words)
        interval = interval or seconds_of(tq1.text(3, 5, repeat), tq1.text(3, 6, repeat))
    times = [
        _clock(tq1.text(4, 1, repeat), "TQ1", 4, notes) for repeat in range(1, tq1.repeats(4) + 1)
    ]
    frequency = " and ".join(patterns)
    priority = tq1.text(9, 1) or tq1.text(9, 2)
    count = decimal(tq1.text(14))
    return TimingFacts(
        where="TQ1",
        frequency=frequency,
        times=tuple(time for time in times if time),
        interval_s=interval,
        quantity=tq1.quantity(2, notes),
        duration=_span(tq1, 6),
        starts=tq1.when(7, notes),
        ends=tq1.when(8, notes),
        priority=priority,
        condition=tq1.text(10),
        text=tq1.text(11),
        as_required=says_as_required(
            frequency, tq1.text(3, 1, 1, 2), priority, tq1.text(10), tq1.text(11)
        ),
        occurrences=int(count) if count is not None and count == int(count) else None,
    )


def _span(tq1: Segment, field: int) -> str:
    figure, unit = tq1.text(field), tq1.text(field, 2) or tq1.text(field, 2, 1, 2)
    return f"{figure} {unit}".strip()


def read_tq(segment: Segment, field: int, notes: list[Note]) -> tuple[TimingFacts, ...]:
    """Read every repetition of an old timing field (RXE-1, ORC-7)."""
    found = (
        _one_tq(segment, field, repeat, notes) for repeat in range(1, segment.repeats(field) + 1)
    )
    return tuple(timing for timing in found if timing is not None)


def _one_tq(segment: Segment, field: int, repeat: int, notes: list[Note]) -> TimingFacts | None:
    def part(component: int, sub: int = 1) -> str:
        return segment.text(field, component, repeat, sub)

    figure = part(1)
    amount = decimal(figure) if figure else None
    quantity = None
    if amount is not None:
        quantity = AmountFacts(low=amount, unit=Coded(part(1, 2), part(1, 3)))
    elif figure:
        notes.append(Note(segment.name, field, "The quantity of this timing is not a number."))
    times = [
        _clock(text.strip(), segment.name, field, notes) for text in re.split(r"[,;]", part(2, 2))
    ]
    timing = TimingFacts(
        where=f"{segment.name}-{field}",
        frequency=part(2),
        times=tuple(time for time in times if time),
        quantity=quantity,
        duration=part(3),
        starts=segment.when(field, notes, 4, repeat),
        ends=segment.when(field, notes, 5, repeat),
        priority=part(6),
        condition=part(7),
        text=part(8),
        as_required=says_as_required(part(2), part(6), part(7), part(8)),
    )
    return timing if timing != TimingFacts(where=timing.where) else None


def _clock(text: str, segment: str, field: int, notes: list[Note]) -> str:
    if not text:
        return ""
    time = clock_time(text)
    if not time:
        notes.append(Note(segment, field, "A time of day here could not be read."))
    return time


def believed(
    encoded: list[Segment],
    ordered: list[Segment],
    rxe: Segment | None,
    orc: Segment | None,
    notes: list[Note],
) -> tuple[TimingFacts, ...]:
    """Every timing of an order, the one to believe first (see the head of this file)."""
    timings = [read_tq1(tq1, notes) for tq1 in (*encoded, *ordered)]
    if rxe is not None:
        timings += read_tq(rxe, 1, notes)
    if orc is not None:
        timings += read_tq(orc, 7, notes)
    where = _ambiguous(encoded or ordered, timings)
    if where:
        segment, field = where.split("-")
        notes.append(
            Note(segment, int(field), "Several timings stand for one order; a person says which "
                 "holds.", stop=True)
        )  # fmt: skip
    notes.extend(
        Note(timing.where.split("-")[0], 0, "The order ends before it starts.")
        for timing in timings
        if timing.starts and timing.ends and timing.ends.at_s < timing.starts.at_s
    )
    return tuple(timings)


def _ambiguous(tq1s: list[Segment], timings: list[TimingFacts]) -> str:
    """Where several timings stand side by side for the same order; empty when one leads."""
    if tq1s:
        return "TQ1-1" if len(tq1s) > 1 else ""
    first = timings[0].where if timings else ""
    return first if sum(t.where == first and bool(t.frequency) for t in timings) > 1 else ""
