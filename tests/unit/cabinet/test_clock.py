"""What the cabinet may believe about time."""

from cabinet.clock import ANSWER_MS_MAX, BUILD_S, SystemClock
from statemachine.instant import UNKNOWN_UNTIL_S, Instant

NOON_S = BUILD_S + 1_000_000


class Watch:
    """A monotonic clock and an operating system's clock, moved by hand."""

    def __init__(self) -> None:
        self.mono_s = 5.0
        self.wall_s = 0.0
        self.synchronised = False

    def clock(self, persisted_s: int = 0) -> SystemClock:
        return SystemClock(
            persisted_s,
            wall=lambda: self.wall_s,
            mono=lambda: self.mono_s,
            synchronised=lambda: self.synchronised,
        )


def test_at_boot_only_a_floor_is_known_and_it_is_the_later_of_build_and_last_written() -> None:
    watch = Watch()
    watch.wall_s = 4e9
    assert [watch.clock(0).now(), watch.clock(NOON_S).now()] == [
        Instant(lo_s=lo_s, hi_s=UNKNOWN_UNTIL_S, mono_ms=0, quality="floor")
        for lo_s in (BUILD_S, NOON_S)
    ]


def test_the_floor_moves_with_what_elapsed_less_drift() -> None:
    watch = Watch()
    clock = watch.clock(NOON_S)
    watch.mono_s += 100_000
    now = clock.now()
    assert (now.lo_s, now.hi_s, now.mono_ms) == (
        NOON_S + 99_990,
        UNKNOWN_UNTIL_S,
        100_000_000,
    )


def test_a_signed_head_bounds_now_by_the_time_its_answer_took() -> None:
    watch = Watch()
    clock = watch.clock()
    asked_ms = clock.mono_ms()
    watch.mono_s += 3
    assert clock.trust(NOON_S, asked_ms)
    assert clock.now() == Instant(lo_s=NOON_S, hi_s=NOON_S + 5, mono_ms=3_000, quality="signed")
    assert clock.now().decided


def test_an_answer_that_took_too_long_or_is_older_than_the_program_says_nothing() -> None:
    watch = Watch()
    clock = watch.clock(NOON_S)
    watch.mono_s += 1 + ANSWER_MS_MAX / 1000
    assert not clock.trust(NOON_S + 5_000, 0)
    assert not clock.trust(BUILD_S - 60, clock.mono_ms())
    assert clock.now().quality == "floor"


def test_the_first_signed_time_corrects_a_floor_that_somebody_mistyped() -> None:
    watch = Watch()
    clock = watch.clock(NOON_S)
    clock.confirm(NOON_S + 86_400)
    assert clock.now().lo_s > NOON_S + 80_000
    assert clock.trust(NOON_S + 60, clock.mono_ms())
    assert (clock.now().lo_s, clock.now().quality) == (NOON_S + 60, "signed")
    assert not clock.trust(NOON_S - 3_600, clock.mono_ms())
    assert clock.now().lo_s == NOON_S + 60


def test_F21_the_operating_systems_clock_is_never_believed_before_a_signed_time() -> None:
    watch = Watch()
    watch.wall_s, watch.synchronised = NOON_S, True
    assert watch.clock().now().quality == "floor"


def test_T10_network_time_sharpens_a_blurred_time_and_never_moves_it_by_more_than_120_s() -> None:
    watch = Watch()
    clock = watch.clock()
    clock.trust(NOON_S, 0)
    watch.mono_s += 20 * 86_400
    truth_s = NOON_S + 20 * 86_400
    blurred = clock.now()
    watch.wall_s, watch.synchronised = truth_s, True
    sharp = clock.now()
    watch.wall_s = truth_s + 3_600
    lied_to = clock.now()
    assert (blurred.decided, sharp.quality, sharp.lo_s, sharp.hi_s) == (
        False,
        "ntp",
        truth_s - 1,
        truth_s + 2,
    )
    assert lied_to.quality == "signed"
    assert lied_to.lo_s <= truth_s <= lied_to.hi_s


def test_time_never_runs_backwards_whatever_is_signed() -> None:
    watch = Watch()
    clock = watch.clock()
    clock.trust(NOON_S + 10, 0)
    watch.mono_s += 20
    before = clock.now()
    clock.trust(before.lo_s - 1, clock.mono_ms())
    assert clock.now().lo_s >= before.lo_s


def test_a_confirmed_time_holds_for_this_boot_and_gives_way_to_a_signed_one() -> None:
    watch = Watch()
    clock = watch.clock(NOON_S)
    clock.confirm(NOON_S + 7_200)
    confirmed = clock.now()
    assert (confirmed.decided, confirmed.quality) == (True, "floor")
    assert confirmed.lo_s <= NOON_S + 7_200 <= confirmed.hi_s
    assert clock.trust(NOON_S + 7_210, clock.mono_ms())
    clock.confirm(NOON_S + 90_000)
    assert clock.now().quality == "signed"
    assert clock.now().hi_s < NOON_S + 8_000
