"""Counting a pocket: once, blind, with the drawer open, before anything is taken (RULES 6, I4).

    count.list --number--> count.next --every guard holds--> count.release --opened--> count.open
                                                                    |                     |
                              count.list <--closed-- count.closing <-+---- count.again <--+

**Blind**: no screen of this task shows the book. The answer is compared, not shown: when it is
the book's figure it stands at once; when it differs she counts once more (`count.again`), and what
she says then stands: `count.recorded`, and one `discrepancy.opened`, hand minus book. The book
itself is never edited. What was said is recorded when it is said, not when the drawer closes: power
may fail between the two.

**A legal origin.** A pocket with a product and no book yet is counted at commissioning: there is
nothing to compare with, so one answer is enough; its first discrepancy is where its stock comes
from.

**Who may**: whoever is signed in. A count needs no order: its authority is named in the intent
(`count`, `commissioning`). Controlled drugs need a witness and are refused here with a sentence. A
count is possible while the cabinet is being commissioned, not in safe hold.

Closed without an answer, nothing is recorded and the count stays due; the drawer was open, so what
is within reach is in doubt.
"""

from statemachine.refusals import Reason, Refusal
from statemachine.rules.product import CONTROLLED_FLAGS
from statemachine.table import Phase, Row
from statemachine.tasks import closing, phases, releasing
from statemachine.tasks import common as do
from statemachine.tasks.counting import counts_due
from statemachine.tasks.words import deciding, resting, visiting
from statemachine.turn import Turning
from statemachine.ward.drawers import ReleaseIntent
from statemachine.ward.orders import RemovalRefused
from statemachine.ward.stock import KnownPocket

# --- what is asked ---------------------------------------------------------------------------


def _pocket(turn: Turning) -> KnownPocket | None:
    return turn.ward.stock.pockets.get(turn.memory.counting)


def _product(turn: Turning) -> str:
    known = _pocket(turn)
    return (known.pocket.product or "") if known is not None else ""


def the_cabinet_may_count(turn: Turning) -> bool:
    """Working normally, or being commissioned; not in safe hold, not rolled back."""
    return turn.machines.mode in {"normal", "commissioning"}


def the_pocket_has_a_product(turn: Turning) -> bool:
    """There is something to count."""
    return _product(turn) in turn.ward.stock.products


def it_is_no_controlled_drug(turn: Turning) -> bool:
    """Controlled drugs are counted with a witness."""
    product = turn.ward.stock.products.get(_product(turn))
    return product is not None and not CONTROLLED_FLAGS & set(product.flags)


def the_drawer_is_known_closed(turn: Turning) -> bool:
    """By readings: reed closed, bolt home, and nobody has it in hand."""
    known = _pocket(turn)
    box = turn.machines.drawers.get(known.pocket.drawer) if known is not None else None
    return releasing.is_ready(box)


def no_fault_of_the_drawer_stands(turn: Turning) -> bool:
    """The log holds no fault of this drawer that nobody has cleared."""
    known = _pocket(turn)
    if known is None:
        return False
    drawer = turn.ward.drawers.known.get(known.pocket.drawer)
    return drawer is None or not drawer.faults


def the_hand_agrees(turn: Turning) -> bool:
    """The answer is what the book says."""
    known = _pocket(turn)
    return known is not None and getattr(turn.event, "number", -1) == known.book


def there_is_no_book_yet(turn: Turning) -> bool:
    """Nothing to compare with: the pocket's stock has no origin yet."""
    known = _pocket(turn)
    return known is not None and known.book is None


# --- what is done ----------------------------------------------------------------------------


def show_counts(turn: Turning) -> None:
    """The counts that are due; numbers mean what is shown."""
    do.show_patients(turn)
    turn.remember(listed=counts_due(turn))


