"""Short stories of drawers: a way into every state, and everything that can happen there."""

from statemachine.events import (
    Booted,
    CountRequested,
    LeaseEnded,
    LeaseRefused,
    PartReported,
)
from statemachine.step import start
from statemachine.tables.drawer import SENSED
from statemachine.ward.stock import Pocket
from tests import desk as desks

PACK = "05012345678900"


def at_release(desk):
    """Nina stands before drawer 1, released."""
    desk.signs_in()
    desk.press("1AA")
    assert desk.state() == "remove.release"


def at_open(desk):
    """Nina stands before drawer 1, open."""
    at_release(desk)
    desk.opens(1)
    assert desk.state() == "remove.open"


def short_of(desk):
    """As `at_open`, and the book said too few, so that she is asked how many are left."""
    desk.directs(Pocket(pocket="1-1", drawer=1, product=None))
    desk.directs(Pocket(pocket="1-1", drawer=1, product="paracetamol"))
    at_open(desk)


def lease_over(desk):
    """The lease of drawer 1 is over, its bolt not home yet."""
    at_release(desk)
    desk.send(LeaseEnded, drawer=1, intent=desk.memory().intent)
    assert desk.box(1) == "relocking"


def _lost(desk):
    at_release(desk)
    desk.sense(1, "unknown", "unlocked")


def _unlocked_alone(desk):
    desk.sense(1, "closed", "unlocked")


def unsecured_way(desk):
    _unlocked_alone(desk)
    desk.timer("drawer.1")


def suspect_way(desk):
    unsecured_way(desk)
    desk.sense(1, "closed", "locked")


def latched_way(desk):
    at_open(desk)
    desk.sense(1, "open", "locked")
    desk.press("#")


def forced_way(desk):
    desk.sense(1, "open", "unlocked")


def wrong_way(desk):
    desk.directs(*desks.order("OW", "P2", ("levo50", 1)))
    desk.signs_in()
    desk.press("2A1")
    desk.sense(1, "open", "unlocked")


def _shutting(desk):
    forced_way(desk)
    desk.sense(1, "closed", "unlocked")


def _waiting_for_the_bolt(desk):
    desk.auto_lease = False
    at_release(desk)


def retrying_way(desk):
    _waiting_for_the_bolt(desk)
    desk.timer("drawer.1")


def _jammed(desk):
    retrying_way(desk)
    desk.timer("drawer.1")
    desk.timer("drawer.1")


def _left_open(desk):
    at_open(desk)
    desk.timer("drawer.1")


def _closing(desk):
    at_open(desk)
    desk.sense(1, "closed", "unlocked")


def stopped_way(desk):
    at_release(desk)
    desk.sense(2, "open", "unlocked")


def unread_way(desk):
    desk.machines = start(desk.ward, (1, 2, 3), 2)
    desk.send(Booted, boot=2, reason="power")


def _unread_with_a_fault(desk):
    unsecured_way(desk)
    unread_way(desk)


def _found(desk):
    unread_way(desk)
    desk.sense(1, "open", "unlocked")


WAYS = (
    unread_way,
    _unread_with_a_fault,
    _found,
    _unlocked_alone,
    unsecured_way,
    suspect_way,
    latched_way,
    forced_way,
    wrong_way,
    _shutting,
    _waiting_for_the_bolt,
    retrying_way,
    _jammed,
    at_release,
    _lost,
    lease_over,
    stopped_way,
    at_open,
    _left_open,
    _closing,
)
"""A way into every state of a drawer."""

AFTER = (
    *(tuple(sensed.split()[1:]) for sensed in SENSED),
    "timer",
    "lease ended",
    "lease refused",
    "wrong drawer",
    "cancel",
    "idle",
    "scan",
    "said shut",
)
"""What may happen next to drawer 1 in any of them."""


def everything_that_can_happen_to_a_drawer():
    """One story for every pair of a way in and what happens then."""
    for way in WAYS:
        for after in AFTER:

            def story(desk, way=way, after=after):
                way(desk)
                _happens(desk, after)

            yield story


