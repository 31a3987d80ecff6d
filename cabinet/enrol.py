"""Enrolment: keys are made here, compared by two people, and answered by a genesis line (WIRE 3).

Two runs. The first makes the keys and writes the request, a small JSON text without secrets, and
its fingerprint as words; somebody reads the words to the pharmacist, who sees the same words beside
the request. The second run installs the genesis line that the pharmacy answered with, together with
the pharmacy's public key it was compared with.
"""

from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from cabinet.config import CabinetConfig
from cabinet.ids import Ids
from cabinet.journal import JournalFailed
from cabinet.keys import CabinetKeys, make_keys
from cabinet.service import CannotStart, open_journal
from cabinet.wire.b64 import enc
from cabinet.wire.errors import WireError
from cabinet.wire.fingerprint import fingerprint
from cabinet.wire.genesis import jwk_of, open_genesis

FILE_BYTES_MAX = 8_192
"""A genesis line and a public key are both far smaller."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the pharmacy is told of a new cabinet; nothing in it is secret.

    Attributes:
        cab: its id.
        hal: `real`.
        key: its Ed25519 public key as a JWK.
        seal: its X25519 public key, base64url.
        fingerprint: words for both keys, to be compared by voice.
    """

    cab: str
    hal: str
    key: dict[str, str]
    seal: str
    fingerprint: str


def request(config: CabinetConfig, ids: Ids) -> Request:
    """Make the keys, or find them, and say what the pharmacy must be told.

    Raises:
        KeysError: the key files cannot be made or used.
    """
    return request_for(
        config.cabinet.id, make_keys(config.data_dir / "keys", config.pepper_path, ids)
    )


def request_for(cab: str, keys: CabinetKeys, hal: str = "real") -> Request:
    """The request of a cabinet with these keys."""
    sign, seal = keys.sign.public_key(), keys.unseal.public_key()
    return Request(
        cab=cab,
        hal=hal,
        key=jwk_of(sign),
        seal=enc(seal.public_bytes_raw()),
        fingerprint=fingerprint(sign, seal),
    )


def install(config: CabinetConfig, genesis: Path, pharmacy: Path, ids: Ids) -> int:
    """Install a genesis line; returns the epoch that begins with it.

    Raises:
        CannotStart: a file cannot be read, or the line is not for this cabinet, with a sentence.
        KeysError: the cabinet has no keys yet.
    """
    keys = make_keys(config.data_dir / "keys", config.pepper_path, ids)
    line = _bounded(genesis).strip()
    try:
        key = load_pem_public_key(_bounded(pharmacy))
    except ValueError as error:
        raise CannotStart(f"{pharmacy} holds no public key in PEM form.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise CannotStart(f"{pharmacy} holds a key that is not Ed25519.")
    try:
        journal = open_journal(config, keys, ids)
        try:
            if open_genesis(line, key).payload.hal != "real":
                raise CannotStart("The genesis line is for a simulated cabinet; this one is real.")
            journal.enrol(line, key)
            return journal.genesis.payload.ep
        finally:
            journal.close()
    except (WireError, ValueError, JournalFailed) as error:
        raise CannotStart(f"The genesis line was not installed. {error}") from error


def _bounded(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise CannotStart(f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > FILE_BYTES_MAX:
        raise CannotStart(f"{path} is longer than {FILE_BYTES_MAX:,} bytes.")
    return data