def plan_count(turn: Turning) -> None:
    """This pocket."""
    pocket = do.chosen_line(turn) or ""
    known = turn.ward.stock.pockets.get(pocket)
    why = "asked"
    if known is not None and known.book is None:
        why = "commissioning"
    turn.remember(counting=pocket, why_count=why, counted=None, refusals=(), said="")


def release_count(turn: Turning) -> None:
    """The intent, resting on the person and on the authority to count, then the lease."""
    known, memory = _pocket(turn), turn.memory
    if known is None:
        raise RuntimeError("A count without a pocket; the turn was thrown away.")
    person = turn.ward.people.persons[memory.actor]
    intent = turn.add(
        ReleaseIntent(
            drawer=known.pocket.drawer,
            panel=turn.panel,
            actor=memory.actor,
            pocket=memory.counting,
            product=_product(turn),
            purpose="count",
            staff_line=person.staff_line,
            authority="commissioning" if memory.why_count == "commissioning" else "count",
            lease_ms=releasing.LEASE_MS,
        )
    )
    turn.remember(intent=intent, cancelled=False)
    releasing.lease(turn, known.pocket.drawer, memory.counting, intent, "count")


def refuse_count(turn: Turning) -> None:
    """Every reason why this pocket cannot be counted now, journalled."""
    known, memory = _pocket(turn), turn.memory
    found: list[Refusal] = []
    product = _product(turn)
    if not the_cabinet_may_count(turn):
        found.append(Refusal(reason=Reason.SAFE_HOLD))
    if not the_pocket_has_a_product(turn):
        found.append(Refusal(reason=Reason.UNKNOWN_PRODUCT))
    elif not it_is_no_controlled_drug(turn):
        found.append(Refusal(reason=Reason.CONTROLLED, product=product))
    drawer = known.pocket.drawer if known is not None else 0
    against = releasing.drawer_refusal(turn, drawer, product)
    if against is not None:
        found.append(against)
    shown = do.refuse(turn, found)
    turn.add(
        RemovalRefused(
            actor=memory.actor,
            panel=turn.panel,
            reason=shown[0].reason.value,
            reasons=tuple(dict.fromkeys(one.reason.value for one in shown)),
            product=product,
        )
    )
    turn.remember(counting="", listed=counts_due(turn))


def count_stands(turn: Turning) -> None:
    """What the hand saw is recorded now; a difference opens one discrepancy."""
    number = int(getattr(turn.event, "number", 0))
    memory = turn.memory
    turn.remember(counted=number, refusals=())
    differs = closing.record_count(turn, _pocket(turn), _product(turn), number, memory.why_count)
    turn.remember(said="counted with difference" if differs else "counted")
    do.accepted(turn)


def count_again(turn: Turning) -> None:
    """One blind recount; the book is not told."""
    turn.remember(said="count again", refusals=())


def call_off(turn: Turning) -> None:
    """End the lease; the drawer says how it ended."""
    known = _pocket(turn)
    turn.remember(cancelled=True)
    if known is not None:
        do.tell_drawer(turn, known.pocket.drawer, "cancel")


def said_shut(turn: Turning) -> None:
    """She says that it is shut; the drawer judges by its bolt (F2)."""
    known = _pocket(turn)
    if known is not None:
        do.tell_drawer(turn, known.pocket.drawer, "said shut")


def not_counted(turn: Turning) -> None:
    """Closed without an answer: the count stays due, and the drawer was open."""
    memory = turn.memory
    do.exposed(turn, memory.counting, memory.why_count, memory.intent)
    turn.remember(said="not counted")


def not_opened(turn: Turning) -> None:
    """The drawer was not opened: the count stays due."""
    turn.remember(said="not opened")
    do.tick(turn)


def back_to_counts(turn: Turning) -> None:
    """The counts that are still due, keeping what was said."""
    said, refusals = turn.memory.said, turn.memory.refusals
    show_counts(turn)
    turn.remember(said=said, refusals=refusals)


# --- the table -------------------------------------------------------------------------------

