"""The pharmacy's own keys: made at first start, kept in a folder only its user can read.

`signing.key` is the Ed25519 key that signs every directive, genesis and head; `rest.key` encrypts
what must rest in the database but not be readable from a copy of it (PIN verifiers). The folder
lies beside an SQLite file, or is named by `--keys`. A key that is lost cannot be made again: the
cabinets would refuse its successor, so a database that knows another key refuses to start.
"""

import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pharmacy.clock import Clock

KEY_BYTES = 32


class KeysError(Exception):
    """The keys cannot be used; the text is a sentence for the person who starts the server."""


class Keys:
    """The signing key and the key for what rests in the database."""

    def __init__(self, signing: bytes, rest: bytes, clock: Clock) -> None:
        self.signing = Ed25519PrivateKey.from_private_bytes(signing)
        self._rest = ChaCha20Poly1305(rest)
        self._clock = clock

    @property
    def public(self) -> bytes:
        """The raw Ed25519 public key, 32 bytes; cabinets are told it at enrolment."""
        return self.signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def public_pem(self) -> bytes:
        """The public key as PEM, for openssl."""
        return self.signing.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )

    def close_away(self, plaintext: bytes, context: str) -> bytes:
        """Encrypt what may rest in the database; `context` (whose it is) is bound to it."""
        nonce = self._clock.random_bytes(12)
        return nonce + self._rest.encrypt(nonce, plaintext, context.encode())

    def open_again(self, sealed: bytes, context: str) -> bytes:
        """Decrypt what `close_away` made for the same context.

        Raises:
            KeysError: another key, another context, or changed bytes.
        """
        try:
            return self._rest.decrypt(sealed[:12], sealed[12:], context.encode())
        except (InvalidTag, ValueError):
            raise KeysError(
                "Something kept encrypted in the database does not open with this pharmacy's key. "
                "Nothing was sent. Restore the key folder that belongs to this database."
            ) from None


def load_or_make(folder: Path, clock: Clock) -> Keys:
    """Read the keys in `folder`, or make them when the folder has none.

    Two servers starting at once on one folder end with the same keys.

    Raises:
        KeysError: others can read a key, or a key is not 32 bytes.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Keys(_key(folder / "signing.key", clock), _key(folder / "rest.key", clock), clock)


def _key(path: Path, clock: Clock) -> bytes:
    if not path.exists():
        _write_once(path, clock)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise KeysError(
            f"The key {path} can be read by others (mode {mode:o}). The server did not start. "
            f"Find out who could read it, then run: chmod 600 {path}"
        )
    data = path.read_bytes()
    if len(data) != KEY_BYTES:
        raise KeysError(
            f"The key {path} has {len(data)} bytes instead of {KEY_BYTES}. The server did not "
            "start. Restore it from the backup."
        )
    return data


def _write_once(path: Path, clock: Clock) -> None:
    """Write a new key complete or not at all, and never over another process's."""
    draft = path.with_name(f".{path.name}.{clock.random_bytes(8).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(clock.random_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        draft.unlink()
