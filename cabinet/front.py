"""What each panel shows, and who is told: screens drawn, displays written, listeners called.

Drawing can only read. A screen that cannot be drawn is a defect said in a sentence on that panel; a
display that is gone and a listener that fails are logged, and the turn goes on.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from cabinet.clock import Clock
from cabinet.edge import CommittedLine, Draw, Listener, Ports, Published, Rows
from cabinet.logs import Log
from cabinet.losses import whereabouts
from cabinet.screens.frame import Surroundings
from cabinet.screens.screen import Screen
from cabinet.translate import Translator
from hal.ports import HardwareFault
from statemachine.machines import Machines
from statemachine.ward import Ward

if TYPE_CHECKING:
    from statemachine.effects import Effect

NOT_RECORDED = (
    "The cabinet cannot record: nothing opens until it can. What was recorded is safe. "
    "Call pharmacy and use the backup supply."
)
DEFECT = (
    "The cabinet could not do that. Nothing was released by it. Try another way; call pharmacy."
)

log = Log("cabinet.front")


class Front:
    """The faces of one cabinet.

    Args:
        draw: makes a screen; rows: makes text of it for a display's size.
        unsent: how many lines no receipt covers yet.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ports: Ports,
        translator: Translator,
        draw: Draw,
        rows: Rows,
        unsent: Callable[[], int],
    ) -> None:
        self._clock = clock
        self._displays = ports.displays
        self._translator = translator
        self._draw = draw
        self._rows = rows
        self._unsent = unsent
        self._notices: dict[int, str] = {}
        self._shown: dict[int, Screen] = {}
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Tell `listener` after each item; it must return quickly."""
        self._listeners.append(listener)

    def notice(self, panel: int, sentence: str) -> None:
        """Put a sentence on one panel until its next turn works."""
        self._notices[panel] = sentence

    def calm(self, panel: int) -> None:
        """A turn of this panel worked: its notice goes."""
        self._notices.pop(panel, None)

    def screen(self, ward: Ward, machines: Machines, panel: int, *, recording: bool) -> Screen:
        """What a panel shows now. Never raises: a defect is a sentence."""
        try:
            around = Surroundings(
                typed=self._translator.typed(panel),
                unsent=self._unsent(),
                fault="" if recording else NOT_RECORDED,
            )
            screen = self._draw(ward, machines, self._clock.now(), panel, around)
        except Exception as error:  # noqa: BLE001 - a screen that cannot be drawn is still a screen
            log.warning("screen not drawn", panel=panel, why=whereabouts(error))
            alarms = tuple(standing.alarm for standing in machines.alarms)
            return Screen(id="defect", notices=alarms, prompt=DEFECT)
        notice = self._notices.get(panel)
        if notice is None:
            return screen
        return msgspec.structs.replace(screen, notices=(notice, *screen.notices))

    def publish(
        self,
        ward: Ward,
        machines: Machines,
        lines: tuple[CommittedLine, ...],
        effects: "tuple[Effect, ...]",
        *,
        recording: bool,
    ) -> None:
        """Show every panel and tell every listener."""
        if not self._listeners and not self._displays:
            return
        screens = {
            panel: self.screen(ward, machines, panel, recording=recording)
            for panel in sorted(machines.panels)
        }
        self._show(screens)
        published = Published(at=self._clock.now(), lines=lines, screens=screens, effects=effects)
        for listener in self._listeners:
            try:
                listener(published)
            except Exception as error:  # noqa: BLE001 - a listener is a guest in this loop
                log.warning("listener failed", why=whereabouts(error))

    def _show(self, screens: Mapping[int, Screen]) -> None:
        for panel, display in self._displays.items():
            screen = screens.get(panel)
            if screen is None or screen == self._shown.get(panel):
                continue
            try:
                display.show(self._rows(screen, display.size))
                self._shown[panel] = screen
            except HardwareFault as fault:
                self._shown.pop(panel, None)
                log.warning("display", panel=panel, why=str(fault)[:200])
