"""Ports: what the house asks of metal, and what it may expect.

Commands to locks are leases, not switches: a lease ends by itself. Ceilings stand in code here and
no setting lifts them. Methods are called from the controller's thread only and return quickly;
readings arrive through the `Report` callable, from any thread, and are queued there.
"""

from collections.abc import Callable
from typing import Literal, Protocol

from hal.readings import Reading

LEASE_MS_MAX = 15_000
"""Longest lease any lock accepts (WIRE 5)."""
COOL_DOWN_MS = 1_000
"""Least time between two leases of one lock, so that a coil cools."""

Report = Callable[[Reading], None]
Tick = Callable[[], int]
"""Monotonic milliseconds."""


class HardwareFault(Exception):  # noqa: N818 - a fault of the world, not a defect of ours
    """A part did not do what it was asked; the message names it and is fit for a person."""


class LeaseDenied(HardwareFault):
    """The lock refused a lease: above the ceiling, cooling down, or another one is running."""


class Locks(Protocol):
    """The locks of all drawers."""

    def lease(self, drawer: int, ms: int, intent: int) -> None:
        """Energise one lock for at most `ms` milliseconds (1 to LEASE_MS_MAX), then stop by itself.

        Repeating a running (drawer, intent) changes nothing. Returns within 20 ms.

        Raises:
            LeaseDenied: ceiling, cool-down, or another lease is running on these locks.
            HardwareFault: the line or board does not answer; the lock is de-energised.
        """

    def end(self, drawer: int) -> None:
        """De-energise now. A lock that is not energised is no error."""

    def drawers(self) -> tuple[int, ...]:
        """The drawers there are, in order."""

    def read(self, drawer: int) -> tuple[bool | None, bool | None]:
        """(closed, locked) as last read and debounced; None is not known."""

    def poll(self, mono_ms: int) -> None:
        """Let time pass: debounce, and end leases that are over. Called at least every 20 ms."""

    def close(self) -> None:
        """De-energise every lock, leave lines in their safe value, release them."""


class Lights(Protocol):
    """One guiding light a pocket."""

    def show(
        self, pocket: str, pattern: Literal["remove", "fill", "count", "return", "off"]
    ) -> None:
        """Light a pocket; the patterns differ without colour."""


class Sounder(Protocol):
    """The beeper."""

    def play(
        self, pattern: Literal["tick", "accepted", "refused", "reminder", "alarm", "quiet"]
    ) -> None:
        """Play once; `alarm` goes on until `quiet`."""


class Display(Protocol):
    """One panel's display: the full one or the 20x4."""

    @property
    def size(self) -> tuple[int, int]:
        """(columns, rows) of text."""

    def show(self, rows: tuple[str, ...]) -> None:
        """Show exactly these rows; shorter ones are blank to the right. Only changes are sent."""


class Thermometer(Protocol):
    """The fridge probe."""

    def milli_celsius(self) -> int | None:
        """Thousandths of a degree Celsius, or None when the probe does not answer."""
