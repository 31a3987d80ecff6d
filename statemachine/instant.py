"""Now is an interval.

A Raspberry Pi has no clock chip. After a power cut the cabinet knows a time that cannot be later
than the truth (the build, the last line it wrote) and often no bound on the other side. So every
event carries `[lo_s, hi_s]`, and a rule asks the end that is safe for it: "not before 08:00" needs
`lo_s`, "not after 12:00" needs `hi_s`. What the interval cannot decide is asked of the nurse, once
(WIRE 4, invariant I10). Delays and leases never use this: they run on `mono_ms`.
"""

from typing import Literal

import msgspec

ClockQuality = Literal["none", "floor", "ntp", "signed", "rtc"]

UNKNOWN_UNTIL_S = 2**40
"""The upper end of an interval that nothing bounds, in seconds since 1970."""


class Instant(msgspec.Struct, frozen=True, kw_only=True):
    """One moment as the cabinet knows it.

    Attributes:
        lo_s: seconds since 1970 that have certainly passed.
        hi_s: seconds since 1970 that have certainly not passed yet.
        mono_ms: milliseconds since this boot; never runs backwards.
        quality: where the wall time comes from (WIRE 1, `clk`).
    """

    lo_s: int
    hi_s: int
    mono_ms: int
    quality: ClockQuality

    @property
    def decided(self) -> bool:
        """Whether the interval is narrow enough (120 s) to decide doses by."""
        return self.hi_s - self.lo_s <= 120
