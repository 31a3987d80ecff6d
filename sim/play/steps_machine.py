"""What happens to the machine: time, power, network, feed, cards, sensors and parts."""

from sim.play.registry import StepFailed, later, step
from sim.play.stage import Stage
from sim.play.steps_given import REAL_HARDWARE

HAPPENS = 2

UNITS_MS = {
    "s": 1_000,
    "second": 1_000,
    "seconds": 1_000,
    "min": 60_000,
    "minutes": 60_000,
    "h": 3_600_000,
    "hours": 3_600_000,
    "day": 86_400_000,
    "days": 86_400_000,
}
PASS_MS_MAX = 400 * 86_400_000
"""Longest time one step may let pass."""


@step(
    "{number:int} {unit:word:s|second|seconds|min|minutes|h|hours|day|days}"
    " {verb:word:pass|passes}",
    chapter=HAPPENS,
)
def time_passes(stage: Stage, number: int, unit: str, verb: str) -> None:
    """Nobody does anything for so long."""
    del verb
    ms = number * UNITS_MS[unit]
    if not 0 <= ms <= PASS_MS_MAX:
        raise StepFailed("between 0 s and 400 days may pass in one step.")
    stage.pass_time(ms)


@step("the clock loses its time", chapter=HAPPENS)
def clock_loses_time(stage: Stage) -> None:
    """Only the floor is left, until it is trusted again."""
    stage.cabinet.lose_time()
    stage.ward.settle()


@step("the clock jumps by {hours:int} h", chapter=HAPPENS)
def clock_jumps(stage: Stage, hours: int) -> None:
    """The operating system's wall time jumps."""
    stage.cabinet.clock.jump(hours * 3600)
    stage.ward.settle()


@step("the clock is trusted again", chapter=HAPPENS)
def clock_is_trusted(stage: Stage) -> None:
    """Signed and network time are there again."""
    stage.cabinet.trust_time_again()
    stage.ward.beat(now=True)
    stage.ward.settle()


@step("the power {what:word:fails|returns}", chapter=HAPPENS)
def power(stage: Stage, what: str) -> None:
    """Everything goes dark, or starts and reaches the pharmacy if it can."""
    cabinet = stage.cabinet
    if what == "fails":
        if not cabinet.running:
            raise StepFailed("the power has failed already.")
        cabinet.cut_power()
        return
    if cabinet.running:
        raise StepFailed("the power is there; it has not failed.")
    cabinet.start("power")
    if stage.ward.reachable:
        stage.ward.beat(now=True)
    stage.ward.settle()


@step(
    "the power fails {moment:word:before|after} the"
    " {what:word:intent|lease|opening|outcome} is {how:word:recorded|sent}",
    chapter=HAPPENS,
)
def power_armed(stage: Stage, moment: str, what: str, how: str) -> None:
    """Arms it for the next one."""
    stage.cabinet.cuts.arm(moment, what, how)


@step("the pharmacy is {state:word:unreachable|reachable}", chapter=HAPPENS)
def pharmacy_reach(stage: Stage, state: str) -> None:
    """The network between them."""
    stage.ward.set_reachable(reachable=state == "reachable")
    stage.ward.settle()


@step("the ePMA feed {what:word:dies|lives}", chapter=HAPPENS)
def epma_feed(stage: Stage, what: str) -> None:
    """The prescribing system's signs of life stop, or come again."""
    stage.ward.set_feed(lives=what == "lives")
    stage.ward.settle()


@step("the card is restored from {hours:int} h ago", chapter=HAPPENS)
def card_restored(stage: Stage, hours: int) -> None:
    """An older image of the card is put in; the cabinet starts from it."""
    if not stage.cabinet.restore(hours):
        raise StepFailed(f"there is no image of the card from {hours} h ago.")
    stage.ward.settle()


@step("the pharmacy is restored from {hours:int} h ago", chapter=HAPPENS)
def pharmacy_restored(stage: Stage, hours: int) -> None:
    """An older backup of its database is put in, and it starts from that."""
    if not stage.ward.restore_pharmacy(hours):
        raise StepFailed(f"there is no backup of the pharmacy from {hours} h ago.")
    stage.ward.settle()


@step(
    "the {part:word:reed|feedback|lock} of drawer {drawer:int} is"
    " {fault:word:stuck closed|stuck open|bouncing|jammed|dead|repaired}",
    chapter=HAPPENS,
)
def drawer_part(stage: Stage, part: str, drawer: int, fault: str) -> None:
    """One part of one drawer breaks, or is repaired."""
    stage.cabinet.world.break_drawer(part, drawer, None if fault == "repaired" else fault)  # type: ignore[arg-type]  # the wording allows no other word
    stage.ward.settle()


@step("the {part:word:scanner|keypad|display} is {fault:word:dead|stuck|repaired}", chapter=HAPPENS)
def panel_part(stage: Stage, part: str, fault: str) -> None:
    """A part of her panel breaks, or is repaired."""
    name = f"{part} {stage.she.panel}"
    stage.cabinet.world.break_part(name, None if fault == "repaired" else fault)
    stage.ward.settle()


@step("the disk is {fault:word:full|read-only|lying|repaired}", chapter=HAPPENS)
def disk_is(stage: Stage, fault: str) -> None:
    """The card takes nothing more, or says yes and forgets when the power fails."""
    stage.cabinet.break_disk(None if fault == "repaired" else fault)
    stage.ward.settle()


later(
    REAL_HARDWARE,
    HAPPENS,
    "the probe is {fault:word:dead|stuck|repaired}",
)
