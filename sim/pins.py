"""A gpiozero pin factory whose lines end in memory, so that `hal.gpio` runs unchanged in `sim`.

Not gpiozero's own MockPin: that one keeps every change in a list that never ends, ignores bounce,
reads real time, and its `assert_states` passes when there were more or fewer changes than expected.

A line has at most one thing driving it from outside and one pull inside the Pi; what a read shows
is the outside level, else the pull. Everything outside is behind `Wires`, which a world implements
in a page: level, drive, watch. Time is the tick passed in.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Literal, Protocol

from gpiozero import PinFixedPull, PinInvalidFunction, PinInvalidPull, PinSetInput
from gpiozero.pins.pi import PiFactory, PiPin

from hal.ports import Tick

PI_4B = 0xC03111
"""The revision code of a Raspberry Pi 4B: 40 pins, GPIO 0 to 27."""
TRACE_MAX = 4096
"""How many level changes `PlainWires` remembers."""

Watch = Callable[[], None]
"""Told after each change of a line's outside level."""


class Wires(Protocol):
    """What hangs on the header, by GPIO number."""

    def level(self, pin: int) -> bool | None:
        """What the outside holds this line at; None when nothing drives it (the pull decides).

        Raises:
            OSError: the line cannot be read (a planted fault).
        """

    def drive(self, pin: int, level: bool | None) -> None:
        """The Pi holds this line at a level, or lets go of it (None: an input).

        Raises:
            OSError: the line cannot be driven (a planted fault).
        """

    def watch(self, pin: int, watch: Watch | None) -> None:
        """Call `watch` after each change of an outside level; None stops."""


class PlainWires:
    """Wires with nothing behind them but a table: enough for tests and keypads.

    Attributes:
        driven: what the Pi drives now, by line.
        trace: (tick, line, level) of each change the Pi made; the newest `TRACE_MAX`.
    """

    def __init__(self, tick: Tick) -> None:
        self._tick = tick
        self._outside: dict[int, bool | None] = {}
        self._watches: dict[int, Watch] = {}
        self.driven: dict[int, bool | None] = {}
        self.trace: deque[tuple[int, int, bool | None]] = deque(maxlen=TRACE_MAX)
        self.broken: set[int] = set()
        """Lines that answer nothing: every read and write of them fails."""

    def set(self, pin: int, level: bool | None) -> None:
        """The outside changes a line."""
        if self._outside.get(pin) is level:
            return
        self._outside[pin] = level
        watch = self._watches.get(pin)
        if watch is not None:
            watch()

    def level(self, pin: int) -> bool | None:
        """See `Wires`."""
        self._check(pin)
        return self._outside.get(pin)

    def drive(self, pin: int, level: bool | None) -> None:
        """See `Wires`; writes that change nothing leave no trace."""
        self._check(pin)
        if self.driven.get(pin) is not level:
            self.driven[pin] = level
            self.trace.append((self._tick(), pin, level))

    def watch(self, pin: int, watch: Watch | None) -> None:
        """See `Wires`."""
        if watch is None:
            self._watches.pop(pin, None)
        else:
            self._watches[pin] = watch

    def _check(self, pin: int) -> None:
        if pin in self.broken:
            raise OSError(f"GPIO {pin} does not answer")


class WirePin(PiPin):  # type: ignore[misc]  # gpiozero ships no types
    """One line of the header, ending in `Wires`."""

    def __init__(self, factory: "WireFactory", info: Any) -> None:
        super().__init__(factory, info)
        self._wires = factory.wires
        self._function: Literal["input", "output"] = "input"
        self._pull: str = info.pull or "floating"
        self._state = False
        self._edges = "both"
        self._seen: bool | None = None
        self._wires.drive(self._number, None)

    def close(self) -> None:
        """An input without pull again, as on the real chip."""
        self.when_changed = None
        self._set_function("input")

    def output_with_state(self, state: bool) -> None:
        """Claim as output at this level in one step, as `hal.factory.SafePin` does."""
        self._function = "output"
        self._set_state(state)

    def _get_function(self) -> str:
        return self._function

    def _set_function(self, value: str) -> None:
        if value == "input":
            self._function = "input"
            self._wires.drive(self._number, None)
        elif value == "output":
            self.output_with_state(False)
        else:
            raise PinInvalidFunction(f"a line is an input or an output, not {value!r}")

    def _get_state(self) -> bool:
        if self._function == "output":
            return self._state
        level = self._wires.level(self._number)
        return self._pull == "up" if level is None else level

    def _set_state(self, value: Any) -> None:
        if self._function == "input":
            raise PinSetInput(f"GPIO {self._number} is an input and cannot be set")
        self._wires.drive(self._number, bool(value))
        self._state = bool(value)

    def _get_pull(self) -> str:
        return self._pull

    def _set_pull(self, value: str) -> None:
        if self._function != "input":
            raise PinFixedPull(f"GPIO {self._number} is an output and has no pull")
        if value not in ("up", "down", "floating"):
            raise PinInvalidPull(f"a pull is up, down or floating, not {value!r}")
        if self.info.pull not in ("", value):
            raise PinFixedPull(f"GPIO {self._number} has a soldered pull-{self.info.pull}")
        self._pull = value

    def _get_bounce(self) -> None:
        return None  # debounce is ours (`hal.debounce`); the line shows every edge

    def _set_bounce(self, value: float | None) -> None:
        if value is not None:
            raise PinInvalidFunction("debounce is done by hal.debounce, never by a pin")

    def _get_edges(self) -> str:
        return self._edges

    def _set_edges(self, value: str) -> None:
        self._edges = value

    def _enable_event_detect(self) -> None:
        self._seen = self._get_state()
        self._wires.watch(self._number, self._edge)

    def _disable_event_detect(self) -> None:
        self._wires.watch(self._number, None)

    def _edge(self) -> None:
        try:
            level = self._get_state()
        except OSError:
            return  # a line that does not answer raises no interrupt either
        if level is self._seen:
            return  # the outside took over what the pull showed already
        self._seen = level
        wanted = {"both": True, "rising": level, "falling": not level}.get(self._edges, False)
        if wanted and self._when_changed is not None:
            self._call_when_changed(self._factory.ticks(), level)


class WireFactory(PiFactory):  # type: ignore[misc]  # gpiozero ships no types
    """A Pi 4B's header whose lines end in `wires`.

    Args:
        wires: what hangs on them.
        tick: monotonic milliseconds.
    """

    def __init__(self, wires: Wires, tick: Tick) -> None:
        super().__init__()
        self.wires = wires
        self._tick = tick
        self.pin_class = WirePin

    def _get_revision(self) -> int:
        return PI_4B

    def ticks(self) -> int:
        """Monotonic milliseconds."""
        return self._tick()

    @staticmethod
    def ticks_diff(later: int, earlier: int) -> float:
        """Seconds between two ticks, as gpiozero wants them."""
        return (later - earlier) / 1000
