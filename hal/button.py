"""The covered emergency button on one line.

It counts when it goes down after having been known to be up: a button that is stuck, or held while
the cabinet starts, is no emergency by itself.
"""

from typing import Any

from hal.config import HardwareConfig
from hal.contact import PIN_TROUBLE, Contact
from hal.ports import HardwareFault, Report
from hal.readings import ButtonReading, PartReading


class EmergencyButton:
    """One button, wired as the contacts are.

    Args:
        pin: its GPIO number.
        config: which way contacts pull, and how long they must hold.
        factory: the gpiozero factory that makes the line. Never taken from the environment.
        report: takes `ButtonReading` and `PartReading`.

    Raises:
        HardwareFault: the line could not be claimed.
    """

    part = "emergency button"

    def __init__(self, pin: int, config: HardwareConfig, factory: Any, report: Report) -> None:
        self._report = report
        self._working = True
        try:
            self._contact = Contact(
                pin, contact=config.contact, debounce_ms=config.debounce_ms, factory=factory
            )
        except PIN_TROUBLE as trouble:
            raise HardwareFault(
                f"The emergency button's line, GPIO {pin}, could not be claimed ({trouble}). "
                "See that no other program holds it and that this user may use it."
            ) from trouble

    def poll(self, mono_ms: int) -> None:
        """Look once; report a press."""
        was_up = self._contact.closed is False
        moved = self._contact.look(mono_ms)
        if moved and was_up and self._contact.closed is True:
            self._report(ButtonReading(mono_ms=mono_ms))
        if self._contact.readable != self._working:
            self._working = self._contact.readable
            reason = "" if self._working else "its line cannot be read"
            self._report(
                PartReading(mono_ms=mono_ms, part=self.part, working=self._working, reason=reason)
            )

    def close(self) -> None:
        """Give the line back."""
        self._contact.close()
