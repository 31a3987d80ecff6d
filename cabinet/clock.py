"""Time without a clock chip (WIRE 4): the one place where the cabinet reads a clock.

A Raspberry Pi wakes up believing anything. What is certain at boot is a floor: the truth cannot be
earlier than the build, nor than the last moment this cabinet wrote down. The other end is open
until somebody trusted narrows it, and only three may:

- the pharmacy, by a signed head that echoes a nonce issued moments ago (`signed`). The head was
  signed between asking and hearing, so at the moment of hearing the time lies between its `iat` and
  its `iat` plus the time the answer took;
- the network's time, once a signed time of this boot exists and only within 120 s of it (`ntp`):
  it can sharpen what drift has blurred, it can never move the cabinet to another day (T10);
- a nurse who confirms the time, for this boot.

From then on the interval runs on the monotonic clock and widens by the drift a cheap crystal may
have. The lower end never runs backwards, with one exception: the first signed time of a boot may
lie below the floor, because the floor is only what somebody once believed (a mistyped hour, another
server's clock), and a cabinet that refused its pharmacy's time for ever would help nobody. That
correction is told with both values (`TimeJudged`). Nothing here decides anything: rules ask
`Instant`.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from statemachine.instant import UNKNOWN_UNTIL_S, ClockQuality, Instant

BUILD_S = 1_795_000_000
"""No cabinet running this code can be earlier than this: 18-Nov-2026, seconds since 1970."""
NTP_WITHIN_S = 120
"""How far network time may lie from the last signed time plus what has elapsed (WIRE 4)."""
DRIFT_PER_MILLION = 100
"""Twice the worst crystal of a Raspberry Pi, so that the interval stays honest [G]."""
CONFIRM_WITHIN_S = 55
"""A nurse reads a wall clock: good to a minute either way."""
ANSWER_MS_MAX = 60_000
"""A signed head whose nonce is older than this says nothing about now."""
ROUNDING_S = 1
"""`iat` is cut to whole seconds."""


class Clock(Protocol):
    """What the controller asks of time."""

    def now(self) -> Instant:
        """This moment as an interval."""

    def mono_ms(self) -> int:
        """Milliseconds since boot; never runs backwards."""

    def trust(self, iat_s: int, asked_mono_ms: int) -> bool:
        """Take the time of a signed head whose nonce was issued at `asked_mono_ms`.

        Returns:
            Whether it was taken: not when the answer took too long, or would turn back a time
            that was signed in this boot.
        """

    def confirm(self, wall_s: int) -> None:
        """A person confirmed the time for this boot."""


class _Anchor:
    """An interval of wall time known at one monotonic moment."""

    def __init__(self, lo_s: int, hi_s: int, mono_ms: int, quality: ClockQuality) -> None:
        self.lo_s = lo_s
        self.hi_s = hi_s
        self.mono_ms = mono_ms
        self.quality = quality

    def at(self, mono_ms: int) -> tuple[int, int]:
        """The interval as it stands now: moved by what elapsed, widened by drift."""
        elapsed_ms = mono_ms - self.mono_ms
        drift_ms = elapsed_ms * DRIFT_PER_MILLION // 1_000_000
        lo_s = self.lo_s + (elapsed_ms - drift_ms) // 1000
        if self.hi_s >= UNKNOWN_UNTIL_S:
            return lo_s, UNKNOWN_UNTIL_S
        return lo_s, self.hi_s - (-(elapsed_ms + drift_ms) // 1000)


class SystemClock:
    """The clock of a real cabinet.

    Args:
        persisted_s: the last moment this cabinet wrote down, seconds since 1970; 0 when none.
        build_s: when this code was built, seconds since 1970.
        wall: the operating system's idea of now, in seconds since 1970; believed only as `ntp`.
        mono: monotonic seconds.
        synchronised: whether the operating system says network time is in use.
    """

    def __init__(
        self,
        persisted_s: int = 0,
        *,
        build_s: int = BUILD_S,
        wall: Callable[[], float] = time.time,
        mono: Callable[[], float] = time.monotonic,
        synchronised: Callable[[], bool] = lambda: False,
    ) -> None:
        self._wall = wall
        self._mono = mono
        self._synchronised = synchronised
        self._zero = mono()
        self._build_s = build_s
        self._anchor = _Anchor(max(build_s, persisted_s), UNKNOWN_UNTIL_S, 0, "floor")
        self._signed: _Anchor | None = None
        self._low_s = max(build_s, persisted_s)
        self._lock = threading.Lock()

    def mono_ms(self) -> int:
        """Milliseconds since this clock was made."""
        return int((self._mono() - self._zero) * 1000)

    def now(self) -> Instant:
        """This moment as an interval; its lower end never runs backwards."""
        with self._lock:  # the PIN worker stamps its answers too
            mono_ms = self.mono_ms()
            lo_s, hi_s = self._anchor.at(mono_ms)
            quality = self._anchor.quality
            network = self._network(mono_ms)
            if network is not None:
                (lo_s, hi_s), quality = network, "ntp"
            self._low_s = max(self._low_s, lo_s)
            return Instant(
                lo_s=self._low_s, hi_s=max(hi_s, self._low_s), mono_ms=mono_ms, quality=quality
            )

    def trust(self, iat_s: int, asked_mono_ms: int) -> bool:
        """Take the time of a signed head whose nonce was issued at `asked_mono_ms`."""
        with self._lock:
            mono_ms = self.mono_ms()
            took_ms = mono_ms - asked_mono_ms
            if not 0 <= took_ms <= ANSWER_MS_MAX:
                return False
            hi_s = iat_s + took_ms // 1000 + 1 + ROUNDING_S
            if hi_s < max(self._low_s, self._anchor.at(mono_ms)[0]):
                if self._signed is not None or iat_s < self._build_s:
                    return False
                self._low_s = iat_s
            self._signed = self._anchor = _Anchor(iat_s, hi_s, mono_ms, "signed")
            return True

    def confirm(self, wall_s: int) -> None:
        """Take a person's word for the time; a signed time stays better than any word."""
        if self._signed is None:
            self._anchor = _Anchor(
                wall_s - CONFIRM_WITHIN_S, wall_s + CONFIRM_WITHIN_S, self.mono_ms(), "floor"
            )

    def _network(self, mono_ms: int) -> tuple[int, int] | None:
        """Network time as an interval, when a signed time of this boot stands behind it."""
        if self._signed is None or not self._synchronised():
            return None
        wall_s = int(self._wall())
        lo_s, hi_s = self._signed.at(mono_ms)
        if not lo_s - NTP_WITHIN_S <= wall_s <= hi_s + NTP_WITHIN_S or hi_s - lo_s <= 4:
            return None  # too far to be believed, or no better than what is known anyway
        return wall_s - 1, wall_s + 2


def network_time_in_use(marker: Path = Path("/run/systemd/timesync/synchronized")) -> bool:
    """Whether systemd-timesyncd says it has set the clock."""
    return marker.exists()
