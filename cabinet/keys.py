"""The keys of one cabinet: made here once, kept in files that only its user may read, never shown.

Two pairs and a pepper (WIRE 3): Ed25519 signs the `up` log, X25519 opens what is sealed to this
cabinet, 32 bytes of pepper bind verifiers to this device. Nothing exports them. What people compare
at enrolment is their fingerprint (`cabinet.wire.fingerprint`).
"""

import os
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from cabinet.ids import Ids

KEY_BYTES = 32


class KeysError(Exception):
    """Key files that are missing, unreadable, damaged or readable by others; with a sentence."""


class CabinetKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys made at enrolment, never exported (WIRE 3).

    Attributes:
        sign: signs the `up` log.
        unseal: opens what is sealed to this cabinet: PIN verifiers.
        pepper: 32 bytes bound to this device; verifiers in memory are keyed with it.
    """

    sign: Ed25519PrivateKey
    unseal: X25519PrivateKey
    pepper: bytes

    @classmethod
    def draw(cls, ids: Ids) -> "CabinetKeys":
        """Draw new keys."""
        return cls(
            sign=Ed25519PrivateKey.from_private_bytes(ids.secret(KEY_BYTES)),
            unseal=X25519PrivateKey.from_private_bytes(ids.secret(KEY_BYTES)),
            pepper=ids.secret(KEY_BYTES),
        )


def make_keys(folder: Path, pepper: Path, ids: Ids) -> CabinetKeys:
    """Make the key files of a new cabinet, or load those that are there.

    Raises:
        KeysError: some files are there and some are not, or they cannot be used.
    """
    files = _files(folder, pepper)
    there = [path for path in files if path.exists()]
    if len(there) == len(files):
        return load_keys(folder, pepper)
    if there:
        missing = ", ".join(str(path) for path in files if path not in there)
        raise KeysError(
            f"Some key files of this cabinet are missing: {missing}. None was made, so that no "
            "key is replaced by accident. Restore them, or move the others away to enrol anew."
        )
    keys = CabinetKeys.draw(ids)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path, data in zip(
            files,
            (keys.sign.private_bytes_raw(), keys.unseal.private_bytes_raw(), keys.pepper),
            strict=True,
        ):
            _write(path, data)
        _sync_folder(folder)
    except OSError as error:
        raise KeysError(
            f"The key files in {folder} cannot be written: {error.strerror}."
        ) from error
    return keys


def load_keys(folder: Path, pepper: Path) -> CabinetKeys:
    """Load the key files.

    Raises:
        KeysError: missing, damaged, or readable by other users.
    """
    sign, unseal, drawn = (_read(path) for path in _files(folder, pepper))
    return CabinetKeys(
        sign=Ed25519PrivateKey.from_private_bytes(sign),
        unseal=X25519PrivateKey.from_private_bytes(unseal),
        pepper=drawn,
    )


def _files(folder: Path, pepper: Path) -> tuple[Path, Path, Path]:
    return folder / "sign.key", folder / "unseal.key", pepper


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        with path.open("rb") as file:
            data = file.read(KEY_BYTES + 1)
    except OSError as error:
        raise KeysError(
            f"The key file {path} cannot be read: {error.strerror}. Run `cabinet enrol` first."
        ) from error
    if mode & 0o077:
        raise KeysError(f"The key file {path} can be read by other users. Run `chmod 600 {path}`.")
    if len(data) != KEY_BYTES:
        raise KeysError(f"The key file {path} is damaged: it is not {KEY_BYTES} bytes long.")
    return data
