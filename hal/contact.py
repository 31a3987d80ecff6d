"""One contact on one line: a gpiozero input, its edge count and its debounce.

An interrupt thread of the pin library only counts edges; everything else happens in `look`, on the
thread that polls. The counter has one writer and is read by difference, so it needs no lock.
"""

from typing import Any, Literal

from gpiozero import GPIOZeroError, InputDevice

from hal.debounce import Debounce

PIN_TROUBLE = (OSError, GPIOZeroError)
"""What a line raises when it cannot be claimed, read or written."""


class Contact:
    """A switch between a line and ground or supply.

    Args:
        pin: the GPIO number.
        contact: which way a closed contact pulls; the line is biased the other way inside the Pi.
        debounce_ms: how long a level must hold.
        factory: the gpiozero factory that makes the line. Never taken from the environment.

    Raises:
        OSError, GPIOZeroError: the line cannot be claimed.
    """

    def __init__(
        self,
        pin: int,
        *,
        contact: Literal["to_ground", "to_supply"],
        debounce_ms: int,
        factory: Any,
    ) -> None:
        self._debounce = Debounce(debounce_ms)
        self._edges = 0
        self._edges_looked = 0
        self._edges_reported = 0
        self._device = InputDevice(pin, pull_up=contact == "to_ground", pin_factory=factory)
        try:
            self._device.pin.edges = "both"
            self._device.pin.when_changed = self._edge
        except BaseException:
            self._device.close()
            raise

    def _edge(self, _ticks: object, _state: object) -> None:
        self._edges += 1

    @property
    def closed(self) -> bool | None:
        """Whether the contact is closed, as believed; None is not known."""
        return self._debounce.level

    def look(self, mono_ms: int) -> bool:
        """Read the line once. Returns whether what is believed changed."""
        edges = self._edges
        fresh = edges - self._edges_looked
        self._edges_looked = edges
        level: bool | None
        try:
            level = bool(self._device.is_active)
        except PIN_TROUBLE:
            level = None
        return self._debounce.sample(mono_ms, level, fresh)

    @property
    def readable(self) -> bool:
        """Whether the line answers at all, whatever it says."""
        return self._debounce.readable

    def take_edges(self) -> int:
        """Raw edges seen since this was last asked (F3)."""
        edges = self._edges
        fresh = edges - self._edges_reported
        self._edges_reported = edges
        return fresh

    def close(self) -> None:
        """Stop counting and give the line back."""
        if not self._device.closed:
            self._device.pin.when_changed = None
            self._device.close()
