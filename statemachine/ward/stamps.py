"""From a line's time to a stamp: the one way, for the live turn and for every later replay.

A line carries one number, `wall`, and how good it is, `clk` (WIRE 1). A turn knows an interval. If
the turn folded its interval and a replay folded the line, the two wards would differ; so both go
through here, and what is folded is exactly what the line can say:

- a decided interval of a trusted clock is written as its lower end and read as that second;
- anything wider is written as a floor, and read as "not before, and no bound above";
- once a person confirmed the time in this boot, a floor is good to two minutes.
"""

from statemachine.instant import UNKNOWN_UNTIL_S, ClockQuality, Instant
from statemachine.ward import Ward
from statemachine.ward.entry import LineRef, Stamp

CONFIRMED_WITHIN_S = 120
"""How far a time confirmed by a person is believed above its floor."""


def said_time(at: Instant) -> tuple[int | None, ClockQuality]:
    """What a line written now says of the time: (`wall` in seconds since 1970, `clk`)."""
    if at.quality == "none":
        return None, "none"
    if at.quality == "floor" or not at.decided:
        return at.lo_s, "floor"
    return at.lo_s, at.quality


def stamp_up(
    ward: Ward, line: LineRef, *, wall: int | None, clk: ClockQuality, mono_ms: int, boot: int
) -> Stamp:
    """The stamp of an `up` line, read after everything before it is folded into `ward`."""
    lo_s, hi_s = wall or 0, UNKNOWN_UNTIL_S
    if wall is not None and clk not in ("none", "floor"):
        hi_s = wall
    elif wall is not None and ward.house.time_confirmed_boot == boot:
        hi_s = wall + CONFIRMED_WITHIN_S
    return Stamp(line=line, wall_lo_s=lo_s, wall_hi_s=hi_s, mono_ms=mono_ms, boot=boot)


def stamp_now(ward: Ward, at: Instant, boot: int | None = None) -> Stamp:
    """The stamp of the entry that a turn writes next, behind the last one folded.

    `boot` is given where the ward does not know it yet: for the `boot` entry itself.
    """
    wall, clk = said_time(at)
    return stamp_up(
        ward,
        (ward.up[0], ward.up[1] + 1),
        wall=wall,
        clk=clk,
        mono_ms=at.mono_ms,
        boot=ward.house.boot if boot is None else boot,
    )


def stamp_dn(line: LineRef, wall: int | None) -> Stamp:
    """The stamp of a `dn` line: the pharmacy knows the time to the second."""
    if wall is None:
        return Stamp(line=line, wall_lo_s=0, wall_hi_s=UNKNOWN_UNTIL_S)
    return Stamp(line=line, wall_lo_s=wall, wall_hi_s=wall)
