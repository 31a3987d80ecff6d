"""The dose list of one patient: what is late, STAT, due, next, as-required, and what is elsewhere.

The list shows every dose a nurse may ask about now, each with every reason why it may not be
removed and every mark it would carry, so that the screen has nothing to decide. It is made of the
same rules that decide the removal itself; what it shows is asked again when a dose is chosen and
when its drawer is about to be released.

Of each order the list holds the doses whose window is open, the next one, and the last missed one
while nothing newer is open. A dose that is recorded or removed stays at the end of the list while
its window is open, because it is there that a replacement is asked for. What is not in this cabinet
is shown as such, not as late.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal

import msgspec

from statemachine.dose import dose_id
from statemachine.instant import Instant
from statemachine.refusals import Reason, Refusal
from statemachine.rules.amount import many_units
from statemachine.rules.as_required import next_possible_s
from statemachine.rules.ask import Ask
from statemachine.rules.chart import Chart, is_as_required, is_one_off, one_off_due_s
from statemachine.rules.limits import LATE_AFTER_MIN, LATE_AFTER_TIME_CRITICAL_MIN, limit
from statemachine.rules.removal import REMOVAL_RULES, removal_marks, told
from statemachine.ward import Ward
from statemachine.ward.orders import KnownOrder, Window

DoseState = Literal["late", "stat", "due", "next", "as-required", "elsewhere", "done"]

ORDER_OF_STATES: tuple[DoseState, ...] = (
    "late", "stat", "due", "next", "as-required", "elsewhere", "done",
)  # fmt: skip # one line reads as the order it is
"""The list from top to bottom (RULES 4)."""

MISSED_SHOWN_S = 24 * 3600
"""A missed dose is shown for a day at most."""

_PLACE = {state: at for at, state in enumerate(ORDER_OF_STATES)}
_SHARED = frozenset({"person", "opening", "patient", "freshness"})
_PERSONAL = frozenset({"person", "opening"})
_OF_A_LINE = tuple(
    (at, rule.check) for at, rule in enumerate(REMOVAL_RULES) if rule.about not in _SHARED
)
_OF_THE_LIST = tuple((at, rule) for at, rule in enumerate(REMOVAL_RULES) if rule.about in _SHARED)
_Told = tuple[tuple[int, Refusal], ...]
"""Refusals, each with the place of its rule among all rules."""

_RECORDED = frozenset({Reason.GIVEN, Reason.OMITTED, Reason.HELD, Reason.REMOVED})


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One product of a dose and where it lies; `pocket` None: nowhere here it may be taken from."""

    product: str
    quantity: int
    pocket: str | None = None
    drawer: int | None = None
    lot: str = ""


class DoseLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list.

    Attributes:
        dose: its id; of an as-required dose the id it would have if it were taken now.
        order: its order.
        due_s: when it is due, seconds since 1970; None for as-required and STAT without times.
        state: where it stands in the list.
        parts: what makes it (of a dose begun: what is left), each from its best pocket.
        refusals: why not, the most telling first; empty: it may be removed.
        marks: what is shown beside it and noted with a removal.
        last_given_s: when it, or its ingredient, was last taken, as far as is known.
        next_from_s: from when it is possible, when that is later than now.
        many: making it takes so many units that the cabinet stops and asks.
    """

    dose: str
    order: str
    due_s: int | None
    state: DoseState
    parts: tuple[Part, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    marks: tuple[str, ...] = ()
    last_given_s: int | None = None
    next_from_s: int | None = None
    many: bool = False


def dose_list(
    ward: Ward,
    patient: str,
    now: Instant,
    *,
    actor: str | None = None,
    panel: int = 1,
    chart_checked: bool = False,
    other_ward_reason: str = "",
    second: str | None = None,
    only: str | None = None,
) -> tuple[DoseLine, ...]:
    """The patient's list, sorted late, STAT, due, next, as-required, elsewhere, done.

    Made for nobody in particular the lines speak of the doses alone. Made for a person they also
    say what is asked of that person, and of how the list was opened: is the chart checked, why a
    patient of another ward. Every removal asks all of it, whatever was shown.

    Args:
        ward: the known world.
        patient: whose; a merged id is led on. Unknown: an empty list.
        now: the present.
        actor: for whom the list is made, or None.
        panel: where that person stands.
        chart_checked: "check the chart" was confirmed for this patient.
        other_ward_reason: the reason logged for a patient of another ward.
        second: another person who has signed, or None.
        only: the lines of this order alone, which is all a chosen line needs before its lease: no
            line depends on another.
    """
    chart = Chart(ward, patient, now)

    def ask_for(order: str, due_s: int | None) -> Ask:
        return Ask(
            ward=ward,
            now=now,
            actor=actor or "",
            panel=panel,
            patient=patient,
            order=order,
            due_s=due_s,
            chart_checked=chart_checked,
            other_ward_reason=other_ward_reason,
            second=second,
            shared=chart,
        )

    shared = _shared(ask_for("", None), personal=actor is not None)
    lines: list[DoseLine] = []
    for order in ward.orders.by_patient.get(chart.patient, ()):
        if only is not None and order != only:
            continue
        known = ward.orders.known.get(order)
        if known is None:
            continue
        for due_s, state in _doses(chart, known):
            lines.append(_line(ask_for(order, due_s), known, state, shared))
    lines.sort(key=lambda line: _key(chart, line))
    return tuple(lines)


def _doses(chart: Chart, known: KnownOrder) -> Iterator[tuple[int | None, DoseState]]:
    """The doses of one order that the list shows, with their state by time alone."""
    if is_as_required(known):
        yield None, "as-required"
        return
    if is_one_off(known):
        yield (one_off_due_s(known) if known.windows else None), "stat"
        return
    found = False
    for window, state in _windows(chart, known):
        found = True
        yield window.due_s, state
    if not found:
        # Nothing is planned around now: one line still says that the order is there, and why not.
        yield None, "done"


def _windows(chart: Chart, known: KnownOrder) -> Iterator[tuple[Window, DoseState]]:
    at_s = chart.now.lo_s
    windows = known.windows
    after = bisect_right(windows, at_s, key=lambda window: window.due_s)
    is_open = False
    past: list[tuple[Window, DoseState]] = []
    for at in range(after - 1, -1, -1):
        window = windows[at]
        if window.last_s < at_s:
            break
        past.append(
            (window, "late" if at_s > window.due_s + _late_after_s(chart, known) else "due")
        )
    is_open = bool(past) or (after < len(windows) and windows[after].opens_s <= at_s)
    if not is_open and after > 0 and at_s - windows[after - 1].closes_s <= MISSED_SHOWN_S:
        missed = windows[after - 1]
        dose = dose_id(known.order.order, missed.due_s)
        if chart.outcome(known, dose) is None and not chart.removed(known, dose):
            past.append((missed, "late"))
    yield from reversed(past)
    for window in windows[after:]:
        if window.opens_s > at_s:
            yield window, "next"
            return
        yield window, "due"


def _late_after_s(chart: Chart, known: KnownOrder) -> int:
    return chart.once(("late after", known.order.order), lambda: _find_late_after_s(chart, known))


def _find_late_after_s(chart: Chart, known: KnownOrder) -> int:
    settings = chart.ward.stock.settings
    for one_set in known.order.sets[:1]:
        for product, _ in one_set:
            found = chart.product(product)
            if found is not None and "time-critical" in found.flags:
                return limit(settings, LATE_AFTER_TIME_CRITICAL_MIN) * 60
    return limit(settings, LATE_AFTER_MIN) * 60


def _shared(ask: Ask, *, personal: bool) -> _Told:
    """What speaks against every line alike: asked once, not of each of forty lines."""
    found = (
        (at, rule.check(ask))
        for at, rule in _OF_THE_LIST
        if personal or rule.about not in _PERSONAL
    )
    return tuple((at, refusal) for at, refusal in found if refusal is not None)


def _refusals(ask: Ask, shared: _Told) -> tuple[Refusal, ...]:
    found = list(shared)
    for at, check in _OF_A_LINE:
        refusal = check(ask)
        if refusal is not None:
            found.append((at, refusal))
    if shared:
        found.sort(key=lambda one: one[0])
    return told(refusal for _, refusal in found)


def _line(ask: Ask, known: KnownOrder, state: DoseState, shared: _Told) -> DoseLine:
    refusals = _refusals(ask, shared)
    reasons = {refusal.reason for refusal in refusals}
    if known.order.elsewhere or Reason.NOT_STOCKED in reasons:
        state = "elsewhere"
    elif not reasons.isdisjoint(_RECORDED) and state != "next":
        state = "done"
    return DoseLine(
        dose=ask.dose,
        order=ask.order,
        due_s=ask.due_s,
        state=state,
        parts=_parts(ask),
        refusals=refusals,
        marks=removal_marks(ask),
        last_given_s=_last_given_s(ask),
        next_from_s=_next_from_s(ask, refusals),
        many=many_units(ask),
    )


def _parts(ask: Ask) -> tuple[Part, ...]:
    return tuple(
        [
            Part(
                product=product,
                quantity=quantity,
                pocket=shelf.pocket,
                drawer=shelf.drawer,
                lot=shelf.lot,
            )
            for (product, quantity), (_, shelf) in zip(ask.parts, ask.shelves, strict=True)
        ]
    )


def _last_given_s(ask: Ask) -> int | None:
    """When this order was last taken; of an as-required dose, any of its ingredients."""
    if not ask.as_required:
        return ask.chart.last_taken_s(ask.order)
    inside = frozenset(name for product in ask.products for name in ask.chart.inside(product))
    for taking in reversed(ask.chart.takings()):
        if taking.order == ask.order or not inside.isdisjoint(taking.ingredients):
            return taking.at_lo_s
    return None


def _next_from_s(ask: Ask, refusals: tuple[Refusal, ...]) -> int | None:
    if ask.as_required:
        return next_possible_s(ask)
    later = [
        refusal.until_s
        for refusal in refusals
        if refusal.until_s is not None and refusal.until_s > ask.now.lo_s
    ]
    return max(later) if later else None


def _key(chart: Chart, line: DoseLine) -> tuple[int, int, str, str]:
    name = ""
    if line.parts:
        product = chart.product(line.parts[0].product)
        name = product.generic if product is not None else ""
    due_s = line.due_s if line.due_s is not None else 2**41
    return (_PLACE[line.state], due_s, name, line.order)
