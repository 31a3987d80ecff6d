"""Time in the simulated ward: one true timeline, and what each cabinet's clock makes of it.

Nothing sleeps. `Timeline` is the truth and moves only when somebody lets it. `VirtualClock` is the
product's own `SystemClock` reading a simulated oscillator and a simulated operating system, so the
rules of WIRE 4 (floor, signed, network within bounds, never backwards) are the product's and not a
copy of them. What can be done to it is what can be done to a real one: it loses its time, its
operating system jumps, and the network's time is in use or not.
"""

import msgspec

from cabinet.clock import SystemClock
from statemachine.instant import Instant


class Timeline:
    """True time, in milliseconds since 1970. It never runs backwards.

    Args:
        start_s: where it starts, seconds since 1970.
    """

    def __init__(self, start_s: int) -> None:
        self.true_ms = start_s * 1000

    @property
    def true_s(self) -> int:
        """True time in whole seconds since 1970."""
        return self.true_ms // 1000

    def advance(self, by_ms: int) -> None:
        """Let time pass.

        Raises:
            ValueError: `by_ms` is negative.
        """
        if by_ms < 0:
            raise ValueError(f"True time never runs backwards (asked for {by_ms} ms).")
        self.true_ms += by_ms


class VirtualClock:
    """The clock of one simulated cabinet, from one boot to the next.

    Args:
        timeline: the truth.
        floor_s: the last moment this cabinet wrote down, seconds since 1970.
        networked: whether the operating system says that network time is in use.
        offset_s: how far the operating system's wall time is off the truth.
        trusting: False for a clock that lost its time and takes nobody's word for it.
    """

    def __init__(
        self,
        timeline: Timeline,
        floor_s: int = 0,
        *,
        networked: bool = True,
        offset_s: int = 0,
        trusting: bool = True,
    ) -> None:
        self.timeline = timeline
        self.networked = networked
        self.offset_s = offset_s
        self.trusting = trusting
        self._zero_ms = timeline.true_ms
        self._inner_zero_ms = timeline.true_ms
        self._inner = self._fresh(floor_s)

    def _fresh(self, floor_s: int) -> SystemClock:
        self._inner_zero_ms = self.timeline.true_ms
        return SystemClock(
            floor_s,
            build_s=floor_s,
            wall=lambda: self.timeline.true_ms / 1000 + self.offset_s,
            mono=lambda: self.timeline.true_ms / 1000,
            synchronised=lambda: self.networked and self.trusting,
        )

    def mono_ms(self) -> int:
        """Milliseconds since this cabinet booted."""
        return self.timeline.true_ms - self._zero_ms

    def now(self) -> Instant:
        """This moment as the cabinet knows it."""
        return msgspec.structs.replace(self._inner.now(), mono_ms=self.mono_ms())

    def trust(self, iat_s: int, asked_mono_ms: int) -> bool:
        """Take the time of a signed head, unless this clock has lost its time for good."""
        if not self.trusting:
            return False
        return self._inner.trust(iat_s, asked_mono_ms - (self._inner_zero_ms - self._zero_ms))

    def confirm(self, wall_s: int) -> None:
        """A person confirmed the time."""
        self._inner.confirm(wall_s)

    # --- what the world does to it ----------------------------------------------------

    def lose_time(self) -> None:
        """Forget the time: only the floor is left, and nobody's word is taken until further."""
        floor_s = self._inner.now().lo_s
        self.trusting = False
        self._inner = self._fresh(floor_s)

    def jump(self, by_s: int) -> None:
        """The operating system's wall time jumps."""
        self.offset_s += by_s

    def trust_again(self) -> None:
        """Signed and network time are taken again, and the operating system is right again."""
        self.trusting = True
        self.offset_s = 0
