"""What a line may say: the base of every entry of either log.

An entry is the body of one signed line. Its type stands in the line (`release.intent`), its fields
in the body. The same classes are folded here, journalled by the cabinet and read by the pharmacy,
so a field has one meaning everywhere. Bodies name things by opaque ids; names, birth dates and
hospital numbers stand only in `patient` and `staff` (WIRE 1).
"""

from typing import ClassVar, Literal

import msgspec

LineRef = tuple[int, int]
"""A line of a log: (epoch, seq)."""

Log = Literal["up", "dn"]


class Entry(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A body with a schema. Subclasses name their line type in `TYPE` and their log in `LOG`."""

    TYPE: ClassVar[str] = ""
    LOG: ClassVar[Log] = "up"


class Directive(Entry, frozen=True, kw_only=True):
    """A body of the `dn` log: what the pharmacy says."""

    LOG: ClassVar[Log] = "dn"


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when an entry stands: what its line says around the body.

    Attributes:
        line: (epoch, seq) in its own log.
        wall_lo_s: earliest possible wall time in seconds, 0 when unknown.
        wall_hi_s: latest possible wall time in seconds.
        mono_ms: milliseconds since boot (`up` only, else 0).
        boot: boot number (`up` only, else 0).
    """

    line: LineRef
    wall_lo_s: int
    wall_hi_s: int
    mono_ms: int = 0
    boot: int = 0


class Decimal10(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An exact amount: n * 10**-e of a unit (75 micrograms, 2.5 mg). No floats in a log."""

    n: int
    e: int = 0
    unit: str = ""
