"""The fold: total, deterministic, bounded, and blind to what it does not know."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statemachine.doses import ORDER_OF_STATES, dose_list
from statemachine.instant import Instant
from statemachine.patients_view import due_counts, my_patients
from statemachine.rules.amount import many_units
from statemachine.rules.ask import Ask
from statemachine.rules.removal import check_removal, removal_marks
from statemachine.rules.signin import check_entry, check_try, may_resume_by_tap
from statemachine.ward import Ward, house, orders, people, stock
from statemachine.ward.changes import changes
from statemachine.ward.entry import Directive, Entry, Stamp
from statemachine.ward.fold import ENTRIES, TYPES, fold

IDS = st.sampled_from(["a", "b", "c", ""])
SMALL = st.integers(-3, 12)
TIMES = st.sampled_from([0, 1, 10**9, 10**9 + 3600, 2**39])


def values(of):
    """Small values of a field's type, so that entries meet each other's ids."""
    if of is int:
        return SMALL | TIMES
    if of is str:
        return IDS
    if of is bool:
        return st.booleans()
    if isinstance(of, type) and issubclass(of, msgspec.Struct):
        return built(of)
    origin = getattr(of, "__origin__", None)
    arguments = getattr(of, "__args__", ())
    if str(of).startswith("typing.Literal"):
        return st.sampled_from(arguments)
    if origin is tuple and arguments[-1:] == (Ellipsis,):
        return st.lists(values(arguments[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, arguments))
    if of is type(None):
        return st.none()
    return st.one_of(*map(values, arguments))


def built(of, without=()):
    return st.builds(
        of,
        **{
            field.name: st.none() if field.name in without else values(field.type)
            for field in msgspec.structs.fields(of)
        },
    )


ANY_ENTRY = st.one_of(st.none(), *map(built, ENTRIES))


def all_entry_classes(base=Entry):
    for sub in base.__subclasses__():
        if sub is not Directive:
            yield sub
        yield from all_entry_classes(sub)


def stamped(numbered):
    seq, (one, wall_s) = numbered
    up = one is None or one.LOG == "up"
    return one, Stamp(
        line=(1, seq), wall_lo_s=wall_s, wall_hi_s=wall_s, mono_ms=seq, boot=1 if up else 0
    )


LINES = st.lists(st.tuples(ANY_ENTRY, TIMES), max_size=25).map(
    lambda lines: [stamped(one) for one in enumerate(lines, 1)]
)


def folded(lines):
    ward = Ward()
    for one, stamp in lines:
        ward = fold(ward, one, stamp)
    return ward


def test_every_entry_that_exists_has_its_place_in_the_fold():
    assert set(all_entry_classes()) == set(ENTRIES)
    assert len(TYPES) == len(ENTRIES)
    assert TYPES["removal.recorded"] is orders.RemovalRecorded
    assert {name: of.TYPE for name, of in TYPES.items()} == {name: name for name in TYPES}


@settings(max_examples=60, deadline=None)
@given(LINES)
def test_any_lines_in_any_order_fold_without_an_error_and_always_alike(lines):
    assert folded(lines) == folded(lines)


@settings(max_examples=60, deadline=None)
@given(LINES)
def test_i4_the_book_of_every_pocket_is_the_sum_of_its_changes_and_of_its_lots(lines):
    ward, sums = Ward(), {}
    for one, stamp in lines:
        if one is not None:
            for change in changes(one, stamp, ward.stock.pockets):
                sums[change.pocket] = sums.get(change.pocket, 0) + change.quantity
        ward = fold(ward, one, stamp)
    for pocket, known in ward.stock.pockets.items():
        assert (known.book or 0) == sums.pop(pocket, 0)
        assert sum(lot.quantity for lot in known.lots) == (known.book or 0)
        assert all(lot.quantity > 0 for lot in known.lots if lot.lot)
    # What is left was retired, and left with nothing booked.
    assert set(sums.values()) <= {0}


@settings(max_examples=40, deadline=None)
@given(LINES)
def test_an_entry_read_back_from_its_bytes_folds_the_same(lines):
    again = [
        (None if one is None else msgspec.json.decode(msgspec.json.encode(one), type=type(one)), s)
        for one, s in lines
    ]
    assert folded(again) == folded(lines)


@settings(max_examples=40, deadline=None)
@given(LINES)
def test_the_heads_stand_at_the_last_line_of_each_log(lines):
    ward = folded(lines)
    ups = [stamp.line for one, stamp in lines if one is None or one.LOG == "up"]
    downs = [stamp.line for one, stamp in lines if one is not None and one.LOG == "dn"]
    applied = [one.to for one, _ in lines if isinstance(one, house.DirectivesApplied)]
    assert ward.up == (ups[-1] if ups else (1, 0))
    assert ward.dn >= max([(1, 0), *downs[-1:], *applied[-1:]])


@settings(max_examples=60, deadline=None)
@given(LINES, TIMES, st.sampled_from([0, 60, 10**6]), built(Ask, without=("ward", "now", "shared")))
def test_every_question_to_any_ward_has_an_answer(lines, wall_s, width_s, fields):
    ward = folded(lines)
    now = Instant(lo_s=wall_s, hi_s=wall_s + width_s, mono_ms=5, quality="floor")
    ask = msgspec.structs.replace(fields, ward=ward, now=now)
    refusals = check_removal(ask)
    assert len(set(refusals)) == len(refusals)
    removal_marks(ask)
    many_units(ask)
    for patient in ("a", "b", "c", ""):
        for line in dose_list(ward, patient, now, actor="a"):
            assert line.state in ORDER_OF_STATES
        due_counts(ward, patient, now)
    my_patients(ward, now)
    check_try(ward, now, ask.actor)
    check_entry(ward, now, ask.actor)
    may_resume_by_tap(ward, now, ask.actor)


@pytest.mark.parametrize(("log", "boot"), [("up", 1), ("dn", 0), ("up", 0)])
def test_a_forgotten_or_unknown_body_only_moves_the_head_of_its_log(log, boot):
    stamp = Stamp(line=(1, 7), wall_lo_s=0, wall_hi_s=0, boot=boot)
    ward = fold(Ward(), None, stamp, log=log)
    assert ward == Ward(**{log: (1, 7)})
    if boot or log == "dn":
        assert fold(Ward(), None, stamp) == ward


def test_a_batch_applied_moves_the_head_of_directives_and_never_back(logs):
    assert logs.say(house.DirectivesApplied(to=(1, 9))).dn == (1, 9)
    assert logs.say(house.DirectivesApplied(to=(1, 3))).dn == (1, 9)


def test_a_line_that_concerns_one_chapter_leaves_the_others_untouched(logs):
    before = logs.say(people.Staff(actor="n"))
    after = logs.say(stock.Setting(key="k", value=1))
    assert after.people is before.people
    assert after.orders is before.orders
    assert after.drawers is before.drawers
