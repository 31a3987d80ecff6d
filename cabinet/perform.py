"""Effects made real, one after another, after their turn is committed.

What a part answers is an event for the machines, never an exception for the turn: a lock that does
not answer, a light that is dead, a display that is gone must not stop the drawer beside it.
"""

from collections.abc import Callable

from cabinet.clock import Clock
from cabinet.edge import CredentialPort, GatePort, JournalPort, Ports
from cabinet.logs import Log
from cabinet.losses import drawer_of
from cabinet.timers import Timers
from cabinet.translate import Translator
from hal.ports import HardwareFault
from statemachine.effects import (
    Alarm,
    CheckCredential,
    Effect,
    EndLease,
    ForgetBodies,
    ForgetDigits,
    Light,
    Release,
    Sound,
    StartTimer,
    StopTimer,
)
from statemachine.events import Event, LeaseGiven, LeaseRefused, PartReported
from statemachine.ward import Ward

log = Log("cabinet.perform")


class Performer:
    """Performs effects on the controller's thread.

    Args:
        follow: takes the events that the house answers with.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ports: Ports,
        gate: GatePort,
        journal: JournalPort,
        credentials: CredentialPort,
        translator: Translator,
        timers: Timers,
        follow: Callable[[Event], None],
    ) -> None:
        self._clock = clock
        self._ports = ports
        self._gate = gate
        self._journal = journal
        self._credentials = credentials
        self._translator = translator
        self._timers = timers
        self._follow = follow
        self._failed: set[str] = set()

    def perform(self, effect: Effect, ward: Ward) -> None:
        """Do one thing. `ward` is the world after the turn that asked for it."""
        match effect:
            case Release():
                self._release(effect)
            case Light() | Sound() | EndLease():
                self._move(effect)
            case StartTimer(timer=timer, after_ms=after_ms):
                self._timers.start(timer, self._clock.mono_ms() + after_ms)
            case StopTimer(timer=timer):
                self._timers.stop(timer)
            case CheckCredential(panel=panel, actor=actor):
                digits = self._translator.take_pin(panel)
                checked = self._credentials.check(panel, actor, digits, ward)
                if checked is not None:
                    self._follow(checked)
            case ForgetDigits(panel=panel):
                self._translator.forget(panel)
            case ForgetBodies(patient=patient):
                self._forget(patient)
            case Alarm(drawer=alarmed, over=over):
                log.warning("alarm", drawer=alarmed, over=over)
            case _:
                raise ValueError(f"Nobody here performs {type(effect).__name__}.")

    def _move(self, effect: Light | Sound | EndLease) -> None:
        """What metal does at once, and may fail to do."""
        match effect:
            case EndLease(drawer=drawer):
                self._try(f"drawer {drawer}", lambda: self._ports.locks.end(drawer))
            case Light(pocket=pocket, pattern=light):
                self._try("lights", lambda: self._ports.lights.show(pocket, light))
            case Sound(pattern=sound):
                self._try("sounder", lambda: self._ports.sounder.play(sound))

    def _release(self, effect: Release) -> None:
        """Ask the gate. Whatever it or the metal raises, the drawer stayed locked: say so."""
        try:
            self._gate.release(effect.drawer, effect.intent, effect.lease_ms)
        except Exception as refused:  # noqa: BLE001 - any failure here means "not released"
            reason = str(getattr(refused, "reason", "") or refused)[:200]
            log.warning("lease refused", drawer=effect.drawer, intent=effect.intent, why=reason)
            self._follow(
                LeaseRefused(
                    at=self._clock.now(),
                    drawer=effect.drawer,
                    intent=effect.intent,
                    reason=reason or type(refused).__name__,
                )
            )
        else:
            self._follow(
                LeaseGiven(at=self._clock.now(), drawer=effect.drawer, intent=effect.intent)
            )

    def _forget(self, patient: str) -> None:
        """Erase names. A disk that does not do it now is asked again by the next retention run."""
        try:
            self._journal.forget(patient)
        except Exception as error:  # noqa: BLE001 - erasing late is safe, stopping the turn is not
            log.warning("bodies not forgotten", patient=patient, why=type(error).__name__)

    def _try(self, part: str, act: Callable[[], None]) -> None:
        """Act; a part that fails is reported, and reported well when it works again."""
        try:
            act()
        except HardwareFault as fault:
            self._failed.add(part)
            self._report(part, working=False, reason=str(fault)[:200])
        else:
            if part in self._failed:
                self._failed.discard(part)
                self._report(part, working=True, reason="")

    def _report(self, part: str, *, working: bool, reason: str) -> None:
        self._follow(
            PartReported(
                at=self._clock.now(),
                part=part,
                working=working,
                reason=reason,
                drawer=drawer_of(part),
            )
        )
