"""Badge and PIN: the badge says who, the PIN proves it, and neither is ever in a log (RULES 2).

Digits live here and nowhere else: in a pad of one panel, in memory, until the check takes them or
the screen that asked for them is gone. The verifier (Argon2id, WIRE 3) came sealed to this
cabinet's key in a `credential` line. It is unsealed into memory only, and kept there keyed with a
pepper bound to this device, so that neither a stolen card nor a dump of memory holds a hash that
could be tried against all six-digit PINs elsewhere.

An unknown badge, a withdrawn one, a verifier that does not open, too few digits: each costs the
same time as a wrong PIN, and says the same (T2). The cost itself travels in the verifier; a real
cabinet refuses one cheaper than the floor in code, whatever the pharmacy signed.

Checking takes a tenth of a second on a Pi, so a real cabinet does it on one worker thread and the
answer comes back through the inbox; in virtual time it is done at once.
"""

import base64
import binascii
import contextlib
import hmac
import queue
import re
import threading
from collections.abc import Callable
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from cabinet.clock import Clock
from cabinet.inbox import InboxFull
from cabinet.logs import Log
from cabinet.wire import b64
from cabinet.wire.errors import WireError
from cabinet.wire.seal import unseal
from statemachine.events import CredentialChecked
from statemachine.ward import Ward

PIN_DIGITS_MIN = 6
PIN_DIGITS_MAX = 12
CHECKS_MAX = 16
"""Checks waiting for the worker; one a panel is usual."""
KNOWN_MAX = 2_000
"""Unsealed verifiers kept in memory."""

log = Log("cabinet.credentials")


class PinPad:
    """The digits of one panel. Shows how many there are, never which."""

    def __init__(self) -> None:
        self._digits = bytearray()

    def __repr__(self) -> str:
        return f"PinPad({self.count} digits)"

    @property
    def count(self) -> int:
        """How many digits are held."""
        return len(self._digits)

    def push(self, digit: str) -> int:
        """Take one digit; a thirteenth is not taken. Returns how many are held."""
        if len(self._digits) < PIN_DIGITS_MAX:
            self._digits += digit.encode("ascii")
        return self.count

    def take(self) -> bytearray:
        """Hand the digits over, once; whoever takes them wipes them."""
        digits, self._digits = self._digits, bytearray()
        return digits

    def forget(self) -> None:
        """Wipe the digits."""
        wipe(self._digits)
        self._digits = bytearray()


def wipe(secret: bytearray) -> None:
    """Overwrite a secret in place."""
    secret[:] = bytes(len(secret))


class PinFloor(msgspec.Struct, frozen=True, kw_only=True):
    """The least a PIN check may cost, and the cost of a check that cannot succeed.

    The defaults are the floor of a real cabinet (OWASP: 19 MiB, two passes).
    """

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1


MEMORY_KIB_MAX: Final = 131_072
PASSES_MAX: Final = 10
LANES_MAX: Final = 4


class Verifier(msgspec.Struct, frozen=True, kw_only=True):
    """An Argon2id hash taken apart; `keyed` is its tag under the pepper, the tag itself is gone."""

    memory_kib: int
    passes: int
    lanes: int
    salt: bytes
    size: int
    keyed: bytes


_TEXT: Final = re.compile(
    r"\$?argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d)"
    r"\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})"
)


