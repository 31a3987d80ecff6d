"""The one place where the product makes a gpiozero pin factory.

gpiozero chooses its factory from the environment variable GPIOZERO_PIN_FACTORY, and `mock` there
would swap every lock for a fake without a word. So: the factory is built here, by name, and a
machine where that variable is set is refused. Nothing falls back to anything.

`SafePin` closes three gaps of the library that matter when a line is a lock: an output is claimed
with its first level in one step (the library claims, then sets); a line that was an output is left
low and pulled down when it is given back (the library leaves it floating); and the driver's own
exception, which is no OSError, becomes one.
"""

import os
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import lgpio
from gpiozero import GPIOZeroError
from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin

from hal.ports import HardwareFault

VARIABLE = "GPIOZERO_PIN_FACTORY"
"""The environment variable that would swap the hardware for something else."""

_P = ParamSpec("_P")
_R = TypeVar("_R")


def variable_set(environ: Mapping[str, str]) -> str:
    """The sentence that refuses a machine where the variable is set, or nothing."""
    if VARIABLE not in environ:
        return ""
    return (
        f"The environment sets {VARIABLE}, which can replace the locks by a simulation. "
        "Unset it; a real cabinet refuses to start with it."
    )


def build_factory(chip: int, environ: Mapping[str, str] = os.environ) -> Any:
    """The factory for the lines of `/dev/gpiochip<chip>`.

    Raises:
        HardwareFault: the variable is set, this is no Raspberry Pi, or the chip cannot be opened.
    """
    refused = variable_set(environ)
    if refused:
        raise HardwareFault(refused)
    factory = None
    try:
        factory = LGPIOFactory(chip=chip)
        # Asked for now, so that a machine that is no Raspberry Pi is refused here and not at the
        # first line.
        factory.board_info  # noqa: B018 - reading it is the check
    except (lgpio.error, GPIOZeroError, OSError) as trouble:
        if factory is not None:
            factory.close()
        raise HardwareFault(
            f"The lines of /dev/gpiochip{chip} cannot be opened ({trouble}). No drawer can be "
            "released. Check that this is a Raspberry Pi and that this user is in its gpio group."
        ) from trouble
    factory.pin_class = SafePin
    return factory


def _as_os_error(call: Callable[_P, _R]) -> Callable[_P, _R]:
    @wraps(call)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return call(*args, **kwargs)
        except lgpio.error as trouble:
            raise OSError(str(trouble).strip("'\"")) from trouble

    return wrapped


class SafePin(LGPIOPin):  # type: ignore[misc]  # gpiozero ships no types
    """A line of the real chip that starts and ends safe."""

    @_as_os_error
    def __init__(self, factory: Any, info: Any) -> None:
        super().__init__(factory, info)

    @_as_os_error
    def output_with_state(self, state: bool) -> None:
        """Claim the line as an output at this level, in one step."""
        lgpio.gpio_claim_output(self.factory._handle, self._number, int(state))  # noqa: SLF001 - the library offers no public way

    @_as_os_error
    def close(self) -> None:
        """Give the line back; one that was an output ends low and pulled down."""
        handle = self.factory._handle  # noqa: SLF001 - as above
        if handle is None:
            return
        if self.function == "output":
            lgpio.gpio_write(handle, self._number, 0)
            lgpio.gpio_free(handle, self._number)
            lgpio.gpio_claim_input(handle, self._number, lgpio.SET_PULL_DOWN)
        else:
            super().close()

    @_as_os_error
    def _get_state(self) -> Any:
        return super()._get_state()

    @_as_os_error
    def _set_state(self, value: Any) -> None:
        super()._set_state(value)

    @_as_os_error
    def _set_function(self, value: str) -> None:
        super()._set_function(value)

    @_as_os_error
    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)

    @_as_os_error
    def _enable_event_detect(self) -> None:
        super()._enable_event_detect()

    @_as_os_error
    def _disable_event_detect(self) -> None:
        super()._disable_event_detect()