def _happens(desk, after):
    box = desk.machines.drawers[1]
    if isinstance(after, tuple):
        desk.sense(1, *after)
    elif after == "timer":
        desk.timer("drawer.1")
    elif after == "lease ended" and box.intent is not None:
        desk.send(LeaseEnded, drawer=1, intent=box.intent)
    elif after == "lease refused" and box.intent is not None:
        desk.send(LeaseRefused, drawer=1, intent=box.intent, reason="cooling down")
    elif after == "wrong drawer":
        desk.sense(3, "closed", "locked")
        desk.sense(3, "open", "unlocked")
    elif after == "cancel":
        desk.press("B")
    elif after == "idle":
        desk.timer("idle.1")
    elif after == "scan":
        desk.scan(PACK)
    elif after == "said shut":
        desk.press("#")


# --- drawers, further ------------------------------------------------------------------------


def shut_with_an_older_fault(desk):
    at_open(desk)
    desk.sense(1, "closed", "unlocked")
    desk.timer("drawer.1")
    desk.sense(1, "open", "unlocked")
    assert desk.box(1) == "forced"
    desk.closes(1)
    assert desk.box(1) == "suspect"
    desk.sense(1, "open", "unlocked")
    desk.sense(1, "closed", "locked")


def opened_unseen_twice(desk):
    for _ in range(2):
        desk.scan(PACK)
        if desk.state() != "remove.not_opened":
            at_release(desk)
        else:
            desk.press("A")
        desk.scan(PACK)
        desk.lease_runs_out(1)
    assert desk.box(1) == "suspect"


def not_for_everybody_to_put_right(desk):
    suspect_way(desk)
    desk.signs_in()
    desk.press("*3D")
    assert desk.box(1) == "suspect"
    assert desk.memory().refusals


def a_dose_waits_for_a_lease(desk):
    desk.directs(*desks.order("O2", "P2", ("levo50", 1)))
    at_release(desk)
    desk.signs_in("B2", panel=2)
    desk.press("2AA", panel=2)
    assert desk.state(2) == "remove.wait"
    desk.press("B", panel=2)
    desk.press("A", panel=2)
    desk.opens(1)
    assert desk.state(2) == "remove.release"


def its_line_fails_while_it_is_open(desk):
    at_open(desk)
    desk.send(PartReported, part="drawer 1", working=False, reason="no answer", drawer=1)
    desk.scan(PACK)
    desk.closes(1)
    assert desk.box(1) == "suspect"
    desk.send(PartReported, part="drawer 1", working=True, drawer=1)
    assert desk.box(1) == "closed"


def its_line_works_again_before_its_sensors_do(desk):
    desk.send(PartReported, part="drawer 1", working=False, reason="no answer", drawer=1)
    desk.sense(1, "closed", "unlocked")
    desk.sense(1, "closed", "locked")
    desk.sense(1, "unknown", "locked")
    desk.send(PartReported, part="drawer 1", working=True, drawer=1)
    assert desk.box(1) == "unknown"


def put_right_by_the_nurse_in_charge(desk):
    suspect_way(desk)
    desk.signs_in("B3", panel=2)
    desk.press("*3", panel=2)
    desk.press("D", panel=2)
    assert desk.box(1) == "closed"


def counted_while_left_open(desk):
    desk.send(CountRequested, pocket="1-1")
    short_of(desk)
    desk.timer("drawer.1")
    assert desk.box(1) == "left_open"
    desk.scan(PACK)
    assert desk.state() == "remove.left"
    desk.timer("drawer.1")


def touched_after_the_lease(desk):
    lease_over(desk)
    desk.scan(PACK)
    desk.sense(1, "closed", "locked")
    assert "release.indeterminate" in desk.types()


def not_home_at_once(desk):
    lease_over(desk)
    desk.timer("drawer.1")
    desk.timer("drawer.1")
    assert desk.box(1) == "unsecured"


def pulled_after_everything_stopped(desk):
    stopped_way(desk)
    assert desk.box(1) == "relocking"
    desk.sense(1, "open", "unlocked")
    assert desk.box(1) == "forced"


def not_home_after_everything_stopped(desk):
    stopped_way(desk)
    desk.timer("drawer.1")
    desk.timer("drawer.1")
    assert desk.box(1) == "unsecured"


ALL = (
    *everything_that_can_happen_to_a_drawer(),
    shut_with_an_older_fault,
    opened_unseen_twice,
    not_for_everybody_to_put_right,
    a_dose_waits_for_a_lease,
    its_line_fails_while_it_is_open,
    its_line_works_again_before_its_sensors_do,
    put_right_by_the_nurse_in_charge,
    counted_while_left_open,
    touched_after_the_lease,
    not_home_at_once,
    pulled_after_everything_stopped,
    not_home_after_everything_stopped,
)