def read_verifier(text: str, floor: PinFloor, pepper: bytes) -> Verifier | None:
    """Take a verifier's text apart (PHC form); None when malformed, below the floor, or absurd."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    memory_kib, passes, lanes = (int(match[place]) for place in (1, 2, 3))
    if not (
        floor.memory_kib <= memory_kib <= MEMORY_KIB_MAX
        and floor.passes <= passes <= PASSES_MAX
        and 1 <= lanes <= LANES_MAX
        and memory_kib >= 8 * lanes
    ):
        return None
    try:
        salt, tag = (_unpadded(match[place]) for place in (4, 5))
    except binascii.Error:
        return None
    return Verifier(
        memory_kib=memory_kib,
        passes=passes,
        lanes=lanes,
        salt=salt,
        size=len(tag),
        keyed=_keyed(pepper, tag),
    )


def _unpadded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def _keyed(pepper: bytes, tag: bytes) -> bytes:
    return hmac.digest(pepper, tag, "sha256")


class Credentials:
    """Checks PINs against the ward's credentials.

    Args:
        cabinet: this cabinet's id; sealed verifiers are bound to it.
        key: opens sealed verifiers.
        pepper: 32 bytes bound to this device.
        floor: the least a verifier may cost here.
        post: takes the answer when there is a worker: `inbox.post`.
        threaded: whether there is a worker.
    """

    def __init__(
        self,
        *,
        cabinet: str,
        key: X25519PrivateKey,
        pepper: bytes,
        clock: Clock,
        floor: PinFloor,
        post: Callable[[CredentialChecked], None],
        threaded: bool,
    ) -> None:
        self._cabinet = cabinet
        self._key = key
        self._pepper = pepper
        self._clock = clock
        self._floor = floor
        self._post = post
        self._known: dict[str, tuple[str, Verifier | None]] = {}
        self._jobs: queue.Queue[tuple[int, str, Verifier | None, bytearray] | None] | None = None
        if threaded:
            self._jobs = queue.Queue(CHECKS_MAX)
            self._worker = threading.Thread(target=self._work, name="credentials", daemon=True)
            self._worker.start()

    def check(
        self, panel: int, actor: str, digits: bytearray, ward: Ward
    ) -> CredentialChecked | None:
        """Check digits, and wipe them.

        Returns:
            The answer, or None when the worker will post it.
        """
        verifier = self._verifier(actor, ward)
        if self._jobs is None:
            return self._checked(panel, actor, verifier, digits)
        try:
            self._jobs.put_nowait((panel, actor, verifier, digits))
        except queue.Full:
            wipe(digits)
            log.warning("too many PIN checks at once", panel=panel)
        return None

    def close(self) -> None:
        """End the worker after the checks it still has."""
        if self._jobs is not None:
            self._jobs.put(None)
            self._worker.join()
            self._jobs = None

    def _verifier(self, actor: str, ward: Ward) -> Verifier | None:
        credential = ward.people.credentials.get(actor)
        if credential is None or credential.withdrawn or not credential.sealed:
            self._known.pop(actor, None)
            return None
        known = self._known.get(actor)
        if known is None or known[0] != credential.sealed:
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            known = (credential.sealed, self._unsealed(actor, credential.sealed))
            self._known[actor] = known
        return known[1]

    def _unsealed(self, actor: str, sealed: str) -> Verifier | None:
        context = f"credential {self._cabinet} {actor}".encode()
        try:
            text = unseal(self._key, b64.dec(sealed), context).decode("ascii")
        except (WireError, UnicodeDecodeError):
            log.warning("credential does not open", actor=actor)
            return None
        verifier = read_verifier(text, self._floor, self._pepper)
        if verifier is None:
            log.warning("credential malformed or too cheap", actor=actor)
        return verifier

    def _work(self) -> None:
        assert self._jobs is not None
        while (job := self._jobs.get()) is not None:
            with contextlib.suppress(InboxFull):  # told by the inbox; the person tries again
                self._post(self._checked(*job))

    def _checked(
        self, panel: int, actor: str, verifier: Verifier | None, digits: bytearray
    ) -> CredentialChecked:
        right = _right(verifier or self._nobody(), digits, self._pepper)
        right = right and verifier is not None and len(digits) >= PIN_DIGITS_MIN
        wipe(digits)
        return CredentialChecked(at=self._clock.now(), panel=panel, actor=actor, right=right)

    def _nobody(self) -> Verifier:
        """A verifier that costs what a real one costs and that no digits fit."""
        floor = self._floor
        return Verifier(
            memory_kib=floor.memory_kib,
            passes=floor.passes,
            lanes=floor.lanes,
            salt=self._pepper[:16],
            size=32,
            keyed=bytes(32),
        )


def _right(verifier: Verifier, digits: bytearray, pepper: bytes) -> bool:
    tag = Argon2id(
        salt=verifier.salt,
        length=verifier.size,
        iterations=verifier.passes,
        lanes=verifier.lanes,
        memory_cost=verifier.memory_kib,
    ).derive(bytes(digits))
    return hmac.compare_digest(_keyed(pepper, tag), verifier.keyed)