PHASES: tuple[Phase, ...] = (
    resting("count.list", "counts due, by pocket"),
    deciding("count.next", "every guard of a release for a count"),
    resting("count.wait", "another drawer is being opened; this one is next"),
    visiting("count.release", "released: open the drawer whose pocket is lit"),
    visiting("count.open", "open: how many are there? (blind)"),
    visiting("count.again", "count once more (blind)"),
    visiting("count.closing", "recorded: close the drawer"),
)

COUNT_RELEASE = (
    do.the_person_may_work_here,
    the_cabinet_may_count,
    the_pocket_has_a_product,
    it_is_no_controlled_drug,
    releasing.no_other_drawer_in_hand,
    the_drawer_is_known_closed,
    no_fault_of_the_drawer_stands,
)
"""Everything that must hold to release a drawer for a count: the count's authority."""

_ASKING = ("count.open", "count.again")

ROWS: tuple[Row, ...] = (
    Row(
        "key number",
        "count.list",
        "count.next",
        (do.the_number_chooses_a_line,),
        (plan_count, do.go),
        "this pocket",
    ),
    Row("key number", "count.list", None, (), (do.tick,), "no such line"),
    *phases.pages("count.list", back=False),
    Row("key B", "count.list", "home.patients", (), (do.show_patients, do.say("")), "back"),
    Row(
        "go",
        "count.next",
        "signin.badge",
        (do.the_person_may_not_work_here,),
        (do.revoked,),
        "revoked meanwhile (I13)",
    ),
    Row(
        "go",
        "count.next",
        "count.release",
        (*COUNT_RELEASE, releasing.no_lease_runs),
        (release_count,),
        "intent, then lease",
    ),
    Row("go", "count.next", "count.wait", COUNT_RELEASE, (), "one lease at a time (WIRE 5)"),
    Row("go", "count.next", "count.list", (), (refuse_count,), "refused, every reason"),
    *phases.waits_for_the_lease("count.wait", "count.next", "count.list", (back_to_counts,)),
    Row("drawer opened", "count.release", "count.open", (), (do.say(""),), "open"),
    Row("key B", "count.release", None, (), (call_off,), "called off: the lease ends"),
    Row(
        (
            "drawer expired",
            "drawer jammed",
            "drawer refused",
            "drawer indeterminate",
            "drawer stopped",
        ),
        "count.release",
        "count.list",
        (),
        (not_opened, back_to_counts),
        "the count stays due",
    ),
    Row("pack", "count.release", None, (), (do.scan_not_now,), "nothing is scanned in a count"),
    Row("number", _ASKING, "count.closing", (the_hand_agrees,), (count_stands,), "it stands"),
    Row(
        "number",
        "count.open",
        "count.closing",
        (there_is_no_book_yet, closing.a_believable_number),
        (count_stands,),
        "an origin: nothing to compare with",
    ),
    Row(
        "number",
        "count.open",
        "count.again",
        (closing.a_believable_number,),
        (count_again,),
        "differs: one blind recount",
    ),
    Row(
        "number",
        "count.again",
        "count.closing",
        (closing.a_believable_number,),
        (count_stands,),
        "the second answer stands",
    ),
    Row("number", _ASKING, None, (), (do.tick, do.say("not believable")), "too many"),
    Row("key #", "count.closing", None, (), (said_shut,), "she says it is shut (F2)"),
    Row(
        "drawer closed",
        "count.closing",
        "signin.badge",
        (do.the_person_may_not_work_here,),
        (do.revoked,),
        "revoked meanwhile (I13)",
    ),
    Row("drawer closed", "count.closing", "count.list", (), (back_to_counts,), "done"),
    Row(
        "drawer closed",
        _ASKING,
        "signin.badge",
        (do.the_person_may_not_work_here,),
        (not_counted, do.revoked),
        "revoked meanwhile (I13)",
    ),
    Row(
        "drawer closed",
        _ASKING,
        "count.list",
        (),
        (not_counted, back_to_counts),
        "no answer: still due",
    ),
)
